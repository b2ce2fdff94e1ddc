"""What a document is made of: headings, prose, code, numbered tables and figures, answers, messages, HTML.

Nothing here is a format's: text is Markdown as written, pictures are base64 as stored, tables are the HTML that the
notebook shows.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading: level 1 to 6, its words without Markdown's marks, and the name to link to (ASCII)."""

    level: int
    text: str
    id: str


@dataclass(frozen=True)
class Prose:
    """Markdown without headings, as a notebook's cell or a displayed text has it."""

    markdown: str


@dataclass(frozen=True)
class Code:
    """The source of a code cell, and its number of execution (None where it did not run)."""

    source: str
    execution_count: int | None


@dataclass(frozen=True)
class Table:
    """A numbered table.

    Parameters
    ----------
    number, label, id
        3, "Table 3" in the document's language, ``table-3``.
    caption
        Its caption as HTML, without tags where the library made the table; empty where it has none.
    html
        The whole ``<table>``, its caption without the number.
    notes
        Numbers of the sources it cites, rising.
    """

    number: int
    label: str
    caption: str
    html: str
    notes: tuple[int, ...]

    @property
    def id(self) -> str:
        """Name to link to."""
        return f"table-{self.number}"


@dataclass(frozen=True)
class Figure:
    """A numbered figure.

    Parameters
    ----------
    number, label, id
        3, "Figure 3" in the document's language, ``figure-3``.
    caption
        What it shows, as plain text, also drawn into the library's pictures; empty where nothing says it.
    alt
        Alternative text; empty where the notebook has none.
    mime, content
        ``image/png``, ``image/jpeg`` with base64, or ``image/svg+xml`` with its source.
    width, height
        Size on a page in pixels of 1/96 inch, None where not known.
    """

    number: int
    label: str
    caption: str
    alt: str
    mime: str
    content: str
    width: int | None
    height: int | None

    @property
    def id(self) -> str:
        """Name to link to."""
        return f"figure-{self.number}"

    @property
    def data(self) -> bytes:
        """The picture's file."""
        return self.content.encode() if self.mime == "image/svg+xml" else base64.b64decode(self.content)


@dataclass(frozen=True)
class Answer:
    """What an answer says, as Markdown, and the figures and tables that show it, in their order."""

    markdown: str
    shown: tuple[Figure | Table, ...] = ()


@dataclass(frozen=True)
class Message:
    """Plain text of a cell: ``kind`` is stdout, stderr, error or result; colours of a terminal are kept as codes."""

    kind: str
    text: str


@dataclass(frozen=True)
class Html:
    """HTML that is none of the above: ``kind`` is sources, colophon, cite, not-applicable, key-number or html."""

    kind: str
    html: str


Block = Heading | Prose | Code | Table | Figure | Answer | Message | Html
