"""Maps show every province, its bounds and its absence, and carry the credit that their licence asks for."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle

from reform_analysis.display import maps
from reform_analysis.display.positions import COLUMNS, ROWS, TILES

ROOT = Path(__file__).parents[1]
GEOMETRY = json.loads((ROOT / "data/raw/provinces.geojson").read_text(encoding="utf-8"))
PLACES = pd.read_csv(ROOT / "data/raw/places.csv", dtype=str).set_index("place_id")
CODES = sorted(TILES)


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"province_id": CODES, "estimate": np.linspace(0.5, 0.9, 34)} | columns)


FULL = frame()
BOUNDED = frame(low=np.linspace(0.45, 0.89, 34), high=np.linspace(0.6, 0.91, 34))
FEW = BOUNDED.iloc[[0, 5, 9]]
BOTH = pytest.mark.parametrize(
    "draw",
    [lambda table, **options: maps.choropleth(table, GEOMETRY, **options), maps.tile_map],
    ids=["choropleth", "tile_map"],
)
WORDS = {"title": "Dossiers online", "value_label": "share of dossiers", "unit": "share"}


@cache
def full_map():
    return maps.choropleth(FULL, GEOMETRY, **WORDS).figure


def texts(figure) -> str:
    """All text of a figure, its line breaks as spaces."""
    found = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return " | ".join(artist.get_text().replace("\n", " ") for artist in found)


def test_the_licence_is_there_and_asks_for_the_credit_that_maps_print():
    licence = (ROOT / "data/raw/provinces.geojson.license").read_text(encoding="utf-8")
    assert "SPDX-License-Identifier: CC-BY-SA-4.0" in licence
    assert maps.CREDIT in licence
    assert "ShareAlike 4.0 International" in (ROOT / "LICENSES/CC-BY-SA-4.0.txt").read_text(encoding="utf-8")


@BOTH
@pytest.mark.parametrize(("table", "language"), [(FULL, "en"), (BOUNDED, "fr"), (FEW, "vi")], ids=["en", "fr", "vi"])
def test_every_map_prints_its_credit(draw, table, language):
    assert maps.CREDIT in texts(draw(table, language=language, **WORDS).figure)


@BOTH
def test_equal_maps_are_equal_bytes(draw):
    assert draw(FEW, **WORDS).image() == draw(FEW.sample(frac=1, random_state=1), **WORDS).image()


@BOTH
def test_the_table_behind_has_all_provinces(draw):
    data = draw(FEW, **WORDS).data
    assert data["province_id"].tolist() == CODES
    assert data["estimate"].notna().sum() == 3
    assert (data["name"] == PLACES.loc[CODES, "name"].to_numpy()).all()


@BOTH
def test_provinces_without_a_figure_are_hatched_and_told(draw):
    figure = draw(FEW, **WORDS).figure
    drawn = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch | Rectangle)]
    assert sum(patch.get_hatch() is not None for patch in drawn) == 31
    assert "no published figure (31)" in texts(figure)


@BOTH
def test_a_full_map_has_no_hatch(draw):
    figure = draw(FULL, **WORDS).figure
    assert not any(patch.get_hatch() for patch in figure.axes[0].patches)
    assert "no published figure" not in texts(figure)


def test_choropleth_names_those_with_or_those_without_a_figure():
    assert "Figures published for: Hà Nội, Sơn La, Quảng Ninh." in texts(maps.choropleth(FEW, GEOMETRY, **WORDS).figure)
    without = maps.choropleth(FULL.iloc[1:], GEOMETRY, **WORDS)
    assert "No published figure: Hà Nội." in texts(without.figure)


def test_width_of_the_bounds_is_a_second_map():
    assert "How wide its bounds are" not in texts(full_map())
    told = texts(maps.choropleth(BOUNDED, GEOMETRY, **WORDS).figure)
    assert "How wide its bounds are" in told
    assert "high minus low, percentage points" in told
    assert "| 5 | " in told
    assert "| 10 | " in told


def test_a_side_that_is_open_has_no_width():
    figure = maps.choropleth(
        BOUNDED.assign(high=np.where(BOUNDED.index < 2, np.inf, BOUNDED["high"])), GEOMETRY, **WORDS
    )
    assert "no finite bounds (2)" in texts(figure.figure)


def test_choropleth_draws_each_province_once_with_the_archipelagos_in_boxes():
    figure = full_map()
    main = figure.axes[0]
    assert sum(isinstance(patch, PathPatch) for patch in main.patches) == 34
    west, east = main.get_xlim()
    south, north = main.get_ylim()
    for patch in main.patches:
        x, y = patch.get_path().vertices.T
        assert west < x.min() < x.max() < east
        assert south < y.min() < y.max() < north
    islets = {box.get_title(): len(box.collections[0].get_offsets()) for box in main.child_axes if box.collections}
    assert {name: islets[name] for name in ("Hoàng Sa", "Trường Sa")} == {"Hoàng Sa": 12, "Trường Sa": 41}


def test_islets_lie_inside_their_boxes():
    for box in full_map().axes[0].child_axes[:2]:
        for x, y in box.collections[0].get_offsets():
            assert box.get_xlim()[0] < x < box.get_xlim()[1]
            assert box.get_ylim()[0] < y < box.get_ylim()[1]


def test_higher_values_are_darker():
    patches = [p for p in full_map().axes[0].patches if isinstance(p, PathPatch)]
    lightness = [np.dot(patch.get_facecolor()[:3], [0.2126, 0.7152, 0.0722]) for patch in patches]
    assert (np.diff(lightness) <= 1e-9).all()
    assert lightness[0] > 2 * lightness[-1]


@pytest.mark.parametrize("number", [0.0, 1.0, 7.5])
def test_equal_values_get_the_middle_of_the_scale(number):
    figure = maps.choropleth(frame(estimate=number), GEOMETRY, title="t", value_label="v").figure
    colours = {to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches if isinstance(patch, PathPatch)}
    assert colours == {to_hex(maps.VALUE_COLOURS(0.5))}


def test_tiles_carry_name_value_and_bounds():
    told = texts(maps.tile_map(FEW, **WORDS).figure)
    assert "Hà Nội | 50% | 45 to 60%" in told
    assert all(PLACES.loc[code, "name"] in told for code in CODES)


def test_no_text_leaves_its_tile():
    figure = maps.tile_map(BOUNDED, **WORDS).figure
    ax = figure.axes[0]
    tiles = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, Rectangle)]
    for text in ax.texts:
        extent = text.get_window_extent()
        assert any(t.x0 <= extent.x0 and extent.x1 <= t.x1 and t.y0 <= extent.y0 and extent.y1 <= t.y1 for t in tiles)


@BOTH
def test_print_is_no_smaller_than_six_and_a_half_points(draw):
    artists = draw(BOUNDED, **WORDS).figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
    assert min(artist.get_fontsize() for artist in artists if artist.get_text()) >= 6.5


def centres() -> pd.DataFrame:
    """Middle of each province's largest piece, degrees."""
    rows = {}
    for feature in GEOMETRY["features"]:
        rings = [np.array(polygon[0]) for polygon in feature["geometry"]["coordinates"]]
        rows[feature["id"]] = max(rings, key=len).mean(axis=0)
    return pd.DataFrame(rows, index=["east", "north"]).T.sort_index()


