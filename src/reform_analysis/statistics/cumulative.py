"""Cumulative series of printed figures: what happened *between* two reports that each count from the start.

Vocabulary: a *total* counts all units since the start, a *part* those of them with an attribute; a *period* lies
between two report dates, the first one between the start and the first date.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reform_analysis.statistics import linear
from reform_analysis.statistics.result import FloatArray, check_choice, result
from reform_analysis.statistics.series import (
    Day,
    Ends,
    period_days,
    read_calendar,
    read_intervals,
)

DAY_COUNTS = ("calendar", "working")

# "as of" times inside a day are not printed: below a week they could move a rate by more than a seventh
SHORTEST_PERIOD = 7

# ten times the tolerance to which the programmes are solved, relative to the rates
SOLVER_SLACK = 10 * linear.TOLERANCE

NATIONAL_DAY = "2025-09-02"


@result
class PeriodBounds:
    """What a cumulative series says of each of its K periods; intervals are (lower, upper), both ends possible.

    Attributes
    ----------
    feasible : bool
        Whether any true series agrees with all printed figures; where none does, all bounds are NaN.
    days : (K,) array of int
        Length of each period.
    period_total, period_part : (K, 2) array
        Units of each period, and those of them with the attribute.
    period_share : (K, 2) array
        Their quotient as a fraction; [0, 1] where nothing may have happened in the period.
    rate_per_day : (K, 2) array
        Units of the period per day.
    last_rate_minus_previous : (2,) array
        Difference of the last two rates; NaN with one period.
    acceleration : str
        ``"certain"`` where that difference can only be positive, ``"excluded"`` where only negative, else
        ``"not determined"``.
    min_inflation : float
        The smallest common factor on all half-widths that makes the figures agree; NaN where they do already.
    estimand, method : str
        Always ``"descriptive"``: the periods are counted completely; ``"linear_programming"``.
    n_missing : int
        Totals, parts and shares that were not given for a date.
    flags : frozenset of str
        ``infeasible``, ``short_period`` (a period under seven calendar days), ``share_undetermined``.
    inputs : mapping
        The data the function was given.
    """

    feasible: bool
    days: NDArray[np.int64]
    period_total: FloatArray
    period_part: FloatArray
    period_share: FloatArray
    rate_per_day: FloatArray
    last_rate_minus_previous: FloatArray
    acceleration: str
    min_inflation: float
    estimand: str
    method: str
    n_missing: int
    flags: frozenset[str]
    inputs: Mapping[str, Any]


def decumulate(
    start: Day,
    dates: Sequence[Day],
    total: Sequence[Ends | None],
    part: Sequence[Ends | None] | None = None,
    share: Sequence[Ends | None] | None = None,
    *,
    day_count: str = "calendar",
    holidays: Sequence[Day] = (NATIONAL_DAY,),
) -> PeriodBounds:
    """Sharp bounds on the flow, the share and the rate of each period of a cumulative series.

    Parameters
    ----------
    start : date or ISO string
        The first day counted.
    dates : (K,) sequence of dates
        Report dates in order; the last day counted each time.
    total, part : (K,) sequence of [low, high] or None
        Intervals of the printed totals and parts. A missing interval or end is None or NaN.
    share : (K,) sequence of [low, high] or None
        Intervals of the printed cumulative shares part / total, as fractions.
    day_count : {"calendar", "working"}
        Whether `days` and rates count all days, or Monday to Friday without `holidays`.
    holidays : sequence of dates
        Days off, besides weekends.

    Returns
    -------
    PeriodBounds
        Bounds for each period and for the difference of the last two rates.

    Raises
    ------
    ValueError
        If lengths differ, the dates do not ascend from the start, an interval is reversed or negative, a share
        lies above 1, or a period has no working day.

    Notes
    -----
    Totals and parts are unknowns that lie in their boxes, never fall, and keep each part and each period's part
    within its total; each quantity is bounded by linear programmes over all of them at once; those of totals alone
    are solved in closed form. Subtracting the
    intervals instead counts the same rounding twice; subtracting or averaging rounded shares gives no period
    share at all. The two last rates share a total, so their difference is one programme, not two intervals.
    Give one family of sources at a time: a splice of two counts is no series.

    References
    ----------
    Charnes A, Cooper WW (1962). Naval Research Logistics Quarterly 9:181-186. doi:10.1002/nav.3800090303

    Examples
    --------
    4.4 million applications to 19 August, 74.7 % online; 14.5 million to 28 October, of which 12.1 million online:

    >>> found = decumulate(
    ...     "2025-07-01",
    ...     ["2025-08-19", "2025-10-28"],
    ...     total=[(4.35e6, 4.45e6), (14.45e6, 14.55e6)],
    ...     part=[None, (12.05e6, 12.15e6)],
    ...     share=[(0.7465, 0.7475), (0.825, 0.835)],
    ... )
    >>> found.days.tolist(), found.period_share[1].round(4).tolist(), found.acceleration
    ([50, 70], [0.8626, 0.8744], 'certain')
    """
    first, ends = read_calendar(start, dates)
    boxes = {
        "total": read_intervals("total", total, len(ends)),
        "part": read_intervals("part", part, len(ends)),
        "share": read_intervals("share", share, len(ends)),
    }
    _check_fractions(boxes["share"])
    facts = _facts(boxes)
    days = period_days(first, ends, check_choice("day_count", day_count, DAY_COUNTS), holidays)
    bounds = _bounds(facts, boxes, days)
    feasible = not np.isnan(bounds["period_total"]).any()
    flags = set() if feasible else {"infeasible"}
    if feasible and any(linear.may_be_zero(facts, low) for low, _ in bounds["period_total"]):
        flags.add("share_undetermined")
    if (period_days(first, ends, "calendar", ()) < SHORTEST_PERIOD).any():
        flags.add("short_period")
    return PeriodBounds(
        feasible=feasible,
        days=days,
        **bounds,
        rate_per_day=bounds["period_total"] / days[:, None],
        acceleration=_acceleration(bounds["last_rate_minus_previous"], bounds["period_total"] / days[:, None]),
        min_inflation=np.nan if feasible else linear.smallest_inflation(facts),
        estimand="descriptive",
        method="linear_programming",
        n_missing=sum(int(np.isnan(values).any(axis=1).sum()) for values in boxes.values()),
        flags=frozenset(flags),
        inputs={"start": str(first), "dates": ends.astype(str).tolist(), **boxes},
    )


def _check_fractions(share: FloatArray) -> None:
    """Raise ValueError where a share can only be a percentage."""
    if (share[:, 0] > 1).any():
        raise ValueError(
            f"share must be a fraction in [0, 1]; got {np.nanmax(share[:, 0]):g}. Divide percentages by 100"
        )


def _facts(boxes: Mapping[str, FloatArray]) -> linear.Facts:
    """Boxes, order and part-in-total of a series, for the solver."""
    K = len(boxes["total"])
    T, O = [f"total {t}" for t in range(K)], [f"part {t}" for t in range(K)]
    bounds = {T[t]: _given(boxes["total"][t]) for t in range(K)}
    bounds |= {O[t]: _given(boxes["part"][t]) for t in range(K)}
    at_least_zero = [{T[t]: 1, O[t]: -1} for t in range(K)]
    for s, t in zip(range(K - 1), range(1, K), strict=True):
        at_least_zero += [{T[t]: 1, T[s]: -1}, {O[t]: 1, O[s]: -1}, {T[t]: 1, T[s]: -1, O[t]: -1, O[s]: 1}]
    shares = [
        {"part": {O[t]: 1}, "total": {T[t]: 1}, "low": low or 0.0, "high": 1.0 if high is None else high}
        for t, (low, high) in enumerate(map(_given, boxes["share"]))
        if (low, high) != (None, None)
    ]
    rows = [{"coef": coef, "op": ">=", "rhs": 0} for coef in at_least_zero]
    return linear.read_facts([*T, *O], bounds, rows, shares)


def _given(ends: FloatArray) -> tuple[float | None, float | None]:
    """The ends of one interval, None where one is missing or infinite."""
    low, high = (float(end) if np.isfinite(end) else None for end in ends)
    return low, high


def _bounds(facts: linear.Facts, boxes: Mapping[str, FloatArray], days: NDArray[np.int64]) -> dict[str, FloatArray]:
    """Bounds of all periods, NaN where no true series agrees with all figures."""
    if any(np.isfinite(boxes[name]).any() for name in ("part", "share")):
        return _from_parts(facts, days) if linear.is_feasible(facts) else _no_bounds(len(days))
    low, high = _tightened(boxes["total"])
    return _from_totals(low, high, days) if (low <= high).all() else _no_bounds(len(days))


def _from_parts(facts: linear.Facts, days: NDArray[np.int64]) -> dict[str, FloatArray]:
    """Bounds of all periods of a series that agrees, each end by one programme over all facts at once."""
    K = len(days)
    # row t: the total of period t, as weights on the totals and on the parts
    flow = np.eye(K) - np.eye(K, k=-1)
    totals, parts = np.hstack([flow, np.zeros((K, K))]), np.hstack([np.zeros((K, K)), flow])
    flows = np.array([linear.sum_range(facts, total) for total in totals])
    shares = [
        (0.0, 1.0) if linear.may_be_zero(facts, low) else linear.share_range(facts, part, total)
        for (low, _), part, total in zip(flows, parts, totals, strict=True)
    ]
    difference = np.full(2, np.nan)
    if K > 1:
        difference = np.array(linear.sum_range(facts, totals[-1] / days[-1] - totals[-2] / days[-2]))
    return {
        "period_total": flows,
        "period_part": np.array([linear.sum_range(facts, part) for part in parts]),
        # a share at its limit may pass it by the last bit
        "period_share": np.clip(shares, 0.0, 1.0),
        "last_rate_minus_previous": difference,
    }


def _tightened(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ends of totals that never fall: no total lies below an earlier one's least, or above a later one's most."""
    low, high = np.nan_to_num(totals[:, 0], nan=0.0), np.nan_to_num(totals[:, 1], nan=np.inf, posinf=np.inf)
    return np.maximum.accumulate(low), np.minimum.accumulate(high[::-1])[::-1]


