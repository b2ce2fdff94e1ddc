"""Bars beside each other and back to back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity
from reform_analysis.display.labels import key, label_lines, write_value

_FRAME = 1.35


def _bounds_bar(ax: Any, q: Quantity, y: float, *, sampling: bool, sign: int = 1) -> float:
    """Draw the bounds of a bar at its end; return where they reach."""
    if not (math.isfinite(q.low) and math.isfinite(q.high)) or q.low >= q.high:
        return sign * (q.value if math.isfinite(q.value) else 0.0)
    low, high = sign * q.low, sign * q.high
    ax.hlines(y, low, high, color=style.INK, linewidth=0.8 if sampling else 1.6, zorder=3)
    if not sampling:
        ax.vlines([low, high], y - 0.11, y + 0.11, color=style.INK, linewidth=1.2, zorder=3)
    return max(low, high) if sign > 0 else min(low, high)


def _largest(quantities: Sequence[Quantity]) -> float:
    """Return the largest finite number among estimates and bounds."""
    return max((abs(x) for q in quantities for x in (q.value, q.low, q.high) if math.isfinite(x)), default=1.0)


def _paint_pairs(
    figure: Figure,
    bars: list[tuple[tuple[int, int], Quantity, str]],
    groups: list[str],
    names: list[str],
    unit: str,
    x_label: str,
    language: str,
) -> None:
    """Draw the bars of each group under each other, their bounds and numbers at the ends."""
    ax: Any = figure.subplots()
    largest = _largest([q for _, q, _ in bars])
    thickness = 0.8 / len(names)
    colours = style.PART_COLOURS[: len(names)]
    for (group, number), q, kind in bars:
        y = group + (number - (len(names) - 1) / 2) * thickness
        if not math.isnan(q.value):
            ax.barh(y, q.value, thickness * 0.92, color=colours[number], edgecolor=style.PAPER, linewidth=0.5)
        end = _bounds_bar(ax, q, y, sampling=kind != "rounding")
        write_value(ax, end if math.isnan(q.value) else max(end, q.value, 0), y, quantity(q, language=language))
    axes.category_axis(ax, groups)
    key(ax, names, colours)
    axes.number_axis(ax.xaxis, unit=unit, language=language, largest=largest, ticks=5)
    # The numbers beside the longest bars need about a quarter of the width.
    ax.set_xlim(0, largest * 1.3)
    ax.set_xlabel(axes.axis_label(x_label, largest, unit, language))


def paired_bars(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    series: str,
    language: str = "en",
    x: str = "estimate",
    low: str | None = "low",
    high: str | None = "high",
    unit: str = "count",
    x_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
    level: float = 0.95,
) -> Chart:
    """Return horizontal bars in groups: one group a ``label``, one bar a ``series``, bounds at their ends.

    Parameters
    ----------
    data
        Answer or table, one row a bar.
    title
        What is shown; not a claim about causes.
    label, series
        Columns that name the groups and the bars inside each.
    language, x, low, high, unit, x_label, sources, notes, level
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [label, series, x]), [x, *(c for c in (low, high) if c)])
    groups, names = list(dict.fromkeys(frame[label])), list(dict.fromkeys(frame[series]))
    bounds = caption.quantities(frame, x, low, high, unit)
    kinds = frame["interval"] if "interval" in frame else ["rounding"] * len(frame)
    places = [(groups.index(a), names.index(b)) for a, b in zip(frame[label], frame[series], strict=True)]
    paint = partial(
        _paint_pairs,
        bars=list(zip(places, bounds, kinds, strict=True)),
        groups=[caption.label_words(group, language) for group in groups],
        names=[caption.label_words(name, language) for name in names],
        unit=unit,
        x_label=x_label,
        language=language,
    )
    items = [
        caption.Item(f"{caption.label_words(group, language)}, {caption.label_words(name, language)}", q)
        for group, name, q in zip(frame[label], frame[series], bounds, strict=True)
    ]
    return compose(
        paint,
        items,
        frame,
        kind="Paired bars",
        title=title,
        language=language,
        height=_FRAME + 0.25 + max(0.21 * len(frame), 0.17 * label_lines([str(g) for g in groups])) + 0.1 * len(groups),
        sources=sources,
        notes=(notes,),
        intervals=caption.interval_kinds(frame, low, high),
        level=level,
    )


