"""Tables, statements and the list of sources, as HTML, plain text, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from reform_analysis.analysis.answer import Answer
from reform_analysis.display import caption as words
from reform_analysis.display.catalogue import check_language, translate
from reform_analysis.display.cells import Cell, Column, cell_of, plan_columns
from reform_analysis.display.citations import Citations, note_words, number_ranges, split_ids
from reform_analysis.display.language import say
from reform_analysis.display.sources import SourceList, sources_list

__all__ = ["Citations", "SourceList", "Statements", "Table", "show", "sources_list", "statements"]

_NOTE_LABELS = {
    "rounding": "In brackets: bounds of figures as printed (rounding and wording), not sampling error.",
    "sampling": "In brackets: {level} sampling intervals.",
    "model": "In brackets: {level} intervals of the model.",
    "mixed": "In brackets: bounds of printed figures, or {level} intervals; the column of bounds says which.",
}

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\u00a0": "~",
    "\u202f": r"\,",
    "\N{MINUS SIGN}": "$-$",
    "\n": " ",
}


def escape_latex(text: str) -> str:
    """Return text that LaTeX prints as it stands."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def _html_notes(numbers: Sequence[int], language: str) -> str:
    """Return source notes as superscript links to the list of sources."""
    if not numbers:
        return ""
    name = translate("source note {n}", language)

    def link(n: int) -> str:
        return f'<a href="#source-{n}" aria-label="{escape(name.replace("{n}", str(n)))}">{n}</a>'

    runs = [link(a) if a == b else f"{link(a)}–{link(b)}" for a, b in number_ranges(numbers)]
    return f"<sup>\N{NARROW NO-BREAK SPACE}{', '.join(runs)}</sup>"


