"""Notebook 03: leavers, staff per commune, surplus and shortage, consolidation, identities."""

from itertools import count

import numpy as np
import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import staffing
from reform_analysis.display.language import say

NUMBERS = count(1)
NO_DEADLINES = pd.DataFrame({"directive_id": [], "due": pd.to_datetime([])})
PROVINCES = pd.DataFrame(
    {
        "place_id": ["01", "22", "42"],
        "name": ["Hà Nội", "Quảng Ninh", "Hà Tĩnh"],
        "region": ["Đồng bằng sông Hồng", "Đồng bằng sông Hồng", "Bắc Trung Bộ"],
        "n_units": [10, 5, 20],
        "n_units_before": [40, 15, 50],
        "n_special_zones": [0, 1, 0],
        "population": [400_000, 100_000, 200_000],
        "area_km2": [100.0, 200.0, 600.0],
    }
)


def figure(indicator, low, high=None, day="2025-08-01", **columns):
    """One printed figure; everything not given is the plainest."""
    row = {
        "observation_id": f"made-{next(NUMBERS):03}",
        "source_id": "made",
        "indicator": indicator,
        "scope": "",
        "breakdown": "",
        "place_id": "VN",
        "place_name": "Việt Nam",
        "geo_level": "country",
        "low": float(low),
        "high": float(low if high is None else high),
        "value": float(low),
        "period_start": pd.NaT,
        "period_end": pd.Timestamp(day),
        "date_precision": "day",
        "status": "current",
        "qualifier": "exact",
        "reprint_group": "",
        "family": "moha-report",
        "reliability": "B",
        "note": "",
    }
    return row | columns


def figures(*rows):
    return pd.DataFrame(list(rows), columns=list(figure("any", 0)))


def local(place_id="42", name="Hà Tĩnh", level="province"):
    return {"place_id": place_id, "place_name": name, "geo_level": level, "family": f"local-{place_id}"}


def said(answer, language="en"):
    return " ".join(say(sentence, language) for sentence in answer.sentences)


def rates(*rows, step="all"):
    answer = staffing.departures(figures(*rows), directives=NO_DEADLINES, pipeline_step=step)
    return (
        answer.table.set_index("step")[["low", "high"]].round(6).to_dict("split")["data"] if len(answer.table) else []
    )


@pytest.mark.parametrize(
    ("rows", "step", "expected"),
    [
        pytest.param(
            [("leave_decided", 100, 110, "2025-07-10"), ("leave_decided", 200, 220, "2025-07-20")],
            "decided",
            [[9.0, 12.0]],
            id="bounds of both reports, over ten days",
        ),
        pytest.param(
            [("leave_decided", 100, 130, "2025-07-10"), ("leave_decided", 120, 120, "2025-07-20")],
            "decided",
            [[0.0, 2.0]],
            id="a cumulative count never falls",
        ),
        pytest.param(
            [("leave_decided", 100, None, "2025-06-30"), ("leave_decided", 120, None, "2025-07-20")],
            "decided",
            [],
            id="counts before July are another population",
        ),
        pytest.param(
            [("benefits_unpaid_count", 50, 60, "2025-08-01"), ("benefits_unpaid_count", 40, 70, "2025-08-11")],
            "paid",
            [[-2.0, 2.0]],
            id="a stock may rise or fall",
        ),
    ],
)
def test_rates_between_reports(rows, step, expected):
    made = [figure(code, low, high, day) for code, low, high, day in rows]
    assert rates(*made, step=step) == expected


def test_a_printed_rise_dates_the_count_it_starts_from():
    rise = figure("leave_decided", 30, day="2025-09-17", breakdown="increase_since_5_september")
    rise["period_start"] = pd.Timestamp("2025-09-05")
    total = figure("leave_decided", 100, day="2025-09-17")
    table = staffing.departures(figures(total, rise), directives=NO_DEADLINES).table
    assert table["start"].tolist() == [pd.Timestamp("2025-09-05").date()]
    assert table[["change", "total"]].to_numpy()[0] == pytest.approx([30, 100])


