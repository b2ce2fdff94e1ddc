"""Key numbers in a reader's words, and how far each has moved since the report's inputs were others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reform_analysis.reports import ledger

# units that `display.formats.quantity` writes itself, or that need no word
_WORDLESS = ("share", "percent", "days", "VND", "billion VND", "count", "ratio")
_PARTS = ("value", "low", "high")


@dataclass(frozen=True)
class Movement:
    """One key number before and now, with bounds, and the difference; all in words."""

    label: str
    before: str
    after: str
    difference: str


def agree(one: Mapping[str, Any], other: Mapping[str, Any], tolerance: float) -> bool:
    """Tell whether value and bounds of two key numbers lie within a tolerance; "not known" equals itself only."""
    pairs = [(one[part], other[part]) for part in _PARTS]
    return all(a is b if a is None or b is None else abs(a - b) <= tolerance for a, b in pairs)


def of(record: Mapping[str, Any]) -> tuple[Movement, ...]:
    """Return the key numbers of a finished report that moved, came or went since its inputs were others."""
    previous = record.get("previous")
    if not previous or record["status"] not in ledger.DONE or not record["key_numbers"]:
        return ()
    then = {number["name"]: number for number in previous["key_numbers"]}
    now = {number["name"]: number for number in record["key_numbers"]}
    if not then:
        return ()
    found = []
    for name in dict.fromkeys([*now, *then]):
        old, new = then.get(name), now.get(name)
        if old is None or new is None:
            found.append(Movement(label(name), written(old), written(new), "new" if old is None else "gone"))
        elif not agree(old, new, new["tolerance"]):
            found.append(Movement(label(name), written(old), written(new), _difference(old, new)))
    return tuple(found)


def label(name: str) -> str:
    """Return the name of a key number as words."""
    return name.replace("_", " ")


def written(number: Mapping[str, Any] | None) -> str:
    """Return a key number with its bounds and unit.

    Examples
    --------
    >>> written({"value": 0.834, "low": 0.828, "high": 0.841, "unit": "share"})
    '83.4% (82.8 to 84.1%)'
    """
    if number is None:
        return "none"
    value, low, high = (number[part] for part in _PARTS)
    return _in_words(value, low, high, number["unit"])


def _in_words(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """Write a number with the bounds that are known; one known bound of two leaves the other side open."""
    from reform_analysis.analysis.answer import Quantity
    from reform_analysis.display.formats import quantity

    bounded = low is not None or high is not None
    number = Quantity(
        math.nan if value is None else value,
        low if low is not None else -math.inf if bounded else math.nan,
        high if high is not None else math.inf if bounded else math.nan,
        unit,
    )
    return quantity(number, language="en") + ("" if unit in _WORDLESS else f" {unit}")


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Write by how much a value moved; bounds may move around a value that stays."""
    if old["unit"] != new["unit"]:
        return "other unit"
    if old["value"] is None or new["value"] is None:
        return "now known" if old["value"] is None and new["value"] is not None else "no longer known"
    by = new["value"] - old["value"]
    if abs(by) <= new["tolerance"]:
        return "bounds only"
    sign = "+" if by > 0 else "\N{MINUS SIGN}"
    if new["unit"] in ("share", "percent"):
        points = abs(by) * (100 if new["unit"] == "share" else 1)
        return f"{sign}{_in_words(points, None, None, 'ratio')} percentage points"
    return sign + _in_words(abs(by), None, None, new["unit"])
