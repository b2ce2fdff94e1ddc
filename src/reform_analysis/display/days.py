"""Single days: deadlines and what became of them, dated counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import axes, caption, style
from reform_analysis.display.canvas import canvas_of
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import date, quantity
from reform_analysis.display.labels import key_columns, label_lines
from reform_analysis.display.spread import spread

# Status of a deadline: mark and colour; shape alone tells them apart in grey print.
_MARKS = {
    "kept": ("o", "#0072B2", True),
    "nearly kept": ("D", "#56B4E9", True),
    "done, day unknown": ("s", "#009E73", True),
    "moved to a later day": (">", "#E69F00", True),
    "missed": ("X", "#D55E00", True),
    "unknown": ("o", "#666666", False),
}
STATUS_LABELS = {
    "kept": "kept",
    "nearly kept": "nearly kept",
    "done, day unknown": "done, day unknown",
    "moved to a later day": "moved to a later day",
    "missed": "missed",
    "unknown": "no outcome published",
}
_OTHER_MARKS = (("^", "#CC79A7", True), ("P", "#000000", True), ("v", "#8c510a", True))


def _styles(statuses: list[str]) -> dict[str, tuple[str, str, bool]]:
    """Return mark, colour and fill of each status; statuses that we do not know get the spare marks in order."""
    others = [status for status in statuses if status not in _MARKS]
    return {**_MARKS, **dict(zip(others, _OTHER_MARKS * (1 + len(others) // len(_OTHER_MARKS)), strict=False))}


def _status_key(ax: Any, statuses: list[str], marks: dict[str, tuple[str, str, bool]], language: str) -> None:
    """Name the marks above the plot."""
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=marks[status][0],
            markersize=6.5,
            color=marks[status][1] if marks[status][2] else style.PAPER,
            markeredgecolor=marks[status][1],
            label=caption.label_words(STATUS_LABELS.get(status, status), language),
        )
        for status in statuses
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=key_columns([str(handle.get_label()) for handle in handles]),
        frameon=False,
        fontsize=style.BASE_SIZE - 0.5,
        handletextpad=0.2,
        columnspacing=1.2,
        borderaxespad=0.1,
    )


def _stacked(days: list[float], width: float) -> list[int]:
    """Return how many marks stand below each, where days lie closer than a mark is wide."""
    heights: list[int] = []
    for i, day in enumerate(days):
        taken = {heights[j] for j in range(i) if abs(days[j] - day) < width}
        heights.append(next(h for h in range(len(taken) + 1) if h not in taken))
    return heights


def _paint_timeline(
    figure: Figure, groups: list[tuple[str, pd.DataFrame]], statuses: list[str], names: dict[str, Any], language: str
) -> None:
    """Draw one lane a group; marks of one day stand on each other."""
    ax: Any = figure.subplots()
    marks = _styles(statuses)
    days = [axes.as_day(day) for _, part in groups for day in part[names["date"]]]
    axes.date_axis(ax, min(days), max(days), language)
    width = 0.017 * (ax.get_xlim()[1] - ax.get_xlim()[0])
    base, ticks = 0.0, []
    for name, part in groups:
        nums = [float(mdates.date2num(axes.as_day(day))) for day in part[names["date"]]]
        levels = _stacked(nums, width)
        tall = max(levels) + 1
        for x, level, status in zip(nums, levels, part[names["status"]], strict=True):
            marker, colour, filled = marks[str(status)]
            fill = colour if filled else style.PAPER
            y = base + tall - level - 0.5
            ax.plot([x], [y], marker, color=fill, markeredgecolor=colour, markersize=6.5, zorder=3)
        ticks.append((base + tall / 2, caption.label_words(name, language)))
        base += tall + 0.5
        ax.axhline(base - 0.25, color=style.PALE, linewidth=0.6)
    ax.set_yticks([y for y, _ in ticks], [style.wrapped(t, size=style.BASE_SIZE, width=1.9) for _, t in ticks])
    ax.set_ylim(base - 0.2, -0.4)
    ax.spines["left"].set_visible(False)
    ax.grid(True, axis="x")
    _status_key(ax, statuses, marks, language)


def timeline(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    status: str,
    language: str = "en",
    date: str = "date",
    group: str | None = None,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return deadlines on a calendar, one lane a task family, each marked by what is published of its outcome.

    Parameters
    ----------
    data
        Answer or table, one row a deadline or document.
    title
        What is shown; not a claim about causes.
    label
        Column that names the rows, for the alternative text and the table behind.
    status
        Column of outcomes: ``kept``, ``nearly kept``, ``missed``, ``unknown`` and so on (`STATUS_LABELS`), or
        other words.
    date, group
        Columns of days and of lanes.
    language, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If there is no dated row, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [label, status, date, group]), [date])
    frame = frame.sort_values(date, kind="stable").reset_index(drop=True)
    groups = [("", frame)] if group is None else [(str(n), part) for n, part in frame.groupby(group, sort=False)]
    found = list(dict.fromkeys(frame[status].astype(str)))
    statuses = [s for s in _MARKS if s in found] + [s for s in found if s not in _MARKS]
    paint = partial(
        _paint_timeline, groups=groups, statuses=statuses, names={"date": date, "status": status}, language=language
    )
    counts = frame[status].astype(str).value_counts()
    items = [
        caption.Item(caption.label_words(STATUS_LABELS.get(s, s), language), Quantity(float(n), float(n), float(n)))
        for s, n in ((s, counts[s]) for s in statuses)
    ]
    days = [float(mdates.date2num(axes.as_day(day))) for day in frame[date]]
    width = 0.018 * max(max(days) - min(days), 1.0)
    tall = sum(
        max(_stacked([float(mdates.date2num(axes.as_day(d))) for d in part[date]], width)) + 1.5 for _, part in groups
    )
    lanes = 0.19 * label_lines([caption.label_words(name, language) for name, _ in groups], 1.9)
    return compose(
        paint,
        items,
        frame,
        kind="Timeline",
        title=title,
        language=language,
        height=1.5 + max(0.125 * tall, lanes),
        sources=sources,
        notes=(notes,),
    )


def _paint_lollipops(
    figure: Figure, frame: pd.DataFrame, names: dict[str, Any], unit: str, y_label: str, language: str
) -> Callable[[], None]:
    """Draw a stem a day with its number and its name on top."""
    ax: Any = figure.subplots()
    days = [axes.as_day(day) for day in frame[names["x"]]]
    nums = mdates.date2num(days)
    values = frame[names["y"]].astype(float).to_numpy()
    axes.date_axis(ax, min(days), max(days), language)
    ax.vlines(nums, 0, values, color=style.SERIES_COLOURS[0], linewidth=1.4)
    ax.plot(nums, values, "o", color=style.SERIES_COLOURS[0], markeredgecolor=style.PAPER)
    largest = float(values.max())
    axes.number_axis(ax.yaxis, unit=unit, language=language, largest=largest, ticks=5)
    ax.set_ylim(0, largest * 1.3)
    axes.panel_title(ax, axes.axis_label(y_label, largest, unit, language))
    texts = []
    for x, y, name in zip(nums, values, frame[names["label"]] if names["label"] else [""] * len(nums), strict=True):
        words = quantity(Quantity(y, y, y, unit), language=language)
        label = style.wrapped(caption.label_words(name, language), size=style.SMALL_SIZE, width=1.0)
        text = "\n".join(filter(None, (label, words)))
        texts.append(
            ax.annotate(
                text,
                (x, y),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=style.SMALL_SIZE,
            )
        )

    def place() -> None:
        renderer = canvas_of(figure).get_renderer()
        boxes = [text.get_window_extent(renderer) for text in texts]
        frame_box = ax.get_window_extent()
        gap = max(box.width for box in boxes)
        wanted = np.array([(box.x0 + box.x1) / 2 for box in boxes])
        placed = spread(wanted, gap + 4, frame_box.x0 + gap / 2, frame_box.x1 - gap / 2)
        for text, want, got in zip(texts, wanted, placed, strict=True):
            text.set_position(((got - want) * 72 / figure.dpi, 5))

    return place


def lollipops(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    language: str = "en",
    x: str = "date",
    y: str = "estimate",
    label: str | None = None,
    unit: str = "count",
    y_label: str = "",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return dated counts as stems: how many pages carry the report of a day.

    Parameters
    ----------
    data
        Answer or table, one row a day.
    title
        What is shown; not a claim about causes.
    x, y, label
        Columns of days, counts and names.
    language, unit, y_label, sources, notes
        As in `series.steps`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [x, y, label]), [y]).sort_values(x, kind="stable")
    frame = frame[frame[y].notna()].reset_index(drop=True)
    paint = partial(
        _paint_lollipops,
        frame=frame,
        names={"x": x, "y": y, "label": label},
        unit=unit,
        y_label=y_label,
        language=language,
    )
    words = [date(axes.as_day(day), language=language) for day in frame[x]]
    named = [caption.label_words(value, language) for value in frame[label]] if label else [""] * len(words)
    items = [
        caption.Item(", ".join(filter(None, (name, word))), q)
        for name, word, q in zip(named, words, caption.quantities(frame, y, None, None, unit), strict=True)
    ]
    return compose(
        paint, items, frame, kind="Stems", title=title, language=language, height=3.2, sources=sources, notes=(notes,)
    )
