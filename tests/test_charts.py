"""Every form of figure: what it says, that its words fit and do not meet, and that its bytes do not change."""

import datetime
import math

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Annotation, Text

from reform_analysis.analysis.answer import Answer, Sentence
from reform_analysis.display import charts, style
from reform_analysis.display.chart import Chart
from reform_analysis.display.citations import Citations
from reform_analysis.display.spread import spread
from reform_analysis.display.tables import Statements

NAN = math.nan


def frame(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


RATES = frame(
    "series start end estimate low high",
    ("Government Office", "2025-07-01", "2025-07-31", 109.5e3, 108e3, 111e3),
    ("Government Office", "2025-07-31", "2025-08-23", 134e3, 130e3, 139e3),
    ("Government Office", "2025-08-23", "2025-10-28", 121.5e3, 120e3, 123e3),
    ("Ministry of Home Affairs", "2025-07-01", "2025-08-19", 88e3, 87e3, 89e3),
)
STOCKS = frame(
    "state date estimate",
    ("Decided", "2025-07-15", 90_000),
    ("Decided", "2025-09-17", 146_000),
    ("Decided", "2025-10-14", 146_847),
    ("Paid", "2025-08-31", 63_000),
    ("Paid", "2025-10-14", 146_836),
)
PLACES = frame(
    "place scope estimate low high interval is_pooled",
    ("Lạng Sơn", "whole place", 2.50, 2.45, 2.55, "rounding", False),
    ("Thành phố Hồ Chí Minh", "whole place", 0.97, 0.95, math.inf, "rounding", False),
    ("Cần Thơ", "whole place", NAN, 0.40, 0.42, "rounding", False),
    ("Huế", "provincial centre", 1.10, 1.02, 1.18, "sampling", False),
    ("All places", "provincial centre", 1.06, 1.05, 1.07, "rounding", True),
)
TIERS = frame(
    "what tier estimate low high",
    ("Procedures in force", "commune", 0.269, 0.269, 0.269),
    ("Procedures in force", "province", 0.731, 0.731, 0.731),
    ("Dossiers in July", "commune", 0.735, 0.710, 0.761),
    ("Dossiers in July", "province", 0.265, 0.239, 0.290),
)
POSTS = frame("place short over", ("Đà Nẵng", 154, 741), ("Thành phố Hồ Chí Minh", 965, 1065), ("Hà Tĩnh", 243, NAN))
CENTRES = frame(
    "step estimate is_total",
    ("Commune-level units", 3321, True),
    ("Hà Nội", -126, False),
    ("Quảng Ninh", -54, False),
    ("Special zones without a centre", -2, False),
    ("Centres", 3139, True),
)
OFFERS = frame(
    "level supply use", ("Ministries", 0.5446, 0.40), ("Provinces", 0.40, 0.1694), ("Quảng Ninh", 0.747, NAN)
)
RANGES = frame("claim low estimate high", ("Unpaid", 32_984, 36_000, 39_746), ("Dossiers", 4.4e6, 6.5e6, 6.5e6))
STAFF = frame(
    "definition year estimate",
    ("All cadres and civil servants", 2024, 20.598),
    ("All cadres and civil servants", 2025, 41.030),
    ("Hưng Yên", 2024, 21.2),
    ("Hưng Yên", 2025, 37.6),
    ("Quota", 2025, 32.0),
)
DEADLINES = frame(
    "family task due outcome",
    ("Portal", "Sole gateway", "2025-06-27", "missed"),
    ("Benefits", "Pay all", "2025-08-31", "missed"),
    ("Benefits", "Report", "2025-08-31", "unknown"),
    ("Benefits", "Pay the rest", "2025-10-15", "kept"),
)
FLOWS = frame(
    "origin recipient estimate",
    ("Central level", "province", 549),
    ("Central level", "commune", 7),
    ("District level", "province", 18),
    ("District level", "commune", 278),
    ("District level", "abolished", 50),
)
GRADES = frame(
    "claim criterion grade",
    ("3,321 units", "evidence", "high"),
    ("3,321 units", "definition", "high"),
    ("56 %", "evidence", "not usable"),
)
UNITS = pd.DataFrame(
    {
        "place": ["Hà Nội", "Huế", "Lào Cai", "Cần Thơ", "Lai Châu"],
        "old": [526, 133, 319, 263, 106],
        "new": [126, 40, 99, 103, 38],
        "population": [8.8e6, 1.4e6, 1.8e6, 4.2e6, 0.5e6],
    }
)
LIMITS = pd.DataFrame(
    [
        (n, 0.25 - z / math.sqrt(n), 0.25 + z / math.sqrt(n), level)
        for level, z in ((0.95, 1), (0.998, 2))
        for n in (50, 600)
    ],
    columns=["n", "low", "high", "level"],
)
SCORES = frame(
    "part place date estimate",
    *[
        (p, q, d, v)
        for p in ("Transparency", "Payment")
        for q, v in (("Huế", 0.7), ("Bắc Ninh", 0.8))
        for d in ("2025-08-11", "2025-10-17")
    ],
)

FORMS = {
    "rates": lambda k: charts.steps(RATES, x="end", start="start", series="series", y_label="dossiers a day", **k),
    "stocks": lambda k: charts.steps(
        STOCKS,
        series="state",
        marks={"31 August": "2025-08-31", "10 October": "2025-10-10", "15 October": "2025-10-15"},
        **k,
    ),
    "panels": lambda k: charts.steps(STOCKS, panel="state", **k),
    "interval_dots": lambda k: charts.interval_dots(
        PLACES, label="place", by="scope", unit="ratio", reference=1.06, **k
    ),
    "caterpillar": lambda k: charts.caterpillar(
        PLACES, label="place", summary="is_pooled", unit="ratio", band=(0.5, 0.8), **k
    ),
    "range_bars": lambda k: charts.range_bars(RANGES, label="claim", relative=True, **k),
    "paired_bars": lambda k: charts.paired_bars(TIERS, label="what", series="tier", unit="share", **k),
    "mirrored_bars": lambda k: charts.mirrored_bars(
        POSTS, label="place", left="short", right="over", left_label="short", right_label="over", **k
    ),
    "waterfall": lambda k: charts.waterfall(CENTRES, label="step", **k),
    "dumbbell": lambda k: charts.dumbbell(
        OFFERS,
        label="level",
        first="supply",
        second="use",
        first_label="offered",
        second_label="used",
        unit="share",
        **k,
    ),
    "slope": lambda k: charts.slope(STAFF, label="definition", x="year", unit="ratio", **k),
    "slope_grid": lambda k: charts.slope(STAFF, label="definition", x="year", unit="ratio", panel="definition", **k),
    "timeline": lambda k: charts.timeline(DEADLINES, label="task", status="outcome", date="due", group="family", **k),
    "lollipops": lambda k: charts.lollipops(STOCKS.head(3), label="state", **k),
    "alluvial": lambda k: charts.alluvial(FLOWS, destination="recipient", **k),
    "stacked_bars": lambda k: charts.stacked_bars(FLOWS, label="origin", series="recipient", **k),
    "stacked_columns": lambda k: charts.stacked_columns(STOCKS, x="date", series="state", **k),
    "stacked_area": lambda k: charts.stacked_area(
        STOCKS.assign(date=["2025-08-01", "2025-09-01", "2025-10-01", "2025-08-01", "2025-09-01"]), series="state", **k
    ),
    "heat_table": lambda k: charts.heat_table(
        GRADES, row="claim", column="criterion", value="grade", order=["high", "low", "not usable"], **k
    ),
    "heat_numbers": lambda k: charts.heat_table(FLOWS, row="origin", column="recipient", value="estimate", **k),
    "filled_strip": lambda k: charts.filled_strip(PLACES, label="place", filled="is_pooled", **k),
    "scatter": lambda k: charts.scatter(
        UNITS, x="old", y="new", label="place", log=True, lines={"one third": (1 / 3, 1)}, **k
    ),
    "funnel": lambda k: charts.funnel(
        UNITS.assign(rate=UNITS.new / UNITS.old), x="rate", n="old", label="place", centre=0.25, limits=LIMITS, **k
    ),
    "ecdf": lambda k: charts.ecdf(TIERS.assign(w=[0, 0.01, 0.1, 0.2]), x="w", series="tier", log=True, **k),
    "ecdf_of_all": lambda k: charts.ecdf(TIERS.assign(w=[0, 0.01, 0.1, 0.2]), x="w", **k),
    "lorenz": lambda k: charts.lorenz(UNITS, population="population", y="new", **k),
    "strips": lambda k: charts.strips(
        UNITS.assign(m="Units"), measure="m", label="place", x="new", highlight="Huế", peers=["Hà Nội"], **k
    ),
    "small_multiples": lambda k: charts.small_multiples(SCORES, panel="part", series="place", **k),
}
LONG_TITLE = (
    "Dossiers of administrative procedures received and settled, as printed by each place, between two report dates"
)


def drawn(name, language="en", title="What was printed"):
    return FORMS[name]({"language": language, "title": title})


def words_of(figure):
    """Return the visible texts of a drawn figure with the boxes of their words, leaders left out."""
    renderer = figure.canvas.get_renderer()
    shown = []
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible() and (text.axes is None or text.axes.get_visible()):
            if isinstance(text, Annotation):
                text.update_positions(renderer)
            box = Text.get_window_extent(text, renderer)
            if box.width and box.height:
                shown.append((text.get_text(), box))
    return shown


def ticks_off(figure):
    """Hide tick labels that matplotlib keeps beyond the ends of an axis and never draws."""
    for ax in figure.axes:
        for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
            if not ax.axison:
                axis.set_visible(False)
            for tick in axis.get_major_ticks():
                inside = low - 1e-9 <= tick.get_loc() <= high + 1e-9
                for label in (tick.label1, tick.label2):
                    label.set_visible(label.get_visible() and inside and ax.axison)


@pytest.mark.parametrize("language", ["fr", "vi"])  # the longest words and the tallest letters
@pytest.mark.parametrize("name", FORMS)
def test_words_stay_inside_and_apart(name, language):
    figure = drawn(name, language, LONG_TITLE).figure
    figure.canvas.draw()  # a legend finds its place when it is drawn
    ticks_off(figure)
    shown = words_of(figure)
    assert len(shown) > 3
    width, height = figure.canvas.get_width_height()
    for text, box in shown:
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= -1, f"{text!r} leaves the figure"
    for i, (text, box) in enumerate(shown):
        for other, space in shown[i + 1 :]:
            across = min(box.x1, space.x1) - max(box.x0, space.x0)
            down = min(box.y1, space.y1) - max(box.y0, space.y0)
            # Boxes of text include the room of descenders; two points of it may be shared.
            assert across <= 3 or down <= 5, f"{text!r} meets {other!r}"


@pytest.mark.parametrize("name", FORMS)
def test_two_draws_give_the_same_bytes(name):
    assert drawn(name).image() == drawn(name).image()


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_vector_pictures_are_the_same_bytes_and_carry_no_date(kind):
    first, second = drawn("rates").image(kind), drawn("rates").image(kind)
    assert first == second
    assert str(datetime.date.today().year).encode() + b"-" not in first.replace(b"2025", b"")


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawn("rates").image()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("rates", "en", "Government Office, 1 July 2025 – 31 July 2025: 109,500 (108,000 to 111,000)"),
        ("rates", "fr", "1er juillet 2025 – 31 juillet 2025\u00a0: 109\u202f500 (108\u202f000 à 111\u202f000)"),
        ("rates", "vi", "109.500 (108.000 đến 111.000)"),
        ("interval_dots", "en", "Thành phố Hồ Chí Minh: 0.97 (at least 0.95)"),
        ("interval_dots", "en", "Cần Thơ: 0.40 to 0.42"),
        ("paired_bars", "en", "Dossiers in July, commune: 73.5% (71.0 to 76.1%)"),
        ("waterfall", "en", "Hà Nội: −126"),
        ("alluvial", "en", "District level → commune: 278"),
        ("slope", "en", "All cadres and civil servants, 2025: 41.0"),
        ("slope_grid", "en", "; All cadres and civil servants, 2025: 41.0"),
        ("ecdf", "en", "medians. What was printed. commune: 5%"),
        ("ecdf_of_all", "en", "all together: 5.5%"),
        ("timeline", "en", "kept: 1; missed: 2; no outcome published: 1"),
        ("heat_table", "en", "56 %, evidence: not usable"),
        ("filled_strip", "en", "1 of 5 are filled: All places"),
        ("range_bars", "en", "Dossiers: 6.5 million (4.4 to 6.5 million)"),
        ("strips", "en", "Units, Huế: 40"),
    ],
)
def test_alternative_text_says_the_numbers(name, language, expected):
    assert expected in drawn(name, language).alt


