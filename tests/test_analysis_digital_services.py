"""Notebook 04's answers: hand-computed cases on small frames, identities on the real data."""

import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import digital_services
from reform_analysis.analysis.digital_rest import pooled_communes
from reform_analysis.display.language import say

PROVINCES = pd.DataFrame(
    {"place_id": ["01", "46"], "name": ["Hà Nội", "Huế"], "population": [2_000_000, 1_000_000], "n_units": [126, 40]}
)

COUNTRY = {"place_id": "VN", "place_name": "Việt Nam", "geo_level": "country", "province_id": ""}
PROVINCE = {"place_id": "46", "place_name": "Huế", "geo_level": "province", "province_id": "46"}
COMMUNE = {"place_id": "19753", "place_name": "Phú Xuân", "geo_level": "commune", "province_id": "46"}


def figures(*rows):
    """Return a frame of figures since 1 July; a row is (place, indicator, value or bounds, day) and what differs."""
    made = []
    for number, (place, indicator, value, day, *more) in enumerate(rows):
        low, high = value if isinstance(value, tuple) else (value, value)
        made.append(
            {
                "observation_id": f"paper-000001.{number:02d}",
                "indicator": indicator,
                "scope": "",
                "breakdown": "",
                "low": low,
                "high": high,
                "period_start": "2025-07-01",
                "period_end": day,
                "date_precision": "day",
                "status": "current",
                "reprint_group": "",
                "reliability": "B",
                "denominator_note": "",
                "note": "",
            }
            | place
            | (more[0] if more else {})
        )
    columns = "observation_id indicator scope breakdown low high period_start period_end date_precision status"
    columns += " reprint_group reliability denominator_note note place_id place_name geo_level province_id"
    frame = pd.DataFrame(made, columns=columns.split())
    return frame.assign(
        period_start=pd.to_datetime(frame["period_start"]), period_end=pd.to_datetime(frame["period_end"])
    )


NOTHING = figures()

MINISTRY = {"scope": "home_affairs_series"}
TWO_REPORTS = figures(
    (COUNTRY, "applications_received", (3_000, 3_200), "2025-07-31"),
    (COUNTRY, "applications_received", (6_000, 6_200), "2025-08-31"),
)
BOTH_SERIES = figures(
    (COUNTRY, "applications_received", (4_000, 4_000), "2025-08-19", MINISTRY),
    (COUNTRY, "applications_received", (6_000, 6_000), "2025-08-23"),
)


def said(answer):
    return [say(sentence, "en") for sentence in answer.sentences]


@pytest.mark.parametrize(
    ("rate_base", "days", "low", "high"),
    [
        # July has 31 days, 23 of them Monday to Friday; August 31 and 21
        pytest.param("calendar", [31, 31], [3_000 / 31, 2_800 / 31], [3_200 / 31, 3_200 / 31], id="calendar"),
        pytest.param("working days", [23, 21], [3_000 / 23, 2_800 / 21], [3_200 / 23, 3_200 / 21], id="working days"),
    ],
)
def test_rates_between_reports_keep_the_rounding_of_both(rate_base, days, low, high):
    table = digital_services.volume(TWO_REPORTS, TWO_REPORTS, rate_base=rate_base).table
    assert table["days"].tolist() == days
    assert table["low"].tolist() == pytest.approx(low, rel=1e-6)
    assert table["high"].tolist() == pytest.approx(high, rel=1e-6)


def test_tier_of_provinces_is_all_less_communes():
    more = figures((COUNTRY, "applications_received", (2_000, 2_100), "2025-07-31", {"scope": "commune_tier"}))
    frame = pd.concat([TWO_REPORTS, more.assign(observation_id="paper-000001.09")], ignore_index=True)
    row = digital_services.volume(frame, frame, tier="province").table.iloc[0]
    assert [row["low"] * 31, row["high"] * 31] == pytest.approx([900, 1_200], rel=1e-6)
    assert row["observations"].split() == ["paper-000001.00", "paper-000001.09"]


