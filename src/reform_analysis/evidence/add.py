"""Add figures that a reader coded: everything checked first, every fault named, then appended whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from . import clean
from .directory import data_directory
from .files import alone, read_raw, replace_files
from .places import Places
from .schema import DataError, Problem, Table, raw_tables
from .validate import RawTable, suggestion

# What a new figure has unless its row says otherwise.
_DEFAULTS = {"qualifier": "exact", "date_precision": "day", "status": "current"}


def add_file(path: Path, *, today: date) -> list[str]:
    """Append the figures or sources of a CSV file to the raw tables; return the ids given to them.

    Parameters
    ----------
    path
        UTF-8 with or without a byte order mark, commas or semicolons, Excel's quoting; columns of ``observations`` or
        of ``sources`` in any order, optional ones left out. Empty ``observation_id`` and ``source_id`` are given;
        ``place_id`` may be a name.
    today
        Day that the change feed names.

    Raises
    ------
    DataError
        If anything is wrong with any row: all faults at once, nothing written.
    ValueError
        If another process is adding to the same data.
    OSError
        If the folder cannot be written to, or its disk is full: nothing written.
    """
    header, rows, lines = _read(path)
    with alone(data_directory() / "raw"):
        return _add(path, header, rows, lines, today)


def _add(path: Path, header: list[str], rows: list[list[str]], lines: list[int], today: date) -> list[str]:
    """Check the rows against the raw tables as they are now, and append them."""
    raw = read_raw()
    name = "sources" if "publisher" in header else "observations"
    declared = raw_tables()[name]
    _check_header(path, header, declared)
    new = pd.DataFrame(rows, columns=header, dtype="str").reindex(columns=declared.names, fill_value="")
    where = [(path.name, line) for line in lines]
    new, problems = (_sources if name == "sources" else _observations)(new, raw, where)
    key = declared.key[0]
    merged = {**raw, name: _joined(raw[name], new, where)}
    if name == "observations":
        merged["changes"] = _changed(raw["changes"], new[key], today)
    _build(merged, problems, path)
    _write(merged, name, new)
    return list(new[key])


def _read(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Read header, rows and the line of each row, whatever the separator; a ragged row is a problem with its line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError([Problem(path.name, 1, "", f"must be UTF-8; byte {error.start} is not")]) from None
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        # the line a row ends on, which is the one it stands on unless a cell holds a line break
        found = [([cell.strip() for cell in row], reader.line_num) for row in reader if any(row)]
    except csv.Error as error:
        raise DataError([Problem(path.name, reader.line_num, "", f"must be CSV; {error}")]) from None
    if len(found) < 2:
        raise DataError([Problem(path.name, 1, "", "must have a header and at least one row; got none")])
    (header, _), *rows = found
    ragged = [
        Problem(path.name, line, "", f"must have {len(header)} cells; got {len(row)}")
        for row, line in rows
        if len(row) != len(header)
    ]
    if ragged:
        raise DataError(ragged)
    return header, [row for row, _ in rows], [line for _, line in rows]


def _check_header(path: Path, header: list[str], declared: Table) -> None:
    """Refuse unknown, repeated and missing columns."""
    given = {"observation_id", "source_id", *_DEFAULTS} if declared.name == "observations" else {"source_id", "family"}
    given = given - {"source_id"} if declared.name == "observations" else given
    required = [column.name for column in declared.columns if column.required and column.name not in given]
    problems = [
        Problem(path.name, 1, name, f"is no column of {declared.name}{suggestion(name, declared.names)}")
        for name in header
        if name not in declared.names
    ]
    problems += [Problem(path.name, 1, name, "stands twice") for name in set(header) if header.count(name) > 1]
    problems += [Problem(path.name, 1, name, "is missing") for name in required if name not in header]
    if problems:
        raise DataError(problems)


def _sources(
    new: pd.DataFrame, raw: Mapping[str, RawTable], where: list[tuple[str, int]]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Name sources after their address, and each its own family, where the row does not say."""
    del raw
    problems = []
    for row, (given, url) in enumerate(zip(new["source_id"], new["url"], strict=True)):
        try:
            new.loc[row, "source_id"] = given or source_id(url)
        except ValueError as error:
            problems.append(Problem(*where[row], "url", f"must be an address; {error}. Correct it"))
    new["family"] = new["family"].where(new["family"] != "", new["source_id"])
    return new, problems


