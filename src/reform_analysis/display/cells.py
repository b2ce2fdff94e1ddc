"""What stands in the cells of a table: which columns, their headers with units, and each value in words."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import pandas as pd

from reform_analysis.analysis.answer import Quantity
from reform_analysis.display import formats
from reform_analysis.display.caption import label_words
from reform_analysis.display.catalogue import translate

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

# Columns that serve the display itself.
_HELPERS = ("observations", "low", "high")

HEADER_LABELS = {
    "estimate": "Estimate",
    "range": "Range",
    "interval": "Kind of bounds",
    "unit": "Unit",
    "indicator": "Indicator",
    "place": "Place",
    "scope": "Scope",
    "series": "Series",
    "date": "Date",
    "start": "From",
    "end": "To",
    "n": "n",
    "source": "Source",
    "figure": "As printed",
}

_UNIT_LABELS = {
    "days": "days",
    "percent": "%",
    "VND": "VND",
    "million VND": "million VND",
    "billion VND": "billion VND",
    "rounding": "rounding",
    "sampling": "sampling",
    "model": "model",
    "yes": "yes",
    "no": "no",
}

# Units whose word stands in every cell, because their rows may mix them.
_WORDED = ("share", "percent", "VND", "billion VND", "days", "count", "ratio")


@dataclass(frozen=True)
class Column:
    """One column of a printed table: where its numbers are, its header, its unit and the factor behind it."""

    name: str
    low: str | None
    high: str | None
    header: str
    unit: str | None
    factor: float = 1.0


@dataclass(frozen=True)
class Cell:
    """One printed cell."""

    text: str
    is_number: bool = False


def _bounds_of(name: str, columns: pd.Index) -> tuple[str | None, str | None]:
    """Return the columns that hold the bounds of a column."""
    if name in ("estimate", "range") and {"low", "high"} <= set(columns):
        return "low", "high"
    pair = f"{name}_low", f"{name}_high"
    return pair if set(pair) <= set(columns) else (None, None)


def _shown(frame: pd.DataFrame) -> list[str]:
    """Return the columns that a reader needs: no bounds (they stand beside their estimate), no helpers."""
    names = [str(name) for name in frame.columns]
    bounds = {bound for name in names for bound in _bounds_of(name, frame.columns) if bound}
    hidden = {*_HELPERS, *bounds}
    if "interval" in names and frame["interval"].nunique() < 2:
        hidden.add("interval")
    if "unit" in names and set(frame["unit"].dropna()) <= set(_WORDED):
        hidden.add("unit")
    shown = [name for name in names if name not in hidden]
    if "estimate" not in names and {"low", "high"} <= set(names):
        shown.append("range")
    return shown


def _money_scale(frame: pd.DataFrame, names: Sequence[str | None]) -> tuple[str, float]:
    """Return the unit and factor in which a column of dong is printed."""
    numbers = [abs(x) for name in names if name for x in frame[name].astype(float) if math.isfinite(x)]
    largest = max(numbers, default=0.0)
    for factor, unit in ((1e9, "billion VND"), (1e6, "million VND")):
        if largest >= factor:
            return unit, factor
    return "VND", 1.0


def _header(name: str, given: str | None, unit: str, language: str) -> str:
    """Return a column's header with its unit in brackets."""
    text = translate(given or HEADER_LABELS.get(name, name.replace("_", " ").capitalize()), language)
    return f"{text} ({translate(unit, language)})" if unit else text


def plan_columns(
    frame: pd.DataFrame,
    columns: Mapping[str, str] | Sequence[str] | None,
    units: Mapping[str, str],
    language: str,
) -> list[Column]:
    """Return the columns to print, in order."""
    names = list(columns) if columns is not None else _shown(frame)
    given = columns if isinstance(columns, Mapping) else {}
    plan = []
    for name in names:
        low, high = _bounds_of(name, frame.columns)
        unit, word, factor = units.get(name), "", 1.0
        if unit in ("share", "percent"):
            word, factor = "%", 0.01 if unit == "share" else 1.0
            unit = "bare percent"
        elif unit == "VND":
            word, factor = _money_scale(frame, [name if name in frame.columns else low, low, high])
            unit = "ratio"
        elif unit not in (None, "count", "ratio"):
            word, unit = str(unit), "ratio" if unit in ("days", "billion VND") else "count"
        plan.append(Column(name, low, high, _header(name, given.get(name), word, language), unit, factor))
    return plan


def _float(value: object) -> float:
    """Return a number, NaN for anything missing."""
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan


def _is_missing(value: object) -> bool:
    """Tell whether a cell holds nothing."""
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def cell_of(row: Mapping[str, object], column: Column, language: str) -> Cell:
    """Return one cell in words."""
    value = row.get(column.name)
    if column.low is not None or column.unit is not None:
        return _quantity_cell(row, column, language)
    if _is_missing(value):
        return Cell("")
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return Cell(translate("yes" if value else "no", language))
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        value = datetime.date.fromisoformat(value)
    if isinstance(value, datetime.date):
        # a date is one word of a narrow column
        return Cell(formats.date(value, language=language, style="medium").replace(" ", "\N{NO-BREAK SPACE}"))
    if isinstance(value, Real):
        if column.name == "year" or column.name.endswith("_year"):
            return Cell(f"{float(value):.0f}", is_number=True)
        unit = str(row.get("unit") or "ratio") if column.name == "estimate" else "ratio"
        x = float(value)
        return Cell(formats.quantity(Quantity(x, x, x, unit), language=language), is_number=True)
    return Cell(label_words(value, language))


def _quantity_cell(row: Mapping[str, object], column: Column, language: str) -> Cell:
    """Return an estimate with its bounds."""
    value = _float(row.get(column.name)) / column.factor
    low = _float(row[column.low]) / column.factor if column.low else value
    high = _float(row[column.high]) / column.factor if column.high else value
    unit = column.unit or str(row.get("unit") or "count")
    if all(math.isnan(x) for x in (value, low, high)):
        return Cell(translate("not known", language), is_number=True)
    return Cell(formats.quantity(Quantity(value, low, high, unit), language=language), is_number=True)
