"""What the notebooks show: every figure and table, with the cell, the function and the report that make it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reform_analysis.reports import batch, cells

_CAPTION = re.compile(r'<table class="ra-table"[^>]*><caption[^>]*>(.*?)</caption>', re.DOTALL)
_CALL = re.compile(r"\bra\.((?:analysis\.\w+|charts|tables|maps)\.\w+)\(")


@dataclass(frozen=True)
class Output:
    """One figure or table: its number (notebook, then place in it), its title, and where it comes from.

    ``calls`` are the functions that its cell calls; ``report`` is the file below reports/build/ that shows it.
    """

    number: str
    title: str
    notebook: str
    cell: str
    calls: tuple[str, ...]
    report: str


def listed(root: Path) -> list[Output]:
    """Return the figures and tables of the executed notebooks, in their order, as the standard batch builds them."""
    reports = {
        report.notebook.stem: f"{report.id}.html"
        for report in batch.load(root / "reports" / "national.yaml")
        if report.parameters["language"] == "en"
    }
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    return [output for path in notebooks for output in _of_notebook(path, reports[path.stem])]


def _of_notebook(path: Path, report: str) -> Iterator[Output]:
    """Yield what one notebook shows."""
    count = {"Figure": 0, "Table": 0}
    chapter = int(path.stem[:2])
    for cell in cells.read(path)["cells"]:
        calls = tuple(dict.fromkeys(_CALL.findall(cells.source(cell))))
        for kind, title in _shown(cell):
            count[kind] += 1
            yield Output(f"{kind} {chapter}.{count[kind]}", title, path.stem, cell["id"], calls, report)


def _shown(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the title of each figure and table below a cell."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            yield "Figure", _title_of_figure(output["metadata"]["image/png"]["alt"])
        elif caption := _CAPTION.search("".join(data.get("text/html", ""))):
            yield "Table", html.unescape(re.sub(r"<[^>]+>", "", caption.group(1)))


def _title_of_figure(alt: str) -> str:
    """Return the title in an alternative text: after the figure's form, or, on a map, up to the colon."""
    form, _, rest = alt.partition(". ")
    return rest.partition(". ")[0].rstrip(".") if rest else form.partition(": ")[0]
