"""Two dates side by side: what each item was and what it became."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import date, quantity
from reform_analysis.display.labels import move_apart

# Points between a mark and its words: the caps of its bounds lie between.
_OFFSET = 12

# An item and its points: place on the axis, the place in words, the number.
_Slope = tuple[str, list[tuple[int, str, Quantity]]]


def _x_words(value: object, language: str) -> str:
    """Return a point of the horizontal axis in words: a year as it is, a date in the reader's language."""
    days = axes.days_in(pd.Series([value]))
    if days:
        return date(days[0], language=language, style="medium")
    return str(value) if isinstance(value, int) else caption.label_words(value, language)


def _slopes(part: pd.DataFrame, names: dict[str, Any], unit: str, language: str) -> list[_Slope]:
    """Return the items of one panel with their points in order of time, at the panel's common dates."""
    stops = {x: i for i, x in enumerate(sorted(set(part[names["x"]])))}
    slopes = []
    for item, rows in part.groupby(names["label"], sort=False):
        ordered = rows.sort_values(names["x"], kind="stable")
        bounds = caption.quantities(ordered, names["y"], names["low"], names["high"], unit)
        points = [(stops[x], _x_words(x, language), q) for x, q in zip(ordered[names["x"]], bounds, strict=True)]
        slopes.append((caption.label_words(item, language), points))
    return slopes


def _side_texts(ax: Any, slopes: list[_Slope], side: int, language: str, *, named: bool) -> list[tuple[float, Any]]:
    """Write the numbers at one side of the lines, with the names of the items at the right."""
    texts = []
    for number, (name, points) in enumerate(slopes):
        x, _, q = points[0] if side < 0 else points[-1]
        # A lone point is written once, with its name, at its right.
        if (side < 0 and len(points) == 1) or math.isnan(q.value):
            continue
        words = quantity(q, language=language, part="value")
        text = ax.annotate(
            f"{words}  {style.wrapped(name, size=8, width=1.5)}" if named else words,
            (x, q.value),
            xytext=(_OFFSET * side, 0),
            textcoords="offset points",
            ha="right" if side < 0 else "left",
            va="center",
            fontsize=style.BASE_SIZE - 1,
            color=style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)],
        )
        texts.append((q.value, text))
    return texts


def _draw_lines(ax: Any, slopes: list[_Slope]) -> None:
    """Draw the lines of a panel, with bounds at their points."""
    for number, (_, points) in enumerate(slopes):
        colour = style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]
        xs = [x for x, _, _ in points]
        ax.plot(xs, [q.value for _, _, q in points], "-o", color=colour, markeredgecolor=style.PAPER, markersize=6)
        for x, _, q in points:
            if q.high > q.low:
                ax.vlines(x, q.low, q.high, color=colour, linewidth=2.2, alpha=0.75)
                ax.hlines([q.low, q.high], x - 0.025, x + 0.025, color=colour, linewidth=1.2)


def _paint(
    figure: Figure, panels: list[tuple[str, list[_Slope]]], unit: str, y_label: str, language: str
) -> Callable[[], None]:
    """Draw one panel a group, each on its own scale."""
    columns = min(len(panels), 3)
    grid = figure.subplots(math.ceil(len(panels) / columns), columns, squeeze=False).ravel()
    sides = []
    for ax, (name, slopes) in zip(grid, panels, strict=False):
        known = [x for _, points in slopes for _, _, q in points for x in (q.value, q.low, q.high) if math.isfinite(x)]
        _draw_lines(ax, slopes)
        stops = dict(sorted({x: word for _, points in slopes for x, word, _ in points}.items()))
        ax.set_xticks(list(stops), list(stops.values()))
        ax.set_xlim(-0.08, max(len(stops) - 1, 1) + 0.08)
        margin = 0.12 * ((max(known) - min(known)) or abs(max(known)) or 1.0)
        ax.set_ylim(min(known) - margin, max(known) + margin)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        axes.panel_title(ax, style.wrapped(name, size=9, width=6.4 / columns), bold=True)
        several = len(slopes) > 1 or len(panels) == 1
        sides.append(
            (
                ax,
                _side_texts(ax, slopes, -1, language, named=False),
                _side_texts(ax, slopes, 1, language, named=several),
            )
        )
    for ax in grid[len(panels) :]:
        ax.remove()
    if y_label and len(panels) == 1:
        axes.panel_title(grid[0], axes.axis_label(y_label, 0.0, unit, language))

    def place() -> None:
        for ax, left, right in sides:
            move_apart(ax, left, -_OFFSET)
            move_apart(ax, right, _OFFSET)

    return place


def slope(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    x: str,
    language: str = "en",
    y: str = "estimate",
    low: str | None = "low",
    high: str | None = "high",
    panel: str | None = None,
    unit: str = "count",
    y_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
    level: float = 0.95,
) -> Chart:
    """Return lines from a first to a last number, one an item; with ``panel`` a grid, each panel on its own scale.

    Parameters
    ----------
    data
        Answer or table, one row an item at a date.
    title
        What is shown; not a claim about causes.
    label
        Column that names the items.
    x
        Column of dates or years; usually two an item.
    y, low, high, unit, y_label, language, sources, notes, level
        As in `series.steps`.
    panel
        Column that separates panels: numbers that may not be compared with each other.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [label, x, y, panel]), [y])
    names = {"label": label, "x": x, "y": y, "low": low, "high": high}
    groups = [("", frame)] if panel is None else list(frame.groupby(panel, sort=False))
    panels = [(caption.label_words(name, language), _slopes(part, names, unit, language)) for name, part in groups]
    items = [
        # a panel of one item bears its name
        caption.Item(", ".join(dict.fromkeys(filter(None, (group, name, word)))), q)
        for group, slopes in panels
        for name, points in slopes
        for _, word, q in points
    ]
    rows = math.ceil(len(panels) / 3)
    return compose(
        partial(_paint, panels=panels, unit=unit, y_label=y_label, language=language),
        items,
        frame,
        kind="Slope chart",
        title=title,
        language=language,
        height=3.8 if len(panels) == 1 else 1.0 + 1.9 * rows,
        sources=sources,
        notes=(notes,),
        intervals=caption.interval_kinds(frame, low, high),
        level=level,
    )