def test_alternative_text_of_many_items_gives_the_range():
    many = pd.DataFrame({"place": [f"Place {i}" for i in range(30)], "estimate": range(30)})
    alt = charts.interval_dots(many, title="Counts", label="place").alt
    assert "30 items, from 0 (Place 0) to 29 (Place 29)" in alt


def test_notebook_shows_png_with_its_alternative_text():
    chart = drawn("waterfall")
    data, metadata = chart._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == chart.alt == repr(chart)
    assert metadata["image/png"]["alt"] == chart.alt
    assert metadata["image/png"]["title"] == chart.title
    assert metadata["image/png"]["width"] == round(96 * style.WIDTH)


def test_png_is_small_and_paper_is_white(tmp_path):
    from PIL import Image

    path = tmp_path / "chart.png"
    drawn("rates").save(path)
    assert path.stat().st_size < 40_000
    with Image.open(path) as picture:
        assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_unknown_kind_of_picture_names_the_known_ones():
    with pytest.raises(ValueError, match="png, svg, pdf"):
        drawn("rates").image("gif")


def test_chart_keeps_the_table_behind_it():
    assert drawn("waterfall").data["estimate"].tolist() == [3321, -126, -54, -2, 3139]


SOURCES = pd.DataFrame({"source_id": ["a-1", "b-2"]})


