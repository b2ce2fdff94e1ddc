"""Notebook 06, standing: a place's volume, online share and punctuality beside the nation and places of its kind.

*Same kind* means one measure of one level: whole provinces are never set beside the communes of a province.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.chosen_place import UNKNOWN_LABELS, Chosen, chosen_place
from reform_analysis.analysis.digital_rows import LEVEL_LABELS, joined
from reform_analysis.analysis.peers import choose_peers
from reform_analysis.analysis.place_measures import latest_measures, national_measures
from reform_analysis.evidence.interval import Interval

# places of one kind below which no position is told
MIN_PLACES = 5

MEASURE_LABELS = {
    "volume": "dossiers a day per 1,000 residents",
    "online": "online share of dossiers",
    "on_time": "resolved on time, of all resolved",
    "index": "service index (766), points of 100",
}
TITLE_LABELS = {
    "volume": "Dossiers a day per 1,000 residents, the latest count of each place",
    "online": "Online share of dossiers since 1 July, the latest of each place",
    "on_time": "Dossiers resolved on time since 1 July, the latest of each place",
}
GROUP_LABELS = {"own": "This place", "peer": "Peers", "other": "Other places of the same kind"}
COLUMN_LABELS = {
    "measure": "Measure",
    "level": "What is counted",
    "place": "Place",
    "end": "To",
    "estimate": "Value",
}
NATION_LABELS = {"nation": "Nation", "nation_end": "Nation, to", "difference": "Difference"}
REFERENCE_LABELS = {"nation": "nation"}
UNKNOWN_HERE_LABELS = {
    "none": "No dated volume, online share, punctuality or service index of {place} since 1 July was found.",
    "peers": "No dated volume, online share, punctuality or service index of {place} since 1 July was found. Provinces "
    "that have one: {n}, of its peers {near}.",
    "others": "No dated volume, online share, punctuality or service index of {place} since 1 July was found. "
    "Provinces that have one: {n}, none of its peers.",
}
UNITS = {"volume": "ratio", "online": "share", "on_time": "share", "index": "ratio"}


def standing(
    figures: pd.DataFrame,
    provinces: pd.DataFrame,
    register: pd.DataFrame,
    *,
    place: str,
    peers: str = "nearest5",
    population_source: str = "resolution_202",
) -> Answer:
    """Return a place's service figures beside the nation and the places that print the same (06.Q3).

    Parameters
    ----------
    figures
        Published figures of all topics and places.
    provinces, register
        The provinces, with population, and all places.
    place
        A province, or ``commune, province``; communes are not set beside each other.
    peers, population_source
        As in `peers.choose_peers`; ``none`` leaves out volume.

    Notes
    -----
    One figure a place, level and measure: the latest since 1 July. A share is bounded by its print and by its counts
    together, so that 134,251 of 156,230 sharpens "nearly 86 %". The difference from the nation takes the national
    figure whose last day is nearest, with bounds of both; the periods still differ, and so may the systems counted. A
    position is told from five places of one kind, as the number that lie certainly above.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        return not_known("06.Q3", UNKNOWN_LABELS["country"])
    services = figures[figures["topic"] == "digital_services"]
    everyone = pd.concat([*latest_measures(services, provinces, chosen, population_source)], ignore_index=True)
    beside = choose_peers(provinces, chosen.province_id, peers=peers, population_source=population_source)
    mine = everyone[everyone["place_id"] == chosen.place_id] if len(everyone) else everyone
    if mine.empty:
        return _silent(everyone, chosen, beside)
    nation = national_measures(services, provinces)
    table = _compared(everyone, mine, nation, chosen, beside)
    return Answer(
        "06.Q3",
        table,
        sentences=tuple(_sentences(table, chosen)),
        key_numbers=tuple(_keys(table)),
        caption="The place beside the nation and places of the same kind",
        columns={**COLUMN_LABELS, **(NATION_LABELS if "nation_end" in table else {})},
        notes="The nation's figure is the one of the nearest date, where it prints the same; its one rate of "
        "punctuality is of online dossiers only. Differences of shares are in percentage points. "
        "Periods and systems differ. Populations are good to about a tenth, which the bounds do not hold.",
        forms=tuple(_forms(table)),
    )


def _compared(
    everyone: pd.DataFrame, mine: pd.DataFrame, nation: pd.DataFrame, chosen: Chosen, beside: list[str]
) -> pd.DataFrame:
    """Return the place's rows, each with the nation's nearest, and the rows of others that print the same."""
    rows = []
    for own in mine.to_dict("records"):
        rows.append({**own, "group": GROUP_LABELS["own"], **_beside_nation(own, nation)})
        if chosen.is_commune:
            continue
        same = everyone[(everyone["key"] == own["key"]) & (everyone["level"] == own["level"])]
        for other in same[same["place_id"] != chosen.place_id].to_dict("records"):
            group = GROUP_LABELS["peer" if other["place"] in beside else "other"]
            rows.append({**other, "group": group, **_beside_nation(other, nation)})
    table = pd.DataFrame(rows)
    return table.assign(
        measure=table["key"].map(MEASURE_LABELS), unit=table["key"].map(UNITS), interval="rounding"
    ).sort_values(
        ["key", "level", "group", "place"],
        key=lambda c: c.map(_order) if c.name in ("key", "group") else c,
        kind="stable",
    )


