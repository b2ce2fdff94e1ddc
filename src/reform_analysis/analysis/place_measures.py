"""Notebook 06, measures: the latest volume, online share, punctuality and index of places, and those of the nation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.chosen_place import Chosen
from reform_analysis.analysis.digital_load import load_by_place
from reform_analysis.analysis.digital_rows import LEVEL_LABELS, joined, national, of_places, since_reform
from reform_analysis.analysis.series import REFORM_DAY, Point, grouped_points
from reform_analysis.evidence.interval import Interval

# scope of a national figure -> whose count it is
SERIES_LABELS = {
    "": "Government Office",
    "home_affairs_series": "Ministry of Home Affairs",
    "commune_tier": "Government Office, communes",
}

# the columns of figures that say whose they are, and their names in an answer
_PLACE = ("place_id", "place_name", "level")
_NAMES = ("place_id", "place", "level")

# share -> (printed share, its part, its whole)
_SHARES = {
    "online": ("online_share", "applications_received_online", "applications_received"),
    "on_time": ("on_time_rate", "applications_resolved_on_time", "applications_resolved"),
}


def latest_measures(
    services: pd.DataFrame, provinces: pd.DataFrame, chosen: Chosen, population_source: str
) -> Iterator[pd.DataFrame]:
    """Yield the latest figure of each measure and level: of every province, or of the one commune."""
    columns = ["place_id", "place", "level", "end", "estimate", "low", "high", "observations"]
    yield pd.DataFrame(columns=["key", *columns])
    is_ours = services["place_id"] == chosen.place_id if chosen.is_commune else services["geo_level"] == "province"
    ours = services[is_ours]
    # communes have no population; a count without an upper end gives no rate
    if population_source != "none" and not chosen.is_commune:
        volume = load_by_place(ours[np.isfinite(ours["high"])], provinces).table
        if len(volume):
            yield volume.loc[volume["estimate"].notna(), columns].assign(key="volume")
    rows = of_places(since_reform(ours), "all")
    codes = {code for measure in _SHARES.values() for code in measure}
    kept = rows[rows["indicator"].isin(codes) & (rows["breakdown"] == "")]
    series = grouped_points(kept, *_PLACE, "indicator")
    latest = [
        {"key": key, **dict(zip(_NAMES, place, strict=True)), **share}
        for place in sorted({key[:-1] for key in series})
        for key, measure in _SHARES.items()
        if (share := _latest_share(*(series.get((*place, code), {}) for code in measure))) is not None
    ]
    scores = of_places(ours[ours["indicator"] == "service_quality_index"], "all")
    for place, scored in sorted(grouped_points(scores[scores["breakdown"] == ""], *_PLACE).items()):
        last = scored[max(scored)]
        bounds = {"end": last.date, "low": last.low, "high": last.high, "estimate": last.estimate}
        named = dict(zip(_NAMES, place, strict=True))
        latest.append({"key": "index", **named, **bounds, "observations": last.observations})
    if latest:
        yield pd.DataFrame(latest)


def _latest_share(
    stated: dict[date, Point], parts: dict[date, Point], wholes: dict[date, Point]
) -> dict[str, object] | None:
    """Return the latest share of a place: printed, from counts, or what both allow together."""
    counted = [day for day in parts if day in wholes]
    if not stated and not counted:
        return None
    day = max([*stated, *counted])
    bounds, ids = Interval(0, 1), []
    if day in stated:
        bounds, ids = Interval(stated[day].low / 100, stated[day].high / 100), [stated[day].observations]
    # a total whose widest reading reaches zero bounds no share
    if day in counted and wholes[day].low > 0:
        ratio = parts[day].bounds / wholes[day].bounds
        ratio = Interval(ratio.low, min(ratio.high, 1.0))
        # a share and counts that exclude each other are of two definitions: the bounds then hold both
        bounds = bounds.intersect(ratio) or bounds.hull(ratio)
        ids += [parts[day].observations, wholes[day].observations]
    middle = (bounds.low + bounds.high) / 2
    return {"end": day, "estimate": middle, "low": bounds.low, "high": bounds.high, "observations": joined(*ids)}


def national_measures(services: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Return the national figures that places may be set beside: same measure, all dossiers, since 1 July."""
    rows: list[tuple[object, ...]] = []
    people = float(provinces["population"].sum())
    for scope, series in SERIES_LABELS.items():
        for report in national(services, "applications_received", scope=scope, start=REFORM_DAY).values():
            days = (report.date - REFORM_DAY).days + 1
            ends = (1000 * end / days / people for end in (report.low, report.high))
            level = LEVEL_LABELS["province", "commune_tier" if scope == "commune_tier" else ""]
            rows.append(("volume", level, series, report.date, *ends, report.observations))
        for key, (share, _, _) in _SHARES.items():
            for report in national(services, share, scope=scope, start=REFORM_DAY).values():
                ends = (end / 100 for end in (report.low, report.high))
                rows.append((key, LEVEL_LABELS["province", ""], series, report.date, *ends, report.observations))
    return pd.DataFrame(rows, columns=["key", "level", "series", "date", "low", "high", "observations"])
