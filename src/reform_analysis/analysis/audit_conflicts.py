"""Notebook 01, who contradicts whom: figures of several reports for one thing that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.audit_rows import (
    BODY_LABELS,
    THING,
    bodies,
    exactly,
    narrowed,
)
from reform_analysis.analysis.audit_sums import OUTCOME_LABELS
from reform_analysis.analysis.place_known import words_of
from reform_analysis.evidence import store
from reform_analysis.evidence.contradictions import conflicts, falls, outgrown, reprints
from reform_analysis.evidence.findings import Figures, to_frame
from reform_analysis.evidence.identities import read_identities

KIND_LABELS = {
    "conflict": "two sources, one day",
    "reprint": "copies of one report",
    "series": "a count that falls or is outgrown",
}
QUIET_LABELS = {
    "no pair": "No two reports print a figure of one thing and day that could be compared, for this date, place, "
    "topic and class of sources.",
    "no conflict": "No two figures exclude each other, for this date, place, topic and class of sources.",
}


def contradictions(
    listed: pd.DataFrame,
    register: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    topic: str = "all",
    min_reliability: str = "C",
    language: str = "en",
) -> Answer:
    """Return the figures of several reports that exclude each other, and the bodies behind them (01.Q4).

    Parameters
    ----------
    listed
        Figures of every class of source, every value kept: a translation is one way for figures to part.
    register, codebook
        All places, and the indicators.
    place, topic
        Whose figures, and of what.
    min_reliability
        The class down to which the other answers read.
    language
        Which labels of the codebook are shown.

    Notes
    -----
    The figures that are asked for are audited anew, not looked up among all findings: a contradiction between three
    figures stays one where the third is of a later day.
    """
    rows = narrowed(listed, register, place=place, topic=topic)
    pairs = _comparable_pairs(rows)
    found = _found(rows)
    if found.empty:
        return not_known("01.Q4", QUIET_LABELS["no conflict" if pairs else "no pair"])
    table = _table(found, rows, register, words_of(codebook, language))
    return Answer(
        "01.Q4",
        table,
        sentences=tuple(_sentences(table, rows, pairs, min_reliability)),
        key_numbers=tuple(_keys(table, pairs)),
        caption="Figures that exclude each other",
        columns={
            "what": "Figure",
            "kind": "Kind",
            "first": "Between",
            "second": "And",
            "printed": "As printed",
            "gap": "Gap",
            "outcome": "Most harmless reading",
            "reliability": "Lowest class",
        },
        units={"gap": "ratio"},
        notes="The gap is the least distance between the bounds, in the unit of the figure. The reading is the "
        "most harmless one under which they agree; which figure is right is not known.",
        forms=(
            Form(
                "heat_table",
                "Contradictions between figures, by the bodies behind them",
                {"row": "first", "column": "second", "value": "together"},
                rows="is_first",
            ),
        ),
    )


def _found(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of the audit that set figures of several reports or days against each other."""
    figures, stated = Figures(rows.reset_index(drop=True)), read_identities(store.identities())
    found = [*conflicts(figures), *reprints(figures), *falls(figures, stated), *outgrown(figures, stated)]
    return to_frame(found, figures)


def _comparable_pairs(rows: pd.DataFrame) -> int:
    """Return how many pairs of figures from two reports speak of one thing and day."""
    known = rows[rows["value"].notna()]
    once = known.drop_duplicates([*THING, "period_end", "family"])
    sizes = once.groupby([*THING, "period_end"]).size().to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())


