"""Maps of the 34 provinces: by their boundaries, or as equal tiles where small provinces must be legible.

Both take one row a province (``province_id``, an estimate, and its bounds where known), show the bounds beside the
estimate, hatch the provinces of which nothing is published, and print the credit that the boundaries' licence asks for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from reform_analysis.analysis.answer import Quantity, Sentence
from reform_analysis.display import style
from reform_analysis.display.axes import panel_title
from reform_analysis.display.catalogue import check_language, translate
from reform_analysis.display.chart import Chart
from reform_analysis.display.language import say
from reform_analysis.display.mapkey import VALUE_COLOURS, WIDTH_COLOURS, MapKey
from reform_analysis.display.positions import COLUMNS, ROWS, TILES
from reform_analysis.display.tiles import draw_tile

__all__ = ["CREDIT", "choropleth", "tile_map"]

# asked for by the licence, hence in the licence's own words and not translated
CREDIT = (
    "Provincial boundaries: Open Development Mekong / Department of Survey and Mapping, CC BY-SA 4.0; "
    "dissolved from 63 to 34 provinces and simplified."
)

# degrees: the mainland with its coastal islands, and the archipelagos: name, box (west, south, width, height), what
# it shows (west, east, south, north); both boxes keep the proportions of the mainland
_WEST, _EAST, _SOUTH, _NORTH = 101.9, 111.5, 8.2, 23.6
_BOXES = {
    "48": ("Hoàng Sa", (109.3, 15.7, 2.1, 1.9), (110.9, 113.0, 15.6, 17.5)),
    "56": ("Trường Sa", (109.3, 8.6, 2.1, 1.35), (108.7, 117.3, 6.9, 12.4)),
}
# one degree of longitude in degrees of latitude, in the middle of the country
_ASPECT = 1 / math.cos(math.radians(16))


def choropleth(
    frame: pd.DataFrame,
    geometry: Mapping[str, Any],
    *,
    title: str | Sentence,
    value_label: str,
    value: str = "estimate",
    unit: str = "count",
    language: str = "en",
    notes: str | Sentence = "",
) -> Chart:
    """Return a map of the 34 provinces, shaded by a value; a second map shows how wide its bounds are.

    Parameters
    ----------
    frame : DataFrame
        One row a province: ``province_id`` (two-digit code), the column `value`, and ``low`` and ``high`` where
        bounds are known. A missing row or NaN means that no figure is published.
    geometry : mapping
        The boundaries as parsed GeoJSON: one feature a province, its code as ``id``.
    title, notes : str or Sentence
        Heading and small print; texts of the library are translated, others stand as they are.
    value_label : str
        Name of the value, with its unit.
    value : str
        Column that is shaded.
    unit : str
        "count", "share" (in [0, 1]), "percent" or "VND": how numbers are written.
    language : {"en", "fr", "vi"}
        The reader's.

    Returns
    -------
    Chart
        Drawn when shown; the second map is there only where some province's bounds differ.

    Raises
    ------
    ValueError
        If a column is missing, a province stands twice or is not one of the 34, the language is unknown, or the
        geometry lacks a province.

    Notes
    -----
    Width has a map of its own, not a pattern over the first: two variables in one colour are misread.
    Areas mislead, too: the eye weighs Gia Lai more than Hà Nội. :func:`tile_map` gives each province one tile.
    """
    table = _table(frame, value, language)
    shapes = {feature["id"]: feature["geometry"] for feature in geometry["features"]}
    if lacking := sorted(set(TILES) - set(shapes)):
        raise ValueError(f"geometry must hold the 34 provinces; {', '.join(lacking)} missing. Read provinces.geojson")
    widths = _widths(table, unit)
    bounded = bool((widths > 0).any())

    def paint(figure: Figure) -> None:
        panels = figure.subplots(1, 1 + bounded, squeeze=False)[0]
        _draw_map(panels[0], shapes, _value_key(table, value_label, unit, language))
        if bounded:
            panel_title(panels[0], translate("Value", language))
            panel_title(panels[1], translate("How wide its bounds are", language))
            _draw_map(panels[1], shapes, _width_key(widths, unit, language))

    islands = translate(
        "Hoàng Sa and Trường Sa, whose sovereignty is disputed between states, are drawn as the register of Việt Nam "
        "lists them, each islet as a dot.",
        language,
    )
    small = "\n".join(
        line for line in (_words(notes, language), _absent_names(table, language), islands, CREDIT) if line
    )
    height = 7.0 if bounded else 7.6
    return Chart(paint, _words(title, language), small, _alt(table, value_label, unit, language), table, height)


def tile_map(
    frame: pd.DataFrame,
    *,
    title: str | Sentence,
    value_label: str,
    value: str = "estimate",
    unit: str = "count",
    language: str = "en",
    notes: str | Sentence = "",
) -> Chart:
    """Return the 34 provinces as equal tiles in rough geographical order, each with its value and bounds.

    Parameters
    ----------
    frame : DataFrame
        As in :func:`choropleth`.
    title, value, value_label, unit, language, notes
        As in :func:`choropleth`.

    Returns
    -------
    Chart
        Drawn when shown.

    Raises
    ------
    ValueError
        As :func:`choropleth`, apart from the geometry.

    Notes
    -----
    A reader compares 34 provinces, not 331,000 km²: equal tiles let Hà Nội and Bắc Ninh be read, and leave room for
    the numbers. The order was made by hand from the centres of the boundaries, hence the same credit.
    """
    table = _table(frame, value, language)

    def paint(figure: Figure) -> None:
        ax = figure.subplots()
        key = _value_key(table, value_label, unit, language)
        for row in table.itertuples(index=False):
            draw_tile(ax, row, key)
        ax.set(xlim=(0, COLUMNS), ylim=(ROWS, 0))
        ax.axis("off")
        key.draw(ax, (0.05, 7.2, 1.9, 0.22), (0.05, 8.05))

    note = translate("One tile a province, north up: its place is rough, its size means nothing.", language)
    small = "\n".join(line for line in (_words(notes, language), note, CREDIT) if line)
    return Chart(paint, _words(title, language), small, _alt(table, value_label, unit, language), table, 8.6)


def _value_key(table: pd.DataFrame, label: str, unit: str, language: str) -> MapKey:
    """Key of the values."""
    absent = translate("no published figure", language)
    return MapKey(table["estimate"], VALUE_COLOURS, label=label, unit=unit, absent=absent, language=language)


def _width_key(widths: pd.Series, unit: str, language: str) -> MapKey:
    """Key of the widths: in percentage points where the values are shares."""
    points = unit in ("share", "percent")
    return MapKey(
        widths,
        WIDTH_COLOURS,
        label=translate("high minus low, percentage points" if points else "high minus low", language),
        unit="count" if points else unit,
        absent=translate("no finite bounds", language),
        language=language,
    )


def _draw_map(ax: Any, shapes: Mapping[str, Any], key: MapKey) -> None:
    """Draw the provinces, the two archipelagos in their boxes, and the key in the empty west."""
    line = {"edgecolor": style.GREY, "linewidth": 0.4}
    for province_id in sorted(TILES):
        rings = _rings(shapes[province_id])
        mainland = [ring for ring in rings if not _is_offshore(ring)]
        ax.add_patch(PathPatch(Path.make_compound_path(*map(Path, mainland)), **key.fill(province_id), **line))
        if province_id in _BOXES:
            name, place, (west, east, south, north) = _BOXES[province_id]
            box = ax.inset_axes(place, transform=ax.transData)
            islets = np.array([ring.mean(axis=0) for ring in rings if _is_offshore(ring)])
            box.scatter(*islets.T, s=7, facecolor=key.fill(province_id)["facecolor"], **line)
            box.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
            box.spines[:].set(visible=True, linewidth=0.4)
            box.set_title(name, fontsize=style.SMALL_SIZE, color=style.GREY, loc="center", pad=2)
    ax.set(xlim=(_WEST, _EAST), ylim=(_SOUTH, _NORTH), aspect=_ASPECT)
    ax.axis("off")
    key.draw(ax, (102.1, 14.6, 4.1, 0.32), (102.1, 13.4))


def _is_offshore(ring: np.ndarray) -> bool:
    """Whether an islet belongs to the archipelagos: far east, or south-east of Côn Đảo."""
    east, north = ring.mean(axis=0)
    return east > 110 or (east > 108 and north < 9)


def _rings(shape: Mapping[str, Any]) -> list[np.ndarray]:
    """All rings of a Polygon or MultiPolygon, holes included: they run the other way round and stay empty."""
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [np.asarray(ring, dtype=float) for polygon in polygons for ring in polygon]


def _table(frame: pd.DataFrame, value: str, language: str) -> pd.DataFrame:
    """The 34 provinces in the order of their codes with name, estimate, low and high; NaN where nothing is known."""
    check_language(language)
    for column in ("province_id", value):
        if column not in frame:
            raise ValueError(f"frame must have a column {column!r}; got {', '.join(map(str, frame.columns))}")
    ids = frame["province_id"].astype(str)
    if strangers := sorted(set(ids) - set(TILES)):
        raise ValueError(f"province_id must be one of the 34 two-digit codes; got {', '.join(strangers)}")
    if ids.duplicated().any():
        twice = ", ".join(sorted(set(ids[ids.duplicated()])))
        raise ValueError(f"frame must have one row a province; {twice} stands twice. Choose a rule or filter first")
    columns = {"estimate": value, "low": "low", "high": "high"}
    numbers = {name: frame[column if column in frame else value].astype(float) for name, column in columns.items()}
    given = pd.DataFrame(numbers).set_axis(pd.Index(ids, name="province_id"))
    table = given.reindex(pd.Index(sorted(TILES), name="province_id"))
    table.insert(0, "name", [TILES[province_id][2] for province_id in table.index])
    return table.reset_index().set_index("province_id", drop=False).rename_axis(None)


def _widths(table: pd.DataFrame, unit: str) -> pd.Series:
    """How far apart the bounds are; shares in percentage points; NaN where one side is open or nothing is known."""
    width = (table["high"] - table["low"]) * (100 if unit == "share" else 1)
    return width.where(np.isfinite(width))


def _absent_names(table: pd.DataFrame, language: str) -> str:
    """A line that names the provinces without a figure, or those with one where they are fewer."""
    known = np.isfinite(table["estimate"])
    if known.all():
        return ""
    few = known.sum() < len(table) / 2
    names = ", ".join(table.loc[known if few else ~known, "name"]) or translate("no province", language)
    text = translate("Figures published for: {names}." if few else "No published figure: {names}.", language)
    return text.replace("{names}", names)


def _words(text: str | Sentence, language: str) -> str:
    """A text in the reader's language."""
    return say(text, language) if isinstance(text, Sentence) else translate(text, language) if text else ""


def _alt(table: pd.DataFrame, label: str, unit: str, language: str) -> str:
    """What the map shows, in words."""
    known = table[np.isfinite(table["estimate"])]
    if known.empty:
        return say(Sentence("Map of Việt Nam by province: no published figure."), language)
    ends = known.loc[[known["estimate"].idxmin(), known["estimate"].idxmax()]]
    low, high = (Quantity(row.estimate, row.low, row.high, unit) for row in ends.itertuples())
    sentence = Sentence(
        "Map of Việt Nam by province, {label}: {n} of 34 provinces have a published figure, "
        "from {low} in {first} to {high} in {last}.",
        {
            "label": label,
            "n": len(known),
            "low": low,
            "first": ends["name"].iloc[0],
            "high": high,
            "last": ends["name"].iloc[1],
        },
    )
    return say(sentence, language)
