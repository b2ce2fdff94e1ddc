"""The provinces as equal tiles: what is written in each."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.patches import Rectangle

from reform_analysis.analysis.answer import Quantity
from reform_analysis.display import style
from reform_analysis.display.formats import quantity
from reform_analysis.display.mapkey import MapKey
from reform_analysis.display.positions import TILES


def draw_tile(ax: Any, row: Any, key: MapKey) -> None:
    """Draw one province's tile: name, value, and bounds where they differ."""
    down, right, _ = TILES[row.province_id]
    fill = key.fill(row.province_id)
    ax.add_patch(Rectangle((right + 0.03, down + 0.05), 0.94, 0.9, edgecolor=style.GREY, linewidth=0.4, **fill))
    known = math.isfinite(row.estimate)
    ink = style.text_on(fill["facecolor"])
    page = {} if known else {"bbox": {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1}}
    number = Quantity(row.estimate, row.low, row.high, key.unit)
    value, bounds = (quantity(number, language=key.language, part=part) for part in ("value", "bounds"))
    lines = [(row.name, style.SMALL_SIZE + 0.5, "bold")]
    if known:
        lines.append((value, style.SMALL_SIZE + 0.5, "normal"))
        lines += [(bounds, style.SMALL_SIZE - 0.5, "normal")] if bounds != value else []
    for i, (text, size, weight) in enumerate(lines):
        middle = down + 0.5 + (i - (len(lines) - 1) / 2) * 0.27
        ax.text(right + 0.5, middle, text, size=size, weight=weight, color=ink, ha="center", va="center", **page)
