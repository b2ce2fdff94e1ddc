import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform_analysis.evidence.interval import MISSING, Interval
from reform_analysis.evidence.resolve import RULES, Source, choose_figure, resolve, resolve_conflict


def sources(*rows):
    return [Source(f"s{i}", Interval(low, high), family) for i, (low, high, family) in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "status", "overlap", "support"),
    [
        pytest.param([(0, 10, "x"), (5, 15, "y")], "compatible", [(5, 10)], 2, id="overlap"),
        pytest.param([(0, 5, "x"), (5, 9, "y")], "compatible", [(5, 5)], 2, id="touching"),
        pytest.param([(0, 1, "x"), (2, 3, "y")], "conflict", [(0, 1), (2, 3)], 1, id="tie"),
        pytest.param([(0, 9, "x"), (2, 3, "y"), (20, 21, "z")], "conflict", [(2, 3)], 2, id="majority"),
        pytest.param([(0, 1, "x"), (0, 1, "x"), (5, 6, "y")], "conflict", [(0, 1), (5, 6)], 1, id="reprints"),
        pytest.param([(0, 2, "x"), (1, 4, "y"), (3, 5, "z")], "conflict", [(1, 2), (3, 4)], 2, id="chain"),
        pytest.param([(7, 7, None)], "compatible", [(7, 7)], 1, id="one source"),
    ],
)
def test_resolve_conflict(rows, status, overlap, support):
    found = resolve_conflict(sources(*rows))
    assert found.status == status
    assert [(stretch.low, stretch.high) for stretch in found.best_overlap] == overlap
    assert found.best_overlap_support == support
    assert (found.intersection is not None) == (status == "compatible")


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.sampled_from("abc")), min_size=1, max_size=7))
def test_the_best_overlap_is_where_most_families_agree(rows):
    rows = [(min(a, b), max(a, b), family) for a, b, family in rows]
    found = resolve_conflict(sources(*rows))
    support = {x: len({family for low, high, family in rows if low <= x <= high}) for x in np.arange(-1, 52, 0.5)}
    best = {x for x, backed in support.items() if backed == max(support.values())}
    assert found.best_overlap_support == max(support.values())
    assert best == {x for x in support if any(stretch.contains(x) for stretch in found.best_overlap)}


@pytest.mark.parametrize("rows", [[], [Source("a", MISSING)]])
def test_nothing_to_resolve_is_refused(rows):
    with pytest.raises(ValueError, match="every source needs a figure"):
        resolve_conflict(rows)


CANDIDATES = {
    "statute": Source("statute", Interval(0, 9), tier=1, published="2025-08-01"),
    "agency": Source("agency", Interval(3, 4), tier=2, published="2025-08-01"),
    "wide": Source("wide", Interval(2, 5), tier=2, published="2025-10-01"),
    "later": Source("later", Interval(3.5, 4.5), tier=2, published="2025-09-01"),
    "undated": Source("undated", Interval(3, 4), tier=2),
    "twin": Source("a_twin", Interval(3, 4), tier=2, published="2025-08-01"),
    "other": Source("other", Interval(50, 60), tier=1, definition_match=False),
    "empty": Source("empty", MISSING, tier=1),
}


@pytest.mark.parametrize(
    ("names", "best", "low", "high"),
    [
        ("statute agency", "statute", 0, 9),
        ("agency wide", "agency", 2, 5),
        ("agency later", "later", 3, 4.5),
        ("agency undated", "agency", 3, 4),
        ("agency twin", "a_twin", 3, 4),
        ("agency other", "agency", 3, 4),
        ("agency empty", "agency", 3, 4),
        ("other", None, math.nan, math.nan),
    ],
)
def test_choose_figure(names, best, low, high):
    rows = [CANDIDATES[name] for name in names.split()]
    for order in (rows, rows[::-1]):
        found = choose_figure(order)
        assert found.best == best
        assert (found.low, found.high) == pytest.approx((low, high), nan_ok=True)


