"""Tables of a report as grids of cells, and from there as CSV and LaTeX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reform_analysis.display.tables import escape_latex
from reform_analysis.reports import markup
from reform_analysis.reports.markup import Element

# What a spreadsheet takes for the start of a formula; a number may start so.
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?[\d\s.,\u00a0\u202f]*\d\s*%?$")
# Parts of the text width of a LaTeX page at 8 points: a letter, and the gap between two columns.
_LETTER, _GAP = 0.0115, 0.035
# Numbers are kept on one line while that takes no more than this part of it.
_CROWDED = 0.8
_RAGGED = {"left": "raggedright", "right": "raggedleft", "center": "centering"}
_SPANS = ("colspan", "rowspan")
_LATEX_MARKS = {
    "b": "textbf",
    "strong": "textbf",
    "em": "emph",
    "i": "emph",
    "code": "texttt",
    "sub": "textsubscript",
    "sup": "textsuperscript",
}


@dataclass(frozen=True)
class Cell:
    """One cell: its content, whether it heads a row or column, its side, and how far it spans."""

    content: Element
    heads: bool = False
    side: str = "left"
    columns: int = 1
    rows: int = 1

    @property
    def notes(self) -> str:
        """The numbers of its source notes, as ``1, 3–5``."""
        return ", ".join(mark.text() for mark in self.content.each("sup") if any(mark.each("a")))

    @property
    def text(self) -> str:
        """Its text on one line, without source notes."""
        return _without_notes(self.content).text()

    @property
    def length(self) -> int:
        """Letters of its text, source notes included."""
        return len(self.text) + len(self.notes)

    @property
    def longest_word(self) -> int:
        """Letters of its longest word."""
        return max(map(len, self.text.split(" ")))

    @property
    def shortest_line(self) -> int:
        """Letters of the shortest line that it looks well in: a number stays together with its bounds."""
        return len(self.text) if self.side == "right" and not self.heads else self.longest_word


@dataclass(frozen=True)
class Grid:
    """One table: caption, rows of the head and of the body as written, and the remarks below it."""

    caption: str
    head: tuple[tuple[Cell, ...], ...]
    body: tuple[tuple[Cell, ...], ...]
    remarks: tuple[Element, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((len(row) for row in [*_laid_out(self.head), *_laid_out(self.body)]), default=0)

    @property
    def sides(self) -> list[str]:
        """The side on which each column's text stands: that of most of its cells."""
        columns = zip(*(_filled(row, self.width) for row in _laid_out(self.body)), strict=True)
        return [_usual([cell.side for cell in column if cell]) for column in columns] or ["left"] * self.width

    @property
    def lengths(self) -> list[int]:
        """Letters of the longest text in each column."""
        return [max((cell.length for cell in column), default=1) for column in self._columns()]

    def shares(self, letters: float) -> list[float] | None:
        """Return the part of a line's width that each column gets; None where a line holds the longest texts of all.

        No column gets less than its longest word needs, nor numbers with bounds less than a line, if that leaves room
        for words; what is left goes to the narrower ones first, so that few columns wrap.
        """
        most = self.lengths
        if sum(most) <= letters:
            return None
        words = [max((cell.longest_word for cell in column), default=1) for column in self._columns()]
        lines = [max((cell.shortest_line for cell in column), default=1) for column in self._columns()]
        least = lines if sum(lines) <= _CROWDED * letters else words
        widths = least
        for line in range(max(most) + 1):
            wider = [min(high, max(low, line)) for low, high in zip(least, most, strict=True)]
            if sum(wider) > letters:
                break
            widths = wider
        return [width / sum(widths) for width in widths]

    def _columns(self) -> list[list[Cell]]:
        """Return the cells of each column that stand in no other."""
        rows = [_filled(row, self.width) for row in [*_laid_out(self.head), *_laid_out(self.body)]]
        return [[cell for cell in column if cell and cell.columns == 1] for column in zip(*rows, strict=True)]

    @property
    def header_columns(self) -> int:
        """How many columns at the start of each row head it."""
        return min((_leading_headers(row) for row in self.body), default=0)


def grids(fragment: str) -> list[Grid]:
    """Return the tables of an HTML fragment, in order; those within another are left to it."""
    return [grid_of(table) for table in markup.parse(fragment).each("table")]


def grid_of(table: Element) -> Grid:
    """Return an HTML table as a grid; a row in no part of the table is of the head if all its cells are headers."""
    captions = [caption.text() for caption in table.each("caption")]
    head: list[tuple[Cell, ...]] = []
    body: list[tuple[Cell, ...]] = []
    remarks: list[Element] = []
    for part, row in _rows(table):
        cells = tuple(_cell(element) for element in row.each("th", "td"))
        if part == "tfoot":
            remarks += [cell.content for cell in cells]
        elif part == "thead" or (part == "" and not body and all(cell.heads for cell in cells)):
            head.append(cells)
        else:
            body.append(cells)
    return Grid(captions[0] if captions else "", tuple(head), tuple(body), tuple(remarks))


