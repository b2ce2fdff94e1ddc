"""Rank intervals: enumeration of all orders, properties, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from reform_analysis.statistics import proportion_ci
from reform_analysis.statistics.ranks import rank_intervals, rank_proportions

bounds = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    min_size=1,
    max_size=6,
)


def rank_of(values: np.ndarray) -> np.ndarray:
    """Ranks, 1 for the highest."""
    return rankdata(-values, method="min").astype(int)


@given(bounds, st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_every_ranking_inside_the_bounds_is_covered(pairs: list[tuple[int, int]], seed: int) -> None:
    lo, hi = np.array(pairs, float).T
    found = rank_intervals(lo, hi)
    for values in np.random.default_rng(seed).uniform(lo, hi, size=(50, len(lo))):
        ranks = rank_of(values)
        assert (found.best <= ranks).all()
        assert (ranks <= found.worst).all()


@given(bounds)
@settings(max_examples=80, deadline=None)
def test_each_end_is_reached(pairs: list[tuple[int, int]]) -> None:
    lo, hi = np.array(pairs, float).T
    found = rank_intervals(lo, hi)
    for unit in range(len(lo)):
        top, bottom = lo.copy(), hi.copy()
        top[unit], bottom[unit] = hi[unit], lo[unit]
        assert rank_of(top)[unit] == found.best[unit]
        # ties count against the unit at its worst
        assert rankdata(-bottom, method="max")[unit] == found.worst[unit]


def test_exact_values_have_exact_ranks() -> None:
    found = rank_intervals([3, 9, 5], [3, 9, 5])
    assert found.best.tolist() == found.worst.tolist() == [3, 1, 2]
    assert math.isnan(found.level)
    assert found.estimand == "descriptive"


@pytest.mark.parametrize(
    ("lo", "hi", "best", "worst"),
    [
        ([5, None, 1], [6, None, 2], [1, 1, 2], [2, 3, 3]),
        ([5, -math.inf, 1], [6, math.inf, 2], [1, 1, 2], [2, 3, 3]),
        ([5, 3], [math.inf, 4], [1, 2], [1, 2]),
    ],
    ids=["missing", "anywhere", "open-above"],
)
def test_unknown_units_can_hold_any_rank(lo: list, hi: list, best: list, worst: list) -> None:
    found = rank_intervals(lo, hi)
    assert found.best.tolist() == best
    assert found.worst.tolist() == worst
    assert (found.n_missing > 0) == ("missing_input" in found.flags) == (None in lo)


@pytest.mark.parametrize("method", ["wilson", "clopper_pearson"])
def test_proportions_are_ranked_by_bonferroni_limits(method: str) -> None:
    k, n = [654, 1519, 753, 470], [671, 1533, 753, 470]
    limits = proportion_ci(k, n, method=method, level=1 - 0.05 / 4, estimand="process")
    by_hand, found = rank_intervals(limits.lower, limits.upper), rank_proportions(k, n, method=method)
    assert found.best.tolist() == by_hand.best.tolist()
    assert found.worst.tolist() == by_hand.worst.tolist()
    assert (found.level, found.estimand) == (0.95, "process")


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(60, 90)), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_joint_intervals_hold_the_separate_ones(pairs: list[tuple[int, int]]) -> None:
    k, n = np.array(pairs).T
    joint, each = rank_proportions(k, n), rank_proportions(k, n, joint="none")
    assert (joint.best <= each.best).all()
    assert (each.worst <= joint.worst).all()


def test_units_without_data_can_hold_any_rank() -> None:
    found = rank_proportions([90, 0, None, 5], [100, 0, 10, 100])
    assert found.best.tolist() == [1, 1, 1, 2]
    assert found.worst.tolist() == [3, 4, 4, 4]


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (rank_intervals, {"lo": [2], "hi": [1]}, "lo must not exceed hi; got lo = 2, hi = 1"),
        (rank_intervals, {"lo": [1, 2], "hi": [3]}, "lo, hi must have the same length"),
        (rank_intervals, {"lo": [], "hi": []}, "lo must hold at least one value"),
        (rank_proportions, {"k": [3], "n": [2]}, "k must not exceed n"),
        (rank_proportions, {"k": [-3], "n": [2]}, "k must be at least 0"),
        (rank_proportions, {"k": [1], "n": [2], "level": 95}, r"level must be in \(0, 1\)"),
        (rank_proportions, {"k": [1], "n": [2], "method": "wald"}, "method must be one of .*wilson.*; got 'wald'"),
        (rank_proportions, {"k": [1], "n": [2], "joint": "sidak"}, "joint must be one of bonferroni, none"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
