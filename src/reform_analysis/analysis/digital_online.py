"""Notebook 04, online share: what part of the dossiers was lodged online, and whether reports agree on it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.digital_dossiers import SERIES_LABELS
from reform_analysis.analysis.digital_pairs import Pair, pair_sentences, pairs_of
from reform_analysis.analysis.digital_rows import (
    UNKNOWN_LABELS,
    ids_at,
    interval_at,
    is_country,
    lowest_classes,
    middle,
    national,
    of_places,
    own_rows,
    quantity,
    share_of,
    since_reform,
)
from reform_analysis.analysis.series import REFORM_DAY, grouped_points
from reform_analysis.evidence.interval import interval_ratio

NATION_LABELS = {"one_day": "Single days, Government Office"}

HEADING_LABELS = {
    "place": "Place",
    "level": "Level or series",
    "start": "From",
    "end": "To",
    "estimate": "Online share",
    "reliability": "Class",
}

AXIS_LABELS = {"nation": {"y_label": "online share of the dossiers so far"}, "places": {"x_label": "online share"}}

_SHARE, _TOTAL, _PART = "online_share", "applications_received", "applications_received_online"


def online_share(
    figures: pd.DataFrame,
    listed: pd.DataFrame,
    provinces: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    series: str = "both",
    tier: str = "all",
) -> Answer:
    """Return the share of dossiers lodged online, nationwide by series and by place (04.Q2).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    listed
        The same with sources of the lowest class: an earlier or fuller count beside a figure of ``figures``.
    provinces
        The provinces of the register.
    place
        A place whose share is told beside the country's.
    series
        ``both``, ``government_office`` or ``home_affairs``.
    tier
        ``all``, ``province`` or ``commune``: whose dossiers; the national series cover all.

    Notes
    -----
    A cumulative share is bounded by what is printed together: the share, and the quotient of the two counts. Where a
    place prints two dates, the share in between follows by linear programming over both totals and both shares; pairs
    that no true counts satisfy are reported with the factor by which all rounding would have to be coarser.
    """
    names = [name for name in reversed(SERIES_LABELS) if series in ("both", name)]
    parts = [_one_day(figures)] if series in ("both", "government_office") else []
    parts = [*parts, *(_nation(figures, listed, name) for name in names)] if tier == "all" else []
    parts.append(_places(figures, tier))
    parts = [part for part in parts if len(part)]
    if not parts:
        return not_known("04.Q2", UNKNOWN_LABELS["online"])
    table = pd.concat(parts, ignore_index=True)
    table["interval"] = "rounding"
    table["estimate"] = middle(table)
    table["reliability"] = lowest_classes(listed, table["observations"])
    # an earlier page of a low class is read only beside a share that the chosen sources print
    known = figures.loc[figures["indicator"] == _SHARE, "place_id"]
    pairs = list(pairs_of(listed[listed["place_id"].isin(known)], tier))
    return Answer(
        "04.Q2",
        table,
        sentences=(*_sentences(table), *pair_sentences(pairs), *_own(table, place, provinces)),
        key_numbers=tuple(_keys(table, pairs)),
        caption="Share of dossiers lodged online",
        columns=HEADING_LABELS,
        units={"estimate": "share"},
        notes="Shares of all dossiers since the first day of the row. Reports call their base received or processed, "
        "which are not the same. Places: the latest share of each that wrote about it; not a sample.",
        forms=_forms(),
    )


def _forms() -> tuple[Form, ...]:
    return (
        Form(
            "steps",
            title="Share of dossiers lodged online, over the days each report covers",
            options={
                "x": "end",
                "start": "start",
                "series": "level",
                "unit": "share",
                "from_zero": False,
                **AXIS_LABELS["nation"],
            },
            rows="is_national",
        ),
        Form(
            "interval_dots",
            title="Share of dossiers lodged online, by place",
            options={"label": "place", "by": "level", "unit": "share", **AXIS_LABELS["places"]},
            rows="not is_national",
        ),
    )


def _one_day(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of single days."""
    found = national(figures, _SHARE, scope="one_day").values()
    return pd.DataFrame(
        {
            "place": "Việt Nam",
            "level": NATION_LABELS["one_day"],
            "start": [point.date for point in found],
            "end": [point.date for point in found],
            "low": [point.low / 100 for point in found],
            "high": [point.high / 100 for point in found],
            "observations": [point.observations for point in found],
            "is_national": True,
            "province_id": "",
        }
    )


