"""How every figure looks: sizes, colours, marks and the lines of text around the drawing."""

from __future__ import annotations

import textwrap
from typing import Any

# Text is drawn at print size: a figure 7 inches wide fills the text width of an A4 page and of a report on screen.
WIDTH = 7.0
TITLE_SIZE, BASE_SIZE, SMALL_SIZE = 10.5, 9.0, 7.5

INK, GREY, PALE, PAPER = "#222222", "#666666", "#d9d9d9", "#ffffff"

# Okabe & Ito (2008), Color universal design; the order alternates dark and light so that grey print keeps them apart.
SERIES_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#E69F00")
SERIES_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SERIES_DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1.5, 1.2)),
    (0, (5, 1.5, 1.5, 1.5)),
    (0, (8, 2)),
    "-",
    (0, (3, 1)),
)

# ColorBrewer YlGnBu, reversed: lightness falls in even steps, so the order survives grey print.
ORDERED_COLOURS = ("#0c2c84", "#1d91c0", "#7fcdbb", "#d9f0a3", "#ffffd9", "#f7f7f7")
# For categories without order: steps of lightness and of hue at once.
PART_COLOURS = ("#08519c", "#E69F00", "#56B4E9", "#8c510a", "#bdbdbd", "#009E73", "#CC79A7", "#f0e442")

RC: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": BASE_SIZE,
    "text.color": INK,
    "text.hinting": "default",
    "text.usetex": False,
    "text.parse_math": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": BASE_SIZE,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": BASE_SIZE,
    "axes.titlelocation": "left",
    # fixed: to place it, Matplotlib would measure every tick label of the panel three times
    "axes.titley": 1.0,
    "axes.unicode_minus": True,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "grid.color": PALE,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "reform-analysis",
    "hatch.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": BASE_SIZE - 0.5,
    "ytick.labelsize": BASE_SIZE - 0.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "xtick.major.width": 0.6,
}


def wrapped(text: str, *, size: float, bold: bool = False, width: float = WIDTH) -> str:
    """Return ``text`` in lines that fit ``width`` inches at ``size`` points."""
    # DejaVu Sans: a letter of running text is 0.58 em wide on average, 0.66 em in bold.
    letters = int(72 * width / (size * (0.66 if bold else 0.58)))
    # Only plain spaces may break: textwrap would also break at the no-break spaces inside numbers.
    lines = textwrap.wrap(
        text.replace("\u00a0", "\ue000").replace("\u202f", "\ue001"),
        width=max(letters, 8),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\ue000", "\u00a0").replace("\ue001", "\u202f")


def text_on(colour: str) -> str:
    """Return the ink that can be read on a fill: white on dark, black on light (WCAG relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return PAPER if luminance < 0.18 else INK
