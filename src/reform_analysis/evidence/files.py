"""Files of the data directory: how they are read, and how they are written whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from . import lock
from .directory import data_directory, raw_files
from .schema import DataError, Problem, Table, raw_tables

if TYPE_CHECKING:
    from .validate import RawTable


def read_processed(path: Path, declared: Table) -> pd.DataFrame:
    """Read a processed file in its declared types; empty text stays empty text, other empty cells are missing.

    Raises
    ------
    ValueError
        The file is not as it was written.
    """
    try:
        frame = _read_typed(path, declared)
    except (ValueError, KeyError, OverflowError) as error:
        raise ValueError(
            f"{path.name} must be as `reform-analysis data build` writes it; {str(error).strip()}. Run that again"
        ) from None
    # a first row longer than the header would make its first cells an index
    if list(frame) != declared.names or not isinstance(frame.index, pd.RangeIndex):
        raise ValueError(
            f"{path.name} must have the columns {', '.join(declared.names)} and no others; "
            f"got {', '.join(map(str, frame))}. Run `reform-analysis data build`"
        )
    return frame


def _read_typed(path: Path, declared: Table) -> pd.DataFrame:
    types = {"text": "str", "number": "float64", "integer": "Int64", "yes_no": "bool"}
    missing = [c.name for c in declared.columns if c.type in ("number", "integer", "date")]
    dates = [c.name for c in declared.columns if c.type == "date"]
    frame = pd.read_csv(
        path,
        dtype={c.name: types[c.type] for c in declared.columns if c.type in types},
        parse_dates=dates,
        date_format="%Y-%m-%d",
        keep_default_na=False,
        na_values={name: [""] for name in missing},
    )
    # pandas leaves a column of dates without any date untyped
    untyped = [name for name in dates if frame[name].isna().all()]
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in untyped})


def read_raw() -> dict[str, RawTable]:
    """Read every raw table as text, with the file and line of each row.

    Raises
    ------
    DataError
        If a file is missing, is not UTF-8, or has other columns than declared.
    """
    from .validate import RawTable

    raw, problems = {}, []
    root = data_directory()
    for name, declared in raw_tables().items():
        frames, where = [], []
        for path in raw_files(name):
            shown = path.relative_to(root).as_posix()
            try:
                frames.append(read_text(path, declared.names))
            except (OSError, ValueError) as error:
                problems.append(Problem(shown, 1, "", str(error)))
            else:
                where += [(shown, line) for line in range(2, len(frames[-1]) + 2)]
        if frames:
            raw[name] = RawTable(declared, pd.concat(frames, ignore_index=True), where)
    if problems:
        raise DataError(problems)
    return raw


def read_text(path: Path, names: list[str]) -> pd.DataFrame:
    """Read a CSV file as text; ValueError if it is not UTF-8, has other columns, or a ragged or broken line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        raise ValueError(f"must be UTF-8; byte {error.start} is not. Save it as UTF-8") from None
    except csv.Error as error:
        raise ValueError(f"must be CSV with commas and double quotes; {error}") from None
    if not rows or rows[0] != names:
        raise ValueError(f"columns must be {', '.join(names)}; got {', '.join(rows[0]) if rows else 'an empty file'}")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(names) or any("\n" in cell for cell in row):
            raise ValueError(f"line {line} must have {len(names)} cells on one line; got {len(row)}")
    return pd.DataFrame(rows[1:], columns=names, dtype="str")


def write_files(contents: Mapping[str, bytes]) -> None:
    """Write files of ``processed``, each of which takes its place whole."""
    folder = data_directory() / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    replace_files({folder / name: content for name, content in contents.items()})


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Write each content beside its path, flush it to disk, and rename all: no reader meets half a file.

    A disk that is full is met before the first name changes hands.

    Raises
    ------
    OSError
        A file cannot be written; nothing has changed.
    """
    aside = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in contents}
    try:
        for path, content in contents.items():
            with aside[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        for left in aside.values():
            left.unlink(missing_ok=True)
        raise OSError(error.errno, f"{error.strerror}; nothing was written", str(path)) from None
    for path, written in aside.items():
        written.replace(path)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process from adding to the same folder, whose rows the first to finish would lose.

    Raises
    ------
    ValueError
        Another process is adding.
    """
    with lock.held(folder / ".lock") as free:
        if not free:
            raise ValueError(f"only one process may add to {folder} at a time; wait for the other, then add again")
        yield


def to_csv(frame: pd.DataFrame, declared: Table) -> str:
    """Return ``frame`` as CSV text in a fixed form: the same values give the same bytes everywhere."""
    text = pd.DataFrame({column.name: _text(frame[column.name], column.type) for column in declared.columns})
    return text.to_csv(index=False, lineterminator="\n")


def _text(cells: pd.Series, kind: str) -> pd.Series:
    """Return a column as text: dates as ISO, numbers in their shortest exact form, missing as empty."""
    if kind == "date":
        return cells.dt.strftime("%Y-%m-%d").fillna("")
    if kind == "number":
        return cells.map(lambda number: "" if number != number else f"{number:.15g}")
    if kind == "integer":
        return cells.astype("str").where(cells.notna(), "")
    if kind == "yes_no":
        return cells.map({True: "true", False: "false"})
    return cells
