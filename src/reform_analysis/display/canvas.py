"""The canvas figures are drawn on: Agg, with each string shaped and rendered once.

Matplotlib looks up the font and shapes a string each time an artist asks for its size (five times for a tick label,
while the layout is found), then renders it glyph by glyph: half of what a figure costs. Here a string is measured and
rendered together, once for each font and resolution.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags
from numpy.typing import NDArray
from PIL import Image

from reform_analysis.display.memo import Memo

_WHITE = 0xFFFFFFFF  # red, green, blue and alpha in one number


@dataclass(frozen=True)
class _String:
    """A rendered string: its size and descent, its picture, and where that stands from the origin, in pixels."""

    width: float
    height: float
    descent: float
    picture: NDArray[np.uint8]
    left: float
    top: float


class _Renderer(RendererAgg):
    """Agg's renderer, whose level strings are rendered once."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Return the size of a string, in pixels."""
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        string = self._string(s, prop)
        return string.width, string.height, string.descent

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: FontProperties, angle: float, *more: Any, **named: Any
    ) -> None:
        """Draw a string; one that is turned, or has mathematics, is left to Matplotlib."""
        if angle or more or named.get("ismath"):
            super().draw_text(gc, x, y, s, prop, angle, *more, **named)
            return
        string = self._string(s, prop)
        left, top = round(x + string.left), round(y + string.top + string.descent) + 1
        self._renderer.draw_text_image(string.picture, left, top, 0, gc)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        """Return ascent, descent and gap of lines; without this Matplotlib 3.11 reads them from the file each time."""
        return _line(_file_of(prop), prop.get_size_in_points(), self.dpi)

    def _string(self, text: str, prop: FontProperties) -> _String:
        """Return a string as rendered now or before."""
        return strings[_Asked(text, _file_of(prop), prop.get_size_in_points(), self.dpi)]


class Canvas(FigureCanvasAgg):
    """A figure's canvas, which measures and draws with `_Renderer`."""

    def get_renderer(self) -> RendererAgg:
        """Return the renderer for the figure's present size, as Matplotlib keeps it."""
        size = (*self.figure.bbox.size, self.figure.dpi)
        if getattr(self, "_size", None) != size:
            self.renderer, self._size = _Renderer(*size), size
        return self.renderer


def canvas_of(figure: Figure) -> Canvas:
    """Return a figure's canvas, of this kind."""
    return figure.canvas if isinstance(figure.canvas, Canvas) else Canvas(figure)


def write_png(figure: Figure, stream: io.BytesIO) -> None:
    """Draw a figure and write it with a palette: ``savefig`` would draw it twice and keep three bytes a pixel.

    Nine tenths of a figure are white paper: only the rest is given to the search for colours.
    """
    canvas = canvas_of(figure)
    canvas.draw()
    pixels = np.asarray(canvas.get_renderer().buffer_rgba()).view(np.uint32)[..., 0]
    inked = np.flatnonzero(pixels.ravel() != _WHITE)
    strip = Image.frombytes("RGB", (len(inked), 1), pixels.ravel()[inked].tobytes(), "raw", "RGBX")
    found = strip.quantize(255, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    places = np.zeros(pixels.size, dtype=np.uint8)
    places[inked] = np.frombuffer(found.tobytes(), dtype=np.uint8) + np.uint8(1)
    picture = Image.fromarray(places.reshape(pixels.shape), "P")
    picture.putpalette([255, 255, 255, *(found.getpalette() or [])][:768])
    picture.save(stream, "png", compress_level=6)


class _Asked(NamedTuple):
    """All that the picture of a string depends on."""

    text: str
    file: str
    size: float
    dpi: float


@functools.lru_cache(maxsize=256)
def _file(family: tuple[str, ...], style: Any, variant: Any, weight: Any, stretch: Any) -> str:
    """Return the file of a font; FontProperties can change, and so cannot be asked with."""
    prop = FontProperties(family=list(family), style=style, variant=variant, weight=weight, stretch=stretch)
    return str(findfont(prop))


def _file_of(prop: FontProperties) -> str:
    """Return the file of the font that has these properties."""
    family = tuple(prop.get_family())
    return _file(family, prop.get_style(), prop.get_variant(), prop.get_weight(), prop.get_stretch())


@functools.lru_cache(maxsize=64)
def _opened(file: str, size: float, dpi: float) -> FT2Font:
    """Return a font at its size, read from memory.

    Matplotlib's own would read its file while it draws, from a place in it that processes forked later share with this
    one, and so must be opened again in each.
    """
    opened = FT2Font(io.BytesIO(Path(file).read_bytes()))
    opened.set_size(size, dpi)
    return opened


@functools.lru_cache(maxsize=64)
def _line(file: str, size: float, dpi: float) -> tuple[float, float, float]:
    """Return ascent, descent and line gap of a font, in pixels, from its table OS/2."""
    opened = _opened(file, size, dpi)
    table: Any = opened.get_sfnt_table("OS/2")
    pixel = size * dpi / 72 / opened.units_per_EM
    return table["sTypoAscender"] * pixel, -table["sTypoDescender"] * pixel, table["sTypoLineGap"] * pixel


def _render(asked: _Asked) -> _String:
    """Shape and render a string; FreeType counts in 64ths of a pixel."""
    text, file, size, dpi = asked
    opened = _opened(file, size, dpi)
    opened.set_text(text, 0.0, flags=LoadFlags.DEFAULT)
    width, height = opened.get_width_height()
    descent = opened.get_descent()
    opened.draw_glyphs_to_bitmap(antialiased=True)
    left, top = opened.get_bitmap_offset()
    picture = np.array(opened.get_image())
    return _String(width / 64, height / 64, descent / 64, picture, left / 64, top / 64)


# a large report has about a thousand
strings: Memo[_Asked, _String] = Memo(_render, size=8192)
