"""How unevenly a total is spread over units: the Gini index of known values.

Values of all units make a census: the index is exact, and only the bounds of the printed figures blur it
(`reform_analysis.statistics.inequality_bounds`). Jackknife and bootstrap speak of a process behind the values.
"""

import numpy as np
from numpy.typing import ArrayLike

from reform_analysis.statistics.result import (
    SEED,
    Estimate,
    FloatArray,
    as_non_negative,
    check_choice,
    check_level,
    check_not_empty,
    check_same_length,
    result,
)

CITATION = "Ogwang 2000, doi:10.1111/1468-0084.00163"
BOOTSTRAP_METHODS = ("percentile",)

# resampled values held in memory at once
_CHUNK = 2_000_000


@result
class Gini(Estimate):
    """Gini index of a complete set of units.

    Attributes
    ----------
    unbiased : float
        The index times n / (n - 1), which reaches 1 when one unit holds all; NaN for one unit.
    jackknife_se : float
        Standard error of the plain index for a process behind the values; NaN where leaving out a unit leaves
        nothing.
    """

    unbiased: float
    jackknife_se: float


def gini(x: ArrayLike) -> Gini:
    """Return the Gini index of the values of all units.

    Parameters
    ----------
    x : (N,) array
        Values at least 0, one a unit. A missing value makes the index NaN: bound it with `gini_bounds`.

    Returns
    -------
    Gini
        Index in [0, 1 - 1/N]; `lower` and `upper` equal it, since a census has no sampling error. NaN if all
        values are 0.

    Raises
    ------
    ValueError
        For no value, or a negative or infinite one.

    Notes
    -----
    sum_ij |x_i - x_j| / (2 N^2 mean). The jackknife standard error is sqrt((N - 1) / N sum (g_(i) - mean g)^2) of
    the plain index.

    References
    ----------
    Ogwang 2000, doi:10.1111/1468-0084.00163 (jackknife).

    Examples
    --------
    Documented example of the R packages ineq and DescTools: .4620911, unbiased .5134346.

    >>> spread = gini([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261])
    >>> print(f"{spread.estimate:.7f} {spread.unbiased:.7f}")
    0.4620911 0.5134346
    """
    values = units("x", x)
    n, flags = len(values), value_flags(values)
    index = np.nan if flags else float(plain_gini(values))
    return Gini(
        estimate=index,
        lower=index,
        upper=index,
        level=np.nan,
        method="plain",
        estimand="descriptive",
        n=n,
        n_missing=int(np.isnan(values).sum()),
        flags=flags | {"census"},
        inputs={"x": x},
        citation=CITATION,
        unbiased=index * n / (n - 1) if n > 1 else np.nan,
        jackknife_se=np.nan if flags else _jackknife_se(values),
    )


def gini_weighted(x: ArrayLike, w: ArrayLike) -> Estimate:
    """Return the Gini index of values per head, weighted by heads.

    Parameters
    ----------
    x : (N,) array
        Values at least 0, one a unit; a missing value or weight makes the index NaN.
    w : (N,) array
        Weights at least 0, such as populations; their scale does not matter.

    Returns
    -------
    Estimate
        Index in [0, 1); NaN if all values or all weights are 0.

    Raises
    ------
    ValueError
        For no value, a negative or infinite one, or unequal lengths.

    Notes
    -----
    sum_ij w_i w_j |x_i - x_j| / (2 mean) with weights that sum to 1 and the weighted mean. A ratio per head
    without weights would count a person in a small province many times.

    References
    ----------
    Lerman and Yitzhaki 1989, doi:10.1016/0304-4076(89)90074-2 (weighted index).

    Examples
    --------
    By hand: three of four people with 1, one with 3; mean 1.5, so 2 (3/4) (1/4) 2 / 3.

    >>> gini_weighted([1, 3], [3, 1]).estimate
    0.25
    """
    values, weights = units("x", x), units("w", w)
    check_same_length(x=values, w=weights)
    flags = value_flags(np.where(np.isnan(weights), np.nan, values * weights))
    index = np.nan if flags else _plain_gini_weighted(values, weights)
    return Estimate(
        estimate=index,
        lower=index,
        upper=index,
        level=np.nan,
        method="weighted",
        estimand="descriptive",
        n=len(values),
        n_missing=int((np.isnan(values) | np.isnan(weights)).sum()),
        flags=flags | {"census"},
        inputs={"x": x, "w": w},
        citation="Lerman and Yitzhaki 1989, doi:10.1016/0304-4076(89)90074-2",
    )


