"""The canvas figures are drawn on: Agg, with each string shaped and rendered once.

Matplotlib looks up the font and shapes a string each time an artist asks for its size (five times for a tick label,
while the layout is found), then renders it glyph by glyph: half of what a figure costs. Here a string is measured and
rendered together, once for each font and resolution.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg, get_hinting_flag
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from numpy.typing import NDArray
from PIL import Image

_WHITE = 0xFFFFFFFF  # red, green, blue and alpha in one number
# strings kept; a large report has about a thousand
_STRINGS = 8192


class _Font(NamedTuple):
    """What tells one font from another; FontProperties can change, and so cannot be a key."""

    family: tuple[str, ...]
    style: Literal["normal", "italic", "oblique"]
    variant: Literal["normal", "small-caps"]
    weight: str | int
    stretch: str | int
    size: float
    dpi: float


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
        string = _string(s, _font(prop, self.dpi))
        return string.width, string.height, string.descent

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: FontProperties, angle: float, *more: Any, **named: Any
    ) -> None:
        """Draw a string; one that is turned, or has mathematics, is left to Matplotlib."""
        if angle or more or named.get("ismath"):
            super().draw_text(gc, x, y, s, prop, angle, *more, **named)
            return
        string = _string(s, _font(prop, self.dpi))
        left, top = round(x + string.left), round(y + string.top + string.descent) + 1
        self._renderer.draw_text_image(string.picture, left, top, 0, gc)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        """Return ascent, descent and gap of lines; without this Matplotlib 3.11 reads them from the file each time."""
        return _line(_font(prop, self.dpi))


class Canvas(FigureCanvasAgg):
    """A figure's canvas, which measures and draws with `_Renderer`."""

    def get_renderer(self) -> RendererAgg:
        """Return the renderer for the figure's present size, as Matplotlib keeps it."""
        size = (*self.figure.bbox.size, self.figure.dpi)
        if getattr(self, "_size", None) != size:
            self.renderer, self._size = _Renderer(*size), size
        return self.renderer


def write_png(figure: Figure, stream: io.BytesIO) -> None:
    """Draw a figure and write it with a palette: ``savefig`` would draw it twice and keep three bytes a pixel.

    Nine tenths of a figure are white paper: only the rest is given to the search for colours.
    """
    canvas = Canvas(figure)
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


def _font(prop: FontProperties, dpi: float) -> _Font:
    """Return the key of a font."""
    return _Font(
        tuple(prop.get_family()),
        prop.get_style(),
        prop.get_variant(),
        prop.get_weight(),
        prop.get_stretch(),
        prop.get_size_in_points(),
        dpi,
    )


@functools.lru_cache(maxsize=256)
def _file(font: _Font) -> str:
    """Return the file of a font."""
    family, style, variant, weight, stretch, size, _ = font
    prop = FontProperties(family=list(family), style=style, variant=variant, weight=weight, stretch=stretch, size=size)
    return str(findfont(prop))


def _opened(font: _Font) -> Any:
    """Return a font at its size."""
    opened = get_font(_file(font))
    opened.set_size(font.size, font.dpi)
    return opened


@functools.lru_cache(maxsize=256)
def _line(font: _Font) -> tuple[float, float, float]:
    """Return ascent, descent and line gap of a font, in pixels, from its table OS/2."""
    opened = _opened(font)
    table = opened.get_sfnt_table("OS/2")
    pixel = font.size * font.dpi / 72 / opened.units_per_EM
    return table["sTypoAscender"] * pixel, -table["sTypoDescender"] * pixel, table["sTypoLineGap"] * pixel


@functools.lru_cache(maxsize=_STRINGS)
def _string(text: str, font: _Font) -> _String:
    """Shape and render a string; FreeType counts in 64ths of a pixel."""
    opened = _opened(font)
    opened.set_text(text, 0.0, flags=get_hinting_flag())
    width, height = opened.get_width_height()
    descent = opened.get_descent()
    opened.draw_glyphs_to_bitmap(antialiased=True)
    left, top = opened.get_bitmap_offset()
    picture = np.array(opened.get_image())
    return _String(width / 64, height / 64, descent / 64, picture, left / 64, top / 64)
