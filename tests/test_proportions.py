"""Intervals for one proportion: printed tables, other implementations, definitions, properties, errors."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from reform_analysis.statistics import proportion_ci
from reform_analysis.statistics.proportions import FORMULAS

# Newcombe 1998, Statistics in Medicine 17:857-872, Table I: printed to four decimals
PRINTED = 5e-5
TABLE_I = {
    (81, 263): {
        "wilson": (0.2553, 0.3662),
        "wilson_cc": (0.2535, 0.3682),
        "clopper_pearson": (0.2527, 0.3676),
        "mid_p": (0.2544, 0.3658),
    },
    (15, 148): {
        "wilson": (0.0624, 0.1605),
        "wilson_cc": (0.0598, 0.1644),
        "clopper_pearson": (0.0578, 0.1617),
        "mid_p": (0.0601, 0.1581),
    },
    (0, 20): {
        "wilson": (0.0, 0.1611),
        "wilson_cc": (0.0, 0.2005),
        "clopper_pearson": (0.0, 0.1684),
        "mid_p": (0.0, 0.1391),
    },
    (1, 29): {
        "wilson": (0.0061, 0.1718),
        "wilson_cc": (0.0018, 0.1963),
        "clopper_pearson": (0.0009, 0.1776),
        "mid_p": (0.0017, 0.1585),
    },
}

# two implementations of one formula differ by rounding only; brentq in scipy stops near 2e-12
SAME_FORMULA = 1e-9

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
methods = st.sampled_from(sorted(FORMULAS))
levels = st.floats(0.5, 0.999)


def process_ci(k: object, n: object, **options: object) -> tuple[float, float]:
    found = proportion_ci(k, n, estimand="process", **options)
    return found.lower, found.upper


@pytest.mark.parametrize(
    ("counted", "method", "printed"),
    [(counted, method, ends) for counted, row in TABLE_I.items() for method, ends in row.items()],
    ids=[f"{k}-of-{n}-{method}" for (k, n), row in TABLE_I.items() for method in row],
)
def test_agrees_with_printed_table(counted: tuple[int, int], method: str, printed: tuple[float, float]) -> None:
    assert process_ci(*counted, method=method) == pytest.approx(printed, abs=PRINTED)


SCIPY = {"clopper_pearson": "exact", "wilson": "wilson", "wilson_cc": "wilsoncc"}


@pytest.mark.parametrize("method", SCIPY)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_agrees_with_scipy_at_every_count(method: str, level: float) -> None:
    n = 17
    other = [binomtest(k, n).proportion_ci(level, SCIPY[method]) for k in range(n + 1)]
    lower, upper = process_ci(np.arange(n + 1), n, method=method, level=level)
    assert lower == pytest.approx([ends.low for ends in other], abs=SAME_FORMULA)
    assert upper == pytest.approx([ends.high for ends in other], abs=SAME_FORMULA)


STATSMODELS = {"agresti_coull": "agresti_coull", "jeffreys": "jeffreys", "wilson": "wilson"}


@pytest.mark.parametrize("method", STATSMODELS)
def test_agrees_with_statsmodels_between_the_ends(method: str) -> None:
    k = np.arange(1, 23)
    lower, upper = process_ci(k, 23, method=method, level=0.9)
    low, high = proportion_confint(k, 23, alpha=0.1, method=STATSMODELS[method])
    assert lower == pytest.approx(np.maximum(low, 0), abs=SAME_FORMULA)
    assert upper == pytest.approx(np.minimum(high, 1), abs=SAME_FORMULA)


@given(counts, levels)
def test_mid_p_leaves_half_the_point_mass_in_each_tail(counted: tuple[int, int], level: float) -> None:
    k, n = counted
    lower, upper = process_ci(k, n, method="mid_p", level=level)
    tail = (1 - level) / 2
    if k > 0:
        assert binom.sf(k, n, lower) + binom.pmf(k, n, lower) / 2 == pytest.approx(tail, rel=1e-7)
    if k < n:
        assert binom.cdf(k - 1, n, upper) + binom.pmf(k, n, upper) / 2 == pytest.approx(tail, rel=1e-7)


@pytest.mark.parametrize("method", sorted(FORMULAS))
def test_ends_are_exactly_zero_and_one(method: str) -> None:
    lower, upper = process_ci([0, 12], 12, method=method)
    assert lower[0] == 0
    assert upper[1] == 1
    assert 0 < upper[0] < 1
    assert 0 < lower[1] < 1


@pytest.mark.parametrize("method", sorted(FORMULAS))
def test_millions_of_trials_give_the_normal_interval(method: str) -> None:
    # 12.1 of 14.5 million: the normal approximation is good to far below the width of 0.04 points
    p, n = 12.1 / 14.5, 14_500_000
    half = 1.959963984540054 * (p * (1 - p) / n) ** 0.5
    assert process_ci(12_100_000, n, method=method) == pytest.approx((p - half, p + half), abs=2e-7)


@given(counts, methods, levels)
def test_interval_holds_the_estimate_inside_zero_to_one(counted: tuple[int, int], method: str, level: float) -> None:
    k, n = counted
    lower, upper = process_ci(k, n, method=method, level=level)
    # a limit may round onto the other side of k / n by the last bit
    assert 0 <= lower <= k / n + 1e-15
    assert k / n - 1e-15 <= upper <= 1


@given(counts, methods, levels)
def test_swapping_success_and_failure_mirrors_the_interval(counted: tuple[int, int], method: str, level: float) -> None:
    k, n = counted
    lower, upper = process_ci(k, n, method=method, level=level)
    mirrored = process_ci(n - k, n, method=method, level=level)
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=1e-9)


@given(counts, methods, st.floats(0.5, 0.99), st.floats(0.001, 0.009))
def test_interval_widens_with_level(counted: tuple[int, int], method: str, level: float, more: float) -> None:
    lower, upper = process_ci(*counted, method=method, level=level)
    wider_lower, wider_upper = process_ci(*counted, method=method, level=level + more)
    assert wider_lower <= lower
    assert wider_upper >= upper
    assert wider_upper - wider_lower > upper - lower


@given(counts, methods, st.integers(2, 20))
def test_interval_narrows_with_n(counted: tuple[int, int], method: str, times: int) -> None:
    k, n = counted
    lower, upper = process_ci(k, n, method=method)
    narrow_lower, narrow_upper = process_ci(times * k, times * n, method=method)
    assert narrow_upper - narrow_lower < upper - lower


def test_order_of_rows_is_irrelevant() -> None:
    k, n = np.array([3, 0, 17, 40]), np.array([9, 5, 17, 41])
    order = [2, 0, 3, 1]
    lower, upper = process_ci(k, n)
    assert np.array_equal(process_ci(k[order], n[order]), (lower[order], upper[order]))


@pytest.mark.parametrize("estimand", ["descriptive", "process"])
def test_no_trials_leave_everything_open(estimand: str) -> None:
    found = proportion_ci(0, 0, estimand=estimand)
    assert np.isnan(found.estimate)
    assert (found.lower, found.upper) == (0, 1)
    assert "no_data" in found.flags


@pytest.mark.parametrize("estimand", ["descriptive", "process"])
@pytest.mark.parametrize(("k", "n"), [(np.nan, 10), (None, 10), (3, None), (None, 0), (0, np.nan)])
def test_missing_counts_give_nan_and_are_counted(k: object, n: object, estimand: str) -> None:
    found = proportion_ci(k, n, estimand=estimand)
    assert np.isnan([found.estimate, found.lower, found.upper]).all()
    assert found.n_missing == 1
    assert "missing_input" in found.flags


def test_missing_among_others_leaves_the_others_alone() -> None:
    found = proportion_ci([3, None, 0], [4, 4, 0], estimand="process")
    alone = proportion_ci(3, 4, estimand="process")
    assert (found.lower[0], found.upper[0]) == (alone.lower, alone.upper)
    assert found.n_missing == 1
    assert found.flags == {"missing_input", "no_data"}


def test_a_complete_count_has_no_sampling_interval_by_default() -> None:
    found = proportion_ci(12_100_000, 14_500_000)
    assert found.estimate == found.lower == found.upper == 12.1 / 14.5
    assert found.estimand == "descriptive"
    assert found.flags == {"census"}
    assert np.isnan(found.level)


ERRORS: dict[str, tuple[Mapping[str, object], str]] = {
    "k above n": ({"k": 11, "n": 10}, "k must not exceed n; got k = 11, n = 10"),
    "k negative": ({"k": -1, "n": 10}, "k must be at least 0; got -1"),
    "n negative": ({"k": 0, "n": -10}, "n must be at least 0; got -10"),
    "k fractional": ({"k": 1.5, "n": 10}, "k must be whole numbers"),
    "level percent": ({"k": 1, "n": 10, "level": 95}, "did you mean 0.95"),
    "level zero": ({"k": 1, "n": 10, "level": 0}, r"level must be in \(0, 1\)"),
    "method": ({"k": 1, "n": 10, "method": "wald"}, "method must be one of wilson, clopper_pearson"),
    "estimand": ({"k": 1, "n": 10, "estimand": "both"}, "estimand must be one of descriptive, process"),
    "text": ({"k": "3", "n": 10}, "k must be numbers or None"),
}


@pytest.mark.parametrize("estimand", ["descriptive", "process"])
@pytest.mark.parametrize("name", ERRORS)
def test_wrong_input_is_refused(name: str, estimand: str) -> None:
    inputs, message = ERRORS[name]
    with pytest.raises(ValueError, match=message):
        proportion_ci(**{"estimand": estimand, **inputs})