def test_source_line_names_the_notes():
    cited = Citations(SOURCES)
    cited.numbers(["b-2.01"])
    chart = charts.waterfall(CENTRES.assign(observations="a-1.01 b-2.04"), title="t", label="step", sources=cited)
    assert chart.footer.endswith("Sources: notes 1, 2")


@pytest.mark.parametrize(
    ("kinds", "present", "absent"),
    [
        (["rounding"] * 5, "Bars with end caps", "Thin lines"),
        (["sampling"] * 5, "Thin lines: 90% sampling intervals", "Bars with end caps"),
        (["rounding", "sampling", "rounding", "rounding", "rounding"], "Thin lines: 90%", None),
    ],
    ids=["rounding", "sampling", "both"],
)
def test_small_print_says_which_intervals_are_drawn(kinds, present, absent):
    chart = charts.interval_dots(PLACES.assign(interval=kinds), title="t", label="place", level=0.9)
    assert present in chart.footer
    assert absent is None or absent not in chart.footer


def test_rounding_and_sampling_are_drawn_differently():
    def widths(kind):
        one = frame("place estimate low high interval", ("Huế", 2.0, 1.0, 3.0, kind))
        ax = charts.interval_dots(one, title="t", label="place").figure.axes[0]
        caps = [c for c in ax.collections if len(c.get_segments()) == 2]
        across = [c for c in ax.collections if len(c.get_segments()) == 1]
        return len(caps), [(c.get_linewidth()[0], c.get_capstyle()) for c in across]

    assert widths("rounding") == (1, [(2.2, None)])
    assert widths("sampling") == (0, [(0.9, "round")])