def _order(name: str) -> int:
    """Return the rank of a measure or group in the table."""
    return [*MEASURE_LABELS, *GROUP_LABELS.values()].index(name)


def _beside_nation(row: dict, nation: pd.DataFrame) -> dict[str, object]:
    """Return the national figure nearest in date to a place's, and the difference with the bounds of both."""
    # a commune and the communes of a province have no national figure of their kind
    known = nation[(nation["key"] == row["key"]) & (nation["level"] == row["level"])]
    if known.empty:
        return {}
    gaps = known["date"].map(lambda day: abs((day - row["end"]).days))
    near = known.loc[gaps.idxmin()]
    difference = Interval(row["low"], row["high"]) - Interval(near["low"], near["high"])
    return {
        "nation": (near["low"] + near["high"]) / 2,
        "nation_low": near["low"],
        "nation_high": near["high"],
        "nation_end": near["date"],
        "series": near["series"],
        "difference": (difference.low + difference.high) / 2,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "observations": joined(row["observations"], near["observations"]),
    }


def _silent(everyone: pd.DataFrame, chosen: Chosen, beside: list[str]) -> Answer:
    """Return that the place printed none of the measures, and who did."""
    provinces = everyone[everyone["level"] != LEVEL_LABELS["commune", ""]] if len(everyone) else everyone
    names = set(provinces["place"]) if len(provinces) else set()
    near = [name for name in beside if name in names]
    values = {"place": chosen.name, "n": len(names), "near": near}
    if chosen.is_commune or not names:
        return not_known("06.Q3", UNKNOWN_HERE_LABELS["none"], **values)
    return not_known("06.Q3", UNKNOWN_HERE_LABELS["peers" if near else "others"], **values)


def _sentences(table: pd.DataFrame, chosen: Chosen) -> Iterator[Sentence]:
    for row in table[table["group"] == GROUP_LABELS["own"]].to_dict("records"):
        values = {
            "place": chosen.name,
            "level": row["level"],
            "measure": row["measure"],
            "end": row["end"],
            "value": Quantity(row["estimate"], row["low"], row["high"], row["unit"]),
        }
        if pd.notna(row.get("nation")):
            values |= {
                "nation": Quantity(row["nation"], row["nation_low"], row["nation_high"], row["unit"]),
                "nation_end": row["nation_end"],
                "series": row["series"],
            }
            yield Sentence(
                "{place} ({level}), {measure}: {value} to {end}; the nation {nation} to {nation_end} ({series}).",
                values,
            )
        else:
            yield Sentence("{place} ({level}), {measure}: {value} to {end}; no national figure of this kind.", values)
        yield from _position(table, row)


def _position(table: pd.DataFrame, own: dict) -> Iterator[Sentence]:
    """Yield how many places of the same kind lie certainly above, where there are enough of them."""
    others = table[
        (table["key"] == own["key"]) & (table["level"] == own["level"]) & (table["group"] != GROUP_LABELS["own"])
    ]
    above, below = int((others["low"] > own["high"]).sum()), int((others["high"] < own["low"]).sum())
    if 0 < len(others) < MIN_PLACES - 1:
        yield Sentence(
            "Only {n} other place prints the same: too few for a position.||Only {n} other places print the same: too "
            "few for a position.",
            {"n": len(others)},
        )
    elif len(others):
        yield Sentence(
            "{n} other places print the same; for certain higher: {above}, lower: {below}. Their dates differ, and "
            "places that print are no sample.",
            {"n": len(others), "above": above, "below": below},
        )


def _forms(table: pd.DataFrame) -> Iterator[Form]:
    for key, title in TITLE_LABELS.items():
        for level in table.loc[table["key"] == key, "level"].unique():
            rows = table[(table["key"] == key) & (table["level"] == level)]
            own = rows[rows["group"] == GROUP_LABELS["own"]].iloc[0]
            # alone on an axis a dot says no more than the table
            if len(rows) < 2:
                continue
            options: dict[str, object] = {"label": "place", "by": "group", "unit": UNITS[key]}
            if pd.notna(own.get("nation")):
                options |= {"reference": float(own["nation"]), "reference_label": REFERENCE_LABELS["nation"]}
            rest = {"x_label": MEASURE_LABELS[key], "notes": level, "from_zero": key == "volume"}
            yield Form("interval_dots", title, {**options, **rest}, rows=f"key == '{key}' and level == '{level}'")


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    levels = {words: "_".join(filter(None, key)) for key, words in LEVEL_LABELS.items()}
    for row in table[table["group"] == GROUP_LABELS["own"]].itertuples():
        name = f"{row.key}_{levels[row.level]}"
        yield KeyNumber(name, row.estimate, row.low, row.high, row.measure, 1e-9, "a quotient of printed numbers")
