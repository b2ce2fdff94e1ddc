"""Notebook 02's answers: hand-computed cases on small frames, identities on the real data."""

import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import decentralisation
from reform_analysis.analysis.decentralisation_lists import is_dated
from reform_analysis.display.language import say

SOURCES = pd.DataFrame({"source_id": ["paper-000001"], "publisher": ["A Paper"]})


def figures(*rows, **common):
    """Return a frame of figures; a row is (indicator, breakdown, value, day) or a mapping of what differs."""
    base = {
        "source_id": "paper-000001",
        "scope": "",
        "place_id": "VN",
        "place_name": "Việt Nam",
        "geo_level": "country",
        "period_start": pd.NaT,
        "date_precision": "day",
        "denominator_note": "",
        "reliability": "B",
        "note": "",
    }
    made = []
    for number, row in enumerate(rows):
        indicator, breakdown, value, day, *more = row
        low, high = value if isinstance(value, tuple) else (value, value)
        made.append(
            base
            | {
                "observation_id": f"paper-000001.{number:02d}",
                "indicator": indicator,
                "breakdown": breakdown,
                "value": (low + high) / 2,
                "low": low,
                "high": high,
                "period_end": pd.Timestamp(day),
            }
            | common
            | (more[0] if more else {})
        )
    columns = [*base, "observation_id", "indicator", "breakdown", "value", "low", "high", "period_end"]
    frame = pd.DataFrame(made, columns=None if made else columns)
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]))


NOTHING = figures()

TOTALS = figures(
    ("procedures_decentralised", "", 10, "2025-07-03"),
    ("procedures_decentralised", "", 14, "2025-09-15"),
)


def split(*sizes):
    recipients = ("provincial_committee", "provincial_chair", "provincial_departments")
    recipients = (*recipients, "commune_committee", "commune_chair")
    return figures(
        *(
            ("procedures_decentralised", f"to_{name}", size, "2025-07-03")
            for name, size in zip(recipients, sizes, strict=True)
        )
    )


@pytest.mark.parametrize(
    ("known", "listed", "expected"),
    [
        pytest.param(pd.concat([TOTALS, split(4, 2, 1, 2, 1)]), NOTHING, {"province": 7, "commune": 3}, id="own split"),
        pytest.param(TOTALS, split(4, 2, 1, 2, 1), {"province": 7, "commune": 3}, id="borrowed split closes"),
        pytest.param(TOTALS, split(4, 2, 1, 2, 2), {"unstated": 14}, id="borrowed split does not close"),
        pytest.param(
            pd.concat([TOTALS, split(4, 1, 1, 1, 1)]),
            NOTHING,
            {"province": 6, "commune": 2, "unstated": 2},
            id="rest is nobody's",
        ),
        pytest.param(pd.concat([TOTALS, split(9, 9, 9, 9, 9)]), NOTHING, {"unstated": 10}, id="parts above the total"),
    ],
)
def test_split_goes_to_recipients_or_to_nobody(known, listed, expected):
    table = decentralisation.recipients(known, listed).table
    assert table.groupby("level")["estimate"].sum().to_dict() == expected
    assert table["share"].sum() == pytest.approx(1)


def test_borrowed_split_is_said_to_be_borrowed_and_the_later_total_to_be_unsplit():
    texts = [say(s, "en") for s in decentralisation.recipients(TOTALS, split(4, 2, 1, 2, 1)).sentences]
    assert "7 of the 10 procedures that left the central government (70%) went to the provincial level." in texts
    assert any("lower class" in text for text in texts)
    assert any(text.startswith("4 more had been decentralised by 15 September 2025") for text in texts)


def test_recipient_level_keeps_one_level():
    table = decentralisation.recipients(TOTALS, split(4, 2, 1, 2, 1), recipient_level="commune").table
    assert set(table["level"]) == {"commune"}