@dataclass(frozen=True)
class Table:
    """A table for a reader; what it was made from is in ``frame``."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)
    row_notes: tuple[tuple[int, ...], ...] = field(repr=False)
    notes: tuple[str, ...]
    language: str
    frame: pd.DataFrame = field(repr=False)

    @property
    def _numeric(self) -> list[bool]:
        """Which columns hold numbers, and stand to the right."""
        return [any(row[i].is_number for row in self.rows) for i in range(len(self.headers))]

    def _repr_html_(self) -> str:
        """Return accessible HTML: caption, scopes, notes as links."""
        sides = ["right" if numeric else "left" for numeric in self._numeric]
        heads = "".join(
            f'<th scope="col" style="text-align:{side}">{escape(name)}</th>'
            for name, side in zip(self.headers, sides, strict=True)
        )
        lines = []
        for row, numbers in zip(self.rows, self.row_notes, strict=True):
            first = f"{escape(row[0].text)}{_html_notes(numbers, self.language)}"
            cells = [f'<th scope="row" style="text-align:{sides[0]};font-weight:normal">{first}</th>']
            cells += [
                f'<td style="text-align:{side}">{escape(cell.text)}</td>'
                for cell, side in zip(row[1:], sides[1:], strict=True)
            ]
            lines.append(f"<tr>{''.join(cells)}</tr>")
        notes = "<br>".join(escape(note) for note in self.notes)
        small = f'<td colspan="{len(self.headers)}" style="text-align:left;font-size:smaller">{notes}</td>'
        foot = f"<tfoot><tr>{small}</tr></tfoot>" if notes else ""
        return (
            f'<table class="ra-table" lang="{self.language}">'
            f'<caption style="text-align:left;font-weight:bold">{escape(self.caption)}</caption>'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n" + "\n".join(lines) + f"\n</tbody>{foot}</table>"
        )

    def __repr__(self) -> str:
        """Return the table as plain text, its columns aligned."""
        texts = [list(self.headers)]
        for row, numbers in zip(self.rows, self.row_notes, strict=True):
            note = f" [{note_words(numbers)}]" if numbers else ""
            texts.append([row[0].text + note, *(cell.text for cell in row[1:])])
        widths = [max(len(line[i]) for line in texts) for i in range(len(self.headers))]
        numeric = [False, *self._numeric[1:]]
        lines = [
            "  ".join(t.rjust(w) if n else t.ljust(w) for t, w, n in zip(line, widths, numeric, strict=True)).rstrip()
            for line in texts
        ]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        return "\n".join([self.caption, lines[0], rule, *lines[1:], *self.notes])

    def to_csv(self) -> str:
        """Return the table behind, full precision, UTF-8, ``\\n``."""
        return str(self.frame.to_csv(index=False, lineterminator="\n"))

    def to_latex(self, label: str | None = None) -> str:
        """Return a LaTeX table for the booktabs package; ``label`` names it for ``\\ref``."""
        sides = "".join("r" if numeric else "l" for numeric in self._numeric)
        lines = []
        for row, numbers in zip(self.rows, self.row_notes, strict=True):
            note = rf"\textsuperscript{{{note_words(numbers)}}}" if numbers else ""
            lines.append(
                " & ".join([escape_latex(row[0].text) + note, *(escape_latex(c.text) for c in row[1:])]) + r" \\"
            )
        return "\n".join(
            [
                r"\begin{table}[htbp]",
                r"\centering",
                rf"\caption{{{escape_latex(self.caption)}}}",
                *([rf"\label{{{label}}}"] if label else []),
                rf"\begin{{tabular}}{{{sides}}}",
                r"\toprule",
                " & ".join(map(escape_latex, self.headers)) + r" \\",
                r"\midrule",
                *lines,
                r"\bottomrule",
                r"\end{tabular}",
                *[rf"\par\footnotesize {escape_latex(note)}" for note in self.notes],
                r"\end{table}",
                "",
            ]
        )


@dataclass(frozen=True)
class Statements:
    """Sentences for a reader, one a line of a list."""

    texts: tuple[str, ...]

    def _repr_markdown_(self) -> str:
        """Return the sentences as Markdown; marks that stand in names are escaped."""
        lines = [_escape_markdown(text) for text in self.texts]
        return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)

    def __repr__(self) -> str:
        """Return the sentences as plain text."""
        return "\n".join(self.texts)


def _escape_markdown(text: str) -> str:
    """Return text whose letters Markdown and HTML leave alone."""
    marked = escape(text, quote=False)
    for mark in "\\`*_[]|~$":
        marked = marked.replace(mark, f"\\{mark}")
    return marked


def statements(answer: Answer, language: str) -> Statements:
    """Return what an answer says, in the reader's language; why nothing can be said where nothing can.

    Raises
    ------
    ValueError
        If the language is unknown or a sentence lacks a value.
    """
    check_language(language)
    said = [*answer.sentences, *([answer.unknown] if answer.unknown else [])]
    return Statements(tuple(say(sentence, language) for sentence in said))


def _interval_note(frame: pd.DataFrame, plan: Sequence[Column], level: float, language: str) -> list[str]:
    """Return what the numbers in brackets are."""
    kinds = dict.fromkeys(kind for column in plan for kind in words.interval_kinds(frame, column.low, column.high))
    if not kinds:
        return []
    percent = words.level_words(level, language)
    chosen = next(iter(kinds)) if len(kinds) == 1 else "mixed"
    return [translate(_NOTE_LABELS[chosen], language).replace("{level}", percent)]


def show(
    data: Answer | pd.DataFrame,
    *,
    language: str,
    caption: str,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    notes: str | None = None,
    sources: Citations | None = None,
    level: float = 0.95,
) -> Table | Statements:
    """Return a table for a reader: units in its headers, bounds beside estimates, notes for its sources.

    Parameters
    ----------
    data
        Answer or table, one row an item. ``estimate`` with ``low`` and ``high``, and any ``<name>`` with ``<name>_low``
        and ``<name>_high``, become one column "12.1 (12.05 to 12.15)".
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    caption
        What the table shows, in English; translated here, as are headers and labels.
    columns
        Column to header, or columns in order; None shows all but helpers (bounds, observations, units).
    units
        Unit of each number column; without it the column ``unit`` says it row by row.
    notes
        A remark under the table, in English.
    sources
        Citations of the report; rows with ``observations`` get numbered notes.
    level
        Confidence level of sampling intervals, for the note.

    Returns
    -------
    Table or Statements
        Statements where the answer is a reason why there is none.

    Raises
    ------
    ValueError
        If there are no rows, a column is missing or the language is unknown.
    """
    check_language(language)
    if isinstance(data, Answer) and data.table.empty and data.unknown is not None:
        return statements(data, language)
    frame = words.rows_of(data, columns or [])
    plan = plan_columns(frame, columns, units or {}, language)
    rows = tuple(tuple(cell_of(row, column, language) for column in plan) for row in frame.to_dict("records"))
    ids = frame["observations"] if "observations" in frame.columns else [None] * len(frame)
    remarks = _interval_note(frame, plan, level, language) + ([translate(notes, language)] if notes else [])
    return Table(
        caption=translate(caption, language),
        headers=tuple(column.header for column in plan),
        rows=rows,
        row_notes=tuple(sources.numbers(split_ids(cell)) if sources else () for cell in ids),
        notes=tuple(remarks),
        language=language,
        frame=frame,
    )