def test_unpaid_is_decided_less_paid_where_one_day_has_both():
    rows = [
        figure("leave_decided", 100, 110, "2025-08-01"),
        figure("benefits_paid_count", 40, 45, "2025-08-01"),
        figure("benefits_unpaid_count", 20, day="2025-08-11"),
    ]
    answer = staffing.departures(figures(*rows), directives=NO_DEADLINES)
    assert answer.table[["change_low", "change_high"]].to_numpy().tolist() == [[35.0, 50.0]]
    assert answer.table["origin"].tolist() == ["decided less paid"]


def test_unpaid_of_the_ministry_of_finance_is_another_count():
    rows = [
        figure("benefits_unpaid_count", 50, day="2025-08-01"),
        figure("benefits_unpaid_count", 40, day="2025-08-11", family="mof-report"),
    ]
    assert staffing.departures(figures(*rows), directives=NO_DEADLINES).unknown is not None


def test_a_count_that_falls_is_left_out_and_said():
    rows = [
        figure("leave_decided", n, day=day) for n, day in ((100, "2025-08-01"), (90, "2025-08-11"), (130, "2025-08-21"))
    ]
    answer = staffing.departures(figures(*rows), directives=NO_DEADLINES)
    assert answer.table["estimate"].tolist() == pytest.approx([1.5])
    assert "11 August 2025 is lower" in said(answer)


@pytest.mark.parametrize(
    ("changed", "n"),
    [
        pytest.param({"status": "disputed"}, 1, id="disputed"),
        pytest.param({"family": "mof-report"}, 1, id="another ministry"),
        pytest.param({"date_precision": "approximate", "note": "undated, August"}, 1, id="undated"),
        pytest.param({}, 2, id="usable"),
    ],
)
def test_only_comparable_reports_make_a_rate(changed, n):
    rows = [figure("leave_left", 10, day="2025-08-01"), figure("leave_left", 20, day="2025-08-11", **changed)]
    answer = staffing.departures(figures(*rows), directives=NO_DEADLINES, pipeline_step="left")
    assert (answer.unknown is None) == (n == 2)


@pytest.mark.parametrize(
    ("middle_high", "words"),
    [pytest.param(20, "No other interval", id="apart"), pytest.param(40, "may have been as fast", id="overlapping")],
)
def test_the_fastest_interval_is_named_only_where_bounds_allow(middle_high, words):
    rows = [
        figure("leave_decided", 10, day="2025-08-01"),
        figure("leave_decided", 15, middle_high, day="2025-08-11"),
        figure("leave_decided", 60, day="2025-08-21"),
    ]
    assert words in said(staffing.departures(figures(*rows), directives=NO_DEADLINES))


def test_deadlines_are_marked_inside_the_figure_only():
    rows = [figure("leave_decided", 10, day="2025-08-01"), figure("leave_decided", 20, day="2025-09-11")]
    due = pd.DataFrame(
        {"directive_id": ["6383-bnv-tcbc.01", "195-kl-tw.01"], "due": pd.to_datetime(["2025-08-31", "2025-10-15"])}
    )
    (form,) = staffing.departures(figures(*rows), directives=due).forms
    assert list(form.options["marks"].values()) == ["2025-08-31"]


def test_cost_divides_within_one_report_only():
    rows = [
        figure("benefits_paid_value", 19e9, 21e9),
        figure("benefits_paid_count", 10, 20),
        figure("benefits_paid_count", 5, family="mof-report"),
    ]
    table = staffing.cost(figures(*rows), before=figures()).table
    assert table[["low", "high"]].to_numpy().tolist() == [[0.95, 2.1]]
    assert table["who"].tolist() == ["Ministry of Home Affairs"]


