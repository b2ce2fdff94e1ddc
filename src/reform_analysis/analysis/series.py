"""Series of one quantity at several dates, each date with the bounds that its figures leave together."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

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


def same_thing(
    figures: pd.DataFrame, indicator: str, *, scope: str = "", breakdown: str = "", place_id: str | None = None
) -> pd.DataFrame:
    """Return the figures of one indicator, scope and breakdown (and place): those that may be compared."""
    keep = (figures["indicator"] == indicator) & (figures["scope"] == scope) & (figures["breakdown"] == breakdown)
    if place_id is not None:
        keep &= figures["place_id"] == place_id
    return figures[keep]


def core(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures with the columns that comparisons need and no others."""
    return figures[[name for name in CORE_COLUMNS if name in figures]]


def by_date(figures: pd.DataFrame) -> pd.DataFrame:
    """Return one row a date: the bounds common to its figures, or all of them where they conflict.

    Parameters
    ----------
    figures
        Comparable figures (see `same_thing`).

    Returns
    -------
    DataFrame
        ``date``, ``low``, ``high``, ``estimate`` (the middle), ``is_conflict`` (no value lies in every figure's bounds;
        then the bounds enclose them all), ``observations``, in order of date.
    """
    # plain lists: analyses ask for hundreds of small series, and a group costs pandas more than the arithmetic
    known = figures[["period_end", "low", "high", "observation_id"]].to_numpy()
    groups: dict[pd.Timestamp, list[tuple[float, float, str]]] = {}
    for day, low, high, identifier in known:
        if low == low:
            groups.setdefault(day, []).append((low, high, identifier))
    rows = []
    for day in sorted(groups):
        lows, highs, identifiers = zip(*groups[day], strict=True)
        low, high = max(lows), min(highs)
        conflict = low > high
        if conflict:
            low, high = min(lows), max(highs)
        rows.append((day.date(), low, high, (low + high) / 2, conflict, " ".join(sorted(identifiers))))
    return pd.DataFrame(rows, columns=["date", "low", "high", "estimate", "is_conflict", "observations"])


def boxes(series: pd.DataFrame) -> list[list[float]]:
    """Return the bounds of a series as ``[low, high]`` pairs, the form that `statistics` takes."""
    return series[["low", "high"]].to_numpy().tolist()


def period_starts(dates: list[date], *, start: date = REFORM_DAY) -> list[date]:
    """Return the first day of each period between cumulative reports: the start, then the day after each report."""
    return [start, *(day + timedelta(days=1) for day in dates[:-1])]