@pytest.mark.parametrize(
    ("second", "crossing"),
    [("2025-07-31", 0.0), ("2025-08-01", 1.0)],
    ids=["from report to report", "whole days"],
)
def test_steps_of_neighbours_rise_straight(second, crossing):
    pair = frame("start end estimate", ("2025-07-01", "2025-07-31", 5.0), (second, "2025-10-01", 7.0))
    line = charts.steps(pair, title="t", x="end", start="start").figure.axes[0].lines[0]
    days = np.asarray(line.get_xdata()) - mdates.date2num(np.datetime64("2025-07-31"))
    assert days[1] == days[2] == crossing


def test_steps_hold_their_value_and_leave_gaps_open():
    gap = frame("start end estimate", ("2025-07-01", "2025-07-31", 5.0), ("2025-09-01", "2025-10-01", 7.0))
    line = charts.steps(gap, title="t", x="end", start="start").figure.axes[0].lines[0]
    assert list(line.get_ydata()) == pytest.approx([5, 5, NAN, 7, 7], nan_ok=True)


def test_totals_without_bars_where_the_axis_is_cut():
    cut = drawn("waterfall")
    assert "The axis does not begin at zero." in cut.footer
    assert len(cut.figure.axes[0].patches) == 3
    whole = charts.waterfall(CENTRES, title="t", label="step", from_zero=True)
    assert "zero" not in whole.footer
    assert len(whole.figure.axes[0].patches) == 5


