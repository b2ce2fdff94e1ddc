"""HTML fragments as trees: what the formats other than HTML read prose, tables and lists from."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_VOID = frozenset({"br", "col", "hr", "img", "input", "wbr"})
# what a reader never sees
_HIDDEN = frozenset({"script", "style", "template"})


@dataclass
class Element:
    """One element: its tag, its attributes, and what stands in it, text and elements in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def each(self, *tags: str) -> Iterator[Element]:
        """Yield the elements below with one of the tags, in the order of the page; none within another of them."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.each(*tags)

    def text(self) -> str:
        """Return the text below on one line, without the elements around it."""
        return one_line("".join(self._pieces()))

    def style(self, name: str) -> str:
        """Return one property of the element's own style, or an empty string."""
        found = re.search(rf"(?:^|;)\s*{name}\s*:\s*([^;]+)", self.attributes.get("style", ""))
        return found[1].strip() if found else ""

    def _pieces(self) -> Iterator[str]:
        """Yield the text below; a line break is a space."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag == "br":
                yield " "
            else:
                yield from child._pieces()


def one_line(text: str) -> str:
    """Return text with runs of white space as one space, as HTML shows it; no-break spaces stay."""
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip(" ")


class _Builder(html.parser.HTMLParser):
    """Builds the tree; an end tag closes what was left open within, and one that closes nothing is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        tags = [element.tag for element in self._open]
        if tag in tags[1:]:
            del self._open[len(tags) - 1 - tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not any(element.tag in _HIDDEN for element in self._open):
            self._open[-1].children.append(data)


def parse(fragment: str) -> Element:
    """Return the tree of an HTML fragment, below an element without a tag."""
    builder = _Builder()
    builder.feed(fragment)
    builder.close()
    return builder.root
