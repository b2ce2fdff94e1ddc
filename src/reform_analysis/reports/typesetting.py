"""HTML fragments as Typst: text, lists, links and tables.

All text stands in string literals (``#"..."``): Typst then prints it as it is, whatever marks it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from reform_analysis.reports import markup
from reform_analysis.reports.grid import Cell, Grid, grid_of
from reform_analysis.reports.markup import Element

_INLINE = {
    "b": "strong",
    "strong": "strong",
    "em": "emph",
    "i": "emph",
    "sub": "sub",
    "sup": "super",
    "u": "underline",
}
# elements that stand in lines of their own
_PARAGRAPHS = frozenset({"address", "article", "div", "dd", "dl", "dt", "p", "section"})
_BLOCKS = _PARAGRAPHS | {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "pre", "table", "ul"}
# from this many columns on, a table is set in smaller type
_MANY_COLUMNS = 7
# letters that a line of the page holds in a table, in usual and in smaller type; letters of the gap between columns
_LETTERS = (132, 150)
_GAP = 2.5


def literal(text: str) -> str:
    r"""Return text as a Typst string; control characters become spaces.

    Examples
    --------
    >>> print(literal('say "#let x" \\ y'))
    "say \"#let x\" \\ y"
    """
    plain = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def words(text: str) -> str:
    """Return text as Typst content."""
    return f"#{literal(text)}" if text else ""


def anchors(fragments: Iterable[str]) -> set[str]:
    """Return the names that links within HTML fragments can lead to."""
    return {name for fragment in fragments for name in re.findall(r'\bid="([^"]+)"', fragment)}


class Typesetter:
    """Turns HTML into Typst; links within the document work where they lead to one of the ``targets``."""

    def __init__(self, targets: Collection[str] = (), *, language: str = "en") -> None:
        """Remember where links may lead; each name is set once, as Typst demands."""
        self.language = language
        # the tables set, those within another left to it
        self.tables: list[Grid] = []
        self._within = False
        self._targets = set(targets)
        self._named: set[str] = set()

    def fragment(self, html: str) -> str:
        """Return an HTML fragment as Typst."""
        return self.inside(markup.parse(html))

    def inside(self, element: Element) -> str:
        """Return what stands in an element as Typst; white space between blocks is none."""
        parts = element.children
        if any(isinstance(part, Element) and part.tag in _BLOCKS for part in parts):
            parts = [part for part in parts if isinstance(part, Element) or part.strip()]
        return "".join(map(self._node, parts))

    def label(self, name: str) -> str:
        """Return the mark that links to ``name`` lead to, to stand right after what it marks."""
        if name not in self._targets or name in self._named:
            return ""
        self._named.add(name)
        return f"#label({literal(name)})"

    def anchor(self, name: str) -> str:
        """Return an invisible thing that bears a label, to stand right before what links lead to."""
        label = self.label(name)
        return f"#metadata(none){label}" if label else ""

    def link(self, name: str, inner: str) -> str:
        """Return Typst content as a link to a name, if there is such a place."""
        return f"#link(label({literal(name)}))[{inner}]" if name in self._targets else inner

    def table(self, table: Element) -> str:
        """Return an HTML table as a Typst figure, its remarks below it."""
        grid = grid_of(table)
        if not grid.width:
            return ""
        outermost, self._within = not self._within, True
        if outermost:
            self.tables.append(grid)
        made = self._set(grid)
        self._within = not outermost
        return made

    def _set(self, grid: Grid) -> str:
        """Return a grid as a Typst figure."""
        small = grid.width >= _MANY_COLUMNS
        shares = grid.shares(_LETTERS[small], _GAP)
        columns = str(grid.width) if shares is None else f"({', '.join(f'{share:.4f}fr' for share in shares)},)"
        sides = ", ".join(grid.sides)
        head = "".join(self._row(row) for row in grid.head)
        cells = [
            f"columns: {columns}",
            f"align: ({sides},)",
            *([f"table.header({head})"] if head else []),
            *(self._row(row).rstrip(", ") for row in grid.body if row),
        ]
        title = f", caption: [{words(grid.caption)}]" if grid.caption else ""
        remarks = "".join(f"#remark[{self.inside(remark)}]\n" for remark in grid.remarks)
        body = ",\n  ".join(cells)
        return f"\n#report-table(small: {str(small).lower()}{title}, table(\n  {body},\n))\n{remarks}\n"

    def _row(self, row: tuple[Cell, ...]) -> str:
        """Return the cells of a row, each with a comma after it."""
        return "".join(f"{self._cell(cell)}, " for cell in row)

    def _cell(self, cell: Cell) -> str:
        """Return one cell."""
        content = f"[{self.inside(cell.content)}]"
        spans = [f"{name}: {count}" for name, count in (("colspan", cell.columns), ("rowspan", cell.rows)) if count > 1]
        return f"table.cell({', '.join(spans)}){content}" if spans else content

    def _node(self, node: Element | str) -> str:
        """Return text or an element."""
        if isinstance(node, str):
            return words(re.sub(r"[ \t\r\n\f]+", " ", node))
        return self.anchor(node.attributes.get("id", "")) + self._element(node)

    def _element(self, node: Element) -> str:
        """Return an element."""
        tag = node.tag
        if tag in _INLINE:
            return f"#{_INLINE[tag]}[{self.inside(node)}]"
        if tag == "blockquote":
            return f"\n#quote(block: true)[{self.inside(node)}]\n\n"
        if tag == "br":
            return "#linebreak()"
        if tag in ("code", "pre"):
            return f"#raw({literal(_as_written(node))}{', block: true' if tag == 'pre' else ''})"
        if tag == "a":
            return self._to(node)
        if tag in ("ul", "ol"):
            return self._list(node)
        if tag == "table":
            return self.table(node)
        if re.fullmatch("h[1-6]", tag):
            return f"\n#strong[{self.inside(node)}]\n\n"
        return f"\n\n{self.inside(node)}\n\n" if tag in _PARAGRAPHS else self.inside(node)

    def _to(self, node: Element) -> str:
        """Return a link where it leads somewhere: to the web, or to a part of the document."""
        address = node.attributes.get("href", "")
        inner = self.inside(node)
        if address.startswith(("https://", "http://", "mailto:")):
            return f"#link({literal(address)})[{inner}]"
        return self.link(address[1:], inner) if address.startswith("#") else inner

    def _list(self, node: Element) -> str:
        """Return a list, with the numbers that its items have."""
        items = []
        for item in node.each("li"):
            number = item.attributes.get("value", "")
            content = f"[{self.anchor(item.attributes.get('id', ''))}{self.inside(item).strip()}]"
            items.append(f"enum.item({number}){content}" if number.isdigit() else content)
        return f"\n#{'list' if node.tag == 'ul' else 'enum'}({', '.join(items)})\n\n" if items else ""


def _as_written(node: Element) -> str:
    """Return the text of code with its line breaks."""
    return "".join(child if isinstance(child, str) else _as_written(child) for child in node.children).rstrip("\n")
