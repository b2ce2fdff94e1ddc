"""What the answers of notebook 04 share: which figures may enter, whose they are, which tier they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Quantity
from reform_analysis.analysis.series import REFORM_DAY, Point, points_of
from reform_analysis.evidence.interval import MISSING, Interval

# what an answer about places needs of a figure
PLACE_COLUMNS = (
    "observation_id",
    "indicator",
    "scope",
    "breakdown",
    "place_id",
    "place_name",
    "province_id",
    "period_start",
    "period_end",
    "low",
    "high",
    "date_precision",
    "note",
)

# tier -> scope of the figures of a province
TIER_SCOPES = {
    "all": ("", "commune_tier", "province_tier"),
    "commune": ("commune_tier",),
    "province": ("province_tier",),
}

UNKNOWN_LABELS = {
    "volume": "No national count of dossiers had been published for this date.",
    "online": "No share of dossiers lodged online had been published for this date.",
    "supply": "Neither offer nor use of fully online procedures had been published for this date.",
    "on_time": "No place's rate of dossiers on time had been published for this date.",
    "load": "No place's count of dossiers since 1 July had been published for this date.",
    "index": "No part of the service index of a place had been published for this date.",
    "payments": "No number and value of online payments had been published for this date.",
}

LEVEL_LABELS = {
    ("province", ""): "whole province",
    ("province", "commune_tier"): "communes of the province",
    ("province", "province_tier"): "provincial bodies",
    ("commune", ""): "whole commune",
}


def is_dated(figures: pd.DataFrame) -> pd.Series:
    """Return whether each figure has a date of its own: an undated page dates nothing."""
    notes = zip(figures["date_precision"].tolist(), figures["note"].tolist(), strict=True)
    dated = [precision != "approximate" or "undated" not in str(note) for precision, note in notes]
    return pd.Series(dated, index=figures.index, dtype=bool)


def since_reform(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the dated figures that count from 1 July."""
    return figures[is_dated(figures) & (figures["period_start"] == pd.Timestamp(REFORM_DAY))]


def of_places(figures: pd.DataFrame, tier: str) -> pd.DataFrame:
    """Return the undisputed figures of provinces and communes that speak of ``tier``, and their level in words."""
    spoken = {("province", scope) for scope in TIER_SCOPES[tier]}
    if tier in ("all", "commune"):
        spoken.add(("commune", ""))
    keys = list(zip(figures["geo_level"].tolist(), figures["scope"].tolist(), strict=True))
    keep = np.array([key in spoken for key in keys], dtype=bool) & (figures["status"] != "disputed").to_numpy()
    levels = [LEVEL_LABELS[key] for key, kept in zip(keys, keep, strict=True) if kept]
    return figures.loc[keep, [name for name in PLACE_COLUMNS if name in figures]].assign(level=levels)


def national(figures: pd.DataFrame, indicator: str, *, scope: str = "", start: date | None = None) -> dict[date, Point]:
    """Return a national figure by date; with ``start``, from the figures that count from that day."""
    return points_of(figures, indicator, scope=scope, place_id="VN", start=start)


def interval_at(series: Mapping[date, Point], day: date, *, scale: float = 1.0) -> Interval:
    """Return the bounds of a series at a date, times ``scale``; missing where it has none."""
    return series[day].bounds * scale if day in series else MISSING


def box(interval: Interval) -> list[float] | None:
    """Return an interval as `statistics` takes it, None where it is missing."""
    return None if interval.is_missing else [interval.low, interval.high]


def joined(*ids: str) -> str:
    """Return lists of observation ids as one list, each once."""
    return " ".join(dict.fromkeys(" ".join(ids).split()))


def ids_at(series: Iterable[Mapping[date, Point]], day: date) -> str:
    """Return the observations behind several series at a date."""
    return joined(*(one[day].observations for one in series if day in one))


def last_of(series: Mapping[date, Point]) -> Point | None:
    """Return the last point of a series, None where it has none."""
    return series[max(series)] if series else None


def lowest_classes(figures: pd.DataFrame, observations: Iterable[str]) -> list[str]:
    """Return the least reliable class among the sources behind each list of observation ids."""
    classes = dict(zip(figures["observation_id"].tolist(), figures["reliability"].tolist(), strict=True))
    return [max((classes[one] for one in ids.split() if one in classes), default="") for ids in observations]


def own_rows(table: pd.DataFrame, place: str, provinces: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the place a reader asked for: a province, or ``commune, province``."""
    name, _, province = place.partition(", ")
    commune = LEVEL_LABELS["commune", ""]
    if not province:
        return table[(table["place"] == name) & (table["level"] != commune)]
    codes = provinces.loc[provinces["name"] == province, "place_id"]
    return table[(table["place"] == name) & table["province_id"].isin(codes) & (table["level"] == commune)]


def is_country(place: str) -> bool:
    """Return whether the reader asked for the whole country."""
    return place == "Việt Nam"


def quantity(interval: Interval, unit: str = "count") -> Quantity:
    """Return an interval as a quantity with its middle."""
    return Quantity((interval.low + interval.high) / 2, interval.low, interval.high, unit)


def share_of(row: pd.Series) -> Quantity:
    """Return the estimate and bounds of a row as a share."""
    return Quantity(row["estimate"], row["low"], row["high"], "share")


def middle(table: pd.DataFrame) -> pd.Series:
    """Return the middles of the bounds, where both are finite."""
    return ((table["low"] + table["high"]) / 2).where(np.isfinite(table["low"] + table["high"]))
