"""Parts of a whole over time."""

from __future__ import annotations

from functools import partial
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import date, quantity
from reform_analysis.display.labels import key
from reform_analysis.display.stacks import ROOM, part_colours, part_items, wide


def _paint_areas(
    figure: Figure, matrix: pd.DataFrame, parts: list[str], unit: str, y_label: str, language: str
) -> None:
    """Draw areas that hold their height until the next report."""
    ax: Any = figure.subplots()
    days = [axes.as_day(day) for day in matrix.index]
    # The last report is held for a while too, or its parts would have no width.
    held = days[-1] + (days[-1] - days[0]) / 10
    matrix = pd.concat([matrix, matrix.tail(1)])
    nums = mdates.date2num([*days, held])
    base = np.zeros(len(nums))
    largest = float(matrix.sum(axis=1).max())
    colours = part_colours(len(parts), ordered=False)
    for colour, column in zip(colours, matrix.to_numpy().T, strict=True):
        ax.fill_between(nums, base, base + column, step="post", color=colour, linewidth=0)
        for x, y0, y in zip(nums[:-1], base[:-1], column[:-1], strict=True):
            # A series that falls although it counts what is done leaves a visible notch; the number says how much.
            if y > 1.4 * ROOM * largest:
                words = quantity(Quantity(y, y, y, unit), language=language)
                ax.text(x, y0 + y / 2, f" {words}", va="center", fontsize=style.SMALL_SIZE, color=style.text_on(colour))
        base = base + column
    ax.vlines(nums, 0, base, color=style.PAPER, linewidth=0.8)
    axes.date_axis(ax, days[0], held, language)
    axes.number_axis(ax.yaxis, unit=unit, language=language, largest=largest, ticks=5)
    ax.set_ylim(0, largest * 1.05)
    key(ax, parts, colours)
    ax.set_ylabel(axes.axis_label(y_label, largest, unit, language))


def stacked_area(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    series: str,
    language: str = "en",
    x: str = "date",
    y: str = "estimate",
    unit: str = "count",
    y_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return how the parts of a whole stand at each report; between reports they are held, not interpolated.

    Parameters
    ----------
    data
        Answer or table, one row a part at a date; dates at which a part is unknown are left out.
    title
        What is shown; not a claim about causes.
    x
        Column of dates.
    series, y, language, unit, y_label, sources, notes
        As in `stacked_bars`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If fewer than two dates have all parts, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [x, series, y]), [y])
    known = frame[frame[y].notna()].assign(**{x: [axes.as_day(day) for day in frame.loc[frame[y].notna(), x]]})
    parts_at = known.groupby(x)[series].nunique()
    complete = parts_at[parts_at == known[series].nunique()].index
    if len(complete) < 2:
        raise ValueError("there is nothing to draw: a stacked area needs two dates at which every part is known.")
    matrix = wide(known[known[x].isin(complete)].sort_values(x, kind="stable"), x, series, y)
    parts = [caption.label_words(value, language) for value in matrix.columns]
    names = [date(day, language=language) for day in matrix.index]
    paint = partial(_paint_areas, matrix=matrix, parts=parts, unit=unit, y_label=y_label, language=language)
    return compose(
        paint,
        part_items(matrix, names, parts, unit),
        frame,
        kind="Stacked areas",
        title=title,
        language=language,
        height=3.6,
        sources=sources,
        notes=(notes,),
    )
