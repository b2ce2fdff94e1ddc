"""Notebook 01, how many independent reports stand behind the figures: pages gathered by the report they repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.audit_rows import (
    BODY_LABELS,
    THING,
    WHERE_LABELS,
    bodies,
    exactly,
    narrowed,
    page_clusters,
)

# figures of two reports confirm each other where their days lie no further apart
_WEEK = 7
ALONE_LABELS = {
    "alone": "Only {pages} page has figures: none can repeat another.||"
    "Each of the {pages} pages with figures names a report of its own: no two repeat the same one.",
}


def reports(printed: pd.DataFrame, register: pd.DataFrame, *, place: str = "Việt Nam", topic: str = "all") -> Answer:
    """Return the reports that several pages repeat, and what is left when each is counted once (01.Q5).

    Parameters
    ----------
    printed
        Published figures, every value kept.
    register
        All places.
    place, topic
        Whose figures, and of what.

    Notes
    -----
    Pages are joined where they name one report or print one figure of it, or are so linked through others
    (union-find). Pages without a named report are taken as independent, so that the number of reports is an upper
    bound.
    """
    rows = narrowed(printed, register, place=place, topic=topic)
    if rows.empty:
        return not_known("01.Q5", WHERE_LABELS["none"])
    rows = rows.assign(cluster=page_clusters(rows), body=bodies(rows))
    table = _clusters(rows)
    if table.empty:
        return not_known("01.Q5", ALONE_LABELS["alone"], pages=rows["source_id"].nunique())
    return Answer(
        "01.Q5",
        table,
        sentences=tuple(_sentences(rows, table)),
        key_numbers=tuple(_keys(rows, table)),
        caption="Reports that several pages repeat",
        columns={
            "report": "Body behind it",
            "date": "Day of the report",
            "estimate": "Pages",
            "figures": "Figures printed",
            "copied": "Of these on several pages",
        },
        units={"estimate": "count", "figures": "count", "copied": "count"},
        notes="The day is that of most of its figures. Complete counts, no interval.",
        forms=(
            Form(
                "lollipops",
                "Reports that three pages and more repeat, by the report's day",
                {"x": "date", "y": "estimate", "label": "report", "y_label": "pages"},
                rows="estimate > 2",
            ),
        ),
    )


class _Figure(NamedTuple):
    """What is told of a figure: whose report it is of, and where it stands."""

    cluster: str
    source_id: str
    reprint_group: str
    body: str
    period_end: pd.Timestamp
    observation_id: str


def _by_cluster(rows: pd.DataFrame) -> dict[str, list[_Figure]]:
    """Return the figures of each report."""
    found: dict[str, list[_Figure]] = {}
    for figure in map(_Figure._make, zip(*(rows[name].tolist() for name in _Figure._fields), strict=True)):
        found.setdefault(figure.cluster, []).append(figure)
    return found


def _commonest(values: Iterable[Any]) -> Any:
    """Return the value that comes most often, the least of several."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))


def _clusters(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a report that several pages repeat, in order of its day."""
    records = []
    for _, part in sorted(_by_cluster(rows).items()):
        pages = {figure.source_id for figure in part}
        if len(pages) < 2:
            continue
        # a figure that stands twice on one page is no copy
        copies = Counter(group for group, _ in {(figure.reprint_group, figure.source_id) for figure in part} if group)
        records.append(
            {
                "report": BODY_LABELS[_commonest(figure.body for figure in part)],
                "date": _commonest(figure.period_end for figure in part).date(),
                "estimate": len(pages),
                "figures": len(part),
                "copied": sum(count > 1 for count in copies.values()),
                "observations": " ".join(figure.observation_id for figure in part),
            }
        )
    columns = ["report", "date", "estimate", "figures", "copied", "observations"]
    return pd.DataFrame(records, columns=columns).sort_values(["date", "report"], ignore_index=True)


def _sentences(rows: pd.DataFrame, table: pd.DataFrame) -> Iterator[Sentence]:
    copies = rows[rows["reprint_group"] != ""]
    pages, clusters = rows["source_id"].nunique(), rows["cluster"].nunique()
    yield Sentence(
        "{pages} pages rest on at most {reports} independent reports; {n} figures on them are copies of {once}.",
        {"pages": pages, "reports": clusters, "n": len(copies), "once": copies["reprint_group"].nunique()},
    )
    top = table.sort_values("estimate", ascending=False, kind="stable").iloc[0]
    yield Sentence(
        "The report repeated most often, of {day} ({body}), stands on {n} pages.",
        {"n": int(top["estimate"]), "day": top["date"], "body": top["report"]},
    )
    national = rows[rows["geo_level"] == "country"]
    if len(national) > 1:
        half, most = _half(national)
        yield Sentence(
            "Half of the {n} national figures come from {reports:#} report, of {days}.||"
            "Half of the {n} national figures come from {reports:#} reports; those with most figures are of {days}.",
            {"reports": half, "n": len(national), "days": most},
        )
    yield from _confirmation(national if len(national) else rows)


def _half(rows: pd.DataFrame) -> tuple[int, list[date]]:
    """Return how few reports print half of the figures, and the days of the largest ones in order."""
    largest = sorted(_by_cluster(rows).values(), key=len, reverse=True)
    half = int(np.searchsorted(np.cumsum([len(part) for part in largest]), len(rows) / 2) + 1)
    days = {_commonest(figure.period_end for figure in part).date() for part in largest[: min(half, 6)]}
    return half, sorted(days)


def _confirmation(rows: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how many figures another report prints within a week, and how many of those agree."""
    met, agreed = _confirmed(rows)
    yield Sentence(
        "{share} of these figures ({met} of {n}) meet a figure of the same thing from another report within a week; "
        "{agreed:#} of them agrees with one.||"
        "{share} of these figures ({met} of {n}) meet a figure of the same thing from another report within a week; "
        "{agreed:#} of them agree with one.",
        {"met": met, "n": len(rows), "share": exactly(met / len(rows)), "agreed": agreed},
    )


def _confirmed(rows: pd.DataFrame) -> tuple[int, int]:
    """Return how many figures meet another report's within a week, and how many overlap with one of those."""
    columns = [*THING, "observation_id", "cluster", "period_end", "low", "high"]
    known = rows.loc[rows["low"].notna(), columns]
    pairs = known.merge(known, on=THING, suffixes=("", "_other"))
    apart = (pairs["period_end"] - pairs["period_end_other"]).dt.days.abs()
    pairs = pairs[(pairs["cluster"] != pairs["cluster_other"]) & (apart <= _WEEK)]
    overlap = (pairs["low"] <= pairs["high_other"]) & (pairs["low_other"] <= pairs["high"])
    return pairs["observation_id"].nunique(), pairs.loc[overlap, "observation_id"].nunique()


def _keys(rows: pd.DataFrame, table: pd.DataFrame) -> Iterator[KeyNumber]:
    national = rows[rows["geo_level"] == "country"]
    counts = {
        "pages_read": rows["source_id"].nunique(),
        "reports_at_most": rows["cluster"].nunique(),
        "largest_report_pages": int(table["estimate"].max()),
        "reprint_groups": rows.loc[rows["reprint_group"] != "", "reprint_group"].nunique(),
    }
    if len(national) > 1:
        counts["reports_behind_half_of_national_figures"] = _half(national)[0]
    for name, count in counts.items():
        yield KeyNumber(name, count, count, count, "count", why="a complete count")
