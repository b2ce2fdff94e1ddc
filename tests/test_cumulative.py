"""Cumulative series: true series stay inside their bounds, bounds beat subtraction, days, edges, errors."""

from datetime import date
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reform_analysis.statistics import decumulate, monotone_series

START = "2025-07-01"
DATES = ["2025-07-31", "2025-08-19", "2025-09-30", "2025-10-28"]

# the solver's tolerance on figures scaled to 1, with room for the division by days
SOLVED = 1e-7


def rounded(value: float, unit: float) -> tuple[float, float]:
    """The interval that a count rounded to the unit stands for."""
    nearest = round(value / unit) * unit
    return max(nearest - unit / 2, 0), nearest + unit / 2


@st.composite
def true_series(draw: st.DrawFn) -> dict[str, object]:
    """A series of whole units in periods, and what a report rounds it to; some figures are not printed."""
    flows = draw(st.lists(st.integers(50, 4000), min_size=1, max_size=4))
    online = [draw(st.integers(0, flow)) for flow in flows]
    totals, parts = np.cumsum(flows), np.cumsum(online)
    unit = draw(st.sampled_from([1, 10, 100]))

    def some(intervals: list[tuple[float, float]]) -> list[tuple[float, float] | None]:
        return [interval if draw(st.booleans()) else None for interval in intervals]

    return {
        "flows": flows,
        "online": online,
        "total": [rounded(value, unit) for value in totals],
        "part": some([rounded(value, unit) for value in parts]),
        "share": some([rounded(part / total, 0.01) for part, total in zip(parts, totals, strict=True)]),
    }


def bounds_of(series: dict[str, object]) -> object:
    dates = DATES[: len(series["flows"])]
    return decumulate(START, dates, series["total"], series["part"], series["share"])


@settings(max_examples=25)
@given(true_series())
def test_every_valid_completion_lies_inside(series: dict[str, object]) -> None:
    found = bounds_of(series)
    assert found.feasible
    flows, online = np.array(series["flows"]), np.array(series["online"])
    for truth, bounds in [
        (flows, found.period_total),
        (online, found.period_part),
        (online / flows, found.period_share),
        (flows / found.days, found.rate_per_day),
    ]:
        slack = SOLVED * max(1, truth.max())
        assert (bounds[:, 0] <= truth + slack).all()
        assert (truth <= bounds[:, 1] + slack).all()
    if len(flows) > 1:
        difference = flows[-1] / found.days[-1] - flows[-2] / found.days[-2]
        low, high = found.last_rate_minus_previous
        assert low - 1e-4 <= difference <= high + 1e-4


@settings(max_examples=25)
@given(true_series())
def test_bounds_are_never_wider_than_subtraction(series: dict[str, object]) -> None:
    found = bounds_of(series)
    ends = [(0.0, 0.0), *series["total"]]
    for (low, high), (previous, following) in zip(found.period_total, pairwise(ends), strict=True):
        assert low >= max(following[0] - previous[1], 0) - 1e-4
        assert high <= following[1] - previous[0] + 1e-4
    if len(ends) > 2:
        rates = found.rate_per_day
        low, high = found.last_rate_minus_previous
        assert low >= rates[-1, 0] - rates[-2, 1] - 1e-4
        assert high <= rates[-1, 1] - rates[-2, 0] + 1e-4


@settings(max_examples=25)
@given(true_series())
def test_totals_alone_are_bounded_as_the_programmes_bound_them(series: dict[str, object]) -> None:
    totals = [None if len(series["flows"]) == 3 and t == 1 else ends for t, ends in enumerate(series["total"])]
    alone = bounds_of({**series, "total": totals, "part": None, "share": None})
    # a part that is at least nothing says nothing, but puts all totals to the solver
    solved = bounds_of({**series, "total": totals, "part": [(0, None)] * len(totals), "share": None})
    for name in ("period_total", "period_part", "period_share", "last_rate_minus_previous"):
        assert getattr(alone, name) == pytest.approx(getattr(solved, name), abs=1e-4, nan_ok=True)
    assert (alone.acceleration, alone.flags) == (solved.acceleration, solved.flags)