def _paint_mirror(
    figure: Figure, labels: list[str], sides: dict[str, list[Quantity]], unit: str, x_label: str, language: str
) -> None:
    """Draw one bar to the left and one to the right of each line's zero."""
    ax: Any = figure.subplots()
    largest = _largest([q for bounds in sides.values() for q in bounds])
    looks = ((-1, style.SERIES_COLOURS[1], "right"), (1, style.SERIES_COLOURS[0], "left"))
    for (sign, colour, side), (name, bounds) in zip(looks, sides.items(), strict=True):
        values = np.nan_to_num([q.value for q in bounds])
        ax.barh(range(len(bounds)), sign * values, 0.72, color=colour)
        for y, q in enumerate(bounds):
            end = _bounds_bar(ax, q, y, sampling=False, sign=sign)
            write_value(ax, end, y, quantity(q, language=language, part="value"), left=sign < 0)
        place, offset = (0.0, 1), (6 * sign, 4)
        words = {"ha": side, "color": colour, "fontweight": "bold"}
        ax.annotate(name, place, offset, xycoords=("data", "axes fraction"), textcoords="offset points", **words)
    axes.category_axis(ax, labels)
    axes.number_axis(ax.xaxis, unit=unit, language=language, largest=largest, ticks=7)
    ax.set_xlim(-1.28 * largest, 1.28 * largest)
    ax.xaxis.set_major_formatter(lambda x, _: axes.tick_words([abs(x)], unit, largest, language)[0])
    ax.axvline(0, color=style.INK, linewidth=0.8)
    ax.set_xlabel(axes.axis_label(x_label, largest, unit, language))


def mirrored_bars(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    left: str,
    right: str,
    left_label: str,
    right_label: str,
    language: str = "en",
    unit: str = "count",
    x_label: str = "",
    sort: bool = True,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return bars back to back: one line an item, ``left`` and ``right`` from a common zero.

    Parameters
    ----------
    data
        Answer or table, one row an item.
    title
        What is shown; not a claim about causes.
    label
        Column that names the items.
    left, right
        Columns of numbers, both positive; unknown ones are written as such. Bounds in ``<column>_low`` and
        ``<column>_high`` are drawn.
    left_label, right_label
        Names of the two sides.
    language, unit, x_label, sort, sources, notes
        As in `intervals.interval_dots`; rows are sorted by the sum of both sides.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [label, left, right]), [left, right])
    if sort:
        total = frame[[left, right]].astype(float).sum(axis=1)
        frame = frame.loc[total.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
    labels = [caption.label_words(value, language) for value in frame[label]]
    sides = {
        caption.label_words(name, language): caption.quantities(frame, column, f"{column}_low", f"{column}_high", unit)
        for name, column in ((left_label, left), (right_label, right))
    }
    paint = partial(_paint_mirror, labels=labels, sides=sides, unit=unit, x_label=x_label, language=language)
    items = [
        caption.Item(f"{name}, {side}", bounds[i]) for i, name in enumerate(labels) for side, bounds in sides.items()
    ]
    kinds = [kind for name in (left, right) for kind in caption.interval_kinds(frame, f"{name}_low", f"{name}_high")]
    return compose(
        paint,
        items,
        frame,
        kind="Bars back to back",
        title=title,
        language=language,
        height=_FRAME + 0.25 + 0.225 * max(label_lines(labels), 3),
        sources=sources,
        notes=(notes,),
        intervals=list(dict.fromkeys(kinds)),
    )
