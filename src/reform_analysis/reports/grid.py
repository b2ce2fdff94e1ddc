"""Tables of a report as grids of cells: what stands where, on which side, and how wide the columns must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reform_analysis.reports import markup
from reform_analysis.reports.markup import Element

SIDES = ("left", "right", "center")
# Numbers are kept on one line while that takes no more than this part of it.
_CROWDED = 0.8
_SPANS = ("colspan", "rowspan")


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

    @cached_property
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

    @cached_property
    def width(self) -> int:
        """Number of columns."""
        return max((len(row) for row in [*laid_out(self.head), *laid_out(self.body)]), default=0)

    @property
    def sides(self) -> list[str]:
        """The side on which each column's text stands: that of most of its cells."""
        columns = zip(*(filled(row, self.width) for row in laid_out(self.body)), strict=True)
        return [_usual([cell.side for cell in column if cell]) for column in columns] or ["left"] * self.width

    @property
    def lengths(self) -> list[int]:
        """Letters of the longest text in each column."""
        return [max((cell.length for cell in column), default=1) for column in self._columns]

    def shares(self, line: float, gap: float = 0.0) -> list[float] | None:
        """Return the part of a line that each column gets; None where it holds the longest texts of all.

        A line is so many letters long, of which each column needs ``gap`` besides its text. No column gets less than
        its longest word needs, nor numbers with bounds less than a line, if that leaves room for words; what is left
        goes to the narrower ones first, so that few columns wrap.
        """
        most, letters = self.lengths, line - gap * self.width
        if sum(most) <= letters:
            return None
        words = [max((cell.longest_word for cell in column), default=1) for column in self._columns]
        lines = [max((cell.shortest_line for cell in column), default=1) for column in self._columns]
        least = lines if sum(lines) <= _CROWDED * letters else words
        widths = least
        for length in range(max(most) + 1):
            wider = [min(high, max(low, length)) for low, high in zip(least, most, strict=True)]
            if sum(wider) > letters:
                break
            widths = wider
        whole = sum(widths) + gap * self.width
        return [(width + gap) / whole for width in widths]

    @cached_property
    def _columns(self) -> list[list[Cell]]:
        """Return the cells of each column that stand in no other."""
        rows = [filled(row, self.width) for row in [*laid_out(self.head), *laid_out(self.body)]]
        return [[cell for cell in column if cell and cell.columns == 1] for column in zip(*rows, strict=True)]

    @property
    def header_columns(self) -> int:
        """How many columns at the start of each row head it."""
        return min((_leading_headers(row) for row in self.body), default=0)


def grids(fragment: str) -> list[Grid]:
    """Return the tables of an HTML fragment that have cells, in order; those within another are left to it."""
    found = (grid_of(table) for table in markup.parse(fragment).each("table"))
    return [table for table in found if table.width]


def uncaptioned(fragment: str) -> str:
    """Return HTML without the captions of its tables, for one that a heading of the same words stands over."""
    return re.sub(r"<caption[^>]*>.*?</caption>", "", fragment, flags=re.DOTALL)


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
    return Cell(element, element.tag == "th", side if side in SIDES else "left", *spans)


def laid_out(rows: tuple[tuple[Cell, ...], ...]) -> list[list[Cell | None]]:
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


def filled(row: list[Cell | None], width: int) -> list[Cell | None]:
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