def test_totals_that_fall_contradict_without_a_programme() -> None:
    found = decumulate(START, DATES[:3], [(100, 110), None, (80, 90)])
    assert not found.feasible
    assert np.isnan(found.period_total).all()


@settings(max_examples=25)
@given(true_series())
def test_a_coarser_print_never_narrows(series: dict[str, object]) -> None:
    wider = {**series, "total": [(low * 0.99, high * 1.01) for low, high in series["total"]]}
    found, other = bounds_of(series), bounds_of(wider)
    assert (other.period_total[:, 0] <= found.period_total[:, 0] + 1e-4).all()
    assert (other.period_share[:, 1] >= found.period_share[:, 1] - SOLVED).all()


def can_reach(series: dict[str, object], period: int, share: float, at_least: bool) -> bool:
    """Whether some series agrees with all figures and has at least (at most) this share in the period.

    Written anew: flows of each period as unknowns, online and offline, so that order needs no constraint.
    """
    K = len(series["flows"])
    rows, limits = [], []
    for t in range(K):
        online = np.r_[np.arange(K) <= t, np.zeros(K)].astype(float)
        total = np.tile(np.arange(K) <= t, 2).astype(float)
        for row, box in ((total, series["total"][t]), (online, series["part"][t])):
            if box is not None:
                rows, limits = [*rows, row, -row], [*limits, box[1], -box[0]]
        if series["share"][t] is not None:
            low, high = series["share"][t]
            rows, limits = [*rows, online - high * total, low * total - online], [*limits, 0.0, 0.0]
    wanted = np.zeros(2 * K)
    wanted[period], wanted[K + period] = 1 - share, -share
    rows, limits = [*rows, -wanted if at_least else wanted], [*limits, 0.0]
    found = linprog(np.zeros(2 * K), np.array(rows), np.array(limits) / 1000, bounds=(0, None), method="highs")
    return found.status == 0


@settings(max_examples=25)
@given(true_series())
def test_ends_of_the_share_are_reached_and_not_passed(series: dict[str, object]) -> None:
    found = bounds_of(series)
    for period, (low, high) in enumerate(found.period_share):
        if found.period_total[period, 0] < 1:
            continue
        assert can_reach(series, period, low + 1e-4, at_least=False)
        assert can_reach(series, period, high - 1e-4, at_least=True)
        assert low == 0 or not can_reach(series, period, low - 1e-3, at_least=False)
        assert high == 1 or not can_reach(series, period, high + 1e-3, at_least=True)


def test_exact_figures_are_subtracted_exactly() -> None:
    found = decumulate(START, DATES[:2], [(100, 100), (160, 160)], [(40, 40), (85, 85)])
    assert found.period_total.tolist() == pytest.approx(np.array([[100, 100], [60, 60]]))
    assert found.period_share == pytest.approx(np.array([[0.4, 0.4], [0.75, 0.75]]), abs=1e-9)
    assert found.rate_per_day == pytest.approx(np.array([[100 / 31] * 2, [60 / 19] * 2]))
    assert found.acceleration == "excluded"


def test_rate_difference_is_that_of_the_corners() -> None:
    boxes = [(90, 110), (200, 240), (400, 410)]
    found = decumulate(START, DATES[:3], boxes)
    days = found.days
    corners = [(last - middle) / days[2] - (middle - first) / days[1] for first, middle, last in product(*boxes)]
    assert found.last_rate_minus_previous == pytest.approx([min(corners), max(corners)], abs=1e-9)


