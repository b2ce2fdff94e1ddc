"""Parts of a whole and finite populations: enumeration, other implementations, properties, errors."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import multinomial_proportions_confint

from reform_analysis.statistics import hypergeometric_ci, multinomial_ci


@given(st.lists(st.integers(1, 500), min_size=2, max_size=8), st.floats(0.5, 0.99))
def test_goodman_agrees_with_statsmodels(counts: list[int], level: float) -> None:
    found = multinomial_ci(counts, level=level, estimand="process")
    other = multinomial_proportions_confint(counts, alpha=1 - level, method="goodman")
    assert found.lower == pytest.approx(other[:, 0], abs=1e-12)
    assert found.upper == pytest.approx(other[:, 1], abs=1e-12)


def test_an_empty_part_has_lower_end_zero() -> None:
    found = multinomial_ci([0, 40, 60], estimand="process")
    square = norm.isf(0.05 / 6) ** 2
    assert found.lower[0] == 0
    assert found.upper[0] == pytest.approx(square / (100 + square), abs=1e-12)


def test_joint_intervals_are_wider_than_single_ones() -> None:
    few, many = (multinomial_ci(parts, estimand="process") for parts in ([50, 50], [50, 10, 10, 10, 10, 10]))
    assert many.upper[0] - many.lower[0] > few.upper[0] - few.lower[0]


def test_order_of_parts_is_irrelevant() -> None:
    one, other = multinomial_ci([5, 0, 12], estimand="process"), multinomial_ci([12, 5, 0], estimand="process")
    assert np.array_equal(one.lower[[2, 0, 1]], other.lower)


def test_complete_parts_have_no_sampling_interval_by_default() -> None:
    found = multinomial_ci([44, 56])
    assert found.estimate.tolist() == found.lower.tolist() == found.upper.tolist() == [0.44, 0.56]
    assert found.flags == {"census"}


@pytest.mark.parametrize("estimand", ["descriptive", "process"])
def test_nothing_counted_leaves_the_shares_open(estimand: str) -> None:
    found = multinomial_ci([0, 0], estimand=estimand)
    assert np.isnan(found.estimate).all()
    assert (found.lower.tolist(), found.upper.tolist()) == ([0, 0], [1, 1])
    assert "no_data" in found.flags


@pytest.mark.parametrize("estimand", ["descriptive", "process"])
def test_one_unknown_part_leaves_the_whole_unknown(estimand: str) -> None:
    found = multinomial_ci([44, None], estimand=estimand)
    assert np.isnan([found.estimate, found.lower, found.upper]).all()
    assert found.n_missing == 1


def tails(x: int, n: int, N: int, M: int) -> tuple[float, float]:
    """P(X >= x) and P(X <= x) when M of N have the attribute, from whole numbers."""
    ways = [comb(M, i) * comb(N - M, n - i) for i in range(n + 1)]
    return sum(ways[x:]) / comb(N, n), sum(ways[: x + 1]) / comb(N, n)


@given(
    st.integers(1, 14).flatmap(
        lambda N: st.integers(1, N).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.just(N)))
    ),
    st.sampled_from([0.5, 0.9, 0.95]),
)
def test_accepted_numbers_are_those_of_enumeration(drawn: tuple[int, int, int], level: float) -> None:
    x, n, N = drawn
    accepted = [M for M in range(x, N - n + x + 1) if min(tails(x, n, N, M)) > (1 - level) / 2]
    found = hypergeometric_ci(x, n, N, level=level)
    assert (found.M_lower, found.M_upper) == (accepted[0], accepted[-1])
    assert (found.lower, found.upper) == (accepted[0] / N, accepted[-1] / N)


def test_coverage_never_falls_below_the_level() -> None:
    N, n = 34, 9
    intervals = [hypergeometric_ci(x, n, N) for x in range(n + 1)]
    for M in range(N + 1):
        ways = [comb(M, x) * comb(N - M, n - x) for x in range(n + 1)]
        covered = sum(w for w, ci in zip(ways, intervals, strict=True) if ci.M_lower <= M <= ci.M_upper)
        assert covered / comb(N, n) >= 0.95


def test_a_census_collapses() -> None:
    found = hypergeometric_ci(72, 90, 90)
    assert (found.estimate, found.lower, found.upper) == (0.8, 0.8, 0.8)
    assert "census" in found.flags


@pytest.mark.parametrize(("x", "ends"), [(0, (0, None)), (30, (None, 90))], ids=["none", "all"])
def test_ends_are_reached_where_no_or_every_sampled_unit_has_it(
    x: int, ends: tuple[float | None, float | None]
) -> None:
    found = hypergeometric_ci(x, 30, 90)
    for got, want in zip((found.M_lower, found.M_upper), ends, strict=True):
        assert want is None or got == want


@pytest.mark.parametrize("N", [0, 34])
def test_no_sample_leaves_everything_open(N: int) -> None:
    found = hypergeometric_ci(0, 0, N)
    assert np.isnan(found.estimate)
    assert (found.lower, found.upper, found.M_upper) == (0, 1, N)
    assert found.flags == {"no_data"}


def test_missing_counts_give_nan_and_are_counted() -> None:
    found = hypergeometric_ci(float("nan"), 30, 90)
    assert np.isnan([found.estimate, found.lower, found.M_upper]).all()
    assert (found.n_missing, found.flags) == (1, {"missing_input"})


def test_a_large_population_gives_the_binomial_interval() -> None:
    found = hypergeometric_ci(5, 1000, 10_000_000)
    # Clopper-Pearson limits of 5 of 1,000, scipy.stats.beta.ppf
    assert (found.lower, found.upper) == pytest.approx((0.00162556, 0.01162939), abs=2e-6)


ERRORS = {
    "no part": (lambda: multinomial_ci([]), "counts must hold at least one value"),
    "negative part": (lambda: multinomial_ci([3, -1]), "counts must be at least 0; got -1 at position 1"),
    "method": (lambda: multinomial_ci([3, 1], method="sison"), "method must be one of goodman"),
    "level": (lambda: multinomial_ci([3, 1], level=95), "did you mean 0.95"),
    "x above n": (lambda: hypergeometric_ci(4, 3, 9), "x must not exceed n; got x = 4, n = 3"),
    "n above N": (lambda: hypergeometric_ci(1, 10, 9), "n must not exceed N; got n = 10, N = 9"),
    "process": (
        lambda: hypergeometric_ci(1, 3, 9, estimand="process"),
        "estimand must be descriptive for a share of N units; for the process use proportion_ci",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_input_is_refused(name: str) -> None:
    call, message = ERRORS[name]
    with pytest.raises(ValueError, match=message):
        call()
