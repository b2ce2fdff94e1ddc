"""Notebook 02, lists and load: how long the lists of procedures are, and where the dossiers go."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import REFORM_DAY, points_of, same_thing, series_of
from reform_analysis.evidence.interval import Interval, interval_ratio, interval_share

TIER_LABELS = {"province": "Province", "commune": "Commune"}

LOAD_LABELS = {
    "procedures": "Procedures on the lists",
    "applications_received": "Dossiers received",
    "applications_received_online": "Dossiers received online",
}

# measure and tier -> the sentence on its share
LOAD_SENTENCE_LABELS = {
    ("procedures", "commune"): "Communes handle {share} of the local procedures on the national lists of {day}.",
    ("procedures", "province"): "Provinces handle {share} of the local procedures on the national lists of {day}.",
    ("applications_received", "commune"): "Communes received {share} of the dossiers from 1 July to {day}.",
    ("applications_received", "province"): "Provinces received {share} of the dossiers from 1 July to {day}.",
    ("applications_received_online", "commune"): "Communes received {share} of the online dossiers to {day}.",
    ("applications_received_online", "province"): "Provinces received {share} of the online dossiers to {day}.",
}

LEVEL_LABELS = {"province": "List of a province", "commune": "List reported by a commune"}

UNKNOWN_LABELS = {
    "workload": "No split of procedures or dossiers between provinces and communes had been published for this date.",
    "lists": "No commune-level list of procedures with its length had been published for this date.",
}

AXIS_LABELS = {
    "workload": {"x_label": "share of the tier"},
    "lists": {"x_label": "procedures on the commune-level list"},
}

REFERENCE_LABELS = {"reference_label": "national list"}


def is_dated(figures: pd.DataFrame) -> pd.Series:
    """Return whether each figure has a date of its own: an undated page dates nothing."""
    undated = (figures["date_precision"] == "approximate") & figures["note"].fillna("").str.contains("undated")
    return ~undated


def workload(figures: pd.DataFrame, dossiers: pd.DataFrame, *, recipient_level: str = "all") -> Answer:
    """Return each tier's share of the local procedures and of the dossiers (02.Q4).

    Parameters
    ----------
    figures, dossiers
        Figures of decentralisation and of digital services.
    recipient_level
        ``all``, ``province`` or ``commune``: the tier shown.

    Notes
    -----
    Communes and provinces are the two parts of the procedures, so their share is a / (a + b). The dossiers of communes
    are printed beside the total, so theirs is part over total, capped at 1; the provinces' is what is left.
    """
    rows = [*_procedure_shares(figures), *_dossier_shares(dossiers)]
    table = pd.DataFrame([row for row in rows if recipient_level in ("all", row["level"])])
    if table.empty:
        return not_known("02.Q4", UNKNOWN_LABELS["workload"])
    table["is_latest"] = table["date"] == table.groupby("measure")["date"].transform("max")
    return Answer(
        "02.Q4",
        table,
        sentences=tuple(_load_sentences(table)),
        key_numbers=tuple(_load_keys(table)),
        caption="Share of each tier in local procedures and in dossiers",
        columns={"measure": "Measure", "date": "Up to", "tier": "Tier", "estimate": "Share"},
        units={"estimate": "share"},
        notes="Procedures are counted once each, however often they are used; dossiers are counted as lodged.",
        forms=(
            Form(
                "paired_bars",
                title="Share of each tier in local procedures and in dossiers, latest report",
                options={"label": "measure", "series": "tier", "unit": "share", **AXIS_LABELS["workload"]},
                rows="is_latest",
            ),
        ),
    )


def _procedure_shares(figures: pd.DataFrame) -> list[dict[str, object]]:
    """Return both tiers' share of the national list of local procedures, at its latest date."""
    commune, province = (
        points_of(figures, f"procedures_{level}_level", place_id="VN") for level in ("commune", "province")
    )
    rows = []
    for day in [day for day in commune if day in province][-1:]:
        one, other = commune[day], province[day]
        middle = one.estimate / (one.estimate + other.estimate)
        ids = f"{one.observations} {other.observations}"
        rows += _both_tiers("procedures", day, middle, interval_share(one.bounds, other.bounds), ids)
    return rows


