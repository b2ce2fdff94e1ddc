"""Freedman and Lane's test: full models refitted for all orders, properties, edges, errors."""

import math
from itertools import permutations

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from reform_analysis.statistics.arrangements import RESAMPLES
from reform_analysis.statistics.partial_association import freedman_lane
from reform_analysis.statistics.permutation import permutation_correlation

Y, X, Z = [1.2, 1.9, 3.7, 3.5, 5.9, 5.1], [1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 4]


def refitted(y: list[float], x: list[float], z: np.ndarray) -> tuple[float, float]:
    """t value and p-value from a full least-squares fit for each order of the residuals."""
    nuisance = np.column_stack([np.ones(len(y)), z])
    fitted = OLS(y, nuisance).fit().fittedvalues
    residual, full = np.array(y) - fitted, np.column_stack([nuisance, x])
    t = np.array([OLS(fitted + residual[list(order)], full).fit().tvalues[-1] for order in permutations(range(len(y)))])
    return float(t[0]), float(np.mean(np.abs(t) >= abs(t[0]) * (1 - 1e-9)))


@pytest.mark.parametrize(
    ("y", "x", "z"),
    [
        (Y[:5], X[:5], np.array(Z[:5])),
        ([3, 1, 4, 1, 5], [2, 7, 1, 8, 2], np.array([1, 0, 0, 1, 0])),
        ([3, 1, 4, 1, 5], [2, 7, 1, 8, 2], np.array([[1, 2], [0, 1], [0, 5], [1, 1], [0, 3]])),
    ],
    ids=["one-covariate", "group", "two-covariates"],
)
def test_p_value_is_that_of_refitted_models(y: list, x: list, z: np.ndarray) -> None:
    found = freedman_lane(y, x, z)
    assert (found.t, found.p) == pytest.approx(refitted(y, x, z))


def test_without_covariates_it_is_the_test_of_the_correlation() -> None:
    found, plain = freedman_lane(Y, X, {}), permutation_correlation(X, Y)
    assert found.p == plain.p
    assert found.t == pytest.approx(plain.estimate * math.sqrt(4 / (1 - plain.estimate**2)))


def test_t_is_that_of_the_full_model() -> None:
    theirs = OLS(Y, np.column_stack([np.ones(6), Z, X])).fit()
    found = freedman_lane(Y, X, {"z": Z})
    assert found.t == pytest.approx(theirs.tvalues[-1])
    assert found.df == theirs.df_resid


def test_scale_and_what_z_explains_are_irrelevant() -> None:
    moved = freedman_lane(1e6 * (np.array(Y) + 3 * np.array(Z)), 7 * np.array(X) - 2 * np.array(Z), Z)
    assert moved.p == freedman_lane(Y, X, Z).p


def test_more_than_nine_rows_are_sampled_with_a_seed() -> None:
    x, y, z = np.random.default_rng(2).normal(size=(3, 12))
    found = freedman_lane(y, x, z)
    assert (found.method, found.arrangements) == ("Freedman-Lane, monte_carlo", RESAMPLES)
    assert found == freedman_lane(y, x, z)
    assert found.p != freedman_lane(y, x, z, seed=1).p
    drawn = freedman_lane(Y, X, Z, exact=False)
    assert drawn.p == pytest.approx(freedman_lane(Y, X, Z).p, abs=0.003)


def test_perfect_association_is_infinite() -> None:
    found = freedman_lane([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 1, 4, 0])
    assert found.t == math.inf
    assert found.p == pytest.approx(2 / 120)


def test_outcome_that_z_explains_is_constant() -> None:
    found = freedman_lane([1, 2, 3, 4, 5], [1, 4, 2, 2, 8], [1, 2, 3, 4, 5])
    assert math.isnan(found.t)
    assert math.isnan(found.p)
    assert "constant" in found.flags


def test_incomplete_rows_are_dropped_and_counted() -> None:
    found = freedman_lane([*Y, None, 1, 1], [*X, 1, None, 1], [*Z, 1, 1, None])
    assert (found.n, found.n_missing) == (6, 3)
    assert found.p == freedman_lane(Y, X, Z).p


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": [1, 2, 3, 4], "x": [1, 3, 2, 5], "z": [2, 6, 4, 10]}, "x must not be a linear combination of z"),
        (
            {"y": [1, 2, 3], "x": [1, 3, 2], "z": [2, 6, 5]},
            "more complete rows than coefficients; got 3 rows, 3 coefficients",
        ),
        ({"y": [1, 2, 3], "x": [1, 3], "z": [2, 6, 5]}, "x must have as many rows as y"),
        ({"y": [], "x": [], "z": []}, "y must hold at least one value"),
    ],
    ids=["collinear", "no-degrees", "lengths", "empty"],
)
def test_bad_input_is_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        freedman_lane(**arguments)
