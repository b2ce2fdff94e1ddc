"""Cross-section regressions: statsmodels where it is right, definitions, separation, properties, errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import t as student
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS

from reform_analysis.statistics.logistic import is_separated
from reform_analysis.statistics.regression import fractional_logit, glm_robust, ols_hc3, quasi_binomial

K, N = [5, 9, 8, 20, 9, 15, 10, 14, 22, 21], [20, 30, 25, 40, 22, 31, 18, 27, 33, 29]
X = list(range(10))
SHARES, COVARIATE = [0.71, 0.93, 0.85, 1, 0.64, 0.78, 0.9, 0.55], [1, 3, 2, 4, 1, 2, 3, 0.5]

rows = st.lists(st.tuples(st.floats(-3, 3), st.integers(1, 19), st.integers(20, 40)), min_size=6, max_size=14)


def with_intercept(x: object) -> np.ndarray:
    """The design matrix that the functions build."""
    return np.column_stack([np.ones(len(x)), x])


def sandwich(design: np.ndarray, weights: np.ndarray, error: np.ndarray, hc3: bool) -> np.ndarray:
    """Standard errors from the full projection matrix."""
    root = np.sqrt(weights)[:, None] * design
    h = np.diag(root @ np.linalg.pinv(root)) if hc3 else 0
    bread = np.linalg.inv(design.T @ np.diag(weights) @ design)
    return np.sqrt(np.diag(bread @ design.T @ np.diag((error / (1 - h)) ** 2) @ design @ bread))


def test_ols_agrees_with_statsmodels_asked_for_t() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    theirs = OLS(y, with_intercept(x)).fit(cov_type="HC3", use_t=True)
    found = ols_hc3(y, x, level=0.9)
    assert found.names == ("intercept", "x1", "x2")
    assert found.estimate == pytest.approx(theirs.params)
    assert found.se == pytest.approx(theirs.bse)
    assert found.p == pytest.approx(theirs.pvalues)
    assert np.column_stack([found.lower, found.upper]) == pytest.approx(theirs.conf_int(0.1))
    assert found.df == 17


def test_statsmodels_still_uses_the_normal_for_hc3() -> None:
    theirs = OLS(SHARES, with_intercept(COVARIATE)).fit(cov_type="HC3")
    assert theirs.use_t is False


def test_full_leverage_leaves_no_standard_error() -> None:
    found = ols_hc3([1, 2, 3, 4], {"capital": [0, 0, 0, 1]})
    assert found.estimate == pytest.approx([2, 2])
    assert np.isnan(found.se).all()
    assert np.isnan(found.p).all()
    assert "leverage_one" in found.flags
    assert np.isfinite(OLS([1, 2, 3, 4], with_intercept([0, 0, 0, 1])).fit(cov_type="HC1").bse).all()


def test_as_many_columns_as_rows_fit_without_error() -> None:
    found = ols_hc3([1, 3], {"x": [0, 1]})
    assert found.estimate == pytest.approx([1, 2])
    assert (found.df, found.flags) == (0, {"leverage_one", "many_covariates"})
    assert np.isnan(found.lower).all()


@given(rows, st.integers(0, 100), st.floats(-50, 50))
@settings(max_examples=30, deadline=None)
def test_ols_ignores_order_and_follows_shifts(data: list, seed: int, shift: float) -> None:
    x, y, _ = np.array(data).T
    x = x + np.arange(len(x))
    order = np.random.default_rng(seed).permutation(len(x))
    found, shifted = ols_hc3(y, x), ols_hc3(y[order] + shift, x[order])
    assert shifted.estimate == pytest.approx(found.estimate + np.array([shift, 0]), abs=1e-7)
    assert shifted.se == pytest.approx(found.se, abs=1e-7, nan_ok=True)


def test_quasi_binomial_agrees_with_statsmodels_by_variance_weights() -> None:
    share = np.array(K) / N
    theirs = GLM(share, with_intercept(X), family=Binomial(), var_weights=np.array(N)).fit(scale="X2", tol=1e-12)
    found = quasi_binomial(K, N, X)
    assert found.estimate == pytest.approx(theirs.params)
    assert found.se == pytest.approx(theirs.bse)
    assert found.dispersion == pytest.approx(theirs.scale)
    assert found.p == pytest.approx(2 * student.sf(np.abs(found.estimate / found.se), 8))


def test_statsmodels_still_counts_trials_as_units() -> None:
    two_columns = np.column_stack([K, np.subtract(N, K)])
    theirs = GLM(two_columns, with_intercept(X), family=Binomial()).fit(scale="X2")
    assert theirs.scale < 0.05 * quasi_binomial(K, N, X).dispersion


@pytest.mark.parametrize("hc3", [False, True], ids=["hc0", "hc3"])
def test_sandwich_of_the_logit_follows_its_definition(hc3: bool) -> None:
    found = glm_robust(K, N, X)
    mu = expit(with_intercept(X) @ found.estimate)
    by_hand = sandwich(with_intercept(X), np.array(N) * mu * (1 - mu), np.array(K) - N * mu, hc3)
    assert (found.se_hc3 if hc3 else found.se_hc0) == pytest.approx(by_hand)
    assert (found.se == found.se_hc3).all()


def test_statsmodels_still_returns_hc0_for_hc3() -> None:
    model = GLM(np.array(K) / N, with_intercept(X), family=Binomial(), var_weights=np.array(N))
    hc0, hc3 = (model.fit(cov_type=kind).bse for kind in ("HC0", "HC3"))
    assert hc3 == pytest.approx(hc0)
    assert (glm_robust(K, N, X).se_hc3 > 1.1 * hc3).all()


def test_fractional_logit_agrees_with_statsmodels() -> None:
    theirs = GLM(SHARES, with_intercept(COVARIATE), family=Binomial()).fit(cov_type="HC0", tol=1e-12)
    found = fractional_logit(SHARES, COVARIATE)
    assert found.estimate == pytest.approx(theirs.params)
    assert found.se_hc0 == pytest.approx(theirs.bse, rel=1e-6)


@given(rows)
@settings(max_examples=40, deadline=None)
def test_the_fit_solves_the_score_equations(data: list) -> None:
    x, k, n = np.array(data).T
    design = with_intercept(x + 0.1 * np.arange(len(x)))
    found = glm_robust(k, n, design[:, 1])
    mu = expit(design @ found.estimate)
    assert design.T @ (k - n * mu) == pytest.approx([0, 0], abs=1e-7)
    assert found.se_hc3 == pytest.approx(np.maximum(found.se_hc3, found.se_hc0), nan_ok=True)


@given(rows)
@settings(max_examples=30, deadline=None)
def test_failures_mirror_successes(data: list) -> None:
    x, k, n = np.array(data).T
    x = x + 0.1 * np.arange(len(x))
    found, mirrored = quasi_binomial(k, n, x), quasi_binomial(n - k, n, x)
    assert mirrored.estimate == pytest.approx(-found.estimate, abs=1e-8)
    assert mirrored.dispersion == pytest.approx(found.dispersion, rel=1e-7)


@pytest.mark.parametrize(
    ("share", "x", "separated"),
    [
        ([1, 1, 1], [1, 2, 3], True),
        ([0, 0, 1, 1], [1, 2, 3, 4], True),
        ([0, 0, 1, 1], [1, 2, 2, 4], True),
        ([0, 1, 0, 1], [1, 2, 3, 4], False),
        ([0, 0.5, 1, 1], [1, 2, 3, 4], True),
        ([0, 0.5, 0.7, 1], [1, 2, 3, 4], False),
        ([0.5, 0.5, 1, 1], [0, 0, 1, 1], True),
        ([0.5, 0.5, 1, 0], [0, 0, 1, 1], False),
        ([0.2, 0.4, 0.6], [1, 2, 3], False),
    ],
    ids=["all", "complete", "touching", "mixed", "one-inside", "two-inside", "one-group", "both-groups", "inside"],
)
def test_separation_is_found_exactly(share: list, x: list, separated: bool) -> None:
    assert is_separated(with_intercept(x), np.array(share, float)) is separated
    found = fractional_logit(share, x)
    assert ("separation" in found.flags) is separated
    assert np.isnan(found.estimate).all() == separated
    assert np.isnan(found.se_hc0).all() == separated


def test_separated_counts_have_no_dispersion() -> None:
    found = quasi_binomial([7, 5, 9], [7, 5, 9], [1, 2, 4])
    assert math.isnan(found.dispersion)
    assert np.isnan(found.se).all()
    assert "separation" in found.flags


def test_a_fit_as_rich_as_its_data_is_exact() -> None:
    found = fractional_logit([0.2, 0.6], [1, 2])
    assert found.estimate == pytest.approx([2 * logit(0.2) - logit(0.6), logit(0.6) - logit(0.2)])
    assert np.isnan(found.se_hc3).all()
    assert math.isnan(quasi_binomial([2], [10], {}).dispersion)


def test_millions_of_trials_and_large_covariates_converge() -> None:
    k, n = [1, 999_999, 14_499_999], [1_000_000, 1_000_000, 14_500_000]
    x = np.array([1e6, 2e6, 4e6])
    found = glm_robust(k, n, x)
    mu = expit(with_intercept(x) @ found.estimate)
    assert np.sum(k - n * mu) == pytest.approx(0, abs=1e-5)


def test_incomplete_rows_are_dropped_and_counted() -> None:
    whole = quasi_binomial(K, N, {"x": X, "z": [1, 0, 1, 0, 0, 1, 1, 0, 1, 0]})
    found = quasi_binomial(
        [*K, None, 3, 0], [*N, 9, 9, 0], {"x": [*X, 1, None, 2], "z": [1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1]}
    )
    assert found.n_missing == 3
    assert found.estimate == pytest.approx(whole.estimate)
    assert found.names == ("intercept", "x", "z")


def test_more_than_one_covariate_for_ten_units_is_flagged() -> None:
    assert "many_covariates" not in quasi_binomial(K, N, X).flags
    assert "many_covariates" in quasi_binomial(K[:9], N[:9], X[:9]).flags


def test_without_intercept_the_names_are_those_of_the_covariates() -> None:
    found = ols_hc3([2, 4, 7], {"x": [1, 2, 3]}, intercept=False)
    assert found.names == ("x",)
    assert found.estimate == pytest.approx([31 / 14])


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (ols_hc3, {"y": [1, 2], "X": [1, 2, 3]}, "x1 must have as many rows as y; got 3 and 2"),
        (ols_hc3, {"y": [], "X": []}, "y must hold at least one value"),
        (
            ols_hc3,
            {"y": [1, 2, 3], "X": {"a": [1, 1, 1]}},
            "X must have independent columns; got collinear .* intercept, a",
        ),
        (ols_hc3, {"y": [1, 2, 3], "X": {"a": [1, 2, 3], "b": [2, 4, 6]}}, "got collinear ones among intercept, a, b"),
        (ols_hc3, {"y": [1, None], "X": [1, 2]}, "at least as many complete rows as columns; got 1 rows, 2 columns"),
        (ols_hc3, {"y": [1, 2], "X": [1, 2], "level": 95}, r"level must be in \(0, 1\)"),
        (ols_hc3, {"y": [1, 2], "X": {}, "intercept": False}, "X must hold at least one column"),
        (ols_hc3, {"y": [1, 2], "X": np.zeros((2, 2, 2))}, "X must be one column or a matrix; got 3 dimensions"),
        (ols_hc3, {"y": [1, 2], "X": ["a", "b"]}, "X must be numbers or None"),
        (quasi_binomial, {"k": [3], "n": [2], "X": {}}, "k must not exceed n"),
        (quasi_binomial, {"k": [-3], "n": [2], "X": {}}, "k must be at least 0"),
        (glm_robust, {"k": [1, 2], "n": [3], "X": {}}, "k, n must have the same length"),
        (fractional_logit, {"y": [0.5, 1.5], "X": [1, 2]}, "y must not exceed 1; got y = 1.5"),
        (fractional_logit, {"y": [0.5, -0.5], "X": [1, 2]}, "y must be at least 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_refused(function: object, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(**arguments)
