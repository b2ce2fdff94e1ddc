"""Dates and intervals of a series of printed figures, and whether a series that can only rise does."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reform_analysis.statistics.result import (
    FloatArray,
    as_numbers,
    check_not_empty,
    check_same_length,
    result,
)

Day = str | date | np.datetime64
Ends = Sequence[float | None]
Days = NDArray[np.datetime64]


@result
class MonotoneCheck:
    """Where a series that can only rise falls.

    Attributes
    ----------
    violations : tuple of (int, int)
        Positions (earlier, later), from 0, where the later figure lies wholly below the earlier one.
    max_gap : float
        The largest distance between the two; 0 without violations.
    n, n_missing : int
        Figures, and those among them without an interval.
    inputs : mapping
        The data the function was given.
    """

    violations: tuple[tuple[int, int], ...]
    max_gap: float
    n: int
    n_missing: int
    inputs: Mapping[str, Any]


def monotone_series(dates: Sequence[Day], intervals: ArrayLike) -> MonotoneCheck:
    """Pairs of dates between which a cumulative figure falls, whatever the rounding.

    Parameters
    ----------
    dates : (K,) sequence of dates
        Report dates, in any order; two figures of one date are not compared.
    intervals : (K, 2) array
        [low, high] of each figure. None or NaN takes part in no comparison.

    Returns
    -------
    MonotoneCheck
        All such pairs, not only of neighbours, and the largest gap.

    Raises
    ------
    ValueError
        If lengths differ, there is no figure, or an interval is reversed.

    Notes
    -----
    A fall is no error by itself: it means a revision or another scope, which the series must not be spliced over.

    Examples
    --------
    Resignations of officials to four dates of 2025; the last figure is 7 below the one before:

    >>> found = monotone_series(
    ...     ["2025-08-19", "2025-09-17", "2025-10-14", "2025-12-02"],
    ...     [[94001, 94999], [141444, 141444], [146846, 146846], [146839, 146839]],
    ... )
    >>> found.violations, found.max_gap
    (((2, 3),), 7.0)
    """
    when = read_days(dates)
    boxes = read_intervals("intervals", intervals, len(when))
    later = when[:, None] < when[None, :]
    gaps = np.where(later, boxes[:, 0][:, None] - boxes[:, 1][None, :], np.nan)
    falls = gaps > 0
    return MonotoneCheck(
        violations=tuple((int(i), int(j)) for i, j in np.argwhere(falls)),
        max_gap=float(gaps[falls].max(initial=0.0)),
        n=len(when),
        n_missing=int(np.isnan(boxes).any(axis=1).sum()),
        inputs={"dates": when.astype(str).tolist(), "intervals": boxes},
    )


def read_days(dates: Sequence[Day]) -> Days:
    """Dates of any kind as days; ValueError for what is no date."""
    try:
        days = np.atleast_1d(np.array(dates, dtype="datetime64[D]"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"dates must be dates or ISO 8601 strings; got {dates!r}") from error
    check_not_empty("dates", days)
    return days


def read_calendar(start: Day, dates: Sequence[Day]) -> tuple[np.datetime64, Days]:
    """First day and report days; ValueError unless they ascend."""
    first, ends = read_days([start])[0], read_days(dates)
    if ends[0] < first or (np.diff(ends) <= np.timedelta64(0, "D")).any() or np.isnat([first, *ends]).any():
        raise ValueError(f"dates must ascend from start; got {', '.join(map(str, ends))}, start {first}")
    return first, ends


def period_days(first: np.datetime64, ends: Days, day_count: str, holidays: Sequence[Day]) -> NDArray[np.int64]:
    """Days of each period: the first holds both its ends, the later ones begin the day after a report."""
    begins = np.append(first, ends[:-1] + 1)
    if day_count == "calendar":
        return (ends - begins).astype(int) + 1
    off = np.array(holidays, dtype="datetime64[D]")
    working = np.asarray(np.busday_count(begins, ends + 1, holidays=off), dtype=np.int64)
    if (working == 0).any():
        empty = int(np.argmin(working))
        raise ValueError(f"a period must have a working day; got none to {ends[empty]}. Use day_count='calendar'")
    return working


def read_intervals(name: str, values: Any, length: int) -> FloatArray:
    """(K, 2) ends, NaN where none is given; ValueError for another length, reversed or negative ends."""
    rows = [None] * length if values is None else list(values)
    ends = [(None, None) if row is None else tuple(row) for row in rows]
    if any(len(row) != 2 for row in ends):
        raise ValueError(f"{name} must hold [low, high] or None for each date; got {rows}")
    boxes = as_numbers(name, ends, infinite=True).reshape(-1, 2)
    check_same_length(**{"dates": np.empty(length), name: boxes})
    if (boxes[:, 0] > boxes[:, 1]).any():
        raise ValueError(f"{name} must hold [low, high] with low <= high; got {rows}")
    if (boxes < 0).any():
        raise ValueError(f"{name} must be at least 0; got {rows}")
    return boxes
