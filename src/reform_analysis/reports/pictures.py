"""The figures of a report as files: PNG as shown, SVG to set in another document, captions and alternative texts."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from reform_analysis.display.chart import VECTOR
from reform_analysis.reports import archive
from reform_analysis.reports.blocks import Figure
from reform_analysis.reports.document import Document


def take_vectors(notebook: Any) -> dict[str, str]:
    """Take the SVG forms of figures out of a notebook, which is then as if no build had asked for them.

    Returns
    -------
    dict
        From the digest of the PNG to the SVG of the same figure.
    """
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            vector = output.get("data", {}).pop(VECTOR, None)
            if vector is not None:
                found[_digest("".join(output["data"]["image/png"]))] = "".join(vector)
    return found


def packed(report: Document, vectors: Mapping[str, str]) -> bytes:
    """Return the figures of a report as a ZIP archive: ``figure-1.png``, ``figure-1.svg``, ``captions.csv``.

    Parameters
    ----------
    report
        The report.
    vectors
        SVG forms from `take_vectors`; a figure without one, drawn by other means, has the form it was shown in.
    """
    files: dict[str, bytes] = {}
    rows = [["figure", "label", "caption", "alternative_text"]]
    for figure in report.blocks:
        if isinstance(figure, Figure):
            files |= dict(_files(figure, vectors))
            rows.append([figure.id, figure.label, figure.caption, figure.alt])
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    # with the mark by which spreadsheets know UTF-8
    return archive.packed(files | {"captions.csv": stream.getvalue().encode("utf-8-sig")})


def _files(figure: Figure, vectors: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one figure."""
    yield f"{figure.id}.{figure.mime.partition('/')[2].partition('+')[0]}", figure.data
    vector = vectors.get(_digest(figure.content))
    if vector is not None:
        yield f"{figure.id}.svg", _described(vector, figure).encode()


def _described(vector: str, figure: Figure) -> str:
    """Return an SVG that says its title and its alternative text to those who cannot see it."""
    before, tag, rest = vector.partition("<svg ")
    attributes, _, inner = rest.partition(">")
    said = f"<title>{escape(figure.caption or figure.label)}</title><desc>{escape(figure.alt)}</desc>"
    return f'{before}{tag}role="img" {attributes}>{said}{inner}'


def _digest(content: str) -> str:
    """Return a digest of a picture in base64, however its lines are broken."""
    return hashlib.sha256(content.replace("\n", "").encode()).hexdigest()
