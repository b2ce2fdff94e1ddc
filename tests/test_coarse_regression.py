"""Regressions of outcomes within bounds: vertices, search without derivatives, limits, errors."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from reform_analysis.statistics.coarse_regression import interval_regression, ols_interval_bounds
from reform_analysis.statistics.regression import ols_hc3

LOW, HIGH = [82.5, 90, 70, 95.5, 60.5, 99, 74], [83.5, 91, 77, 96.5, 61.5, 100, 75]
X = [1, 2, 0.5, 3, 0.2, 3.5, 0.8]

boxes = st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 3), st.floats(-2, 2)), min_size=3, max_size=6)


def with_intercept(x: object) -> np.ndarray:
    """The design matrix that the functions build."""
    return np.column_stack([np.ones(len(x)), x])


def loglik(params: np.ndarray, low: np.ndarray, high: np.ndarray, x: np.ndarray) -> float:
    """Log-likelihood by its definition, densities where the outcome is exact."""
    mean, sigma = with_intercept(x) @ params[:-1], math.exp(params[-1])
    exact = low == high
    density = norm.logpdf(low[exact], mean[exact], sigma)
    probability = norm.cdf(high[~exact], mean[~exact], sigma) - norm.cdf(low[~exact], mean[~exact], sigma)
    return float(density.sum() + np.log(np.maximum(probability, 1e-300)).sum())


@given(boxes)
@settings(max_examples=60, deadline=None)
def test_bounds_are_sharp_at_the_vertices(data: list[tuple[float, float, float]]) -> None:
    low, width, x = np.array(data).T
    x = x + 5 * np.arange(len(x))
    found = ols_interval_bounds(low, low + width, x)
    outcomes = np.array([low + width * np.array(upper) for upper in product([0, 1], repeat=len(low))])
    fits = np.linalg.lstsq(with_intercept(x), outcomes.T, rcond=None)[0]
    assert found.lower == pytest.approx(fits.min(axis=1), abs=1e-8)
    assert found.upper == pytest.approx(fits.max(axis=1), abs=1e-8)


def test_exact_outcomes_have_one_fit() -> None:
    found = ols_interval_bounds(LOW, LOW, {"x": X})
    assert found.lower == pytest.approx(ols_hc3(LOW, X).estimate)
    assert found.upper == pytest.approx(found.lower)
    assert np.isnan(found.estimate).all()
    assert found.names == ("intercept", "x")


def test_an_open_outcome_leaves_one_side_open() -> None:
    found = ols_interval_bounds([0, 1, 2], [0, 1, math.inf], [0, 1, 2])
    assert found.upper[1] == math.inf
    assert found.lower == pytest.approx([-math.inf, 1.0])
    # the middle unit has no weight in the slope
    assert ols_interval_bounds([0, -math.inf, 2], [0, math.inf, 2], [0, 1, 2]).lower[1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("low", "high", "x"),
    [
        (LOW, HIGH, X),
        ([1, 2, 5, 4, 8.5], [1, 3, 5, 6, 8.5], [1, 2, 3, 4, 5]),
        ([1, -math.inf, 5, 4, 1], [2, 1, math.inf, 6, 3], [1, 2, 3, 4, 5]),
    ],
    ids=["rounded", "some-exact", "some-open"],
)
def test_maximum_is_that_of_a_search_without_derivatives(low: list, high: list, x: list) -> None:
    low, high, x = np.array(low, float), np.array(high, float), np.array(x, float)
    found = interval_regression(low, high, x)
    start = [*found.estimate + 0.2, math.log(found.sigma) + 0.1]
    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000}
    searched = minimize(lambda at: -loglik(at, low, high, x), start, method="Nelder-Mead", options=options)
    assert [*found.estimate, math.log(found.sigma)] == pytest.approx(searched.x, abs=1e-5)
    assert found.loglik == pytest.approx(-searched.fun, abs=1e-9)


def test_standard_errors_are_those_of_the_curvature() -> None:
    low, high, x = (np.array(values, float) for values in (LOW, HIGH, X))
    found = interval_regression(low, high, x)
    top = np.array([*found.estimate, math.log(found.sigma)])
    h = np.array([1e-3, 1e-3, 1e-3])
    curvature = np.empty((3, 3))
    for i, j in product(range(3), repeat=2):
        a, b = np.eye(3)[i] * h, np.eye(3)[j] * h
        corners = [loglik(top + s * a + t * b, low, high, x) * s * t for s, t in product([-1, 1], repeat=2)]
        curvature[i, j] = sum(corners) / (4 * h[i] * h[j])
    assert found.se == pytest.approx(np.sqrt(np.diag(np.linalg.inv(-curvature)))[:2], rel=1e-4)


def test_exact_outcomes_give_the_maximum_likelihood_fit() -> None:
    found, residual = interval_regression(LOW, LOW, X), ols_hc3(LOW, X)
    assert found.estimate == pytest.approx(residual.estimate)
    error = np.array(LOW) - with_intercept(X) @ residual.estimate
    assert found.sigma == pytest.approx(math.sqrt(np.mean(error**2)))
    assert found.loglik == pytest.approx(norm.logpdf(error, scale=found.sigma).sum())


def test_narrow_bounds_of_large_counts_are_nearly_exact() -> None:
    exact = np.array(LOW) * 1e6
    found, limit = interval_regression(exact, exact + 1, X), interval_regression(exact + 0.5, exact + 0.5, X)
    assert found.estimate == pytest.approx(limit.estimate, rel=1e-7)
    assert found.se == pytest.approx(limit.se, rel=1e-5)


@pytest.mark.parametrize(
    ("low", "high", "x"),
    [
        ([1, 2, 3], [2, 3, 4], [1, 2, 3]),
        ([1, 2, 3], [1, 2, 3], [1, 2, 3]),
        ([1, 2, 3], [math.inf] * 3, [1, 2, 3]),
        ([1, 2, 5, 1, 2, 3], [math.inf] * 3 + [2, 3, 5], [1, 1, 1, 0, 0, 0]),
    ],
    ids=["line-inside", "exact-line", "open-above", "open-group"],
)
def test_no_finite_fit_is_flagged(low: list, high: list, x: list) -> None:
    found = interval_regression(low, high, x)
    assert "no_finite_fit" in found.flags
    assert np.isnan(found.estimate).all()
    assert math.isnan(found.sigma)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1e4), st.floats(-100, 100))
@settings(max_examples=25, deadline=None)
def test_estimates_follow_the_unit_and_ignore_order(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=12)
    low = np.floor(2 * x + rng.normal(size=12) * 3)
    found = interval_regression(low, low + 1, x)
    order = rng.permutation(12)
    moved = interval_regression((low[order] + shift) * factor, (low[order] + 1 + shift) * factor, x[order])
    shifted = found.estimate + np.array([shift, 0])
    assert moved.estimate == pytest.approx(shifted * factor, rel=1e-5, abs=1e-5 * factor)
    assert moved.sigma == pytest.approx(found.sigma * factor, rel=1e-6)


def test_interval_widens_with_level_and_rows_are_counted() -> None:
    narrow = interval_regression([*LOW, None], [*HIGH, 3], [*X, 1], level=0.8)
    wide = interval_regression(LOW, HIGH, X, level=0.99)
    assert narrow.n_missing == 1
    assert (wide.lower < narrow.lower).all()
    assert (narrow.upper < wide.upper).all()


@pytest.mark.parametrize("function", [ols_interval_bounds, interval_regression])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y_lo": [2], "y_hi": [1], "X": {}}, "y_lo must not exceed y_hi"),
        ({"y_lo": [1, 2], "y_hi": [3], "X": {}}, "y_lo, y_hi must have the same length"),
        ({"y_lo": [], "y_hi": [], "X": {}}, "y_lo must hold at least one value"),
        ({"y_lo": [1, 2], "y_hi": [3, 4], "X": [1, 1]}, "X must have independent columns"),
    ],
    ids=["crossed", "lengths", "empty", "collinear"],
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)


def test_level_in_percent_is_refused() -> None:
    with pytest.raises(ValueError, match=r"level must be in \(0, 1\); got 95"):
        interval_regression(LOW, HIGH, X, level=95)
