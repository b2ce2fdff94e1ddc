"""What a colour means on a map of provinces, and the key that tells it."""

from __future__ import annotations

import math
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import Colormap, ListedColormap, Normalize, to_hex
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from reform_analysis.display import style
from reform_analysis.display.axes import axis_label, tick_words

# ColorBrewer, sequential and safe for colour-blind readers; the palest steps are cut, because paper is white.
# 24 steps: more than an eye tells apart, few enough for a picture with a palette to keep each as it is
VALUE_COLOURS = ListedColormap(mpl.colormaps["YlGnBu"](np.linspace(0.1, 1, 24)))
WIDTH_COLOURS = ListedColormap(mpl.colormaps["Oranges"](np.linspace(0.1, 1, 24)))

_HATCH = "////"


class MapKey:
    """The scale of one map: colours of the values, a hatch where there is none.

    Parameters
    ----------
    values
        Values by province; NaN where none is known.
    colours
        Pale for low, dark for high.
    label, unit, absent
        Name and unit of the values; what the hatch means.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    """

    def __init__(
        self, values: pd.Series, colours: Colormap, *, label: str, unit: str, absent: str, language: str
    ) -> None:
        """Fit the scale to the values."""
        self.values, self.colours, self.label, self.unit = values, colours, label, unit
        self.absent, self.language = absent, language
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        # a single value gets the middle of the scale, not its end
        slack = 0.0 if high > low else max(abs(high) / 10, 0.5)
        self.ends = (low - slack, high + slack)
        self.norm = Normalize(*self.ends)

    def fill(self, province_id: str) -> dict[str, Any]:
        """Return face and hatch of a province, as patches take them."""
        value = self.values[province_id]
        if math.isfinite(value):
            return {"facecolor": to_hex(self.colours(self.norm(value)))}
        return {"facecolor": style.PAPER, "hatch": _HATCH}

    def draw(self, ax: Any, bar: tuple[float, float, float, float], patch: tuple[float, float]) -> None:
        """Draw the colour bar into a box and the hatched patch at a corner, both in data units of ``ax``."""
        known = np.isfinite(self.values)
        if known.any():
            self._draw_bar(ax, bar)
        if not known.all():
            box = Rectangle((0, 0), 1, 1, edgecolor=style.GREY, facecolor=style.PAPER, hatch=_HATCH, linewidth=0.4)
            words = style.wrapped(f"{self.absent} ({(~known).sum()})", size=style.SMALL_SIZE, width=1.6)
            at = {"loc": "upper left", "bbox_to_anchor": patch, "bbox_transform": ax.transData}
            ax.legend([box], [words], fontsize=style.SMALL_SIZE, frameon=False, borderpad=0, borderaxespad=0, **at)

    def _draw_bar(self, ax: Any, place: tuple[float, float, float, float]) -> None:
        """Draw the colour bar with round ticks, its name above."""
        low, high = self.ends
        inset = ax.inset_axes(place, transform=ax.transData)
        bar = ax.figure.colorbar(mpl.cm.ScalarMappable(self.norm, self.colours), cax=inset, orientation="horizontal")
        ticks = [t for t in MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= t <= high]
        largest = max(abs(low), abs(high))
        bar.set_ticks(ticks, labels=tick_words(ticks, self.unit, largest, self.language))
        bar.outline.set_linewidth(0.4)
        inset.tick_params(labelsize=style.SMALL_SIZE, length=2)
        name = style.wrapped(
            axis_label(self.label, largest, self.unit, self.language), size=style.SMALL_SIZE, width=1.8
        )
        inset.set_title(name, loc="left", fontsize=style.SMALL_SIZE)
