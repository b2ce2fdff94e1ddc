"""Notebook 06, measures: the latest volume, online share, punctuality and index of places, and those of the nation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.chosen_place import Chosen
from reform_analysis.analysis.digital_load import load_by_place
from reform_analysis.analysis.digital_rows import LEVEL_LABELS, joined, national, of_places, since_reform
from reform_analysis.analysis.series import REFORM_DAY, by_date, same_thing
from reform_analysis.evidence.interval import Interval

# scope of a national figure -> whose count it is
SERIES_LABELS = {
    "": "Government Office",
    "home_affairs_series": "Ministry of Home Affairs",
    "commune_tier": "Government Office, communes",
}
_COLUMNS = ["indicator", "place_id", "place_name", "level", "period_end", "low", "high", "observation_id"]
_NEVER = pd.DataFrame(columns=["low", "high", "observations"])

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
    kept = rows.loc[rows["indicator"].isin(codes) & (rows["breakdown"] == ""), _COLUMNS]
    for (place_id, place, level), group in kept.groupby(["place_id", "place_name", "level"]):
        dated = {code: by_date(part).set_index("date") for code, part in group.groupby("indicator")}
        for key, measure in _SHARES.items():
            latest = _latest_share(*(dated.get(code, _NEVER) for code in measure))
            if latest is not None:
                yield pd.DataFrame([{"key": key, "place_id": place_id, "place": place, "level": level, **latest}])
    scores = of_places(ours[ours["indicator"] == "service_quality_index"], "all")
    for (place_id, place, level), group in scores.loc[scores["breakdown"] == "", _COLUMNS].groupby(
        ["place_id", "place_name", "level"]
    ):
        last = by_date(group).iloc[-1].drop("is_conflict").rename({"date": "end"})
        yield pd.DataFrame([{"key": "index", "place_id": place_id, "place": place, "level": level, **last}])


def _latest_share(stated: pd.DataFrame, parts: pd.DataFrame, wholes: pd.DataFrame) -> dict[str, object] | None:
    """Return the latest share of a place: printed, from counts, or what both allow together."""
    counted = parts.index.intersection(wholes.index)
    if stated.empty and counted.empty:
        return None
    day: date = max([*stated.index, *counted])
    bounds, ids = Interval(0, 1), []
    if day in stated.index:
        bounds, ids = Interval(stated["low"][day] / 100, stated["high"][day] / 100), [stated["observations"][day]]
    # a total whose widest reading reaches zero bounds no share
    if day in counted and wholes["low"][day] > 0:
        ratio = Interval(parts["low"][day], parts["high"][day]) / Interval(wholes["low"][day], wholes["high"][day])
        ratio = Interval(ratio.low, min(ratio.high, 1.0))
        # a share and counts that exclude each other are of two definitions: the bounds then hold both
        bounds = bounds.intersect(ratio) or bounds.hull(ratio)
        ids += [parts["observations"][day], wholes["observations"][day]]
    middle = (bounds.low + bounds.high) / 2
    return {"end": day, "estimate": middle, "low": bounds.low, "high": bounds.high, "observations": joined(*ids)}


def national_measures(services: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Return the national figures that places may be set beside: same measure, all dossiers, since 1 July."""
    rows: list[dict[str, object]] = []
    people = float(provinces["population"].sum())
    for scope, series in SERIES_LABELS.items():
        for report in national(services, "applications_received", scope=scope, start=REFORM_DAY).to_dict("records"):
            days = (report["date"] - REFORM_DAY).days + 1
            ends = {name: 1000 * report[name] / days / people for name in ("low", "high")}
            level = LEVEL_LABELS["province", "commune_tier" if scope == "commune_tier" else ""]
            rows.append({"key": "volume", "level": level, "series": series, **report, **ends})
        for key, (share, _, _) in _SHARES.items():
            printed = same_thing(services, share, scope=scope, place_id="VN")
            for report in by_date(printed[printed["period_start"] == pd.Timestamp(REFORM_DAY)]).to_dict("records"):
                ends = {name: report[name] / 100 for name in ("low", "high")}
                rows.append({"key": key, "level": LEVEL_LABELS["province", ""], "series": series, **report, **ends})
    return pd.DataFrame(rows, columns=["key", "level", "series", "date", "low", "high", "observations"])
