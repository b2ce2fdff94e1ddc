"""Notebook 01's answers: hand-computed cases on small frames, identities on the real data."""

import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import evidence_audit
from reform_analysis.analysis.audit_rows import bodies, narrowed, once, page_clusters, publisher_classes
from reform_analysis.display.language import say

REGISTER = pd.DataFrame(
    [
        ("VN", "Việt Nam", "country", "quốc gia", ""),
        ("01", "Hà Nội", "province", "thành phố", ""),
        ("46", "Huế", "province", "thành phố", ""),
        ("00004", "Ba Đình", "commune", "phường", "01"),
        ("00008", "Ngọc Hà", "commune", "phường", "01"),
        ("19753", "Phú Xuân", "commune", "phường", "46"),
        ("19900", "A Lưới", "commune", "xã", "46"),
    ],
    columns=["place_id", "name", "level", "type", "province_id"],
)
PROVINCES = pd.DataFrame(
    {
        "place_id": ["01", "46"],
        "name": ["Hà Nội", "Huế"],
        "population": [8_000_000, 1_000_000],
        "n_communes": [75, 19],
        "n_wards": [51, 21],
        "n_special_zones": [0, 0],
        "n_units": [126, 40],
        "n_units_before": [526, 133],
    }
)
SOURCES = pd.DataFrame(
    [
        ("law-1", "LuatVietnam", "law", "A", "vi", "https://luatvietnam.vn/a"),
        ("gov-1", "Cổng TTĐT tỉnh An Giang", "government", "C", "en", "https://angiang.gov.vn/a"),
        ("labour-1", "Lao Động", "state_press", "B", "en", "https://news.laodong.vn/a"),
        ("agency-1", "VietnamPlus (TTXVN)", "state_press", "B", "en", "https://en.vietnamplus.vn/a"),
        ("agency-2", "Viet Nam News", "state_press", "B", "en", "https://vietnamnews.vn/a"),
        ("national-1", "Dân trí", "state_press", "B", "vi", "https://dantri.com.vn/a"),
        ("local-1", "Báo Đồng Nai", "state_press", "C", "vi", "https://baodongnai.com.vn/a"),
        ("mirror-1", "Vietnam.vn (Báo Lào Cai)", "other", "C", "en", "https://www.vietnam.vn/a"),
        ("page-1", "VnNow", "press", "D", "en", "https://vnnow.net/a"),
    ],
    columns=["source_id", "publisher", "kind", "reliability", "language", "url"],
)
COUNTRY = {"place_id": "VN", "place_name": "Việt Nam", "geo_level": "country", "province_id": ""}
HUE = {"place_id": "46", "place_name": "Huế", "geo_level": "province", "province_id": "46"}
HANOI = {"place_id": "01", "place_name": "Hà Nội", "geo_level": "province", "province_id": "01"}
WARD = {"place_id": "19753", "place_name": "Phú Xuân", "geo_level": "commune", "province_id": "46"}

DEFAULTS = {
    "scope": "",
    "breakdown": "",
    "topic": "digital_services",
    "kind": "cumulative",
    "qualifier": "exact",
    "denominator_note": "",
    "period_start": "2025-07-01",
    "period_end": "2025-08-31",
    "date_precision": "day",
    "status": "current",
    "reprint_group": "",
    "note": "",
    "published": None,
    "reliability": "B",
    "phase": "window",
}


def figures(*rows):
    """Return a frame of figures; a row is (page, place, indicator, value or bounds) and what differs."""
    made = []
    for number, (page, place, indicator, value, *more) in enumerate(rows):
        low, high = value if isinstance(value, tuple) else (value, value)
        made.append(
            DEFAULTS
            | {"observation_id": f"{page}.{number:02d}", "source_id": page, "family": page, "indicator": indicator}
            | {"figure": str(value), "value": (low + high) / 2, "low": low, "high": high}
            | {"hard_low": low, "hard_high": high}
            | place
            | (more[0] if more else {})
        )
    bounds = ["value", "low", "high", "hard_low", "hard_high"]
    columns = [*DEFAULTS, "observation_id", "source_id", "family", "indicator", "figure", *bounds, *COUNTRY]
    frame = pd.DataFrame(made, columns=columns)
    days = {name: pd.to_datetime(frame[name]) for name in ("period_start", "period_end", "published")}
    return frame.assign(**days).astype(dict.fromkeys(bounds, float))


