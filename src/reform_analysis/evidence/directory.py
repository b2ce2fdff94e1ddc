"""Where the data are: the folder that ``REFORM_ANALYSIS_DATA`` names, else the checkout's, else the wheel's copy."""

from __future__ import annotations

import os
from pathlib import Path


def data_directory() -> Path:
    """Return the folder that holds ``raw`` and ``processed``.

    Raises
    ------
    FileNotFoundError
        If ``REFORM_ANALYSIS_DATA`` names no such folder, or none is found.
    """
    named = os.environ.get("REFORM_ANALYSIS_DATA")
    package = Path(__file__).resolve().parent.parent
    for candidate in [Path(named)] if named else [package.parent.parent / "data", package / "data"]:
        if (candidate / "processed").is_dir() or (candidate / "raw").is_dir():
            return candidate
    where = f"REFORM_ANALYSIS_DATA names {named!r}, which" if named else "The installed package"
    raise FileNotFoundError(
        f"{where} holds no data: a folder with raw/ or processed/ is needed. "
        "Set REFORM_ANALYSIS_DATA to such a folder, or reinstall the package."
    )


def processed_file(name: str) -> Path:
    """Return the path of a file of ``processed``; FileNotFoundError says how to make it."""
    path = data_directory() / "processed" / name
    if not path.is_file():
        raise FileNotFoundError(f"data/processed/{name} is missing; run `reform-analysis data build`")
    return path


def raw_files(name: str) -> list[Path]:
    """Return the raw files of a table: one file, or all in the folder of its name."""
    path = data_directory() / "raw" / name
    return sorted(path.glob("*.csv")) if path.is_dir() else [path.with_suffix(".csv")]
