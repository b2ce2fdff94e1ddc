"""Where things came from and where they went."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from reform_analysis.analysis.answer import Answer, Quantity
from reform_analysis.display import caption, style
from reform_analysis.display.chart import Chart, compose
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import quantity
from reform_analysis.display.labels import move_apart

_GAP = 0.06  # between neighbouring blocks, as a share of the total
_BLOCK = 0.035  # width of a block, as a share of the axis


def _blocks(sizes: pd.Series, total: float) -> dict[object, tuple[float, float]]:
    """Return bottom and top of each block of one side, stacked from the top, centred over the height."""
    gap = _GAP * total
    height = sizes.sum() + gap * (len(sizes) - 1)
    room = total + gap * 3
    top = room - (room - height) / 2
    blocks = {}
    for name, size in sizes.items():
        blocks[name] = (top - size, top)
        top -= size + gap
    return blocks


def _ribbon(left: tuple[float, float], right: tuple[float, float], colour: str) -> PathPatch:
    """Return a band that flows from one block to another at constant width."""
    x0, x1, middle = _BLOCK, 1 - _BLOCK, 0.5
    corners = [
        (x0, left[1]),
        (middle, left[1]),
        (middle, right[1]),
        (x1, right[1]),
        (x1, right[0]),
        (middle, right[0]),
        (middle, left[0]),
        (x0, left[0]),
        (x0, left[1]),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(Path(corners, codes), facecolor=colour, edgecolor="none", alpha=0.55)


def _name_block(ax: Any, name: object, size: float, y: float, side: int, unit: str, language: str) -> Any:
    """Write a block's name and number outside it."""
    words = quantity(Quantity(size, size, size, unit), language=language)
    label = style.wrapped(caption.label_words(name, language), size=style.BASE_SIZE, width=1.5)
    place, offset = (float(side > 0), y), (6 * side, 0)
    looks = {"ha": "right" if side < 0 else "left", "va": "center", "linespacing": 1.1}
    return ax.annotate(f"{label}\n{words}", place, offset, textcoords="offset points", **looks)


def _paint(figure: Figure, flows: pd.DataFrame, unit: str, language: str) -> Any:
    """Draw blocks at both sides, ribbons between them, names and numbers outside."""
    ax: Any = figure.subplots()
    left_sizes = flows.groupby("origin", sort=False)["value"].sum()
    right_sizes = flows.groupby("destination", sort=False)["value"].sum()
    total = float(flows["value"].sum())
    left, right = _blocks(left_sizes, total), _blocks(right_sizes, total)
    colours = dict(zip(left, style.SERIES_COLOURS, strict=False))
    tops = {**{("l", k): v[1] for k, v in left.items()}, **{("r", k): v[1] for k, v in right.items()}}
    for row in flows.itertuples(index=False):
        start, end = tops["l", row.origin], tops["r", row.destination]
        ax.add_patch(_ribbon((start - row.value, start), (end - row.value, end), colours[row.origin]))
        tops["l", row.origin], tops["r", row.destination] = start - row.value, end - row.value
    texts = []
    for side, blocks, sizes in ((-1, left, left_sizes), (1, right, right_sizes)):
        for name, (low, high) in blocks.items():
            x = 0.0 if side < 0 else 1 - _BLOCK
            ax.add_patch(Rectangle((x, low), _BLOCK, high - low, facecolor=colours[name] if side < 0 else style.INK))
            text = _name_block(ax, name, float(sizes[name]), (low + high) / 2, side, unit, language)
            texts.append((side, (low + high) / 2, text))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, total * (1 + 3 * _GAP))
    ax.set_axis_off()

    def place() -> None:
        for side in (-1, 1):
            move_apart(ax, [(y, text) for where, y, text in texts if where == side], 6 * side)

    return place


def alluvial(
    data: Answer | pd.DataFrame,
    *,
    title: str,
    language: str = "en",
    origin: str = "origin",
    destination: str = "destination",
    value: str = "estimate",
    unit: str = "count",
    sources: Citations | None = None,
    notes: str | None = None,
) -> Chart:
    """Return flows from origins (left) to destinations (right), as wide as their numbers.

    Parameters
    ----------
    data
        Answer or table, one row a flow; sides keep their order of appearance.
    title
        What is shown; not a claim about causes.
    origin, destination, value
        Columns of the two ends and of the size, not negative.
    language, unit, sources, notes
        As in `intervals.interval_dots`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If nothing can be drawn, a column is missing, a flow is negative or the language is unknown.
    """
    frame = caption.drawable(caption.rows_of(data, [origin, destination, value]), [value])
    sizes = frame[value].astype(float)
    if (sizes < 0).any():
        raise ValueError(f"flows must not be negative; got {sizes.min():g}. An alluvial chart shows parts of a whole.")
    flows = pd.DataFrame({"origin": frame[origin], "destination": frame[destination], "value": sizes})
    flows = flows[np.isfinite(sizes) & (sizes > 0)]
    items = [
        caption.Item(
            f"{caption.label_words(a, language)} → {caption.label_words(b, language)}", Quantity(x, x, x, unit)
        )
        for a, b, x in flows.itertuples(index=False)
    ]
    return compose(
        partial(_paint, flows=flows, unit=unit, language=language),
        items,
        frame,
        kind="Flows",
        title=title,
        language=language,
        height=3.8,
        sources=sources,
        notes=(notes,),
    )