def test_pace_compares_with_the_last_other_number():
    frame = figures(
        ("procedures_decentralised", "", 10, "2025-06-17"),
        ("procedures_decentralised", "", 10, "2025-07-03"),
        ("procedures_decentralised", "", 14, "2025-09-15"),
        ("procedures_moved_from_district", "", 5, "2025-09-15"),
        ("procedures_abolished", "", 3, "2025-09-15"),
        (
            "procedures_published",
            "",
            21,
            "2025-09-15",
            {"scope": "central_tier", "denominator_note": "22 procedures of 2 ministries"},
        ),
        ("procedures_decentralised", "", 99, "2025-10-01", {"date_precision": "approximate", "note": "undated page"}),
    )
    answer = decentralisation.pace(frame)
    assert [(key.name, key.value) for key in answer.key_numbers] == [("added_procedures_decentralised", 4)]
    texts = [say(sentence, "en") for sentence in answer.sentences]
    assert (
        texts[0]
        == "4 more procedures were counted as decentralised on 15 September 2025 than on 3 July 2025, 74 days before."
    )
    assert "The three counts of 15 September 2025 add up to 22 procedures; 21 had been published." in texts
    assert any(text.startswith("That sum is also the printed number") for text in texts)


@pytest.mark.parametrize(
    ("local", "total", "printed", "is_reproducible"),
    [
        pytest.param(40, 100, (55.5, 56.5), False, id="no pair gives it"),
        pytest.param(56, 100, (55.5, 56.5), True, id="the pair gives it"),
    ],
)
def test_share_is_not_reproducible_only_where_no_pair_gives_it(local, total, printed, is_reproducible):
    frame = figures(
        ("tasks_delegated", "to_local", local, "2025-06-16"),
        ("tasks_held", "all_reviewed", total, "2025-06-16"),
        ("local_task_share", "", printed, "2025-09-15"),
    )
    answer = decentralisation.local_share(frame, SOURCES)
    implied = answer.table[answer.table["kind"] == "Local count over total count"]
    assert implied["estimate"].tolist() == [local / total]
    said = any("not reproducible" in say(sentence, "en") for sentence in answer.sentences)
    assert said is not is_reproducible


@pytest.mark.parametrize(
    "part", [("tasks_delegated", "to_commune"), ("tasks_held", "local+draft")], ids=["one tier", "two local counts"]
)
def test_chance_hits_are_shown_apart(part):
    frame = figures(
        (*part, 56, "2025-06-16"),
        ("tasks_delegated", "to_local", 100, "2025-06-16"),
        ("local_task_share", "", (55.5, 56.5), "2025-09-15"),
        ("local_task_share", "", (50, 60), "2025-09-09"),
    )
    table = decentralisation.local_share(frame, SOURCES).table
    assert table["kind"].value_counts().to_dict() == {
        "Printed as the local share": 2,
        "Two counts that do not belong together": 1,
    }


def test_workload_bounds_come_from_both_totals():
    lists = figures(
        ("procedures_commune_level", "", 1, "2025-07-03"), ("procedures_province_level", "", 3, "2025-07-03")
    )
    dossiers = figures(
        ("applications_received", "", (30, 40), "2025-07-31"),
        ("applications_received", "", (20, 24), "2025-07-31", {"scope": "commune_tier"}),
        period_start=pd.Timestamp("2025-07-01"),
    )
    table = decentralisation.workload(lists, dossiers).table.set_index(["measure", "level"])
    assert table.loc[("Procedures on the lists", "commune"), "estimate"] == 0.25
    commune = table.loc[("Dossiers received", "commune")]
    assert (commune["low"], commune["high"]) == (0.5, 0.8)
    province = table.loc[("Dossiers received", "province")]
    assert (province["low"], province["high"]) == pytest.approx((0.2, 0.5))


def local(name, value, day, **more):
    place = {"place_id": name, "place_name": name, "geo_level": "province"}
    return ("procedures_commune_level", "", value, day, place | more)


