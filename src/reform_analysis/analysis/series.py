"""Series of one quantity at several dates, each date with the bounds that its figures leave together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from reform_analysis.evidence.interval import Interval

# what is known of a figure: its day, its bounds, its identifier
Known = tuple[pd.Timestamp, float, float, str]
_KNOWN_COLUMNS = ("period_end", "low", "high", "observation_id")

REFORM_DAY = date(2025, 7, 1)

# what a comparison needs of a figure; selecting rows costs by the column, and analyses select hundreds of times
CORE_COLUMNS = (
    "observation_id",
    "source_id",
    "family",
    "indicator",
    "scope",
    "breakdown",
    "place_id",
    "place_name",
    "geo_level",
    "status",
    "qualifier",
    "period_start",
    "period_end",
    "date_precision",
    "value",
    "low",
    "high",
    "note",
)


class Point(NamedTuple):
    """What is known of a quantity on one day; ``is_conflict``: no value lies in the bounds of all its figures."""

    date: date
    low: float
    high: float
    estimate: float
    is_conflict: bool
    observations: str

    @property
    def bounds(self) -> Interval:
        """The bounds as an interval."""
        return Interval(self.low, self.high)


def same_thing(
    figures: pd.DataFrame, indicator: str, *, scope: str = "", breakdown: str = "", place_id: str | None = None
) -> pd.DataFrame:
    """Return the figures of one indicator, scope and breakdown (and place): those that may be compared."""
    return figures[_is_same(figures, indicator, scope, breakdown, place_id)]


def points_of(
    figures: pd.DataFrame,
    indicator: str,
    *,
    scope: str = "",
    breakdown: str = "",
    place_id: str | None = None,
    start: date | None = None,
) -> dict[date, Point]:
    """Return the `points` of `same_thing`; with ``start``, of the figures that count from that day."""
    keep = _is_same(figures, indicator, scope, breakdown, place_id)
    if start is not None:
        keep &= (figures["period_start"] == pd.Timestamp(start)).to_numpy()
    rows = np.flatnonzero(keep)
    return points(zip(*(figures[name].array[rows].tolist() for name in _KNOWN_COLUMNS), strict=True))


def _is_same(
    figures: pd.DataFrame, indicator: str, scope: str, breakdown: str, place_id: str | None
) -> npt.NDArray[np.bool_]:
    """Return whether each figure is of one indicator, scope and breakdown (and place)."""
    # arrays of numpy: analyses ask for hundreds of series, and a comparison of pandas costs several times as much
    keep = figures["indicator"].to_numpy() == indicator
    keep &= (figures["scope"].to_numpy() == scope) & (figures["breakdown"].to_numpy() == breakdown)
    if place_id is not None:
        keep &= figures["place_id"].to_numpy() == place_id
    return keep


def core(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures with the columns that comparisons need and no others."""
    return figures[[name for name in CORE_COLUMNS if name in figures]]


def points(known: Iterable[Known]) -> dict[date, Point]:
    """Return what comparable figures (see `same_thing`) leave together at each date, in order of date.

    A point has the bounds common to the figures of its date, or, where they conflict, bounds that enclose them all;
    its estimate is their middle. Figures without bounds are left out.
    """
    groups: dict[pd.Timestamp, list[tuple[float, float, str]]] = {}
    for day, low, high, identifier in known:
        if low == low:
            groups.setdefault(day, []).append((low, high, identifier))
    found = {}
    for day in sorted(groups):
        lows, highs, identifiers = zip(*groups[day], strict=True)
        low, high = max(lows), min(highs)
        conflict = low > high
        if conflict:
            low, high = min(lows), max(highs)
        found[day.date()] = Point(day.date(), low, high, (low + high) / 2, conflict, " ".join(sorted(identifiers)))
    return found


def grouped_points(figures: pd.DataFrame, *by: str) -> dict[tuple[Any, ...], dict[date, Point]]:
    """Return the `points` of each group of figures that agree in the columns ``by``, in order of first appearance."""
    lists = (figures[name].tolist() for name in (*_KNOWN_COLUMNS, *by))
    groups: dict[tuple[Any, ...], list[Known]] = {}
    for day, low, high, identifier, *key in zip(*lists, strict=True):
        groups.setdefault(tuple(key), []).append((day, low, high, identifier))
    return {key: points(known) for key, known in groups.items()}


def series_of(
    figures: pd.DataFrame, indicator: str, *, scope: str = "", breakdown: str = "", place_id: str | None = None
) -> pd.DataFrame:
    """Return `points_of` as a table: one row a date, the columns of `Point`."""
    dated = points_of(figures, indicator, scope=scope, breakdown=breakdown, place_id=place_id)
    return pd.DataFrame(dated.values(), columns=Point._fields)


def boxes(series: pd.DataFrame) -> list[list[float]]:
    """Return the bounds of a series as ``[low, high]`` pairs, the form that `statistics` takes."""
    return series[["low", "high"]].to_numpy().tolist()


def period_starts(dates: list[date], *, start: date = REFORM_DAY) -> list[date]:
    """Return the first day of each period between cumulative reports: the start, then the day after each report."""
    return [start, *(day + timedelta(days=1) for day in dates[:-1])]
