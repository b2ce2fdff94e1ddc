"""What an analysis hands to the reader's side: a table, the sentences it supports, its key numbers.

Sentences are message identifiers with values, never finished text: the numbers in them are computed here,
and `reform_analysis.display.language` writes them in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Quantity:
    """A number for a reader: an estimate inside its bounds.

    Parameters
    ----------
    value, low, high
        Estimate and bounds, in base units; shares in [0, 1]. NaN where not known.
    unit
        ``"share"`` (shown as percent), ``"count"``, ``"ratio"``, ``"days"``, ``"VND"`` or a unit of the codebook.
    """

    value: float
    low: float
    high: float
    unit: str = "count"


@dataclass(frozen=True)
class Sentence:
    """One statement: an English template with ``{named}`` places, and what stands in them.

    Values are `Quantity`, numbers, ISO dates (``datetime.date``) or plain strings (names of places and sources).
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyNumber:
    """A headline number that a rerun must give again, within ``tolerance`` (absolute), and why that much."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    tolerance: float = 0.0
    why: str = "exact arithmetic on printed figures"


@dataclass(frozen=True)
class Form:
    """How an answer's table is drawn.

    Parameters
    ----------
    kind
        Name of a function of `reform_analysis.display.charts`: ``"steps"``, ``"interval_dots"`` and so on.
    title
        What the figure shows, in English; no claim of cause.
    options
        The chart's other arguments: which column plays which part, labels, unit.
    rows
        Which rows of the table are drawn: a column that holds for them, or a query (`DataFrame.query`); empty for all.
    """

    kind: str
    title: str
    options: Mapping[str, object] = field(default_factory=dict)
    rows: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer to one research question.

    Parameters
    ----------
    question
        Key of the question, ``"04.Q1"``: notebook and number.
    table
        One row an item; ``estimate``, ``low`` and ``high`` where the row has a number, ``interval`` (``rounding`` or
        ``sampling``) saying what the bounds are, ``observations`` (ids joined by spaces) saying what it rests on.
    sentences
        What the table supports, in order.
    key_numbers
        Headline numbers.
    unknown
        Why the question has no answer here (a `Sentence`), else None.
    caption
        What the table holds, in English.
    columns
        Column shown -> its heading in English, in order; bounds follow their estimate by themselves. Empty: all.
    units
        Column -> unit of its values, where the table has no column ``unit``.
    notes
        Definitions and cautions under the table, in English.
    forms
        How to draw it; none where a table says it better.
    """

    question: str
    table: pd.DataFrame
    sentences: tuple[Sentence, ...] = ()
    key_numbers: tuple[KeyNumber, ...] = ()
    unknown: Sentence | None = None
    caption: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    forms: tuple[Form, ...] = ()

    @property
    def observations(self) -> tuple[str, ...]:
        """Identifiers of the printed figures behind the table, in order of first use."""
        if "observations" not in self.table:
            return ()
        return tuple(dict.fromkeys(" ".join(self.table["observations"].dropna()).split()))


def not_known(question: str, template: str, **values: object) -> Answer:
    """Return the answer that nothing was published to answer ``question`` with, and why."""
    return Answer(question, pd.DataFrame(), unknown=Sentence(template, values))
