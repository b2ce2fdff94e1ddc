"""A document as PDF, set by Typst: tagged for screen readers (PDF/UA-1), the same bytes for the same document."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reform_analysis.reports import document, export, markup, tabular, typesetting
from reform_analysis.reports.document import Document
from reform_analysis.reports.project import TEMPLATES
from reform_analysis.reports.typesetting import Typesetter, literal, words

# words that stand on paper only, by language of the report
WORDS = {"en": {"contents": "Contents"}, "fr": {"contents": "Sommaire"}, "vi": {"contents": "Mục lục"}}

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
        main.write_text(source(report), encoding="utf-8")
        made = typst.compile(
            main,
            root=folder,
            font_paths=[Path(matplotlib.get_data_path()) / "fonts" / "ttf"],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=0,
        )
    return _with_row_headers(made, _header_columns(report))


def source(report: Document) -> str:
    """Return a document as Typst's source; pictures are files beside it, named ``figure-1.png``."""
    setter = Typesetter({block.id for block in report.blocks if isinstance(block, _NAMED)} | _anchors(report))
    facts = "".join(f"([{words(fact.label)}], [{words(fact.words)}]), " for fact in report.facts)
    contents = WORDS[report.language]["contents"]
    settings = f"title: {literal(report.title)}, language: {literal(report.language)}, facts: ({facts})"
    start = f"#show: report.with({settings}, contents: {literal(contents)})\n"
    body = "".join(_block(block, setter) for block in _after_title(report))
    return (TEMPLATES / "report.typ").read_text(encoding="utf-8") + start + body


_NAMED = (document.Heading, document.Figure, document.Table)


def _after_title(report: Document) -> Iterator[document.Block]:
    """Yield the blocks below the title."""
    titled = False
    for block in report.blocks:
        if not titled and isinstance(block, document.Heading):
            titled = True
        else:
            yield block


def _anchors(report: Document) -> set[str]:
    """Return the names within the document's HTML that links lead to."""
    return typesetting.anchors(block.html for block in report.blocks if isinstance(block, document.Html))


def _figures(report: Document) -> Iterator[document.Figure]:
    """Yield the figures."""
    return (block for block in report.blocks if isinstance(block, document.Figure))


def _picture(figure: document.Figure) -> str:
    """Return the name of a figure's file."""
    return f"{figure.id}.{figure.mime.partition('/')[2].partition('+')[0]}"


def _block(block: document.Block, setter: Typesetter) -> str:
    """Return one block as Typst."""
    if isinstance(block, document.Heading):
        level = max(block.level - 1, 1)
        return f"\n\n#heading(level: {level})[{words(block.text)}]{setter.label(block.id)}\n\n"
    if isinstance(block, document.Prose):
        return setter.fragment(export.markdown(block.markdown))
    if isinstance(block, document.Answer):
        said = setter.fragment(export.markdown(block.markdown)).strip()
        return f"\n\n#answer[{said}]\n\n"
    if isinstance(block, document.Table):
        return _table(block, setter)
    if isinstance(block, document.Figure):
        return _figure(block, setter)
    if isinstance(block, document.Message):
        return f"\n\n#raw({literal(_COLOURS.sub('', block.text).rstrip())}, block: true)\n\n"
    if isinstance(block, document.Html):
        return setter.fragment(block.html)
    return ""


def _table(table: document.Table, setter: Typesetter) -> str:
    """Return a table under its number and caption."""
    found = list(markup.parse(table.html).each("table"))
    caption = numbered(table.label, markup.parse(table.caption).text())
    return setter.anchor(table.id) + "".join(setter.table(one, caption=words(caption)) for one in found)


def _figure(figure: document.Figure, setter: Typesetter) -> str:
    """Return a figure with its alternative text."""
    width = f"calc.min({figure.width / 96}in, 17cm)" if figure.width else "100%"
    image = f"image({literal(_picture(figure))}, alt: {literal(figure.alt or figure.label)}, width: {width})"
    caption = words(numbered(figure.label, figure.caption))
    return f"\n\n{setter.anchor(figure.id)}#figure({image}, caption: [{caption}])\n\n"


def numbered(label: str, caption: str) -> str:
    """Return the caption of a figure or table after its number."""
    return f"{label}. {caption}" if caption else label


def _header_columns(report: Document) -> list[int]:
    """Return, for each table of the file in order, how many of its columns head its rows."""
    fragments = [block.html for block in report.blocks if isinstance(block, document.Table | document.Html)]
    return [grid.header_columns for fragment in fragments for grid in tabular.grids(fragment)]


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