@pytest.mark.parametrize(
    ("second", "verdict"),
    [((180, 190), "certain"), ((130, 135), "excluded"), ((140, 180), "not determined")],
    ids=["faster", "slower", "open"],
)
def test_acceleration_is_claimed_only_from_certain_signs(second: tuple[float, float], verdict: str) -> None:
    # 31 days, then 19: 98-102 units to the first date
    assert decumulate(START, DATES[:2], [(98, 102), second]).acceleration == verdict


def test_equal_rates_are_no_acceleration() -> None:
    found = decumulate(START, DATES[:2], [(310, 310), (500, 500)])
    assert found.last_rate_minus_previous == pytest.approx([0, 0], abs=1e-9)
    assert found.acceleration == "not determined"


def test_one_report_has_one_period_and_no_difference() -> None:
    found = decumulate(START, [DATES[0]], [(100, 110)], share=[(0.5, 0.6)])
    assert found.period_total == pytest.approx(np.array([[100, 110]]))
    assert found.period_share == pytest.approx(np.array([[0.5, 0.6]]))
    assert np.isnan(found.last_rate_minus_previous).all()
    assert found.acceleration == "not determined"


def test_a_period_in_which_nothing_may_have_happened_has_an_open_share() -> None:
    found = decumulate(START, DATES[:2], [(95, 105), (95, 105)], [(50, 50), (50, 50)])
    assert found.period_share[1].tolist() == [0, 1]
    assert found.period_total[1] == pytest.approx([0, 10])
    assert "share_undetermined" in found.flags


def test_a_missing_total_is_bounded_by_its_neighbours() -> None:
    found = decumulate(START, DATES[:3], [(100, 100), None, (160, 160)])
    assert found.period_total[1:] == pytest.approx(np.array([[0, 60], [0, 60]]))
    assert found.n_missing == 1 + 6


def test_a_part_that_is_not_printed_lies_within_its_total() -> None:
    found = decumulate(START, DATES[:2], [(100, 110), (160, 160)])
    assert found.period_part == pytest.approx(np.array([[0, 110], [0, 60]]))
    assert found.period_share == pytest.approx(np.array([[0, 1], [0, 1]]))


def test_a_missing_last_total_is_open_above() -> None:
    found = decumulate(START, DATES[:2], [(100, 100), None])
    assert found.period_total[1].tolist() == pytest.approx([0, np.inf])
    assert found.last_rate_minus_previous[1] == np.inf


@pytest.mark.parametrize("missing", [None, (None, None), (np.nan, np.nan), (0, np.inf)])
def test_spellings_of_a_missing_interval_are_one(missing: object) -> None:
    found = decumulate(START, DATES[:2], [(100, 100), (160, 160)], [missing, (80, 90)])
    assert found.period_part == pytest.approx(np.array([[20, 90], [0, 60]]))


def test_a_part_that_outgrows_its_total_contradicts() -> None:
    found = decumulate(START, DATES[:2], [(100, 100), (110, 110)], [(10, 10), (40, 40)])
    assert not found.feasible
    assert np.isnan(found.period_total).all()
    assert np.isnan(found.rate_per_day).all()
    assert found.flags == {"infeasible"}
    # no half-width to inflate: exact figures of different definitions
    assert found.min_inflation == np.inf


def test_inflation_measures_how_far_the_figures_disagree() -> None:
    # totals 100 and 90, half-widths 2: the later can reach the earlier once 100 - 2 f = 90 + 2 f
    found = decumulate(START, DATES[:2], [(98, 102), (88, 92)])
    assert found.min_inflation == pytest.approx(2.5, rel=1e-6)
    assert np.isnan(decumulate(START, DATES[:2], [(98, 102), (100, 104)]).min_inflation)


def test_days_count_both_ends_once() -> None:
    found = decumulate(START, [date(2025, 7, 14), date(2025, 7, 31)], [(1, 1), (2, 2)])
    assert found.days.tolist() == [14, 17]


