"""Permutation tests: enumeration by itertools, scipy where it is right, properties, edges, errors."""

import math
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test, rankdata, spearmanr

from reform_analysis.statistics.arrangements import MOST_ENUMERATED, RESAMPLES, divisions, orders
from reform_analysis.statistics.permutation import permutation_correlation, permutation_two_sample, spearman

X, Y = [3, 1, 4, 1.5, 9, 2.6], [2, 7, 1.8, 2.8, 1.1, 8]

samples = st.lists(st.integers(-9, 9), min_size=1, max_size=4)
pairs = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=6)


@given(pairs)
@settings(max_examples=40, deadline=None)
def test_correlation_counts_all_orders(data: list[tuple[int, int]]) -> None:
    x, y = np.array(data, float).T
    found = permutation_correlation(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert math.isnan(found.p)
        return
    r = np.array([np.corrcoef(x, y[list(order)])[0, 1] for order in permutations(range(len(y)))])
    assert found.estimate == pytest.approx(r[0])
    assert found.p == np.mean(np.abs(r) >= abs(r[0]) - 1e-10)


@given(pairs)
@settings(max_examples=40, deadline=None)
def test_spearman_is_the_correlation_of_midranks(data: list[tuple[int, int]]) -> None:
    x, y = np.array(data, float).T
    found, ranked = spearman(x, y), permutation_correlation(rankdata(x), rankdata(y))
    assert found.estimate == pytest.approx(ranked.estimate, nan_ok=True)
    assert found.p == pytest.approx(ranked.p, nan_ok=True)
    assert spearman(x, y, p="permutation_exact").p == pytest.approx(found.p, nan_ok=True)


def test_scipy_still_uses_a_t_approximation() -> None:
    assert spearmanr(X, Y).pvalue == pytest.approx(0.0416, abs=5e-5)
    assert spearman(X, Y).p == pytest.approx(0.0583, abs=5e-5)


@given(samples, samples)
@settings(max_examples=60, deadline=None)
def test_two_samples_count_all_divisions(a: list[int], b: list[int]) -> None:
    pooled, m = np.array([*a, *b], float), len(a)
    groups = [list(group) for group in combinations(range(len(pooled)), m)]
    d = np.array([pooled[group].mean() - np.delete(pooled, group).mean() for group in groups])
    found = permutation_two_sample(a, b)
    assert found.difference == pytest.approx(d[0])
    assert found.p == np.mean(np.abs(d) >= abs(d[0]) - 1e-9)
    tails = np.mean(d >= d[0] - 1e-9), np.mean(d <= d[0] + 1e-9)
    assert found.p_twice_smaller == pytest.approx(min(1, 2 * min(tails)))


def test_twice_the_smaller_tail_is_what_scipy_calls_two_sided() -> None:
    a, b = [1, 2, 3, 10], [4, 5, 6, 7, 8]
    theirs = permutation_test((a, b), lambda x, y, axis: x.mean(axis) - y.mean(axis), vectorized=True).pvalue
    found = permutation_two_sample(a, b)
    assert found.p_twice_smaller == pytest.approx(theirs)
    assert found.p < theirs


def test_medians_serve_ordinal_grades() -> None:
    found = permutation_two_sample([1, 2, 2], [3, 3, 1], statistic="median_difference")
    pooled = np.array([1, 2, 2, 3, 3, 1])
    groups = [list(group) for group in combinations(range(6), 3)]
    d = [np.median(pooled[group]) - np.median(np.delete(pooled, group)) for group in groups]
    assert found.difference == -1
    assert found.p == np.mean(np.abs(d) >= 1)


def test_groups_swap_sides() -> None:
    there, back = permutation_two_sample([1, 5, 9], [2, 3]), permutation_two_sample([2, 3], [1, 5, 9])
    assert back.difference == -there.difference
    assert back.p == there.p


@pytest.mark.parametrize(
    ("n", "method", "arrangements"),
    [(9, "spearman, exact", math.factorial(9)), (10, "spearman, monte_carlo", RESAMPLES)],
    ids=["nine", "ten"],
)
def test_more_than_nine_units_are_sampled(n: int, method: str, arrangements: int) -> None:
    rng = np.random.default_rng(3)
    found = spearman(rng.normal(size=n), rng.normal(size=n))
    assert (found.method, found.arrangements) == (method, arrangements)


def test_sampled_p_values_come_near_the_exact_ones() -> None:
    exact, drawn = spearman(X, Y), spearman(X, Y, p="monte_carlo")
    assert drawn.method == "spearman, monte_carlo"
    # four standard errors of 99,999 draws
    assert drawn.p == pytest.approx(exact.p, abs=4 * math.sqrt(exact.p / RESAMPLES))
    assert permutation_two_sample(X, Y, exact=False).p == pytest.approx(permutation_two_sample(X, Y).p, abs=0.007)


def test_sampled_p_values_repeat_with_their_seed_and_are_never_zero() -> None:
    x = np.arange(12.0)
    assert spearman(x, x).p == 1 / (RESAMPLES + 1)
    assert spearman(x, x**2 % 7, seed=1) == spearman(x, x**2 % 7, seed=np.random.default_rng(1))
    assert spearman(x, x**2 % 7, seed=1).p != spearman(x, x**2 % 7, seed=2).p


def test_orders_and_divisions_are_complete() -> None:
    blocks, is_all = orders(5, exact=True, seed=1)
    assert is_all
    assert {tuple(row) for block in blocks for row in block} == set(permutations(range(5)))
    blocks, is_all = divisions(6, 2, exact=True, seed=1)
    rows = [row for block in blocks for row in block]
    assert is_all
    assert {frozenset(row[:2]) for row in rows} == {frozenset(pair) for pair in combinations(range(6), 2)}
    assert all(sorted(row) == list(range(6)) for row in rows)
    assert divisions(20, 10, exact=True, seed=1)[1] is (math.comb(20, 10) <= MOST_ENUMERATED) is True


def test_blocks_do_not_change_what_is_enumerated(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = permutation_two_sample(X, Y)
    monkeypatch.setattr("reform_analysis.statistics.arrangements._CHUNK", 100)
    assert permutation_two_sample(X, Y) == whole
    assert sum(len(block) for block in orders(11, exact=True, seed=1)[0]) == RESAMPLES


@given(pairs, st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_order_and_scale_of_pairs_are_irrelevant(data: list[tuple[int, int]], seed: int) -> None:
    x, y = np.array(data, float).T
    order = np.random.default_rng(seed).permutation(len(x))
    found, shuffled = permutation_correlation(x, y), permutation_correlation(1e6 * x[order] + 3, -y[order])
    assert shuffled.estimate == pytest.approx(-found.estimate, nan_ok=True, abs=1e-9)
    assert shuffled.p == pytest.approx(found.p, nan_ok=True)


@pytest.mark.parametrize("function", [spearman, permutation_correlation])
@pytest.mark.parametrize(
    ("x", "y"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [2, 2, 2]), ([1], [2])], ids=["x", "y", "one-pair"]
)
def test_constant_input_has_no_correlation(function: object, x: list, y: list) -> None:
    found = function(x, y)
    assert math.isnan(found.estimate)
    assert math.isnan(found.p)
    assert found.flags == {"constant"}


def test_equal_values_do_not_differ() -> None:
    found = permutation_two_sample([4, 4], [4, 4, 4])
    assert (found.difference, found.p, found.p_twice_smaller) == (0, 1, 1)


def test_missing_values_are_dropped_and_counted() -> None:
    found = spearman([*X, None, 3], [*Y, 2, None])
    assert (found.n, found.n_missing, found.p) == (6, 2, spearman(X, Y).p)
    assert permutation_two_sample([1, None, 2], [3, 4]).n_missing == 1


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (spearman, {"x": [1, 2], "y": [1]}, "x, y must have the same length"),
        (spearman, {"x": [], "y": []}, "x and y without missing values must hold at least one value"),
        (spearman, {"x": [None], "y": [1]}, "must hold at least one value"),
        (spearman, {"x": [1, 2], "y": [1, 2], "p": "t"}, "p must be one of exact, permutation_exact, monte_carlo"),
        (permutation_correlation, {"x": [1], "y": [1], "method": "kendall"}, "method must be one of pearson, spearman"),
        (permutation_two_sample, {"a": [], "b": [1]}, "a must hold at least one value"),
        (permutation_two_sample, {"a": [1], "b": [None]}, "b must hold at least one value"),
        (permutation_two_sample, {"a": [1], "b": [2], "statistic": "t"}, "statistic must be one of mean_difference"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