def _nation(figures: pd.DataFrame, listed: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the cumulative share of one series at each report that prints it, sharpened by the counts."""
    scope, label = SERIES_LABELS[name]
    shares = national(figures, _SHARE, scope=scope, start=REFORM_DAY)
    totals = national(figures, _TOTAL, scope=scope, start=REFORM_DAY)
    parts = national(listed, _PART, scope=scope, start=REFORM_DAY)
    rows = []
    for day in shares:
        printed = interval_at(shares, day, scale=0.01)
        counts = interval_ratio(interval_at(parts, day), interval_at(totals, day), printed_share=printed, part_of=True)
        known = printed if counts.is_missing else counts
        ids = ids_at((shares,) if counts.is_missing else (shares, totals, parts), day)
        rows.append(("Việt Nam", label, REFORM_DAY, day, known.low, known.high, ids, True, ""))
    columns = ["place", "level", "start", "end", "low", "high", "observations", "is_national", "province_id"]
    return pd.DataFrame(rows, columns=columns)


def _places(figures: pd.DataFrame, tier: str) -> pd.DataFrame:
    """Return each place's latest printed share since 1 July, one row a place and level."""
    shares = of_places(since_reform(figures[figures["indicator"] == _SHARE]), tier)
    rows = []
    for (place, level, province), series in grouped_points(shares, "place_name", "level", "province_id").items():
        last = series[max(series)]
        ends = (last.low / 100, last.high / 100)
        rows.append((place, level, REFORM_DAY, last.date, *ends, last.observations, False, province))
    columns = ["place", "level", "start", "end", "low", "high", "observations", "is_national", "province_id"]
    return pd.DataFrame(rows, columns=columns).sort_values(["level", "place"], kind="stable")


def _sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    nation = table[table["is_national"]]
    days = nation[nation["level"] == NATION_LABELS["one_day"]]
    if len(days):
        yield Sentence(
            "On single days from {first} to {last} the Government Office printed {low} to {high} of dossiers online.",
            {
                "first": days["end"].min(),
                "last": days["end"].max(),
                "low": share_of(days.loc[days["estimate"].idxmin()]),
                "high": share_of(days.loc[days["estimate"].idxmax()]),
            },
        )
    for _, row in nation[nation["level"] != NATION_LABELS["one_day"]].iterrows():
        yield Sentence(
            "{series}: {share} of all dossiers from 1 July to {end} were lodged online.",
            {"series": row["level"], "share": share_of(row), "end": row["end"]},
        )
    if nation["level"].nunique() > 1:
        yield Sentence(
            "These shares come from different counts: no rise is derived from them, and no share for the time between "
            "two series."
        )
    places = table[~table["is_national"]]
    if len(places):
        yield Sentence(
            "{n} share of a place was printed, {low}.||{n} shares of places were printed, from {low} to {high}.",
            {
                "n": len(places),
                "low": share_of(places.loc[places["estimate"].idxmin()]),
                "high": share_of(places.loc[places["estimate"].idxmax()]),
            },
        )


def _own(table: pd.DataFrame, place: str, provinces: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the share of the place a reader asked for, or that none is known."""
    if is_country(place):
        return
    own = own_rows(table, place, provinces)
    name = place.split(",")[0]
    if own.empty:
        yield Sentence("For {place} no share of dossiers lodged online was found.", {"place": name})
    for _, row in own.iterrows():
        values = {"place": name, "level": row["level"], "share": share_of(row), "end": row["end"]}
        yield Sentence("{place} ({level}): {share} of the dossiers to {end} were lodged online.", values)


def _keys(table: pd.DataFrame, pairs: list[Pair]) -> Iterator[KeyNumber]:
    nation = table[table["is_national"]]
    for row in nation.itertuples():
        words = row.level.lower().replace(",", "").replace(" ", "_")
        yield KeyNumber(f"online_share_{words}_to_{row.end}", row.estimate, row.low, row.high, "share")
    for pair in pairs:
        between = quantity(pair.needed, "share")
        yield KeyNumber(
            f"online_share_between_{pair.place.lower()}_to_{pair.days[1]}",
            between.value,
            between.low,
            between.high,
            "share",
            tolerance=1e-6,
            why="a linear programme's last digits differ between machines",
        )
