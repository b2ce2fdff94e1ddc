"""The tables of a report as files: CSV for programs and spreadsheets, LaTeX to set in another document."""

from __future__ import annotations

import csv
import io
import re

from reform_analysis.reports import archive, latex
from reform_analysis.reports.blocks import Table
from reform_analysis.reports.document import Document
from reform_analysis.reports.grid import Grid, filled, grids, laid_out

# the head of the column of source notes, by language of the report
WORDS = {"en": "Source notes", "fr": "Notes de source", "vi": "Chú thích nguồn"}

# What a spreadsheet takes for the start of a formula; a number may start so.
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?[\d\s.,\u00a0\u202f]*\d\s*%?$")


def packed(report: Document) -> bytes:
    """Return the tables of a report as a ZIP archive: ``table-1.csv``, ``table-1.tex``, and so on."""
    files: dict[str, bytes] = {}
    header = WORDS[report.language]
    for table in report.blocks:
        if isinstance(table, Table):
            for grid in grids(table.html)[:1]:
                # with the mark by which spreadsheets know UTF-8
                files[f"{table.id}.csv"] = to_csv(grid, notes_header=header).encode("utf-8-sig")
                files[f"{table.id}.tex"] = latex.table(grid, label=table.id).encode()
    return archive.packed(files)


def to_csv(grid: Grid, *, notes_header: str = WORDS["en"]) -> str:
    r"""Return a grid as CSV: one line a row, spanned cells repeated, source notes in a column of their own.

    Parameters
    ----------
    grid
        The table.
    notes_header
        Head of the column of source notes, which is there if any cell has one.

    Notes
    -----
    A cell that a spreadsheet would run as a formula (it starts with ``=``, ``+``, ``-``, ``@`` and is no number)
    gets an apostrophe in front, as spreadsheets themselves mark text. Several rows of heads become one, joined by
    a slash.

    Examples
    --------
    >>> table = "<table><tr><th>Place</th><th>n</th></tr><tr><td>=1+1</td><td>-5</td></tr></table>"
    >>> to_csv(grids(table)[0])
    "Place,n\n'=1+1,-5\n"
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    width, noted = grid.width, any(cell.notes for row in grid.body for cell in row)
    heads = [[cell.text if cell else "" for cell in filled(row, width)] for row in laid_out(grid.head)]
    if heads:
        names = [" / ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)]
        writer.writerow([_harmless(name) for name in [*names, *([notes_header] if noted else [])]])
    for row, written in zip(laid_out(grid.body), grid.body, strict=True):
        texts = [cell.text if cell else "" for cell in filled(row, width)]
        if noted:
            texts.append(", ".join(filter(None, (cell.notes for cell in written))))
        writer.writerow([_harmless(text) for text in texts])
    return stream.getvalue()


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text
