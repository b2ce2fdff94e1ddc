"""Pairs of numbers on one line: the range between the lowest and the highest, and the way from one to another."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity
from reform_analysis.display.labels import key_marks, label_lines, write_value

_FRAME = 1.35


def _paint_ranges(
    figure: Figure, labels: list[str], shown: list[Quantity], texts: list[str], unit: str, x_label: str, language: str
) -> None:
    """Draw one thick bar a line from low to high, its middle as a stroke."""
    ax: Any = figure.subplots()
    for y, (q, text) in enumerate(zip(shown, texts, strict=True)):
        ax.barh(y, q.high - q.low, 0.5, left=q.low, color=style.SERIES_COLOURS[4])
        if math.isfinite(q.value):
            ax.vlines(q.value, y - 0.34, y + 0.34, color=style.INK, linewidth=1.6)
        write_value(ax, q.high, y, text)
    low, high = min(q.low for q in shown), max(q.high for q in shown)
    largest = max(abs(low), abs(high))
    axes.category_axis(ax, labels)
    axes.number_axis(ax.xaxis, unit=unit, language=language, largest=largest)
    margin = (high - low) or 1.0
    ax.set_xlim(low - 0.05 * margin, high + 0.42 * margin)
    ax.set_xlabel(axes.axis_label(x_label, largest, unit, language))


def range_bars(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    language: str = "en",
    low: str = "low",
    high: str = "high",
    middle: str | None = "estimate",
    relative: bool = False,
    unit: str = "count",
    x_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return bars from a lowest to a highest number, one item a line: what the choice of a rule does to a headline.

    Parameters
    ----------
    data
        Answer or table, one row an item.
    title
        What is shown; not a claim about causes.
    label
        Column that names the items.
    language, unit, x_label, sources, notes
        As in `intervals.interval_dots`.
    low, high, middle
        Columns of the ends and of the number in use, which is drawn as a stroke.
    relative
        Draw the ends in percent of the middle of each range, so that items of different size compare; the numbers
        beside the bars stay absolute.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.rows_of(data, [label, low, high])
    frame = frame[frame[low].notna() & frame[high].notna()].reset_index(drop=True)
    frame = caption.drawable(frame, [low, high]) if len(frame) else caption.rows_of(frame, [])
    values = frame[middle].astype(float) if middle in frame.columns else [math.nan] * len(frame)
    units = frame["unit"].astype(str) if unit == "by row" else [unit] * len(frame)
    ranges = [
        Quantity(value, a, b, str(u))
        for value, a, b, u in zip(values, frame[low].astype(float), frame[high].astype(float), units, strict=True)
    ]
    shown = [_in_shares(q) for q in ranges] if relative else ranges
    texts = [quantity(q, language=language, part="bounds") for q in ranges]
    labels = [caption.label_words(value, language) for value in frame[label]]
    axis_unit = "share" if relative else unit
    paint = partial(
        _paint_ranges, labels=labels, shown=shown, texts=texts, unit=axis_unit, x_label=x_label, language=language
    )
    items = [caption.Item(name, q) for name, q in zip(labels, ranges, strict=True)]
    return compose(
        paint,
        items,
        frame,
        kind="Range bars",
        title=title,
        language=language,
        height=_FRAME + 0.26 * max(label_lines(labels), 3),
        sources=sources,
        notes=("Bars in percent of the middle of each range; numbers as they are." if relative else None, notes),
    )


def _in_shares(q: Quantity) -> Quantity:
    """Return a range as shares of its middle, above or below it."""
    centre = (q.low + q.high) / 2
    value, low, high = ((x - centre) / centre if centre else 0.0 for x in (q.value, q.low, q.high))
    return Quantity(value, low, high, "share")


def _paint_dumbbells(
    figure: Figure,
    labels: list[str],
    pairs: list[tuple[Quantity, Quantity]],
    names: tuple[str, str],
    unit: str,
    x_label: str,
    language: str,
) -> None:
    """Draw two marks a line, joined: hollow for the first, filled for the second."""
    ax: Any = figure.subplots()
    first_colour, second_colour = style.SERIES_COLOURS[1], style.SERIES_COLOURS[0]
    for y, (first, second) in enumerate(pairs):
        both = [q.value for q in (first, second) if math.isfinite(q.value)]
        ax.hlines(y, min(both, default=0), max(both, default=0), color="#9a9a9a", linewidth=2.0, zorder=1)
        for q, other, colour, fill in (
            (first, second, first_colour, style.PAPER),
            (second, first, second_colour, second_colour),
        ):
            if not math.isfinite(q.value):
                continue
            if q.high > q.low:
                ax.hlines(y, q.low, q.high, color=colour, linewidth=1.4, zorder=2)
                ax.vlines([q.low, q.high], y - 0.2, y + 0.2, color=colour, linewidth=1.1, zorder=2)
            ax.plot(
                [q.value], [y], "o", color=fill, markeredgecolor=colour, markeredgewidth=1.6, markersize=6.5, zorder=3
            )
            left = math.isfinite(other.value) and q.value < other.value
            end = q.low if left else q.high
            write_value(
                ax,
                end if math.isfinite(end) else q.value,
                y,
                f" {quantity(q, language=language, part='value')} ",
                left=left,
            )
    known = [x for pair in pairs for q in pair for x in (q.value, q.low, q.high) if math.isfinite(x)]
    low, high = min(0.0, *known), max(known)
    axes.category_axis(ax, labels)
    key_marks(ax, names, ((style.PAPER, first_colour), (second_colour, second_colour)))
    axes.number_axis(ax.xaxis, unit=unit, language=language, largest=high)
    ax.set_xlim(low - 0.1 * (high - low), high + 0.14 * (high - low))
    ax.set_xlabel(axes.axis_label(x_label, high, unit, language))


def dumbbell(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    first: str,
    second: str,
    first_label: str,
    second_label: str,
    language: str = "en",
    unit: str = "count",
    x_label: str = "",
    sort: bool = False,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return two numbers an item on one line, joined: offered and used, before and after.

    Parameters
    ----------
    data
        Answer or table, one row an item.
    title
        What is shown; not a claim about causes.
    label
        Column that names the items.
    first, second
        Columns of the two numbers; one of them may be unknown. Bounds in ``<column>_low`` and
        ``<column>_high`` are drawn.
    first_label, second_label
        What the two are.
    language, unit, x_label, sources, notes
        As in `intervals.interval_dots`.
    sort
        Largest second number first.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [label, first, second]), [first, second])
    if sort:
        frame = frame.sort_values(second, ascending=False, kind="stable").reset_index(drop=True)
    sides = [caption.quantities(frame, name, f"{name}_low", f"{name}_high", unit) for name in (first, second)]
    pairs = list(zip(*sides, strict=True))
    labels = [caption.label_words(value, language) for value in frame[label]]
    names = caption.label_words(first_label, language), caption.label_words(second_label, language)
    paint = partial(
        _paint_dumbbells, labels=labels, pairs=pairs, names=names, unit=unit, x_label=x_label, language=language
    )
    items = [
        caption.Item(f"{name}, {side}", q)
        for name, pair in zip(labels, pairs, strict=True)
        for side, q in zip(names, pair, strict=True)
    ]
    kinds = {k for name in (first, second) for k in caption.interval_kinds(frame, f"{name}_low", f"{name}_high")}
    return compose(
        paint,
        items,
        frame,
        kind="Dumbbells",
        title=title,
        language=language,
        height=_FRAME + 0.25 + 0.27 * max(label_lines(labels), 3),
        sources=sources,
        notes=(notes,),
        intervals=sorted(kinds),
    )
