"""Bounds by linear programming: against all vertices, against all whole-number completions, and their errors."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reform_analysis.statistics import lp_bounds

# HiGHS and a 3 x 3 solve agree to rounding
SAME = 1e-8

NAMES = ("a", "b", "c")
box = st.tuples(st.integers(0, 6), st.integers(0, 4)).map(lambda drawn: [drawn[0], drawn[0] + drawn[1]])
row = st.tuples(st.tuples(*[st.integers(-2, 2)] * 3), st.sampled_from(["<=", ">=", "=="]), st.integers(-8, 14))


def constraint(drawn: tuple[tuple[int, ...], str, int]) -> dict[str, object]:
    coef, op, rhs = drawn
    return {"coef": dict(zip(NAMES, coef, strict=True)), "op": op, "rhs": rhs}


def holds(point: np.ndarray, drawn: tuple[tuple[int, ...], str, int]) -> bool:
    coef, op, rhs = drawn
    gap = float(np.dot(coef, point)) - rhs
    return {"<=": gap <= 1e-9, ">=": gap >= -1e-9, "==": abs(gap) <= 1e-9}[op]


def vertices(boxes: list[list[int]], rows: list[tuple[tuple[int, ...], str, int]]) -> list[np.ndarray]:
    """All feasible points where three of the faces meet: where a linear target has its extremes."""
    faces = [(np.eye(3)[i], end) for i, ends in enumerate(boxes) for end in ends]
    faces += [(np.array(coef, dtype=float), rhs) for coef, _, rhs in rows]
    found = []
    for three in combinations(faces, 3):
        matrix = np.array([face for face, _ in three])
        if abs(np.linalg.det(matrix)) > 1e-9:
            point = np.linalg.solve(matrix, [rhs for _, rhs in three])
            inside = all(lo - 1e-9 <= x <= hi + 1e-9 for x, (lo, hi) in zip(point, boxes, strict=True))
            if inside and all(holds(point, drawn) for drawn in rows):
                found.append(point)
    return found


@settings(max_examples=60)
@given(st.lists(box, min_size=3, max_size=3), st.lists(row, max_size=3), st.tuples(*[st.integers(-3, 3)] * 3))
def test_sum_has_the_extremes_of_the_vertices(
    boxes: list[list[int]], rows: list[tuple[tuple[int, ...], str, int]], weights: tuple[int, ...]
) -> None:
    target = {"num": dict(zip(NAMES, weights, strict=True))}
    found = lp_bounds(NAMES, dict(zip(NAMES, boxes, strict=True)), [constraint(r) for r in rows], target)
    corners = [float(np.dot(weights, point)) for point in vertices(boxes, rows)]
    assert found.feasible == bool(corners)
    if corners:
        assert (found.lower, found.upper) == pytest.approx((min(corners), max(corners)), abs=SAME)
    else:
        assert np.isnan([found.lower, found.upper]).all()


@settings(max_examples=60)
@given(st.lists(box, min_size=3, max_size=3), st.lists(row, max_size=2))
def test_share_has_the_extremes_of_the_vertices(
    boxes: list[list[int]], rows: list[tuple[tuple[int, ...], str, int]]
) -> None:
    # a / (a + b + 1 of c's box): keep the denominator positive by moving c away from 0
    boxes = [*boxes[:2], [boxes[2][0] + 1, boxes[2][1] + 1]]
    target = {"num": {"a": 1}, "den": {"a": 1, "b": 1, "c": 1}}
    found = lp_bounds(NAMES, dict(zip(NAMES, boxes, strict=True)), [constraint(r) for r in rows], target)
    corners = [float(point[0] / point.sum()) for point in vertices(boxes, rows)]
    if corners:
        assert (found.lower, found.upper) == pytest.approx((min(corners), max(corners)), abs=SAME)
    else:
        assert not found.feasible


@settings(max_examples=40)
@given(st.lists(box, min_size=3, max_size=3), st.integers(0, 20))
def test_no_whole_number_completion_lies_outside_and_some_reach_the_ends(boxes: list[list[int]], total: int) -> None:
    # parts of a printed total: these constraints have whole-number vertices, so the ends are attained by counts
    rows = [((1, 1, 1), "==", total)]
    completions = [point for point in product(*[range(lo, hi + 1) for lo, hi in boxes]) if sum(point) == total]
    found = lp_bounds(
        NAMES, dict(zip(NAMES, boxes, strict=True)), [constraint(r) for r in rows], {"num": {"a": 1, "b": -1}}
    )
    assert found.feasible == bool(completions)
    if completions:
        values = [a - b for a, b, _ in completions]
        assert (found.lower, found.upper) == pytest.approx((min(values), max(values)), abs=SAME)


def test_millions_are_as_exact_as_units() -> None:
    bounds = {"T": [14_450_000, 14_550_000], "O": [12_050_000, 12_150_000]}
    found = lp_bounds(["T", "O"], bounds, [], {"num": {"T": 1, "O": -1}})
    assert (found.lower, found.upper) == pytest.approx((2_300_000, 2_500_000), rel=1e-12)


def test_printed_share_binds_like_two_constraints() -> None:
    bounds, target = {"T": [90, 110], "O": [10, 100]}, {"num": {"O": 1}}
    rows = [
        {"coef": {"O": 1, "T": -0.6}, "op": "<=", "rhs": 0},
        {"coef": {"O": 1, "T": -0.5}, "op": ">=", "rhs": 0},
    ]
    share = {"part": {"O": 1}, "total": {"T": 1}, "low": 0.5, "high": 0.6}
    by_rows = lp_bounds(["T", "O"], bounds, rows, target)
    by_share = lp_bounds(["T", "O"], bounds, [], target, shares=[share])
    assert (by_share.lower, by_share.upper) == pytest.approx((45, 66))
    assert (by_rows.lower, by_rows.upper) == pytest.approx((by_share.lower, by_share.upper))


def test_a_missing_end_is_zero_below_and_open_above() -> None:
    found = lp_bounds(["x"], {"x": [None, None]}, [], {"num": {"x": 2}})
    assert (found.lower, found.upper, found.flags) == (0, np.inf, {"unbounded"})
    assert lp_bounds(["x"], {}, [], {"num": {"x": 1}}).lower == 0


def test_a_single_completion_is_an_estimate() -> None:
    assert lp_bounds(["x"], {"x": [3, 3]}, [], {"num": {"x": 1}}).estimate == 3
    assert np.isnan(lp_bounds(["x"], {"x": [3, 4]}, [], {"num": {"x": 1}}).estimate)


def test_a_denominator_that_may_be_zero_is_flagged() -> None:
    found = lp_bounds(
        ["O", "T"],
        {"T": [0, 5]},
        [{"coef": {"O": 1, "T": -1}, "op": "<=", "rhs": 0}],
        {"num": {"O": 1}, "den": {"T": 1}},
    )
    assert (found.lower, found.upper) == pytest.approx((0, 1))
    assert found.flags == {"denominator_may_be_zero"}


def test_a_denominator_that_is_zero_leaves_no_share() -> None:
    found = lp_bounds(["O", "T"], {"O": [0, 1], "T": [0, 0]}, [], {"num": {"O": 1}, "den": {"T": 1}})
    assert found.feasible
    assert np.isnan([found.lower, found.upper]).all()


def test_inflation_is_the_factor_that_makes_boxes_meet() -> None:
    # centres 10 and 16, half-widths 1 and 2: equal once 10 + f = 16 - 2 f
    found = lp_bounds(
        ["x", "y"],
        {"x": [9, 11], "y": [14, 18]},
        [{"coef": {"x": 1, "y": -1}, "op": "==", "rhs": 0}],
        {"num": {"x": 1}},
    )
    assert not found.feasible
    assert found.flags == {"infeasible"}
    assert found.min_inflation == pytest.approx(2, rel=1e-8)


def test_inflation_widens_printed_shares_too() -> None:
    # share centre 0.65, half-width 0.05, total 100, part 50: met once 0.65 - 0.05 f = 0.5
    found = lp_bounds(
        ["O", "T"],
        {"O": [50, 50], "T": [100, 100]},
        [],
        {"num": {"O": 1}},
        shares=[{"part": {"O": 1}, "total": {"T": 1}, "low": 0.6, "high": 0.7}],
    )
    assert found.min_inflation == pytest.approx(3, rel=1e-7)


def test_exact_figures_that_disagree_cannot_be_inflated() -> None:
    facts = [{"coef": {"x": 1}, "op": "==", "rhs": 4}]
    assert lp_bounds(["x"], {"x": [3, 3]}, facts, {"num": {"x": 1}}).min_inflation == np.inf


def test_agreeing_facts_need_no_inflation() -> None:
    assert np.isnan(lp_bounds(["x"], {"x": [3, 4]}, [], {"num": {"x": 1}}).min_inflation)


GOOD = {"variables": ["x"], "bounds": {"x": [0, 1]}, "constraints": [], "target": {"num": {"x": 1}}}
ERRORS = {
    "no variable": ({"variables": [], "bounds": {}}, "variables must be different names, at least one"),
    "twice": ({"variables": ["x", "x"]}, "variables must be different names"),
    "bound of stranger": ({"bounds": {"y": [0, 1]}}, "bounds must name the variables x; got y"),
    "reversed": ({"bounds": {"x": [2, 1]}}, "bounds must be .low, high. with low <= high"),
    "one end": ({"bounds": {"x": [2]}}, "bounds must be .low, high.; got .2. for x"),
    "operator": (
        {"constraints": [{"coef": {"x": 1}, "op": "<", "rhs": 0}]},
        "op must be one of <=, >=, ==; got '<'",
    ),
    "stranger": ({"constraints": [{"coef": {"z": 1}, "op": "<=", "rhs": 0}]}, "constraints must name the variables"),
    "no rhs": ({"constraints": [{"coef": {"x": 1}, "op": "<="}]}, "a constraint must hold coef, op, rhs; got coef, op"),
    "target": ({"target": {"num": {"z": 1}}}, "target must name the variables x; got z"),
    "no target": ({"target": {}}, "target must hold num; got nothing"),
    "share": (
        {"shares": [{"part": {"x": 1}, "total": {"x": 1}, "low": 0.7, "high": 0.6}]},
        "shares must have low <= high; got low = 0.7, high = 0.6",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_facts_are_refused(name: str) -> None:
    changed, message = ERRORS[name]
    with pytest.raises(ValueError, match=message):
        lp_bounds(**{**GOOD, **changed})
