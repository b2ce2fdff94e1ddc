"""Estimates with their bounds, one a line: dots, caterpillars, ranges, dumbbells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity
from reform_analysis.display.labels import label_lines

# Inches a line of a figure takes, and what title, axis and small print take together.
_LINE, _FRAME = 0.205, 1.35
# Inches for names left of the plot.
_NAMES = 2.6


@dataclass(frozen=True)
class _Row:
    """One line of a figure: an item, or the heading of a group where the quantity is None."""

    name: str
    quantity: Quantity | None
    group: int = 0
    kind: str = "rounding"
    is_summary: bool = False


def _sort_key(q: Quantity) -> float:
    """Return the number that ranks a row; unknown last."""
    known = [x for x in (q.value, q.low, q.high) if math.isfinite(x)]
    return -known[0] if known else math.inf


def _rows(frame: pd.DataFrame, names: dict[str, Any], unit: str, language: str, *, sort: bool) -> list[_Row]:
    """Return the lines of a figure: groups in order of appearance, inside them by size; summaries last."""
    by, summary = names["by"], names["summary"]
    groups = [("", frame)] if by is None else list(frame.groupby(by, sort=False))
    lines: list[_Row] = []
    for number, (name, part) in enumerate(groups):
        kinds = part["interval"] if "interval" in part else ["rounding"] * len(part)
        summaries = part[summary].astype(bool) if summary else [False] * len(part)
        bounds = caption.quantities(part, names["x"], names["low"], names["high"], unit)
        labels = [caption.label_words(value, language) for value in part[names["label"]]]
        rows = [
            _Row(label, q, number, str(kind), bool(is_summary))
            for label, q, kind, is_summary in zip(labels, bounds, kinds, summaries, strict=True)
        ]
        if sort:
            rows.sort(key=lambda row: (row.is_summary, _sort_key(row.quantity or Quantity(math.nan, 0, 0))))
        lines += [_Row(caption.label_words(name, language), None), *rows] if name else rows
    return lines


def _draw_intervals(ax: Any, rows: Sequence[_Row]) -> None:
    """Draw bounds: rounding as solid bars with end caps, sampling and model as thin lines with round ends."""
    left, right = ax.get_xlim()
    bounded = [(y, row) for y, row in enumerate(rows) if row.quantity and row.quantity.low < row.quantity.high]
    for group, kind in dict.fromkeys((row.group, row.kind) for _, row in bounded):
        colour = style.SERIES_COLOURS[group % len(style.SERIES_COLOURS)]
        lines = [(y, row.quantity) for y, row in bounded if (row.group, row.kind) == (group, kind) and row.quantity]
        ys, lows, highs = zip(*((y, max(q.low, left), min(q.high, right)) for y, q in lines), strict=True)
        if kind == "rounding":
            ax.hlines(ys, lows, highs, color=colour, linewidth=2.2, alpha=0.75)
            ends = [(y, end) for y, q in lines for end in (q.low, q.high) if math.isfinite(end)]
            ax.vlines(
                [x for _, x in ends],
                [y - 0.24 for y, _ in ends],
                [y + 0.24 for y, _ in ends],
                color=colour,
                linewidth=1.2,
            )
        else:
            ax.hlines(ys, lows, highs, color=colour, linewidth=0.9, capstyle="round")
        for arrow, edge, beyond in (
            ("<", left, [y for y, q in lines if math.isinf(q.low)]),
            (">", right, [y for y, q in lines if math.isinf(q.high)]),
        ):
            if beyond:
                ax.plot([edge] * len(beyond), beyond, arrow, color=colour, markersize=5, clip_on=False)


def _draw_dots(ax: Any, rows: Sequence[_Row]) -> None:
    """Draw the estimates: one mark shape a group, hollow diamonds for summaries."""
    for group in dict.fromkeys(row.group for row in rows if row.quantity):
        for is_summary in (False, True):
            points = [
                (row.quantity.value, y)
                for y, row in enumerate(rows)
                if row.quantity and row.group == group and row.is_summary == is_summary
            ]
            if points:
                xs, ys = zip(*points, strict=True)
                colour = style.SERIES_COLOURS[group % len(style.SERIES_COLOURS)]
                marker = "D" if is_summary else style.SERIES_MARKERS[group % len(style.SERIES_MARKERS)]
                fill = style.PAPER if is_summary else colour
                edge = colour if is_summary else style.PAPER
                ax.plot(xs, ys, marker, color=fill, markeredgecolor=edge, markersize=6.5 if is_summary else 6, zorder=3)


def _write_rows(ax: Any, rows: Sequence[_Row], language: str, *, values: bool) -> None:
    """Write names left of the lines (group names in bold) and the numbers right of them."""
    axes.category_axis(ax, [row.name if row.quantity else "" for row in rows], width=_NAMES)
    across = blended_transform_factory(ax.figure.transFigure, ax.transData)
    paper = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.8}
    for y, (tick, row) in enumerate(zip(ax.get_yticklabels(), rows, strict=True)):
        if row.is_summary:
            tick.set_fontweight("bold")
        if row.quantity is None:
            # A heading has its line to itself, from the figure's edge over names and plot.
            looks = {"fontweight": "bold", "fontsize": style.BASE_SIZE - 0.5, "va": "center", "bbox": paper}
            ax.text(0.012, y, row.name, transform=across, zorder=4, **looks).set_in_layout(False)
    if values:
        beside = blended_transform_factory(
            ax.transAxes + ScaledTranslation(8 / 72, 0, ax.figure.dpi_scale_trans), ax.transData
        )
        for y, row in enumerate(rows):
            if row.quantity:
                words = quantity(row.quantity, language=language)
                ax.text(1, y, words, transform=beside, va="center", fontsize=style.SMALL_SIZE + 0.5)


def _draw_reference(ax: Any, at: float, label: str) -> None:
    """Draw a reference line with its name above the plot."""
    ax.axvline(at, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    left, right = ax.get_xlim()
    share = (at - left) / (right - left)
    ax.annotate(
        label,
        (at, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="left" if share < 0.3 else "right" if share > 0.7 else "center",
        fontsize=style.SMALL_SIZE + 0.5,
    )


def _pitch(rows: Sequence[_Row]) -> float:
    """Return the inches from line to line: names of two lines need room above and below."""
    deepest = max(label_lines([row.name], _NAMES) for row in rows if row.quantity)
    return _LINE if deepest == 1 else 0.145 * deepest


def _limits(rows: Sequence[_Row], extra: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    """Return the ends of the axis: all known numbers with a margin, zero where asked."""
    known = [x for row in rows if row.quantity for x in (row.quantity.value, row.quantity.low, row.quantity.high)]
    finite = [x for x in [*known, *extra] if math.isfinite(x)]
    low, high = min(finite), max(finite)
    margin = 0.04 * ((high - low) or abs(high) or 1.0)
    return (min(0.0, low) if from_zero else low - margin), high + margin


def interval_dots(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    language: str = "en",
    x: str = "estimate",
    low: str | None = "low",
    high: str | None = "high",
    by: str | None = None,
    summary: str | None = None,
    unit: str = "count",
    x_label: str = "",
    reference: float | None = None,
    reference_label: str = "",
    band: tuple[float, float] | None = None,
    band_label: str = "",
    sort: bool = True,
    from_zero: bool = False,
    values: bool = True,
    sources: Citations | None = None,
    notes: str | None = None,
    level: float = 0.95,
) -> Chart:
    """Return dots with their bounds, one item a line, its numbers beside it.

    Parameters
    ----------
    data
        Answer or table, one row an item; column ``interval`` (rounding, sampling, model) says what the bounds are.
    title
        What is shown; not a claim about causes.
    label
        Column that names the items.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    x, low, high
        Columns of estimate and bounds; an infinite bound is drawn as an arrow, an unknown estimate as bounds alone.
    by
        Column that groups items (scope, definition): own heading, own mark.
    summary
        Boolean column: pooled rows, drawn as hollow diamonds after the others.
    unit
        ``"count"``, ``"share"``, ``"percent"``, ``"VND"``, ``"ratio"``, ...
    x_label
        What the numbers are.
    reference, reference_label
        A vertical line and its name; the number is written after it.
    band, band_label
        A shaded range (an implied rest, a norm) and its name for the small print.
    sort
        Largest first within a group; else in the order of the table.
    from_zero
        Whether the axis begins at zero.
    values
        Whether numbers are written beside the lines.
    sources, notes, level
        Source notes, a remark and the confidence level for the small print.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.rows_of(data, [label, x, by, summary])
    frame = caption.drawable(frame, [x, *(c for c in (low, high) if c)])
    rows = _rows(
        frame,
        {"label": label, "x": x, "low": low, "high": high, "by": by, "summary": summary},
        unit,
        language,
        sort=sort,
    )
    extra = [*([] if reference is None else [reference]), *(band or ())]
    limits = _limits(rows, extra, from_zero=from_zero)

    def paint(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_xlim(*limits)
        if band:
            ax.axvspan(*band, color="#bbbbbb", alpha=0.5, linewidth=0, zorder=0)
        if reference is not None:
            at = quantity(Quantity(reference, reference, reference, unit), language=language)
            _draw_reference(ax, reference, f"{caption.label_words(reference_label, language)} {at}".strip())
        _draw_intervals(ax, rows)
        _draw_dots(ax, rows)
        _write_rows(ax, rows, language, values=values)
        axes.number_axis(ax.xaxis, unit=unit, language=language, largest=max(map(abs, limits)))
        ax.set_xlim(*limits)
        ax.set_xlabel(axes.axis_label(x_label, max(map(abs, limits)), unit, language))

    items = [caption.Item(row.name, row.quantity) for row in rows if row.quantity]
    return compose(
        paint,
        items,
        frame,
        kind="Dots with bounds",
        title=title,
        language=language,
        height=_FRAME + _pitch(rows) * max(len(rows), 3),
        sources=sources,
        notes=(band_label, notes),
        intervals=caption.interval_kinds(frame, low, high),
        level=level,
    )


def caterpillar(
    data: Answer | pd.DataFrame, *, title: str, label: str, language: str = "en", by: str | None = None, **options: Any
) -> Chart:
    """Return ranked estimates with their bounds, pooled rows as diamonds below: a caterpillar or forest plot.

    Parameters
    ----------
    data
        Answer or table, one row a place or study.
    title, label, language, by
        As in `interval_dots`.
    options
        As in `interval_dots`: ``summary`` names the boolean column of pooled rows, ``reference`` and ``band`` draw what
        the rows are compared with.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    return interval_dots(data, title=title, label=label, language=language, by=by, sort=True, **options)