def test_tiles_are_the_34_provinces_each_in_its_own_place():
    assert set(TILES) == set(PLACES.index[PLACES["level"] == "province"])
    spots = {(row, column) for row, column, _ in TILES.values()}
    assert len(spots) == 34
    assert max(row for row, _ in spots) == ROWS - 1
    assert max(column for _, column in spots) == COLUMNS - 1
    assert {code: name for code, (_, _, name) in TILES.items()} == PLACES.loc[CODES, "name"].to_dict()


def test_tiles_keep_north_up_and_east_right():
    middle = centres()
    row, column = (pd.Series({code: tile[i] for code, tile in TILES.items()}).sort_index() for i in (0, 1))
    assert row.corr(middle["north"], method="spearman") < -0.97
    # the country bends, so east and west are kept within each band of rows only
    for _, codes in row.groupby(row // 2):
        band = codes.index
        if len(band) > 2:
            assert column[band].corr(middle.loc[band, "east"], method="spearman") > 0.7


def test_alternative_text_tells_the_range():
    alt = maps.choropleth(FULL, GEOMETRY, **WORDS).alt
    assert "34 of 34 provinces" in alt
    assert "from 50% in Hà Nội to 90% in Cà Mau" in alt
    assert "no published figure" in maps.tile_map(FULL.iloc[:0], **WORDS).alt


def test_a_map_without_any_figure_still_draws():
    told = texts(maps.choropleth(FULL.iloc[:0], GEOMETRY, **WORDS).figure)
    assert "no published figure (34)" in told
    assert "Figures published for: no province." in told


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (FULL.drop(columns="province_id"), {}, "must have a column 'province_id'; got estimate"),
        (FULL, {"value": "share"}, "must have a column 'share'; got province_id, estimate"),
        (pd.concat([FULL, FULL.iloc[[3]]]), {}, "one row a province; 11 stands twice"),
        (FULL.assign(province_id=["old-01", *CODES[1:]]), {}, "one of the 34 two-digit codes; got old-01"),
        (FULL, {"language": "de"}, "language must be one of en, fr, vi; got 'de'"),
    ],
    ids=["no id", "no value", "twice", "unknown", "language"],
)
@BOTH
def test_faulty_tables_are_refused(draw, table, options, message):
    with pytest.raises(ValueError, match=message):
        draw(table, **WORDS, **options)


def test_geometry_must_be_whole():
    half = {"features": GEOMETRY["features"][1:]}
    with pytest.raises(ValueError, match="geometry must hold the 34 provinces; 01 missing"):
        maps.choropleth(FULL, half, **WORDS)