def _dossier_shares(dossiers: pd.DataFrame) -> list[dict[str, object]]:
    """Return both tiers' share of the dossiers since 1 July, at each date that prints the communes' part."""
    rows = []
    for indicator in ("applications_received", "applications_received_online"):
        part = points_of(dossiers, indicator, scope="commune_tier", place_id="VN", start=REFORM_DAY)
        whole = points_of(dossiers, indicator, place_id="VN", start=REFORM_DAY)
        for day in [day for day in part if day in whole]:
            one, every = part[day], whole[day]
            share = interval_ratio(one.bounds, every.bounds, part_of=True)
            ids = f"{one.observations} {every.observations}"
            rows += _both_tiers(indicator, day, one.estimate / every.estimate, share, ids)
    return rows


def _both_tiers(measure: str, day: object, middle: float, share: Interval, ids: str) -> list[dict[str, object]]:
    """Return the communes' share and its complement as rows."""
    ends = {"commune": (middle, share.low, share.high), "province": (1 - middle, 1 - share.high, 1 - share.low)}
    return [
        {
            "measure": LOAD_LABELS[measure],
            "date": day,
            "tier": TIER_LABELS[level],
            "level": level,
            "estimate": value,
            "low": low,
            "high": high,
            "interval": "rounding",
            "observations": ids,
        }
        for level, (value, low, high) in ends.items()
    ]


def _load_sentences(table: pd.DataFrame) -> list[Sentence]:
    codes = {label: code for code, label in LOAD_LABELS.items()}
    return [
        Sentence(
            LOAD_SENTENCE_LABELS[codes[row.measure], row.level],
            {"share": Quantity(row.estimate, row.low, row.high, "share"), "day": row.date},
        )
        for row in table[table["level"] == table["level"].iloc[0]].itertuples()
    ] + _stability(table)


def _stability(table: pd.DataFrame) -> list[Sentence]:
    """Return whether the tier's share of dossiers may have been the same at all dates, by the bounds' common part."""
    own = table[(table["level"] == table["level"].iloc[0]) & (table["measure"] == LOAD_LABELS["applications_received"])]
    low, high = own["low"].max(), own["high"].min()
    if len(own) < 2 or low > high:
        return []
    values = {"n": len(own), "share": Quantity(np.nan, low, high, "share")}
    return [Sentence("One share, {share:bounds}, agrees with all {n} reports of dossiers.", values)]


def _load_keys(table: pd.DataFrame) -> list[KeyNumber]:
    names = {label: code for code, label in LOAD_LABELS.items()}
    return [
        KeyNumber(f"{row.level}_share_{names[row.measure]}_{row.date}", row.estimate, row.low, row.high, "share")
        for row in table[table["level"] == "commune"].itertuples()
    ]


def commune_lists(figures: pd.DataFrame, *, place: str = "Việt Nam") -> Answer:
    """Return how long the printed lists of commune-level procedures are, beside the national one (02.Q5).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    place
        Province or commune that the sentences single out; the country for none.

    Notes
    -----
    One list a place, the latest. Lists of one field and lists described as standardised are other things. The spread
    is described, not tested: the places are those that were written about.
    """
    lists = same_thing(figures, "procedures_commune_level")
    table = _local_lists(lists[lists["place_id"] != "VN"])
    if table.empty:
        return not_known("02.Q5", UNKNOWN_LABELS["lists"])
    national = series_of(lists, "procedures_commune_level", place_id="VN").tail(1)
    reference = {} if national.empty else {"reference": national["estimate"].item(), **REFERENCE_LABELS}
    return Answer(
        "02.Q5",
        table,
        sentences=(*_list_sentences(table, national), *_own_list(table, place)),
        key_numbers=tuple(_list_keys(table)),
        caption="Length of the commune-level list of procedures, by place",
        columns={"place": "Place", "kind": "Kind", "date": "Date", "estimate": "Procedures", "is_dated": "Dated"},
        units={"estimate": "count"},
        notes="Lists of places that were written about; not a sample of communes or provinces.",
        forms=(
            Form(
                "interval_dots",
                title="Length of the commune-level list of procedures, by place",
                options={"label": "place", "by": "kind", "unit": "count", **AXIS_LABELS["lists"], **reference},
            ),
        ),
    )


