"""Difference and ratio of two independent proportions.

Vocabulary: k1 of n1 against k2 of n2; the difference is p1 - p2, the ratio p1 / p2.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from reform_analysis.statistics import score
from reform_analysis.statistics.proportions import Limits, limits
from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_parts,
    check_choice,
    check_estimand,
    check_independent,
    check_level,
    data_flags,
    share_or,
    unpack,
)

Groups = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Formula = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, float], Limits]

CITATIONS = {
    "newcombe": "Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
    "newcombe_cc": "Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
    "miettinen_nurminen": "Miettinen & Nurminen 1985, doi:10.1002/sim.4780040211",
    "koopman": "Koopman 1984, doi:10.2307/2531405",
    "katz_log": "Katz et al. 1978, doi:10.2307/2530610",
}


def proportion_diff_ci(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    method: str = "newcombe",
    level: float = 0.95,
    estimand: str = "descriptive",
    independent: bool = False,
) -> Estimate:
    """Difference of two proportions, p1 - p2, with its interval.

    Parameters
    ----------
    k1, n1, k2, n2 : int or (K,) array of int
        Successes and trials of the two groups; they broadcast. NaN or None gives NaN.
    method : {"newcombe", "newcombe_cc", "miettinen_nurminen"}
        Formula of the interval.
    level : float
        Confidence level in (0, 1).
    estimand : {"descriptive", "process"}
        "descriptive": both counts are complete, so the interval is the value itself, flag ``census``.
        "process": the difference of the two propensities.
    independent : bool
        The caller's word that the groups share no unit; required for the process estimand.

    Returns
    -------
    Estimate
        In [-1, 1]. A group without trials: estimate NaN, interval [-1, 1], flag ``no_data``.

    Raises
    ------
    ValueError
        If a count is wrong, the level is outside (0, 1), a name is unknown, or independence is not stated.

    Notes
    -----
    Two shares of the same base (online and on time of the same dossiers), or a commune and its province, are
    not independent. "miettinen_nurminen" inverts the score test; it is solved here because the same method of
    statsmodels (``method="score"``) has a wrong term in its cubic (56/70 against 48/80: .0526 to .3440).

    References
    ----------
    Newcombe RG (1998). Statistics in Medicine 17:873-890, methods 10 and 11.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
    Miettinen O, Nurminen M (1985). Statistics in Medicine 4:213-226, appendix I. doi:10.1002/sim.4780040211

    Examples
    --------
    Newcombe 1998, Table II (a), methods 10 and 6:

    >>> counts = {"k1": 56, "n1": 70, "k2": 48, "n2": 80, "estimand": "process", "independent": True}
    >>> for method in ("newcombe", "miettinen_nurminen"):
    ...     found = proportion_diff_ci(**counts, method=method)
    ...     print(round(found.lower, 4), round(found.upper, 4))
    0.0524 0.3339
    0.0528 0.3382
    """
    check_choice("method", method, DIFFERENCES)
    if check_estimand(estimand) == "process":
        check_independent(independent, "proportion_diff_ci")
    groups = _groups(k1, n1, k2, n2)
    p1, p2 = _shares(*groups)
    return _contrast(groups, p1 - p2, DIFFERENCES[method], (-1.0, 1.0), method, level, estimand)


def proportion_ratio_ci(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    method: str = "koopman",
    level: float = 0.95,
    estimand: str = "descriptive",
    independent: bool = False,
) -> Estimate:
    """Ratio of two proportions, p1 / p2, with its interval.

    Parameters
    ----------
    k1, n1, k2, n2, level, estimand, independent
        As for `proportion_diff_ci`.
    method : {"koopman", "miettinen_nurminen", "katz_log"}
        Formula of the interval. "katz_log" gives NaN where k1 or k2 is 0.

    Returns
    -------
    Estimate
        From 0 to infinity. k1 = 0: lower 0. k2 = 0: estimate NaN, upper infinite. Both: [0, inf].
        A group without trials: NaN, [0, inf], flag ``no_data``.

    Raises
    ------
    ValueError
        If a count is wrong, the level is outside (0, 1), a name is unknown, or independence is not stated.

    Notes
    -----
    "koopman" is the score interval; "miettinen_nurminen" widens its variance by N / (N - 1). Both are found by a
    root search on the logarithm of the ratio; statsmodels (``compare="ratio"``) returns complex numbers and a
    wrong lower end where p2 = 1.

    References
    ----------
    Koopman PAR (1984). Biometrics 40:513-517. doi:10.2307/2531405
    Miettinen O, Nurminen M (1985). Statistics in Medicine 4:213-226. doi:10.1002/sim.4780040211
    Katz D, Baptista J, Azen SP, Pike MC (1978). Biometrics 34:469-474. doi:10.2307/2530610

    Examples
    --------
    Gart & Nam 1988 (doi:10.2307/2531848), score limits for 8/15 against 4/15:

    >>> found = proportion_ratio_ci(8, 15, 4, 15, estimand="process", independent=True)
    >>> round(found.estimate, 3), round(found.lower, 3), round(found.upper, 3)
    (2.0, 0.815, 5.336)
    """
    check_choice("method", method, RATIOS)
    if check_estimand(estimand) == "process":
        check_independent(independent, "proportion_ratio_ci")
    groups = _groups(k1, n1, k2, n2)
    p1, p2 = _shares(*groups)
    return _contrast(groups, share_or(p1, p2, np.nan), RATIOS[method], (0.0, np.inf), method, level, estimand)


def _groups(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Groups:
    """The four counts, checked and broadcast against one another."""
    first, second = as_parts("k1", k1, "n1", n1), as_parts("k2", k2, "n2", n2)
    a, b, c, d = np.broadcast_arrays(*first, *second)
    return a, b, c, d


def _shares(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The two proportions; NaN without trials."""
    return share_or(k1, n1, np.nan), share_or(k2, n2, np.nan)


