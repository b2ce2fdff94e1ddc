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
    within its total; each quantity is bounded by linear programmes over all of them at once. Subtracting the
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
    feasible = linear.is_feasible(facts)
    has_parts = any(np.isfinite(boxes[name]).any() for name in ("part", "share"))
    bounds, flags = _period_bounds(facts, days, has_parts) if feasible else _no_bounds(len(ends))
    if (period_days(first, ends, "calendar", ()) < SHORTEST_PERIOD).any():
        flags = flags | {"short_period"}
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


def _period_bounds(
    facts: linear.Facts, days: NDArray[np.int64], has_parts: bool
) -> tuple[dict[str, FloatArray], set[str]]:
    """Bounds of all periods of a series that agrees, and flags."""
    K = len(days)
    # row t: the total of period t, as weights on the totals and on the parts
    flow = np.eye(K) - np.eye(K, k=-1)
    totals, parts = np.hstack([flow, np.zeros((K, K))]), np.hstack([np.zeros((K, K)), flow])
    flows = np.array([linear.sum_range(facts, total) for total in totals])
    idle = [linear.may_be_zero(facts, low) for low, _ in flows]
    # without a printed part or share anything from nothing to the whole may have been part
    part_bounds = np.column_stack([np.zeros(K), flows[:, 1]])
    shares = [(0.0, 1.0)] * K
    if has_parts:
        part_bounds = np.array([linear.sum_range(facts, part) for part in parts])
        shares = [
            (0.0, 1.0) if idle[t] else linear.share_range(facts, part, total)
            for t, (part, total) in enumerate(zip(parts, totals, strict=True))
        ]
    difference = np.full(2, np.nan)
    if K > 1:
        difference = np.array(linear.sum_range(facts, totals[-1] / days[-1] - totals[-2] / days[-2]))
    bounds = {
        "period_total": flows,
        "period_part": part_bounds,
        # a share at its limit may pass it by the last bit
        "period_share": np.clip(shares, 0.0, 1.0),
        "last_rate_minus_previous": difference,
    }
    return bounds, {"share_undetermined"} if any(idle) else set()


def _no_bounds(K: int) -> tuple[dict[str, FloatArray], set[str]]:
    """NaN for all periods of a series that contradicts itself, and the flag."""
    nothing = dict.fromkeys(("period_total", "period_part", "period_share"), np.full((K, 2), np.nan))
    return {**nothing, "last_rate_minus_previous": np.full(2, np.nan)}, {"infeasible"}


def _acceleration(difference: FloatArray, rates: FloatArray) -> str:
    """What the bounds of the rate difference say of its sign, beyond what the solver's tolerance may add."""
    slack = SOLVER_SLACK * rates[np.isfinite(rates)].max(initial=0.0)
    if difference[0] > slack:
        return "certain"
    return "excluded" if difference[1] < -slack else "not determined"