def test_cost_keeps_bases_apart():
    rows = [
        figure("benefits_paid_value", 10e9, **local()),
        figure("leave_decided", 20, **local()),
        figure("benefits_paid_value", 3e9, scope="cases_resolved", **local()),
        figure("benefits_paid_count", 6, scope="cases_resolved", **local()),
    ]
    table = staffing.cost(figures(*rows), before=figures()).table
    assert dict(zip(table["basis"], table["estimate"], strict=True)) == {
        "Money paid / people decided": 0.5,
        "Money paid / cases settled": 0.5,
    }


def commune_staff(rows, base=(), **options):
    return staffing.per_commune(figures(*rows), before=figures(), base=figures(*base), provinces=PROVINCES, **options)


def test_staff_per_commune_uses_the_communes_of_its_day():
    base = [figure("commune_staff", 1050, day="2024-12-31", reliability="D")]
    answer = commune_staff([figure("commune_staff", 700, 770)], base)
    assert answer.table[["communes", "low", "high"]].to_numpy().tolist() == [[105, 10, 10], [35, 20, 22]]
    keys = {key.name: (key.low, key.high) for key in answer.key_numbers}
    assert keys["staff_a_commune_times"] == (2.0, 2.2)
    assert "class D" in said(answer)


def test_two_counts_of_one_year_both_stand():
    base = [figure("commune_staff", n, day="2024-12-31", reliability="D") for n in (1050, 2100)]
    text = said(commune_staff([figure("commune_staff", 700)], base))
    assert "2 pages of class D, and disagree" in text
    assert "2,100 people" in text
    assert "1,050 people" in text


def test_teachers_are_counted_only_as_printed():
    rows = [figure("commune_staff", 700), figure("commune_staff_all_public", 400, **local())]
    strict, printed = (commune_staff(rows, staff_definition=d) for d in ("strict", "as printed"))
    assert len(strict.table) == 1
    assert printed.table["estimate"].tolist() == [20.0, 20.0]
    assert "teachers" in said(printed)


def test_no_rate_per_head_without_a_population():
    rows = [figure("commune_staff", 700)]
    assert "residents" in said(commune_staff(rows))
    assert "residents" not in said(commune_staff(rows, population_source="none"))


def test_match_nets_over_less_short_on_the_most_exact_page():
    rough = {**local(), "source_id": "later"}
    rows = [
        figure("staff_shortage", 100, 110, "2025-09-30", scope="commune_tier", **rough),
        figure("staff_surplus", 300, 330, "2025-09-30", scope="commune_tier", **rough),
        figure("staff_shortage", 104, day="2025-09-01", scope="commune_tier", **local()),
        figure("staff_surplus", 321, day="2025-09-01", scope="commune_tier", **local()),
    ]
    (row,) = staffing.match(figures(*rows)).table.itertuples()
    assert (row.short, row.over, row.net_low, row.net_high) == (104, 321, 217, 217)


def test_match_shows_a_printed_surplus_that_its_page_denies():
    rows = [
        figure("staff_surplus", 243, scope="commune_tier", status="disputed", **local()),
        figure("commune_staff", 2697, **local()),
        figure("staff_quota", 2554, scope="commune_tier", breakdown="assigned", **local()),
        figure("communes_by_staffing", 21, breakdown="below_quota", **local()),
    ]
    answer = staffing.match(figures(*rows))
    assert np.isnan(answer.table.loc[0, "over"])
    assert "prints 243 over its posts where its own staff less posts is 143" in said(answer)


def test_ratio_of_old_to_new_units():
    answer = staffing.consolidation(PROVINCES, place="Quảng Ninh")
    assert answer.table["estimate"].tolist() == [4.0, 3.0, 2.5]
    assert "105 units became 35: 3 old ones" in said(answer)
    assert "Quảng Ninh: 15 old units became 5" in said(answer)


