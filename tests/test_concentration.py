"""Herfindahl-Hirschman index and its bounds: hand calculation, completions, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reform_analysis.statistics.concentration import hhi, hhi_bounds


@pytest.mark.parametrize(
    ("x", "index", "normalised"),
    [
        ([30, 30, 20, 20], 0.26, (0.26 - 0.25) / 0.75),
        ([1, 1, 1, 1], 0.25, 0.0),
        ([0, 0, 7], 1.0, 1.0),
        ([7], 1.0, math.nan),
        ([0, 0], math.nan, math.nan),
        ([1, None], math.nan, math.nan),
    ],
    ids=["textbook", "equal", "monopoly", "one-unit", "all-zero", "missing"],
)
def test_index_by_hand(x: list, index: float, normalised: float) -> None:
    found = hhi(x)
    assert found.estimate == pytest.approx(index, nan_ok=True)
    assert found.hhi_10000 == pytest.approx(1e4 * index, nan_ok=True)
    assert found.effective_number == pytest.approx(1 / index, nan_ok=True)
    assert found.normalised == pytest.approx(normalised, abs=1e-15, nan_ok=True)


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=10), st.floats(0.01, 100))
@settings(max_examples=40, deadline=None)
def test_index_ignores_scale_and_lies_between_its_ends(x: list[float], factor: float) -> None:
    found = hhi(x).estimate
    assert hhi(np.array(x) * factor).estimate == pytest.approx(found)
    assert 1 / len(x) - 1e-12 <= found <= 1


@pytest.mark.parametrize(
    ("known", "units", "cap", "lower", "upper"),
    [
        ([0.3, 0.2, 0.1], 31, 0.1, 0.14 + 0.16 / 31, 0.18),
        ([0.3, 0.2, 0.1], 31, None, 0.14 + 0.16 / 31, 0.14 + 0.16),
        ([0.5, 0.3], 4, 0.15, 0.34 + 0.04 / 4, 0.34 + 0.15**2 + 0.05**2),
        ([0.6, 0.4], 3, 0.1, 0.52, 0.52),
        ([0.6, 0.4], 0, None, 0.52, 0.52),
        ([0.7], 3, 0.1, 0.49 + 0.03, 0.49 + 0.03),
        ([], 2, 0.6, 0.5, 0.6**2 + 0.4**2),
    ],
    ids=["reference", "no-cap", "with-rest", "no-remainder", "no-units", "filled", "nothing-known"],
)
def test_bounds_by_hand(known: list, units: int, cap: float | None, lower: float, upper: float) -> None:
    found = hhi_bounds(known, units, cap=cap)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-12)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=8), st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_bounds_hold_the_index_of_the_whole(x: list[float], n_known: int) -> None:
    shares = np.sort(np.array(x) / np.sum(x))[::-1]
    known, rest = shares[:n_known], shares[n_known:]
    found = hhi_bounds(known, len(rest), cap=float(rest.max()) if len(rest) else None)
    assert found.lower - 1e-9 <= hhi(x).estimate <= found.upper + 1e-9


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (hhi, {"x": []}, "x must hold at least one value"),
        (hhi, {"x": [1, -1]}, "x must be at least 0"),
        (hhi_bounds, {"known": [30, 20], "remainder_units": 3}, "known must sum to at most 1; got 50. Give fractions"),
        (hhi_bounds, {"known": [0.3, None], "remainder_units": 3}, "known must hold no missing share"),
        (
            hhi_bounds,
            {"known": [0.3], "remainder_units": 3, "cap": 0.1},
            "remainder_units times cap must hold the remainder of 0.7",
        ),
        (hhi_bounds, {"known": [0.3], "remainder_units": 0}, "must hold the remainder"),
        (hhi_bounds, {"known": [0.3], "remainder_units": -1}, "must hold the remainder"),
        (hhi_bounds, {"known": [-0.3], "remainder_units": 1}, "known must be at least 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
