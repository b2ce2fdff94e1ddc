"""Words on a drawing: names of fills and marks, numbers at ends, labels that do not run into each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, ScaledTranslation

from reform_analysis.display import style
from reform_analysis.display.canvas import canvas_of
from reform_analysis.display.spread import spread

# Where a label may stand beside its point, best first: offset in points, and which corner of the text lies there.
_PLACES: tuple[tuple[int, int, Any, Any], ...] = (
    (5, 0, "left", "center"),
    (-5, 0, "right", "center"),
    (0, 5, "center", "bottom"),
    (0, -5, "center", "top"),
    (4, 4, "left", "bottom"),
    (-4, 4, "right", "bottom"),
    (4, -4, "left", "top"),
    (-4, -4, "right", "top"),
    (14, 12, "left", "bottom"),
    (-14, 12, "right", "bottom"),
    (14, -12, "left", "top"),
    (-14, -12, "right", "top"),
)


def key_columns(names: Sequence[str], letters: int = 84) -> int:
    """Return into how many columns a key of ``names`` fits; it is filled column by column."""
    for columns in range(len(names), 1, -1):
        rows = -(-len(names) // columns)
        widest = [max(map(len, names[i : i + rows])) + 5 for i in range(0, len(names), rows)]
        if sum(widest) <= letters:
            return columns
    return 1


def key(ax: Any, names: Sequence[str], colours: Sequence[str]) -> None:
    """Name fills above the plot, in the order of the bars."""
    handles = [
        Patch(facecolor=colour, edgecolor=style.GREY, linewidth=0.4, label=name)
        for name, colour in zip(names, colours, strict=True)
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=key_columns(names),
        frameon=False,
        fontsize=style.BASE_SIZE - 0.5,
        handlelength=1.1,
        handleheight=1.0,
        columnspacing=1.4,
        borderaxespad=0.1,
    )


def key_marks(ax: Any, names: Sequence[str], colours: Sequence[tuple[str, str]]) -> None:
    """Name round marks above the plot; colours are (fill, edge)."""
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=6.5,
            color=fill,
            markeredgecolor=edge,
            markeredgewidth=1.6,
            label=name,
        )
        for name, (fill, edge) in zip(names, colours, strict=True)
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=key_columns(names),
        frameon=False,
        fontsize=style.BASE_SIZE - 0.5,
        handletextpad=0.3,
        columnspacing=1.4,
        borderaxespad=0.1,
    )


def write_value(ax: Any, x: float, y: float, text: str, *, left: bool = False, colour: str = style.INK) -> None:
    """Write a number beside the end of a bar."""
    beside = ax.transData + ScaledTranslation((-4 if left else 4) / 72, 0, ax.figure.dpi_scale_trans)
    looks = {"ha": "right" if left else "left", "va": "center", "fontsize": style.SMALL_SIZE + 0.5, "color": colour}
    ax.text(x, y, text, transform=beside, **looks)


def label_lines(labels: Sequence[str], width: float = 2.2) -> int:
    """Return how many lines of text the labels of an axis take."""
    return sum(style.wrapped(text, size=style.BASE_SIZE - 0.5, width=width).count("\n") + 1 for text in labels)


def move_apart(ax: Any, texts: Sequence[tuple[float, Any]], offset: float) -> None:
    """Spread texts that stand beside an axis, each at its ``y``, ``offset`` points away; call it after the layout."""
    if not texts:
        return
    points = 72 / ax.figure.dpi
    wanted = [ax.transData.transform((0, y))[1] * points for y, _ in texts]
    lines = max(text.get_text().count("\n") + 1 for _, text in texts)
    box = ax.get_window_extent()
    placed = spread(wanted, 13.0 * lines, box.y0 * points, box.y1 * points)
    for (_, text), want, got in zip(texts, wanted, placed, strict=True):
        text.set_position((offset, got - want))


def place_labels(ax: Any, xs: Sequence[float], ys: Sequence[float], names: Sequence[str]) -> Callable[[], None]:
    """Write names beside points; return what moves each to the best free place once the layout is known.

    Names that find no free place are left out: a label that covers another says nothing.
    """
    leader = {"arrowstyle": "-", "color": style.GREY, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
    texts = [
        ax.annotate(name, (x, y), (5, 0), textcoords="offset points", fontsize=style.SMALL_SIZE, arrowprops=leader)
        for x, y, name in zip(xs, ys, names, strict=True)
    ]
    for text in texts:
        text.set_in_layout(False)

    def place() -> None:
        renderer = canvas_of(ax.figure).get_renderer()
        inside = ax.get_window_extent()
        dots = ax.transData.transform(np.column_stack([xs, ys]))
        size = 3.2 * ax.figure.dpi / 72
        taken = [Bbox.from_extents(x - size, y - size, x + size, y + size) for x, y in dots]
        for i, text in enumerate(texts):
            box = _free_box(text, inside, taken[:i] + taken[i + 1 :], renderer)
            if box is None:
                text.set_visible(False)
            else:
                taken.append(box)

    return place


def _free_box(text: Annotation, inside: Bbox, others: list[Bbox], renderer: Any) -> Bbox | None:
    """Put a name at the first place where it covers nothing; return the place, or None where there is none."""
    for dx, dy, ha, va in _PLACES:
        text.set_position((dx, dy))
        text.set_horizontalalignment(ha)
        text.set_verticalalignment(va)
        text.update_positions(renderer)
        # The text alone: the annotation's own extent takes its leader in.
        box = Text.get_window_extent(text, renderer).padded(1)
        fits = inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0 and box.y1 <= inside.y1
        if fits and not box.count_overlaps(others):
            if text.arrow_patch is not None:
                text.arrow_patch.set_visible(max(abs(dx), abs(dy)) > 6)
            return box
    return None
