"""The command that builds a report again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reform_analysis.reports import project, yamlfile


def run(notebook: str, given: Mapping[str, Any]) -> str:
    """Return the command that builds the report of a notebook with the given parameters.

    Parameters
    ----------
    notebook
        Name such as ``03_staffing``, or a path.
    given
        The parameters that were given. Those left at their defaults are left out, and so stay the report's own.

    Examples
    --------
    >>> run("06_place_profile", {"place": "Lào Cai", "language": "vi"})
    "reform-analysis run 06_place_profile -p 'place=Lào Cai' -p language=vi"
    """
    values = [f"-p {shlex.quote(f'{name}={as_yaml(value)}')}" for name, value in given.items()]
    return " ".join(["reform-analysis run", shlex.quote(notebook), *values])


def name_of(notebook: Path) -> str:
    """Return what a command calls a notebook: one of the project's by its name, another by its file.

    Never a folder of this machine: reports go out into the world.
    """
    root = project.root()
    ours = root is not None and notebook.parent == root / "notebooks"
    return notebook.stem if ours else notebook.name


def as_yaml(value: Any) -> str:
    """Write a parameter's value as the command line takes it: text that YAML would read otherwise is quoted.

    Examples
    --------
    >>> as_yaml("Huế"), as_yaml("10"), as_yaml(["Huế"]), as_yaml(True)
    ('Huế', '"10"', '["Huế"]', 'true')
    """
    plain = isinstance(value, str) and yamlfile.scalar(value) == value
    return str(value) if plain else json.dumps(value, ensure_ascii=False)