def source_id(url: str) -> str:
    """Return the name of a source: its site's name and six characters of its address's SHA-1."""
    host = urlsplit(url).netloc.removeprefix("www.").split(".")
    # the registered name: vnexpress.net -> vnexpress, baohaiphong.com.vn -> baohaiphong
    name = host[-3] if len(host) > 2 and host[-2] in ("com", "gov", "org", "net", "edu") else host[-2:][0]
    slug = re.sub(r"[^a-z0-9-]", "", name.lower()) or "source"
    return f"{slug}-{hashlib.sha1(url.encode()).hexdigest()[:6]}"


def _observations(
    new: pd.DataFrame, raw: Mapping[str, RawTable], where: list[tuple[str, int]]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Number the figures within their source, resolve names of places, fill the defaults."""
    problems = []
    for column, default in _DEFAULTS.items():
        new[column] = new[column].where(new[column] != "", default)
    registry = Places(clean.typed(raw["places"].frame, raw["places"].table), raw["aliases"].frame)
    known = set(raw["places"].frame["place_id"])
    for row, name in enumerate(new["place_id"]):
        if name and name not in known:
            try:
                new.loc[row, "place_id"] = registry.place_id_of(name)
            except ValueError as error:
                problems.append(Problem(*where[row], "place_id", str(error)))
    taken = list(raw["observations"].frame["observation_id"])
    for row in new.index[new["observation_id"] == ""]:
        new.loc[row, "observation_id"] = identifier = _next_id(new.loc[row, "source_id"], taken)
        taken.append(identifier)
    return new, problems


def _next_id(source: str, taken: Iterable[str]) -> str:
    """Return the next free number within a source."""
    used = [int(name.rpartition(".")[2]) for name in taken if name.rpartition(".")[0] == source]
    return f"{source}.{max(used, default=0) + 1:02d}"


def _joined(old: RawTable, new: pd.DataFrame, where: list[tuple[str, int]]) -> RawTable:
    return replace(old, frame=pd.concat([old.frame, new], ignore_index=True), where=[*old.where, *where])


def _changed(changes: RawTable, identifiers: Iterable[str], today: date) -> RawTable:
    rows = pd.DataFrame(
        [(today.isoformat(), identifier, "added", "") for identifier in identifiers], columns=changes.table.names
    )
    return _joined(changes, rows, [("changes.csv", 0)] * len(rows))


def _build(merged: Mapping[str, RawTable], problems: list[Problem], path: Path) -> None:
    """Build everything as `make data` would; faults of the new rows are all reported together."""
    resolved = {problem.line for problem in problems}
    try:
        clean.build(merged)
    except DataError as error:
        # a place that is unknown by name is unknown by id too: say it once
        problems = problems + [p for p in error.problems if not (p.column == "place_id" and p.line in resolved)]
    if problems:
        raise DataError(problems)


def _write(merged: Mapping[str, RawTable], name: str, new: pd.DataFrame) -> None:
    """Write the raw files that change, each whole."""
    raw = data_directory() / "raw"
    if name == "sources":
        replace_files({raw / "sources.csv": _csv(merged["sources"].frame, merged["sources"].table)})
        return
    observations = merged["observations"]
    topics = merged["indicators"].frame.set_index("code")["topic"]
    of_row = observations.frame["indicator"].map(topics)
    contents = {raw / "changes.csv": _csv(merged["changes"].frame, merged["changes"].table)}
    for topic in sorted(set(new["indicator"].map(topics))):
        rows = observations.frame[of_row == topic]
        contents[raw / "observations" / f"{topic}.csv"] = _csv(rows, observations.table)
    replace_files(contents)


def _csv(frame: pd.DataFrame, table: Table) -> bytes:
    return frame.sort_values(list(table.key), kind="stable").to_csv(index=False, lineterminator="\n").encode()
