"""The tables: their columns, types, keys and codes, and the error that a faulty file gives.

The declarations stand in ``tables.toml``; reading, validation and the data package all take them from here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in a file: where it is, and what must hold, what was got and what to do."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:  # noqa: D105
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class DataError(ValueError):
    """A data file breaks its rules; carries every problem found, each as ``file:line:column: message``."""

    def __init__(self, problems: Iterable[Problem]) -> None:  # noqa: D107
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the data; nothing was written"
        super().__init__("\n".join([head, *map(str, self.problems)]))


@dataclass(frozen=True)
class Column:
    """A field of a table; see the head of ``tables.toml`` for what each attribute says."""

    name: str
    description: str
    type: str = "text"
    required: bool = False
    codes: tuple[str, ...] = ()
    refers_to: str = ""
    pattern: str = ""
    many: str = ""


@dataclass(frozen=True)
class Table:
    """A CSV file: its columns in order and the key by which its rows are sorted."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]


@cache
def _declarations() -> dict:
    return tomllib.loads((Path(__file__).parent / "tables.toml").read_text(encoding="utf-8"))


def codes(name: str) -> tuple[str, ...]:
    """Return the values allowed in columns that name the code list ``name``."""
    return tuple(_declarations()["codes"][name])


def _columns(declared: list[dict]) -> tuple[Column, ...]:
    return tuple(
        Column(**{**fields, "codes": codes(fields["codes"]) if "codes" in fields else ()}) for fields in declared
    )


@cache
def raw_tables() -> dict[str, Table]:
    """Return the tables edited by hand, by name, each after the tables it refers to."""
    return _tables("tables")


def _tables(section: str) -> dict[str, Table]:
    return {
        name: Table(name, table["description"], tuple(table["key"]), _columns(table["columns"]))
        for name, table in _declarations()[section].items()
    }


@cache
def processed_tables() -> dict[str, Table]:
    """Return the tables that ``make data`` writes: the raw ones, observations with derived columns, the findings."""
    raw = raw_tables()
    observations = raw["observations"]
    derived = _columns(_declarations()["derived"]["columns"])
    full = Table(observations.name, observations.description, observations.key, (*observations.columns, *derived))
    return {**raw, "observations": full, **_tables("made")}
