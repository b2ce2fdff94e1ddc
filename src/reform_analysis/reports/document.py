"""An executed notebook as a document: what every export writes, each in its own format.

Figures and tables are numbered through the document in the order of their showing, headings get stable names to
link to, and an answer knows which figures and tables show it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from reform_analysis.display.catalogue import check_language
from reform_analysis.reports import bibliography, cells, command, facts, record
from reform_analysis.reports.batch import slug
from reform_analysis.reports.blocks import Answer, Block, Code, Figure, Heading, Html, Message, Prose, Table

# words of the document itself, by language of the report
WORDS = {
    "en": {"figure": "Figure", "table": "Table", "sources": "Sources", "colophon": "Colophon"},
    "fr": {"figure": "Figure", "table": "Tableau", "sources": "Sources", "colophon": "Colophon"},
    "vi": {"figure": "Hình", "table": "Bảng", "sources": "Nguồn", "colophon": "Thông tin kỹ thuật"},
}

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*")
_FENCE = re.compile(r"\s*(```|~~~)")
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)
_NOTE = re.compile(r'href="#source-(\d+)"')
# what begins a section of its own, under a heading that no cell of prose gives it
_SECTIONS = ("sources", "colophon")
# names that other parts of a document have
_TAKEN = re.compile(r"(figure|table|source)-\d+|contents|sources|colophon|how-to-cite")


@dataclass(frozen=True)
class Document:
    """A report, ready to be written in any format.

    Parameters
    ----------
    title
        The first heading, plain.
    language
        ISO 639-1 code.
    facts
        What stands under the title.
    blocks
        Everything else in order, the title's heading included.
    command
        The command that builds the report again; empty for a notebook that no build made.
    works
        The report, its data and the software, as works to cite; none for a notebook that no build made.
    """

    title: str
    language: str
    facts: tuple[facts.Fact, ...]
    blocks: tuple[Block, ...]
    command: str
    works: tuple[bibliography.Work, ...] = ()

    @property
    def body(self) -> tuple[Block, ...]:
        """The blocks without the title's heading."""
        title = next((block for block in self.blocks if isinstance(block, Heading)), None)
        return tuple(block for block in self.blocks if block is not title)

    @property
    def contents(self) -> tuple[Heading, ...]:
        """The headings below the title."""
        return tuple(block for block in self.body if isinstance(block, Heading))


def read(notebook: Any) -> Document:
    """Return an executed notebook as a document.

    Parameters
    ----------
    notebook
        A notebook of format 4. What a build noted in its metadata (``reform_analysis``) gives language, facts and
        command; without it the document is in English and has the version alone under its title.

    Raises
    ------
    ValueError
        The report's language is unknown.
    """
    noted = notebook.get("metadata", {}).get("reform_analysis", {})
    parameters = noted.get("parameters", {})
    language = check_language(parameters.get("language", "en"))
    blocks = tuple(_Reading(language).blocks(notebook))
    given = notebook.get("metadata", {}).get("papermill", {}).get("parameters", {})
    again = command.run(noted["notebook"], given) if "notebook" in noted else ""
    title, said = cells.heading(notebook), facts.of(parameters, language)
    if not again:
        return Document(title, language, said, blocks, again)
    works = bibliography.own_works(title, said, again, language, noted.get("released", ""))
    section = Heading(2, bibliography.WORDS[language]["heading"], "how-to-cite")
    cited = Html("cite", bibliography.section(works, language))
    # the colophon stays last, before the command that builds the report again
    last = next((i for i, block in enumerate(blocks) if getattr(block, "id", "") == "colophon"), len(blocks))
    return Document(title, language, said, (*blocks[:last], section, cited, *blocks[last:]), again, works)


