"""Notebook 05's answers on deadlines and texts: hand-computed cases, identities on the real data."""

import numpy as np
import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import directives
from reform_analysis.display.language import say


def deadline(name, due, *, outcome="unknown", outcome_id="", target=np.nan, rank=1, **more):
    """Return one row of directives with its outcome."""
    return {
        "directive_id": name,
        "observation_id": f"o-{name}",
        "document": "",
        "issued": pd.NaT,
        "task": f"Do {name}",
        "recurrence": "once",
        "due": pd.Timestamp(due),
        "rank": rank,
        "family": "pay_and_leave",
        "outcome": outcome,
        "outcome_id": outcome_id,
        "target": target,
    } | more


def figure(name, value=np.nan, *, low=None, high=None, unit="people", **more):
    """Return one row of figures."""
    return {
        "observation_id": name,
        "indicator": "directive_deadline",
        "scope": "",
        "breakdown": "",
        "place_id": "VN",
        "value": value,
        "low": value if low is None else low,
        "high": value if high is None else high,
        "unit": unit,
        "period_end": pd.Timestamp("2025-10-28"),
    } | more


def frames(rows, known, *, places=None):
    """Return directives, policy and known figures; every deadline is let in."""
    table = pd.DataFrame(rows)
    table["issued"] = pd.to_datetime(table["issued"])
    policy = pd.DataFrame(
        [figure(i, place_id=(places or {}).get(i, "VN")) for i in dict.fromkeys(table["observation_id"])]
    )
    columns = list(figure("x"))
    return table, policy, pd.DataFrame(known, columns=columns)


def answer(rows, known=(), places=None, **more):
    table, policy, shown = frames(rows, known, places=places)
    return directives.deadlines(table, policy, shown, as_of="2025-10-31", **more)


@pytest.mark.parametrize(
    ("target", "seen", "gap"),
    [
        pytest.param(0, {"value": 64}, (64, 64, 64), id="people left"),
        pytest.param(100, {"value": 62.4, "low": 62.35, "high": 62.45}, (37.6, 37.55, 37.65), id="share done"),
        pytest.param(34, {"value": 8}, (26, 26, 26), id="provinces done"),
        pytest.param(60, {"value": 60.1, "low": 59.95, "high": 60.25}, (0.1, 0, 0.25), id="target within the bounds"),
        pytest.param(100, {"value": 100, "low": 99.5, "high": 100}, (0, 0, 0.5), id="rounded to all"),
    ],
)
def test_gap_is_what_the_figure_falls_short_by(target, seen, gap):
    found = answer(
        [deadline("a", "2025-08-31", outcome="missed", outcome_id="f", target=target)], [figure("f", **seen)]
    )
    assert found.table[["estimate", "low", "high"]].iloc[0].tolist() == pytest.approx(gap)


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param([figure("best", 1), figure("next", 2)], "missed", id="best first"),
        pytest.param([figure("next", 2)], "done, day unknown", id="next where the best is not let in"),
        pytest.param([], "unknown", id="none let in"),
    ],
)
def test_best_outcome_let_in_counts(known, status):
    rows = [
        deadline("a", "2025-08-31", outcome="missed", outcome_id="best", target=0, rank=1),
        deadline("a", "2025-08-31", outcome="done_day_unknown", outcome_id="next", target=0, rank=2),
    ]
    found = answer(rows, known)
    assert found.table["status"].tolist() == [status]


def test_sentences_count_national_deadlines_and_their_calendar():
    rows = [
        deadline("a", "2025-08-31", issued="2025-08-11", outcome="missed", outcome_id="f", target=0),
        deadline("b", "2025-08-31", issued="2025-08-01"),
        deadline("c", "2025-08-15"),
        deadline("d", "2025-09-10"),
    ]
    found = answer(rows, [figure("f", 5)], places={"o-d": "01"})
    said = [say(sentence, "en") for sentence in found.sentences]
    assert "Of the national deadlines due by 31 October 2025 (3), 1 has a published outcome (33.3%)." in said
    assert "Of the deadlines that provinces set (1), 0 have a published outcome." in said
    assert "1 deadline was missed." in said
    assert "2 of the 3 national deadlines of August 2025 fell on its last day." in said
    assert "The median notice, from issue to due day, was 25 days (2 deadlines)." in said


def test_testable_keeps_those_with_an_outcome():
    rows = [deadline("a", "2025-08-31", outcome="missed", outcome_id="f", target=0), deadline("b", "2025-08-31")]
    assert len(answer(rows, [figure("f", 5)], deadline_status="testable").table) == 1
    assert answer(rows[1:], deadline_status="testable").unknown is not None


