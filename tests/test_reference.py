"""Every case of the two reference files: numbers of other implementations and of printed tables."""

import builtins
import json
import math
from pathlib import Path
from typing import Any

import pytest
from reference_adapter import METHODS, run_reference

DATA = Path(__file__).parent / "data" / "reference_public.json"
FURTHER = DATA.with_name("reference_further.json")
CASES = [case for path in (DATA, FURTHER) for case in json.loads(path.read_text(encoding="utf-8"))]

# a checkout beside the reference folder compares its copy with the original
ORIGINAL = Path(__file__).parents[2] / "shared" / "reference_public.json"


def agree(got: Any, want: Any, tolerance: float) -> bool:
    """Whether a value agrees: |got - want| <= tolerance * max(1, |want|); null is NaN or None."""
    if want is None:
        return got is None or (isinstance(got, float) and math.isnan(got))
    if isinstance(want, dict):
        return all(key in got and agree(got[key], value, tolerance) for key, value in want.items())
    if isinstance(want, list):
        return len(got) == len(want) and all(agree(a, b, tolerance) for a, b in zip(got, want, strict=True))
    if want in ("inf", "-inf"):
        return got == float(want)
    if isinstance(want, bool | str):
        return got == want
    return got is not None and abs(got - want) <= tolerance * max(1, abs(want))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case_agrees_with_its_reference(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if "raises" in expected:
        with pytest.raises(getattr(builtins, expected["raises"]), match=r"\w"):
            run_reference(case["method"], case["inputs"])
        return
    got = run_reference(case["method"], case["inputs"])
    wrong = {
        key: (got.get(key, "absent"), want)
        for key, want in expected.items()
        if key not in got or not agree(got[key], want, case["tolerance"])
    }
    assert not wrong, f"(got, want) of {case['source']}: {wrong}"


def test_every_method_has_cases_and_an_adapter() -> None:
    assert {case["method"] for case in CASES} == set(METHODS)


def test_common_inputs_reach_only_the_functions_that_take_them() -> None:
    common = {"labels": ["Huế"], "seed": 1, "level": 0.9, "estimand": "process"}
    assert run_reference("selection_bounds", {"mean_reported": 0.5, "m": 1, "N": 2, **common})["upper"] == 0.75


@pytest.mark.parametrize("num", [[1, 2], [0, 2]], ids=str)
def test_a_quotient_by_what_may_be_zero_is_refused(num: list[float]) -> None:
    with pytest.raises(ZeroDivisionError, match="divisor must exclude 0"):
        run_reference("interval_ratio", {"num": num, "den": [0, 5]})
    assert run_reference("interval_ratio", {"num": num, "den": [0, 5], "part_of": True})["upper"] == 1


def test_a_figure_without_a_value_is_missing() -> None:
    assert math.isnan(run_reference("figure_interval", {"text": "83 %", "value": None, "unit": "percent"})["lo"])


def test_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"must be one of .*proportion_ci.*; got 'wald'"):
        run_reference("wald", {})


def test_case_ids_are_unique() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.skipif(not ORIGINAL.exists(), reason="no folder ../shared beside this checkout")
def test_copy_equals_the_original() -> None:
    assert DATA.read_bytes() == ORIGINAL.read_bytes()


@pytest.mark.parametrize(
    ("got", "want", "tolerance", "agrees"),
    [
        (1.0, 1.1, 0.05, False),
        (1.0, 1.04, 0.05, True),
        (1000.0, 1004.0, 0.005, True),
        (math.nan, None, 0, True),
        (0.0, None, 0, False),
        (math.inf, "inf", 0, True),
        (math.nan, 1.0, 1, False),
        ([1.0], [1.0, 2.0], 0, False),
        ("conflict", "compatible", 1, False),
    ],
    ids=["beyond", "within", "relative", "nan", "zero", "infinite", "nan-number", "length", "text"],
)
def test_the_comparison_itself_can_fail(got: Any, want: Any, tolerance: float, agrees: bool) -> None:
    assert agree(got, want, tolerance) is agrees
