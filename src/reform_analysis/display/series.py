"""Numbers over time: step series with their bounds."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.catalogue import paired
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import date, quantity
from reform_analysis.display.labels import move_apart


def _groups(frame: pd.DataFrame, column: str | None) -> list[tuple[Any, pd.DataFrame]]:
    """Return the parts of a table by a column, in order of first appearance; one nameless part without a column."""
    if column is None:
        return [("", frame)]
    return list(frame.groupby(column, sort=False))


def _end_labels(ax: Any, ends: list[tuple[float, float, str, str]]) -> Callable[[], None]:
    """Write names right of the lines' ends, and return what moves them apart once the layout is known."""
    texts = [
        ax.annotate(
            text,
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=style.BASE_SIZE - 0.5,
            linespacing=1.15,
        )
        for _, y, text, colour in ends
    ]
    right = ax.get_xlim()[1]
    for x, y, _, colour in ends:
        if x < right:
            ax.plot([x, right], [y, y], color=colour, linewidth=0.6, linestyle=(0, (1, 3)), clip_on=False)

    return lambda: move_apart(ax, [(end[1], text) for end, text in zip(ends, texts, strict=True)], 7)


def _step_path(part: pd.DataFrame, x: str, start: str | None, columns: list[str], last: float) -> np.ndarray:
    """Return corner points, shape (P, 1 + columns): values hold until the next date, or from start to end."""
    days = [mdates.date2num(axes.as_day(value)) for value in part[x]]
    values = part[columns].astype(float).to_numpy()
    begins = days if start is None else [mdates.date2num(axes.as_day(value)) for value in part[start]]
    if start is None:
        ends = [*days[1:], max(last, days[-1])]
    else:
        # a period lasts to the end of its last day, unless the next one begins on that day: between two reports
        ends = [day + (day not in begins[i + 1 : i + 2]) for i, day in enumerate(days)]
    corners = []
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if i and start is not None and begin > ends[i - 1]:
            # A gap between reports stays a gap.
            corners.append([begin, *[np.nan] * len(columns)])
        corners += [[begin, *values[i]], [end, *values[i]]]
    return np.array(corners, dtype=float)


def _draw_series(ax: Any, part: pd.DataFrame, path: np.ndarray, look: _Look, number: int) -> None:
    """Draw one step series: band, line, and a mark at each report."""
    colour = style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]
    if path.shape[1] > 2:
        ax.fill_between(path[:, 0], path[:, 2], path[:, 3], color=colour, alpha=0.22, linewidth=0)
    dashes = style.SERIES_DASHES[number % len(style.SERIES_DASHES)]
    ax.plot(path[:, 0], path[:, 1], color=colour, linestyle=dashes, solid_capstyle="butt")
    if look.start is None:
        days = [mdates.date2num(axes.as_day(value)) for value in part[look.x]]
        marker = style.SERIES_MARKERS[number % len(style.SERIES_MARKERS)]
        ax.plot(days, part[look.columns[0]].astype(float), marker, color=colour, markeredgecolor=style.PAPER, zorder=3)


def _mark_rows(marks: Mapping[str, object], first: float, last: float) -> list[tuple[float, str, int]]:
    """Return place, name and row of each deadline: neighbours whose names would meet stand on different rows."""
    days = sorted((mdates.date2num(axes.as_day(day)), text) for text, day in marks.items())
    rows: list[tuple[float, str, int]] = []
    for x, text in days:
        if first <= x <= last:
            near = [row for place, _, row in rows if x - place < 0.3 * (last - first)]
            rows.append((x, text, next(row for row in range(len(near) + 1) if row not in near)))
    return rows


def _draw_marks(ax: Any, rows: list[tuple[float, str, int]], language: str, *, named: bool) -> None:
    """Draw deadlines as vertical lines, named in the room above the data."""
    first, last = ax.get_xlim()
    for x, text, row in rows:
        ax.axvline(x, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
        if named:
            near_end = x > first + 0.7 * (last - first)
            ax.annotate(
                caption.label_words(text, language),
                (x, 1),
                xycoords=("data", "axes fraction"),
                xytext=(-3 if near_end else 3, -1 - 11 * row),
                textcoords="offset points",
                ha="right" if near_end else "left",
                va="top",
                fontsize=style.SMALL_SIZE,
                color=style.GREY,
                bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.8},
            )


def _headroom(ax: Any, rows: int) -> None:
    """Leave room for ``rows`` lines of text above the data of a panel about 150 points high."""
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + (high - low) * 0.085 * rows)


@dataclass(frozen=True)
class _Look:
    """Which columns a step chart draws, and how."""

    x: str
    start: str | None
    columns: list[str]
    series: str | None
    lines: list[Any]
    unit: str
    y_label: str


def _draw_panel(ax: Any, part: pd.DataFrame, look: _Look, last: float, language: str) -> Callable[[], None]:
    """Draw the series of one panel with their bounds; return what places their names."""
    ends = []
    for line, run in _groups(part, look.series):
        number = look.lines.index(line)
        path = _step_path(run, look.x, look.start, look.columns, last)
        _draw_series(ax, run, path, look, number)
        value = float(run[look.columns[0]].iloc[-1])
        text = quantity(Quantity(value, value, value, look.unit), language=language)
        if look.series:
            text = f"{style.wrapped(caption.label_words(line, language), size=style.BASE_SIZE, width=1.5)}\n{text}"
        if not math.isnan(value):
            colour = style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]
            ends.append((path[-1, 0], value, text, colour))
    return _end_labels(ax, ends)


