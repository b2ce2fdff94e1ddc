"""Points with two numbers each: scatter plots with labels, funnel plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.labels import place_labels


def _paint_scatter(
    figure: Figure,
    frame: pd.DataFrame,
    names: dict[str, Any],
    lines: Mapping[str, tuple[float, float]],
    texts: dict[str, str],
    units: tuple[str, str],
    language: str,
) -> Callable[[], None]:
    """Draw the points, reference curves named at their right ends, and labels where there is room."""
    ax: Any = figure.subplots()
    xs, ys = frame[names["x"]].astype(float).to_numpy(), frame[names["y"]].astype(float).to_numpy()
    if names["log"]:
        ax.set_xscale("log")
        ax.set_yscale("log")
        room_x, room_y = (xs.max() / xs.min()) ** 0.06, (ys.max() / ys.min()) ** 0.06
        ax.set_xlim(xs.min() / room_x, xs.max() * room_x**2)
        ax.set_ylim(ys.min() / room_y, ys.max() * room_y)
        axes.log_axis(ax.xaxis, *ax.get_xlim(), unit=units[0], language=language)
        axes.log_axis(ax.yaxis, *ax.get_ylim(), unit=units[1], language=language)
    else:
        axes.number_axis(ax.xaxis, unit=units[0], language=language, largest=float(np.abs(xs).max()))
        axes.number_axis(ax.yaxis, unit=units[1], language=language, largest=float(np.abs(ys).max()))
        for values, set_limits in ((xs, ax.set_xlim), (ys, ax.set_ylim)):
            room = 0.07 * ((values.max() - values.min()) or 1.0)
            set_limits(values.min() - room, values.max() + room)
    low, high = ax.get_xlim()
    curve = np.geomspace(low, high, 60) if names["log"] else np.linspace(low, high, 60)
    bottom, top = ax.get_ylim()
    for number, (name, (factor, power)) in enumerate(lines.items()):
        values = factor * curve**power
        dashes = style.SERIES_DASHES[(number + 1) % len(style.SERIES_DASHES)]
        ax.plot(curve, values, color=style.GREY, linewidth=1.0, linestyle=dashes, zorder=1)
        # Two steps short of the border, where the name has room.
        end = np.flatnonzero((values >= bottom) & (values <= top))[:-2][-1]
        ax.annotate(
            caption.label_words(name, language),
            (curve[end], values[end]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL_SIZE,
            color=style.GREY,
            annotation_clip=False,
        )
    ax.set_xlim(low, high)
    ax.set_ylim(bottom, top)
    ax.plot(xs, ys, "o", color=style.SERIES_COLOURS[0], markeredgecolor=style.PAPER, markersize=5.5, zorder=3)
    ax.set_xlabel(axes.axis_label(texts["x"], 0.0, units[0], language))
    axes.panel_title(ax, axes.axis_label(texts["y"], 0.0, units[1], language))
    return place_labels(ax, xs, ys, [caption.label_words(value, language) for value in frame[names["label"]]])


def scatter(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    x: str,
    y: str,
    label: str,
    language: str = "en",
    log: bool = False,
    lines: Mapping[str, tuple[float, float]] | None = None,
    x_label: str = "",
    y_label: str = "",
    x_unit: str = "count",
    y_unit: str = "count",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return points with names: two numbers an item.

    Parameters
    ----------
    data
        Answer or table, one row a point.
    title
        What is shown; not a claim about causes.
    x, y, label
        Columns of the two numbers and of names.
    log
        Logarithmic axes; both columns must then be positive.
    lines
        Name to ``(a, b)``: reference curves ``y = a * x ** b``, such as one third: ``(1 / 3, 1)``.
    x_label, y_label, x_unit, y_unit
        What the numbers are, and their units.
    language, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing, a number is not positive on a logarithmic axis, or the language
        is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [x, y, label]), [x])
    frame = caption.drawable(frame[frame[x].notna() & frame[y].notna()].reset_index(drop=True), [x])
    if log and not ((frame[x] > 0) & (frame[y] > 0)).all():
        raise ValueError(f"numbers on logarithmic axes must be positive; got {frame[[x, y]].min().min():g}.")
    paint = partial(
        _paint_scatter,
        frame=frame,
        names={"x": x, "y": y, "label": label, "log": log},
        lines=lines or {},
        texts={"x": x_label, "y": y_label},
        units=(x_unit, y_unit),
        language=language,
    )
    items = [
        caption.Item(caption.label_words(name, language), q)
        for name, q in zip(frame[label], caption.quantities(frame, y, None, None, y_unit), strict=True)
    ]
    return compose(
        paint,
        items,
        frame,
        kind="Scatter plot",
        title=title,
        language=language,
        height=4.5,
        sources=sources,
        notes=(notes,),
    )


def _paint_funnel(
    figure: Figure,
    frame: pd.DataFrame,
    names: dict[str, Any],
    limits: pd.DataFrame | None,
    centre: float,
    unit: str,
    texts: dict[str, str],
    language: str,
) -> Callable[[], None]:
    """Draw estimates against their size, the centre, its limits, and names of the points outside them."""
    ax: Any = figure.subplots()
    xs, ns = frame[names["x"]].astype(float).to_numpy(), frame[names["n"]].astype(float).to_numpy()
    ax.set_xscale("log")
    room = max((ns.max() / ns.min()) ** 0.06, 1.05)
    ax.set_xlim(ns.min() / room, ns.max() * room)
    outside = np.zeros(len(xs), dtype=bool)
    if limits is not None:
        for number, (_, part) in enumerate(limits.groupby("level", sort=True)):
            dashes = style.SERIES_DASHES[number + 1]
            for side in ("low", "high"):
                ax.plot(part["n"], part[side], color=style.GREY, linewidth=0.9, linestyle=dashes, zorder=1)
        widest = limits[limits["level"] == limits["level"].max()].sort_values("n")
        low, high = (np.interp(ns, widest["n"], widest[side]) for side in ("low", "high"))
        outside = (xs < low) | (xs > high)
    ax.axhline(centre, color=style.INK, linewidth=0.9)
    ax.plot(ns, xs, "o", color=style.SERIES_COLOURS[0], markeredgecolor=style.PAPER, markersize=5.5, zorder=3)
    axes.log_axis(ax.xaxis, *ax.get_xlim(), unit="count", language=language)
    span = np.concatenate([xs, [centre]])
    margin = 0.15 * ((span.max() - span.min()) or 1.0)
    ax.set_ylim(span.min() - margin, span.max() + margin)
    axes.number_axis(ax.yaxis, unit=unit, language=language, largest=float(np.abs(span).max()))
    ax.set_xlabel(axes.axis_label(texts["n"], 0.0, "count", language))
    axes.panel_title(ax, axes.axis_label(texts["x"], float(np.abs(span).max()), unit, language))
    chosen = (
        frame[names["label"]].astype(str).to_numpy() if limits is None else frame[names["label"]].to_numpy()[outside]
    )
    kept = np.ones(len(xs), dtype=bool) if limits is None else outside
    return place_labels(ax, xs=ns[kept], ys=xs[kept], names=[caption.label_words(value, language) for value in chosen])


def funnel(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    n: str,
    label: str,
    centre: float,
    language: str = "en",
    x: str = "estimate",
    limits: pd.DataFrame | None = None,
    unit: str = "share",
    x_label: str = "",
    n_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return estimates against the number they rest on, with limits around a centre; points outside are named.

    Parameters
    ----------
    data
        Answer or table, one row a place.
    title
        What is shown; not a claim about causes.
    x, n, label
        Columns of estimates, of the counts behind them (drawn on a logarithmic axis) and of names.
    centre
        The value compared with.
    limits
        Columns ``n``, ``low``, ``high``, ``level``: what chance alone would allow; computed by the caller.
    language, unit, x_label, sources, notes
        As in `intervals.interval_dots`.
    n_label
        What the counts are.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing, a count is not positive, or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [x, n, label]), [x])
    frame = caption.drawable(frame[frame[x].notna() & frame[n].notna()].reset_index(drop=True), [x])
    if not (frame[n] > 0).all():
        raise ValueError(f"counts of a funnel plot must be positive; got {frame[n].min():g}.")
    paint = partial(
        _paint_funnel,
        frame=frame,
        names={"x": x, "n": n, "label": label},
        limits=limits,
        centre=centre,
        unit=unit,
        texts={"x": x_label, "n": n_label},
        language=language,
    )
    bounds = caption.quantities(frame, x, None, None, unit)
    items = [caption.Item(caption.label_words(name, language), q) for name, q in zip(frame[label], bounds, strict=True)]
    return compose(
        paint,
        items,
        frame,
        kind="Funnel plot",
        title=title,
        language=language,
        height=3.8,
        sources=sources,
        notes=(notes,),
    )