NOTHING = figures()
FINANCE = {"topic": "finance", "reliability": "D"}
EVERYWHERE = figures(
    ("labour-1", COUNTRY, "applications_received", 900),
    ("labour-1", HUE, "applications_received", 500),
    ("local-1", WARD, "applications_received", 20),
    ("page-1", HANOI, "properties_surplus", 30, FINANCE),
)


def said(answer):
    return [say(sentence, "en") for sentence in answer.sentences]


def numbers(answer):
    return {number.name: number.value for number in answer.key_numbers}


@pytest.mark.parametrize(
    ("place", "topic", "kept"),
    [
        pytest.param("Việt Nam", "all", [0, 1, 2, 3], id="the country holds all"),
        pytest.param("Huế", "all", [1, 2], id="a province holds its communes"),
        pytest.param("Phú Xuân, Huế", "all", [2], id="a commune holds itself"),
        pytest.param("Việt Nam", "finance", [3], id="one topic"),
        pytest.param("Huế", "finance", [], id="nothing"),
    ],
)
def test_figures_of_a_place_and_topic(place, topic, kept):
    assert narrowed(EVERYWHERE, REGISTER, place=place, topic=topic).index.tolist() == kept


def test_copies_count_once_on_the_most_reliable_page():
    copy = {"reprint_group": "R001"}
    rows = figures(
        ("page-1", COUNTRY, "online_share", 40, copy | {"reliability": "D"}),
        ("labour-1", COUNTRY, "online_share", 40, copy),
        ("labour-1", COUNTRY, "on_time_rate", 90, copy),
        ("local-1", COUNTRY, "on_time_rate", 90),
    )
    assert once(rows, one_per_reprint=True).index.tolist() == [1, 2, 3]
    assert len(once(rows, one_per_reprint=False)) == 4


def test_publishers_have_a_class():
    assert publisher_classes(SOURCES).to_dict() == {
        "law-1": "law",
        "gov-1": "portal",
        "labour-1": "laodong",
        "agency-1": "agency",
        "agency-2": "agency",
        "national-1": "national",
        "local-1": "provincial",
        "mirror-1": "aggregator",
        "page-1": "other",
    }


@pytest.mark.parametrize(
    ("family", "place", "body"),
    [
        pytest.param("moha-2025-09-15", COUNTRY, "moha", id="a ministry's report"),
        pytest.param("ttg-144-2025-08-24", HUE, "ttg", id="a numbered dispatch"),
        pytest.param("government-press-conference-2025-07-03", COUNTRY, "government", id="a conference"),
        pytest.param("bca-2025-09-24", COUNTRY, "ministry", id="another ministry"),
        pytest.param("laodong-3fa2c1", HUE, "place", id="a page on a province"),
        pytest.param("laodong-3fa2c1", COUNTRY, "press", id="a page on the country"),
    ],
)
def test_bodies_behind_figures(family, place, body):
    assert bodies(figures(("labour-1", place, "online_share", 40, {"family": family}))).tolist() == [body]


def test_pages_of_one_report_are_joined_through_others():
    rows = figures(
        ("a", COUNTRY, "online_share", 40, {"family": "moha-2025-09-15"}),
        ("b", COUNTRY, "online_share", 40, {"family": "moha-2025-09-15", "reprint_group": "R001"}),
        ("c", COUNTRY, "online_share", 40, {"reprint_group": "R001"}),
        ("d", COUNTRY, "online_share", 41),
    )
    assert page_clusters(rows).tolist() == ["a", "a", "a", "d"]
    answer = evidence_audit.reports(rows, REGISTER)
    assert answer.table["estimate"].tolist() == [3]
    assert numbers(answer)["reports_at_most"] == 2
    # 40, 40 and 40 of one report meet 41 of the other within a week, and none agrees
    assert any("100% of these figures (4 of 4)" in text and "; 0 of them agree" in text for text in said(answer))


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        pytest.param("publisher_class", {"Lao Động": 2, "Provincial press": 1, "Other pages": 1}, id="publisher"),
        pytest.param("topic", {"Digital services": 3, "Finance": 1}, id="topic"),
        pytest.param("geo_level", {"Provinces": 2, "The country": 1, "Communes": 1}, id="level"),
        pytest.param("month", {"2025-08": 4}, id="month"),
    ],
)
def test_figures_are_counted_by_group(group_by, groups):
    answer = evidence_audit.publishers(EVERYWHERE, SOURCES, REGISTER, group_by=group_by)
    assert answer.table.groupby("group")["estimate"].sum().to_dict() == groups
    assert answer.table["share"].sum() == pytest.approx(1)
    assert numbers(answer)["pages_found"] == 3


