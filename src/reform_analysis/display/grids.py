"""Cells: a table whose cells are coloured by grade or size, and a strip of what is known and what is not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from reform_analysis.analysis.answer import Answer, Quantity, Sentence
from reform_analysis.display import axes, caption, style
from reform_analysis.display.catalogue import paired
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity
from reform_analysis.display.labels import label_lines
from reform_analysis.display.language import say

# ColorBrewer Blues, five steps: number cells from few to many.
_SIZE_COLOURS = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")


def _grade_colours(order: Sequence[str]) -> dict[str, str]:
    """Return a fill for each grade, the best darkest, evenly spaced over the palette."""
    last = len(style.ORDERED_COLOURS) - 2
    steps = [round(i * last / max(len(order) - 1, 1)) for i in range(len(order))]
    return {grade: style.ORDERED_COLOURS[step] for grade, step in zip(order, steps, strict=True)}


def _size_colour(x: float, largest: float) -> str:
    """Return the fill of a number: its fifth of the range from zero to the largest."""
    return _SIZE_COLOURS[min(int(5 * x / largest), 4)] if largest > 0 else _SIZE_COLOURS[0]


def _square(x: float, y: float) -> list[tuple[float, float]]:
    """Return the corners of the cell around a point."""
    return [(x - 0.5, y - 0.5), (x + 0.5, y - 0.5), (x + 0.5, y + 0.5), (x - 0.5, y + 0.5)]


def _paint_heat(
    figure: Figure,
    cells: Mapping[tuple[object, object], tuple[str, str]],
    rows: Sequence[object],
    columns: Sequence[object],
    language: str,
) -> None:
    """Draw one coloured cell a row and column, its text inside; an empty place is hatched."""
    ax: Any = figure.subplots()
    places = {(row, column): (x, y) for y, row in enumerate(rows) for x, column in enumerate(columns)}
    filled = {key: cells[key][1] for key in places if cells.get(key, ("", ""))[1]}
    looks: dict[str, Any] = {"facecolors": list(filled.values()), "edgecolors": style.PAPER, "linewidths": 1.0}
    ax.add_collection(PolyCollection([_square(*places[key]) for key in filled], **looks))
    empty = [_square(*place) for key, place in places.items() if key not in filled]
    ax.add_collection(
        PolyCollection(empty, facecolors=style.PAPER, edgecolors=style.PALE, linewidths=1.0, hatch="////")
    )
    for key, (text, colour) in cells.items():
        size, ink = style.SMALL_SIZE, style.text_on(colour or style.PAPER)
        words = style.wrapped(text, size=size, width=4.3 / len(columns))
        # inside its cell, so of no account for the layout
        ax.text(*places[key], words, ha="center", va="center", fontsize=size, color=ink).set_in_layout(False)
    axes.category_axis(ax, [caption.label_words(row, language) for row in rows], width=2.4)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    heads = [caption.label_words(column, language) for column in columns]
    ax.set_xticks(
        range(len(columns)), [style.wrapped(head, size=style.BASE_SIZE, width=4.3 / len(columns)) for head in heads]
    )
    ax.tick_params(axis="x", top=False, labeltop=True, bottom=False, labelbottom=False)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.spines["bottom"].set_visible(False)


def heat_table(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    row: str,
    column: str,
    value: str,
    language: str = "en",
    order: Sequence[str] | None = None,
    text: str | None = None,
    unit: str = "count",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return a table of coloured cells: grades in an order, or numbers from few to many.

    Parameters
    ----------
    data
        Answer or table, one row a cell; missing cells are hatched.
    title
        What is shown; not a claim about causes.
    row, column, value
        Columns of the cell's place and content.
    order
        Grades from best to worst; None means that values are numbers.
    text
        Column of the words in the cells; the value itself where None.
    language, unit, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing, a grade is not in ``order`` or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [row, column, value, text]), [value])
    if order is not None and (strange := set(frame[value].dropna().astype(str)) - set(order)):
        raise ValueError(f"grades must be among {', '.join(order)}; got {', '.join(sorted(strange))}.")
    colours = _grade_colours(order or [])
    largest = 0.0 if order else float(frame[value].astype(float).max())
    cells, items = {}, []
    for record in frame[frame[value].notna()].to_dict("records"):
        content = record[value]
        number = math.nan if order else float(content)
        q = Quantity(number, number, number, unit)
        words = caption.label_words(content, language) if order else quantity(q, language=language)
        shown = caption.label_words(record[text], language) if text else words
        fill = colours[str(content)] if order else _size_colour(number, largest)
        cells[record[row], record[column]] = shown, fill
        place = f"{caption.label_words(record[row], language)}, {caption.label_words(record[column], language)}"
        items.append(caption.Item(paired(place, words, language) if order else place, q))
    rows, columns = list(dict.fromkeys(frame[row])), list(dict.fromkeys(frame[column]))
    if set(columns) <= set(rows):
        # A table of the same things both ways reads best in one order.
        columns = [name for name in rows if name in set(columns)]
    lines = label_lines([caption.label_words(name, language) for name in rows], 2.4)
    chart = compose(
        partial(_paint_heat, cells=cells, rows=rows, columns=columns, language=language),
        [] if order else items,
        frame,
        kind="Heat table",
        title=title,
        language=language,
        height=1.5 + 0.2 * max(lines, 3) + 0.08 * len(rows),
        sources=sources,
        notes=(notes,),
    )
    return chart if not order else _with_alt(chart, f"{chart.alt} {'; '.join(item.name for item in items)}.")


def _with_alt(chart: Chart, alt: str) -> Chart:
    """Return a chart with another alternative text."""
    return Chart(chart.paint, chart.title, chart.footer, alt, chart.data, chart.height)


def _paint_strip(figure: Figure, groups: list[tuple[str, list[tuple[str, bool]]]], columns: int) -> None:
    """Draw one square an item: filled where something is known, hollow where not."""
    ax: Any = figure.subplots()
    y = 0.0
    squares: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for name, items in groups:
        if name:
            ax.text(0, y, name, fontweight="bold", va="center", fontsize=style.BASE_SIZE - 0.5)
            y += 1
        rows = math.ceil(len(items) / columns)
        for i, (label, known) in enumerate(items):
            x, line = i // rows / columns, y + i % rows
            squares[known].append((x + 0.008, line))
            words = style.wrapped(label, size=style.SMALL_SIZE, width=6.4 / columns)
            ink = style.INK if known else style.GREY
            ax.text(x + 0.03, line, words, va="center", fontsize=style.SMALL_SIZE, color=ink, linespacing=0.95)
        y += rows + 0.3
    for known, fill in ((True, style.SERIES_COLOURS[0]), (False, style.PAPER)):
        xs, ys = [x for x, _ in squares[known]], [y for _, y in squares[known]]
        ax.plot(xs, ys, "s", markersize=7.5, color=fill, markeredgecolor=style.GREY)
    ax.set_xlim(-0.005, 1)
    ax.set_ylim(y - 0.4, -0.6)
    ax.set_axis_off()


def filled_strip(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    label: str,
    filled: str,
    language: str = "en",
    group: str | None = None,
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return one square an item: filled where a figure was published, hollow where none was found.

    Parameters
    ----------
    data
        Answer or table, one row an item.
    title
        What is shown; not a claim about causes.
    label, filled, group
        Columns of names, of true or false, and of headings.
    language, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If there are no rows, a column is missing or the language is unknown.
    """
    frame = caption.rows_of(data, [label, filled, group])
    parts = [("", frame)] if group is None else list(frame.groupby(group, sort=False))
    groups = [
        (
            caption.label_words(name, language),
            [(caption.label_words(a, language), bool(b)) for a, b in zip(part[label], part[filled], strict=True)],
        )
        for name, part in parts
    ]
    items = [item for _, members in groups for item in members]
    columns = 3 if len(items) > 8 else 2
    lines = sum(math.ceil(len(members) / columns) + 1.3 * bool(name) for name, members in groups)
    chart = compose(
        partial(_paint_strip, groups=groups, columns=columns),
        [],
        frame,
        kind="Filled and empty squares",
        title=title,
        language=language,
        height=0.95 + 0.27 * max(lines, 2),
        sources=sources,
        notes=("Filled: at least one figure; hollow: none found.", notes),
    )
    known = [name for name, is_known in items if is_known]
    summary = Sentence(
        "{known:value} of {n:value} are filled: {names}||{known:value} of {n:value} are filled: {names}",
        {"known": len(known), "n": len(items), "names": known},
    )
    return _with_alt(chart, f"{chart.alt} {say(summary, language)}.")
