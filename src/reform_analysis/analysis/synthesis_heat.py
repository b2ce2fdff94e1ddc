"""Notebook 07, the form as a figure: one coloured cell a figure and criterion."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer
from reform_analysis.analysis.synthesis_claims import CLEAR, DEFINITION_LABELS, PARTLY, UNCLEAR
from reform_analysis.analysis.synthesis_scorecard import (
    ABSENT,
    CRITERION_LABELS,
    GRADE_LABELS,
    HIGH,
    LOW,
    MEDIUM,
    UNUSABLE,
)

LEVEL_LABELS = {3: "good", 2: "fair", 1: "poor", 0: "unusable"}
TITLE_LABELS = {"heat": "What each figure rests on"}


class Heat(NamedTuple):
    """Data and options of the figure of the form: one coloured cell a figure and criterion."""

    cells: Answer
    options: dict[str, object]


def heat(form: Answer) -> Heat:
    """Return what `charts.heat_table` draws of a scorecard.

    Parameters
    ----------
    form
        What `scorecard` returned.
    """
    options: dict[str, object] = {
        "title": TITLE_LABELS["heat"],
        "row": "claim",
        "column": "criterion",
        "value": "level",
        "text": "text",
        "order": list(LEVEL_LABELS.values()),
    }
    if form.unknown is not None:
        return Heat(form, options)
    rows = [
        {"claim": line["claim"], "criterion": words, "level": level, "text": text, "observations": line["observations"]}
        for line in form.table.to_dict("records")
        if line["grade"] != GRADE_LABELS[ABSENT]
        for name, words in CRITERION_LABELS.items()
        for level, text in [_cell(name, line)]
    ]
    return Heat(Answer(form.question, pd.DataFrame(rows)), options)


def _cell(criterion: str, line: dict) -> tuple[str, str]:
    """Return how good a line is by one criterion, and the words in its cell."""
    value = line[criterion]
    if criterion == "definition":
        grades = {DEFINITION_LABELS[CLEAR]: 3, DEFINITION_LABELS[PARTLY]: 2, DEFINITION_LABELS[UNCLEAR]: 0}
        return LEVEL_LABELS[grades[value]], value
    if criterion == "grade":
        order = [GRADE_LABELS[grade] for grade in (UNUSABLE, LOW, MEDIUM, HIGH)]
        return LEVEL_LABELS[order.index(value)], value
    count = int(value)
    good = 3 if (count == 0 if criterion == "conflicts" else count > (criterion == "origins")) else 1
    return LEVEL_LABELS[good], str(count)
