"""Take out of an executed notebook what differs between two runs on the same inputs.

Times and durations go to the ledger; everything else that varies (ids drawn at random, addresses of objects,
temporary file names, how printed text was cut into pieces) carries no meaning and gets one fixed form.
"""

from __future__ import annotations

import itertools
import os
import re
import sysconfig
from collections.abc import Iterable
from typing import Any

import nbformat

from reform_analysis.reports import cells, project

# the folders code is loaded from: what is left of a path names the module alike everywhere
_LOADED_FROM = (project.PACKAGE.parent, *(sysconfig.get_path(kind) for kind in ("purelib", "platlib", "stdlib")))
# what a text must hold for a pattern to be worth a search, the pattern, and what stands in its place
_VARYING = (
    # the file a cell was compiled as, by a kernel or by the in-process engine
    ("ipykernel_", re.compile(r"\S*ipykernel_\d+[/\\]+\d+\.py"), "<cell>"),
    ("<ipython-input-", re.compile(r"<ipython-input-\d+-[0-9a-f]+>"), "<cell>"),
    # the folder a report runs in
    ("report-", re.compile(r"[^\s\"']*[/\\]report-\w{8}[/\\]work"), "<folder>"),
    ("at 0x", re.compile(r"\bat 0x[0-9a-fA-F]{4,16}\b"), "at 0x..."),
)
_TIMED = ("papermill", "execution", "ExecuteTime")


def normalise(notebook: Any, given: dict[str, Any]) -> Any:
    """Return the notebook with what varies from run to run taken out; it is changed in place.

    Parameters
    ----------
    notebook
        An executed notebook of Papermill's.
    given
        The parameters that Papermill put in, kept in the metadata.
    """
    notebook.metadata["papermill"] = {"parameters": given}
    for number, cell in enumerate(notebook.cells):
        for key in _TIMED:
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", ["kept"]):
            del cell.metadata["tags"]
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
        elif not cell.get("id"):
            cell.id = f"cell-{number}-{cells.digest(cell.source)[:8]}"
        if cell.cell_type == "code":
            cell.outputs = [_steady(output) for output in joined(cell.outputs)]
    return notebook


def joined(outputs: list[Any]) -> list[Any]:
    """Join the pieces of printed text between two other outputs: all of stdout, then all of stderr.

    A kernel cuts both streams by the clock and sends stdout first; which piece came before which is not kept.
    """
    whole: list[Any] = []
    for printed, group in itertools.groupby(outputs, key=lambda output: output.output_type == "stream"):
        pieces = list(group)
        whole += _by_stream(pieces) if printed else pieces
    return whole


def _by_stream(pieces: Iterable[Any]) -> list[Any]:
    """Return one output a stream from the pieces of both."""
    streams: dict[str, Any] = {}
    for piece in pieces:
        if piece.name in streams:
            streams[piece.name].text += piece.text
        else:
            streams[piece.name] = piece
    return [streams[name] for name in ("stdout", "stderr") if name in streams]


def _steady(output: Any) -> Any:
    """Fix what varies inside one output's texts."""
    if output.output_type == "stream":
        output.text = steady_text(output.text)
    elif output.output_type == "error":
        output.traceback = [steady_text(line) for line in output.traceback]
        output.evalue = steady_text(output.evalue)
    elif "text/plain" in output.data:
        output.data["text/plain"] = steady_text(output.data["text/plain"])
    return output


def steady_text(text: str) -> str:
    """Return text with cell file names, folders of this machine and object addresses in one fixed form.

    Examples
    --------
    >>> steady_text("ipykernel_71/3081.py:1: UserWarning: <object object at 0x7f3a5c0>")
    '<cell>:1: UserWarning: <object object at 0x...>'
    """
    for folder in _LOADED_FROM:
        text = text.replace(f"{folder}{os.sep}", "")
    for mark, pattern, fixed in _VARYING:
        if mark in text:
            text = pattern.sub(fixed, text)
    return text


def text_of(notebook: Any) -> str:
    """Return the notebook as the file's text."""
    return str(nbformat.writes(notebook, version=4)) + "\n"
