"""Notebook 01, who says it: figures by publisher, topic, level or month, and by the reliability of their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.audit_rows import (
    CLASS_LABELS,
    TOPIC_LABELS,
    WHERE_LABELS,
    exactly,
    narrowed,
    once,
    publisher_classes,
    site,
)
from reform_analysis.analysis.digital_rows import is_country

_MONTH = re.compile(r"\d{4}-\d{2}")

GROUP_LABELS = {
    "publisher_class": "Publisher",
    "topic": "Topic",
    "geo_level": "Level of place",
    "month": "Month",
}
LEVEL_LABELS = {
    "country": "The country",
    "province": "Provinces",
    "commune": "Communes",
    "ministry": "Ministries",
    "former_province": "Former provinces",
}
CLASS_NOTE_LABELS = {
    "classes": "A: law or official text; B: national press; C: provincial press or a copy that names its origin; "
    "D: machine translation, mirror or undated page.",
}


def publishers(
    listed: pd.DataFrame,
    sources: pd.DataFrame,
    register: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    topic: str = "all",
    group_by: str = "publisher_class",
    min_reliability: str = "C",
    one_per_reprint: bool = True,
) -> Answer:
    """Return how many figures each group of pages prints, by class of reliability (01.Q1).

    Parameters
    ----------
    listed
        Figures of every class of source.
    sources, register
        The sources, and all places.
    place, topic
        Whose figures, and of what.
    group_by
        ``publisher_class``, ``topic``, ``geo_level`` or ``month``.
    min_reliability
        The class down to which the other answers read.
    one_per_reprint
        Count a figure that several pages copy from one report once.

    Notes
    -----
    Counts of what was found; the pages are no sample of what was published, so that shares carry no interval.
    """
    rows = once(narrowed(listed, register, place=place, topic=topic), one_per_reprint=one_per_reprint)
    if rows.empty:
        return not_known("01.Q1", WHERE_LABELS["none"])
    rows = rows.assign(publisher_class=rows["source_id"].map(publisher_classes(sources)))
    rows = rows.assign(group=_groups(rows, group_by))
    table = _counts(rows)
    if is_country(place):
        # nearly every page that was read stands behind it: notes would list them all
        table = table.drop(columns="observations")
    return Answer(
        "01.Q1",
        table,
        sentences=tuple(_sentences(rows, sources, group_by, min_reliability)),
        key_numbers=tuple(_keys(rows, sources)),
        caption="Printed figures and pages by group and class of reliability",
        columns={
            "group": GROUP_LABELS[group_by],
            "reliability": "Class",
            "estimate": "Figures",
            "share": "Share of all figures",
            "pages": "Pages",
        },
        units={"estimate": "count", "share": "share", "pages": "count"},
        notes="Counts of the figures found, complete: no interval applies. A page that prints figures of several "
        "groups is counted in each.",
        forms=(
            Form(
                "stacked_bars",
                "Printed figures by group and class of reliability",
                {
                    "label": "group",
                    "series": "reliability",
                    "ordered": True,
                    "x_label": "figures",
                    "notes": CLASS_NOTE_LABELS["classes"],
                },
            ),
        ),
    )


def _groups(rows: pd.DataFrame, group_by: str) -> pd.Series:
    """Return the words for the group of each figure."""
    if group_by == "month":
        return rows["period_end"].dt.strftime("%Y-%m")
    words = {"publisher_class": CLASS_LABELS, "topic": TOPIC_LABELS, "geo_level": LEVEL_LABELS}
    if group_by not in words:
        raise ValueError(f"group_by must be one of {', '.join(GROUP_LABELS)}; got {group_by!r}")
    return rows[group_by].map(words[group_by])


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a group and class, largest groups first; months in order."""
    cells: dict[tuple[str, str], list[tuple[str, str]]] = {}
    columns = ("group", "reliability", "source_id", "observation_id")
    for group, letter, source, one in zip(*(rows[name].tolist() for name in columns), strict=True):
        cells.setdefault((group, letter), []).append((source, one))
    totals = rows["group"].value_counts().to_dict()
    is_time = all(_MONTH.fullmatch(group) for group in totals)
    order = sorted(totals, key=lambda group: (0 if is_time else -totals[group], group))
    records = []
    for group, letter in product(order, sorted(rows["reliability"].unique())):
        figures = cells.get((group, letter), [])
        # every class once in the first group, so that bars are stacked and keyed from A to D
        if figures or group == order[0]:
            pages = len({source for source, _ in figures})
            ids = " ".join(one for _, one in figures)
            records.append((group, letter, len(figures), pages, ids, len(figures) / len(rows)))
    return pd.DataFrame(records, columns=["group", "reliability", "estimate", "pages", "observations", "share"])


def _sentences(rows: pd.DataFrame, sources: pd.DataFrame, group_by: str, min_reliability: str) -> Iterator[Sentence]:
    pages = rows["source_id"].unique()
    yield Sentence(
        "{n} figure stands on {pages} pages of {sites} web sites.||"
        "{n} figures stand on {pages} pages of {sites} web sites.",
        {"n": len(rows), "pages": len(pages), "sites": int(site(sources)[pages].nunique())},
    )
    shares = rows["group"].value_counts(normalize=True)
    if len(shares) > 1:
        first, second = shares.index[:2]
        yield Sentence(
            "The largest groups are {first}, with {share} of the figures, and {second}, with {next}.",
            {"first": first, "share": exactly(shares[first]), "second": second, "next": exactly(shares[second])},
        )
    if group_by == "publisher_class":
        official = rows["publisher_class"].isin(["portal", "law"]).mean()
        yield Sentence(
            "Official portals and collections of laws themselves print {share} of the figures.",
            {"share": exactly(official)},
        )
    yield Sentence(
        "Pages of class {letter} or better, which the next questions read, print {share} of the figures.",
        {"letter": min_reliability, "share": exactly((rows["reliability"] <= min_reliability).mean())},
    )
    yield from _dating(rows)


def _dating(rows: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how many figures stand on dated pages, and how soon those followed."""
    dated = rows[rows["published"].notna()]
    lags = _lags(rows)
    values: dict[str, object] = {"share": exactly(len(dated) / len(rows))}
    if lags.size:
        yield Sentence(
            "A date of publication is known for {share} of the figures; half of those that also name their day were "
            "published within {days}.",
            values | {"days": exactly(float(np.median(lags)), "days")},
        )
    else:
        yield Sentence("A date of publication is known for {share} of the figures.", values)


def _lags(rows: pd.DataFrame) -> np.ndarray:
    """Return the days from a figure's day to its publication, where both are known and in order."""
    known = rows[rows["published"].notna() & (rows["date_precision"] == "day")]
    days = (known["published"] - known["period_end"]).dt.days
    return days[days >= 0].to_numpy()


def _keys(rows: pd.DataFrame, sources: pd.DataFrame) -> Iterator[KeyNumber]:
    pages = rows["source_id"].unique()
    counts = {"figures_found": len(rows), "pages_found": len(pages), "sites_found": site(sources)[pages].nunique()}
    for name, count in counts.items():
        yield KeyNumber(name, count, count, count, "count", why="a complete count")
    for code, share in rows["publisher_class"].value_counts(normalize=True).sort_index().items():
        yield KeyNumber(f"share_printed_by_{code}", share, share, share, "share", 1e-9, "a ratio of complete counts")
    dated = rows["published"].notna().mean()
    yield KeyNumber("share_on_dated_pages", dated, dated, dated, "share", 1e-9, "a ratio of complete counts")
