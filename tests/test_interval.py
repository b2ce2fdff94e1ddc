import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reform_analysis.evidence.interval import (
    MISSING,
    Interval,
    as_interval,
    interval_ratio,
    interval_share,
)

counts = st.integers(0, 10**7)


@st.composite
def intervals(draw, low=0, high=10**7):
    ends = sorted([draw(st.integers(low, high)), draw(st.integers(low, high))])
    return Interval(*ends)


@st.composite
def intervals_with_point(draw, low=0):
    interval = draw(intervals(low))
    return interval, draw(st.integers(interval.low, interval.high))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(Interval(1, 2) + Interval(10, 20), (11, 22), id="sum"),
        pytest.param(Interval(1, 2) - Interval(10, 20), (-19, -8), id="difference"),
        pytest.param(Interval(-1, 2) * Interval(3, 4), (-4, 8), id="product across zero"),
        pytest.param(Interval(1, 2) / Interval(4, 5), (0.2, 0.5), id="quotient"),
        pytest.param(10 - Interval(1, 2), (8, 9), id="number minus interval"),
        pytest.param(10 / Interval(2, 5), (2, 5), id="number over interval"),
        pytest.param(3 * Interval(1, 2) + 1, (4, 7), id="numbers mix in"),
        pytest.param(Interval(0, math.inf) * 0, (0, 0), id="zero times infinity"),
        pytest.param(Interval(1, 5).hull(Interval(8, 9)), (1, 9), id="hull"),
        pytest.param(Interval(1, 5).hull(MISSING), (1, 5), id="missing adds nothing to a hull"),
        pytest.param(Interval(1, 5).intersect(Interval(3, 9)), (3, 5), id="intersection"),
    ],
)
def test_arithmetic(result, expected):
    assert (result.low, result.high) == pytest.approx(expected)


@given(intervals_with_point(1), intervals_with_point(1))
def test_results_contain_the_result_of_any_points(a, b):
    (x, point_x), (y, point_y) = a, b
    assert (x + y).contains(point_x + point_y)
    assert (x - y).contains(point_x - point_y)
    assert (x * y).contains(point_x * point_y)
    quotient = x / y
    assert quotient.low <= point_x / point_y * (1 + 1e-12)
    assert quotient.high >= point_x / point_y * (1 - 1e-12)


def test_missing_spreads_and_meets_nothing():
    assert (MISSING + 1).is_missing
    assert (MISSING * 2).is_missing
    assert (MISSING / Interval(1, 2)).is_missing
    assert not MISSING.overlaps(Interval(0, 1))
    assert MISSING.intersect(Interval(0, 1)) is None
    assert math.isnan(MISSING.gap(Interval(0, 1)))


@pytest.mark.parametrize("divisor", [Interval(-1, 1), Interval(0, 1), Interval(0, 0)])
def test_a_divisor_that_may_be_zero_is_refused(divisor):
    with pytest.raises(ZeroDivisionError, match="divisor must exclude 0"):
        Interval(1, 2) / divisor


@pytest.mark.parametrize(("low", "high"), [(2, 1), (math.nan, 1), (1, math.nan)])
def test_ends_in_the_wrong_order_are_refused(low, high):
    with pytest.raises(ValueError, match="low <= high"):
        Interval(low, high)


@pytest.mark.parametrize(
    ("interval", "first", "last"),
    [
        pytest.param(Interval(620, 630, True, True), 621, 629, id="open ends drop out"),
        pytest.param(Interval(620, 630), 620, 630, id="closed ends stay"),
        pytest.param(Interval(2.5, 7.2), 3, 7, id="between whole numbers"),
    ],
)
def test_integers(interval, first, last):
    assert (interval.integers()[0], interval.integers()[-1]) == (first, last)


def test_integers_of_an_unbounded_interval_are_refused():
    with pytest.raises(ValueError, match="two finite ends"):
        Interval(0, math.inf).integers()


