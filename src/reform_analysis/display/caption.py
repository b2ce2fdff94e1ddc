"""The words around a figure: which intervals it shows, what it rests on, what it says to those who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Quantity, Sentence
from reform_analysis.display.catalogue import check_language, listed, paired, translate
from reform_analysis.display.citations import Citations, note_words, split_ids
from reform_analysis.display.formats import number, quantity, regrouped
from reform_analysis.display.language import place_name, say

# An alternative text is heard, not scanned: beyond this many items it gives the range and points to the table.
_SPOKEN_ITEMS = 12

_INTERVAL_LABELS = {
    "rounding": "Bars with end caps: bounds of figures as printed (rounding and wording), not sampling error.",
    "sampling": "Thin lines: {level} sampling intervals.",
    "model": "Thin lines: {level} intervals of the model.",
}
_BAND_LABELS = {
    "rounding": "Bands: bounds of figures as printed (rounding and wording), not sampling error.",
    "sampling": "Bands: {level} sampling intervals.",
    "model": "Bands: {level} intervals of the model.",
}


@dataclass(frozen=True)
class Item:
    """One thing that a figure shows: its name and its quantity."""

    name: str
    quantity: Quantity


def rows_of(data: Answer | pd.DataFrame, columns: Iterable[str | None]) -> pd.DataFrame:
    """Return the table to draw, checked.

    Raises
    ------
    ValueError
        If there is nothing to draw, or a column is missing; the message lists the columns that exist.
    """
    frame = data.table if isinstance(data, Answer) else data
    if frame.empty:
        raise ValueError("there is nothing to draw: the table has no rows. Show the answer's statement instead.")
    missing = [name for name in columns if name is not None and name not in frame.columns]
    if missing:
        raise ValueError(f"column {', '.join(missing)} must be in the table; got {', '.join(map(str, frame.columns))}.")
    return frame.reset_index(drop=True)


def drawable(frame: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
    """Return the rows in which at least one of the columns ``numbers`` is known.

    Raises
    ------
    ValueError
        If no row has a number.
    """
    columns = [frame[name].notna().to_numpy() for name in numbers if name in frame.columns]
    known = np.logical_or.reduce(columns) if columns else np.zeros(len(frame), dtype=bool)
    if not known.any():
        raise ValueError("there is nothing to draw: no row has a number. Show the answer's statement instead.")
    return (frame if known.all() else frame[known]).reset_index(drop=True)


def label_words(value: object, language: str) -> str:
    """Return a label of the data for the reader: translated where the catalogue knows it."""
    text = "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
    named = place_name(text, language=language)
    return named if named != text else regrouped(translate(text, language), language) if text else ""


def quantities(frame: pd.DataFrame, y: str, low: str | None, high: str | None, unit: str) -> list[Quantity]:
    """Return the quantity of each row; without bounds columns the estimate is its own bound.

    ``unit`` ``"by row"`` takes the units from the table's column ``unit``.
    """
    values = frame[y].astype(float)
    lows = frame[low].astype(float) if low in frame.columns else values
    highs = frame[high].astype(float) if high in frame.columns else values
    units = frame["unit"].astype(str) if unit == "by row" else [unit] * len(frame)
    return [Quantity(*row) for row in zip(values, lows, highs, units, strict=True)]


def alternative_text(kind: str, title: str, items: Sequence[Item], language: str) -> str:
    """Return what a figure shows, in words: its form, its title, and its numbers or their range."""
    start = f"{translate(kind, language)}. {title.rstrip('.')}."
    known = [item for item in items if not math.isnan(_middle(item.quantity))]
    if len(items) <= _SPOKEN_ITEMS or not known:
        said = listed(
            (paired(item.name, quantity(item.quantity, language=language), language) for item in items), language
        )
        return f"{start} {said}." if said else start
    ranked = sorted(known, key=lambda item: _middle(item.quantity))
    lowest, highest = ranked[0], ranked[-1]
    centre = ranked[len(ranked) // 2]
    summary = Sentence(
        "{n} items, from {lowest} ({lowest_name}) to {highest} ({highest_name}); "
        "the middle one is {centre} ({centre_name}). The table behind the figure lists all.",
        {
            "n": len(items),
            "lowest": lowest.quantity,
            "lowest_name": lowest.name,
            "highest": highest.quantity,
            "highest_name": highest.name,
            "centre": centre.quantity,
            "centre_name": centre.name,
        },
    )
    return f"{start} {say(summary, language)}"


def _middle(q: Quantity) -> float:
    """Return the estimate, or the middle of the bounds where only they are known."""
    return (q.low + q.high) / 2 if math.isnan(q.value) else q.value


def level_words(level: float, language: str) -> str:
    """Return a confidence level as percent."""
    return translate("{n}%", language).replace("{n}", number(round(100 * level, 6), language=language))


def footer(
    data: Answer | pd.DataFrame,
    *,
    language: str,
    sources: Citations | None,
    intervals: Sequence[str] = (),
    bands: bool = False,
    level: float = 0.95,
    notes: str = "",
) -> str:
    """Return the small print: notes (in the reader's language already), what the intervals are, source notes."""
    check_language(language)
    labels = _BAND_LABELS if bands else _INTERVAL_LABELS
    percent = level_words(level, language)
    lines = [notes] if notes else []
    lines += [translate(labels[kind], language).replace("{level}", percent) for kind in intervals]
    frame = data.table if isinstance(data, Answer) else data
    if sources is not None and "observations" in frame.columns:
        ids = [item for cell in frame["observations"] for item in split_ids(cell)]
        if ids:
            notes_used = note_words(sources.numbers(ids))
            lines.append(translate("Sources: notes {notes}", language).replace("{notes}", notes_used))
    return "\n".join(lines)


def interval_kinds(frame: pd.DataFrame, low: str | None, high: str | None) -> list[str]:
    """Return the kinds of interval that have a width to draw, in the order of `_INTERVAL_LABELS`.

    Raises
    ------
    ValueError
        If column ``interval`` holds another kind.
    """
    if low not in frame.columns or high not in frame.columns:
        return []
    wide = (frame[high].astype(float) - frame[low].astype(float)).to_numpy() > 0
    if "interval" not in frame.columns:
        return ["rounding"] if wide.any() else []
    kinds = {kind for kind, is_wide in zip(frame["interval"].tolist(), wide, strict=True) if is_wide and kind == kind}
    unknown = kinds - set(_INTERVAL_LABELS)
    if unknown:
        raise ValueError(f"interval must be one of {', '.join(_INTERVAL_LABELS)}; got {', '.join(sorted(unknown))}.")
    return [kind for kind in _INTERVAL_LABELS if kind in kinds]