def test_joining_the_series_is_shown_to_need_another_pace():
    text = " ".join(said(digital_services.volume(BOTH_SERIES, BOTH_SERIES)))
    # 2,000 dossiers in 4 days; at 4,000 in 50 days they take 25
    assert "would need 500 dossiers a day" in text
    assert "that many take 25 days, not 4" in text


def test_reprints_count_once_where_wanted():
    twice = figures(
        (COUNTRY, "applications_received", 3_100, "2025-07-31", {"reprint_group": "R001"}),
        (COUNTRY, "applications_received", 3_100, "2025-07-31", {"reprint_group": "R001"}),
    )
    pages = [
        digital_services.volume(twice, twice, one_per_reprint=once).table["pages"].tolist() for once in (True, False)
    ]
    assert pages == [[1], [2]]


def test_online_dossiers_follow_from_share_and_total():
    frame = figures(
        (COUNTRY, "applications_received", 1_000, "2025-07-10"), (COUNTRY, "online_share", (70, 75), "2025-07-10")
    )
    table = digital_services.volume(frame, frame).table.set_index("channel")
    assert table.loc["Online", ["low", "high"]].tolist() == pytest.approx([70, 75], rel=1e-6)


@pytest.mark.parametrize(
    ("second_share", "factor"),
    [pytest.param((60, 60), None, id="possible"), pytest.param((90, 90), 1, id="more than all")],
)
def test_pair_of_shares_is_checked_for_the_time_between(second_share, factor):
    communes = {"scope": "commune_tier"}
    frame = figures(
        (PROVINCE, "applications_received", 100, "2025-07-14", communes),
        (PROVINCE, "online_share", (50, 50), "2025-07-14", communes),
        (PROVINCE, "applications_received", 200, "2025-07-31", communes),
        (PROVINCE, "online_share", second_share, "2025-07-31", communes),
    )
    answer = digital_services.online_share(frame, frame, PROVINCES)
    between = next(key for key in answer.key_numbers if "between" in key.name)
    # 200 at the later share less 50, of the 100 in between
    assert between.value == pytest.approx((200 * second_share[0] / 100 - 50) / 100, abs=1e-6)
    assert any("cannot be" in text for text in said(answer)) == (factor is not None)


def test_counts_narrow_a_printed_share():
    frame = figures(
        (COUNTRY, "online_share", (82.5, 83.5), "2025-10-28"),
        (COUNTRY, "applications_received", (14.45e6, 14.55e6), "2025-10-28"),
        (COUNTRY, "applications_received_online", (12.05e6, 12.15e6), "2025-10-28"),
    )
    row = digital_services.online_share(frame, frame, PROVINCES).table.iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((12.05 / 14.55, 0.835))


def test_ministries_must_carry_what_makes_the_uses_agree():
    frame = figures(
        (COUNTRY, "fully_online_share", 40, "2025-10-31"),
        (COUNTRY, "fully_online_share", 60, "2025-10-31", {"scope": "central_tier"}),
        (COUNTRY, "fully_online_share", 20, "2025-10-31", {"scope": "local_tier"}),
    )
    answer = digital_services.supply_and_use(frame, PROVINCES)
    weight = next(key for key in answer.key_numbers if key.name == "dossiers_carried_by_ministries")
    assert (weight.low, weight.high) == pytest.approx((0.5, 0.5), abs=1e-6)


@pytest.mark.parametrize(
    ("base", "count", "share"),
    [
        pytest.param("procedures_on_portal", 1_000, 0.25, id="of all on the portal"),
        pytest.param("procedures_partly_online", 1_000, 0.2, id="beside those in part"),
    ],
)
def test_offer_is_full_over_all_online(base, count, share):
    frame = figures((PROVINCE, "procedures_fully_online", 250, "2025-07-14"), (PROVINCE, base, count, "2025-07-14"))
    row = digital_services.supply_and_use(frame, PROVINCES).table.iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((share, share))


