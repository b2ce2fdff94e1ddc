"""Where the checkout's folders are; the batch engine reads notebooks, batch files and the lock from there."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
TEMPLATES = PACKAGE / "reports" / "templates"


def root() -> Path | None:
    """Return the checkout's root, or None where only the installed package is at hand."""
    candidate = PACKAGE.parents[1]
    return candidate if (candidate / "pyproject.toml").is_file() else None


def checkout() -> Path:
    """Return the checkout's root.

    Raises
    ------
    FileNotFoundError
        The package was installed without its notebooks.
    """
    found = root()
    if found is None:
        raise FileNotFoundError(
            "notebooks and batch files must be at hand; this is an installed package without them. "
            "Clone the repository and install it with `pip install -e .`"
        )
    return found


def lock_hash() -> str:
    """Return the short hash of the checkout's lock file."""
    found = root()
    lock = found / "requirements.lock" if found else None
    if lock is None or not lock.is_file():
        return "not at hand"
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:16]


def released() -> str:
    """Return the day of the checkout's version (ISO 8601), empty where there is no checkout."""
    found = root()
    file = found / "metadata.toml" if found else None
    if file is None or not file.is_file():
        return ""
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["released"])


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def page_templates(**options: Any) -> Any:
    """Return a jinja environment of the pages' templates; everything is escaped unless a template says otherwise."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    strict: dict[str, Any] = {
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "undefined": StrictUndefined,
    }
    return Environment(loader=FileSystemLoader(TEMPLATES), **strict | options)
