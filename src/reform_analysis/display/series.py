"""Numbers over time: step series with bounds, slopes between two dates, stacked areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer
from reform_analysis.display import axes, caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import date, quantity
from reform_analysis.display.spread import spread


def _groups(frame: pd.DataFrame, column: str | None) -> list[tuple[str, pd.DataFrame]]:
    """Return the parts of a table by a column, in order of first appearance; one nameless part without a column."""
    if column is None:
        return [("", frame)]
    return [(str(name), part) for name, part in frame.groupby(column, sort=False)]


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
            linespacing=1.05,
        )
        for _, y, text, colour in ends
    ]
    right = ax.get_xlim()[1]
    for x, y, _, colour in ends:
        if x < right:
            ax.plot([x, right], [y, y], color=colour, linewidth=0.6, linestyle=(0, (1, 3)), clip_on=False)

    def place() -> None:
        points = 72 / ax.figure.dpi
        wanted = [ax.transData.transform((0, y))[1] * points for _, y, _, _ in ends]
        lines = max(text.count("\n") + 1 for _, _, text, _ in ends)
        box = ax.get_window_extent()
        placed = spread(wanted, 12.0 * lines, box.y0 * points, box.y1 * points)
        for text, want, got in zip(texts, wanted, placed, strict=True):
            text.set_position((7, got - want))

    return place


def _step_path(part: pd.DataFrame, x: str, start: str | None, columns: list[str], last: float) -> np.ndarray:
    """Return corner points, shape (P, 1 + columns): values hold until the next date, or from start to end."""
    days = [mdates.date2num(axes.as_day(value)) for value in part[x]]
    values = part[columns].astype(float).to_numpy()
    begins = days if start is None else [mdates.date2num(axes.as_day(value)) for value in part[start]]
    ends = [*days[1:], max(last, days[-1])] if start is None else days
    corners = []
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if i and start is not None and begin > ends[i - 1] + 1:
            # A gap between reports stays a gap.
            corners.append([begin, *[np.nan] * len(columns)])
        corners += [[begin, *values[i]], [end, *values[i]]]
    return np.array(corners, dtype=float)


def _draw_series(ax: Any, part: pd.DataFrame, path: np.ndarray, names: dict[str, Any], number: int) -> None:
    """Draw one step series: band, line, and a mark at each report."""
    colour = style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]
    if path.shape[1] > 2:
        ax.fill_between(path[:, 0], path[:, 2], path[:, 3], color=colour, alpha=0.22, linewidth=0)
    dashes = style.SERIES_DASHES[number % len(style.SERIES_DASHES)]
    ax.plot(path[:, 0], path[:, 1], color=colour, linestyle=dashes, solid_capstyle="butt")
    if names["start"] is None:
        days = [mdates.date2num(axes.as_day(value)) for value in part[names["x"]]]
        marker = style.SERIES_MARKERS[number % len(style.SERIES_MARKERS)]
        ax.plot(days, part[names["y"]].astype(float), marker, color=colour, markeredgecolor=style.PAPER, zorder=3)


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
    names = {"x": x, "start": start, "y": y}
    lines = list(dict.fromkeys(frame[series].astype(str))) if series else [""]
    largest = float(np.nanmax(frame[columns].astype(float).to_numpy()))
    days = [axes.as_day(value) for column in (x, start) if column for value in frame[column]]
    marked = [axes.as_day(day) for day in (marks or {}).values()]
    first, last = min(days), max(max(days), *[day for day in marked if day > max(days)] or [max(days)])

    def paint(figure: Figure) -> Callable[[], None]:
        grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        placers = []
        for i, (ax, (name, part)) in enumerate(zip(grid, panels, strict=True)):
            axes.date_axis(ax, first, last, language)
            ends = []
            for line, run in _groups(part, series):
                number = lines.index(line)
                path = _step_path(run, x, start, columns, mdates.date2num(last))
                _draw_series(ax, run, path, names, number)
                q = caption.quantities(run.tail(1), y, low, high, unit)[0]
                words = quantity(q, language=language, part="value")
                text = (
                    f"{style.wrapped(caption.label_words(line, language), size=9, width=1.3)}\n{words}"
                    if line
                    else words
                )
                ends.append((path[-1, 0], path[-1, 1], text, style.SERIES_COLOURS[number % len(style.SERIES_COLOURS)]))
            axes.number_axis(
                ax.yaxis, unit=unit, language=language, largest=largest, ticks=6 if len(panels) == 1 else 4
            )
            if from_zero:
                ax.set_ylim(bottom=0)
            ax.margins(y=0.12)
            ax.grid(False, axis="x")
            label = axes.axis_label(y_label, largest, unit, language)
            axes.panel_title(ax, ": ".join(t for t in (caption.label_words(name, language), label) if t))
            rows = _mark_rows(marks or {}, *ax.get_xlim())
            if i == 0 and rows:
                _headroom(ax, 1 + max(row for _, _, row in rows))
            _draw_marks(ax, rows, language, named=i == 0)
            placers.append(_end_labels(ax, [end for end in ends if not np.isnan(end[1])]))

        def place() -> None:
            for place_labels in placers:
                place_labels()

        return place

    parts = [column for column in (panel, series) if column]
    items = []
    for row, q in zip(frame.to_dict("records"), caption.quantities(frame, y, low, high, unit), strict=True):
        day = date(axes.as_day(row[x]), language=language)
        if start:
            day = f"{date(axes.as_day(row[start]), language=language)} – {day}"
        items.append(caption.Item(", ".join([*(caption.label_words(row[c], language) for c in parts), day]), q))
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
