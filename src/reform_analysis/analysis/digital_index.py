"""Notebook 04, service index: the parts of the index of Decision 766/QĐ-TTg, each over its maximum."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.digital_rows import LEVEL_LABELS, UNKNOWN_LABELS, is_country, lowest_classes, own_rows
from reform_analysis.evidence.interval import Interval, interval_ratio

PART_LABELS = {
    "transparency": "Transparency",
    "progress": "Progress of handling",
    "online_services": "Online services",
    "online_payment": "Online payment",
    "online_services_and_payment": "Services and payment",
    "satisfaction": "Satisfaction",
    "digitisation": "Digitisation",
}

SPREAD_LABELS = {
    "least": "{part} differs least: {n} provinces lie between {low} and {high} of its maximum.",
    "most": "{part} differs most: {n} provinces lie between {low} and {high} of its maximum.",
}

# points of the whole index
WHOLE = 100


def service_index(
    figures: pd.DataFrame, listed: pd.DataFrame, provinces: pd.DataFrame, *, place: str = "Việt Nam", tier: str = "all"
) -> Answer:
    """Return the printed parts of the service index over their maxima, by place and date (04.Q6).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    listed
        The same with sources of the lowest class: most scores are printed there only; each row names its class.
    provinces
        The provinces of the register.
    place
        A place whose parts are told as well.
    tier
        ``all``, ``province`` or ``commune``: whose scores.

    Notes
    -----
    Maxima are read from what is printed beside each part. A total is checked by adding the parts' bounds; where just
    one part is missing, it is the total less the others, as bounds.
    """
    levels = [level for level in ("province", "commune") if tier in ("all", level)]
    if figures.loc[figures["geo_level"].isin(levels), "indicator"].isin(_CODES).sum() == 0:
        return not_known("04.Q6", UNKNOWN_LABELS["index"])
    table = _parts(listed, levels)
    if table.empty:
        return not_known("04.Q6", UNKNOWN_LABELS["index"])
    table["reliability"] = lowest_classes(listed, table["observations"])
    spread = _spread(table)
    return Answer(
        "04.Q6",
        table,
        sentences=(
            *_spread_sentences(spread),
            *_check_sentences(table, listed),
            *_leader_sentences(listed),
            *_own(table, place, provinces),
        ),
        key_numbers=tuple(_keys(spread)),
        caption="Parts of the service index (Decision 766), as shares of their maximum",
        columns={
            "place": "Place",
            "level": "Level",
            "date": "Date",
            "part": "Part",
            "points": "Points",
            "maximum": "Maximum",
            "estimate": "Share of maximum",
            "reliability": "Class",
        },
        units={"points": "ratio", "maximum": "count", "estimate": "share"},
        notes="Weekly, monthly and yearly scores are mixed, and places print their good scores: nothing is ranked. "
        "Most scores of provinces stand on pages of the lowest class only.",
        forms=_forms(),
    )


def _forms() -> tuple[Form, ...]:
    return (
        Form(
            "small_multiples",
            title="Parts of the service index of provinces, as shares of their maximum",
            options={"panel": "part", "x": "date", "y": "estimate", "series": "place", "unit": "share"},
            rows=f"level == '{LEVEL_LABELS['province', '']}'",
        ),
    )


_SPREAD = ["code", "n", "part", "low", "high", "width", "width_low", "width_high"]
_CODES = ("service_quality_component", "service_quality_index")


def _parts(figures: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Return one row a place, date and part."""
    rows = figures[
        (figures["indicator"] == "service_quality_component")
        & figures["geo_level"].isin(levels)
        & figures["breakdown"].isin(PART_LABELS)
    ]
    maximum = rows["denominator_note"].str.extract(r"(\d+)", expand=False).astype(float)
    table = pd.DataFrame(
        {
            "place": rows["place_name"],
            "level": [LEVEL_LABELS[level, ""] for level in rows["geo_level"]],
            "place_id": rows["place_id"],
            "province_id": rows["province_id"],
            "date": rows["period_end"].dt.date,
            "code": rows["breakdown"],
            "part": rows["breakdown"].map(PART_LABELS),
            "points": (rows["low"] + rows["high"]) / 2,
            "points_low": rows["low"],
            "points_high": rows["high"],
            "maximum": maximum,
            "low": rows["low"] / maximum,
            "high": rows["high"] / maximum,
            "interval": "rounding",
            "observations": rows["observation_id"],
        }
    )
    table["estimate"] = (table["low"] + table["high"]) / 2
    order = list(PART_LABELS)
    return table.sort_values(
        ["code", "level", "place", "date"], key=lambda c: c.map(order.index) if c.name == "code" else c
    )


def _spread(table: pd.DataFrame) -> pd.DataFrame:
    """Return by part how far the provinces' shares of the maximum lie apart."""
    provinces = table[table["level"] == LEVEL_LABELS["province", ""]]
    rows = []
    for code, part in provinces.groupby("code"):
        low, high = part["estimate"].min(), part["estimate"].max()
        rows.append(
            {
                "code": code,
                "n": part["place"].nunique(),
                "part": part["part"].iloc[0],
                "low": low,
                "high": high,
                "width": high - low,
                "width_low": max(part["low"].max() - part["high"].min(), 0.0),
                "width_high": part["high"].max() - part["low"].min(),
            }
        )
    spread = pd.DataFrame([row for row in rows if row["n"] > 2], columns=_SPREAD).set_index("code")
    return spread.sort_values("width")


