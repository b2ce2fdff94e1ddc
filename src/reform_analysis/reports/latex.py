"""A table of a report in LaTeX."""

from __future__ import annotations

import re

from reform_analysis.display.tables import escape_latex
from reform_analysis.reports.grid import Cell, Grid
from reform_analysis.reports.markup import Element

# Parts of the text width of a LaTeX page at 8 points: a letter, and the gap between two columns.
_LETTER, _GAP = 0.0123, 0.037
_RAGGED = {"left": "raggedright", "right": "raggedleft", "center": "centering"}
_MARKS = {
    "b": "textbf",
    "strong": "textbf",
    "em": "emph",
    "i": "emph",
    "code": "texttt",
    "sub": "textsubscript",
    "sup": "textsuperscript",
}


def table(grid: Grid, *, label: str = "") -> str:
    r"""Return a grid as a LaTeX ``longtable`` with rules of booktabs, which breaks over pages and wraps long texts.

    Parameters
    ----------
    grid
        The table.
    label
        Name for ``\\ref``; none when empty.
    """
    end = r" \\"
    caption = rf"\caption{{{escape_latex(grid.caption)}}}" + (rf"\label{{{label}}}" if label else "")
    head = [*(_row(row) + end for row in grid.head), *([r"\midrule"] if grid.head else [])]
    remarks = [
        rf"\multicolumn{{{grid.width}}}{{p{{0.95\linewidth}}}}{{{_text(remark)}}}{end}" for remark in grid.remarks
    ]
    return "\n".join(
        [
            r"% \usepackage{array, booktabs, longtable}; Vietnamese letters need XeLaTeX, LuaLaTeX or the encoding T5",
            r"\begingroup\footnotesize",
            rf"\begin{{longtable}}{{{_columns(grid)}}}",
            *([caption + end] if grid.caption else []),
            r"\toprule",
            *head,
            r"\endhead",
            *(_row(row) + end for row in grid.body),
            r"\bottomrule",
            *remarks,
            r"\end{longtable}",
            r"\endgroup",
            "",
        ]
    )


def _columns(grid: Grid) -> str:
    """Return how LaTeX sets each column: on one line while all fit the page, else wrapped, each in its share of it."""
    room = 1 - _GAP * grid.width
    shares = grid.shares(room / _LETTER)
    if shares is None:
        return "".join(side[0] for side in grid.sides)
    return "".join(
        rf">{{\{_RAGGED[side]}\arraybackslash}}p{{{room * share:.3f}\linewidth}}"
        for share, side in zip(shares, grid.sides, strict=True)
    )


def _row(row: tuple[Cell, ...]) -> str:
    """Return the cells of one row, without its end."""
    return " & ".join(
        rf"\multicolumn{{{cell.columns}}}{{l}}{{{_text(cell.content)}}}" if cell.columns > 1 else _text(cell.content)
        for cell in row
    )


def _text(content: Element | str) -> str:
    """Return text and its marks as LaTeX."""
    if isinstance(content, str):
        return escape_latex(re.sub(r"[ \t\r\n\f]+", " ", content))
    if content.tag == "br":
        return " "
    inner = "".join(_text(child) for child in content.children).strip()
    command = _MARKS.get(content.tag)
    if content.tag == "sup" and any(content.each("a")):
        # a line may end before each note of a source
        return "".join(rf"\hspace{{0pt}}\textsuperscript{{{note}}}" for note in re.split(r"(?<=,) ", inner))
    return rf"\{command}{{{inner}}}" if command else inner
