"""Permutation tests of an association and of a difference, for few units."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from reform_analysis.statistics.arrangements import (
    CITATION,
    TIE,
    Seed,
    divisions,
    method_name,
    orders,
    p_value,
)
from reform_analysis.statistics.result import (
    SEED,
    FloatArray,
    as_numbers,
    check_choice,
    check_not_empty,
    check_same_length,
    result,
)

P_CHOICES = ("exact", "permutation_exact", "monte_carlo")
CORRELATIONS = ("pearson", "spearman")
LOCATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "mean_difference": lambda values: np.asarray(values.mean(axis=-1)),
    "median_difference": lambda values: np.asarray(np.median(values, axis=-1)),
}


@result
class Correlation:
    """A correlation coefficient with its permutation p-value.

    Attributes
    ----------
    estimate : float
        The coefficient, in [-1, 1]; NaN for constant input.
    p : float
        Two-sided p-value.
    method : str
        ``"spearman"`` or ``"pearson"``, and how arrangements were found: ``"exact"`` or ``"monte_carlo"``.
    arrangements : int
        Number of arrangements behind `p`.
    n, n_missing : int
        Complete pairs, and incomplete ones left out.
    flags : frozenset of str
        ``constant`` where one variable does not vary.
    citation : str
        The publication of the method.
    """

    estimate: float
    p: float
    method: str
    arrangements: int
    n: int
    n_missing: int
    flags: frozenset[str]
    citation: str


@result
class Difference:
    """A difference between two groups with its permutation p-values.

    Attributes
    ----------
    difference : float
        Location of the first group less that of the second, in units of the values.
    p : float
        Share of arrangements whose difference is as large in absolute value.
    p_twice_smaller : float
        Twice the smaller one-sided share, at most 1.
    method : str
        The statistic, and ``"exact"`` or ``"monte_carlo"``.
    arrangements : int
        Number of arrangements behind the p-values.
    n, n_missing : int
        Values in both groups, and missing ones left out.
    citation : str
        The publication of the method.
    """

    difference: float
    p: float
    p_twice_smaller: float
    method: str
    arrangements: int
    n: int
    n_missing: int
    citation: str


def spearman(x: ArrayLike, y: ArrayLike, *, p: str = "exact", seed: Seed = SEED) -> Correlation:
    """Return Spearman's rank correlation with a permutation p-value.

    Parameters
    ----------
    x, y : (N,) array
        Paired values; pairs with a missing value are left out and counted.
    p : {"exact", "permutation_exact", "monte_carlo"}
        All arrangements for at most 9 pairs, else 99,999 drawn ones; or drawn ones in any case. The first two
        names mean the same.
    seed : int or Generator
        Source of the drawn arrangements.

    Returns
    -------
    Correlation
        Coefficient of the midranks and its two-sided p-value; NaN for constant input.

    Raises
    ------
    ValueError
        For no pair, unequal lengths or an unknown p.

    Notes
    -----
    An arrangement counts where its absolute coefficient reaches the observed one less 1e-12. scipy's `spearmanr`
    uses a t approximation, too small by a third for six pairs.

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585 (p = (b + 1) / (m + 1) for drawn arrangements).

    Examples
    --------
    By hand: of the 24 orders of four, two are perfect.

    >>> found = spearman([1, 2, 3, 4], [10, 20, 30, 40])
    >>> print(f"{found.estimate:.3f} {found.p:.4f}")
    1.000 0.0833
    """
    check_choice("p", p, P_CHOICES)
    return _correlation(x, y, method="spearman", exact=p != "monte_carlo", seed=seed)


def permutation_correlation(
    x: ArrayLike,
    y: ArrayLike,
    *,
    method: str = "pearson",
    exact: bool = True,
    seed: Seed = SEED,
) -> Correlation:
    """Return a correlation with a permutation p-value.

    Parameters
    ----------
    x, y : (N,) array
        Paired values; pairs with a missing value are left out and counted.
    method : {"pearson", "spearman"}
        Correlation of the values or of their midranks.
    exact : bool
        Whether to try all arrangements where there are at most 9 pairs; else 99,999 are drawn.
    seed : int or Generator
        Source of the drawn arrangements.

    Returns
    -------
    Correlation
        Coefficient and two-sided p-value; NaN for constant input.

    Raises
    ------
    ValueError
        For no pair, unequal lengths or an unknown method.

    Notes
    -----
    As for `spearman`. Over provinces a correlation is ecological: it says nothing of the people in them.

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.

    Examples
    --------
    By hand: the observed order and its reverse, of 6.

    >>> print(f"{permutation_correlation([1, 2, 4], [1, 2, 4]).p:.4f}")
    0.1667
    """
    check_choice("method", method, CORRELATIONS)
    return _correlation(x, y, method=method, exact=exact, seed=seed)


def permutation_two_sample(
    a: ArrayLike,
    b: ArrayLike,
    *,
    statistic: str = "mean_difference",
    exact: bool = True,
    seed: Seed = SEED,
) -> Difference:
    """Return the difference between two groups with permutation p-values.

    Parameters
    ----------
    a, b : (M,) and (N,) array
        Values of the groups; missing ones are left out and counted.
    statistic : {"mean_difference", "median_difference"}
        Difference of means, or of medians for ordinal grades.
    exact : bool
        Whether to try all divisions where there are at most 362,880; else 99,999 are drawn.
    seed : int or Generator
        Source of the drawn divisions.

    Returns
    -------
    Difference
        Difference and two-sided p-values; these are 1 where all values are equal.

    Raises
    ------
    ValueError
        For an empty group or an unknown statistic.

    Notes
    -----
    `p` counts divisions by the absolute difference. scipy's `permutation_test` calls twice the smaller tail
    two-sided: `p_twice_smaller`. Groups of different size tell the two apart.

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.

    Examples
    --------
    By hand: of the ten pairs among 1 to 5, only 1 and 2, or 4 and 5, lie as far from the others.

    >>> found = permutation_two_sample([1, 2], [3, 4, 5])
    >>> found.difference, found.p
    (-2.5, 0.2)
    """
    locate = LOCATIONS[check_choice("statistic", statistic, LOCATIONS)]
    first, second = _complete("a", a), _complete("b", b)
    pooled, m = np.concatenate([first, second]), len(first)
    observed = float(locate(first) - locate(second))
    blocks, is_all = divisions(len(pooled), m, exact=exact, seed=seed)
    found = np.concatenate([locate(pooled[rows[:, :m]]) - locate(pooled[rows[:, m:]]) for rows in blocks])
    tie = TIE * float(np.abs(pooled).max())
    tails = p_value(found >= observed - tie, is_all), p_value(found <= observed + tie, is_all)
    return Difference(
        difference=observed,
        p=p_value(np.abs(found) >= abs(observed) - tie, is_all),
        p_twice_smaller=min(1.0, 2 * min(tails)),
        method=method_name(statistic, is_all),
        arrangements=len(found),
        n=len(pooled),
        n_missing=np.size(a) + np.size(b) - len(pooled),
        citation=CITATION,
    )


def unit_deviations(values: FloatArray) -> FloatArray:
    """Return deviations from the mean, brought to length 1."""
    deviations = values - values.mean()
    return np.asarray(deviations / np.linalg.norm(deviations), dtype=float)


def _complete(name: str, values: ArrayLike) -> FloatArray:
    """The values that are not missing; ValueError if none is left."""
    numbers = np.atleast_1d(as_numbers(name, values))
    numbers = numbers[~np.isnan(numbers)]
    check_not_empty(name, numbers)
    return numbers


def _correlation(x: ArrayLike, y: ArrayLike, *, method: str, exact: bool, seed: Seed) -> Correlation:
    """The correlation of values or midranks, and how many arrangements reach it."""
    left, right = np.atleast_1d(as_numbers("x", x)), np.atleast_1d(as_numbers("y", y))
    check_same_length(x=left, y=right)
    complete = ~(np.isnan(left) | np.isnan(right))
    check_not_empty("x and y without missing values", left[complete])
    rank = rankdata if method == "spearman" else np.asarray
    u, v = rank(left[complete]), rank(right[complete])
    constant = bool((u == u[0]).all() or (v == v[0]).all())
    blocks, is_all = orders(len(u), exact=exact, seed=seed)
    observed, found = np.nan, np.zeros(0)
    if not constant:
        u, v = unit_deviations(u), unit_deviations(v)
        observed, found = float(u @ v), np.concatenate([v[rows] @ u for rows in blocks])
    return Correlation(
        estimate=float(np.clip(observed, -1, 1)),
        p=np.nan if constant else p_value(np.abs(found) >= abs(observed) - TIE, is_all),
        method=method_name(method, is_all),
        arrangements=len(found),
        n=len(u),
        n_missing=int(np.sum(~complete)),
        flags=frozenset({"constant"}) if constant else frozenset(),
        citation=CITATION,
    )
