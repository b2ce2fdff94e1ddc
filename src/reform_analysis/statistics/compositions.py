"""Shares of a whole that add up, and shares of a finite population of which a random sample was seen."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import hypergeom

from reform_analysis.statistics.proportions import census_limits, limits
from reform_analysis.statistics.result import (
    Estimate,
    as_counts,
    as_parts,
    check_choice,
    check_estimand,
    check_level,
    check_not_empty,
    data_flags,
    result,
    share_or,
)


@result
class FinitePopulationEstimate(Estimate):
    """Share of a finite population that has an attribute.

    Attributes
    ----------
    M_lower, M_upper : float
        The ends of the interval as numbers of units.
    """

    M_lower: float
    M_upper: float


def multinomial_ci(
    counts: ArrayLike, *, method: str = "goodman", level: float = 0.95, estimand: str = "descriptive"
) -> Estimate:
    """Shares of several parts of one whole, with intervals that hold for all parts at once.

    Parameters
    ----------
    counts : (K,) array of int
        Units in each of K parts. One NaN makes the whole unknown, so it gives NaN for all parts.
    method : {"goodman"}
        Formula of the intervals.
    level : float
        Simultaneous confidence level in (0, 1).
    estimand : {"descriptive", "process"}
        "descriptive": the parts were counted completely, so each interval is the share itself, flag ``census``.

    Returns
    -------
    Estimate
        (K,) arrays of fractions. All counts 0: estimate NaN, intervals [0, 1], flag ``no_data``.

    Raises
    ------
    ValueError
        If there is no part, a count is negative or not whole, the level is outside (0, 1), or a name is unknown.

    Notes
    -----
    Goodman's intervals are Wilson's at level 1 - (1 - level) / K. Two parts of one whole are one number, not
    two. K separate 95 % intervals would miss some share more often than 5 % of the time.

    References
    ----------
    Goodman LA (1965). Technometrics 7:247-254. doi:10.1080/00401706.1965.10490252

    Examples
    --------
    44 of 100 tasks central, 56 local, taken as a process:

    >>> found = multinomial_ci([44, 56], estimand="process")
    >>> found.lower.round(4).tolist(), found.upper.round(4).tolist()
    ([0.3343, 0.4485], [0.5515, 0.6657])
    """
    check_choice("method", method, ("goodman",))
    check_level(level)
    parts = np.atleast_1d(as_counts("counts", counts))
    check_not_empty("counts", parts)
    whole = np.full_like(parts, parts.sum())
    shares = share_or(parts, whole, np.nan)
    census = check_estimand(estimand) == "descriptive"
    joint = 1 - (1 - level) / parts.size
    lower, upper = census_limits(parts, whole) if census else limits(parts, whole, joint, "wilson")
    return Estimate(
        estimate=shares,
        lower=lower,
        upper=upper,
        level=np.nan if census else level,
        method="census" if census else method,
        estimand=estimand,
        n=float(parts.sum()),
        n_missing=int(np.isnan(parts).sum()),
        flags=data_flags(whole, census=census),
        inputs={"counts": counts},
        citation="" if census else "Goodman 1965, doi:10.1080/00401706.1965.10490252",
    )


def hypergeometric_ci(
    x: float, n: float, N: float, *, level: float = 0.95, estimand: str = "descriptive"
) -> FinitePopulationEstimate:
    """Share of N units that have an attribute, from a random sample of n of them.

    Parameters
    ----------
    x : int
        Sampled units with the attribute. NaN gives NaN.
    n, N : int
        Sampled units and all units, x <= n <= N.
    level : float
        Confidence level in (0, 1).
    estimand : {"descriptive"}
        The share of these N units. For the propensity behind them use `proportion_ci`.

    Returns
    -------
    FinitePopulationEstimate
        Fractions of N, and the same ends as numbers of units. n = N: the value itself, flag ``census``.
        n = 0: estimate NaN, interval [0, 1], flag ``no_data``.

    Raises
    ------
    ValueError
        If a count is wrong, the level is outside (0, 1), or the estimand is "process".

    Notes
    -----
    All numbers of units at which neither tail of the hypergeometric distribution falls to (1 - level) / 2. A
    binomial interval with a finite population correction is not used: it does not collapse exactly at n = N.
    Valid for *random* samples only, never for units that the press selected; for those see `selection_bounds`.

    References
    ----------
    Wang W (2015). Journal of the American Statistical Association 110:1491-1499.
    doi:10.1080/01621459.2014.966191 (sharper limits; this is the equal-tailed interval it starts from)

    Examples
    --------
    72 of 90 tasks done is a census; 24 of a random 30 of 90 is not:

    >>> done = hypergeometric_ci(72, 90, 90)
    >>> done.lower, done.upper
    (0.8, 0.8)
    >>> sampled = hypergeometric_ci(24, 30, 90)
    >>> sampled.M_lower, sampled.M_upper
    (59.0, 81.0)
    """
    check_level(level)
    if check_estimand(estimand) == "process":
        raise ValueError("estimand must be descriptive for a share of N units; for the process use proportion_ci")
    hits, sample = as_parts("x", x, "n", n)
    sample, units = as_parts("n", sample, "N", N)
    missing = bool(np.isnan(hits + sample + units))
    M_lower, M_upper = (np.nan, np.nan) if missing else _unit_limits(int(hits), int(sample), int(units), level)
    lower, upper = (0.0, 1.0) if units == 0 else (M_lower / float(units), M_upper / float(units))
    census = bool(units > 0) and bool(sample == units)
    return FinitePopulationEstimate(
        estimate=float(share_or(hits, sample, np.nan)),
        lower=lower,
        upper=upper,
        level=level,
        method="hypergeometric",
        estimand=estimand,
        n=float(sample),
        n_missing=int(missing),
        flags=data_flags(np.where(missing, np.nan, sample), census=census),
        inputs={"x": x, "n": n, "N": N},
        citation="Wang 2015, doi:10.1080/01621459.2014.966191",
        M_lower=M_lower,
        M_upper=M_upper,
    )


def _unit_limits(x: int, n: int, N: int, level: float) -> tuple[float, float]:
    """Smallest and largest number of units with the attribute that the sample does not reject."""
    tail = (1 - level) / 2
    fewest, most = x, N - (n - x)
    low = _first(lambda M: hypergeom.sf(x - 1, N, M, n) > tail, fewest, most)
    beyond = _first(lambda M: hypergeom.cdf(x, N, M, n) <= tail, fewest, most + 1)
    return float(low), float(beyond - 1)


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first number from low on at which a monotone condition holds; high where none before it does."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
