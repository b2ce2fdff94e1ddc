"""Notebook 05's answers on properties, cars, accounts and money: hand-computed cases, identities on the real data."""

import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import resources
from reform_analysis.display.language import say

PROVINCES = pd.DataFrame({"n_units": [60, 40]})


def figures(*rows):
    """Return a frame of national figures; a row is (indicator, breakdown, value or (low, high), day)."""
    made = []
    for number, (indicator, breakdown, value, day) in enumerate(rows):
        low, high = value if isinstance(value, tuple) else (value, value)
        made.append(
            {
                "observation_id": f"paper-000001.{number:02d}",
                "indicator": indicator,
                "scope": "",
                "breakdown": breakdown,
                "place_id": "VN",
                "value": (low + high) / 2,
                "low": low,
                "high": high,
                "period_end": pd.Timestamp(day),
                "date_precision": "day",
                "note": "",
            }
        )
    columns = [
        "observation_id",
        "indicator",
        "scope",
        "breakdown",
        "place_id",
        "value",
        "low",
        "high",
        "period_end",
        "date_precision",
        "note",
    ]
    frame = pd.DataFrame(made, columns=columns)
    return frame.assign(period_end=pd.to_datetime(frame["period_end"]))


NOTHING = figures()


def texts(answer):
    return [say(sentence, "en") for sentence in answer.sentences]


def test_universe_is_the_sum_where_both_are_printed():
    frame = figures(
        ("properties_handled", "", 10, "2025-12-01"),
        ("properties_surplus", "", (5, 6), "2025-12-01"),
        ("properties_surplus", "", 4, "2025-12-19"),
    )
    table = resources.properties(frame).table
    universe = table[table["code"] == "universe"]
    assert universe[["estimate", "low", "high"]].to_numpy().tolist() == [[15.5, 15, 16]]


@pytest.mark.parametrize(
    ("counts", "falls"),
    [
        pytest.param([10, 12], False, id="rises"),
        pytest.param([12, 10], True, id="falls"),
        pytest.param([(10, 12), 11], False, id="may have risen"),
    ],
)
def test_a_fall_of_what_can_only_rise_is_said(counts, falls):
    rows = [("properties_handled", "", n, day) for n, day in zip(counts, ("2025-10-28", "2025-12-01"), strict=True)]
    said = texts(resources.properties(figures(*rows)))
    assert any("can only rise" in text for text in said) is falls


def test_reuse_that_falls_names_the_use():
    frame = figures(
        ("properties_handled", "", 10, "2025-12-01"),
        ("properties_reused", "education", 4, "2025-12-01"),
        ("properties_reused", "education", 3, "2025-12-19"),
    )
    assert (
        "So does the number given a new use in education: from 4 on 1 December 2025 to 3 on 19 December 2025."
        in texts(resources.properties(frame))
    )


def test_communes_with_a_car_fill_the_series_of_those_without():
    frame = figures(
        ("communes_without_vehicles", "", 30, "2025-08-20"),
        ("communes_with_vehicles", "", 90, "2025-09-09"),
        ("communes_with_vehicles", "", 91, "2025-09-10"),
    )
    table = resources.vehicles(frame, PROVINCES).table
    assert table["estimate"].tolist() == [30, 10, 9]
    assert table["coverage"].tolist() == pytest.approx([0.7, 0.9, 0.91])
    # 20 communes in 20 days; a report a day later is no rate
    assert table["rate"].tolist() == pytest.approx([float("nan"), 1.0, float("nan")], nan_ok=True)


def test_accounts_follow_from_counts_and_contradictions_show():
    frame = figures(
        ("budget_units", "with_account", 99, "2025-09-05"),
        ("budget_units", "without_account", 1, "2025-09-05"),
        ("budget_units_share", "with_account", (97.5, 98.5), "2025-09-05"),
        ("communes_accounts", "without_account", (4, 6), "2025-09-30"),
    )
    answer = resources.accounts(frame, PROVINCES)
    shares = answer.table.set_index("code")["estimate"]
    assert (shares["units_accounts"], shares["communes_accounts"]) == (0.99, 0.95)
    assert answer.table.set_index("code").loc["communes_accounts", ["low", "high"]].tolist() == [0.94, 0.96]
    said = texts(answer)
    assert any("is printed, but the printed counts give 99" in text for text in said)
    assert "There are 1 budget units a commune (100 in all)." in said


def test_a_printed_share_stands_where_there_are_no_counts():
    frame = figures(("communes_with_accounts_share", "", (99.5, 100), "2025-10-28"))
    table = resources.accounts(frame, PROVINCES).table
    assert table["estimate"].isna().all()
    assert table[["drawn_low", "drawn_high"]].to_numpy().tolist() == [[0.995, 1.0]]


@pytest.mark.parametrize(
    ("total", "word"),
    [
        pytest.param((10.2e12, 10.4e12), "they agree", id="closes"),
        pytest.param(11e12, ", not the", id="does not close"),
    ],
)
def test_stages_of_money_are_added_as_intervals(total, word):
    frame = figures(
        ("infrastructure_support", "all+proposed", (7.7e12, 7.8e12), "2025-09-12"),
        ("infrastructure_support", "phase_2", 2.6e12, "2025-11-19"),
        ("infrastructure_support", "all+cumulative", total, "2025-12-19"),
    )
    answer = resources.money(frame)
    assert any(word in text for text in texts(answer))
    assert [form.kind for form in answer.forms] == ["interval_dots", "waterfall"]


def test_overview_says_the_same_without_table():
    frame = figures(("properties_surplus", "", 5, "2025-08-15"))
    whole, short = resources.properties(frame), resources.overview(frame, PROVINCES)
    assert short.sentences == whole.sentences
    assert short.table.empty
    assert short.forms == () == short.key_numbers


@pytest.mark.parametrize("asset", ["properties", "vehicles", "accounts", "money"])
def test_nothing_published_is_an_answer(asset):
    assert resources.overview(NOTHING, PROVINCES, asset=asset).unknown is not None


@pytest.fixture(scope="module")
def real():
    return ra.load("finance", phase="all", min_reliability="D"), ra.places("province")


def test_published_counts_of_cars_never_exceed_the_communes(real):
    table = resources.vehicles(*real).table
    assert table["coverage"].between(0, 1).all()
    assert (table["rate"].dropna() >= 0).all()


def test_published_sums_lie_in_their_bounds(real):
    for answer in (resources.properties(real[0]), resources.money(real[0]), resources.vehicles(*real)):
        assert (
            (answer.table["low"] <= answer.table["estimate"]) & (answer.table["estimate"] <= answer.table["high"])
        ).all()
