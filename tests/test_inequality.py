"""Gini and Theil indices of known values: definitions, properties, edges, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reform_analysis.statistics.entropy import theil
from reform_analysis.statistics.inequality import gini, gini_bootstrap, gini_weighted

INCOMES = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]

values = st.lists(st.floats(0.01, 1000), min_size=2, max_size=12)
weights = st.integers(1, 9)


def mean_difference_index(x: np.ndarray, w: np.ndarray | None = None) -> float:
    """Gini index as the double sum of its definition."""
    w = np.full(len(x), 1 / len(x)) if w is None else w / np.sum(w)
    return float(np.sum(np.outer(w, w) * np.abs(np.subtract.outer(x, x))) / (2 * np.sum(w * x)))


@given(values)
@settings(max_examples=60, deadline=None)
def test_gini_is_its_double_sum(x: list[float]) -> None:
    found = gini(x)
    assert found.estimate == pytest.approx(mean_difference_index(np.array(x)), abs=1e-12)
    assert found.unbiased == pytest.approx(found.estimate * len(x) / (len(x) - 1))
    assert found.lower == found.estimate == found.upper


@given(values)
@settings(max_examples=40, deadline=None)
def test_jackknife_leaves_out_one_unit_each(x: list[float]) -> None:
    n = len(x)
    without = np.array([mean_difference_index(np.delete(x, i)) for i in range(n)])
    by_hand = math.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2))
    assert gini(x).jackknife_se == pytest.approx(by_hand, abs=1e-9)


@given(values, st.floats(0.001, 1e6))
@settings(max_examples=40, deadline=None)
def test_indices_ignore_the_unit(x: list[float], factor: float) -> None:
    scaled = np.array(x) * factor
    assert gini(scaled).estimate == pytest.approx(gini(x).estimate, abs=1e-9)
    assert theil(scaled).theil_t == pytest.approx(theil(x).theil_t, abs=1e-9)
    assert theil(scaled).theil_l == pytest.approx(theil(x).theil_l, abs=1e-9)


@given(values, st.data())
@settings(max_examples=60, deadline=None)
def test_a_transfer_from_richer_to_poorer_lowers_the_indices(x: list[float], data: st.DataObject) -> None:
    x = np.sort(x)
    poorer, richer = sorted(data.draw(st.lists(st.integers(0, len(x) - 1), min_size=2, max_size=2, unique=True)))
    amount = data.draw(st.floats(0, 0.5)) * (x[richer] - x[poorer])
    after = x.copy()
    after[[poorer, richer]] += [amount, -amount]
    assert gini(after).estimate <= gini(x).estimate + 1e-12
    assert theil(after).theil_t <= theil(x).theil_t + 1e-12
    assert theil(after).theil_l <= theil(x).theil_l + 1e-12


@given(st.lists(st.tuples(st.floats(0.01, 100), weights), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_weights_count_heads(pairs: list[tuple[float, int]]) -> None:
    x, w = np.array(pairs).T
    heads = np.repeat(x, w.astype(int))
    assert gini_weighted(x, w).estimate == pytest.approx(gini(heads).estimate, abs=1e-10)
    assert gini_weighted(x, w).estimate == pytest.approx(mean_difference_index(x, w), abs=1e-10)
    assert gini_weighted(x, 7 * w).estimate == pytest.approx(gini_weighted(x, w).estimate, abs=1e-12)


@pytest.mark.parametrize(
    ("x", "index", "unbiased"),
    [([5], 0.0, math.nan), ([4, 4, 4], 0.0, 0.0), ([0, 0, 9], 2 / 3, 1.0), ([0, 0], math.nan, math.nan)],
    ids=["one-unit", "equal", "one-holds-all", "all-zero"],
)
def test_ends_of_the_gini_index(x: list[float], index: float, unbiased: float) -> None:
    found = gini(x)
    assert found.estimate == pytest.approx(index, nan_ok=True)
    assert found.unbiased == pytest.approx(unbiased, nan_ok=True)


@pytest.mark.parametrize("x", [[5], [0, 9], [0, 0]], ids=["one-unit", "leaves-nothing", "all-zero"])
def test_jackknife_needs_something_left(x: list[float]) -> None:
    assert math.isnan(gini(x).jackknife_se)


def test_missing_value_is_not_deleted() -> None:
    found = gini([1, None, 3])
    assert math.isnan(found.estimate)
    assert found.n_missing == 1
    assert "missing_input" in found.flags
    assert math.isnan(gini_weighted([1, 2], [1, None]).estimate)
    assert math.isnan(theil([1, None]).theil_t)
    assert math.isnan(gini_bootstrap([1, None]).lower)


def test_populations_of_millions_keep_their_digits() -> None:
    x = np.array([14_500_000, 14_500_001, 14_500_002])
    assert gini(x).estimate == pytest.approx(mean_difference_index(x), rel=1e-9)


@pytest.mark.parametrize(
    ("x", "theil_t", "theil_l"),
    [
        ([3, 3, 3], 0.0, 0.0),
        ([1, 3], (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2, -math.log(0.75) / 2),
        ([0, 0, 0, 8], math.log(4), math.inf),
        ([0, 0], math.nan, math.nan),
    ],
    ids=["equal", "by-hand", "zeros", "all-zero"],
)
def test_theil_by_hand(x: list[float], theil_t: float, theil_l: float) -> None:
    found = theil(x)
    assert found.theil_t == pytest.approx(theil_t, abs=1e-14, nan_ok=True)
    assert found.theil_l == pytest.approx(theil_l, abs=1e-14, nan_ok=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bootstrap_is_that_of_the_r_package_boot(seed: int) -> None:
    # boot 1.3-28.1 with 200,000 resamples; five Monte Carlo standard errors at 20,000
    found = gini_bootstrap(INCOMES, seed=seed)
    assert (found.lower, found.upper) == pytest.approx((0.23997, 0.56507), abs=0.008)


def test_bootstrap_repeats_with_its_seed_and_widens_with_level() -> None:
    again = gini_bootstrap(INCOMES, resamples=500, seed=np.random.default_rng(20251031))
    first = gini_bootstrap(INCOMES, resamples=500)
    wide = gini_bootstrap(INCOMES, resamples=500, level=0.99)
    assert (first.lower, first.upper) == (again.lower, again.upper)
    assert wide.lower <= first.lower <= first.estimate <= first.upper <= wide.upper


def test_bootstrap_draws_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gini_bootstrap(INCOMES, resamples=300, seed=5)
    monkeypatch.setattr("reform_analysis.statistics.inequality._CHUNK", 70)
    assert gini_bootstrap(INCOMES, resamples=300, seed=5).lower == whole.lower


def test_bootstrap_leaves_out_resamples_of_zeros() -> None:
    found = gini_bootstrap([0, 0, 0, 1], resamples=2000)
    assert 0 <= found.lower <= found.upper <= 0.75
    assert math.isnan(gini_bootstrap([0, 0]).lower)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (gini, {"x": []}, "x must hold at least one value"),
        (gini, {"x": [1, -1]}, "x must be at least 0; got -1 at position 1"),
        (gini, {"x": [1, math.inf]}, "x must be finite"),
        (theil, {"x": [-1, 1]}, "x must be at least 0"),
        (gini_weighted, {"x": [1, 2], "w": [1]}, "x, w must have the same length"),
        (gini_weighted, {"x": [1, 2], "w": [1, -1]}, "w must be at least 0"),
        (gini_bootstrap, {"x": [1, 2], "level": 95}, r"level must be in \(0, 1\)"),
        (gini_bootstrap, {"x": [1, 2], "method": "bca"}, "method must be one of percentile"),
        (gini_bootstrap, {"x": [1, 2], "resamples": 0}, "resamples must be at least 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
