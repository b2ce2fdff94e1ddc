"""What a notebook file says about itself, read without Jupyter: its cells, its parameters, what it promises.

A build that finds everything up to date reads notebooks through this module alone, so it imports the standard
library only.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# kinds a parameter may have, by the annotation written in the cell
KINDS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list[str | int | float | bool],
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
}


@dataclass(frozen=True)
class ParameterLine:
    """One line of a parameters cell: ``name: annotation = default``."""

    name: str
    annotation: str
    default: Any
    kind: Any


def read(notebook: Path) -> dict[str, Any]:
    """Return a notebook's JSON.

    Raises
    ------
    FileNotFoundError
        There is no such notebook.
    ValueError
        The file is not a notebook of format 4, or a cell of it is none.
    """
    try:
        document = json.loads(notebook.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"notebook {notebook} must exist; check the name and the folder") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{notebook} must be a notebook (JSON, UTF-8); {error}") from None
    if not isinstance(document, dict) or document.get("nbformat") != 4 or not isinstance(document.get("cells"), list):
        raise ValueError(f"{notebook} must be a notebook of format 4; open and save it in JupyterLab")
    faulty = [number for number, cell in enumerate(document["cells"], start=1) if not _is_cell(cell)]
    if faulty or not isinstance(document.get("metadata", {}), dict):
        where = f"cell {faulty[0]}" if faulty else "its metadata"
        raise ValueError(f"{notebook}, {where} must be as format 4 has it; open and save the notebook in JupyterLab")
    return document


def _is_cell(cell: Any) -> bool:
    """Tell whether a value is a cell, as far as cells are read here."""
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata", {}), dict):
        return False
    text, marks = cell.get("source"), cell.get("metadata", {}).get("tags", [])
    lines = text if isinstance(text, list) else [text]
    return isinstance(marks, list) and all(isinstance(part, str) for part in [cell.get("cell_type"), *lines, *marks])


def source(cell: dict[str, Any]) -> str:
    """Return a cell's text, which the file format keeps as one string or as lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def heading(document: dict[str, Any]) -> str:
    """Return the first heading of a notebook's prose, without Markdown's marks."""
    for cell in document["cells"]:
        found = re.search(r"^#+\s+(.+)$", source(cell), re.MULTILINE)
        if cell["cell_type"] == "markdown" and found:
            return found[1].strip().replace("*", "").replace("`", "")
    return "Report"


def tags(cell: dict[str, Any]) -> list[str]:
    """Return a cell's tags."""
    return list(cell.get("metadata", {}).get("tags", []))


def parameter_lines(notebook: Path) -> list[ParameterLine]:
    """Return what the cell tagged ``parameters`` declares, in its order.

    Raises
    ------
    ValueError
        A statement there is not one annotated literal, or its annotation is not one of `KINDS`.
    """
    tagged = [source(cell) for cell in read(notebook)["cells"] if "parameters" in tags(cell)]
    try:
        lines = [statement for text in tagged for statement in ast.parse(text).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ValueError(f"{notebook.name}, parameters cell, line {line} must be Python; {error}") from None
    return [_parameter_line(statement, notebook) for statement in lines]


def _parameter_line(statement: ast.stmt, notebook: Path) -> ParameterLine:
    """Read one statement of a parameters cell."""
    rule = "must be `name: type = literal`, as Papermill replaces one value at a time"
    where = f"{notebook.name}, parameters cell, line {statement.lineno}"
    if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value):
        raise ValueError(f"{where} {rule}; got `{ast.unparse(statement)}`")
    annotation = ast.unparse(statement.annotation)
    if annotation not in KINDS:
        raise ValueError(f"{where}: type must be one of {', '.join(KINDS)}; got {annotation}")
    try:
        default = ast.literal_eval(statement.value)
    except (ValueError, TypeError, RecursionError):
        raise ValueError(f"{where} {rule}; got `{ast.unparse(statement)}`") from None
    return ParameterLine(statement.target.id, annotation, default, KINDS[annotation])


def content_hashes(notebook: Path) -> dict[str, str]:
    """Return the hash of a notebook's code and of its prose, blind to outputs and execution counts.

    The tags count as code (they steer the build), and so does what the notebook's metadata promises.
    """
    document = read(notebook)
    code = [[source(cell), tags(cell)] for cell in document["cells"] if cell["cell_type"] == "code"]
    # order and kind of all cells belong to the prose: moving a paragraph changes the page
    prose = [source(cell) if cell["cell_type"] != "code" else None for cell in document["cells"]]
    promised = document.get("metadata", {}).get("reform_analysis", {})
    return {"code": digest([code, promised]), "prose": digest(prose)}


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