RESOLVED = (
    (PROVINCE, "applications_resolved", 400, "2025-08-31"),
    (PROVINCE, "applications_resolved_on_time", 400, "2025-08-31"),
    (COUNTRY, "on_time_rate", (90, 90), "2025-09-15", {"scope": "online"}),
    (COUNTRY, "applications_received_online", (1_000, 1_000), "2025-09-15", MINISTRY),
)


def test_rest_must_average_what_the_nation_less_the_known_leaves():
    frame = figures(*RESOLVED)
    answer = digital_services.on_time(frame, frame, PROVINCES)
    rest = next(key for key in answer.key_numbers if key.name == "on_time_of_the_rest_online")
    # (1,000 x 0.9 - 400) / (1,000 - 400)
    assert (rest.low, rest.high) == pytest.approx((500 / 600, 500 / 600), abs=1e-6)


def test_period_after_the_national_day_is_no_part_of_the_nation():
    frame = figures(*RESOLVED)
    later = frame["geo_level"] == "province"
    frame.loc[later, "period_start"] = pd.Timestamp("2025-09-21")
    frame.loc[later, "period_end"] = pd.Timestamp("2025-10-20")
    answer = digital_services.on_time(frame, frame, PROVINCES)
    assert not [key for key in answer.key_numbers if "rest" in key.name]


def test_rate_follows_from_resolved_and_late():
    frame = figures(
        (COMMUNE, "applications_resolved", 200, "2025-08-31"), (COMMUNE, "applications_resolved_late", 3, "2025-08-31")
    )
    row = digital_services.on_time(frame, frame, PROVINCES).table.iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((197 / 200, 197 / 200))


def _communes(n):
    return pd.DataFrame(
        {
            "level": "whole commune",
            "n": 100.0,
            "n_low": 100.0,
            "n_high": 100.0,
            "good_low": [90.0 + i for i in range(n)],
            "good_high": [90.0 + i for i in range(n)],
            "observations": [f"paper-000001.{i:02d}" for i in range(n)],
        }
    )


@pytest.mark.parametrize(("n", "is_pooled"), [(4, False), (5, True)], ids=["too few", "enough"])
def test_few_communes_are_not_pooled(n, is_pooled):
    assert bool(len(pooled_communes(_communes(n), PROVINCES, 0.95))) == is_pooled


def test_pool_is_flagged_and_stands_beside_what_the_silent_leave():
    rows = pooled_communes(_communes(5), PROVINCES, 0.95).set_index("what")
    assert rows.loc["median", "flags"] == "selected"
    assert rows.loc["median", "interval"] == "sampling"
    assert rows.loc["selection", "interval"] == "rounding"
    # five of 166 communes with a mean of 0.92
    assert rows.loc["selection", "low"] == pytest.approx(5 * 0.92 / 166)
    assert rows.loc["selection", "high"] == pytest.approx((5 * 0.92 + 161) / 166)


@pytest.mark.parametrize(
    ("source", "rate"),
    [pytest.param("resolution_202", 0.1, id="with population"), pytest.param("none", None, id="without")],
)
def test_rate_per_resident_needs_a_population(source, rate):
    frame = figures((PROVINCE, "applications_received", 3_100, "2025-07-31"))
    answer = digital_services.load_by_place(frame, PROVINCES, population_source=source)
    row = answer.table.iloc[0]
    assert row["a_day"] == pytest.approx(100)
    assert row["estimate"] == pytest.approx(rate) if rate else pd.isna(row["estimate"])
    assert ("estimate" in answer.columns) == (rate is not None)


def test_undated_and_single_day_counts_stay_out_of_rates():
    frame = figures(
        (PROVINCE, "applications_received", 9, "2025-07-31", {"date_precision": "approximate", "note": "undated page"}),
        (PROVINCE, "applications_received", 9, "2025-07-14", {"scope": "one_day", "period_start": "2025-07-14"}),
    )
    assert digital_services.load_by_place(frame, PROVINCES).unknown is not None


