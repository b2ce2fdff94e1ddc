"""Parts of a whole: stacked bars, stacked columns by month."""

from __future__ import annotations

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
from reform_analysis.display.formats import date, quantity
from reform_analysis.display.labels import key, label_lines, write_value

_FRAME = 1.35

# A part narrower than this share of the axis has no room for its number.
ROOM = 0.05


def part_colours(count: int, *, ordered: bool) -> Sequence[str]:
    """Return fills for the parts: light to dark where they have an order."""
    return (style.ORDERED_COLOURS if ordered else style.PART_COLOURS)[:count]


def wide(frame: pd.DataFrame, label: str, series: str, value: str) -> pd.DataFrame:
    """Return the parts as a matrix, rows and columns in order of first appearance; absent parts are zero."""
    rows, columns = list(dict.fromkeys(frame[label])), list(dict.fromkeys(frame[series]))
    summed = frame.assign(**{value: frame[value].astype(float)}).groupby([label, series], sort=False)[value].sum()
    return summed.unstack(series).reindex(index=rows, columns=columns).fillna(0.0)


def part_items(matrix: pd.DataFrame, names: Sequence[str], parts: Sequence[str], unit: str) -> list[caption.Item]:
    """Return what the stacks say, for the alternative text."""
    return [
        caption.Item(f"{name}, {part}", Quantity(x, x, x, unit))
        for name, row in zip(names, matrix.to_numpy(), strict=True)
        for part, x in zip(parts, row, strict=True)
        if x
    ]


def _paint_bars(
    figure: Figure,
    matrix: pd.DataFrame,
    names: list[str],
    parts: list[str],
    colours: Sequence[str],
    unit: str,
    x_label: str,
    language: str,
) -> None:
    """Draw horizontal stacks with the number of each part inside it and the total at its end."""
    ax: Any = figure.subplots()
    totals = matrix.sum(axis=1).to_numpy()
    largest = float(totals.max())
    left = np.zeros(len(matrix))
    for colour, column in zip(colours, matrix.to_numpy().T, strict=True):
        ax.barh(range(len(column)), column, 0.7, left=left, color=colour, edgecolor=style.PAPER, linewidth=0.7)
        for y, x in enumerate(column):
            if x > ROOM * largest:
                words = quantity(Quantity(x, x, x, unit), language=language)
                ax.text(
                    left[y] + x / 2,
                    y,
                    words,
                    ha="center",
                    va="center",
                    fontsize=style.SMALL_SIZE,
                    color=style.text_on(colour),
                )
        left = left + column
    if unit not in ("share", "percent"):
        for y, total in enumerate(totals):
            write_value(ax, total, y, quantity(Quantity(total, total, total, unit), language=language))
    axes.category_axis(ax, names)
    key(ax, parts, colours)
    axes.number_axis(ax.xaxis, unit=unit, language=language, largest=largest)
    ax.set_xlim(0, largest * (1.0 if unit in ("share", "percent") else 1.1))
    ax.set_xlabel(axes.axis_label(x_label, largest, unit, language))


def stacked_bars(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    series: str,
    language: str = "en",
    x: str = "estimate",
    unit: str = "count",
    x_label: str = "",
    ordered: bool = False,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return horizontal bars cut into parts, one item a line.

    Parameters
    ----------
    data
        Answer or table, one row a part.
    title
        What is shown; not a claim about causes.
    label, series
        Columns that name the items and their parts; both keep their order of appearance.
    x
        Column of the parts' size.
    ordered
        The parts have an order (reliability A to D): fills run from dark to light.
    language, unit, x_label, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [label, series, x]), [x])
    matrix = wide(frame, label, series, x)
    names = [caption.label_words(value, language) for value in matrix.index]
    parts = [caption.label_words(value, language) for value in matrix.columns]
    paint = partial(
        _paint_bars,
        matrix=matrix,
        names=names,
        parts=parts,
        colours=part_colours(len(parts), ordered=ordered),
        unit=unit,
        x_label=x_label,
        language=language,
    )
    return compose(
        paint,
        part_items(matrix, names, parts, unit),
        frame,
        kind="Stacked bars",
        title=title,
        language=language,
        height=_FRAME + 0.25 + 0.27 * max(label_lines(names), 3),
        sources=sources,
        notes=(notes,),
    )


def _paint_columns(
    figure: Figure,
    matrix: pd.DataFrame,
    names: list[str],
    parts: list[str],
    colours: Sequence[str],
    unit: str,
    y_label: str,
    language: str,
) -> None:
    """Draw vertical stacks with numbers inside and totals on top."""
    ax: Any = figure.subplots()
    totals = matrix.sum(axis=1).to_numpy()
    largest = float(totals.max())
    base = np.zeros(len(matrix))
    for colour, column in zip(colours, matrix.to_numpy().T, strict=True):
        ax.bar(range(len(column)), column, 0.72, bottom=base, color=colour, edgecolor=style.PAPER, linewidth=0.7)
        for i, y in enumerate(column):
            if y > 1.4 * ROOM * largest:
                words = quantity(Quantity(y, y, y, unit), language=language)
                ink = style.text_on(colour)
                ax.text(i, base[i] + y / 2, words, ha="center", va="center", fontsize=style.SMALL_SIZE, color=ink)
        base = base + column
    for i, total in enumerate(totals):
        words = quantity(Quantity(total, total, total, unit), language=language)
        ax.annotate(words, (i, total), (0, 3), textcoords="offset points", ha="center", fontsize=style.SMALL_SIZE + 0.5)
    axes.number_axis(ax.yaxis, unit=unit, language=language, largest=largest, ticks=5)
    ax.set_xticks(range(len(names)), [style.wrapped(n, size=style.BASE_SIZE, width=5.6 / len(names)) for n in names])
    ax.tick_params(axis="x", length=0)
    ax.set_ylim(0, largest * 1.1)
    key(ax, parts, colours)
    ax.set_ylabel(axes.axis_label(y_label, largest, unit, language))


def stacked_columns(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    x: str,
    series: str,
    language: str = "en",
    y: str = "estimate",
    unit: str = "count",
    y_label: str = "",
    ordered: bool = False,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return vertical bars cut into parts: one column a month or category.

    Parameters
    ----------
    data
        Answer or table, one row a part.
    title
        What is shown; not a claim about causes.
    x
        Column of months (any date in the month) or of categories.
    series, y, language, unit, y_label, ordered, sources, notes
        As in `stacked_bars`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [x, series, y]), [y])
    months = axes.days_in(frame[x])
    shown = frame if months is None else frame.assign(**{x: [day.replace(day=1) for day in months]})
    matrix = wide(shown if months is None else shown.sort_values(x, kind="stable"), x, series, y)
    if months is None:
        names = [caption.label_words(value, language) for value in matrix.index]
    else:
        names = [date(month, language=language, style="month") for month in matrix.index]
    parts = [caption.label_words(value, language) for value in matrix.columns]
    paint = partial(
        _paint_columns,
        matrix=matrix,
        names=names,
        parts=parts,
        colours=part_colours(len(parts), ordered=ordered),
        unit=unit,
        y_label=y_label,
        language=language,
    )
    return compose(
        paint,
        part_items(matrix, names, parts, unit),
        frame,
        kind="Stacked columns",
        title=title,
        language=language,
        height=3.6,
        sources=sources,
        notes=(notes,),
    )