def _spread_sentences(spread: pd.DataFrame) -> Iterator[Sentence]:
    """Yield in which part the printed provinces differ least, and in which most."""
    if len(spread) < 2:
        return
    for row, end in ((spread.iloc[0], "least"), (spread.iloc[-1], "most")):
        low, high = (Quantity(row[side], row[side], row[side], "share") for side in ("low", "high"))
        yield Sentence(SPREAD_LABELS[end], {"n": int(row["n"]), "part": row["part"], "low": low, "high": high})


def _check_sentences(table: pd.DataFrame, figures: pd.DataFrame) -> Iterator[Sentence]:
    """Yield whether the parts add up to the printed total, or what the one missing part must be."""
    totals = figures[(figures["indicator"] == "service_quality_index") & (figures["breakdown"] == "")]
    for row in totals.sort_values("period_end").itertuples():
        parts = table[(table["place_id"] == row.place_id) & (table["date"] == row.period_end.date())]
        missing = WHOLE - parts["maximum"].sum()
        whole = Interval(row.low, row.high)
        added = Interval(parts["points_low"].sum(), parts["points_high"].sum())
        values = {"place": row.place_name, "day": row.period_end.date(), "total": _points(whole)}
        if missing == 0:
            agree = "add up to" if added.overlaps(whole) else "do not add up to"
            yield Sentence(CHECK_LABELS[agree], values | {"added": _points(added)})
        elif _one_missing(parts) is not None and missing > 0:
            rest = whole - added
            part = _one_missing(parts)
            share = interval_ratio(Interval(max(rest.low, 0), max(rest.high, 0)), Interval(missing, missing))
            yield Sentence(
                "{place}, {day}: the parts leave {share} of its maximum for the one not printed, {part}.",
                values
                | {"share": Quantity((share.low + share.high) / 2, share.low, share.high, "share"), "part": part},
            )


CHECK_LABELS = {
    "add up to": "{place}, {day}: the parts add up to {added}, the printed total is {total}; they agree.",
    "do not add up to": "{place}, {day}: the parts add up to {added}, the printed total is {total}; they do not agree.",
}


def _one_missing(parts: pd.DataFrame) -> str | None:
    """Return the words for the one part that is not printed, None where more are missing."""
    simple = [code for code in PART_LABELS if code != "online_services_and_payment"]
    missing = [code for code in simple if code not in set(parts["code"])]
    return PART_LABELS[missing[0]] if len(missing) == 1 else None


def _leader_sentences(figures: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the scores printed for places ranked first, in order of date, and who was called first."""
    ranks = figures[
        (figures["indicator"] == "service_rank")
        & (figures["breakdown"] == "index_766")
        & (figures["geo_level"] == "province")
        & (figures["high"] == 1)
    ]
    scores = figures[(figures["indicator"] == "service_quality_index") & (figures["geo_level"] == "province")]
    both = ranks.merge(scores, on=["place_id", "period_end"], suffixes=("_rank", "")).sort_values("period_end")
    if len(both) > 1:
        first, last = both.iloc[0], both.iloc[-1]
        yield Sentence(
            "A score of {first} led on {first_day} ({first_place}), one of {last} on {last_day} ({last_place}): a "
            "rank says where a place stands among others, not how many points it has.",
            {
                "first": _points(Interval(first["low"], first["high"])),
                "first_day": first["period_end"].date(),
                "first_place": first["place_name"],
                "last": _points(Interval(last["low"], last["high"])),
                "last_day": last["period_end"].date(),
                "last_place": last["place_name"],
            },
        )
    latest = ranks[ranks["period_end"] > ranks["period_end"].max() - pd.Timedelta(days=7)]
    names = list(dict.fromkeys(latest["place_name"]))
    if len(names) > 1:
        yield Sentence(
            "{places} are each printed as first within one week, to {day}.",
            {"places": names, "day": latest["period_end"].max().date()},
        )


def _own(table: pd.DataFrame, place: str, provinces: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the parts known of the place a reader asked for, or that none is."""
    if is_country(place):
        return
    name = place.split(",")[0]
    own = own_rows(table, place, provinces)
    if own.empty:
        yield Sentence("For {place} no part of the service index was found.", {"place": name})
        return
    yield Sentence(
        "For {place} {n} part was printed, the last on {day}.||For {place} {n} parts were printed, the last on {day}.",
        {"n": len(own), "place": name, "day": own["date"].max()},
    )


def _points(points: Interval) -> Quantity:
    return Quantity((points.low + points.high) / 2, points.low, points.high, "ratio")


def _keys(spread: pd.DataFrame) -> Iterator[KeyNumber]:
    for code, row in spread.iterrows():
        yield KeyNumber(f"index_spread_{code}", row["width"], row["width_low"], row["width_high"], "share of maximum")