def test_unknown_group_lists_the_known():
    with pytest.raises(ValueError, match="group_by must be one of publisher_class, topic, geo_level, month; got 'day'"):
        evidence_audit.publishers(EVERYWHERE, SOURCES, REGISTER, group_by="day")


def test_precision_is_the_half_width_over_the_figure():
    rows = figures(
        ("labour-1", COUNTRY, "applications_received", 900),
        ("labour-1", COUNTRY, "online_share", (39.5, 40.5)),
        ("labour-1", COUNTRY, "on_time_rate", (89.95, 90.05)),
        ("labour-1", COUNTRY, "applications_overdue", 0),
    )
    answer = evidence_audit.precision(rows, REGISTER, SOURCES)
    # a third exact; 0.5 of 40 is more than 1%, 0.05 of 90 is less; 0 has no relative width
    assert numbers(answer)["share_exact"] == pytest.approx(1 / 3)
    assert numbers(answer)["share_wide"] == pytest.approx(1 / 3)
    widths = evidence_audit.half_widths(rows).table["half_width"]
    assert widths.tolist() == pytest.approx([0, 0.0125, 0.05 / 90])


UNITS = {"kind": "stock", "topic": "organisation", "period_start": None}


@pytest.mark.parametrize(
    ("place", "indicator", "value", "more", "gap"),
    [
        pytest.param(HUE, "commune_units", 40, {}, 0, id="units agree"),
        pytest.param(HUE, "wards", 20, {}, 1, id="a ward is missing"),
        pytest.param(HUE, "commune_units_reduced", 93, {}, 0, id="fall of 133 to 40"),
        pytest.param(COUNTRY, "commune_units", 167, {}, 1, id="the country is the sum of 126 and 40"),
        pytest.param(HUE, "commune_units", (39, 41), {}, 0, id="bounds that hold it"),
        pytest.param(HUE, "commune_units", 45, {"scope": "planned"}, None, id="plans are not tested"),
    ],
)
def test_numbers_of_units_against_the_register(place, indicator, value, more, gap):
    rows = figures(("labour-1", place, indicator, value, UNITS | more))
    checks = evidence_audit.checks(rows, REGISTER, PROVINCES)
    assert checks["gap"].tolist() == ([] if gap is None else [gap])


BROKEN = figures(
    ("labour-1", HUE, "applications_received", 100),
    ("labour-1", HUE, "applications_received_online", 60),
    ("labour-1", HUE, "online_share", (69.5, 70.5), {"kind": "share"}),
)


def test_a_share_that_its_counts_do_not_give():
    checks = evidence_audit.checks(BROKEN, REGISTER, PROVINCES)
    assert checks["severity"].tolist() == ["hard"]
    assert checks["reliability"].tolist() == ["B"]
    answer = evidence_audit.misfits(checks, REGISTER, ra.codebook())
    [row] = answer.table.to_dict("records")
    # 60 of 100 is 60 %, printed as 70 % within a half
    assert (row["low"], row["high"]) == pytest.approx((69.5 / 60 - 1, 70.5 / 60 - 1))
    counted = evidence_audit.add_up(checks)
    assert numbers(counted)["identity_failures"] == 1
    assert counted.table.loc[counted.table["estimate"] > 0, "outcome"].tolist() == ["no rounding explains it"]


def test_tests_that_all_agree_are_said_to():
    checks = evidence_audit.checks(BROKEN.assign(low=60, high=60, value=60).iloc[1:], REGISTER, PROVINCES)
    agreeing = evidence_audit.checks(figures(("labour-1", HUE, "commune_units", 40, UNITS)), REGISTER, PROVINCES)
    assert len(checks) == 0
    assert say(evidence_audit.misfits(agreeing, REGISTER, ra.codebook()).unknown, "en").startswith("All tests agree")


def test_two_reports_that_exclude_each_other():
    rows = figures(
        ("labour-1", COUNTRY, "benefits_paid_count", 146_782, {"family": "moha-2025-10-14"}),
        ("page-1", COUNTRY, "benefits_paid_count", 145_956, {"family": "mof-2025-10-14", "reliability": "D"}),
        ("local-1", COUNTRY, "on_time_rate", 90),
    )
    answer = evidence_audit.contradictions(rows, REGISTER, ra.codebook())
    [row] = answer.table.to_dict("records")
    assert (row["first"], row["second"], row["reliability"], row["together"]) == (
        "Home Affairs",
        "Finance ministry",
        "D",
        1,
    )
    assert numbers(answer)["pairs_of_figures"] == 1
    assert "0 of the 1 stand on pages of class C or better alone." in said(answer)


