"""Old values carried over to new provinces stay inside what any weighting could give, and nothing is dropped."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform_analysis.evidence.concordance import carry_over

PAIRS = pd.DataFrame(
    {
        "old_id": ["old-01", "old-10", "old-15", "old-25", "old-17", "old-26"],
        "new_id": ["01", "15", "15", "25", "25", "25"],
    }
)
OLD = PAIRS["old_id"].tolist()
VALUES = {"old-01": 43.0, "old-10": 41.0, "old-15": 42.0, "old-25": 40.0, "old-17": 44.0, "old-26": 45.0}

scores = st.floats(-1e6, 1e6, allow_nan=False)
weights = st.floats(1e-3, 1e9)


def row(carried: pd.DataFrame, place_id: str) -> pd.Series:
    return carried.set_index("place_id").loc[place_id]


@pytest.mark.parametrize(
    ("rule", "weight", "expected"),
    [
        ("equal", None, 41.5),
        ("population", {"old-10": 1.0, "old-15": 3.0}, 41.75),
        ("range", None, math.nan),
    ],
)
def test_a_merged_province_gets_estimate_and_bounds(rule, weight, expected):
    given_weights = weight and dict.fromkeys(OLD, 1.0) | weight
    merged = row(carry_over(VALUES, PAIRS, weights=given_weights, rule=rule), "15")
    assert merged["estimate"] == pytest.approx(expected, nan_ok=True)
    assert (merged["low"], merged["high"], merged["n_parts"], merged["n_missing"]) == (41, 42, 2, 0)
    assert merged["rule"] == rule


@pytest.mark.parametrize("rule", ["equal", "range"])
def test_an_unmerged_province_keeps_its_value(rule):
    alone = row(carry_over(VALUES, PAIRS, rule=rule), "01")
    assert (alone["estimate"], alone["low"], alone["high"], alone["rule"]) == (43, 43, 43, "exact")


@pytest.mark.parametrize("values", [{"old-10": 41.0}, {"old-10": 41.0, "old-15": math.nan}], ids=["absent", "nan"])
def test_a_missing_part_is_counted_and_leaves_nothing_known(values):
    merged = row(carry_over(VALUES | {"old-15": math.nan} | values, PAIRS), "15")
    assert (merged["n_parts"], merged["n_missing"]) == (2, 1)
    assert merged[["estimate", "low", "high"]].isna().all()


def test_limits_bound_what_a_missing_part_could_be():
    merged = row(carry_over({"old-10": 41.0}, PAIRS, limits=(8, 80)), "15")
    assert math.isnan(merged["estimate"])
    assert (merged["low"], merged["high"]) == (8, 80)


def test_every_province_of_the_concordance_has_a_row():
    carried = carry_over({}, PAIRS)
    assert carried["place_id"].tolist() == ["01", "15", "25"]
    assert carried["n_missing"].tolist() == [1, 2, 3]


@given(values=st.lists(scores, min_size=6, max_size=6), shares=st.lists(weights, min_size=6, max_size=6))
def test_bounds_hold_the_mean_of_any_weights(values, shares):
    carried = carry_over(
        dict(zip(OLD, values, strict=True)), PAIRS, weights=dict(zip(OLD, shares, strict=True)), rule="population"
    )
    assert (carried["low"] <= carried["estimate"]).all()
    assert (carried["estimate"] <= carried["high"]).all()


@given(values=st.lists(scores, min_size=6, max_size=6), order=st.permutations(range(6)))
def test_the_order_of_rows_is_irrelevant(values, order):
    given_values = dict(zip(OLD, values, strict=True))
    shuffled = carry_over(given_values, PAIRS.iloc[order])
    pd.testing.assert_frame_equal(shuffled, carry_over(given_values, PAIRS))


def test_bounds_are_reached_by_extreme_weights():
    heavy = dict.fromkeys(OLD, 1.0) | {"old-26": 1e12}
    assert row(carry_over(VALUES, PAIRS, weights=heavy, rule="population"), "25")["estimate"] == pytest.approx(45)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (VALUES, {"rule": "median"}, "rule must be one of population, equal, range; got 'median'"),
        (VALUES, {"rule": "population"}, "weights must be given .*; got rule 'population' without weights"),
        (VALUES, {"weights": {"old-01": 1.0}}, "got rule 'equal' with weights"),
        (VALUES, {"rule": "population", "weights": {"old-01": 1.0}}, "weights must be > 0 .*; got None for old-10"),
        (VALUES, {"rule": "population", "weights": dict.fromkeys(OLD, 0.0)}, "got 0.0 for old-01"),
        (VALUES | {"15": 1.0}, {}, "former provinces of the concordance; got 15"),
        (VALUES | {"VN": math.nan}, {}, "former provinces of the concordance; got VN"),
        (VALUES, {"limits": (8, 44)}, r"values must be in limits \(8, 44\); got 45.0 for old-26"),
    ],
)
def test_faulty_arguments_are_refused(values, options, message):
    with pytest.raises(ValueError, match=message):
        carry_over(values, PAIRS, **options)


def test_a_series_with_a_name_index_serves_as_values():
    assert row(carry_over(pd.Series(VALUES), PAIRS), "25")["estimate"] == pytest.approx(43)
