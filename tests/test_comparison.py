"""Funnel limits and overdispersion: definitions by summation, properties, edges, errors."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from reform_analysis.statistics.comparison import funnel_limits, funnel_overdispersion

K, N = [654, 1519, 6050, 48_005, 145_898, 137_884], [671, 1533, 6323, 48_717, 147_388, 147_818]

# scipy's binomial distribution against exact fractions
BINOMIAL = 1e-10

sizes = st.lists(st.integers(1, 5000), min_size=1, max_size=5)
targets = st.floats(0.001, 0.999)


def interpolated(target: Fraction, n: int, tail: float) -> float:
    """The limit by summing exact binomial probabilities until they reach the tail."""
    below, at, r = Fraction(0), (1 - target) ** n, 0
    while below + at < tail:
        below += at
        at *= target / (1 - target) * Fraction(n - r, r + 1)
        r += 1
    return float((r - (below + at - Fraction(tail)) / at) / n)


@pytest.mark.parametrize("target", [Fraction(1, 50), Fraction(1, 2), Fraction(19, 20)], ids=["low", "half", "high"])
@pytest.mark.parametrize("n", [1, 7, 60, 400])
def test_exact_limits_follow_their_definition(target: Fraction, n: int) -> None:
    tails = [0.001, 0.025, 0.4, 0.975, 0.999]
    found = funnel_limits(float(target), [n], p=tails).limits[0]
    assert found == pytest.approx([interpolated(target, n, tail) for tail in tails], abs=BINOMIAL)


@given(targets, sizes)
@settings(max_examples=60, deadline=None)
def test_limits_rise_with_the_tail_and_mirror(target: float, n: list[int]) -> None:
    upwards = funnel_limits(target, n).limits
    mirrored = funnel_limits(1 - target, n).limits
    assert (np.diff(upwards, axis=1) > 0).all()
    # the interpolated limits of failures are those of successes turned round, one step of 1/n apart
    assert 1 - mirrored[:, ::-1] == pytest.approx(upwards + 1 / np.array(n)[:, None], abs=1e-6)


def test_exact_limits_approach_the_normal_ones() -> None:
    exact, normal = (funnel_limits(0.83, [14_500_000], method=method).limits[0] for method in ("exact", "normal"))
    assert exact == pytest.approx(normal, abs=1e-7)


def test_normal_limits_make_room_for_overdispersion() -> None:
    found = funnel_limits(0.9, [100], p=[0.975], method="normal", phi=4, tau2=0.01).limits[0, 0]
    assert found == pytest.approx(0.9 + norm.ppf(0.975) * math.sqrt(4 * 0.9 * 0.1 / 100 + 0.01))


def test_units_without_trials_have_no_limits() -> None:
    found = funnel_limits(0.5, [10, 0, None])
    assert np.isnan(found.limits).all(axis=1).tolist() == [False, True, True]
    assert found.n_missing == 2
    assert found.flags == {"no_data"}


@pytest.mark.parametrize(("target", "limits"), [(0, (-0.195, -0.005)), (1, (0.805, 0.995))])
def test_target_at_an_end_is_flagged(target: float, limits: tuple[float, float]) -> None:
    found = funnel_limits(target, [5], p=[0.025, 0.975])
    assert found.limits[0] == pytest.approx(limits)
    assert found.flags == {"degenerate_target"}


@pytest.mark.parametrize("scale", ["pearson", "arcsine"])
def test_overdispersion_follows_its_formulas(scale: str) -> None:
    k, n = np.array(K), np.array(N)
    theta, units = k.sum() / n.sum(), len(k)
    if scale == "pearson":
        distance, s = k / n - theta, np.sqrt(theta * (1 - theta) / n)
    else:
        distance, s = np.arcsin(np.sqrt(k / n)) - np.arcsin(np.sqrt(theta)), 0.5 / np.sqrt(n)
    z = distance / s
    phi = np.mean(np.clip(z, np.quantile(z, 0.1), np.quantile(z, 0.9)) ** 2)
    w = s**-2
    tau2 = (units * phi - (units - 1)) / (w.sum() - (w**2).sum() / w.sum())
    found = funnel_overdispersion(K, N, scale=scale)
    assert found.z == pytest.approx(z)
    assert (found.phi, found.tau2) == pytest.approx((phi, tau2))
    assert found.z_adjusted_additive == pytest.approx(distance / np.sqrt(s**2 + tau2))
    assert found.z_adjusted_multiplicative == pytest.approx(z / math.sqrt(phi))


def test_chance_alone_needs_no_room() -> None:
    found = funnel_overdispersion([49, 50, 51, 50, 50], [100] * 5)
    assert found.tau2 == 0
    assert found.z_adjusted_additive == pytest.approx(found.z)
    assert found.z_adjusted_multiplicative == pytest.approx(found.z)


@given(st.lists(st.integers(1, 99), min_size=5, max_size=12), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_order_of_units_is_irrelevant(k: list[int], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(k))
    found = funnel_overdispersion(k, [100] * len(k))
    shuffled = funnel_overdispersion(np.array(k)[order], [100] * len(k))
    assert shuffled.tau2 == pytest.approx(found.tau2, abs=1e-12)
    assert shuffled.z == pytest.approx(found.z[order])


@pytest.mark.parametrize(
    ("k", "n", "flags"),
    [
        ([3, 5, 7, 4], [10] * 4, {"few_units"}),
        ([10] * 5, [10] * 5, {"degenerate_target"}),
        ([0] * 6, [10] * 6, {"degenerate_target"}),
        ([3, 5, 7, 4, None], [10] * 5, {"few_units"}),
        ([3, 5, 7, 4, 0], [10, 10, 10, 10, 0], {"few_units"}),
    ],
    ids=["four-units", "all", "none", "one-missing", "one-without-trials"],
)
def test_spread_is_unknown_with_few_units_or_no_variation(k: list, n: list, flags: set) -> None:
    found = funnel_overdispersion(k, n)
    assert found.flags == flags
    assert math.isnan(found.phi)
    assert math.isnan(found.tau2)
    assert np.isnan(found.z_adjusted_additive).all()


def test_missing_units_are_counted_and_stay_in_place() -> None:
    found = funnel_overdispersion([3, None, 7, 4, 6, 5], [10] * 6)
    assert (found.n, found.n_missing) == (5, 1)
    assert np.isnan(found.z).tolist() == [False, True, False, False, False, False]
    assert found.phi == funnel_overdispersion([3, 7, 4, 6, 5], [10] * 5).phi


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (funnel_limits, {"target": 1.2, "n": [5]}, r"target must be in \[0, 1\]; got 1.2"),
        (funnel_limits, {"target": math.nan, "n": [5]}, r"target must be in \[0, 1\]"),
        (funnel_limits, {"target": 0.5, "n": [5], "p": [0, 0.5]}, r"p must be in \(0, 1\)"),
        (funnel_limits, {"target": 0.5, "n": [-5]}, "n must be at least 0"),
        (funnel_limits, {"target": 0.5, "n": [5], "method": "poisson"}, "method must be one of exact, normal"),
        (funnel_limits, {"target": 0.5, "n": [5], "phi": 2}, "phi and tau2 need method='normal'"),
        (funnel_limits, {"target": 0.5, "n": [5], "method": "normal", "tau2": -1}, "phi and tau2 must be at least 0"),
        (funnel_overdispersion, {"k": [3], "n": [2]}, "k must not exceed n"),
        (funnel_overdispersion, {"k": [1, 2], "n": [2]}, "k, n must have the same length"),
        (funnel_overdispersion, {"k": [], "n": []}, "k must hold at least one value"),
        (funnel_overdispersion, {"k": [1], "n": [2], "trim": 0.5}, r"trim must be in \[0, 0.5\)"),
        (funnel_overdispersion, {"k": [1], "n": [2], "scale": "logit"}, "scale must be one of pearson, arcsine"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
