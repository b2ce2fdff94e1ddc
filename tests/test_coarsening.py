"""Proportions known only as a rounded percentage: brute force over all counts, properties, errors."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform_analysis.statistics import proportion_ci, proportion_ci_coarse
from reform_analysis.statistics.proportions import FORMULAS

printed = st.tuples(st.integers(0, 100), st.integers(0, 2)).flatmap(
    lambda drawn: st.integers(0, 10 ** drawn[1] - 1).map(
        lambda fraction: str(Decimal(min(drawn[0] * 10 ** drawn[1] + fraction, 100 * 10 ** drawn[1])).scaleb(-drawn[1]))
    )
)


def compatible(percent: str, n: int) -> list[int]:
    """All counts of n that round to the percentage, either tie rule, one by one."""
    value = Decimal(percent)
    half = Decimal(5).scaleb(value.as_tuple().exponent - 1)
    return [k for k in range(n + 1) if value - half <= Decimal(100 * k) / Decimal(n) <= value + half]


@given(printed, st.integers(1, 300))
def test_counts_are_those_of_brute_force(percent: str, n: int) -> None:
    found, counts = proportion_ci_coarse(percent, n), compatible(percent, n)
    if not counts:
        assert np.isnan([found.k_min, found.k_max, found.lower, found.upper]).all()
        assert found.flags == {"census", "grim_inconsistent"}
    else:
        assert (found.k_min, found.k_max) == (counts[0], counts[-1])
        assert (found.lower, found.upper) == (counts[0] / n, counts[-1] / n)


@pytest.mark.parametrize("method", sorted(FORMULAS))
@pytest.mark.parametrize(("percent", "n"), [("83", 740), ("100", 52), ("0", 52), ("50.0", 8), ("99.9", 6323)])
def test_process_interval_is_the_union_over_the_counts(percent: str, n: int, method: str) -> None:
    found = proportion_ci_coarse(percent, n, method=method, estimand="process")
    union = proportion_ci(compatible(percent, n), n, method=method, estimand="process")
    assert (found.lower, found.upper) == (union.lower.min(), union.upper.max())


def test_range_of_trials_is_the_union_over_them() -> None:
    found = proportion_ci_coarse("33", n_lo=2, n_hi=40, estimand="process")
    single = [proportion_ci_coarse("33", n, estimand="process") for n in range(2, 41)]
    assert found.lower == np.nanmin([each.lower for each in single])
    assert found.upper == np.nanmax([each.upper for each in single])
    assert found.k_min == np.nanmin([each.k_min for each in single])
    assert found.k_max == np.nanmax([each.k_max for each in single])


def test_range_is_consistent_if_any_of_its_trials_is() -> None:
    assert "grim_inconsistent" in proportion_ci_coarse("33", 2).flags
    assert proportion_ci_coarse("33", n_lo=2, n_hi=3).k_min == 1


def test_more_printed_digits_mean_a_narrower_interval() -> None:
    widths = [
        (found := proportion_ci_coarse(percent, 3334, estimand="process")).upper - found.lower
        for percent in ("95", "95.4", "95.35")
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 1.3 * widths[2]


def test_trailing_zero_is_information() -> None:
    assert proportion_ci_coarse("80.0", 2000).k_max < proportion_ci_coarse("80", 2000).k_max


@pytest.mark.parametrize("text", ["95.35", "95,35", " 95.35 % ", "95,35%"])
def test_decimal_comma_and_percent_sign_are_read(text: str) -> None:
    assert proportion_ci_coarse(text, 3334).k_min == 3179


def test_long_percentages_are_exact_beyond_64_bits() -> None:
    third = proportion_ci_coarse("33.33333333333333333333", 900_000)
    assert (third.k_min, third.k_max) == (300_000, 300_000)
    assert "grim_inconsistent" in proportion_ci_coarse("33.33333333333333333334", 900_000).flags


def test_above_a_million_the_end_percentages_stand_for_the_counts() -> None:
    found = proportion_ci_coarse("83", 14_500_000, estimand="process")
    whole = proportion_ci([11_962_500, 12_107_500], 14_500_000, estimand="process")
    assert (found.lower, found.upper) == pytest.approx((whole.lower[0], whole.upper[1]), abs=1e-12)
    assert (found.k_min, found.k_max) == (11_962_500, 12_107_500)
    assert "end_percentages" in found.flags


def test_the_two_rules_meet_at_a_million() -> None:
    counted, by_ends = (proportion_ci_coarse("83", n) for n in (1_000_000, 1_000_001))
    assert (counted.lower, counted.upper) == (0.825, 0.835)
    # the smallest whole count of the next n is 825,001: 2e-7 away from the end percentage
    assert (by_ends.lower, by_ends.upper) == pytest.approx((0.825, 0.835), abs=1e-15)
    assert by_ends.k_min == 825_001


def test_a_range_across_a_million_uses_both_rules() -> None:
    found = proportion_ci_coarse("83", n_lo=999_000, n_hi=14_500_000, estimand="process")
    narrow = proportion_ci_coarse("83", n_lo=999_000, n_hi=1_000_000, estimand="process")
    assert found.lower == narrow.lower
    assert found.k_max == 12_107_500


def test_no_trials_leave_everything_open() -> None:
    found = proportion_ci_coarse("83", 0, estimand="process")
    assert (found.lower, found.upper) == (0, 1)
    assert np.isnan([found.estimate, found.k_min]).all()
    assert "no_data" in found.flags


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"percent": 95.35, "n": 10}, r"percent must be the printed number as text.*got 95\.35"),
        ({"percent": "about 95", "n": 10}, "percent must be the printed number as text"),
        ({"percent": "-5", "n": 10}, "percent must be the printed number as text"),
        ({"percent": "101", "n": 10}, r"percent must be in \[0, 100\]; got 101"),
        ({"percent": "95"}, "n, or n_lo and n_hi, must be given"),
        ({"percent": "95", "n": 10, "n_lo": 5}, "n, or n_lo and n_hi, must be given"),
        ({"percent": "95", "n_lo": 5}, "n, or n_lo and n_hi, must be given"),
        ({"percent": "95", "n_lo": 9, "n_hi": 5}, "n_lo must not exceed n_hi; got 9 and 5"),
        ({"percent": "95", "n": -1}, "n must be at least 0"),
        ({"percent": "95", "n": 10, "level": 95}, "did you mean 0.95"),
        ({"percent": "95", "n": 10, "method": "wald"}, "method must be one of"),
    ],
    ids=["number", "words", "negative", "above", "no n", "both", "half", "reversed", "minus", "level", "method"],
)
def test_wrong_input_is_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        proportion_ci_coarse(**inputs)
