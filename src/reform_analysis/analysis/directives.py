"""Notebook 05, directives: which deadlines can be checked, whether printed counts of texts close, texts by month.

A *deadline* is a task of a document with a last day; its *outcome* is a published figure that shows what became of it,
joined by hand in the data (table ``outcomes``). No figure means no outcome, not failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.deadline_tasks import TASK_LABELS
from reform_analysis.analysis.documents import conclusions, texts

__all__ = ["conclusions", "deadlines", "texts"]

FAMILY_LABELS = {
    "decentralisation": "Decentralisation and rules",
    "online_services": "Online services and data",
    "staff_and_organisation": "Staff and organisation",
    "pay_and_leave": "Pay and leave benefits",
    "finance_and_assets": "Finance and assets",
}

# the words of the chart's marks for kept, missed and unknown are its own
STATUS_LABELS = {
    "kept": "kept",
    "nearly_kept": "nearly kept",
    "done_day_unknown": "done, day unknown",
    "missed": "missed",
    "unknown": "unknown",
}

DOCUMENT_LABELS = {"none": "no number printed"}

TIER_LABELS = {True: "national", False: "of one province"}

COLUMN_LABELS = {
    "due": "Due",
    "document": "Document",
    "task": "Task",
    "tier": "Whose",
    "status": "Outcome",
    "estimate": "Short by",
}

UNKNOWN_LABELS = {
    "deadlines": "No deadline had fallen due by this date in sources of this class.",
    "testable": "No deadline that had fallen due by this date has a published outcome in sources of this class.",
}

OUTCOME_LABELS = {
    "kept": "{n} deadline was kept on the day.||{n} deadlines were kept on the day.",
    "nearly_kept": "{n} deadline was nearly kept: at least 99% was done within a week of the day.||"
    "{n} deadlines were nearly kept: at least 99% was done within a week of the day.",
    "done_day_unknown": "For {n} deadline a later report shows the work done, but not by which day.||"
    "For {n} deadlines a later report shows the work done, but not by which day.",
    "missed": "{n} deadline was missed.||{n} deadlines were missed.",
}


def deadlines(
    directives: pd.DataFrame,
    policy: pd.DataFrame,
    known: pd.DataFrame,
    *,
    as_of: str,
    deadline_status: str = "all",
) -> Answer:
    """Return the deadlines that fell due and what was published of their outcome (05.Q1).

    Parameters
    ----------
    directives
        Documents and deadlines with their outcomes (``ra.directives(outcomes=True)``).
    policy
        Figures of the topic policy: the deadlines let in, by class of source and day.
    known
        Figures of all topics: the outcomes let in.
    as_of
        Last day, ISO 8601.
    deadline_status
        ``all``, or ``testable`` for those with an outcome.

    Notes
    -----
    Outcomes are printed when they are good or when a minister complains, so the shares of kept and missed among those
    published say nothing of the rest.
    """
    everything = _deadlines(directives, policy, known)
    if everything.empty:
        return not_known("05.Q1", UNKNOWN_LABELS["deadlines"])
    table = everything[everything["code"] != "unknown"] if deadline_status == "testable" else everything
    if table.empty:
        return not_known("05.Q1", UNKNOWN_LABELS["testable"])
    return Answer(
        "05.Q1",
        table.reset_index(drop=True),
        sentences=(
            *_checked(everything, date.fromisoformat(as_of)),
            *_outcomes(everything),
            *_calendar(everything),
            *_recurring(directives),
        ),
        key_numbers=tuple(_deadline_keys(everything)),
        caption="Deadlines that fell due, and what was published of their outcome",
        columns=COLUMN_LABELS,
        notes="Short by: people, bodies or communes left, or points of a percentage. An unknown outcome is no failure.",
        forms=(
            Form(
                "timeline",
                title="Deadlines by task and published outcome",
                options={"date": "due", "label": "task", "group": "family", "status": "status"},
            ),
        ),
    )


def _deadlines(directives: pd.DataFrame, policy: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return one row a deadline let in, with the best outcome let in."""
    let_in = policy.set_index("observation_id")
    rows = directives[directives["due"].notna() & directives["observation_id"].isin(let_in.index)]
    values = known.drop_duplicates("observation_id").set_index("observation_id")
    # an outcome that the reader did not let in counts as not published
    is_shown = rows["outcome_id"].isin(values.index)
    best = rows.assign(is_shown=is_shown).sort_values(
        ["directive_id", "is_shown", "rank"], ascending=[True, False, True]
    )
    chosen = best.drop_duplicates("directive_id").sort_values(["due", "directive_id"], kind="stable")
    return pd.DataFrame([_deadline(row, let_in, values) for row in chosen.to_dict("records")])


