"""Where the panels of a figure stand: as large as their labels allow.

Matplotlib's constrained layout measures everything twice, since labels may change with the size of a panel, and that
is a third of what a figure costs. Ours do not, as the number of ticks is fixed before; only words beside points move,
so that these alone are measured again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from reform_analysis.display.canvas import canvas_of

# inches kept free on each side of a panel and of a text, beside and above
_PAD = (0.06, 0.05)
# about where panels end up
_USUAL = {"left": 0.08, "right": 0.98, "bottom": 0.12, "top": 0.88, "wspace": 0.4, "hspace": 0.4}


def lay_out(figure: Figure, *, title: Text, footer: Text | None) -> None:
    """Give each panel its place: title on top, footer below, a figure's legend on the right, panels in what is left.

    Parameters
    ----------
    figure
        Its panels come from one call of ``subplots``, each in one cell of the grid.
    title, footer
        Text over the panels and under them.

    Notes
    -----
    As in constrained layout, all panels get the same size, and a row or column of the grid has the margins that the
    widest labels in it need.
    """
    renderer = canvas_of(figure).get_renderer()
    width, height = figure.bbox.size
    beside, above = (figure.dpi * pad for pad in _PAD)
    title.set(y=1 - above / height, verticalalignment="top")
    room = Bbox.from_extents(0, 0, width, height - title.get_window_extent(renderer).height - 2 * above)
    if footer is not None:
        footer.set(y=above / height, verticalalignment="bottom")
        room.y0 = footer.get_window_extent(renderer).height + 2 * above
    for legend in figure.legends:
        room.x1 = min(room.x1, width - legend.get_window_extent(renderer).width - 2 * beside)

    figure.subplots_adjust(**_USUAL)
    panels = [(ax, cell) for ax in figure.axes if (cell := ax.get_subplotspec())]
    rows, columns = panels[0][1].get_gridspec().get_geometry()
    left, right, top, bottom = (
        np.full(columns, beside),
        np.full(columns, beside),
        np.full(rows, above),
        np.full(rows, above),
    )

    for measure in (_whole, _words):
        for ax, cell in panels:
            frame, seen = ax.get_position(original=True).transformed(figure.transFigure), measure(ax, renderer)
            column, row = cell.colspan.start, cell.rowspan.start
            left[column] = max(left[column], frame.x0 - seen.x0 + beside)
            right[column] = max(right[column], seen.x1 - frame.x1 + beside)
            top[row] = max(top[row], seen.y1 - frame.y1 + above)
            bottom[row] = max(bottom[row], frame.y0 - seen.y0 + above)
        lefts, across = _shared(left, right, room.width)
        tops, down = _shared(top, bottom, room.height)
        for ax, cell in panels:
            x0, y1 = room.x0 + lefts[cell.colspan.start], room.y1 - tops[cell.rowspan.start]
            ax.set_position((x0 / width, (y1 - down) / height, across / width, down / height))


def _whole(ax: Any, renderer: RendererAgg) -> Bbox:
    """Return what a panel takes with all around it."""
    for axis in (ax.xaxis, ax.yaxis):
        if not axis.get_label_text():
            # nothing to place; Matplotlib would measure every tick label to find out where
            axis.set_label_coords(0, 0)
    # the frame is the panel's own edge
    rest = [artist for artist in ax.get_default_bbox_extra_artists() if not isinstance(artist, Spine)]
    return ax.get_tightbbox(renderer, for_layout_only=True, bbox_extra_artists=rest)


def _words(ax: Any, renderer: RendererAgg) -> Bbox:
    """Return what a panel takes with the words beside its points."""
    return Bbox.union([ax.bbox, *(text.get_window_extent(renderer) for text in ax.texts if text.get_in_layout())])


def _shared(before: NDArray[np.float64], after: NDArray[np.float64], room: float) -> tuple[NDArray[np.float64], float]:
    """Return where equal panels in a row begin, given the margins before and after each, and how long each is."""
    length = max((room - before.sum() - after.sum()) / len(before), 1.0)
    ends = np.cumsum(before + length + after)
    return ends - after - length, length
