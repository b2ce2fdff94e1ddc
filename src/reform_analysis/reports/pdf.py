"""A document as PDF, set by Typst: tagged for screen readers (PDF/UA-1), the same bytes for the same document."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reform_analysis.display.catalogue import paired
from reform_analysis.reports import document, export, grid, typesetting
from reform_analysis.reports.document import Document
from reform_analysis.reports.facts import Fact
from reform_analysis.reports.grid import Grid
from reform_analysis.reports.project import TEMPLATES
from reform_analysis.reports.typesetting import Typesetter, literal, words

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def write(report: Document) -> bytes:
    """Return a document as a PDF file without the code of its cells, which the HTML page and the notebook have.

    Parameters
    ----------
    report
        The document.

    Notes
    -----
    Fonts are those of Typst's and matplotlib's wheels, never the system's, and there is no date in the file: equal
    documents give equal bytes. Typst tags the heads of columns; those of rows are tagged afterwards.
    """
    import matplotlib
    import typst

    with tempfile.TemporaryDirectory(prefix="pdf-") as name:
        folder = Path(name)
        for figure in _figures(report):
            (folder / _picture(figure)).write_bytes(figure.data)
        main = folder / "report.typ"
        text, tables = source(report)
        main.write_text(text, encoding="utf-8")
        made = typst.compile(
            main,
            root=folder,
            font_paths=[Path(matplotlib.get_data_path()) / "fonts" / "ttf"],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=0,
        )
    return _with_row_headers(made, [table.header_columns for table in tables])


def source(report: Document) -> tuple[str, list[Grid]]:
    """Return a document as Typst's source, and its tables; pictures are files beside it, named ``figure-1.png``."""
    said = export.WORDS[report.language]
    facts = "".join(f"([{words(labelled(fact, report))}], [{words(fact.words)}]), " for fact in report.facts)
    place = [fact.words for fact in report.facts if fact.name == "place"]
    settings = {
        "title": literal(report.title),
        "name": literal(" – ".join([report.title, *place])),
        "language": literal(report.language),
        "contents": literal(said["contents"]),
        "facts": f"({facts})",
    }
    start = f"#show: report.with({', '.join(f'{name}: {value}' for name, value in settings.items())})\n"
    setter = Typesetter(_targets(report), language=report.language)
    body = "".join(_block(block, setter) for block in _stepwise(report.body))
    again = f"\n\n{words(said['again'])}\n\n#raw({literal(report.command)}, block: true)\n" if report.command else ""
    return (TEMPLATES / "report.typ").read_text(encoding="utf-8") + start + body + again, setter.tables


def _stepwise(blocks: Iterable[document.Block]) -> Iterator[document.Block]:
    """Yield blocks, headings with the title's level taken off and no level skipped, as PDF/UA demands."""
    level = 0
    for block in blocks:
        if isinstance(block, document.Heading):
            level = min(max(block.level - 1, 1), level + 1)
            block = replace(block, level=level)
        yield block


def _targets(report: Document) -> set[str]:
    """Return the names that links within the document may lead to."""
    named = (document.Heading, document.Figure, document.Table)
    html = (block.html for block in report.blocks if isinstance(block, document.Html))
    return {block.id for block in report.blocks if isinstance(block, named)} | typesetting.anchors(html)


def _figures(report: Document) -> Iterator[document.Figure]:
    """Yield the figures."""
    return (block for block in report.blocks if isinstance(block, document.Figure))


def _picture(figure: document.Figure) -> str:
    """Return the name of a figure's file."""
    return f"{figure.id}.{figure.mime.partition('/')[2].partition('+')[0]}"


def _block(block: document.Block, setter: Typesetter) -> str:
    """Return one block as Typst."""
    if isinstance(block, document.Heading):
        return f"\n\n#heading(level: {block.level})[{words(block.text)}]{setter.label(block.id)}\n\n"
    if isinstance(block, document.Prose):
        return setter.fragment(export.rendered[block.markdown])
    if isinstance(block, document.Answer):
        said = setter.fragment(export.rendered[block.markdown]).strip()
        shown = ", ".join(setter.link(one.id, words(one.label)) for one in block.shown)
        return f"\n\n#answer[{said}{f'#shown[{shown}]' if shown else ''}]\n\n"
    if isinstance(block, document.Table):
        return _table(block, setter)
    if isinstance(block, document.Figure):
        return _figure(block, setter)
    if isinstance(block, document.Message):
        return f"\n\n#raw({literal(plain(block.text))}, block: true)\n\n"
    if isinstance(block, document.Html):
        return setter.fragment(grid.uncaptioned(block.html))
    return ""


def _table(table: document.Table, setter: Typesetter) -> str:
    """Return a table under its number and caption."""
    return f"\n\n{setter.anchor(table.id)}{setter.fragment(export.numbered(table))}"


def _figure(figure: document.Figure, setter: Typesetter) -> str:
    """Return a figure under its number, with its alternative text; the library's pictures show their titles."""
    width = f"calc.min({figure.width / 96}in, 17cm)" if figure.width else "100%"
    alt = figure.alt or export.WORDS[setter.language]["figure"]
    image = f"image({literal(_picture(figure))}, alt: {literal(alt)}, width: {width})"
    return f"\n\n{setter.anchor(figure.id)}#figure({image}, caption: [{words(figure.label)}])\n\n"


def labelled(fact: Fact, report: Document) -> str:
    """Return the label of a fact with the colon of the report's language."""
    return paired(fact.label, "", report.language).rstrip()


def plain(text: str) -> str:
    """Return a message without the colours of a terminal."""
    return _COLOURS.sub("", text).rstrip()


def _with_row_headers(made: bytes, header_columns: Sequence[int]) -> bytes:
    """Tag the cells that head rows, which Typst leaves as plain ones."""
    import pikepdf

    with pikepdf.open(io.BytesIO(made)) as file:
        tables = _tagged(file.Root.StructTreeRoot, "/Table")
        for table, columns in zip(tables, header_columns, strict=True):
            for row in _tagged(table, "/TR"):
                for place, cell in enumerate(row.K):
                    if place < columns and cell.S == "/TD":
                        cell.S = pikepdf.Name.TH
                    _give_scope(cell)
        out = io.BytesIO()
        # compressed as Typst does it; a random identity would differ from run to run
        file.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


def _tagged(element: Any, tag: str) -> Iterator[Any]:
    """Yield the elements of the tree of tags below one, with a tag, in order; none within another of them."""
    inner = element.get("/K", [])
    for child in inner if hasattr(inner, "append") else [inner]:
        if not hasattr(child, "keys") or "/S" not in child:
            continue
        if tag == child.S:
            yield child
        else:
            yield from _tagged(child, tag)


def _give_scope(cell: Any) -> None:
    """Say of a header whether it heads its column or its row, in place of lists of headers that know no rows."""
    import pikepdf

    for attributes in cell.get("/A", []):
        if attributes.get("/O") == "/Table":
            if "/Headers" in attributes:
                del attributes["/Headers"]
            if cell.S == "/TH" and "/Scope" not in attributes:
                attributes.Scope = pikepdf.Name.Row
