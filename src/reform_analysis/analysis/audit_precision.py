"""Notebook 01, how precise: the relative half-width of each figure's bounds, its hedges and its date."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.audit_rows import (
    TOPIC_LABELS,
    WHERE_LABELS,
    exactly,
    narrowed,
    once,
)
from reform_analysis.analysis.place_known import measurements

# bounds wider than this share of the figure on each side are called wide
WIDE = 0.01

WIDTH_LABELS = {
    "title": "How wide the bounds of all printed figures are, by topic",
    "x_label": "half the width of the bounds, in % of the figure",
    "notes": "Zero is a figure without any rounding; figures open on one side are left out.",
}


def precision(
    figures: pd.DataFrame,
    register: pd.DataFrame,
    sources: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    topic: str = "all",
    one_per_reprint: bool = True,
) -> Answer:
    """Return by topic how many figures carry no rounding, and how many wide bounds (01.Q2).

    Parameters
    ----------
    figures
        Published figures.
    register, sources
        All places, and the sources: their language is compared.
    place, topic, one_per_reprint
        As in `audit_sources.publishers`.

    Notes
    -----
    Exact means that the bounds have no width as the figure is printed; an exact figure may be wrong.
    """
    rows = _measured(narrowed(figures, register, place=place, topic=topic), one_per_reprint=one_per_reprint)
    if rows.empty:
        return not_known("01.Q2", WHERE_LABELS["none"])
    table = _by_topic(rows)
    return Answer(
        "01.Q2",
        table,
        sentences=tuple(_sentences(rows, table, sources)),
        key_numbers=tuple(_keys(rows, table)),
        caption="Precision of printed figures by topic",
        columns={
            "topic": "Topic",
            "n": "Figures",
            "exact": "Without rounding",
            "wide": "Wider than 1% on each side",
            "hedged": "Hedged in words",
            "undated": "Day not printed",
        },
        units={"n": "count", "exact": "share", "wide": "share", "hedged": "share", "undated": "share"},
        notes="Shares of the figures of the topic; complete counts, no interval. Open on one side counts as wide.",
    )


def half_widths(figures: pd.DataFrame, *, one_per_reprint: bool = True) -> Answer:
    """Return the relative half-width of the bounds of every figure, for a curve by topic (01.Q2).

    Parameters
    ----------
    figures
        Published figures; of all places and topics, so that one place can be read against them.
    one_per_reprint
        As in `audit_sources.publishers`.
    """
    rows = _measured(figures, one_per_reprint=one_per_reprint)
    rows = rows[np.isfinite(rows["half_width"])]
    if rows.empty:
        return not_known("01.Q2", WHERE_LABELS["none"])
    words = [TOPIC_LABELS[code] for code in rows["topic"].value_counts().index]
    table = rows.assign(topic=rows["topic"].map(TOPIC_LABELS))[["topic", "half_width"]]
    return Answer("01.Q2", table.sort_values("topic", key=lambda column: column.map(words.index)))


def _measured(figures: pd.DataFrame, *, one_per_reprint: bool) -> pd.DataFrame:
    """Return the figures that are numbers other than 0, with their relative half-width."""
    rows = measurements(once(figures, one_per_reprint=one_per_reprint))
    rows = rows[rows["value"].notna() & (rows["value"] != 0) & rows["low"].notna()]
    return rows.assign(half_width=(rows["high"] - rows["low"]) / 2 / rows["value"].abs())


def _by_topic(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a topic, the most exact first."""
    marked = pd.DataFrame(
        {
            "topic": rows["topic"],
            "exact": rows["half_width"] == 0,
            "wide": rows["half_width"] > WIDE,
            "hedged": rows["qualifier"] != "exact",
            "undated": rows["date_precision"] != "day",
        }
    )
    shares = marked.groupby("topic").mean()
    shares.insert(0, "n", marked["topic"].value_counts())
    table = shares.sort_values(["exact", "n"], ascending=False).reset_index(names="code")
    table.insert(0, "topic", table["code"].map(TOPIC_LABELS))
    return table


def _sentences(rows: pd.DataFrame, table: pd.DataFrame, sources: pd.DataFrame) -> Iterator[Sentence]:
    yield Sentence(
        "Of {n} figure, {exact} has no rounding; the bounds of {wide} are wider than {limit} on each side.||"
        "Of {n} figures, {exact} have no rounding; the bounds of {wide} are wider than {limit} on each side.",
        {
            "n": len(rows),
            "exact": exactly((rows["half_width"] == 0).mean()),
            "wide": exactly((rows["half_width"] > WIDE).mean()),
            "limit": exactly(WIDE),
        },
    )
    if len(table) > 1:
        first, last = table.iloc[0], table.iloc[-1]
        yield Sentence(
            "By topic, {first} is exact most often ({most}), {last} least often ({least}).",
            {
                "first": first["topic"],
                "most": exactly(first["exact"]),
                "last": last["topic"],
                "least": exactly(last["exact"]),
            },
        )
    yield Sentence(
        "For {share} of the figures no day is printed: their date is a month, a week or a guess.",
        {"share": exactly((rows["date_precision"] != "day").mean())},
    )
    language = rows["source_id"].map(sources.set_index("source_id")["language"])
    own, other = rows[language == "vi"], rows[language != "vi"]
    if len(own) and len(other):
        yield Sentence(
            "Words such as about or more than stand beside {own} of the figures on pages in Vietnamese ({n} of them) "
            "and {other} on pages in other languages.",
            {"n": len(own), "own": _hedged(own), "other": _hedged(other)},
        )


def _hedged(rows: pd.DataFrame) -> Quantity:
    return exactly((rows["qualifier"] != "exact").mean())


def _keys(rows: pd.DataFrame, table: pd.DataFrame) -> Iterator[KeyNumber]:
    overall = {
        "share_exact": (rows["half_width"] == 0).mean(),
        "share_wide": (rows["half_width"] > WIDE).mean(),
        "share_day_not_printed": (rows["date_precision"] != "day").mean(),
        **{f"share_exact_{row.code}": row.exact for row in table.itertuples()},
    }
    for name, share in overall.items():
        yield KeyNumber(name, share, share, share, "share", 1e-9, "a ratio of complete counts")
