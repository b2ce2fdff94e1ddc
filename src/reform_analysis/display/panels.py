"""Small panels beside each other: one place among all on several measures, several parts over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.catalogue import paired
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity


def _paint_strips(
    figure: Figure,
    panels: list[tuple[str, pd.DataFrame]],
    names: dict[str, Any],
    unit: str,
    language: str,
) -> None:
    """Draw one line of dots a measure, the place and its peers on top of the others."""
    grid = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for ax, (measure, part) in zip(grid, panels, strict=True):
        values = part[names["x"]].astype(float).to_numpy()
        is_place = (part[names["label"]] == names["highlight"]).to_numpy()
        is_peer = part[names["label"]].isin(names["peers"]).to_numpy() & ~is_place
        rest = ~(is_place | is_peer)
        ax.plot(values[rest], np.zeros(rest.sum()), "|", color="#9a9a9a", markersize=13)
        ax.plot(values[is_peer], np.zeros(is_peer.sum()), "o", color=style.SERIES_COLOURS[4], markeredgecolor=style.INK)
        ax.plot(values[is_place], np.zeros(is_place.sum()), "D", color=style.SERIES_COLOURS[1], markersize=8, zorder=4)
        row_unit = str(part["unit"].iloc[0]) if unit == "by row" else unit
        largest = float(np.abs(values).max())
        axes.number_axis(ax.xaxis, unit=row_unit, language=language, largest=largest)
        ax.set_yticks([])
        ax.set_ylim(-1, 1)
        ax.margins(x=0.03)
        ax.spines["left"].set_visible(False)
        head = axes.axis_label(measure, largest, row_unit, language)
        if is_place.any():
            own = float(values[is_place][0])
            head = paired(head, quantity(Quantity(own, own, own, row_unit), language=language), language)
        axes.panel_title(ax, head, bold=True)
    shapes = (
        ("D", style.SERIES_COLOURS[1], caption.label_words(names["highlight"], language)),
        ("o", style.SERIES_COLOURS[4], caption.label_words("peers", language) if names["peers"] else ""),
        ("|", "#9a9a9a", caption.label_words("others", language)),
    )
    handles = [
        Line2D([], [], linestyle="", marker=marker, color=colour, markersize=8, label=text)
        for marker, colour, text in shapes
        if text
    ]
    grid[0].legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1, 1.0),
        ncols=3,
        frameon=False,
        handletextpad=0.1,
        borderaxespad=0.1,
    )


def strips(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    measure: str,
    label: str,
    highlight: str,
    language: str = "en",
    x: str = "estimate",
    peers: Sequence[str] = (),
    unit: str = "count",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return where one place stands among all, one line of dots a measure.

    Parameters
    ----------
    data
        Answer or table, one row a place and measure.
    title
        What is shown; not a claim about causes.
    measure, label, x
        Columns of measures, places and values.
    highlight, peers
        The place and those it is compared with.
    unit
        One unit, or ``"by row"`` for the column ``unit``.
    language, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [measure, label, x]), [x])
    frame = frame[frame[x].notna()].reset_index(drop=True)
    panels = [(str(name), part) for name, part in frame.groupby(measure, sort=False)]
    names = {"x": x, "label": label, "highlight": highlight, "peers": list(peers)}
    own = frame[frame[label] == highlight]
    items = [
        caption.Item(f"{caption.label_words(name, language)}, {caption.label_words(highlight, language)}", q)
        for name, q in zip(own[measure], caption.quantities(own, x, None, None, unit), strict=True)
    ]
    return compose(
        partial(_paint_strips, panels=panels, names=names, unit=unit, language=language),
        items,
        frame,
        kind="Strips",
        title=title,
        language=language,
        height=0.8 + 0.82 * len(panels),
        sources=sources,
        notes=(notes,),
    )


def _paint_multiples(
    figure: Figure,
    panels: list[tuple[str, pd.DataFrame]],
    lines: list[str],
    names: dict[str, Any],
    unit: str,
    language: str,
) -> None:
    """Draw one small panel a part on common axes, series named above the first."""
    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    days = [axes.as_day(day) for _, part in panels for day in part[names["x"]]]
    largest = max(float(part[names["y"]].astype(float).max()) for _, part in panels)
    for i, (ax, (name, part)) in enumerate(zip(grid, panels, strict=False)):
        # All have the same limits: dates stand under panels with none below, numbers beside the first of a row.
        ax.xaxis.set_tick_params(labelbottom=i + columns >= len(panels))
        ax.yaxis.set_tick_params(labelleft=i % columns == 0)
        for line, run in [("", part)] if names["series"] is None else list(part.groupby(names["series"], sort=False)):
            number = lines.index(str(line))
            ordered = run.sort_values(names["x"], kind="stable")
            nums = [mdates.date2num(axes.as_day(day)) for day in ordered[names["x"]]]
            ax.plot(
                nums,
                ordered[names["y"]].astype(float),
                marker=style.SERIES_MARKERS[number % len(style.SERIES_MARKERS)],
                linestyle=style.SERIES_DASHES[number % len(style.SERIES_DASHES)],
                color=style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)],
                linewidth=1.2,
                markeredgecolor=style.PAPER,
                clip_on=False,
            )
        axes.date_axis(ax, min(days), max(days), language, most=3)
        axes.number_axis(ax.yaxis, unit=unit, language=language, largest=largest, ticks=4)
        ax.set_ylim(0, largest * 1.05)
        axes.panel_title(ax, style.wrapped(caption.label_words(name, language), size=9, width=6.0 / columns), bold=True)
    for ax in grid[len(panels) :]:
        ax.remove()
    if lines != [""]:
        handles = [
            Line2D(
                [],
                [],
                marker=style.SERIES_MARKERS[i % len(style.SERIES_MARKERS)],
                linestyle=style.SERIES_DASHES[i % len(style.SERIES_DASHES)],
                color=style.SERIES_COLOURS[i % len(style.SERIES_COLOURS)],
                label=caption.label_words(line, language),
            )
            for i, line in enumerate(lines)
        ]
        at: dict[str, Any] = {"loc": "center right", "bbox_to_anchor": (1, 0.5)}
        figure.legend(handles=handles, frameon=False, fontsize=style.BASE_SIZE - 0.5, **at)


def small_multiples(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    panel: str,
    language: str = "en",
    x: str = "date",
    y: str = "estimate",
    series: str | None = None,
    unit: str = "share",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return one small panel a part, all on the same axes.

    Parameters
    ----------
    data
        Answer or table, one row a part at a date.
    title
        What is shown; not a claim about causes.
    panel, x, y, series
        Columns of parts, dates, values and lines.
    language, unit, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [panel, x, y, series]), [y])
    frame = frame[frame[y].notna()].reset_index(drop=True)
    panels = [(str(name), part) for name, part in frame.groupby(panel, sort=False)]
    lines = [""] if series is None else list(dict.fromkeys(frame[series].astype(str)))
    bounds = caption.quantities(frame, y, None, None, unit)
    labels = [
        ", ".join(caption.label_words(row[c], language) for c in (panel, series) if c)
        for row in frame.to_dict("records")
    ]
    return compose(
        partial(
            _paint_multiples,
            panels=panels,
            lines=lines,
            names={"x": x, "y": y, "series": series},
            unit=unit,
            language=language,
        ),
        [caption.Item(name, q) for name, q in zip(labels, bounds, strict=True)],
        frame,
        kind="Small panels",
        title=title,
        language=language,
        height=0.9 + 1.55 * math.ceil(len(panels) / 3),
        sources=sources,
        notes=(notes,),
    )
