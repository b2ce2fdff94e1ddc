"""A document as DOCX, written by pandoc: headings, captions, heads of tables and alternative texts kept."""

from __future__ import annotations

import base64
import html
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from reform_analysis.reports import archive, document, export, grid
from reform_analysis.reports.document import Document
from reform_analysis.reports.pdf import labelled, plain
from reform_analysis.reports.project import TEMPLATES

# letters that a line of the page holds in a table; letters of the gap between columns
_LETTERS, _GAP = 122, 2.5
# pixels of 1/96 inch between the margins
_WIDEST = 642


def write(report: Document) -> bytes:
    """Return a document as a DOCX file without the code of its cells, which the HTML page and the notebook have.

    Parameters
    ----------
    report
        The document.

    Notes
    -----
    Styles and page are ours: pandoc's are made for prose, not for tables of eight columns. Pandoc writes the time into
    the file; it is taken out, so that equal documents give equal bytes.
    """
    with tempfile.TemporaryDirectory(prefix="docx-") as name:
        styles, made = Path(name) / "styles.docx", Path(name) / "report.docx"
        styles.write_bytes(archive.packed({path: text.read_bytes() for path, text in _parts()}))
        # sandboxed, it neither reads nor fetches what a notebook's HTML may name
        options = ["--sandbox", "--from=html", "--shift-heading-level-by=-1", f"--metadata=lang:{report.language}"]
        command = [str(_pandoc()), *options, f"--reference-doc={styles}", f"--output={made}"]
        text = source(report)
        subprocess.run(command, input=text.encode(), check=True, capture_output=True)
        parts = archive.unpacked(made.read_bytes())
    return archive.packed(_settled(parts, [table.header_columns for table in grid.grids(text)]))


def _pandoc() -> Path:
    """Return the program in pypandoc's wheel, whatever other versions the system has."""
    import pypandoc

    return Path(pypandoc.__file__).with_name("files") / ("pandoc.exe" if sys.platform == "win32" else "pandoc")


def source(report: Document) -> str:
    """Return a document as the HTML that pandoc reads: its pictures within, its notes linked."""
    facts = "<br>".join(
        f"<strong>{html.escape(labelled(fact, report))}</strong> {html.escape(fact.words)}" for fact in report.facts
    )
    contents = "".join(
        f'<li><a href="#{heading.id}">{html.escape(heading.text)}</a></li>' for heading in report.contents
    )
    body = "\n".join(_block(block, report.language) for block in report.body)
    said = export.WORDS[report.language]
    again = f"<p>{html.escape(said['again'])}</p><pre>{html.escape(report.command)}</pre>" if report.command else ""
    title = html.escape(report.title)
    return (
        f'<html lang="{report.language}"><head><title>{title}</title></head><body>'
        f"<p>{facts}</p><p><strong>{said['contents']}</strong></p><ul>{contents}</ul>{body}{again}</body></html>"
    )


def _parts() -> list[tuple[str, Path]]:
    """Return the files of the styles, by their names in the archive."""
    folder = TEMPLATES / "docx"
    return [(path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file()]


def _settled(parts: dict[str, bytes], header_columns: Iterable[int]) -> dict[str, bytes]:
    """Take times out, and the pictures that pandoc repeats as their own names; say which tables head their rows."""
    core, main = "docProps/core.xml", "word/document.xml"
    dates = re.sub(rb"<dcterms:(created|modified).*?</dcterms:\1>", b"", parts[core])
    text = re.sub(rb'(<pic:cNvPr descr=")data:[^"]*', rb"\1", parts[main])
    headed = iter(header_columns)
    text = re.sub(rb'w:firstColumn="0"', lambda _: b'w:firstColumn="%d"' % (next(headed, 0) > 0), text)
    # a row stays on one page
    text = text.replace(b"<w:tr><w:tc>", b"<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>")
    return parts | {core: dates, main: text}


def _block(block: document.Block, language: str) -> str:
    """Return one block as HTML."""
    if isinstance(block, document.Heading):
        return f'<h{block.level} id="{block.id}">{html.escape(block.text)}</h{block.level}>'
    if isinstance(block, document.Prose):
        return export.rendered[block.markdown]
    if isinstance(block, document.Answer):
        shown = ", ".join(f'<a href="#{one.id}">{html.escape(one.label)}</a>' for one in block.shown)
        return export.rendered[block.markdown] + (f"<p>{shown}</p>" if shown else "")
    if isinstance(block, document.Table):
        return _table(block)
    if isinstance(block, document.Figure):
        return _figure(block, language)
    if isinstance(block, document.Message):
        return f"<pre>{html.escape(plain(block.text))}</pre>"
    return grid.uncaptioned(block.html) if isinstance(block, document.Html) else ""


def _table(table: document.Table) -> str:
    """Return a table under its number and caption, with the width of each column."""
    numbered = export.numbered(table)
    cells = next(iter(grid.grids(numbered)), None)
    if cells is None:
        return ""
    shares = cells.shares(_LETTERS, _GAP) or [(length + _GAP) / _LETTERS for length in cells.lengths]
    columns = "".join(f'<col style="width:{100 * share:.1f}%">' for share in shares)
    named = re.sub(r"<table\b[^>]*>", f'<table id="{table.id}">', numbered, count=1)
    return named.replace("</caption>", f"</caption><colgroup>{columns}</colgroup>", 1)


def _figure(figure: document.Figure, language: str) -> str:
    """Return a figure with its caption and alternative text, no wider than the page's text."""
    alt = html.escape(figure.alt or export.WORDS[language]["figure"])
    width = f' width="{min(figure.width, _WIDEST)}px"' if figure.width else ""
    data = f"data:{figure.mime};base64,{base64.b64encode(figure.data).decode()}"
    caption = html.escape(". ".join(filter(None, (figure.label, figure.caption))))
    return f'<figure id="{figure.id}"><img src="{data}" alt="{alt}"{width}><figcaption>{caption}</figcaption></figure>'
