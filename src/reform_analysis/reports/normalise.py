"""Take out of an executed notebook what differs between two runs on the same inputs.

Times and durations go to the ledger; everything else that varies (ids drawn at random, addresses of objects,
temporary file names, how printed text was cut into pieces) carries no meaning and gets one fixed form.
"""

from __future__ import annotations

import re
from typing import Any

import nbformat

from reform_analysis.reports import cells

# the file a cell was compiled as, by a kernel or by the in-process engine
_CELL_FILE = re.compile(r"\S*ipykernel_\d+[/\\]+\d+\.py|<ipython-input-\d+-[0-9a-f]+>")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,16}\b")
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
    """Join neighbouring pieces of one printed stream, which a kernel cuts by the clock."""
    whole: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and whole and _same_stream(whole[-1], output):
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def _same_stream(one: Any, other: Any) -> bool:
    """Tell whether two outputs are printed text of one stream."""
    return one.output_type == "stream" and one.name == other.name


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
    """Return text with cell file names and object addresses in one fixed form.

    Examples
    --------
    >>> steady_text("/tmp/ipykernel_71/3081.py:1: UserWarning: <object object at 0x7f3a5c0>")
    '<cell>:1: UserWarning: <object object at 0x...>'
    """
    return _ADDRESS.sub("at 0x...", _CELL_FILE.sub("<cell>", text))


def text_of(notebook: Any) -> str:
    """Return the notebook as the file's text."""
    return str(nbformat.writes(notebook, version=4)) + "\n"
