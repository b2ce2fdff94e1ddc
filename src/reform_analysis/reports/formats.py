"""The formats of a report: what each is called in a batch file, which files it makes, and what it needs installed.

Nothing here is loaded before a report is written in that format.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from reform_analysis.reports.document import Document

# SVG forms of a report's figures, by the digest of the PNG
Vectors = Mapping[str, str]


Format = Literal["html", "pdf", "docx", "tables", "figures", "citations"]


@dataclass(frozen=True)
class _Maker:
    """One format: the endings of its files, what writes them, and the modules of the extra ``export`` it needs."""

    suffixes: tuple[str, ...]
    write: Callable[[Document, Vectors], tuple[bytes, ...]]
    needs: tuple[str, ...] = ()


def _html(report: Document, vectors: Vectors) -> tuple[bytes, ...]:
    """Write the page."""
    from reform_analysis.reports import export

    return (export.page(report).encode(),)


def _pdf(report: Document, vectors: Vectors) -> tuple[bytes, ...]:
    """Write the pages for paper."""
    from reform_analysis.reports import pdf

    return (pdf.write(report),)


def _docx(report: Document, vectors: Vectors) -> tuple[bytes, ...]:
    """Write the text for a word processor."""
    from reform_analysis.reports import docx

    return (docx.write(report),)


def _tables(report: Document, vectors: Vectors) -> tuple[bytes, ...]:
    """Write every table as CSV and LaTeX."""
    from reform_analysis.reports import tabular

    return (tabular.packed(report),)


def _figures(report: Document, vectors: Vectors) -> tuple[bytes, ...]:
    """Write every figure as PNG and SVG."""
    from reform_analysis.reports import pictures

    return (pictures.packed(report, vectors),)


def _citations(report: Document, vectors: Vectors) -> tuple[bytes, ...]:
    """Write the report, the data, the software and the sources cited, for managers of references."""
    from reform_analysis.reports import bibliography

    return bibliography.files(report)


FORMATS: dict[str, _Maker] = {
    "html": _Maker((".html",), _html),
    "pdf": _Maker((".pdf",), _pdf, ("typst", "pikepdf")),
    "docx": _Maker((".docx",), _docx, ("pypandoc",)),
    "tables": _Maker((".tables.zip",), _tables),
    "figures": _Maker((".figures.zip",), _figures),
    "citations": _Maker((".bib", ".ris", ".csl.json"), _citations),
}
SUFFIXES = tuple(suffix for one in FORMATS.values() for suffix in one.suffixes)


def check(names: Collection[str]) -> None:
    """Check that formats are known and can be written here.

    Raises
    ------
    ValueError
        A format is unknown, or the extra that it needs is not installed.
    """
    for name in names:
        if name not in FORMATS:
            raise ValueError(f"format {name!r} is unknown; known: {', '.join(FORMATS)}")
        if missing := [module for module in FORMATS[name].needs if find_spec(module) is None]:
            raise ValueError(
                f"format {name} needs {' and '.join(missing)}; install with `pip install 'reform-analysis[export]'`"
            )


def write(report: Document, names: Collection[str], vectors: Vectors) -> dict[str, bytes]:
    """Return the files of a report in the formats named, by the endings of their names."""
    chosen = [FORMATS[name] for name in FORMATS if name in names]
    return {
        suffix: content
        for one in chosen
        for suffix, content in zip(one.suffixes, one.write(report, vectors), strict=True)
    }