def made_provinces(n=40, seed=3):
    """Provinces whose new units follow a known law of old units, population and area exactly."""
    rng = np.random.default_rng(seed)
    old, people, area = rng.uniform(100, 500, n), rng.uniform(5e5, 5e6, n), rng.uniform(2e3, 2e4, n)
    new = 0.5 * old**0.8 * people**0.1 * area**0.05
    names = [f"P{i}" for i in range(n)]
    return pd.DataFrame({"name": names, "n_units": new, "n_units_before": old, "population": people, "area_km2": area})


def test_model_recovers_a_known_law():
    answer = staffing.consolidation_model(made_provinces(), exclude_places=["P0"])
    estimates = answer.table.groupby("fit")["estimate"].apply(list)
    assert estimates["all"] == pytest.approx([0.8, 0.1, 0.05])
    assert estimates["without"] == pytest.approx([0.8, 0.1, 0.05])
    assert answer.table["n"].tolist() == [40] * 3 + [39] * 3
    assert set(answer.table["interval"]) == {"model"}


@pytest.mark.parametrize(
    "left_out", [[], ["no such place"], [f"P{i}" for i in range(30)]], ids=["none", "unknown", "most"]
)
def test_model_shows_one_fit_where_a_second_says_nothing(left_out):
    assert set(staffing.consolidation_model(made_provinces(), exclude_places=left_out).table["fit"]) == {"all"}


@pytest.mark.parametrize(
    ("source", "low", "high"),
    [pytest.param("resolution_202", 1000, 1250, id="residents"), pytest.param("none", 0.25, 0.3125, id="area")],
)
def test_norm_bounds_what_a_post_covers(source, low, high):
    norm = figure("staff_per_commune_norm", 32, 40, "2025-05-30")
    options = {"before": figures(norm), "provinces": PROVINCES, "population_source": source}
    table = staffing.flat_norm(figures(), **options).table.set_index("place")
    assert table.loc["Hà Nội", ["low", "high"]].tolist() == [low, high]


def test_identities_close_or_leave_their_remainder():
    bodies = [
        figure("communes_rural", 30),
        figure("wards", 4),
        figure("special_zones", 1),
        figure("provincial_agencies", 409),
        figure("provincial_agencies", 12, scope="mean_per_province", breakdown="uniform"),
        figure("provincial_agencies", 0, breakdown="special"),
        figure("military_commands", 33),
    ]
    staff = [figure("leave_left", 100), figure("benefits_paid_count", 90, 95), figure("benefits_unpaid_count", 6)]
    table = staffing.identities(figures(*staff), figures(*bodies), provinces=PROVINCES).table.set_index("key")
    assert table["remainder"].to_dict() == {"kinds": 0, "uniform": 1, "commands": -2, "paid": 1.5}
    assert table["result"].to_dict() == {
        "kinds": "closes",
        "uniform": "does not close",
        "commands": "fewer than one would expect",
        "paid": "closes",
    }


def test_identities_keep_to_one_report():
    bodies = [figure("communes_rural", 30), figure("wards", 4), figure("special_zones", 1, family="moha-other")]
    assert staffing.identities(figures(), figures(*bodies), provinces=PROVINCES).unknown is not None


def test_printed_share_is_a_part_of_its_base():
    staff = [
        figure("commune_staff_mismatch", 6182),
        figure("commune_staff_mismatch_share", 5.375, 5.385),
        figure("commune_staff_component", 114834, breakdown="professional_civil_servants"),
        figure("commune_staff", 136261),
    ]
    table = staffing.identities(figures(*staff), figures(), provinces=PROVINCES).table.set_index("key")
    assert table["result"].to_dict() == {"unsuited_some": "closes", "unsuited_all": "does not close"}