@pytest.mark.parametrize(
    "draw", [charts.steps, charts.interval_dots, charts.alluvial, charts.waterfall], ids=lambda f: f.__name__
)
def test_nothing_to_draw_is_refused(draw):
    keywords = {"title": "t"} | ({"label": "place"} if draw in (charts.interval_dots, charts.waterfall) else {})
    with pytest.raises(ValueError, match="there is nothing to draw"):
        draw(pd.DataFrame(columns=["date", "place", "estimate", "origin", "destination", "is_total"]), **keywords)


def test_rows_without_a_number_are_refused():
    with pytest.raises(ValueError, match="no row has a number"):
        charts.interval_dots(frame("place estimate", ("Huế", NAN)), title="t", label="place")


def test_an_answer_without_rows_says_why():
    answer = Answer("04.Q1", pd.DataFrame(), unknown=Sentence("not known"))
    shown = charts.steps(answer, title="t", language="fr")
    assert isinstance(shown, Statements)
    assert shown.texts == ("inconnu",)


def test_missing_column_names_the_known_ones():
    with pytest.raises(ValueError, match="column provnce must be in the table; got place, scope, estimate"):
        charts.interval_dots(PLACES, title="t", label="provnce")


@pytest.mark.parametrize("name", FORMS)
def test_unknown_language_is_refused(name):
    with pytest.raises(ValueError, match="en, fr, vi"):
        drawn(name, "de")


def test_unknown_kind_of_interval_is_refused():
    with pytest.raises(ValueError, match="interval must be one of rounding, sampling, model; got guess"):
        charts.interval_dots(PLACES.assign(interval="guess"), title="t", label="place")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: charts.alluvial(FLOWS.assign(estimate=-1), title="t", destination="recipient"),
            "must not be negative; got -1",
        ),
        (lambda: charts.waterfall(CENTRES.tail(3), title="t", label="step"), "must be a total"),
        (
            lambda: charts.scatter(UNITS.assign(new=0), title="t", x="old", y="new", label="place", log=True),
            "must be positive",
        ),
        (
            lambda: charts.heat_table(
                GRADES, title="t", row="claim", column="criterion", value="grade", order=["high"]
            ),
            "got not usable",
        ),
        (lambda: charts.stacked_area(STOCKS, title="t", series="state"), "two dates"),
    ],
    ids=["flow", "waterfall", "log", "grade", "area"],
)
def test_impossible_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("colour", [*style.SERIES_COLOURS, *style.PART_COLOURS, *style.ORDERED_COLOURS])
def test_ink_on_a_fill_can_be_read(colour):
    def luminance(code):
        channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    low, high = sorted([luminance(colour), luminance(style.text_on(colour))])
    # WCAG 2.2 asks for 4.5 : 1 of small text, 3 : 1 of large; the numbers in bars are doubled beside them.
    assert (high + 0.05) / (low + 0.05) >= 4.0


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=12),
    st.floats(0.1, 5),
)
def test_spread_labels_keep_their_distance_and_order(wanted, gap):
    room = gap * len(wanted) + 50
    placed = spread(wanted, gap, -room, room)
    ordered = placed[np.argsort(wanted, kind="stable")]
    assert np.all(np.diff(ordered) >= gap - 1e-6)
    assert placed.min() >= -room - 1e-6
    assert placed.max() <= room + 1e-6


def test_names_of_crowded_points_never_cover_each_other():
    rng = np.random.default_rng(1)
    crowd = pd.DataFrame(
        {"place": [f"Commune {i}" for i in range(30)], "x": rng.normal(50, 2, 30), "y": rng.normal(50, 2, 30)}
    )
    figure = charts.scatter(crowd, title="t", x="x", y="y", label="place").figure
    named = [(text, box) for text, box in words_of(figure) if text.startswith("Commune")]
    assert 10 < len(named) <= 30
    for i, (text, box) in enumerate(named):
        for other, space in named[i + 1 :]:
            assert not box.overlaps(space), f"{text} covers {other}"


def test_labels_that_have_room_stay_where_they_are():
    assert spread([1.0, 5.0, 9.0], 2.0, 0.0, 10.0).tolist() == [1.0, 5.0, 9.0]


def test_a_chart_is_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        drawn("waterfall").title = "other"
    assert isinstance(drawn("waterfall"), Chart)