def conclusion(number, issued=None, due=None):
    row = deadline(f"{number}-kl-tw", due or "2025-12-31", document=f"{number}-KL/TW")
    return row | {"issued": pd.Timestamp(issued) if issued else pd.NaT, "due": pd.Timestamp(due) if due else pd.NaT}


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        pytest.param([conclusion(174, "2025-07-04")], ["174-KL/TW"], id="dated"),
        pytest.param([conclusion(171, "2025-06-27")], [], id="before the reform"),
        pytest.param([conclusion(172), conclusion(174, "2025-07-04")], ["174-KL/TW"], id="no neighbour before"),
        pytest.param(
            [conclusion(183, "2025-08-01"), conclusion(186), conclusion(192, "2025-09-19")],
            ["183-KL/TW", "186-KL/TW", "192-KL/TW"],
            id="between neighbours",
        ),
        pytest.param(
            [conclusion(171, "2025-06-27"), conclusion(172), conclusion(174, "2025-07-04")],
            ["174-KL/TW"],
            id="perhaps before the reform",
        ),
        pytest.param([conclusion(183, "2025-08-01"), conclusion(195)], ["183-KL/TW"], id="perhaps after the report"),
        pytest.param(
            [conclusion(183, "2025-08-01"), conclusion(195, due="2025-10-15")],
            ["183-KL/TW", "195-KL/TW"],
            id="not after its own deadline",
        ),
    ],
)
def test_texts_count_where_their_days_lie_in_the_period(rows, listed):
    table, policy, _ = frames(rows, [])
    found = directives.conclusions(table, policy, as_of="2025-10-28")
    assert (found.table["document"].tolist() if len(found.table) else []) == listed


def test_listed_conclusions_stand_beside_the_printed_count():
    table, policy, _ = frames([conclusion(174, "2025-07-04"), conclusion(177, "2025-07-11")], [])
    printed = figure("p", 8, indicator="documents_issued", breakdown="politburo_and_secretariat_conclusions")
    tasks = [figure("t", 72, indicator="tasks_completed"), figure("u", 90, indicator="tasks_assigned")]
    policy = pd.concat([policy, pd.DataFrame([printed, *tasks])], ignore_index=True)
    said = [say(s, "en") for s in directives.conclusions(table, policy, as_of="2025-10-31").sentences]
    assert said[0] == (
        "2 of 8 conclusions of the Politburo and Secretariat printed for 1 July to 28 October 2025 can be listed."
    )
    assert any(text.startswith("72 of 90 tasks (80%)") for text in said)


@pytest.mark.parametrize(
    ("document", "issuer"),
    [
        ("174-KL/TW", "Party"),
        ("202/2025/QH15", "National Assembly"),
        ("303/NQ-CP", "Government"),
        ("180/CĐ-TTg", "Prime Minister"),
        ("412/TB-VPCP", "Ministries and Government Office"),
    ],
)
def test_issuer_follows_from_the_number(document, issuer):
    table, policy, _ = frames([deadline("a", None, document=document, issued="2025-09-03")], [])
    assert directives.texts(table, policy).table["issuer"].tolist() == [issuer]


def test_texts_are_counted_once_and_older_ones_left_out():
    rows = [
        deadline("a", None, document="1/NQ-CP", issued="2025-08-03"),
        deadline("b", "2025-08-31", document="1/NQ-CP", issued="2025-08-03"),
        deadline("c", None, document="2/NQ-CP", issued="2025-08-30"),
        deadline("d", None, document="3/NQ-CP", issued="2025-02-01"),
    ]
    table, policy, _ = frames(rows, [])
    found = directives.texts(table, policy)
    assert {key.name: key.value for key in found.key_numbers} == {"texts_found_2025_08": 2}
    assert say(found.sentences[-1], "en") == "1 older text is left out."


@pytest.fixture(scope="module")
def real():
    return (
        ra.directives(outcomes=True),
        ra.load("policy", phase="all", min_reliability="D"),
        ra.load(phase="all", min_reliability="D"),
    )


def test_published_outcomes_agree_with_their_gaps(real):
    table = directives.deadlines(*real, as_of="2026-01-31").table
    assert (table.loc[table["code"] == "missed", "low"] > 0).all()
    assert (table.loc[table["code"] == "done_day_unknown", "low"] == 0).all()
    assert table.loc[table["code"] == "unknown", "estimate"].isna().all()
    assert not table["task"].duplicated().any()


def test_every_deadline_has_a_family_and_short_words(real):
    dated = real[0][real[0]["due"].notna()]
    assert set(dated["family"]) == set(directives.FAMILY_LABELS)
    assert set(dated["directive_id"]) <= set(directives.TASK_LABELS)


@pytest.mark.parametrize("function", ["deadlines", "conclusions", "texts"])
def test_nothing_published_is_an_answer(real, function):
    nothing = real[1].head(0)
    given = {
        "deadlines": lambda: directives.deadlines(real[0], nothing, nothing, as_of="2025-07-03"),
        "conclusions": lambda: directives.conclusions(real[0], nothing, as_of="2025-07-03"),
        "texts": lambda: directives.texts(real[0], nothing),
    }
    assert given[function]().unknown is not None