class _Reading:
    """One pass through a notebook: what has been numbered and named so far."""

    def __init__(self, language: str) -> None:
        self._words = WORDS[language]
        self._figures = self._tables = 0
        self._ids: set[str] = set()

    def blocks(self, notebook: Any) -> Iterator[Block]:
        """Yield the blocks of all cells."""
        for cell in notebook["cells"]:
            source = cells.source(cell)
            if cell["cell_type"] == "markdown":
                yield from self._markdown(source)
            elif cell["cell_type"] == "code" and source.strip():
                shown = [block for output in cell["outputs"] for block in self._output(output)]
                yield from filter(_begins_section, shown)
                yield Code(source, cell.get("execution_count"))
                yield from _with_shown(list(itertools.filterfalse(_begins_section, shown)))

    def _markdown(self, text: str) -> Iterator[Block]:
        """Yield headings and the prose between them; a line of code that begins with # is no heading."""
        prose: list[str] = []
        fenced = False
        for line in text.split("\n"):
            fenced ^= _FENCE.match(line) is not None
            heading = None if fenced else _HEADING.fullmatch(line)
            if heading is None:
                prose.append(line)
                continue
            yield from _prose(prose)
            prose = []
            yield self._heading(len(heading[1]), heading[2].replace("*", "").replace("`", ""))
        yield from _prose(prose)

    def _heading(self, level: int, text: str, name: str = "") -> Heading:
        """Return a heading whose name no other part of the document has."""
        stem = name or slug(text).lstrip("0123456789_-") or "section"
        count = 1
        chosen = stem
        while chosen in self._ids or (not name and _TAKEN.fullmatch(chosen)):
            count += 1
            chosen = f"{stem}-{count}"
        self._ids.add(chosen)
        return Heading(level, text, chosen)

    def _output(self, output: Any) -> Iterator[Block]:
        """Yield the blocks of one output."""
        if output["output_type"] == "stream":
            yield Message(output["name"], _text(output["text"]))
        elif output["output_type"] == "error":
            yield Message("error", "\n".join(output["traceback"]))
        else:
            data = {mime: _text(text) for mime, text in output["data"].items() if isinstance(text, str | list)}
            yield from self._display(data, output["data"], output.get("metadata", {}))

    def _display(self, texts: dict[str, str], data: Any, about: Any) -> Iterator[Block]:
        """Yield the blocks of a displayed output: the richest form it has."""
        picture = next((mime for mime in ("image/svg+xml", "image/png", "image/jpeg") if mime in texts), None)
        if "text/html" in texts:
            yield from self._html(texts["text/html"], record.NOT_APPLICABLE in data)
        elif record.ANSWER in data:
            yield Answer(texts["text/markdown"])
        elif "text/markdown" in texts:
            yield from self._markdown(texts["text/markdown"])
        elif picture:
            yield self._figure(picture, texts[picture], about)
        elif "text/plain" in texts:
            yield Message("result", texts["text/plain"])

    def _html(self, html: str, not_applicable: bool) -> Iterator[Block]:
        """Yield a table, or what else HTML holds; sources and colophon begin a section of their own."""
        named = re.match(r'<\w+ class="(ra-sources|colophon|key-number)"', html)
        kind = "not-applicable" if not_applicable else named[1].removeprefix("ra-") if named else "html"
        if kind in _SECTIONS:
            yield self._heading(2, self._words[kind], kind)
        if kind == "html" and "<table" in html:
            self._tables += 1
            caption = _CAPTION.search(html)
            notes = tuple(sorted({int(number) for number in _NOTE.findall(html)}))
            label = f"{self._words['table']} {self._tables}"
            yield Table(self._tables, label, caption[1] if caption else "", html, notes)
        else:
            yield Html(kind, html)

    def _figure(self, mime: str, content: str, about: Any) -> Figure:
        """Return a picture with what its output's metadata say of it, of the picture itself or of the output."""
        self._figures += 1
        said = {**about, **about.get(mime, {})}
        label = f"{self._words['figure']} {self._figures}"
        text = content if mime == "image/svg+xml" else content.replace("\n", "")
        size = said.get("width"), said.get("height")
        return Figure(self._figures, label, said.get("title", ""), said.get("alt", ""), mime, text, *size)


def _text(stored: str | list[str]) -> str:
    """Return a text that a notebook file keeps as one string or as lines."""
    return stored if isinstance(stored, str) else "".join(stored)


def _prose(lines: list[str]) -> Iterator[Prose]:
    """Yield lines of Markdown as prose, unless they are blank."""
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield Prose(text)


def _begins_section(block: Block) -> bool:
    """Tell whether a block is the heading of the sources or the colophon, which comes before its cell's code."""
    return isinstance(block, Heading) and block.id in _SECTIONS


def _with_shown(blocks: list[Block]) -> list[Block]:
    """Tell each answer of a cell which figures and tables follow it, up to the next answer."""
    told: list[Block] = []
    shown: list[Figure | Table] = []
    for block in reversed(blocks):
        if isinstance(block, Figure | Table):
            shown.insert(0, block)
        elif isinstance(block, Answer):
            block, shown = replace(block, shown=tuple(shown)), []
        told.insert(0, block)
    return told
