"""What a notebook says to its reader: answers in the reader's language, sources, colophon. Public as ``ra.report``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd
from IPython.display import display

from reform_analysis.analysis.answer import Answer, Form
from reform_analysis.display import charts, tables
from reform_analysis.evidence import store
from reform_analysis.reports.record import ANSWER, Colophon, colophon, key_number, key_record, not_applicable

__all__ = ["Colophon", "Reader", "colophon", "key_number", "not_applicable"]


@dataclass(frozen=True)
class Reader:
    """Shows answers in one language, and numbers the sources as they are first cited.

    Parameters
    ----------
    language
        ``en``, ``fr`` or ``vi``.
    """

    language: str = "en"
    cited: tables.Citations = field(default_factory=lambda: tables.Citations(store.sources()), repr=False)

    def show(self, answer: Answer) -> None:
        """Show an answer: its sentences, its figures, its table; register its key numbers.

        An answer that is not known shows why, and nothing else.
        """
        said = tables.statements(answer, self.language)
        record = {
            "question": answer.question,
            "status": "answered" if answer.unknown is None else "not known",
            "says": list(said.texts),
            "key_numbers": [key_record(**vars(number)) for number in answer.key_numbers],
        }
        display({ANSWER: record, "text/markdown": said._repr_markdown_(), "text/plain": repr(said)}, raw=True)
        if answer.unknown is not None:
            return
        for chart in self._charts(answer):
            display(chart)
        if len(answer.table):
            display(self.table(answer))

    def table(self, answer: Answer) -> tables.Table | tables.Statements:
        """Return the table of an answer, with units, bounds and source notes; or why there is none."""
        return tables.show(
            answer,
            language=self.language,
            caption=answer.caption,
            columns=dict(answer.columns) or None,
            units=dict(answer.units) or None,
            notes=answer.notes or None,
            sources=self.cited,
        )

    def _charts(self, answer: Answer) -> Iterator[object]:
        for form in answer.forms:
            rows = _drawn(answer.table, form.rows)
            # nothing to draw is said by the sentences, not by an empty panel
            if len(rows):
                yield self._chart(form, rows)

    def _chart(self, form: Form, rows: pd.DataFrame) -> object:
        draw = getattr(charts, form.kind)
        return draw(rows, title=form.title, language=self.language, sources=self.cited, **form.options)

    def sources(self) -> object:
        """Return the list of the sources cited so far, in the order of their notes."""
        return tables.sources_list(self.cited, language=self.language)


def _drawn(table: pd.DataFrame, rows: str) -> pd.DataFrame:
    """Return the rows of a table that a form draws: those where a column holds, or those of a query."""
    if rows in table:
        return table[table[rows].astype(bool)]
    return table.query(rows) if rows else table
