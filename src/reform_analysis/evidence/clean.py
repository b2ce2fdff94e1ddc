"""Raw tables to processed tables: pure functions, corrections applied as data.

A printed figure becomes a value with bounds (`evidence.printed`); the coder's reading and the machine's must agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from .printed import figure_interval, read_figure
from .schema import DataError, Problem, Table, codes, processed_tables
from .validate import RawTable, check

# First and last day of the window of study: the districts ended on the first, the four-month reports cover the last.
WINDOW = ("2025-07-01", "2025-10-31")


def build(raw: Mapping[str, RawTable]) -> dict[str, pd.DataFrame]:
    """Return the processed tables by name, typed and sorted by key.

    Parameters
    ----------
    raw
        Tables as text, by name, all of `schema.raw_tables`.

    Raises
    ------
    DataError
        If any cell, key, reference or figure breaks its rule; names every one of them.
    """
    corrected, problems = _correct(raw)
    bounds, unreadable = _bounds(corrected)
    problems += check(corrected) + unreadable
    if problems:
        raise DataError(problems)
    tables = {name: typed(table.frame, table.table) for name, table in corrected.items()}
    tables["observations"] = _derive(tables["observations"].assign(**bounds), tables)
    return {
        name: frame.sort_values(list(processed_tables()[name].key), kind="stable", ignore_index=True)
        for name, frame in tables.items()
    }


def _correct(raw: Mapping[str, RawTable]) -> tuple[dict[str, RawTable], list[Problem]]:
    """Apply the corrections whose `was` still matches; one that does not is a problem."""
    corrected = {name: replace(table, frame=table.frame.copy()) for name, table in raw.items()}
    problems = []
    corrections = raw["corrections"]
    for row, item in enumerate(corrections.frame.to_dict("records")):
        if item["table"] not in corrected:
            problems.append(corrections.problem(row, "table", f"must name a table; got {item['table']!r}"))
            continue
        target = corrected[item["table"]]
        matches = np.flatnonzero((target.frame[target.table.key[0]] == item["key"]).to_numpy())
        if item["column"] not in target.frame or not len(matches):
            problems.append(corrections.problem(row, "key", f"must name a row and column of {item['table']}"))
            continue
        cell = (matches[0], target.frame.columns.get_loc(item["column"]))
        if target.frame.iloc[cell] != item["was"]:
            problems.append(
                corrections.problem(
                    row,
                    "was",
                    f"must equal the raw value {target.frame.iloc[cell]!r}; got {item['was']!r}. "
                    "The raw file has changed: review the correction",
                )
            )
            continue
        target.frame.iloc[cell] = item["now"]
    return corrected, problems


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return ``frame`` of text with each column in its declared type; empty cells are missing, or empty text."""
    converters = {
        "text": lambda cells: cells,
        "date": lambda cells: pd.to_datetime(cells.where(cells != ""), format="%Y-%m-%d"),
        "number": lambda cells: pd.to_numeric(cells.where(cells != "")),
        "integer": lambda cells: pd.to_numeric(cells.where(cells != "")).astype("Int64"),
        "yes_no": lambda cells: cells == "true",
    }
    return pd.DataFrame({column.name: converters[column.type](frame[column.name]) for column in table.columns})


def _derive(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add what follows from a figure's indicator, place and source."""
    indicators = tables["indicators"].set_index("code")
    places = tables["places"].set_index("place_id")
    sources = tables["sources"].set_index("source_id")
    for column in ("unit", "topic", "kind"):
        frame[column] = frame["indicator"].map(indicators[column])
    frame["geo_level"] = frame["place_id"].map(places["level"])
    frame["place_name"] = frame["place_id"].map(places["name"])
    frame["province_id"] = frame["place_id"].map(places["province_id"])
    ends = frame["period_end"]
    frame["phase"] = np.select([ends < WINDOW[0], ends <= WINDOW[1]], ["baseline", "window"], "followup")
    for column in ("published", "reliability", "family"):
        frame[column] = frame["source_id"].map(sources[column])
    frame["flags"] = ""
    return frame[processed_tables()["observations"].names]


def _bounds(raw: Mapping[str, RawTable]) -> tuple[dict[str, list], list[Problem]]:
    """Read each figure into its value and its soft and hard bounds; what cannot be read is a problem."""
    observations = raw["observations"]
    frame = observations.frame
    book = raw["indicators"].frame
    described = dict(zip(book["code"], zip(book["unit"], book["kind"], strict=True), strict=True))
    languages = raw["sources"].frame.set_index("source_id")["language"].to_dict()
    columns: dict[str, list] = {
        name: [] for name in ("value", "low", "high", "low_open", "high_open", "hard_low", "hard_high")
    }
    problems = []
    rows = zip(frame["figure"], frame["value"], frame["indicator"], frame["qualifier"], frame["source_id"], strict=True)
    for row, (figure, value, code, qualifier, source) in enumerate(rows):
        read = _UNKNOWN
        # an unknown code or a value that is no number is reported where it stands
        if code in described and qualifier in codes("qualifiers") and _is_number(value):
            unit, kind = described[code]
            try:
                read = _read(figure, float(value or "nan"), unit, kind, qualifier, languages.get(source))
            except ValueError as error:
                problems.append(observations.problem(row, "figure", str(error)))
        for name, cell in zip(columns, read, strict=True):
            columns[name].append(cell)
    return columns, problems


def _is_number(text: str) -> bool:
    try:
        return not math.isinf(float(text or "nan"))
    except ValueError:
        return False


_UNKNOWN = (np.nan, np.nan, np.nan, False, False, np.nan, np.nan)
# The figure of a document is its number, not a quantity: it stands for one document.
_ONE = (1.0, 1.0, 1.0, False, False, 1.0, 1.0)


def _read(figure: str, value: float, unit: str, kind: str, qualifier: str, language: str | None) -> tuple:
    """Return value, soft bounds with their ends, and hard bounds of one figure."""
    if kind == "deadline":
        return _UNKNOWN
    if kind == "document":
        return _ONE
    if np.isnan(value):
        value = read_figure(figure, language=language, unit=unit).value
    # a growth rate or an index may pass 100; a share may not
    cap = 100 if kind == "share" else None
    soft = figure_interval(figure, value=value, unit=unit, qualifier=qualifier, cap=cap)
    hard = figure_interval(figure, value=value, unit=unit, qualifier=qualifier, cap=cap, mode="hard")
    ends = float(soft.low), float(soft.high), soft.low_open, soft.high_open, float(hard.low), float(hard.high)
    return float(value), *ends
