"""Rates and trends: printed tables, enumeration of all orders, properties, errors."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, poisson
from statsmodels.stats.rates import confint_poisson

from reform_analysis.statistics import poisson_rate_ci, trend_test


@pytest.mark.parametrize("count", [1, 3, 12, 400, 12_100_000])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_limits_agree_with_statsmodels(count: int, level: float) -> None:
    found = poisson_rate_ci(count, 7.5, level=level, estimand="process")
    other = confint_poisson(count, 7.5, method="exact-c", alpha=1 - level)
    assert (found.lower, found.upper) == pytest.approx(other, rel=1e-10)


@given(st.integers(0, 300), st.floats(0.5, 0.999))
def test_each_tail_holds_half_the_rest(count: int, level: float) -> None:
    found = poisson_rate_ci(count, 1, level=level, estimand="process")
    tail = (1 - level) / 2
    assert poisson.cdf(count, found.upper) == pytest.approx(tail, rel=1e-8)
    if count:
        assert poisson.sf(count - 1, found.lower) == pytest.approx(tail, rel=1e-8)
    else:
        assert found.lower == 0


@given(st.integers(0, 300), st.floats(0.1, 1000), st.floats(0.5, 0.99))
def test_rate_interval_holds_the_rate_scales_and_widens(count: int, exposure: float, level: float) -> None:
    found = poisson_rate_ci(count, exposure, level=level, estimand="process")
    assert 0 <= found.lower <= found.estimate <= found.upper
    unit = poisson_rate_ci(count, 1, level=level, estimand="process")
    assert (found.lower, found.upper) == pytest.approx((unit.lower / exposure, unit.upper / exposure))
    wider = poisson_rate_ci(count, exposure, level=level + 0.009, estimand="process")
    assert wider.lower <= found.lower
    assert wider.upper > found.upper


def test_rate_needs_exposure_or_stays_open() -> None:
    found = poisson_rate_ci([0, 3], [0, 10], estimand="process")
    assert np.isnan(found.estimate[0])
    assert (found.lower[0], found.upper[0]) == (0, np.inf)
    assert found.flags == {"no_data"}


def test_missing_counts_give_nan_and_are_counted() -> None:
    found = poisson_rate_ci([None, 3, 0], [10, np.nan, 5], estimand="process")
    assert np.isnan(found.upper).tolist() == [True, True, False]
    assert found.n_missing == 2


def test_complete_counts_have_no_sampling_interval_by_default() -> None:
    found = poisson_rate_ci(3, 10)
    assert (found.estimate, found.lower, found.upper, found.flags) == (0.3, 0.3, 0.3, {"census"})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"count": -1, "exposure": 1}, "count must be at least 0"),
        ({"count": 1.5, "exposure": 1}, "count must be whole numbers"),
        ({"count": 1, "exposure": -2}, "exposure must be at least 0"),
        ({"count": 1, "exposure": 0}, "exposure must be above 0 where there are events"),
        ({"count": 1, "exposure": 1, "level": 95}, "did you mean 0.95"),
        ({"count": 1, "exposure": 1, "method": "midp"}, "method must be one of exact; got 'midp'"),
    ],
    ids=["negative", "fraction", "exposure", "no exposure", "level", "method"],
)
def test_wrong_rates_are_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        poisson_rate_ci(**inputs)


@given(st.permutations(list(range(9))))
def test_trend_agrees_with_scipy_without_ties(rates: list[int]) -> None:
    found, other = trend_test(rates), kendalltau(range(9), rates, method="exact")
    assert found.tau == pytest.approx(other.statistic, abs=1e-12)
    assert found.p == pytest.approx(other.pvalue, abs=1e-12)


def balance(rates: tuple[float, ...]) -> int:
    """Concordant minus discordant pairs with time."""
    return sum(int(np.sign(b - a)) for i, a in enumerate(rates) for b in rates[i + 1 :])


@pytest.mark.parametrize("rates", [(1, 1, 2, 3, 3), (5, 4, 4, 2, 1, 1), (2, 1, 2, 1, 2, 3), (1, 1, 1, 1, 2)])
def test_trend_with_ties_counts_all_orders(rates: tuple[int, ...]) -> None:
    orders = [balance(order) for order in permutations(rates)]
    found = trend_test(rates)
    extreme = np.mean([abs(other) >= abs(balance(rates)) for other in orders])
    assert found.p == pytest.approx(extreme, abs=1e-12)
    assert found.tau == pytest.approx(kendalltau(range(len(rates)), rates).statistic, abs=1e-12)
    assert "ties" in found.flags


def test_trend_of_many_periods_stays_exact() -> None:
    rates = np.random.default_rng(4).permutation(60)
    other = kendalltau(range(60), rates, method="exact")
    assert trend_test(rates).p == pytest.approx(other.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("rates", "flag"),
    [([88, 120, 131, 150], "few_periods"), ([1, 1, 1, 1, 1], "constant"), ([1, 2, None, 4, 5], "missing_input")],
    ids=["four", "constant", "missing"],
)
def test_no_trend_is_claimed_without_the_data(rates: list[float | None], flag: str) -> None:
    found = trend_test(rates)
    assert np.isnan([found.tau, found.p]).all()
    assert flag in found.flags
    assert found.n_missing == rates.count(None)


def test_reversing_time_reverses_the_trend() -> None:
    rates = [88, 120, 131, 125, 190, 70]
    assert trend_test(rates[::-1]).tau == -trend_test(rates).tau
    assert trend_test(rates[::-1]).p == trend_test(rates).p


@pytest.mark.parametrize(
    ("rates", "message"),
    [([], "period_rates must hold at least one value"), ([1, 2, 3, 4, np.inf], "period_rates must be finite")],
    ids=["empty", "infinite"],
)
def test_wrong_series_are_refused(rates: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trend_test(rates)
