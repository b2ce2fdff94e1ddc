"""Bars: beside each other, back to back, stacked, and as steps from one total to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity

_FRAME = 1.35


def key(ax: Any, names: Sequence[str], colours: Sequence[str]) -> None:
    """Name fills above the plot, in the order of the bars."""
    handles = [
        Patch(facecolor=colour, edgecolor=style.GREY, linewidth=0.4, label=name)
        for name, colour in zip(names, colours, strict=True)
    ]
    longest = max(map(len, names))
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=max(1, min(len(names), int(78 / (longest + 5)))),
        frameon=False,
        fontsize=style.BASE_SIZE - 0.5,
        handlelength=1.1,
        handleheight=1.0,
        columnspacing=1.4,
        borderaxespad=0.1,
    )


def key_marks(ax: Any, names: Sequence[str], colours: Sequence[tuple[str, str]]) -> None:
    """Name round marks above the plot; colours are (fill, edge)."""
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=6.5,
            color=fill,
            markeredgecolor=edge,
            markeredgewidth=1.6,
            label=name,
        )
        for name, (fill, edge) in zip(names, colours, strict=True)
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(names),
        frameon=False,
        fontsize=style.BASE_SIZE - 0.5,
        handletextpad=0.3,
        columnspacing=1.4,
        borderaxespad=0.1,
    )


def write_value(ax: Any, x: float, y: float, text: str, *, left: bool = False, colour: str = style.INK) -> None:
    """Write a number beside the end of a bar."""
    ax.annotate(
        text,
        (x, y),
        xytext=(-4 if left else 4, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=style.SMALL_SIZE + 0.5,
        color=colour,
        annotation_clip=False,
    )


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


def label_lines(labels: Sequence[str], width: float = 2.2) -> int:
    """Return how many lines of text the labels of an axis take."""
    return sum(style.wrapped(text, size=style.BASE_SIZE - 0.5, width=width).count("\n") + 1 for text in labels)


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
    colours = style.PART_COLOURS[: len(names)]
    bounds = caption.quantities(frame, x, low, high, unit)
    kinds = frame["interval"] if "interval" in frame else ["rounding"] * len(frame)
    largest = _largest(bounds)
    thickness = 0.8 / len(names)

    def paint(figure: Figure) -> None:
        ax = figure.subplots()
        for group, name, q, kind in zip(frame[label], frame[series], bounds, kinds, strict=True):
            number = names.index(name)
            y = groups.index(group) + (number - (len(names) - 1) / 2) * thickness
            if not math.isnan(q.value):
                ax.barh(y, q.value, thickness * 0.92, color=colours[number], edgecolor=style.PAPER, linewidth=0.5)
            end = _bounds_bar(ax, q, y, sampling=kind != "rounding")
            write_value(ax, max(end, q.value, 0) if not math.isnan(q.value) else end, y, quantity(q, language=language))
        axes.category_axis(ax, [caption.label_words(group, language) for group in groups])
        key(ax, [caption.label_words(name, language) for name in names], colours)
        axes.number_axis(ax.xaxis, unit=unit, language=language, largest=largest, ticks=5)
        # The numbers beside the longest bars need about a quarter of the width.
        ax.set_xlim(0, largest * 1.3)
        ax.set_xlabel(axes.axis_label(x_label, largest, unit, language))

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
    sides = [
        (-1, left_label, style.SERIES_COLOURS[1], caption.quantities(frame, left, f"{left}_low", f"{left}_high", unit)),
        (
            1,
            right_label,
            style.SERIES_COLOURS[0],
            caption.quantities(frame, right, f"{right}_low", f"{right}_high", unit),
        ),
    ]
    largest = _largest([q for side in sides for q in side[3]])
    labels = [caption.label_words(value, language) for value in frame[label]]

    def paint(figure: Figure) -> None:
        ax = figure.subplots()
        for sign, name, colour, bounds in sides:
            values = np.nan_to_num([q.value for q in bounds])
            ax.barh(range(len(bounds)), sign * values, 0.72, color=colour)
            for y, q in enumerate(bounds):
                end = _bounds_bar(ax, q, y, sampling=False, sign=sign)
                write_value(ax, end, y, quantity(q, language=language, part="value"), left=sign < 0)
            ax.annotate(
                caption.label_words(name, language),
                (0.0, 1),
                xycoords=("data", "axes fraction"),
                xytext=(6 * sign, 4),
                textcoords="offset points",
                ha="right" if sign < 0 else "left",
                color=colour,
                fontweight="bold",
            )
        axes.category_axis(ax, labels)
        axes.number_axis(ax.xaxis, unit=unit, language=language, largest=largest, ticks=7)
        ax.set_xlim(-1.28 * largest, 1.28 * largest)
        ax.xaxis.set_major_formatter(lambda x, _: axes.tick_words([abs(x)], unit, largest, language)[0])
        ax.axvline(0, color=style.INK, linewidth=0.8)
        ax.set_xlabel(axes.axis_label(x_label, largest, unit, language))

    items = [
        caption.Item(f"{name}, {caption.label_words(side, language)}", q)
        for i, name in enumerate(labels)
        for _, side, _, bounds in sides
        for q in [bounds[i]]
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


def waterfall(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    language: str = "en",
    x: str = "estimate",
    total: str = "is_total",
    unit: str = "count",
    x_label: str = "",
    from_zero: bool = False,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return how one total becomes the next: totals as marks, additions and subtractions as bars between them.

    Parameters
    ----------
    data
        Answer or table in order; one row a total or a change.
    title
        What is shown; not a claim about causes.
    label
        Column that names the rows.
    language, unit, x_label, sources, notes
        As in `intervals.interval_dots`.
    x
        Column of numbers; changes carry their sign.
    total
        Boolean column: the row is a total, not a change.
    from_zero
        Whether the axis begins at zero. Without it totals have no bar, so that no length misleads.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing, the language is unknown, or the first row is no total.
    """
    frame = caption.drawable(caption.rows_of(data, [label, x, total]), [x])
    if not bool(frame[total].iloc[0]):
        raise ValueError(f"the first row of a waterfall must be a total; got {frame[label].iloc[0]!r}, a change.")
    values, totals = frame[x].astype(float).to_numpy(), frame[total].astype(bool).to_numpy()
    ends = np.empty(len(values))
    for i, (value, is_total) in enumerate(zip(values, totals, strict=True)):
        ends[i] = value if is_total else ends[i - 1] + value
    labels = [caption.label_words(value, language) for value in frame[label]]
    span = max(ends.max() - ends.min(), 1.0)
    low = 0.0 if from_zero else ends.min() - 0.15 * span

    def paint(figure: Figure) -> None:
        ax = figure.subplots()
        for y, (value, end, is_total) in enumerate(zip(values, ends, totals, strict=True)):
            words = quantity(Quantity(abs(value), abs(value), abs(value), unit), language=language)
            if is_total:
                if from_zero:
                    ax.barh(y, end, 0.62, color=style.GREY)
                ax.plot([end], [y], "D", color=style.INK, markersize=7)
                write_value(ax, end, y, f"  {words}")
            else:
                colour = style.SERIES_COLOURS[0] if value > 0 else style.SERIES_COLOURS[1]
                ax.barh(y, value, 0.62, left=end - value, color=colour)
                write_value(ax, max(end, end - value), y, ("+" if value > 0 else "\N{MINUS SIGN}") + words)
            if y + 1 < len(ends):
                ax.plot([end, end], [y, y + 1], color=style.GREY, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1)
        axes.category_axis(ax, labels, width=2.6)
        axes.number_axis(ax.xaxis, unit=unit, language=language, largest=abs(ends).max(), ticks=6)
        ax.set_xlim(low, ends.max() + 0.22 * (ends.max() - low))
        ax.set_xlabel(axes.axis_label(x_label, abs(ends).max(), unit, language))

    items = [caption.Item(name, Quantity(v, v, v, unit)) for name, v in zip(labels, values, strict=True)]
    return compose(
        paint,
        items,
        frame,
        kind="Waterfall",
        title=title,
        language=language,
        height=_FRAME + 0.27 * max(label_lines(labels, 2.6), 3),
        sources=sources,
        notes=(None if from_zero or low <= 0 else "The axis does not begin at zero.", notes),
    )
