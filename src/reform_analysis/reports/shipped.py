"""The files that are handed on with the project: which they are, and the licence that each stands under.

Works without version control, so that the check holds for a downloaded archive as well.
"""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from pathlib import Path

# what tools leave behind; a test holds this against .gitignore
MADE_BY_TOOLS = {
    ".git",
    ".venv",
    ".jupyter",
    "__pycache__",
    ".ipynb_checkpoints",
    ".pytest_cache",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".lock",
    ".ci/venv",
    ".ci/build",
    "dist",
    "reports/build",
}
TEXT = {".py", ".ipynb", ".md", ".csv", ".json", ".toml", ".yaml", ".yml", ".cff", ".txt", ".po", ".cfg", ".lock", ""}


def names(root: Path) -> list[str]:
    """Return the names of the shipped files, relative to the root, in order."""
    found = []
    for folder, inner, files in os.walk(root):
        here = Path(folder).relative_to(root)
        inner[:] = [name for name in inner if not {name, (here / name).as_posix()} & MADE_BY_TOOLS]
        kept = [name for name in files if name not in MADE_BY_TOOLS and not name.endswith((".tmp", ".pyc"))]
        found += [(here / name).as_posix() for name in kept]
    return sorted(found)


def text(root: Path, name: str) -> str | None:
    """Return the text of a shipped file, or None where it is no text."""
    path = root / name
    return path.read_text(encoding="utf-8") if path.suffix in TEXT else None


def licences(root: Path) -> dict[str, str]:
    """Return the licence of every shipped file that has one, as an SPDX expression.

    Notes
    -----
    By the REUSE specification 3.3: a `.license` file beside it, else the last entry of REUSE.toml that matches.
    Comment headers are not looked for, as the project has none.
    """
    rules = _rules(root)
    given = {name: _licence(root, name, rules) for name in names(root)}
    return {name: licence for name, licence in given.items() if licence}


def _licence(root: Path, name: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    """Return the licence of one file, empty where none is stated."""
    beside = root / f"{name}.license"
    if beside.is_file():
        stated = re.search(r"SPDX-License-Identifier: *(.+)", beside.read_text(encoding="utf-8"))
        return stated.group(1).strip() if stated else ""
    return next((licence for pattern, licence in reversed(rules) if pattern.fullmatch(name)), "")


def _rules(root: Path) -> list[tuple[re.Pattern[str], str]]:
    """Return the entries of REUSE.toml: the files meant and their licence."""
    path = root / "REUSE.toml"
    if not path.is_file():
        return []
    rules = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("annotations", []):
        meant = entry["path"] if isinstance(entry["path"], list) else [entry["path"]]
        stated = entry.get("SPDX-License-Identifier", "")
        licence = " AND ".join(stated) if isinstance(stated, list) else stated
        rules += [(_pattern(glob), licence) for glob in meant]
    return rules


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern of a glob of REUSE.toml, where only two stars cross folders."""
    parts = re.split(r"(\*\*|\*)", glob)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts))