def test_a_count_without_its_day_is_dated_by_a_fall():
    unpaid = {"kind": "stock", "topic": "staffing", "period_start": None, "period_end": "2025-09-30"}
    rows = figures(
        ("national-1", COUNTRY, "benefits_unpaid_count", 32_984, unpaid),
        ("national-1", COUNTRY, "benefits_unpaid_count", 6_762, unpaid | {"breakdown": "fall_since_31_august"}),
        ("law-1", COUNTRY, "benefits_unpaid_count", 39_746, unpaid | {"date_precision": "approximate"}),
    )
    answer = evidence_audit.contradictions(rows, REGISTER, ra.codebook())
    assert any("39,746 unpaid leavers" in text and "the count of 31 August" in text for text in said(answer))


def test_cells_filled_and_wards_named():
    answer = evidence_audit.coverage(EVERYWHERE, EVERYWHERE, REGISTER, PROVINCES, ra.codebook())
    # one of 22 core indicators in each of two provinces; one ward of three, none of one other commune
    assert numbers(answer)["share_of_cells_filled"] == pytest.approx(2 / 44)
    assert numbers(answer)["communes_named"] == 1
    tiles = evidence_audit.province_tiles(EVERYWHERE, PROVINCES, topic="finance").set_index("province_id")["estimate"]
    assert tiles["01"] == 1
    assert tiles.isna()["46"]


def test_a_place_shows_its_own_indicators():
    given = (EVERYWHERE, EVERYWHERE, REGISTER, PROVINCES, ra.codebook())
    answer = evidence_audit.coverage(*given, place="Huế")
    assert answer.table["is_known"].sum() == 1
    assert "1 of its 2 communes, wards and special zones is named with a figure." in said(answer)
    dark = evidence_audit.coverage(*given, place="Huế", topic="staffing")
    assert "no core indicator of Huế was published; of 0 provinces" in say(dark.unknown, "en")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: evidence_audit.publishers(NOTHING, SOURCES, REGISTER), id="publishers"),
        pytest.param(lambda: evidence_audit.precision(NOTHING, REGISTER, SOURCES), id="precision"),
        pytest.param(lambda: evidence_audit.half_widths(NOTHING), id="half_widths"),
        pytest.param(lambda: evidence_audit.add_up(evidence_audit.checks(NOTHING, REGISTER, PROVINCES)), id="add_up"),
        pytest.param(lambda: evidence_audit.contradictions(NOTHING, REGISTER, ra.codebook()), id="contradictions"),
        pytest.param(lambda: evidence_audit.reports(NOTHING, REGISTER), id="reports"),
        pytest.param(
            lambda: evidence_audit.coverage(NOTHING, NOTHING, REGISTER, PROVINCES, ra.codebook()), id="coverage"
        ),
    ],
)
def test_nothing_published_is_said(answer):
    assert answer().unknown is not None
    assert answer().table.empty


@pytest.fixture(scope="module")
def listed():
    return ra.load(min_reliability="D")


def test_every_test_of_the_published_figures_is_inside_its_bounds(listed):
    checks = evidence_audit.checks(listed, ra.places(), ra.places("province"))
    agree = checks[(checks["severity"] == "") & (checks["kind"] != "complement")]
    scale = agree["high"].abs() * 1e-6
    assert (agree["low"] <= agree["expected_high"] + scale).all()
    assert (agree["expected_low"] <= agree["high"] + scale).all()
    assert (checks.loc[checks["severity"] != "", "gap"] > 0).all()


def test_counts_of_the_published_figures_add_up(listed):
    by_class = evidence_audit.publishers(listed, ra.sources(), ra.places())
    by_topic = evidence_audit.publishers(listed, ra.sources(), ra.places(), group_by="topic")
    assert by_class.table["estimate"].sum() == by_topic.table["estimate"].sum() == numbers(by_class)["figures_found"]
    every = evidence_audit.publishers(listed, ra.sources(), ra.places(), one_per_reprint=False)
    assert numbers(every)["figures_found"] == len(listed)