def _heading(name: str, label: str, language: str) -> str:
    """Return what stands above a panel: its name and what is counted, or the one that there is."""
    return paired(name, label, language) if name and label else name or label


def _paint(
    figure: Figure,
    panels: list[tuple[Any, pd.DataFrame]],
    look: _Look,
    span: tuple[datetime.date, datetime.date],
    marks: Mapping[str, object],
    zero: bool,
    language: str,
) -> Callable[[], None]:
    """Draw one panel under the other on a common calendar."""
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    largest = max(float(np.nanmax(part[look.columns].astype(float).to_numpy())) for _, part in panels)
    label = axes.axis_label(look.y_label, largest, look.unit, language)
    placers = []
    for i, (ax, (name, part)) in enumerate(zip(grid, panels, strict=True)):
        axes.date_axis(ax, *span, language)
        placers.append(_draw_panel(ax, part, look, float(mdates.date2num(span[1])), language))
        ticks = 6 if len(panels) == 1 else 4
        axes.number_axis(ax.yaxis, unit=look.unit, language=language, largest=largest, ticks=ticks)
        if zero:
            ax.set_ylim(bottom=0)
        ax.margins(y=0.12)
        ax.grid(False, axis="x")
        axes.panel_title(ax, _heading(caption.label_words(name, language), label, language))
        rows = _mark_rows(marks, *ax.get_xlim())
        if i == 0 and rows:
            _headroom(ax, 1 + max(row for _, _, row in rows))
        _draw_marks(ax, rows, language, named=i == 0)

    def place() -> None:
        for place_names in placers:
            place_names()

    return place


def _items(
    frame: pd.DataFrame, look: _Look, parts: list[str], bounds: list[Quantity], language: str
) -> list[caption.Item]:
    """Return what the chart says, for the alternative text: each report or interval with its number."""
    items = []
    for row, q in zip(frame.to_dict("records"), bounds, strict=True):
        when = date(axes.as_day(row[look.x]), language=language)
        if look.start:
            when = f"{date(axes.as_day(row[look.start]), language=language)} – {when}"
        items.append(caption.Item(", ".join([*(caption.label_words(row[c], language) for c in parts), when]), q))
    return items


def steps(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    language: str = "en",
    x: str = "date",
    start: str | None = None,
    y: str = "estimate",
    low: str | None = "low",
    high: str | None = "high",
    series: str | None = None,
    panel: str | None = None,
    unit: str = "count",
    y_label: str = "",
    marks: Mapping[str, object] | None = None,
    from_zero: bool = True,
    sources: Citations | None = None,
    notes: str | None = None,
    level: float = 0.95,
) -> Chart:
    """Return a step chart: each value holds until the next report, with its bounds as a band; nothing is interpolated.

    Parameters
    ----------
    data
        Answer or table, one row a report (or an interval between reports).
    title
        What is shown; not a claim about causes.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    x, start
        Column of dates. With ``start``, each row holds from ``start`` to ``x``: rates between report dates.
    y, low, high
        Columns of estimate and bounds; bounds may be absent.
    series, panel
        Columns that separate lines (named at their ends) and panels (one under the other, own scales).
    unit
        ``"count"``, ``"share"``, ``"percent"``, ``"VND"``, ``"ratio"``, ...
    y_label
        What the numbers are, written above the axis.
    marks
        Name to date: deadlines as vertical lines.
    from_zero
        Whether the scale begins at zero.
    sources
        Citations of the report; the source line names the notes.
    notes
        A remark for the small print.
    level
        Confidence level of sampling intervals, for the small print.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.rows_of(data, [x, start, y, series, panel])
    frame = caption.drawable(frame, [y, *(c for c in (low, high) if c)]).sort_values(x, kind="stable")
    bounded = low in frame.columns and high in frame.columns
    columns = [c for c in (y, low, high) if c] if bounded else [y]
    panels = _groups(frame, panel)
    look = _Look(x, start, columns, series, list(dict.fromkeys(frame[series])) if series else [""], unit, y_label)
    days = [axes.as_day(value) for column in (x, start) if column for value in frame[column]]
    last = max([*days, *(axes.as_day(day) for day in (marks or {}).values())])
    paint = partial(
        _paint, panels=panels, look=look, span=(min(days), last), marks=marks or {}, zero=from_zero, language=language
    )
    items = _items(
        frame, look, [c for c in (panel, series) if c], caption.quantities(frame, y, low, high, unit), language
    )
    return compose(
        paint,
        items,
        frame,
        kind="Step chart",
        title=title,
        language=language,
        height=3.5 if len(panels) == 1 else 0.9 + 1.9 * len(panels),
        sources=sources,
        notes=(notes,),
        intervals=caption.interval_kinds(frame, low, high),
        bands=True,
        level=level,
    )
