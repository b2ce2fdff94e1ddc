"""From one total to the next: totals and the changes between them."""

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
from reform_analysis.display.formats import quantity
from reform_analysis.display.labels import label_lines, write_value

_FRAME = 1.35

# Of each row its number, where it ends, and whether it is a total.
_Rows = Sequence[tuple[float, float, bool]]


def _paint(figure: Figure, rows: _Rows, labels: list[str], low: float, unit: str, x_label: str, language: str) -> None:
    """Draw totals as diamonds (with bars where the axis begins at zero), changes as bars between them."""
    ax: Any = figure.subplots()
    ends = np.array([end for _, end, _ in rows])
    for y, (value, end, is_total) in enumerate(rows):
        words = quantity(Quantity(abs(value), abs(value), abs(value), unit), language=language)
        if is_total:
            if low == 0:
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

    items = [caption.Item(name, Quantity(v, v, v, unit)) for name, v in zip(labels, values, strict=True)]
    rows = list(zip(values, ends, totals, strict=True))
    return compose(
        partial(_paint, rows=rows, labels=labels, low=low, unit=unit, x_label=x_label, language=language),
        items,
        frame,
        kind="Waterfall",
        title=title,
        language=language,
        height=_FRAME + 0.27 * max(label_lines(labels, 2.6), 3),
        sources=sources,
        notes=(None if from_zero or low <= 0 else "The axis does not begin at zero.", notes),
    )
