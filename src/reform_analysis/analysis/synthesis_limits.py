"""Notebook 07, limits: questions that are refused, and the documents that would settle the others."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Sentence
from reform_analysis.analysis.synthesis_scorecard import ABSENT, GRADE_LABELS, HIGH

REFUSED_LABELS = {
    "What did the reform change?": "All provinces changed on one day: no control, and no earlier figures in the same "
    "units.",
    "Are decisions better or faster?": "Nothing printed measures productivity or the quality of a decision.",
    "Are citizens satisfied?": "The method is not published, and scores lie near their ceiling.",
    "How much was saved?": "The saving is a claim of a plan; no account of spending is published.",
    "How many staff has a commune in each province?": "Counts of one definition exist for a few provinces only.",
    "Which province does best online or on time?": "Systems, periods and scopes differ, and good results are more "
    "likely to be printed.",
    "Do more people use services fully online?": "The term is defined in more than one way, and no two dates "
    "share one.",
    "Was the money spent?": "Only proposals and allocations are printed.",
    "Were the tasks of the Prime Minister done?": "Their number is printed, the list is not.",
    "Which commune does best?": "Communes are in the news because they were praised or visited.",
    "Do indices of governance go with uptake?": "The indices are of the old provinces or of few new ones, uptake of a "
    "few places that chose to print it.",
}


def refused() -> Answer:
    """Return the questions that the figures cannot answer, with the reason (07.Q4)."""
    table = pd.DataFrame(REFUSED_LABELS.items(), columns=["question", "reason"])
    return Answer(
        "07.Q4",
        table,
        sentences=(
            Sentence(
                "{n} question is not answered here, whatever the parameters.||{n} questions are not answered here, "
                "whatever the parameters.",
                {"n": len(table)},
            ),
        ),
        caption="Refused questions",
        columns={"question": "Question", "reason": "Why it is refused"},
    )


def settling(form: Answer) -> Answer:
    """Return, for each figure whose evidence is not high, the document that would settle it (07.Q5).

    Parameters
    ----------
    form
        What `synthesis_scorecard.scorecard` returned.
    """
    if form.unknown is not None:
        return Answer("07.Q5", pd.DataFrame(), unknown=form.unknown)
    table = form.table[form.table["grade"] != GRADE_LABELS[HIGH]]
    wanted = float(table["document"].nunique())
    return Answer(
        "07.Q5",
        table[["document", "claim", "grade", "observations"]].sort_values("document", kind="stable", ignore_index=True),
        sentences=tuple(_sentences(table)),
        key_numbers=(KeyNumber("documents_wanted", wanted, wanted, wanted, "documents"),),
        caption="What would settle each figure",
        columns={"document": "Document", "claim": "Figure", "grade": "Evidence"},
    )


def _sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    counts = table["document"].value_counts(sort=False)
    yield Sentence(
        "{n} document would settle the figures whose evidence is not high.||{n} documents would settle the {figures} "
        "figures whose evidence is not high.",
        {"n": len(counts), "figures": len(table)},
    )
    if len(counts):
        yield Sentence(
            "Most wanted: {document}; figures it would settle: {figures}.",
            {"document": counts.idxmax(), "figures": int(counts.max())},
        )
    absent = int((table["grade"] == GRADE_LABELS[ABSENT]).sum())
    if absent:
        yield Sentence(
            "{n} figure had not been published for this date.||{n} figures had not been published for this date.",
            {"n": absent},
        )
