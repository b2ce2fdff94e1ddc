"""Notebook 07's answers: grades and ranges by hand on small frames; dates, rules and places on the real data."""

import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import decentralisation, synthesis
from reform_analysis.analysis.answer import not_known
from reform_analysis.analysis.figures import Figure
from reform_analysis.analysis.synthesis_claims import CLEAR, PARTLY, UNCLEAR, claims_of
from reform_analysis.analysis.synthesis_scorecard import ABSENT, HIGH, LOW, MEDIUM, UNUSABLE, _grade, _origins
from reform_analysis.display.language import say
from reform_analysis.evidence.resolve import RULES

# a sample in the ordinary run, all of them in the slow one
EVERY_RULE = [
    pytest.param(rule, marks=() if rule in ("range", "latest", "lowest") else pytest.mark.slow) for rule in RULES
]
NO_SHARE = not_known("02.Q3", "nothing")


@pytest.fixture(scope="module")
def registers():
    return ra.audit(), ra.places(level="province"), ra.places(), ra.codebook()


@pytest.fixture(scope="module")
def criteria():
    return ra.load(phase="all", min_reliability="D")


def form(criteria, registers, figures=None, every=None, **options):
    figures = ra.load() if figures is None else figures
    return synthesis.scorecard(figures, figures if every is None else every, criteria, *registers, **options)


@pytest.mark.parametrize(
    ("definition", "origins", "held", "conflicts", "grade"),
    [
        (CLEAR, 2, 1, 0, HIGH),
        (PARTLY, 3, 2, 0, HIGH),
        (CLEAR, 1, 1, 0, MEDIUM),
        (CLEAR, 2, 0, 0, MEDIUM),
        (CLEAR, 1, 0, 0, LOW),
        (CLEAR, 5, 5, 1, LOW),
        (UNCLEAR, 5, 5, 0, UNUSABLE),
    ],
    ids=["both", "more than both", "identity only", "origins only", "neither", "conflict", "no definition"],
)
def test_grade(definition, origins, held, conflicts, grade):
    assert _grade(definition, origins, held, conflicts) == grade


@pytest.mark.parametrize(
    ("rows", "joined", "apart"),
    [
        ([("a", "x", ""), ("b", "x", "")], 1, 2),
        ([("a", "x", "R1"), ("b", "y", "R1")], 1, 2),
        ([("a", "x", "R1"), ("b", "y", "R1"), ("c", "y", "R2"), ("d", "z", "R2")], 1, 4),
        ([("a", "x", ""), ("b", "y", "")], 2, 2),
    ],
    ids=["one family", "one reprint group", "a chain of both", "independent"],
)
def test_origins(rows, joined, apart):
    columns = ["source_id", "family", "reprint_group"]
    blank = dict.fromkeys(Figure._fields, "")
    figures = [Figure(**{**blank, **dict(zip(columns, row, strict=True))}) for row in rows]
    assert _origins(figures, True) == joined
    assert _origins(figures, False) == apart
    assert _origins(figures[::-1], True) == joined


def test_the_form_is_the_same_for_every_date_and_place(criteria, registers):
    late = form(criteria, registers).table["claim"].tolist()
    early = form(criteria, registers, ra.load(as_of="2025-08-15")).table["claim"].tolist()
    elsewhere = form(criteria, registers, place="Lào Cai").table["claim"].tolist()
    assert late == early == elsewhere
    assert len(late) == len(set(late)) == 36


def test_an_earlier_review_knows_no_later_figure(criteria, registers):
    table = form(criteria, registers, ra.load(as_of="2025-08-15")).table
    days = table["end"].dropna()
    assert max(days) <= pd.Timestamp("2025-08-15").date()
    assert (table["grade"] == ABSENT).any()


def test_a_conflict_lowers_the_grade(criteria, registers):
    figures = ra.load()
    before = form(criteria, registers, figures).table.set_index("claim")
    line = before[before["grade"] == MEDIUM].iloc[0]
    first = line["observations"].split()[0]
    finding = {"kind": "conflict", "severity": "hard", "observation_ids": first}
    findings = pd.concat([registers[0], pd.DataFrame([finding])], ignore_index=True)
    after = form(criteria, (findings, *registers[1:]), figures).table.set_index("claim")
    assert after.loc[line.name, "grade"] == LOW