@pytest.mark.parametrize(
    ("a", "b", "meets"),
    [
        pytest.param(Interval(1, 2), Interval(2, 3), True, id="touching closed ends"),
        pytest.param(Interval(1, 2, high_open=True), Interval(2, 3), True, id="open ends count as closed"),
        pytest.param(Interval(1, 2), Interval(2.1, 3), False, id="apart"),
    ],
)
def test_overlaps_agrees_with_intersect_and_gap(a, b, meets):
    assert a.overlaps(b) is b.overlaps(a) is meets
    assert (a.intersect(b) is not None) is meets
    assert (a.gap(b) == 0) is meets


def test_intersection_and_hull_keep_the_openness_of_the_end_they_take():
    wide, narrow = Interval(0, 10, True, True), Interval(0, 10)
    assert wide.intersect(narrow) == Interval(0, 10, True, True)
    assert wide.hull(narrow) == Interval(0, 10)


@given(intervals_with_point(), intervals_with_point())
def test_share_contains_the_share_of_any_points(a, b):
    (x, point_x), (y, point_y) = a, b
    assume(point_x + point_y > 0)
    share = interval_share(x, y)
    assert share.low - 1e-12 <= point_x / (point_x + point_y) <= share.high + 1e-12
    assert 0 <= share.low <= share.high <= 1


@given(intervals(1), intervals(1))
def test_share_is_sharper_than_plain_division(a, b):
    share, naive = interval_share(a, b), a / (a + b)
    assert naive.low <= share.low + 1e-12
    assert share.high <= naive.high + 1e-12


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        pytest.param(Interval(0, 0), Interval(0, 0), math.nan, math.nan, id="nothing at all"),
        pytest.param(Interval(0, 5), Interval(0, 0), 1, 1, id="no second part"),
        pytest.param(Interval(0, 0), Interval(0, 5), 0, 0, id="no first part"),
        pytest.param(Interval(5, math.inf), Interval(5, 5), 0.5, 1, id="unbounded part"),
        pytest.param(MISSING, Interval(5, 5), math.nan, math.nan, id="missing part"),
    ],
)
def test_share_at_its_edges(a, b, low, high):
    share = interval_share(a, b)
    assert (share.low, share.high) == pytest.approx((low, high), nan_ok=True)


@pytest.mark.parametrize(
    ("num", "den", "options", "low", "high", "conflict"),
    [
        pytest.param((1, 2), (4, 5), {}, 0.2, 0.5, False, id="plain"),
        pytest.param((4, 6), (5, 5), {"part_of": True}, 0.8, 1, False, id="a part stops at 1"),
        pytest.param((6, 7), (5, 5), {"part_of": True}, math.nan, math.nan, True, id="part over whole"),
        pytest.param((0, 1), (0, 0), {}, math.nan, math.nan, False, id="no denominator"),
        pytest.param((1, 2), (0, 4), {}, 0.25, math.inf, False, id="denominator may be zero"),
        pytest.param((1, math.inf), (2, math.inf), {"part_of": True}, 0, 1, False, id="unbounded"),
    ],
)
def test_ratio(num, den, options, low, high, conflict):
    ratio = interval_ratio(Interval(*num), Interval(*den), **options)
    assert (ratio.low, ratio.high) == pytest.approx((low, high), nan_ok=True)
    assert ratio.conflict is conflict


def test_ratio_takes_the_printed_share_into_account():
    ratio = interval_ratio(Interval(50, 60), Interval(100, 100), printed_share=Interval(0.55, 0.65))
    assert (ratio.low, ratio.high) == (0.55, 0.6)


@pytest.mark.parametrize("function", [interval_share, interval_ratio])
def test_negative_counts_are_refused(function):
    with pytest.raises(ValueError, match="must be a count >= 0"):
        function(Interval(-1, 1), Interval(1, 2))


def test_numbers_become_intervals_of_themselves():
    assert as_interval(3) == Interval(3, 3)
    assert as_interval(Interval(1, 2)) == Interval(1, 2)