def test_working_days_leave_out_weekends_and_the_national_day() -> None:
    boxes = [(10, 10), (20, 20)]
    found = decumulate("2025-08-25", ["2025-08-31", "2025-09-07"], boxes, day_count="working")
    assert found.days.tolist() == [5, 4]
    longer = decumulate(
        "2025-08-25",
        ["2025-08-31", "2025-09-07"],
        boxes,
        day_count="working",
        holidays=["2025-09-01", "2025-09-02"],
    )
    assert longer.days.tolist() == [5, 3]


@pytest.mark.parametrize(("second", "short"), [("2025-07-16", True), ("2025-07-21", False)])
def test_periods_under_a_week_are_flagged(second: str, short: bool) -> None:
    found = decumulate(START, ["2025-07-14", second], [(10, 10), (20, 20)])
    assert ("short_period" in found.flags) is short


ERRORS = {
    "before start": ({"dates": ["2025-06-30"], "total": [(1, 1)]}, "dates must ascend from start"),
    "same day": ({"dates": [DATES[0], DATES[0]]}, "dates must ascend from start"),
    "backwards": ({"dates": DATES[1::-1]}, "dates must ascend from start"),
    "no date": ({"dates": [], "total": []}, "dates must hold at least one value"),
    "not a date": ({"dates": ["31/07/2025", "x"]}, "dates must be dates or ISO 8601 strings"),
    "lengths": ({"total": [(1, 1)]}, "dates, total must have the same length; got 2 of dates, 1 of total"),
    "part lengths": ({"part": [(1, 1)]}, "dates, part must have the same length"),
    "reversed": ({"total": [(1, 1), (9, 8)]}, "total must hold .low, high. with low <= high"),
    "negative": ({"total": [(-1, 1), (9, 9)]}, "total must be at least 0"),
    "one end": ({"total": [(1,), (9, 9)]}, "total must hold .low, high. or None for each date"),
    "percent": ({"share": [(74.65, 74.75), None]}, "share must be a fraction in .0, 1.; got 74.65. Divide"),
    "day count": ({"day_count": "trading"}, "day_count must be one of calendar, working"),
    "weekend": (
        {"start": "2025-08-30", "dates": ["2025-08-31", "2025-09-05"], "day_count": "working"},
        "a period must have a working day; got none to 2025-08-31",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_series_are_refused(name: str) -> None:
    changed, message = ERRORS[name]
    inputs = {"start": START, "dates": DATES[:2], "total": [(1, 1), (9, 9)], **changed}
    with pytest.raises(ValueError, match=message):
        decumulate(**inputs)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10)), min_size=1, max_size=7))
def test_falls_are_all_pairs_that_no_rounding_explains(drawn: list[tuple[int, int]]) -> None:
    boxes = [(low, low + width) for low, width in drawn]
    dates = np.arange("2025-07-01", "2025-07-08", dtype="datetime64[D]")[: len(boxes)]
    found = monotone_series(dates, boxes)
    pairs = [(i, j) for j in range(len(boxes)) for i in range(j) if boxes[j][1] < boxes[i][0]]
    assert sorted(found.violations) == sorted(pairs)
    assert found.max_gap == max((boxes[i][0] - boxes[j][1] for i, j in pairs), default=0)


def test_positions_refer_to_the_order_given() -> None:
    found = monotone_series(["2025-10-14", "2025-09-17", "2025-12-02"], [[90, 90], [80, 80], [85, 85]])
    assert found.violations == ((0, 2),)


def test_figures_of_one_day_are_not_compared() -> None:
    assert monotone_series(["2025-10-14", "2025-10-14"], [[90, 90], [80, 80]]).violations == ()


def test_missing_figures_take_part_in_no_comparison() -> None:
    found = monotone_series(DATES[:3], [[90, 90], None, [80, 80]])
    assert (found.violations, found.n_missing) == (((0, 2),), 1)


def test_unequal_lengths_of_a_series_are_refused() -> None:
    with pytest.raises(ValueError, match="dates, intervals must have the same length"):
        monotone_series(DATES, [[1, 1]])
