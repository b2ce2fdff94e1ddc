"""Whether the processed tables are still as they were written: a cache that is damaged is made again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .directory import data_directory


def damaged() -> list[str]:
    """Return the processed files that are gone or differ from the sums in ``datapackage.json``.

    Data without that file are taken as they are.
    """
    folder = data_directory() / "processed"
    described = folder / "datapackage.json"
    if not described.is_file():
        return []
    try:
        resources = json.loads(described.read_bytes())["resources"]
        sums = {str(resource["path"]): resource["hash"] for resource in resources}
    except (ValueError, LookupError, TypeError):
        return [described.name]
    return [name for name, wanted in sums.items() if _sum(folder / name) != wanted]


def mend() -> list[str]:
    """Make damaged processed files again from the raw tables; return what was done, in words.

    Raises
    ------
    ValueError
        There are no raw tables to make them from, or they break a rule.
    """
    names = damaged()
    if not names:
        return []
    listed = ", ".join(f"processed/{name}" for name in names)
    if not (data_directory() / "raw").is_dir():
        raise ValueError(f"{listed} must be as published; got something else. Reinstall the package")
    from . import build

    build.build()
    return [f"{listed} had changed since `data build` and was made again from data/raw"]


def _sum(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else ""
