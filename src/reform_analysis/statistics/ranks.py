"""Ranks that each unit can hold, given intervals for the values behind them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reform_analysis.statistics.proportions import CITATIONS, FORMULAS, limits
from reform_analysis.statistics.result import (
    FloatArray,
    as_counts,
    as_numbers,
    check_choice,
    check_level,
    check_not_empty,
    check_part,
    check_same_length,
    result,
)

CITATION = "Klein, Wright and Wieczorek 2020, doi:10.1111/rssc.12402"
JOINT = ("bonferroni", "none")


@result
class RankIntervals:
    """The ranks that each unit can hold.

    Attributes
    ----------
    best, worst : (K,) integer array
        Ends of the interval of ranks; rank 1 is the highest value.
    level : float
        Confidence of the units' intervals, all at once if joint; NaN where the intervals hold with certainty.
    method : str
        How the units' intervals were made.
    estimand : str
        ``"descriptive"`` for given bounds, ``"process"`` for sampling intervals.
    n, n_missing : int
        Units ranked, and how many of them have no interval: these can hold any rank.
    flags : frozenset of str
        ``missing_input`` where a unit has no interval.
    citation : str
        The publication of the method.
    """

    best: NDArray[np.int64]
    worst: NDArray[np.int64]
    level: float
    method: str
    estimand: str
    n: int
    n_missing: int
    flags: frozenset[str]
    citation: str


def rank_intervals(lo: ArrayLike, hi: ArrayLike) -> RankIntervals:
    """Return the ranks that units can hold when each value lies somewhere between its bounds.

    Parameters
    ----------
    lo, hi : (K,) array
        Bounds of the units' values; infinite ends are allowed. A unit with a missing end can lie anywhere on
        that side: it is kept, because leaving it out would improve the ranks of the others.

    Returns
    -------
    RankIntervals
        Best and worst rank of each unit, 1 for the highest value. For bounds from rounding they are sharp.

    Raises
    ------
    ValueError
        For no unit, unequal lengths or a lower bound above its upper.

    Notes
    -----
    best = 1 + #{lo_j > hi_i}, worst = K - #{hi_j < lo_i}. A league table without these intervals shows an order
    that the figures do not have.

    References
    ----------
    Klein, Wright and Wieczorek 2020, doi:10.1111/rssc.12402.

    Examples
    --------
    By hand: a printed 99.5 stands above both others, whose intervals overlap.

    >>> ranks = rank_intervals(lo=[99.45, 98.0, 97.5], hi=[99.55, 98.9, 98.2])
    >>> ranks.best.tolist(), ranks.worst.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    low = np.atleast_1d(as_numbers("lo", lo, infinite=True))
    high = np.atleast_1d(as_numbers("hi", hi, infinite=True))
    check_same_length(lo=low, hi=high)
    check_not_empty("lo", low)
    check_part("lo", low, "hi", high)
    return _ranked(low, high, level=np.nan, method="given bounds", estimand="descriptive", citation=CITATION)


def rank_proportions(
    k: ArrayLike, n: ArrayLike, *, method: str = "wilson", level: float = 0.95, joint: str = "bonferroni"
) -> RankIntervals:
    """Return the ranks that the units' propensities can hold, given counts with binomial noise.

    Parameters
    ----------
    k : (K,) array
        Successes of each unit, whole numbers; a unit with a missing count, or no trial, can hold any rank.
    n : (K,) array
        Trials of each unit.
    method : str
        Interval of each proportion, one of those of `proportion_ci`.
    level : float
        Confidence level in (0, 1).
    joint : {"bonferroni", "none"}
        Whether all units' rank intervals shall hold at once, or each on its own.

    Returns
    -------
    RankIntervals
        Best and worst rank of each unit, 1 for the highest proportion.

    Raises
    ------
    ValueError
        For no unit, counts that are negative, not whole or above their trials, unequal lengths, an unknown
        method or a level outside (0, 1).

    Notes
    -----
    The formula of `rank_intervals` on intervals at level 1 - (1 - level) / K, whose joint coverage is at least
    `level`. Simple and safe; Mogstad et al. 2024 (doi:10.1093/restud/rdad006) are sharper, at the
    price of a bootstrap.

    References
    ----------
    Klein, Wright and Wieczorek 2020, doi:10.1111/rssc.12402, joint confidence sets by Bonferroni.

    Examples
    --------
    Dossiers on time in four communes: the 99.1 % of the second cannot be told from two printed 100 %.

    >>> ranks = rank_proportions([654, 1519, 753, 470], [671, 1533, 753, 470])
    >>> ranks.best.tolist(), ranks.worst.tolist()
    ([3, 1, 1, 1], [4, 4, 3, 3])
    """
    check_choice("method", method, FORMULAS)
    check_choice("joint", joint, JOINT)
    level = check_level(level)
    successes, trials = np.atleast_1d(as_counts("k", k)), np.atleast_1d(as_counts("n", n))
    check_same_length(k=successes, n=trials)
    check_not_empty("k", successes)
    check_part("k", successes, "n", trials)
    unit_level = 1 - (1 - level) / len(trials) if joint == "bonferroni" else level
    low, high = limits(successes, trials, unit_level, method)
    citation = f"{CITATION}; {CITATIONS[method]}"
    return _ranked(low, high, level=level, method=f"{method}, {joint}", estimand="process", citation=citation)


def _ranked(
    low: FloatArray, high: FloatArray, *, level: float, method: str, estimand: str, citation: str
) -> RankIntervals:
    """Count, for each unit, those certainly above and certainly below it."""
    missing = int(np.sum(np.isnan(low) | np.isnan(high)))
    # a comparison with NaN is false, so that an unknown unit is neither above nor below any other
    above = (low[None, :] > high[:, None]).sum(axis=1)
    below = (high[None, :] < low[:, None]).sum(axis=1)
    return RankIntervals(
        best=1 + above,
        worst=len(low) - below,
        level=level,
        method=method,
        estimand=estimand,
        n=len(low),
        n_missing=missing,
        flags=frozenset({"missing_input"}) if missing else frozenset(),
        citation=citation,
    )
