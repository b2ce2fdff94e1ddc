"""Published figures as plain records, for analyses that set single figures side by side."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd


class Figure(NamedTuple):
    """One figure with bounds; columns as in the processed observations."""

    observation_id: str
    source_id: str
    family: str
    reprint_group: str
    reliability: str
    indicator: str
    scope: str
    breakdown: str
    place_id: str
    place_name: str
    geo_level: str
    period_end: pd.Timestamp
    status: str
    qualifier: str
    value: float
    low: float
    high: float


def records(*frames: pd.DataFrame) -> list[Figure]:
    """Return the figures that have bounds, each once, in order."""
    found: dict[str, Figure] = {}
    for frame in frames:
        for figure in map(Figure._make, zip(*(frame[name].tolist() for name in Figure._fields), strict=True)):
            if figure.low == figure.low:
                found.setdefault(figure.observation_id, figure)
    return list(found.values())