def _deadline(row: dict[str, Any], let_in: pd.DataFrame, values: pd.DataFrame) -> dict[str, object]:
    """Return one deadline with its outcome and by how much it fell short."""
    code = row["outcome"] if row["is_shown"] else "unknown"
    outcome = values.loc[row["outcome_id"]] if row["is_shown"] else None
    gap = (np.nan, np.nan, np.nan)
    if outcome is not None and not np.isnan(row["target"]):
        gap = _gap(row["target"], outcome)
    is_percent = outcome is not None and outcome["unit"] == "percent"
    return {
        "due": row["due"].date(),
        "issued": row["issued"],
        "document": row["document"] or DOCUMENT_LABELS["none"],
        "task": TASK_LABELS.get(row["directive_id"], row["task"]),
        "tier": TIER_LABELS[let_in.loc[row["observation_id"], "place_id"] == "VN"],
        "family": FAMILY_LABELS.get(row["family"], ""),
        "code": code,
        "status": STATUS_LABELS[code],
        "estimate": gap[0],
        "low": gap[1],
        "high": gap[2],
        "unit": "percent" if is_percent else "count",
        "interval": "rounding",
        "observations": f"{row['observation_id']} {row['outcome_id'] if row['is_shown'] else ''}".strip(),
    }


def _gap(target: float, outcome: pd.Series) -> tuple[float, float, float]:
    """Return by how much a figure misses its target, with the bounds of the figure."""
    ends = sorted(abs(target - outcome[end]) for end in ("low", "high"))
    low = 0.0 if outcome["low"] <= target <= outcome["high"] else ends[0]
    return abs(target - outcome["value"]), low, ends[1]


def _checked(table: pd.DataFrame, day: date) -> Iterator[Sentence]:
    """Yield how many deadlines can be checked, national ones and those of provinces apart."""
    national = table[table["tier"] == TIER_LABELS[True]]
    n = int((national["code"] != "unknown").sum())
    if len(national):
        share = n / len(national)
        values = {"n": n, "all": len(national), "share": Quantity(share, share, share, "share"), "day": day}
        yield Sentence(
            "Of the national deadlines due by {day} ({all}), {n:#} has a published outcome ({share}).||"
            "Of the national deadlines due by {day} ({all}), {n:#} have a published outcome ({share}).",
            values,
        )
    local = table[table["tier"] == TIER_LABELS[False]]
    if len(local):
        values = {"n": int((local["code"] != "unknown").sum()), "all": len(local)}
        yield Sentence(
            "Of the deadlines that provinces set ({all}), {n:#} has a published outcome.||"
            "Of the deadlines that provinces set ({all}), {n:#} have a published outcome.",
            values,
        )


def _outcomes(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how many deadlines had each outcome."""
    for code, template in OUTCOME_LABELS.items():
        n = int((table["code"] == code).sum())
        if n:
            yield Sentence(template, {"n": n})


def _calendar(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how the days bunch, and how much notice was given."""
    national = table[table["tier"] == TIER_LABELS[True]]
    days = pd.to_datetime(national["due"])
    if len(days) > 1:
        month = days.dt.to_period("M").mode()[0]
        own = days[days.dt.to_period("M") == month]
        values = {"n": int(own.dt.is_month_end.sum()), "all": len(own), "month": month.end_time.date()}
        yield Sentence("{n} of the {all} national deadlines of {month:month} fell on its last day.", values)
    notice = _notice(national)
    if len(notice):
        middle = float(notice.median())
        values = {"days": Quantity(middle, middle, middle, "days"), "n": len(notice)}
        yield Sentence(
            "The median notice, from issue to due day, was {days} ({n:#} deadline).||"
            "The median notice, from issue to due day, was {days} ({n:#} deadlines).",
            values,
        )


def _notice(table: pd.DataFrame) -> pd.Series:
    """Return the days from issue to due day, where both are printed."""
    return (pd.to_datetime(table["due"]) - table["issued"]).dt.days.dropna()


def _recurring(directives: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how many recurring obligations have no outcome at all."""
    n = int((directives["recurrence"] != "once").sum())
    if n:
        yield Sentence(
            "{n} recurring obligation has no outcome at all.||"
            "{n} recurring obligations, such as the review every two weeks, have no outcome at all.",
            {"n": n},
        )


def _deadline_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    national = table[table["tier"] == TIER_LABELS[True]]
    yield KeyNumber("national_deadlines", len(national), len(national), len(national), "deadlines")
    counts = table["code"].value_counts()
    for code in OUTCOME_LABELS:
        n = int(counts.get(code, 0))
        yield KeyNumber(f"deadlines_{code}", n, n, n, "deadlines")
    notice = _notice(national)
    if len(notice):
        median = float(notice.median())
        yield KeyNumber("median_notice_days", median, median, median, "days")
