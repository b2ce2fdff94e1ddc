"""Binomial-normal model: the likelihood by plain integration, edges, properties, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, log_expit, logit
from scipy.stats import binomtest, norm

from reform_analysis.statistics.mixed import _surface, pool_glmm

PRITZ = ([16, 10, 4, 43, 10, 25, 13, 12, 22, 4, 5, 18, 58, 6], [17, 12, 8, 58, 10, 42, 14, 12, 41, 5, 6, 23, 68, 10])
COMMUNES = ([654, 1519, 753, 470, 1044, 731], [671, 1533, 753, 470, 1044, 732])
MILLIONS = ([12_100_000, 3_000_000, 7_250_000, 14_450_000], [14_500_000, 3_500_000, 9_000_000, 14_500_000])
NEARLY_ALL = ([999_999, 14_499_999, 2], [1_000_000, 14_500_000, 3])
WIDE = ([0, 10, 5], [10, 10, 10])
PROVINCES = (list(range(3, 37)), list(range(40, 74)))
DATA = {
    "pritz": PRITZ,
    "communes": COMMUNES,
    "millions": MILLIONS,
    "nearly-all": NEARLY_ALL,
    "wide": WIDE,
    "provinces": PROVINCES,
}

# error of the quadrature and of the grid below in the log-likelihood
QUADRATURE = 2e-9

counts = st.lists(
    st.integers(2, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=8
)


def loglik(k: list[int], n: list[int], mu: float, tau: float, points: int = 200_001) -> float:
    """Log-likelihood by the trapezium rule on a dense grid, above that of the saturated model."""
    z = np.linspace(-12, 12, points)
    total = 0.0
    for successes, trials in zip(k, n, strict=True):
        terms = successes * log_expit(mu + tau * z) + (trials - successes) * log_expit(-mu - tau * z) + norm.logpdf(z)
        top = terms.max()
        total += top + math.log(np.sum(np.exp(terms - top)) * (z[1] - z[0]))
        if 0 < successes < trials:
            share = successes / trials
            total -= successes * math.log(share) + (trials - successes) * math.log1p(-share)
    return total


@pytest.mark.parametrize(("k", "n"), DATA.values(), ids=DATA)
def test_likelihood_equals_plain_integration(k: list[int], n: list[int]) -> None:
    found = pool_glmm(k, n)
    surface = _surface(np.array(k, float), np.array(n, float), found.mu, math.sqrt(found.tau2))
    assert surface.height == pytest.approx(loglik(k, n, found.mu, math.sqrt(found.tau2)), abs=QUADRATURE)


@pytest.mark.parametrize(("k", "n"), DATA.values(), ids=DATA)
def test_gradient_and_hessian_are_those_of_the_height(k: list[int], n: list[int]) -> None:
    successes, trials = np.array(k, float), np.array(n, float)
    point = np.array([logit((successes.sum() + 1) / (trials.sum() + 2)), 0.7])
    here = _surface(successes, trials, *point)
    slope = approx_fprime(point, lambda at: _surface(successes, trials, *at).height, 1e-6)
    bend = approx_fprime(point, lambda at: _surface(successes, trials, *at).gradient, 1e-6)
    assert here.gradient == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert here.hessian == pytest.approx(bend, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(("k", "n"), [PRITZ, COMMUNES, PROVINCES], ids=["pritz", "communes", "provinces"])
def test_maximum_is_that_of_a_search_without_derivatives(k: list[int], n: list[int]) -> None:
    found = pool_glmm(k, n)
    start = [found.mu + 0.3, math.sqrt(found.tau2) * 1.3]
    searched = minimize(
        lambda at: -loglik(k, n, *at, points=2001), start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10}
    )
    assert [found.mu, math.sqrt(found.tau2)] == pytest.approx(searched.x, abs=1e-4)


@pytest.mark.parametrize(("k", "n"), [PRITZ, COMMUNES], ids=["pritz", "communes"])
def test_standard_error_allows_for_the_unknown_spread(k: list[int], n: list[int]) -> None:
    found, h = pool_glmm(k, n), 1e-3
    top = np.array([found.mu, math.sqrt(found.tau2)])
    hessian = np.empty((2, 2))
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        steps = [(s, t, top + h * (s * np.eye(2)[i] + t * np.eye(2)[j])) for s in (-1, 1) for t in (-1, 1)]
        hessian[i, j] = sum(s * t * loglik(k, n, *at, points=4001) for s, t, at in steps) / (4 * h * h)
    assert found.se == pytest.approx(math.sqrt(np.linalg.inv(-hessian)[0, 0]), rel=1e-4)


def test_millions_of_trials_are_a_sample_of_known_logits() -> None:
    # with sampling variances near 1e-6 the model is a normal sample: mean and maximum-likelihood variance
    k, n = map(np.array, MILLIONS)
    logits = logit(k / n)
    found = pool_glmm(k, n)
    assert found.mu == pytest.approx(logits.mean(), abs=1e-5)
    assert found.tau2 == pytest.approx(logits.var(), abs=1e-5)
    assert found.se == pytest.approx(logits.std() / 2, abs=1e-5)


@pytest.mark.parametrize(
    ("k", "n"),
    [([50, 51, 49, 50], [100] * 4), ([500_000, 500_300, 500_100], [1_000_000] * 3), ([1, 2, 3, 2], [4] * 4)],
    ids=["hundred", "million", "four"],
)
def test_without_spread_it_is_the_ordinary_logistic_fit(k: list[int], n: list[int]) -> None:
    found, share = pool_glmm(k, n), sum(k) / sum(n)
    assert found.tau2 == 0
    assert found.mu == pytest.approx(logit(share), abs=1e-12)
    assert found.se == pytest.approx((sum(n) * share * (1 - share)) ** -0.5)
    assert found.prop_mean == pytest.approx(found.prop_median)


@pytest.mark.parametrize(
    ("k", "n"),
    [([7, 9], [7, 9]), ([0, 0, 0], [4, 5, 6]), ([0, 9], [3, 9]), ([1, 0, 1], [1, 1, 1]), ([5], [5])],
    ids=["all", "none", "each-whole", "single-trials", "one-unit"],
)
def test_without_a_unit_inside_only_the_sums_speak(k: list[int], n: list[int]) -> None:
    found = pool_glmm(k, n)
    exact = binomtest(sum(k), sum(n)).proportion_ci(0.95, method="exact")
    assert found.estimable is False
    assert math.isnan(found.mu)
    assert math.isnan(found.tau2)
    assert (found.fallback_lower, found.fallback_upper) == pytest.approx((exact.low, exact.high))
    assert (found.lower, found.upper) == (found.fallback_lower, found.fallback_upper)
    assert "not_estimable" in found.flags


def test_single_unit_keeps_its_own_interval() -> None:
    found = pool_glmm([5], [9])
    assert found.prop_median == pytest.approx(5 / 9)
    assert found.se == pytest.approx((9 * 5 / 9 * 4 / 9) ** -0.5)
    assert math.isnan(found.tau2)
    assert math.isnan(found.prop_mean)


def test_mean_proportion_is_the_integral() -> None:
    found = pool_glmm(*COMMUNES)
    whole, _ = quad(
        lambda z: expit(found.mu + math.sqrt(found.tau2) * z) * norm.pdf(z), -12, 12, epsabs=1e-12, limit=200
    )
    assert found.prop_mean == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n"),
    [([0, 1000, 1, 3], [1000, 1000, 2, 3]), ([0, 400_000, 900_000, 7, 20_000], [90, 400_000, 900_001, 9, 20_000])],
    ids=["hardly-identified", "whole-units-of-thousands"],
)
def test_extreme_spread_reaches_the_maximum(k: list[int], n: list[int]) -> None:
    found = pool_glmm(k, n)
    top = np.array([found.mu, math.sqrt(found.tau2)])
    here = loglik(k, n, *top)
    assert "not_converged" not in found.flags
    for mu, tau in ((0, 0.02), (0, -0.02), (0.02, 0), (-0.02, 0)):
        assert loglik(k, n, *(top * (1 + np.array([mu, tau])))) < here


@given(counts)
@settings(max_examples=15, deadline=None)
def test_failures_mirror_successes_and_ends_hold_the_estimate(units: list[tuple[int, int]]) -> None:
    k, n = np.array(units).T
    found, mirrored = pool_glmm(k, n), pool_glmm(n - k, n)
    if not found.estimable:
        assert mirrored.fallback_upper == pytest.approx(1 - found.fallback_lower)
        return
    assert mirrored.mu == pytest.approx(-found.mu, abs=1e-5)
    assert mirrored.tau2 == pytest.approx(found.tau2, rel=1e-4, abs=1e-5)
    assert found.pi_lower <= found.lower <= found.prop_median <= found.upper <= found.pi_upper


@given(counts, st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_order_of_units_is_irrelevant(units: list[tuple[int, int]], seed: int) -> None:
    k, n = np.array(units).T
    order = np.random.default_rng(seed).permutation(len(k))
    found, shuffled = pool_glmm(k, n), pool_glmm(k[order], n[order])
    assert shuffled.mu == pytest.approx(found.mu, abs=1e-5, nan_ok=True)


def test_interval_widens_with_level() -> None:
    narrow, wide = pool_glmm(*PRITZ, level=0.8), pool_glmm(*PRITZ, level=0.99)
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_flags_and_missing_units() -> None:
    found = pool_glmm([3, None, 0, 7], [10, 4, 0, 9], selected=True)
    assert found.flags == {"few_units", "selected", "no_data"}
    assert (found.n, found.n_missing) == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": [3], "n": [2]}, "k must not exceed n"),
        ({"k": [-3], "n": [2]}, "k must be at least 0"),
        ({"k": [1, 2], "n": [3]}, "k, n must have the same length"),
        ({"k": [], "n": []}, "k must hold at least one value"),
        ({"k": [0], "n": [0]}, "at least one unit with trials"),
        ({"k": [1], "n": [2], "level": 95}, r"level must be in \(0, 1\)"),
    ],
    ids=["above", "negative", "lengths", "empty", "no-trials", "percent"],
)
def test_bad_input_is_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pool_glmm(**arguments)
