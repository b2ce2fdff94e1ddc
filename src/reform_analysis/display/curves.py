"""Distributions: cumulative shares of figures and of people."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations


def _line_key(ax: Any) -> None:
    """Name the lines right of the plot."""
    ax.legend(
        loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=style.BASE_SIZE - 0.5, handlelength=2.4
    )


def _share_axis(axis: Any, language: str) -> None:
    """Give an axis the range of shares."""
    axes.number_axis(axis, unit="share", language=language, largest=1.0, ticks=5)


def _paint_ecdf(
    figure: Figure, parts: list[tuple[str, np.ndarray]], log: bool, unit: str, x_label: str, language: str
) -> None:
    """Draw one step curve a series; on a logarithmic axis zeros stand at the left edge."""
    ax: Any = figure.subplots()
    values = np.concatenate([part for _, part in parts])
    positive = values[values > 0]
    left = float(positive.min()) / 2 if log and len(positive) else float(values.min())
    right = float(values.max()) * (1.3 if log else 1.03)
    if log and len(positive):
        ax.set_xscale("log")
    for number, (name, part) in enumerate(parts):
        ordered = np.sort(part)
        shares = np.arange(1, len(ordered) + 1) / len(ordered)
        shown = ordered > 0 if log else np.ones(len(ordered), dtype=bool)
        xs = np.concatenate([[left], ordered[shown], [right]])
        ys = np.concatenate([[np.mean(~shown)], shares[shown], [1.0]])
        colour = style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]
        dashes = style.SERIES_DASHES[number % len(style.SERIES_DASHES)]
        ax.plot(xs, ys, drawstyle="steps-post", color=colour, linestyle=dashes, label=name or None)
    ax.set_xlim(left, right)
    ax.set_ylim(0, 1.02)
    if log and len(positive):
        axes.log_axis(ax.xaxis, left, right, unit=unit, language=language)
    else:
        axes.number_axis(ax.xaxis, unit=unit, language=language, largest=right)
    _share_axis(ax.yaxis, language)
    ax.set_xlabel(axes.axis_label(x_label, 0.0, unit, language))
    if any(name for name, _ in parts):
        _line_key(ax)


def ecdf(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    x: str,
    language: str = "en",
    series: str | None = None,
    log: bool = False,
    unit: str = "share",
    x_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return which share of the items lies at or below each value, one curve a series.

    Parameters
    ----------
    data
        Answer or table, one row an item.
    title
        What is shown; not a claim about causes.
    x, series
        Columns of values (not negative where ``log``) and of series.
    log
        Logarithmic axis; curves then begin at the share of zeros.
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
    frame = caption.drawable(caption.rows_of(data, [x, series]), [x])
    groups = [("", frame)] if series is None else list(frame.groupby(series, sort=False))
    parts = [(caption.label_words(n, language), part[x].dropna().astype(float).to_numpy()) for n, part in groups]
    parts = [(name, values) for name, values in parts if len(values)]
    medians = [(name, float(np.median(values))) for name, values in parts]
    all_items = caption.label_words("all together", language)
    return compose(
        partial(_paint_ecdf, parts=parts, log=log, unit=unit, x_label=x_label, language=language),
        [caption.Item(name or all_items, Quantity(x, x, x, unit)) for name, x in medians],
        frame,
        kind="Cumulative shares; medians",
        title=title,
        language=language,
        height=3.5,
        sources=sources,
        notes=("Curves begin at the share of zeros." if log and (frame[x] == 0).any() else None, notes),
    )


def _paint_lorenz(
    figure: Figure, parts: list[tuple[str, np.ndarray, np.ndarray]], texts: tuple[str, str], language: str
) -> None:
    """Draw cumulative shares against the diagonal of equal shares."""
    ax: Any = figure.subplots()
    ax.plot([0, 1], [0, 1], color=style.GREY, linewidth=0.9)
    for number, (name, xs, ys) in enumerate(parts):
        colour = style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]
        dashes = style.SERIES_DASHES[number % len(style.SERIES_DASHES)]
        ax.plot(xs, ys, color=colour, linestyle=dashes, label=name or None)
        if len(parts) == 1:
            ax.fill_between(xs, ys, xs, color=colour, alpha=0.15, linewidth=0)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_aspect("equal")
    ax.set_anchor("W")
    for axis in (ax.xaxis, ax.yaxis):
        _share_axis(axis, language)
    ax.set_xlabel(caption.label_words(texts[0], language))
    axes.panel_title(ax, caption.label_words(texts[1], language))
    if any(name for name, _, _ in parts):
        _line_key(ax)


def lorenz(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    population: str,
    y: str,
    language: str = "en",
    series: str | None = None,
    x_label: str = "",
    y_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return Lorenz curves: which share of ``y`` the places hold that together have a share of ``population``.

    Parameters
    ----------
    data
        Answer or table, one row a place.
    title
        What is shown; not a claim about causes.
    population, y
        Columns of sizes, not negative; places are ordered by ``y / population``.
    series
        Column that separates curves.
    x_label, y_label, language, sources, notes
        As in `scatter.scatter`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing, a size is negative or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [population, y, series]), [y])
    frame = frame[frame[population].notna() & frame[y].notna()]
    if (frame[[population, y]] < 0).any().any() or not len(frame):
        raise ValueError("sizes of a Lorenz curve must be known and not negative; there is nothing to draw otherwise.")
    groups = [("", frame)] if series is None else list(frame.groupby(series, sort=False))
    parts, items = [], []
    for name, part in groups:
        people, held = part[population].astype(float).to_numpy(), part[y].astype(float).to_numpy()
        order = np.argsort(held / people, kind="stable")
        xs, ys = (np.concatenate([[0.0], np.cumsum(v[order]) / v.sum()]) for v in (people, held))
        label = caption.label_words(name, language)
        parts.append((label, xs, ys))
        half = float(np.interp(0.5, xs, ys))
        items.append(
            caption.Item(label or caption.label_words("lower half", language), Quantity(half, half, half, "share"))
        )
    return compose(
        partial(_paint_lorenz, parts=parts, texts=(x_label, y_label), language=language),
        items,
        frame,
        kind="Lorenz curve; share held by the lower half",
        title=title,
        language=language,
        height=4.2,
        sources=sources,
        notes=("The straight line is equal shares.", notes),
    )
