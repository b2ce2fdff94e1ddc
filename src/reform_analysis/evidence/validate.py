"""Checks of a table against its declaration: every fault at once, each with its file, line and column.

pandera does the column checks; keys and references between tables are checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from .schema import Column, Problem, Table

if TYPE_CHECKING:
    import pandera.pandas as pa

_FORMS = {
    # no more digits than a number of the machine holds
    "number": (r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", "must be a plain number with a decimal point"),
    "integer": (r"-?\d{1,18}", "must be a whole number"),
    "yes_no": (r"true|false", "must be true or false"),
}
# longer than any cell that a person writes
_LONGEST = 2000
# what a spreadsheet would run, whoever opens the table in one; "-3.5" and "+12 %" are figures
_FORMULA = re.compile(r"[=@]|[+-](?!\s?\d)|[+-].*[=|!(]")
# spaces that printed figures hold; every other character that does not show is refused
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f"), " ")


@dataclass(frozen=True)
class RawTable:
    """Rows of a table as text, and for each the file and line it was read from."""

    table: Table
    frame: pd.DataFrame
    where: Sequence[tuple[str, int]]

    def problem(self, row: int, column: str, message: str) -> Problem:
        """Name the file and line of ``row`` in a problem."""
        file, line = self.where[row]
        return Problem(file, line, column, message)


def check(tables: Mapping[str, RawTable]) -> list[Problem]:
    """Return every problem of ``tables``: values, keys, references and the order of dates."""
    problems: list[Problem] = []
    for raw in tables.values():
        problems += [
            *_text_problems(raw),
            *_value_problems(raw),
            *_key_problems(raw),
            *_reference_problems(raw, tables),
        ]
    if "observations" in tables:
        problems += _period_problems(tables["observations"])
    return problems


def _text_problems(raw: RawTable) -> Iterator[Problem]:
    """Find cells that do not show what they hold, break their line, or are no cell but a text."""
    for name in raw.table.names:
        for row, cell in enumerate(raw.frame[name]):
            if len(cell) > _LONGEST:
                yield raw.problem(row, name, f"must have at most {_LONGEST} characters; got {len(cell)}. Shorten it")
            elif not cell.isprintable() and (hidden := _hidden(cell)):
                yield raw.problem(
                    row,
                    name,
                    "must hold no line break, control, invisible or direction-changing character; "
                    f"got U+{ord(cell[hidden - 1]):04X} at character {hidden}. Delete it",
                )
            elif _FORMULA.match(cell):
                shown = repr(cell[:40])
                yield raw.problem(
                    row, name, f"must not begin as a spreadsheet's formula; got {shown}. Begin with a word"
                )


def _hidden(cell: str) -> int:
    """Return the place, from 1, of the first character that does not show; 0 if all do."""
    seen = cell.translate(_SPACES)
    return next((place for place, letter in enumerate(seen, start=1) if not letter.isprintable()), 0)


def _value_problems(raw: RawTable) -> Iterator[Problem]:
    import pandera.pandas as pa  # a second to import; only the checks need it

    schema = pa.DataFrameSchema({column.name: _pandera_column(column) for column in raw.table.columns})
    try:
        schema.validate(raw.frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        for column, message, got, row in zip(
            cases["column"], cases["check"], cases["failure_case"], cases["index"], strict=True
        ):
            yield raw.problem(int(row), str(column), f"{message}; got {got!r}")


def _pandera_column(column: Column) -> pa.Column:
    import pandera.pandas as pa

    checks = []
    if column.required:
        checks.append(pa.Check(lambda cell: cell.str.strip() != "", error="must not be empty"))
    # an empty cell is missing, whatever its type; whether it may be is checked above
    if column.codes:
        allowed = {"", *column.codes}
        checks.append(pa.Check(lambda cell: cell.isin(allowed), error=f"must be one of {', '.join(column.codes)}"))
    if column.type == "date":
        checks.append(pa.Check(lambda cell: cell.map(_may_be_day), error="must be a date as YYYY-MM-DD"))
    elif column.type in _FORMS:
        pattern, message = _FORMS[column.type]
        checks.append(_matches(pattern, message))
    if column.pattern:
        checks.append(_matches(column.pattern, f"must match {column.pattern}"))
    return pa.Column(str, checks=checks, required=True)


def _may_be_day(cell: str) -> bool:
    """Tell whether a cell is empty or a day of the calendar, written in full."""
    try:
        return not cell or date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _matches(pattern: str, message: str) -> pa.Check:
    import pandera.pandas as pa

    return pa.Check(lambda cell: cell.str.fullmatch(pattern, flags=re.ASCII) | (cell == ""), error=message)


def _key_problems(raw: RawTable) -> Iterator[Problem]:
    key = list(raw.table.key)
    repeated = raw.frame.duplicated(key).to_numpy()
    for row in repeated.nonzero()[0]:
        value = " + ".join(raw.frame.iloc[row][key])
        yield raw.problem(int(row), key[0], f"{' + '.join(key)} must be unique; {value!r} stands above already")


def _reference_problems(raw: RawTable, tables: Mapping[str, RawTable]) -> Iterator[Problem]:
    for column in raw.table.columns:
        if not column.refers_to:
            continue
        table, field = column.refers_to.split(".")
        if table not in tables:
            continue
        known = set(tables[table].frame[field])
        for row, cell in enumerate(raw.frame[column.name]):
            for value in cell.split(column.many) if column.many else [cell]:
                if value and value not in known:
                    yield raw.problem(
                        row,
                        column.name,
                        f"must be a {field} of {table}.csv; got {value!r}{suggestion(value, known)}",
                    )


def _period_problems(raw: RawTable) -> Iterator[Problem]:
    start, end = raw.frame["period_start"], raw.frame["period_end"]
    for row in ((start != "") & (start > end)).to_numpy().nonzero()[0]:
        yield raw.problem(
            int(row), "period_start", f"must not be after period_end {end.iloc[row]}; got {start.iloc[row]}"
        )


def suggestion(value: str, known: set[str] | Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known value nearest to ``value``, or nothing."""
    from rapidfuzz import process

    best = process.extractOne(value, list(known), score_cutoff=70)
    return f"; did you mean {best[0]!r}?" if best else ""
