"""Pooled means and proportions: other implementations, definitions, properties, edges, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm, t
from statsmodels.stats.meta_analysis import combine_effects

from reform_analysis.statistics.pooling import CI_METHODS, pool, pool_proportions

Y, V = [0.1, 0.9, -0.4, 1.5, 0.3, 0.6], [0.02, 0.05, 0.03, 0.01, 0.2, 0.04]
# Bacillus Calmette-Guerin trials: log risk ratios and variances of metafor's documentation
BCG_Y = [
    -0.8893,
    -1.5854,
    -1.3481,
    -1.4416,
    -0.2175,
    -0.7861,
    -1.6209,
    0.0120,
    -0.4694,
    -1.3713,
    -0.3394,
    0.4459,
    -0.0173,
]
BCG_V = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]

# documented to four decimals from inputs of four decimals
PRINTED = 2e-3

units = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=2, max_size=10)
counts = st.lists(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=8
)
cis = st.sampled_from(CI_METHODS)


@pytest.mark.parametrize(
    ("tau2", "printed"), [("REML", 0.3132), ("DL", 0.3088), ("PM", 0.3181)], ids=["REML", "DL", "PM"]
)
def test_variance_is_that_of_the_metafor_documentation(tau2: str, printed: float) -> None:
    assert pool(BCG_Y, BCG_V, tau2=tau2).tau2 == pytest.approx(printed, abs=PRINTED)


def test_dl_wald_and_hk_agree_with_statsmodels() -> None:
    theirs = combine_effects(np.array(Y), np.array(V), method_re="dl", use_t=True)
    wald, hk = pool(Y, V, tau2="DL", ci="wald"), pool(Y, V, tau2="DL", ci="hk")
    assert wald.estimate == pytest.approx(theirs.mean_effect_re)
    assert wald.se == pytest.approx(theirs.sd_eff_w_re)
    assert hk.se == pytest.approx(theirs.sd_eff_w_re_hksj)
    assert pytest.approx(theirs.q) == hk.Q


def test_homogeneous_units_pool_as_with_fixed_weights() -> None:
    y, v = np.array([0.10, 0.12, 0.11]), np.array([0.5, 1.0, 2.0])
    found = pool(y, v, ci="wald")
    assert found.tau2 == 0
    assert found.I2 == 0
    assert found.H2 == 1
    assert found.estimate == pytest.approx(np.average(y, weights=1 / v))
    assert found.se == pytest.approx(np.sum(1 / v) ** -0.5)
    assert found.pi_upper == found.upper


@given(units, cis)
@settings(max_examples=60, deadline=None)
def test_intervals_contain_the_mean_and_widen_with_level(pairs: list[tuple[float, float]], ci: str) -> None:
    y, v = zip(*pairs, strict=True)
    narrow, wide = pool(y, v, ci=ci, level=0.8), pool(y, v, ci=ci, level=0.95)
    assert wide.lower <= narrow.lower <= narrow.estimate <= narrow.upper <= wide.upper
    assert narrow.pi_lower <= narrow.lower + 1e-12
    assert narrow.upper <= narrow.pi_upper + 1e-12


@given(units)
@settings(max_examples=60, deadline=None)
def test_modified_interval_is_the_wider_of_two(pairs: list[tuple[float, float]]) -> None:
    y, v = zip(*pairs, strict=True)
    modified, plain, wald = (pool(y, v, ci=ci).se for ci in CI_METHODS)
    assert modified == pytest.approx(max(plain, wald))


@given(units, st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_order_of_units_is_irrelevant(pairs: list[tuple[float, float]], seed: int) -> None:
    y, v = np.array(pairs).T
    order = np.random.default_rng(seed).permutation(len(y))
    assert pool(y[order], v[order]).estimate == pytest.approx(pool(y, v).estimate, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("ci", "pi_df", "quantile"),
    [
        ("mhk", None, t.ppf(0.975, 5)),
        ("wald", None, norm.ppf(0.975)),
        ("wald", "k-2", t.ppf(0.975, 4)),
        ("hk", "k-2", t.ppf(0.975, 4)),
        ("hk", "normal", norm.ppf(0.975)),
    ],
    ids=["mhk", "wald", "wald-k-2", "hk-k-2", "hk-normal"],
)
def test_prediction_interval_uses_the_asked_quantile(ci: str, pi_df: str | None, quantile: float) -> None:
    found = pool(Y, V, ci=ci, pi_df=pi_df)
    assert found.pi_upper - found.estimate == pytest.approx(quantile * math.hypot(found.se, math.sqrt(found.tau2)))


def test_two_units_have_no_prediction_with_k_minus_2() -> None:
    assert math.isnan(pool([1, 2], [1, 1], pi_df="k-2").pi_lower)


@pytest.mark.parametrize("ci", CI_METHODS)
def test_single_unit_keeps_its_own_interval(ci: str) -> None:
    found = pool([1.0], [0.04], ci=ci)
    assert (found.estimate, found.se) == (1.0, 0.2)
    assert found.upper == pytest.approx(1 + 0.2 * norm.ppf(0.975))
    assert all(math.isnan(value) for value in (found.tau2, found.I2, found.H2, found.pi_lower, found.pi_upper))


def test_flags_tell_of_few_and_of_selected_units() -> None:
    assert pool(Y[:4], V[:4], selected=True).flags == {"few_units", "selected"}
    assert pool(Y[:5], V[:5]).flags == frozenset()


def test_missing_pairs_are_dropped_and_counted() -> None:
    found = pool([*Y, np.nan, 3.0], [*V, 0.1, np.nan])
    assert (found.n, found.n_missing) == (6, 2)
    assert found.estimate == pool(Y, V).estimate


def test_proportions_are_pooled_on_the_logit_scale() -> None:
    k, n = np.array([3, 10, 25]), np.array([9, 40, 50])
    y, v = np.log(k / (n - k)), 1 / k + 1 / (n - k)
    found, by_hand = pool_proportions(k, n), pool(y, v)
    assert found.logit.estimate == pytest.approx(by_hand.estimate)
    assert (found.lower, found.pi_upper) == pytest.approx((expit(by_hand.lower), expit(by_hand.pi_upper)))


@pytest.mark.parametrize(
    ("k", "n", "logits"),
    [
        ([0, 5], [10, 10], [math.log(0.5 / 10.5), 0.0]),
        ([10, 5], [10, 10], [math.log(10.5 / 0.5), 0.0]),
        ([1, 5], [2, 10], [0.0, 0.0]),
    ],
    ids=["none", "all", "inside"],
)
def test_half_is_added_only_at_the_ends(k: list[int], n: list[int], logits: list[float]) -> None:
    found = pool_proportions(k, n, tau2="DL")
    corrected = [(a, b) if 0 < a < b else (a + 0.5, b + 1) for a, b in zip(k, n, strict=True)]
    v = [1 / a + 1 / (b - a) for a, b in corrected]
    assert found.logit.estimate == pytest.approx(pool(logits, v, tau2="DL").estimate)
    assert ("boundary_units" in found.flags) == any(a in (0, b) for a, b in zip(k, n, strict=True))


@given(counts)
@settings(max_examples=40, deadline=None)
def test_failures_mirror_successes(units: list[tuple[int, int]]) -> None:
    k, n = np.array(units).T
    found, mirrored = pool_proportions(k, n), pool_proportions(n - k, n)
    assert found.estimate == pytest.approx(1 - mirrored.estimate, abs=1e-7)
    assert 0 <= found.pi_lower <= found.lower <= found.estimate <= found.upper <= found.pi_upper <= 1


def test_units_without_trials_say_nothing() -> None:
    found = pool_proportions([3, 0, None, 7], [10, 0, 4, 9])
    assert (found.n, found.n_missing) == (2, 2)
    assert "no_data" in found.flags
    assert found.estimate == pool_proportions([3, 7], [10, 9]).estimate


def test_millions_of_trials_raise_no_warning() -> None:
    found = pool_proportions([14_499_999, 12_100_000, 1], [14_500_000, 14_500_000, 14_500_000])
    assert 0 <= found.lower < found.estimate < found.upper <= 1


def test_result_shows_itself() -> None:
    found = pool_proportions([3, 10], [9, 40])
    for shown in (str(found), found._repr_html_()):
        assert "0.266344" in shown
        assert "few_units" in shown
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (pool, {"yi": [], "vi": []}, "yi must hold at least one value"),
        (pool, {"yi": [1], "vi": [0]}, "vi must be above 0"),
        (pool, {"yi": [1, 2], "vi": [1, 1], "ci": "plain"}, "ci must be one of mhk, hk, wald; got 'plain'"),
        (pool, {"yi": [1, 2], "vi": [1, 1], "tau2": "HE"}, "tau2 must be one of REML, DL, PM"),
        (pool, {"yi": [1, 2], "vi": [1, 1], "pi_df": "k-3"}, "pi_df must be one of k-1, k-2, normal"),
        (pool, {"yi": [1, 2], "vi": [1, 1], "level": 95}, r"level must be in \(0, 1\)"),
        (pool, {"yi": ["a"], "vi": [1]}, "yi must be numbers or None"),
        (pool_proportions, {"k": [3], "n": [2]}, "k must not exceed n; got k = 3, n = 2"),
        (pool_proportions, {"k": [-1], "n": [2]}, "k must be at least 0; got -1"),
        (pool_proportions, {"k": [1.5], "n": [2]}, "k must be whole numbers; got 1.5"),
        (pool_proportions, {"k": [1, 2], "n": [3]}, "k, n must have the same length"),
        (pool_proportions, {"k": [], "n": []}, "k must hold at least one value"),
        (pool_proportions, {"k": [0, None], "n": [0, 5]}, "at least one unit with trials; got 2 without"),
        (pool_proportions, {"k": [1], "n": [2], "measure": "double_arcsine"}, "measure must be one of logit"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