def _from_totals(low: FloatArray, high: FloatArray, days: NDArray[np.int64]) -> dict[str, FloatArray]:
    """Bounds of all periods from tightened totals alone, where the programmes have a solution in closed form."""
    K = len(days)
    least, most = np.maximum(low - np.r_[0.0, high[:-1]], 0.0), high - np.r_[0.0, low[:-1]]
    difference = np.full(2, np.nan)
    if K > 1:
        # one total stands in both rates: the last is greatest, and the one before least, where that total is least
        before_low, before_high = (low[-3], high[-3]) if K > 2 else (0.0, 0.0)
        difference[0] = max(low[-1] - high[-2], 0.0) / days[-1] - (high[-2] - before_low) / days[-2]
        difference[1] = (high[-1] - low[-2]) / days[-1] - max(low[-2] - before_high, 0.0) / days[-2]
    return {
        "period_total": np.column_stack([least, most]),
        # anything from nothing to the whole may have been part
        "period_part": np.column_stack([np.zeros(K), most]),
        "period_share": np.tile((0.0, 1.0), (K, 1)),
        "last_rate_minus_previous": difference,
    }


def _no_bounds(K: int) -> dict[str, FloatArray]:
    """NaN for all periods of a series that contradicts itself."""
    nothing = dict.fromkeys(("period_total", "period_part", "period_share"), np.full((K, 2), np.nan))
    return {**nothing, "last_rate_minus_previous": np.full(2, np.nan)}


def _acceleration(difference: FloatArray, rates: FloatArray) -> str:
    """What the bounds of the rate difference say of its sign, beyond what the solver's tolerance may add."""
    slack = SOLVER_SLACK * rates[np.isfinite(rates)].max(initial=0.0)
    if difference[0] > slack:
        return "certain"
    return "excluded" if difference[1] < -slack else "not determined"