def _contrast(
    groups: Groups,
    estimate: FloatArray,
    formula: Formula,
    widest: tuple[float, float],
    method: str,
    level: float,
    estimand: str,
) -> Estimate:
    """The result for either contrast; the widest interval where nothing narrows it."""
    check_level(level)
    k1, n1, k2, n2 = groups
    census, empty, missing = estimand == "descriptive", n1 * n2 == 0, np.isnan(k1 + n1 + k2 + n2)
    ends = (estimate, estimate)
    if not census:
        ends = formula(k1, np.where(n1 == 0, 1.0, n1), k2, np.where(n2 == 0, 1.0, n2), level)
    unknown = ~missing & (np.isnan(estimate) if census else empty)
    lower, upper = (
        np.where(missing, np.nan, np.where(unknown, limit, end)) for end, limit in zip(ends, widest, strict=True)
    )
    return Estimate(
        estimate=unpack(estimate),
        lower=unpack(lower),
        upper=unpack(upper),
        level=np.nan if census else level,
        method="census" if census else method,
        estimand=estimand,
        n=unpack(n1 + n2),
        n_missing=int(missing.sum()),
        flags=data_flags(np.where(missing, np.nan, n1 * n2), census=census),
        inputs=dict(zip(("k1", "n1", "k2", "n2"), map(unpack, groups), strict=True)),
        citation="" if census else CITATIONS[method],
    )


def _newcombe(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float) -> Limits:
    """Hybrid score limits: square and add the distances to each group's Wilson limits."""
    return _square_and_add(k1, n1, k2, n2, level, "wilson")


def _newcombe_cc(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float) -> Limits:
    """The same with continuity-corrected Wilson limits."""
    return _square_and_add(k1, n1, k2, n2, level, "wilson_cc")


def _square_and_add(
    k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float, method: str
) -> Limits:
    """Limits of a difference from the limits of its two terms."""
    p1, p2 = k1 / n1, k2 / n2
    (low1, high1), (low2, high2) = limits(k1, n1, level, method), limits(k2, n2, level, method)
    difference = p1 - p2
    return (
        difference - np.hypot(p1 - low1, high2 - p2),
        difference + np.hypot(high1 - p1, p2 - low2),
    )


def _katz_log(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float) -> Limits:
    """Normal limits of the logarithm; NaN where a group has no success."""
    some = (k1 > 0) & (k2 > 0)
    a, b = np.where(some, k1, np.nan), np.where(some, k2, np.nan)
    half = norm.isf((1 - level) / 2) * np.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n2)
    ratio = a / n1 / (b / n2)
    return ratio * np.exp(-half), ratio * np.exp(half)


DIFFERENCES: dict[str, Formula] = {
    "newcombe": _newcombe,
    "newcombe_cc": _newcombe_cc,
    "miettinen_nurminen": score.miettinen_nurminen_difference,
}

RATIOS: dict[str, Formula] = {
    "koopman": score.koopman,
    "miettinen_nurminen": score.miettinen_nurminen_ratio,
    "katz_log": _katz_log,
}
