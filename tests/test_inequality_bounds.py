"""Bounds of the Gini index and the Lorenz curve: all vertices, all heights, random completions, errors."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reform_analysis.statistics.inequality import gini, plain_gini
from reform_analysis.statistics.inequality_bounds import gini_bounds
from reform_analysis.statistics.lorenz import lorenz_bounds, lorenz_curve, top_share, top_share_bounds

# nested, overlapping and single-valued bounds all occur
boxes = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 25)).map(lambda pair: (pair[0], sum(pair))), min_size=1, max_size=8
).filter(lambda pairs: any(high for _, high in pairs))
seeds = st.integers(0, 2**32 - 1)


def vertices(lo: np.ndarray, hi: np.ndarray) -> np.ndarray:
    """All vertices of the box that hold anything."""
    corners = np.array([np.where(upper, hi, lo) for upper in product([0, 1], repeat=len(lo))])
    return corners[corners.any(axis=1)]


@given(boxes)
@settings(max_examples=60, deadline=None)
def test_upper_bound_is_that_of_all_vertices(pairs: list[tuple[int, int]]) -> None:
    lo, hi = np.array(pairs, float).T
    assert gini_bounds(lo, hi).upper == pytest.approx(plain_gini(vertices(lo, hi)).max(), abs=1e-12)


@given(boxes)
@settings(max_examples=30, deadline=None)
def test_lower_bound_is_that_of_a_fine_grid_of_heights(pairs: list[tuple[int, int]]) -> None:
    lo, hi = np.array(pairs, float).T
    heights = np.unique(np.concatenate([lo, hi, np.linspace(0.05, hi.max(), 2000)]))
    levelled = np.clip(heights[:, None], lo, hi)
    best = plain_gini(levelled[levelled.any(axis=1)]).min()
    assert gini_bounds(lo, hi).lower == pytest.approx(best, abs=1e-12)


@given(boxes, seeds)
@settings(max_examples=40, deadline=None)
def test_bounds_hold_every_completion(pairs: list[tuple[int, int]], seed: int) -> None:
    lo, hi = np.array(pairs, float).T
    found, curve = gini_bounds(lo, hi), lorenz_bounds(lo, hi)
    shares = np.random.default_rng(seed).beta(0.3, 0.3, size=(40, len(lo)))
    for values in lo + shares * (hi - lo):
        if not values.any():
            continue
        index, points = gini(values).estimate, lorenz_curve(values).estimate
        assert found.lower - 1e-12 <= index <= found.upper + 1e-12
        assert (curve.lower <= points + 1e-12).all()
        assert (points <= curve.upper + 1e-12).all()


def test_thirty_four_nested_bounds_are_solved_at_once() -> None:
    # no vertex that differs in one or two units is any better
    rng = np.random.default_rng(7)
    lo = np.sort(rng.uniform(0, 10, 34))
    hi = lo[::-1] + 12
    upper = gini_bounds(lo, hi).upper
    best, index = None, 0.0
    for start in (lo, hi, *[np.where(rng.random(34) < 0.5, lo, hi) for _ in range(20)]):
        values = start.copy()
        improved = True
        while improved:
            flips = np.where(np.eye(34, dtype=bool), lo + hi - values, values)
            improved = plain_gini(flips).max() > plain_gini(values) + 1e-13
            values = flips[plain_gini(flips).argmax()] if improved else values
        if plain_gini(values) > index:
            best, index = values, float(plain_gini(values))
    assert best is not None
    assert index <= upper + 1e-12
    assert upper == pytest.approx(index, abs=1e-3)


def test_exact_values_have_one_index() -> None:
    x = [541, 1463, 2445, 3438]
    found = gini_bounds(x, x)
    assert (found.lower, found.upper) == pytest.approx((gini(x).estimate,) * 2)
    assert math.isnan(found.estimate)


@pytest.mark.parametrize(
    ("lo", "hi", "lower", "upper", "flags"),
    [
        ([0, 0], [0, 0], math.nan, math.nan, {"all_zero"}),
        ([1, None], [2, 3], math.nan, math.nan, {"missing_input"}),
        ([1, 2], [3, None], math.nan, math.nan, {"missing_input"}),
        ([5], [9], 0.0, 0.0, set()),
        ([0, 0], [3, 3], 0.0, 0.5, set()),
        ([1, 0], [1, math.inf], 0.0, 0.5, {"unbounded"}),
        ([1, 9, 0], [1, 9, math.inf], 16 / 57, 2 / 3, {"unbounded"}),
        ([1, 1e7], [1, 1e7 + 1], (1e7 - 1) / (1e7 + 1) / 2, 1e7 / (1e7 + 2) / 2, set()),
    ],
    ids=["all-zero", "missing-lo", "missing-hi", "one-unit", "from-zero", "one-open", "unknown-province", "narrow"],
)
def test_edges(lo: list, hi: list, lower: float, upper: float, flags: set) -> None:
    found = gini_bounds(lo, hi)
    assert found.upper == pytest.approx(upper, abs=1e-12, nan_ok=True)
    assert found.lower == pytest.approx(lower, abs=1e-12, nan_ok=True)
    assert found.flags == flags


@given(boxes, st.data())
@settings(max_examples=60, deadline=None)
def test_greatest_top_share_is_that_of_some_units(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    lo, hi = np.array(pairs, float).T
    m = data.draw(st.integers(0, len(lo)))
    best = 0.0
    for chosen in map(list, combinations(range(len(lo)), m)):
        inside = hi[chosen].sum()
        best = max(best, inside / total if (total := inside + np.delete(lo, chosen).sum()) else 0.0)
    found = top_share_bounds(lo, hi, m=m)
    assert found.upper == pytest.approx(best, abs=1e-12)
    assert found.lower <= found.upper + 1e-12


def test_lorenz_curve_gives_the_gini_index() -> None:
    x = [541, 1463, 2445, 3438, 4437]
    curve = lorenz_curve(x)
    area = np.trapezoid(curve.estimate, curve.population)
    assert 1 - 2 * area == pytest.approx(gini(x).estimate)
    assert top_share(x, m=2).estimate == pytest.approx((3438 + 4437) / sum(x))
    assert top_share(x, m=5).estimate == 1


def test_lorenz_curve_without_values_is_unknown() -> None:
    assert np.isnan(lorenz_curve([0, 0]).estimate).all()
    assert np.isnan(lorenz_curve([1, None]).estimate).all()
    assert math.isnan(top_share([0, 0], m=1).estimate)
    assert np.isnan(lorenz_bounds([0, None], [1, 1]).lower).all()


def test_an_open_value_may_hold_all() -> None:
    found = top_share_bounds([1, 1], [2, math.inf], m=1)
    assert found.upper == 1
    assert found.lower == pytest.approx(0.5)
    assert found.flags == {"unbounded"}


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (gini_bounds, {"lo": [2], "hi": [1]}, "lo must not exceed hi"),
        (gini_bounds, {"lo": [-1], "hi": [1]}, "lo must be at least 0"),
        (gini_bounds, {"lo": [1, 2], "hi": [3]}, "lo, hi must have the same length"),
        (gini_bounds, {"lo": [], "hi": []}, "lo must hold at least one value"),
        (lorenz_curve, {"x": []}, "x must hold at least one value"),
        (top_share, {"x": [1, 2], "m": 3}, "m must be in 0 to 2, the number of units; got 3"),
        (top_share_bounds, {"lo": [1], "hi": [2], "m": -1}, "m must be in 0 to 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