def test_commune_lists_keep_the_latest_of_each_place():
    frame = figures(
        local("A", 300, "2025-07-10"),
        local("A", 320, "2025-08-10"),
        local("B", 480, "2025-08-10", date_precision="approximate", note="undated"),
        ("procedures_commune_level", "", 463, "2025-07-03"),
    )
    answer = decentralisation.commune_lists(frame, place="C")
    assert answer.table.set_index("place")["estimate"].to_dict() == {"B": 480, "A": 320}
    texts = [say(sentence, "en") for sentence in answer.sentences]
    assert "1 of 2 lists is shorter than the national one of 463 procedures." in texts
    assert "1 list stands on an undated page." in texts
    assert "For C no commune-level list with its length was found." in texts
    variation = {key.name: key.value for key in answer.key_numbers}["variation_of_commune_lists"]
    assert variation == pytest.approx((160 / 2**0.5) / 400)


def test_is_dated_needs_both_signs():
    frame = figures(
        local("A", 1, "2025-07-10", note="undated"), local("B", 1, "2025-07-10", date_precision="approximate")
    )
    assert is_dated(frame).tolist() == [True, True]


def test_holdouts_give_lower_bounds_only():
    frame = figures(
        (
            "central_procedure_share",
            "",
            (40, 44),
            "2025-09-21",
            {"place_id": "min-y-te", "place_name": "Bộ Y tế", "geo_level": "ministry"},
        ),
        ("procedures_moved_from_district", "under_review", 3, "2025-05-04", {"place_id": "min-y-te"}),
        ("procedures_moved_from_district", "under_review", 1, "2025-05-04", {"place_id": "min-noi-vu"}),
        ("procedures_moved_from_district", "under_review", 4, "2025-05-04"),
    )
    table = decentralisation.holdouts(frame, pd.DataFrame()).table.set_index("ministry")
    assert (table.loc["Health", "kept_low"], table.loc["Health", "kept_high"]) == (0.4, 1.0)
    assert table["share_of_all"].to_dict() == {"Health": 0.75, "Home Affairs": 0.25}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: decentralisation.recipients(NOTHING, NOTHING), id="recipients"),
        pytest.param(lambda: decentralisation.pace(NOTHING), id="pace"),
        pytest.param(lambda: decentralisation.local_share(NOTHING, SOURCES), id="local share"),
        pytest.param(lambda: decentralisation.workload(NOTHING, NOTHING), id="workload"),
        pytest.param(lambda: decentralisation.commune_lists(NOTHING), id="lists"),
        pytest.param(lambda: decentralisation.holdouts(NOTHING, pd.DataFrame()), id="holdouts"),
    ],
)
def test_nothing_published_is_an_answer(answer):
    found = answer()
    assert found.unknown is not None
    assert found.table.empty


@pytest.fixture(scope="module")
def june():
    return ra.load("decentralisation", phase="window+baseline")


def test_published_ministries_add_up_to_the_district_total(june):
    whole = june[(june["indicator"] == "procedures_moved_from_district") & (june["breakdown"] == "under_review")]
    table = decentralisation.holdouts(june, ra.places("province")).table
    assert table["estimate"].sum() == whole.loc[whole["place_id"] == "VN", "value"].iloc[0]


@pytest.mark.parametrize("unit", ["procedures", "tasks"])
def test_published_splits_fill_their_totals(june, unit):
    listed = ra.load("decentralisation", phase="window+baseline", min_reliability="D")
    table = decentralisation.recipients(june, listed, unit=unit).table
    sums = table.groupby("key").agg(parts=("estimate", "sum"), total=("total", "first"))
    assert (sums["parts"] == sums["total"]).all()
    assert ((table["share_low"] <= table["share"]) & (table["share"] <= table["share_high"])).all()


def test_procedures_and_tasks_never_share_a_table(june):
    for unit, other in (("procedures", "tasks"), ("tasks", "procedures")):
        assert other not in set(decentralisation.pace(june, unit=unit).table["unit_name"])