def _local_lists(lists: pd.DataFrame) -> pd.DataFrame:
    """Return the latest list of each province and commune."""
    if lists.empty:
        return lists
    ordered = lists.assign(is_dated=is_dated(lists)).sort_values(["period_end", "observation_id"], kind="stable")
    last = ordered.drop_duplicates("place_id", keep="last").sort_values("value", ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "place": last["place_name"],
            "kind": last["geo_level"].map(LEVEL_LABELS),
            "date": last["period_end"].dt.date,
            "estimate": last["value"],
            "low": last["low"],
            "high": last["high"],
            "is_exact": last["low"] == last["high"],
            "is_dated": last["is_dated"],
            "interval": "rounding",
            "observations": last["observation_id"],
        }
    ).reset_index(drop=True)


def _variation(table: pd.DataFrame) -> float:
    """Return the coefficient of variation of the lists printed as exact counts; NaN for fewer than two."""
    exact = table.loc[table["is_exact"], "estimate"]
    return float(exact.std(ddof=1) / exact.mean()) if len(exact) > 1 else np.nan


def _list_sentences(table: pd.DataFrame, national: pd.DataFrame) -> list[Sentence]:
    mean = Quantity(table["estimate"].mean(), table["low"].mean(), table["high"].mean())
    values = {"n": len(table), "low": table["low"].min(), "high": table["high"].max(), "mean": mean}
    sentences = [
        Sentence(
            "{n} place prints the length of its commune-level list: {mean} procedures.||{n} places print the length of "
            "their commune-level list: {low} to {high} procedures, {mean} on average.",
            values,
        )
    ]
    spread = _variation(table)
    if not np.isnan(spread):
        sentences.append(
            Sentence(
                "The coefficient of variation of the {n} exact counts is {spread}.",
                {"n": int(table["is_exact"].sum()), "spread": Quantity(spread, spread, spread, "share")},
            )
        )
    if len(national) and len(table) > 1:
        whole = national["estimate"].item()
        short = int((table["high"] < national["low"].item()).sum())
        sentences.append(
            Sentence(
                "{n} of {all} lists is shorter than the national one of {whole} procedures.||"
                "{n} of {all} lists are shorter than the national one of {whole} procedures.",
                {"n": short, "all": len(table), "whole": whole},
            )
        )
    undated = int((~table["is_dated"]).sum())
    if undated:
        sentences.append(
            Sentence("{n} list stands on an undated page.||{n} lists stand on undated pages.", {"n": undated})
        )
    return sentences


def _own_list(table: pd.DataFrame, place: str) -> list[Sentence]:
    """Return how long the list of one place is, or that none is known; nothing for the country."""
    name = place.split(",")[0]
    own = table[table["place"] == name]
    if name == "Việt Nam":
        return []
    if own.empty:
        return [Sentence("For {place} no commune-level list with its length was found.", {"place": name})]
    return [Sentence("The list of {place} has {n} procedures.", {"n": own["estimate"].iloc[0], "place": name})]


def _list_keys(table: pd.DataFrame) -> list[KeyNumber]:
    mean, spread = table["estimate"].mean(), _variation(table)
    keys = [KeyNumber("mean_commune_list", mean, table["low"].mean(), table["high"].mean(), "procedures")]
    if not np.isnan(spread):
        keys.append(KeyNumber("variation_of_commune_lists", spread, spread, spread, "share", 1e-9, "a square root"))
    return keys
