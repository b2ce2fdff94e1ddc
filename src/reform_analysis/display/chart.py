"""One figure: how it is drawn, what it says in words, and the table behind it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from reform_analysis.display import caption, style
from reform_analysis.display.canvas import write_png
from reform_analysis.display.citations import Citations
from reform_analysis.display.layout import lay_out

# Two pixels for each pixel of a page at 100 %: sharp on dense screens, 192 to the inch in print.
_DPI = 192

# An SVG beside the PNG, for a build that asks for figures as files: it sets the variable, and takes the SVG out of the
# notebook again.
VECTOR = "application/vnd.reform-analysis.figure.svg"
VECTOR_VARIABLE = "REFORM_ANALYSIS_VECTORS"

# What stays fixed so that the same figure is the same bytes everywhere.
_METADATA = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None, "Creator": None, "Producer": None}}


@dataclass(frozen=True)
class Chart:
    """A figure that is drawn when it is shown or saved.

    Parameters
    ----------
    paint
        Draws into an empty figure and returns what must be placed once the layout is known, or None.
    title
        What is shown, in the reader's language.
    footer
        Small print under the figure: what the intervals are, which source notes it rests on.
    alt
        Alternative text: what the figure shows, with its numbers.
    data
        The table behind the figure.
    height
        Inches.
    """

    paint: Callable[[Figure], Callable[[], None] | None] = field(repr=False)
    title: str
    footer: str
    alt: str
    data: pd.DataFrame = field(repr=False)
    height: float = 3.6

    @property
    def figure(self) -> Figure:
        """The drawn matplotlib figure, anew at each call."""
        with mpl.rc_context(style.RC):
            return self._drawn()

    def _drawn(self) -> Figure:
        """Draw: paint, lay out once, then place what depends on the layout."""
        figure = Figure(figsize=(style.WIDTH, self.height), dpi=_DPI)
        place = self.paint(figure)
        heading = style.wrapped(self.title, size=style.TITLE_SIZE, bold=True, width=style.WIDTH - 0.2)
        title = figure.suptitle(heading, x=0.01, ha="left", fontsize=style.TITLE_SIZE, fontweight="bold")
        footer = None
        if self.footer:
            small = "\n".join(style.wrapped(line, size=style.SMALL_SIZE) for line in self.footer.split("\n"))
            footer = figure.supxlabel(small, x=0.01, ha="left", fontsize=style.SMALL_SIZE, color=style.GREY)
        lay_out(figure, title=title, footer=footer)
        if place is not None:
            place()
        return figure

    def image(self, kind: str = "png") -> bytes:
        """Return the picture as ``png``, ``svg`` or ``pdf``; equal figures give equal bytes.

        Raises
        ------
        ValueError
            If ``kind`` is none of these.

        Notes
        -----
        Notebooks show PNG: with a palette of 256 colours it is a third of the bytes of the SVG, every export format
        takes it, and nbval leaves it to the tests of the data behind.
        """
        if kind not in ("png", *_METADATA):
            raise ValueError(f"kind must be one of png, {', '.join(_METADATA)}; got {kind!r}.")
        stream = io.BytesIO()
        with mpl.rc_context(style.RC):
            figure = self._drawn()
            if kind == "png":
                write_png(figure, stream)
            else:
                figure.savefig(stream, format=kind, metadata=_METADATA[kind])
        return stream.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture to ``path``; the ending says which kind (``.png``, ``.svg``, ``.pdf``)."""
        Path(path).write_bytes(self.image(Path(path).suffix.lstrip(".").lower()))

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        """Show the picture in a notebook, with its alternative text where nbconvert and JupyterLab look for it."""
        size = {"width": round(96 * style.WIDTH), "height": round(96 * self.height)}
        about = {"alt": self.alt, "title": self.title, **size}
        shown: dict[str, object] = {"image/png": self.image("png"), "text/plain": self.alt}
        if VECTOR_VARIABLE in os.environ:
            shown[VECTOR] = self.image("svg").decode()
        return shown, {"image/png": about}

    def __repr__(self) -> str:
        """Return the alternative text."""
        return self.alt


def compose(
    paint: Callable[[Figure], Callable[[], None] | None],
    items: Sequence[caption.Item],
    frame: pd.DataFrame,
    *,
    kind: str,
    title: str,
    language: str,
    height: float,
    sources: Citations | None = None,
    notes: Sequence[str | None] = (),
    intervals: Sequence[str] = (),
    bands: bool = False,
    level: float = 0.95,
) -> Chart:
    """Return the chart of a drawing and the words that belong around it.

    Parameters
    ----------
    paint, items
        The drawing, and what it shows, for the alternative text.
    frame
        The table behind it.
    kind, title, language, height
        What form it has and its title (in English), the reader's language, inches.
    sources, notes, intervals, bands, level
        What the small print says; empty notes are left out.
    """
    heading = caption.label_words(title, language)
    remarks = " ".join(caption.label_words(note, language) for note in notes if note)
    small = caption.footer(
        frame, language=language, sources=sources, intervals=intervals, bands=bands, level=level, notes=remarks
    )
    alt = caption.alternative_text(kind, heading, items, language)
    return Chart(paint, heading, small, alt, frame, height=height)