def test_all_claims_hold_those_of_the_whole_window(criteria, registers):
    claims = claims_of(criteria, registers[3], claims="all", language="en")
    assert {"commune_units", "service_centres"} <= {claim.indicator for claim in claims}
    assert not [claim for claim in claims if claim.breakdown]


@pytest.mark.parametrize(
    ("options", "match"),
    [({"claims": "mine"}, "seeds or all; got 'mine'"), ({"weights": "mine"}, "weights must be equal")],
)
def test_unknown_options_are_refused(criteria, registers, options, match):
    with pytest.raises(ValueError, match=match):
        form(criteria, registers, **options)


def made(*rows):
    """Return figures of people unpaid; a row is (value, day, published, class)."""
    frame = pd.DataFrame(rows, columns=["value", "period_end", "published", "reliability"])
    frame[["period_end", "published"]] = frame[["period_end", "published"]].apply(pd.to_datetime)
    ids = [f"paper-000001.{number:02d}" for number in range(len(frame))]
    return frame.assign(
        observation_id=ids,
        source_id=ids,
        indicator="benefits_unpaid_count",
        scope="",
        breakdown="",
        place_id="VN",
        kind="stock",
        unit="persons",
        note="",
        date_precision="day",
        low=frame["value"],
        high=frame["value"],
        period_start=pd.NaT,
    )


def test_each_rule_picks_its_figure():
    figures = made((300.0, "2025-09-30", "2025-10-01", "B"), (100.0, "2025-08-31", "2025-10-02", "C"))
    row = synthesis.rule_ranges(figures, NO_SHARE).table.iloc[0]
    assert [row[rule] for rule in ("first", "latest", "official", "lowest", "highest")] == [300, 100, 300, 100, 300]
    assert row["spread"] == pytest.approx(0.5)


def test_one_value_has_no_range():
    figures = made((300.0, "2025-09-30", "2025-10-01", "B"), (300.0, "2025-09-30", "2025-10-02", "C"))
    assert synthesis.rule_ranges(figures, NO_SHARE).unknown is not None


def test_change_is_last_less_first(registers):
    figures = made((300.0, "2025-08-31", "2025-09-01", "B"), (100.0, "2025-09-30", "2025-10-02", "C"))
    answer = synthesis.changes(figures, registers[2])
    [number] = answer.key_numbers
    assert (number.name, number.value, number.low, number.high) == ("change_benefits_unpaid_count", -200, -200, -200)


def test_settling_leaves_high_evidence_out(criteria, registers):
    answered = form(criteria, registers)
    table = synthesis.settling(answered).table
    assert HIGH not in set(table["grade"])
    assert len(table) == int((answered.table["grade"] != HIGH).sum())


def test_refused_questions_have_reasons():
    table = synthesis.refused().table
    assert (table["reason"].str.len() > 20).all()


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_rules(criteria, registers, rule):
    answer = form(criteria, registers, ra.load(rule=rule), ra.load())
    known = answer.table[answer.table["estimate"].notna()]
    assert (known["low"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["high"]).all()
    heat = synthesis.heat(answer)
    assert set(heat.cells.table["level"]) <= set(heat.options["order"])


@pytest.mark.parametrize("place", ["Tuyên Quang", "Thường Tín, Hà Nội"])
@pytest.mark.parametrize("as_of", ["2025-07-03", "2025-10-31"])
def test_places_and_dates(criteria, registers, place, as_of):
    figures = ra.load(as_of=as_of)
    answer = form(criteria, registers, figures, place=place)
    everything = [answer, synthesis.changes(figures, registers[2], place=place), synthesis.settling(answer)]
    for one in everything:
        assert one.unknown is not None or one.sentences
        for sentence in (*one.sentences, *([one.unknown] if one.unknown else [])):
            assert say(sentence, "en")


def test_headlines_of_the_real_data_have_ranges():
    listed = ra.load(phase="window+baseline", min_reliability="D")
    shares = decentralisation.local_share(listed[listed["topic"] == "decentralisation"], ra.sources())
    table = synthesis.rule_ranges(listed, shares).table
    assert (table["lowest"] < table["highest"]).all()
    assert table["official"].between(table["lowest"], table["highest"]).all()
