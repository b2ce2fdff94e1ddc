"""What the answers of notebook 04 share: which figures may enter, whose they are, which tier they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Quantity
from reform_analysis.analysis.series import REFORM_DAY, by_date, same_thing
from reform_analysis.evidence.interval import MISSING, Interval

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
    undated = (figures["date_precision"] == "approximate") & figures["note"].fillna("").str.contains("undated")
    return ~undated


def since_reform(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the dated figures that count from 1 July."""
    return figures[is_dated(figures) & (figures["period_start"] == pd.Timestamp(REFORM_DAY))]


def of_places(figures: pd.DataFrame, tier: str) -> pd.DataFrame:
    """Return the undisputed figures of provinces and communes that speak of ``tier``, and their level in words."""
    keep = (figures["geo_level"] == "province") & figures["scope"].isin(TIER_SCOPES[tier])
    if tier in ("all", "commune"):
        keep |= (figures["geo_level"] == "commune") & (figures["scope"] == "")
    kept = figures[keep & (figures["status"] != "disputed")]
    keys = zip(kept["geo_level"], kept["scope"], strict=True)
    return kept.assign(level=[LEVEL_LABELS[key] for key in keys])


def national(figures: pd.DataFrame, indicator: str, *, scope: str = "", start: date | None = None) -> pd.DataFrame:
    """Return one row a date of a national figure; with ``start``, of those that count from that day."""
    rows = same_thing(figures, indicator, scope=scope, place_id="VN")
    return by_date(rows[rows["period_start"] == pd.Timestamp(start)] if start else rows)


def interval_at(series: pd.DataFrame, day: date, *, scale: float = 1.0) -> Interval:
    """Return the bounds of a series at a date, times ``scale``; missing where it has none."""
    rows = series[series["date"] == day]
    return Interval(*(rows[["low", "high"]].to_numpy()[0] * scale)) if len(rows) else MISSING


def box(interval: Interval) -> list[float] | None:
    """Return an interval as `statistics` takes it, None where it is missing."""
    return None if interval.is_missing else [interval.low, interval.high]


def joined(*ids: str) -> str:
    """Return lists of observation ids as one list, each once."""
    return " ".join(dict.fromkeys(" ".join(ids).split()))


def ids_at(series: Iterable[pd.DataFrame], day: date) -> str:
    """Return the observations behind several series at a date."""
    return joined(*(one for rows in series for one in rows.loc[rows["date"] == day, "observations"]))


def lowest_class(figures: pd.DataFrame, observations: str) -> str:
    """Return the least reliable class among the sources of some figures."""
    return str(figures.loc[figures["observation_id"].isin(observations.split()), "reliability"].max())


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