def gini_bootstrap(
    x: ArrayLike,
    *,
    method: str = "percentile",
    level: float = 0.95,
    resamples: int = 20_000,
    seed: int | np.random.Generator = SEED,
) -> Estimate:
    """Return the Gini index with a bootstrap interval, for a process that yields such units.

    Parameters
    ----------
    x : (N,) array
        Values at least 0, one a unit; a missing value makes the result NaN.
    method : {"percentile"}
        Kind of bootstrap interval.
    level : float
        Confidence level in (0, 1).
    resamples : int
        Number of resamples, at least 10,000 for figures that get printed.
    seed : int or Generator
        Source of the random numbers.

    Returns
    -------
    Estimate
        Plain index and percentile interval. Resamples of zeros only have no index and are left out.

    Raises
    ------
    ValueError
        For no value, a negative or infinite one, an unknown method, a level outside (0, 1) or no resample.

    Notes
    -----
    Not for the 34 provinces, which are all there are. With few and skewed units the interval covers less often
    than its level says.

    References
    ----------
    Davidson 2009, doi:10.1016/j.jeconom.2008.11.004 (coverage).

    Examples
    --------
    The R package boot gives .240 to .565 for these values; the ends vary in the third digit.

    >>> spread = gini_bootstrap([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261])
    >>> print(f"{spread.lower:.2f} {spread.upper:.2f}")
    0.24 0.56
    """
    check_choice("method", method, BOOTSTRAP_METHODS)
    level, values = check_level(level), units("x", x)
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1; got {resamples}")
    flags = value_flags(values)
    indices = np.array([np.nan]) if flags else _resampled(values, resamples, np.random.default_rng(seed))
    lower, upper = np.quantile(indices, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(
        estimate=np.nan if flags else float(plain_gini(values)),
        lower=float(lower),
        upper=float(upper),
        level=level,
        method=method,
        estimand="process",
        n=len(values),
        n_missing=int(np.isnan(values).sum()),
        flags=flags,
        inputs={"x": x},
        citation="Davidson 2009, doi:10.1016/j.jeconom.2008.11.004",
    )


def plain_gini(values: FloatArray) -> FloatArray:
    """Gini index along the last axis; NaN where all values are 0."""
    n = values.shape[-1]
    ranks = 2 * np.arange(1, n + 1) - n - 1
    total = values.sum(axis=-1)
    return np.asarray(np.sort(values, axis=-1) @ ranks / (n * np.where(total > 0, total, np.nan)))


def units(name: str, x: ArrayLike) -> FloatArray:
    """The values as a one-dimensional array, at least 0 and not empty."""
    values = np.atleast_1d(as_non_negative(name, x))
    check_not_empty(name, values)
    return values


def value_flags(values: FloatArray) -> frozenset[str]:
    """Why an index cannot be computed: a missing value, or nothing to share."""
    if np.isnan(values).any():
        return frozenset({"missing_input"})
    return frozenset() if values.any() else frozenset({"all_zero"})


def _plain_gini_weighted(values: FloatArray, weights: FloatArray) -> float:
    """Weighted mean difference over twice the weighted mean, by one pass over the sorted values."""
    order = np.argsort(values)
    sorted_values, share = values[order], weights[order] / weights.sum()
    below = np.cumsum(share) - share
    above = 1 - below - share
    return float(np.sum(share * sorted_values * (below - above)) / np.sum(share * sorted_values))


def _jackknife_se(values: FloatArray) -> float:
    """Standard error from the indices without one unit each."""
    n = len(values)
    if n < 2:
        return np.nan
    ordered = np.sort(values)
    position = np.arange(n)
    before = np.cumsum(ordered) - ordered
    after = ordered.sum() - before - ordered
    differences = position * ordered - before + after - (n - 1 - position) * ordered
    remaining = ordered.sum() - ordered
    # a pair counts in two units' sums of differences
    kept = differences.sum() / 2 - differences
    without = kept / ((n - 1) * np.where(remaining > 0, remaining, np.nan))
    return float(np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))


def _resampled(values: FloatArray, resamples: int, rng: np.random.Generator) -> FloatArray:
    """Gini indices of resamples that are not all 0, drawn in chunks that fit in memory."""
    n, rows = len(values), max(1, _CHUNK // len(values))
    sizes = [min(rows, resamples - start) for start in range(0, resamples, rows)]
    indices = [plain_gini(values[rng.integers(n, size=(size, n))]) for size in sizes]
    found = np.concatenate([np.atleast_1d(index) for index in indices])
    return found[~np.isnan(found)]
