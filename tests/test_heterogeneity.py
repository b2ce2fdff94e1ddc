"""Between-unit variance: other implementations, brute force, definitions, properties, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from statsmodels.stats.meta_analysis import combine_effects

from reform_analysis.statistics.heterogeneity import (
    TAU2_ESTIMATORS,
    cochran_q,
    i2_h2,
    tau2_ci,
    tau2_dersimonian_laird,
    tau2_paule_mandel,
    tau2_reml,
    typical_variance,
)

HOMOGENEOUS = (np.array([0.1, 0.11, 0.12, 0.1, 0.105]), np.full(5, 0.04))
CLEAR = (np.array([0.1, 0.9, -0.4, 1.5, 0.3, 0.6]), np.array([0.02, 0.05, 0.03, 0.01, 0.2, 0.04]))
SMALL = (np.array([1e-4, 5e-4, -2e-4, 9e-4]), np.array([1e-8, 2e-8, 5e-8, 1e-8]))
BORDERLINE = (np.array([0.0, 0.4, -0.1, 0.35]), np.array([0.04, 0.05, 0.03, 0.06]))
HUGE = (np.array([2.1, 1.6, 2.9]), np.array([1e-7, 3e-7, 5e-6]))
DATA = {"homogeneous": HOMOGENEOUS, "clear": CLEAR, "small": SMALL, "borderline": BORDERLINE, "huge": HUGE}

# roots and maxima are found to machine precision; this leaves room for the oracle's own search
SOLVED = 1e-9

units = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=2, max_size=12)


def restricted_loglik(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    """The likelihood of residual contrasts, from a dense covariance and a projection (not the short formula)."""
    covariance, ones = np.diag(v + tau2), np.ones((len(y), 1))
    contrasts = np.linalg.svd(ones.T)[2][1:]
    inner = contrasts @ covariance @ contrasts.T
    residual = contrasts @ y
    return -0.5 * (np.linalg.slogdet(inner)[1] + residual @ np.linalg.solve(inner, residual))


@pytest.mark.parametrize(("y", "v"), DATA.values(), ids=DATA)
def test_reml_beats_every_point_of_a_grid(y: np.ndarray, v: np.ndarray) -> None:
    found = tau2_reml(y, v)
    top = 20 * (np.var(y, ddof=1) + v.max())
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-9, top, 400), found * np.array([0.99, 1.01])])
    best = restricted_loglik(y, v, found)
    assert all(restricted_loglik(y, v, tau2) <= best + 1e-9 for tau2 in grid)


@pytest.mark.parametrize("name", ["clear", "small", "borderline", "huge"])
def test_reml_is_stationary_where_it_is_positive(name: str) -> None:
    y, v = DATA[name]
    found = tau2_reml(y, v)
    w = 1 / (v + found)
    projection = np.diag(w) - np.outer(w, w) / w.sum()
    score = y @ projection @ projection @ y - np.trace(projection)
    assert found > 0
    assert abs(score) < 1e-9 * np.trace(projection)


@pytest.mark.parametrize(("y", "v"), DATA.values(), ids=DATA)
def test_dl_agrees_with_statsmodels_truncated(y: np.ndarray, v: np.ndarray) -> None:
    theirs = combine_effects(y, v, method_re="chi2").tau2
    assert tau2_dersimonian_laird(y, v) == pytest.approx(max(0.0, theirs), rel=SOLVED, abs=1e-15)


def test_statsmodels_still_does_not_truncate_dl() -> None:
    assert combine_effects(*HOMOGENEOUS, method_re="chi2").tau2 < -0.03


@pytest.mark.parametrize("name", ["clear", "small", "borderline", "huge"])
def test_paule_mandel_solves_its_equation(name: str) -> None:
    y, v = DATA[name]
    assert cochran_q(y, v, tau2_paule_mandel(y, v)) == pytest.approx(len(y) - 1, rel=SOLVED)


@pytest.mark.parametrize("estimator", TAU2_ESTIMATORS.values(), ids=TAU2_ESTIMATORS)
def test_homogeneous_units_have_no_variance(estimator: object) -> None:
    assert estimator(*HOMOGENEOUS) == 0


@given(units)
@settings(max_examples=60, deadline=None)
def test_equal_sampling_variances_make_all_estimators_one(pairs: list[tuple[float, float]]) -> None:
    y, v = np.array([y for y, _ in pairs]), np.full(len(pairs), pairs[0][1])
    closed = max(0.0, float(np.var(y, ddof=1)) - v[0])
    for estimator in TAU2_ESTIMATORS.values():
        assert estimator(y, v) == pytest.approx(closed, rel=1e-7, abs=1e-7)


@given(units, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_order_of_units_is_irrelevant(pairs: list[tuple[float, float]], seed: int) -> None:
    y, v = np.array(pairs).T
    order = np.random.default_rng(seed).permutation(len(y))
    for estimator in TAU2_ESTIMATORS.values():
        assert estimator(y[order], v[order]) == pytest.approx(estimator(y, v), rel=1e-6, abs=1e-9)


@given(units)
@settings(max_examples=60, deadline=None)
def test_q_profile_inverts_the_test_of_each_end(pairs: list[tuple[float, float]]) -> None:
    y, v = np.array(pairs).T
    found = tau2_ci(y, v)
    for end, quantile in ((found.tau2_lower, 0.975), (found.tau2_upper, 0.025)):
        target = chi2.ppf(quantile, len(y) - 1)
        if end == 0:
            assert cochran_q(y, v) <= target
        else:
            assert cochran_q(y, v, end) == pytest.approx(target, rel=1e-7)


@given(units)
@settings(max_examples=40, deadline=None)
def test_q_profile_contains_paule_mandel_and_widens(pairs: list[tuple[float, float]]) -> None:
    y, v = np.array(pairs).T
    narrow, wide = tau2_ci(y, v, tau2="PM", level=0.8), tau2_ci(y, v, tau2="PM", level=0.99)
    # Paule and Mandel's Q equals its expectation, which lies between the chi-square's tails of 10 %
    assert narrow.tau2_lower <= narrow.tau2 + 1e-12
    assert wide.tau2_lower <= narrow.tau2_lower
    assert narrow.tau2_upper <= wide.tau2_upper
    assert narrow.I2_lower <= narrow.I2_upper


def test_i2_of_dl_is_the_share_of_q_beyond_its_expectation() -> None:
    y, v = CLEAR
    q = cochran_q(y, v)
    assert i2_h2(tau2_dersimonian_laird(y, v), v)[0] == pytest.approx(100 * (q - 5) / q)


def test_typical_variance_of_equal_units_is_theirs() -> None:
    assert typical_variance(np.full(7, 0.3)) == pytest.approx(0.3)


def test_single_unit_has_no_interval() -> None:
    found = tau2_ci([1.0], [0.1])
    assert math.isnan(found.tau2)
    assert math.isnan(found.tau2_upper)
    assert math.isnan(found.I2_lower)
    assert found.flags == {"few_units"}


def test_missing_pairs_are_counted() -> None:
    y, v = CLEAR
    found = tau2_ci([*y, None, 3.0], [*v, 0.1, None])
    assert found.n_missing == 2
    assert found.tau2_upper == tau2_ci(y, v).tau2_upper


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"yi": [], "vi": []}, "yi must hold at least one value"),
        ({"yi": [1, 2], "vi": [1]}, "yi, vi must have the same length; got 2 of yi, 1 of vi"),
        ({"yi": [1, 2], "vi": [1, 0]}, r"vi must be above 0; got 0 at position 1"),
        ({"yi": [1, 2], "vi": [-1, 1]}, r"vi must be above 0; got -1 at position 0"),
        ({"yi": [None, 2], "vi": [1, None]}, "at least one complete pair; got 2, all incomplete"),
        ({"yi": [1, math.inf], "vi": [1, 1]}, "yi must be finite"),
        ({"yi": [1, 2], "vi": [1, 1], "level": 95}, r"level must be in \(0, 1\); got 95; did you mean 0.95"),
        ({"yi": [1, 2], "vi": [1, 1], "tau2": "EB"}, "tau2 must be one of REML, DL, PM; got 'EB'"),
    ],
    ids=["empty", "lengths", "zero-variance", "negative-variance", "all-missing", "infinite", "percent", "unknown"],
)
def test_bad_input_is_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tau2_ci(**arguments)