def test_count_that_is_open_above_keeps_its_lower_bound_only():
    frame = figures(
        (PROVINCE, "applications_received", (3_100, float("inf")), "2025-07-31"),
        (COMMUNE, "applications_received", (310, float("inf")), "2025-07-31"),
    )
    answer = digital_services.load_by_place(frame, PROVINCES)
    assert answer.table["a_day_low"].tolist() == pytest.approx([100, 10])
    assert answer.table["a_day"].isna().all()
    assert not answer.key_numbers


def _part(breakdown, points, maximum):
    more = {"breakdown": breakdown, "denominator_note": f"points of {maximum}"}
    return PROVINCE, "service_quality_component", points, "2025-07-31", more


@pytest.mark.parametrize(
    ("total", "words"), [pytest.param(80, "they agree", id="adds up"), pytest.param(90, "do not agree", id="does not")]
)
def test_parts_of_the_index_are_added_up(total, words):
    frame = figures(
        _part("transparency", 18, 18),
        _part("progress", 20, 20),
        _part("online_services_and_payment", 12, 22),
        _part("satisfaction", 18, 18),
        _part("digitisation", 12, 22),
        (PROVINCE, "service_quality_index", total, "2025-07-31"),
    )
    answer = digital_services.service_index(frame, frame, PROVINCES)
    assert answer.table["estimate"].max() == 1
    assert any(words in text for text in said(answer))


def test_payments_are_quotients_of_rounded_totals():
    frame = figures(
        (COUNTRY, "online_payments_count", (3e6, 4e6), "2025-09-15"),
        (COUNTRY, "online_payments_value", (1.6e12, 1.8e12), "2025-09-15"),
        (COUNTRY, "applications_received_online", (6e6, 8e6), "2025-09-15", MINISTRY),
    )
    table = digital_services.payments(frame).table
    assert table["low"].tolist() == pytest.approx([3 / 8, 400_000])
    assert table["high"].tolist() == pytest.approx([4 / 6, 600_000])


QUESTIONS = {
    "Q1": lambda frame, place: digital_services.volume(frame, frame),
    "Q2": lambda frame, place: digital_services.online_share(frame, frame, PROVINCES, place=place),
    "Q3": lambda frame, place: digital_services.supply_and_use(frame, PROVINCES, place=place),
    "Q4": lambda frame, place: digital_services.on_time(frame, frame, PROVINCES, place=place),
    "Q5": lambda frame, place: digital_services.load_by_place(frame, PROVINCES, place=place),
    "Q6": lambda frame, place: digital_services.service_index(frame, frame, PROVINCES, place=place),
    "Q7": lambda frame, place: digital_services.payments(frame),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_printed_is_said_and_not_an_error(name):
    answer = QUESTIONS[name](NOTHING, "Việt Nam")
    assert answer.question == f"04.{name}"
    assert answer.unknown is not None
    assert answer.table.empty


@pytest.fixture(scope="module")
def real():
    return ra.load("digital_services")


@pytest.mark.parametrize("place", ["Huế", "Tuyên Quang", "Rạch Giá, An Giang"])
@pytest.mark.parametrize("name", ["Q2", "Q3", "Q4", "Q5", "Q6"])
def test_a_place_is_told_or_said_to_be_unknown(real, name, place):
    text = said(QUESTIONS[name](real, place))[-1]
    assert place.split(",")[0] in text


@pytest.mark.parametrize("name", QUESTIONS)
def test_bounds_of_the_real_data_hold_their_estimates(real, name):
    answer = QUESTIONS[name](real, "Việt Nam")
    known = answer.table[answer.table["estimate"].notna()]
    slack = 1e-9 * known["estimate"].abs()
    assert (known["low"] <= known["estimate"] + slack).all()
    assert (known["estimate"] <= known["high"] + slack).all()
    assert set(answer.observations) <= set(real["observation_id"])
    assert all(say(sentence, language) for sentence in answer.sentences for language in ("en", "fr", "vi"))