def _table(found: pd.DataFrame, rows: pd.DataFrame, register: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return one row a contradiction: what, between whom, how large, how to read it."""
    body = dict(zip(rows["observation_id"], bodies(rows), strict=True))
    phrase = dict(zip(rows["observation_id"], rows["figure"], strict=True))
    letter = dict(zip(rows["observation_id"], rows["reliability"], strict=True))
    where = register.set_index("place_id")["name"]
    records = []
    for row in found.to_dict("records"):
        ids = row["observation_ids"].split()
        first, second = _parties([body[one] for one in ids])
        label = names[row["indicator"]]
        records.append(
            {
                "what": label if row["place_id"] == "VN" else f"{where[row['place_id']]} – {label}",
                "kind": KIND_LABELS[row["kind"]],
                "first": BODY_LABELS[first],
                "second": BODY_LABELS[second],
                "printed": "; ".join(dict.fromkeys(phrase[one] for one in ids)),
                "gap": row["gap"],
                "severity": row["severity"],
                "outcome": OUTCOME_LABELS[row["severity"]],
                "reliability": max(letter[one] for one in ids),
                "observations": row["observation_ids"],
            }
        )
    table = pd.DataFrame(records)
    order = {code: number for number, code in enumerate(OUTCOME_LABELS)}
    table = table.sort_values("severity", key=lambda column: -column.map(order), kind="stable", ignore_index=True)
    pair = table.groupby(["first", "second"])
    return table.assign(together=pair["what"].transform("size"), is_first=pair.cumcount() == 0)


def _parties(found: list[str]) -> tuple[str, str]:
    """Return the two bodies of a contradiction in the order of the labels; twice the same within one body."""
    present = [code for code in BODY_LABELS if code in found]
    return (present[0], present[-1])


def _sentences(table: pd.DataFrame, rows: pd.DataFrame, pairs: int, min_reliability: str) -> Iterator[Sentence]:
    severity = table["severity"].value_counts()
    yield Sentence(
        "{n} contradiction is found, among the pairs of figures of one thing and day ({pairs}) and along series.||"
        "{n} contradictions are found, among the pairs of figures of one thing and day ({pairs}) and along series.",
        {"n": len(table), "pairs": pairs},
    )
    yield Sentence(
        "Perhaps two definitions under one word: {definition}; days not printed: {date}; explained by no rounding, "
        "day or definition: {hard}.",
        {code: int(severity.get(code, 0)) for code in ("definition", "date", "hard")},
    )
    good = int((table["reliability"] <= min_reliability).sum())
    yield Sentence(
        "{good} of the {n} stands on pages of class {letter} or better alone.||"
        "{good} of the {n} stand on pages of class {letter} or better alone.",
        {"good": good, "n": len(table), "letter": min_reliability},
    )
    yield from _dated_by_arithmetic(rows)


def _dated_by_arithmetic(rows: pd.DataFrame) -> Iterator[Sentence]:
    """Yield that a count and its fall since 31 August make a count printed elsewhere without a day."""
    columns = ["source_id", "period_end", "scope", "breakdown", "value", "date_precision"]
    unpaid = rows.loc[(rows["indicator"] == "benefits_unpaid_count") & (rows["place_id"] == "VN"), columns]
    falls = unpaid[unpaid["breakdown"] == "fall_since_31_august"]
    counts = unpaid[(unpaid["breakdown"] == "") & (unpaid["scope"] == "")]
    both = counts.merge(falls, on=["source_id", "period_end"], suffixes=("", "_fall"))
    for row in both.itertuples():
        total = row.value + row.value_fall
        same = counts[(counts["value"] == total) & (counts["date_precision"] != "day")]
        for other in same.itertuples():
            yield Sentence(
                "A count of {total} unpaid leavers, printed without its day, is the sum of {now}, the count of {day}, "
                "and {fall}, the fall since 31 August: it is the count of 31 August.",
                {
                    "total": exactly(other.value, "count"),
                    "now": exactly(row.value, "count"),
                    "fall": exactly(row.value_fall, "count"),
                    "day": row.period_end.date(),
                },
            )


def _keys(table: pd.DataFrame, pairs: int) -> Iterator[KeyNumber]:
    counts = {
        "pairs_of_figures": pairs,
        "contradictions": len(table),
        "contradictions_hard": int((table["severity"] == "hard").sum()),
        "contradictions_of_definition": int((table["severity"] == "definition").sum()),
    }
    for name, count in counts.items():
        yield KeyNumber(name, count, count, count, "count", why="a complete count")
