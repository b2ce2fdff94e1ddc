"""Our canvas draws what Matplotlib's draws, up to a part of a pixel."""

import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from reform_analysis.display import canvas

STRINGS = ["Lào Cai", "Đắk Lắk, Huế", "12,345.6 %", "two\nlines", "  ", "ﬁrst–last", "", "Trường Long"]


def drawn(kind, *, rotation=0.0, weight="normal"):
    figure = Figure(figsize=(4, 3), dpi=192)
    drawing = kind(figure)
    for row, text in enumerate(STRINGS):
        figure.text(0.1, 0.1 + 0.1 * row, text, rotation=rotation, fontsize=9 + row % 3, fontweight=weight)
    drawing.draw()
    return figure, np.asarray(drawing.buffer_rgba())[..., 0].astype(float)


@pytest.mark.parametrize(
    ("rotation", "weight", "allowed"),
    # a string starts at a whole pixel here and anywhere in a pixel there; a turned one is Matplotlib's own
    [(0.0, "normal", 1.0), (0.0, "bold", 1.0), (90.0, "normal", 0.0), (30.0, "bold", 0.0)],
)
def test_the_picture_is_matplotlibs(rotation, weight, allowed):
    _, own = drawn(canvas.Canvas, rotation=rotation, weight=weight)
    _, theirs = drawn(FigureCanvasAgg, rotation=rotation, weight=weight)
    assert (theirs < 255).sum() > 1000
    assert np.abs(own - theirs).mean() <= allowed
    # no string is missing or misplaced: rows and columns with ink are the same to a pixel
    for axis in (0, 1):
        ink, other = (np.flatnonzero((picture < 200).any(axis=axis)) for picture in (own, theirs))
        assert abs(ink[0] - other[0]) <= 1
        assert abs(ink[-1] - other[-1]) <= 1


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_sizes_of_strings_are_matplotlibs(weight):
    figures = [drawn(kind, weight=weight)[0] for kind in (canvas.Canvas, FigureCanvasAgg)]
    for own, theirs in zip(figures[0].texts, figures[1].texts, strict=True):
        np.testing.assert_allclose(own.get_window_extent().bounds, theirs.get_window_extent().bounds, atol=1e-6)


def test_a_string_is_shaped_once(monkeypatch):
    drawn(canvas.Canvas)
    monkeypatch.setattr(canvas.strings, "_function", None)
    drawn(canvas.Canvas)
    canvas.strings.clear()
    with pytest.raises(TypeError):
        drawn(canvas.Canvas)


def test_paper_stays_white_and_the_file_small():
    figure, picture = drawn(canvas.Canvas)
    stream = io.BytesIO()
    canvas.write_png(figure, stream)
    written = Image.open(stream)
    assert written.mode == "P"
    assert written.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert np.abs(np.asarray(written.convert("L"), dtype=float) - picture).max() <= 16
