"""Adjusted p-values: statsmodels without missing values, definitions, properties, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from reform_analysis.statistics.multiplicity import adjust_pvalues

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=20)


# few examples: statsmodels collects garbage in every call for Holm
@given(p_values)
@settings(max_examples=4, deadline=None)
def test_complete_p_values_agree_with_statsmodels(p: list[float]) -> None:
    found = adjust_pvalues(p)
    assert found.holm == pytest.approx(multipletests(p, method="holm")[1])
    assert found.bh == pytest.approx(multipletests(p, method="fdr_bh")[1])


@given(p_values, st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_missing_p_values_do_not_count(p: list[float], missing: int) -> None:
    alone, beside = adjust_pvalues(p), adjust_pvalues([*p, *[None] * missing])
    assert beside.holm[: len(p)].tolist() == alone.holm.tolist()
    assert beside.bh[: len(p)].tolist() == alone.bh.tolist()
    assert np.isnan(beside.holm[len(p) :]).all()
    assert (beside.n, beside.n_missing) == (len(p), missing)


@given(p_values)
@settings(max_examples=60, deadline=None)
def test_adjusted_values_keep_the_order_and_never_fall(p: list[float]) -> None:
    found, order = adjust_pvalues(p), np.argsort(p)
    for adjusted in (found.holm, found.bh):
        assert (np.diff(adjusted[order]) >= 0).all()
        assert (adjusted >= np.array(p) * (1 - 1e-12)).all()
        assert (adjusted <= 1).all()
    assert (found.bh <= found.holm + 1e-15).all()


def test_statsmodels_still_counts_missing_values() -> None:
    with_missing = [0.01, 0.02, np.nan, 0.04]
    assert np.isnan(multipletests(with_missing, method="fdr_bh")[1]).all()
    assert multipletests(with_missing, method="holm")[1][0] == pytest.approx(0.04)
    assert adjust_pvalues(with_missing).holm[0] == pytest.approx(0.03)


def test_without_any_test_nothing_is_adjusted() -> None:
    found = adjust_pvalues([None, None])
    assert np.isnan(found.holm).all()
    assert np.isnan(found.bh).all()


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([], "p must hold at least one value"),
        ([0.1, 1.2], "p must not exceed 1; got p = 1.2"),
        ([-0.1], "p must be at least 0"),
    ],
    ids=["empty", "above-one", "negative"],
)
def test_bad_input_is_refused(p: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        adjust_pvalues(p)