def test_centres_step_down_from_units():
    rows = [figure("service_centres", 18, day="2025-08-23"), figure("service_centres", 23, day="2025-10-01")]
    table = staffing.service_centres(figures(*rows), provinces=PROVINCES).table
    assert table["estimate"].tolist() == [35, -10, -5, -2, 18, 5, 23]
    assert table.loc[~table["is_total"], "estimate"].sum() == -12
    assert table["step"].iloc[5] == "As many as Quảng Ninh has units"


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda none: staffing.departures(none, directives=NO_DEADLINES), id="departures"),
        pytest.param(lambda none: staffing.cost(none, before=none), id="cost"),
        pytest.param(
            lambda none: staffing.per_commune(none, before=none, base=none, provinces=PROVINCES), id="per_commune"
        ),
        pytest.param(staffing.match, id="match"),
        pytest.param(lambda none: staffing.flat_norm(none, before=none, provinces=PROVINCES), id="flat_norm"),
        pytest.param(lambda none: staffing.identities(none, none, provinces=PROVINCES), id="identities"),
        pytest.param(lambda none: staffing.service_centres(none, provinces=PROVINCES), id="service_centres"),
    ],
)
def test_without_figures_the_answer_says_so(ask):
    answer = ask(figures())
    assert answer.unknown is not None
    assert answer.table.empty
    assert say(answer.unknown, "en").endswith(".")


def real_answers(place="Việt Nam", **asked):
    staff, bodies = (ra.load(topic, **asked) for topic in ("staffing", "organisation"))
    before = ra.load("staffing", **{**asked, "phase": "baseline"})
    provinces = ra.places(level="province")
    yield staffing.departures(staff, directives=ra.directives())
    yield staffing.cost(staff, before=before, place=place)
    yield staffing.per_commune(staff, before=before, base=before, provinces=provinces, place=place)
    yield staffing.match(staff, place=place)
    yield staffing.consolidation(provinces, place=place)
    yield staffing.consolidation_model(provinces)
    yield staffing.flat_norm(staff, before=before, provinces=provinces, place=place)
    yield staffing.identities(staff, bodies, provinces=provinces)
    yield staffing.service_centres(bodies, provinces=provinces)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({}, id="defaults"),
        pytest.param({"as_of": "2025-07-03"}, id="first day", marks=pytest.mark.slow),
        pytest.param({"as_of": "2025-08-15", "rule": "range"}, id="range in August"),
        pytest.param({"min_reliability": "A"}, id="laws only", marks=pytest.mark.slow),
        pytest.param({"phase": "all", "min_reliability": "D", "bounds": "hard"}, id="everything"),
        pytest.param({"place": "Can Lộc, Hà Tĩnh"}, id="commune"),
        pytest.param({"place": "Tuyên Quang"}, id="province without figures", marks=pytest.mark.slow),
    ],
)
def test_every_answer_of_the_data_holds_together(asked):
    known = set(ra.load(phase="all", min_reliability="D")["observation_id"])
    for answer in real_answers(**asked):
        assert (answer.unknown is None) == bool(len(answer.table))
        assert set(answer.observations) <= known
        for language in ("en", "fr", "vi"):
            assert said(answer, language) or answer.unknown
        if len(answer.table) and "low" in answer.table:
            told = answer.table[answer.table["estimate"].notna()]
            assert np.isfinite(told["estimate"]).all()
            assert (told["low"] <= told["estimate"] + 1e-9).all()
            assert (told["estimate"] <= told["high"] + 1e-9).all()
        names = [key.name for key in answer.key_numbers]
        assert len(names) == len(set(names))


def test_units_of_the_register_add_up():
    table = staffing.consolidation(ra.places(level="province")).table
    counts = staffing.identities(ra.load("staffing"), ra.load("organisation"), provinces=ra.places(level="province"))
    country = counts.table[(counts.table["key"] == "reduced") & (counts.table["place"] == "Việt Nam")].iloc[0]
    assert country["whole"] == table["new"].sum()
    assert country["result"] == "closes"


def test_a_wider_level_widens_the_intervals_of_the_model():
    provinces = ra.places(level="province")
    narrow, wide = (staffing.consolidation_model(provinces, level=level).table for level in (0.8, 0.99))
    assert (wide["high"] - wide["low"] > narrow["high"] - narrow["low"]).all()