def observations(*rows):
    """Processed observations with what `resolve` looks at; each row overrides the defaults."""
    default = {
        "observation_id": "", "source_id": "", "indicator": "applications_received", "scope": "", "breakdown": "",
        "place_id": "VN", "value": 10.0, "low": None, "high": None, "low_open": False, "high_open": False,
        "hard_low": None, "hard_high": None, "qualifier": "exact", "kind": "cumulative", "reliability": "B",
        "published": "2025-09-01", "period_start": "2025-07-01", "period_end": "2025-08-31",
    }  # fmt: skip
    frame = pd.DataFrame([default | row for row in rows])
    for i, name in enumerate(["observation_id", "source_id"]):
        frame[name] = [given or f"s{n}{'.01' if not i else ''}" for n, given in enumerate(frame[name])]
    for end in ("low", "high", "hard_low", "hard_high"):
        frame[end] = frame[end].fillna(frame["value"]).astype(float)
    for date in ("published", "period_start", "period_end"):
        frame[date] = pd.to_datetime(frame[date])
    return frame


ONE_DAY = observations(
    {"value": 10, "low": 9, "high": 11, "reliability": "B", "published": "2025-09-01"},
    {"value": 12, "low": 12, "high": 12, "reliability": "C", "published": "2025-09-05"},
    {"value": 8, "low": 7, "high": 9, "reliability": "A", "published": "2025-09-02", "low_open": True},
    {"value": 11, "low": 5, "high": 17, "reliability": "A", "published": "2025-08-20"},
)


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ("official", "s2.01"),
        ("range", "s2.01"),
        ("latest", "s1.01"),
        ("first", "s3.01"),
        ("precise", "s1.01"),
        ("lowest", "s2.01"),
        ("highest", "s1.01"),
    ],
)
def test_each_rule_chooses_by_its_name_whatever_the_order_of_rows(rule, chosen):
    for frame in (ONE_DAY, ONE_DAY.iloc[::-1], ONE_DAY.sample(frac=1, random_state=1)):
        (row,) = resolve(frame, rule).to_dict("records")
        assert row["observation_id"] == chosen
        assert row["n_sources"] == 4
        assert set(row["chosen_over"].split()) == {"s0.01", "s1.01", "s2.01", "s3.01"} - {chosen}


def test_range_widens_the_bounds_and_keeps_an_official_figure():
    (row,) = resolve(ONE_DAY, "range").to_dict("records")
    assert (row["value"], row["low"], row["high"]) == (8, 5, 17)
    assert (row["hard_low"], row["hard_high"]) == (8, 12)
    assert (row["low_open"], row["high_open"], row["qualifier"]) == (False, False, "between")


def test_all_keeps_every_row():
    frame = resolve(ONE_DAY, "all")
    assert list(frame["observation_id"]) == list(ONE_DAY["observation_id"])
    assert (frame["n_sources"] == 4).all()
    assert (frame["chosen_over"] == "").all()


@pytest.mark.parametrize(
    "difference",
    [
        {"indicator": "applications_resolved"},
        {"scope": "commune_tier"},
        {"breakdown": "in_person"},
        {"place_id": "01"},
        {"period_start": "2025-08-01"},
        {"period_start": None},
        {"period_end": "2025-09-30"},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_figures_for_different_things_never_compete(difference):
    assert len(resolve(observations({}, difference), "latest")) == 2


@pytest.mark.parametrize("kind", ["document", "deadline"])
def test_documents_and_deadlines_never_compete(kind):
    assert len(resolve(observations({"kind": kind}, {"kind": kind}), "latest")) == 2


def test_open_starts_of_one_thing_compete_and_reprints_of_one_source_count_once():
    frame = observations({"period_start": None, "source_id": "a"}, {"period_start": None, "source_id": "a"})
    (row,) = resolve(frame, "official").to_dict("records")
    assert row["n_sources"] == 1


def test_undated_sources_and_missing_values_come_last():
    frame = observations({"published": None, "value": math.nan}, {"value": 5})
    for rule in ("latest", "first", "lowest", "highest", "precise"):
        assert resolve(frame, rule)["observation_id"].tolist() == ["s1.01"]


@pytest.mark.parametrize("rule", RULES)
def test_no_rows_give_no_rows(rule):
    assert resolve(ONE_DAY.iloc[:0], rule).empty


def test_an_unknown_rule_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"rule must be one of all, range, latest, .*; got 'mean'"):
        resolve(ONE_DAY, "mean")
