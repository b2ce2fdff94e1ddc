"""Notebook 04, supply and use: procedures offered fully online, and dossiers that went fully online."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.digital_rows import (
    LEVEL_LABELS,
    UNKNOWN_LABELS,
    ids_at,
    is_country,
    lowest_classes,
    middle,
    national,
    of_places,
    own_rows,
    share_of,
)
from reform_analysis.analysis.series import grouped_points
from reform_analysis.evidence.interval import interval_ratio, interval_share
from reform_analysis.statistics import lp_bounds

_WHOLE = LEVEL_LABELS["province", ""]

MEASURE_LABELS = {
    "supply": "Offered: procedures fully online, of those online",
    "use": "Used: dossiers fully online, of all",
}

# scope of the printed use -> the level shown
USE_LABELS = {"": "All levels", "central_tier": "Ministries", "local_tier": "Provinces and communes"}

USE_SENTENCE_LABELS = {
    "": "Of all dossiers to {end}, {share} went online from start to result.",
    "central_tier": "Of the dossiers of ministries to {end}, {share} went online from start to result.",
    "local_tier": "Of the dossiers of provinces and communes to {end}, {share} went online from start to result.",
}

AXIS_LABELS = {"share": {"x_label": "share fully online"}}


def supply_and_use(
    figures: pd.DataFrame, provinces: pd.DataFrame, *, place: str = "Việt Nam", tier: str = "all"
) -> Answer:
    """Return the share of procedures offered fully online beside the share of dossiers that used it (04.Q3).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    provinces
        The provinces of the register.
    place
        A place whose offer is told as well.
    tier
        ``all``, ``province`` or ``commune``: whose offer; use is printed for the country only.

    Notes
    -----
    Supply: procedures offered in full over procedures offered online (in full or in part), a quotient of two printed
    counts of one place. Use: printed. The share of dossiers that ministries must carry for the three printed uses to
    agree follows by linear-fractional programming (`statistics.lp_bounds`).
    """
    parts = [part for part in (_use(figures), _supply(figures, tier)) if len(part)]
    if not parts:
        return not_known("04.Q3", UNKNOWN_LABELS["supply"])
    table = pd.concat(parts, ignore_index=True)
    table["interval"] = "rounding"
    table["estimate"] = middle(table)
    table["reliability"] = lowest_classes(figures, table["observations"])
    weight = _ministry_weight(table)
    return Answer(
        "04.Q3",
        table,
        sentences=(
            *_use_sentences(table),
            *_weight_sentences(weight),
            *_supply_sentences(table),
            *_own(table, place, provinces),
        ),
        key_numbers=tuple(_keys(table, weight)),
        caption="Procedures offered fully online and dossiers that went fully online",
        columns={
            "measure": "Measure",
            "place": "Place or level",
            "level": "Level",
            "start": "From",
            "end": "To",
            "estimate": "Share",
            "reliability": "Class",
        },
        units={"estimate": "share"},
        notes="Fully online (toàn trình) is defined in three ways: by what may be lodged, by what needs no visit, and "
        "by what the monitoring system records from start to result. Offer and use are shares of different things.",
        forms=_forms(),
    )


def _forms() -> tuple[Form, ...]:
    return (
        Form(
            "interval_dots",
            title="Fully online services: offered and used",
            options={"label": "place", "by": "measure", "unit": "share", "from_zero": True, **AXIS_LABELS["share"]},
            rows="is_latest",
        ),
    )


def _use(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the printed shares of dossiers that went fully online, by level and date."""
    rows = []
    for scope, label in USE_LABELS.items():
        printed = figures[
            (figures["indicator"] == "fully_online_share") & (figures["scope"] == scope) & (figures["place_id"] == "VN")
        ]
        starts = printed.groupby(printed["period_end"].dt.date)["period_start"].min()
        for row in national(figures, "fully_online_share", scope=scope).values():
            start = starts[row.date]
            rows.append(
                {
                    "measure": MEASURE_LABELS["use"],
                    "place": label,
                    "level": label,
                    "scope": scope,
                    "start": None if pd.isna(start) else start.date(),
                    "end": row.date,
                    "low": row.low / 100,
                    "high": row.high / 100,
                    "observations": row.observations,
                    "province_id": "",
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(is_latest=table["end"] == table.groupby("place")["end"].transform("max")) if rows else table


def _supply(figures: pd.DataFrame, tier: str) -> pd.DataFrame:
    """Return each place's share of procedures offered in full, from its latest day with both counts."""
    codes = ("procedures_fully_online", "procedures_on_portal", "procedures_partly_online")
    counts = of_places(figures[figures["indicator"].isin(codes)], tier)
    rows = []
    series = grouped_points(counts, "place_name", "level", "province_id", "indicator")
    for key in dict.fromkeys(key[:-1] for key in series):
        full, portal, partly = (series.get((*key, code), {}) for code in codes)
        days = [day for day in full if day in portal or day in partly]
        if not days:
            continue
        day = max(days)
        base = portal if day in portal else partly
        offered, other = full[day].bounds, base[day].bounds
        share = interval_ratio(offered, other, part_of=True) if base is portal else interval_share(offered, other)
        place, level, province = key
        rows.append((place, level, None, day, share.low, share.high, ids_at((full, base), day), province))
    columns = ["place", "level", "start", "end", "low", "high", "observations", "province_id"]
    return pd.DataFrame(rows, columns=columns).assign(measure=MEASURE_LABELS["supply"], scope="", is_latest=True)


def _ministry_weight(table: pd.DataFrame) -> pd.Series | None:
    """Return the share of all dossiers that ministries must carry for the three printed uses to agree."""
    use = table[(table["measure"] == MEASURE_LABELS["use"])]
    days = set.intersection(*(set(use.loc[use["scope"] == scope, "end"]) for scope in USE_LABELS))
    if not days:
        return None
    rows = use[use["end"] == max(days)].set_index("scope")
    parts = {"central_tier": "c", "local_tier": "l"}
    shares = [
        {"part": {f"{x}_full": 1}, "total": {x: 1}, "low": rows.loc[scope, "low"], "high": rows.loc[scope, "high"]}
        for scope, x in parts.items()
    ]
    shares.append(
        {
            "part": {"c_full": 1, "l_full": 1},
            "total": {"c": 1, "l": 1},
            "low": rows.loc["", "low"],
            "high": rows.loc["", "high"],
        }
    )
    found = lp_bounds(
        ["c", "l", "c_full", "l_full"],
        {},
        [{"coef": {"c": 1, "l": 1}, "op": "==", "rhs": 1}],
        {"num": {"c": 1}, "den": {"c": 1, "l": 1}},
        shares=shares,
    )
    if not found.feasible:
        return None
    return pd.Series(
        {"end": max(days), "low": found.lower, "high": found.upper, "estimate": (found.lower + found.upper) / 2}
    )


def _use_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    use = table[table["measure"] == MEASURE_LABELS["use"]]
    for _, row in use[use["is_latest"]].iterrows():
        yield Sentence(USE_SENTENCE_LABELS[row["scope"]], {"end": row["end"], "share": share_of(row)})
    local = use[(use["scope"] == "local_tier") & use["start"].notna()]
    # months of their own, not totals since January
    for _, row in local[local["start"].astype(str).str[:7] == local["end"].astype(str).str[:7]].iterrows():
        yield Sentence(
            "In one month, from {start} to {end}, it was {share} of those of provinces and communes.",
            {"start": row["start"], "end": row["end"], "share": share_of(row)},
        )


def _weight_sentences(weight: pd.Series | None) -> Iterator[Sentence]:
    if weight is not None:
        yield Sentence(
            "For the three shares to agree, ministries must handle {share} of all dossiers counted.",
            {"share": share_of(weight)},
        )


def _supply_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    supply = table[(table["measure"] == MEASURE_LABELS["supply"]) & (table["level"] == _WHOLE)]
    if supply.empty:
        return
    low, high = supply.loc[supply["estimate"].idxmin()], supply.loc[supply["estimate"].idxmax()]
    yield Sentence(
        "{n} province printed what it offers: {low} of its online procedures in full.||{n} provinces printed what they "
        "offer: from {low} of the online procedures in full ({lowest}) to {high} ({highest}).",
        {
            "n": len(supply),
            "low": share_of(low),
            "lowest": low["place"],
            "high": share_of(high),
            "highest": high["place"],
        },
    )
    local = table[(table["scope"] == "local_tier") & table["is_latest"]]
    if len(local) and (supply["low"] > local["high"].item()).all():
        yield Sentence("Each of them offers a larger share in full than provinces and communes saw used.")


def _own(table: pd.DataFrame, place: str, provinces: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the offer of the place a reader asked for, or that none is known."""
    if is_country(place):
        return
    name = place.split(",")[0]
    own = own_rows(table, place, provinces)
    if own.empty:
        yield Sentence("For {place} no pair of counts of procedures offered online was found.", {"place": name})
    for _, row in own.iterrows():
        values = {"place": name, "level": row["level"], "share": share_of(row), "end": row["end"]}
        yield Sentence("{place} ({level}): {share} of the online procedures were offered in full on {end}.", values)


def _keys(table: pd.DataFrame, weight: pd.Series | None) -> Iterator[KeyNumber]:
    use = table[(table["measure"] == MEASURE_LABELS["use"]) & table["is_latest"]]
    for row in use.itertuples():
        yield KeyNumber(f"fully_online_{row.scope or 'all_levels'}", row.estimate, row.low, row.high, "share")
    supply = table[(table["measure"] == MEASURE_LABELS["supply"]) & (table["level"] == _WHOLE)]
    if len(supply):
        ends = supply["estimate"].median(), supply["low"].median(), supply["high"].median()
        yield KeyNumber("median_offer_of_provinces", *ends, "share")
    if weight is not None:
        ends = weight["estimate"], weight["low"], weight["high"]
        why = "a linear programme's last digits differ between machines"
        yield KeyNumber("dossiers_carried_by_ministries", *ends, "share", tolerance=1e-6, why=why)