def to_csv(grid: Grid, *, notes_header: str = "Source notes") -> str:
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
    heads = [[cell.text if cell else "" for cell in _filled(row, width)] for row in _laid_out(grid.head)]
    if heads:
        names = [" / ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)]
        writer.writerow([_harmless(name) for name in [*names, *([notes_header] if noted else [])]])
    for row, written in zip(_laid_out(grid.body), grid.body, strict=True):
        texts = [cell.text if cell else "" for cell in _filled(row, width)]
        if noted:
            texts.append(", ".join(filter(None, (cell.notes for cell in written))))
        writer.writerow([_harmless(text) for text in texts])
    return stream.getvalue()


def to_latex(grid: Grid, *, label: str = "") -> str:
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
    head = [*(_latex_row(row) + end for row in grid.head), *([r"\midrule"] if grid.head else [])]
    remarks = [
        rf"\multicolumn{{{grid.width}}}{{p{{0.95\linewidth}}}}{{{_latex(remark)}}}{end}" for remark in grid.remarks
    ]
    return "\n".join(
        [
            r"% \usepackage{array, booktabs, longtable}; Vietnamese letters need XeLaTeX, LuaLaTeX or the encoding T5",
            r"\begingroup\footnotesize",
            rf"\begin{{longtable}}{{{_latex_columns(grid)}}}",
            *([caption + end] if grid.caption else []),
            r"\toprule",
            *head,
            r"\endhead",
            *(_latex_row(row) + end for row in grid.body),
            r"\bottomrule",
            *remarks,
            r"\end{longtable}",
            r"\endgroup",
            "",
        ]
    )


def _rows(table: Element) -> Iterator[tuple[str, Element]]:
    """Yield each row with the part of the table it stands in, empty if in none."""
    for part in table.each("thead", "tbody", "tfoot", "tr"):
        if part.tag == "tr":
            yield "", part
        else:
            yield from ((part.tag, row) for row in part.each("tr"))


def _cell(element: Element) -> Cell:
    """Read one cell."""
    side = element.style("text-align")
    spans = [max(int(text), 1) if (text := element.attributes.get(name, "")).isdigit() else 1 for name in _SPANS]
    return Cell(element, element.tag == "th", side if side in _RAGGED else "left", *spans)


def _laid_out(rows: tuple[tuple[Cell, ...], ...]) -> list[list[Cell | None]]:
    """Return rows with each cell at every place that it covers."""
    laid: list[list[Cell | None]] = [[] for _ in rows]
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while x < len(laid[y]) and laid[y][x] is not None:
                x += 1
            for line in laid[y : y + cell.rows]:
                line += [None] * (x + cell.columns - len(line))
                line[x : x + cell.columns] = [cell] * cell.columns
            x += cell.columns
    return laid


def _filled(row: list[Cell | None], width: int) -> list[Cell | None]:
    """Return a row with nothing at the places it lacks."""
    return row + [None] * (width - len(row))


def _usual(sides: list[str]) -> str:
    """Return the commonest side, the first on a tie."""
    return max(dict.fromkeys(sides), key=sides.count) if sides else "left"


def _leading_headers(row: tuple[Cell, ...]) -> int:
    """Return how many columns the headers at the start of a row cover."""
    covered = 0
    for cell in row:
        if not cell.heads:
            break
        covered += cell.columns
    return covered


def _without_notes(element: Element) -> Element:
    """Return an element without the superscript links to the list of sources."""
    kept = [child for child in element.children if not _is_notes(child)]
    inner = [_without_notes(child) if isinstance(child, Element) else child for child in kept]
    return Element(element.tag, element.attributes, inner)


def _is_notes(child: Element | str) -> bool:
    """Tell whether this is a superscript with links."""
    return isinstance(child, Element) and child.tag == "sup" and any(child.each("a"))


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def _latex_columns(grid: Grid) -> str:
    """Return how LaTeX sets each column: on one line while all fit the page, else wrapped, each in its share of it."""
    room = 1 - _GAP * grid.width
    shares = grid.shares(room / _LETTER)
    if shares is None:
        return "".join(side[0] for side in grid.sides)
    return "".join(
        rf">{{\{_RAGGED[side]}\arraybackslash}}p{{{room * share:.3f}\linewidth}}"
        for share, side in zip(shares, grid.sides, strict=True)
    )


def _latex_row(row: tuple[Cell, ...]) -> str:
    """Return the cells of one row, without its end."""
    return " & ".join(
        rf"\multicolumn{{{cell.columns}}}{{l}}{{{_latex(cell.content)}}}" if cell.columns > 1 else _latex(cell.content)
        for cell in row
    )


def _latex(content: Element | str) -> str:
    """Return text and its marks as LaTeX."""
    if isinstance(content, str):
        return escape_latex(re.sub(r"[ \t\r\n\f]+", " ", content))
    if content.tag == "br":
        return " "
    inner = "".join(_latex(child) for child in content.children).strip()
    command = _LATEX_MARKS.get(content.tag)
    return rf"\{command}{{{inner}}}" if command else inner
