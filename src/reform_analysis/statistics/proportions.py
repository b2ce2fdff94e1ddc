"""Intervals for a proportion.

Vocabulary: k successes of n trials; *limits* are the two ends that a formula gives for the process estimand.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize.elementwise import find_root
from scipy.special import betainc, betainccinv, betaincinv
from scipy.stats import norm

from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_parts,
    check_choice,
    check_estimand,
    check_level,
    data_flags,
    share_or,
    unpack,
)

Limits = tuple[FloatArray, FloatArray]

CITATIONS = {
    "wilson": "Wilson 1927, doi:10.1080/01621459.1927.10502953",
    "clopper_pearson": "Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404",
    "jeffreys": "Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286",
    "agresti_coull": "Agresti & Coull 1998, doi:10.1080/00031305.1998.10480550",
    "wilson_cc": "Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E",
    "mid_p": "Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E",
}


def proportion_ci(
    k: ArrayLike,
    n: ArrayLike,
    *,
    method: str = "wilson",
    level: float = 0.95,
    estimand: str = "descriptive",
) -> Estimate:
    """Proportion of successes with its interval.

    Parameters
    ----------
    k, n : int or (K,) array of int
        Successes and trials, 0 <= k <= n; they broadcast. NaN or None gives NaN.
    method : {"wilson", "clopper_pearson", "jeffreys", "agresti_coull", "wilson_cc", "mid_p"}
        Formula of the interval. "clopper_pearson" guarantees its coverage: use it for claims such as "never".
    level : float
        Confidence level in (0, 1).
    estimand : {"descriptive", "process"}
        "descriptive": the count is complete, so there is no sampling error and the interval is the value itself,
        flag ``census``. "process": the propensity behind the count, binomial.

    Returns
    -------
    Estimate
        Fractions in [0, 1]. n = 0: estimate NaN, interval [0, 1], flag ``no_data``.

    Raises
    ------
    ValueError
        If k or n is negative or not whole, k > n, the level is outside (0, 1), or a name is unknown.

    Notes
    -----
    The default is the census value, because these figures are complete counts: of 12.1 of 14.5 million the
    Wilson interval is narrower than the rounding of either. For a process it is the *least* uncertainty, since
    dossiers cluster in offices and weeks. Wald's interval is not offered: its coverage collapses near 0 and 1,
    where on-time rates lie. Jeffreys' has lower 0 at k = 0 and upper 1 at k = n (Brown et al.).

    References
    ----------
    Newcombe RG (1998). Statistics in Medicine 17:857-872, Table I.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
    Brown LD, Cai TT, DasGupta A (2001). Statistical Science 16:101-133. doi:10.1214/ss/1009213286

    Examples
    --------
    Newcombe 1998, Table I, method 3:

    >>> found = proportion_ci(81, 263, estimand="process")
    >>> round(found.lower, 4), round(found.upper, 4)
    (0.2553, 0.3662)
    """
    check_choice("method", method, FORMULAS)
    check_level(level)
    successes, trials = as_parts("k", k, "n", n)
    p = share_or(successes, trials, np.nan)
    census = check_estimand(estimand) == "descriptive"
    lower, upper = census_limits(successes, trials) if census else limits(successes, trials, level, method)
    return Estimate(
        estimate=unpack(p),
        lower=unpack(lower),
        upper=unpack(upper),
        level=np.nan if census else level,
        method="census" if census else method,
        estimand=estimand,
        n=unpack(trials),
        n_missing=int(np.isnan(successes + trials).sum()),
        flags=data_flags(successes * 0 + trials, census=census),
        inputs={"k": k, "n": n},
        citation="" if census else CITATIONS[method],
    )


def limits(k: FloatArray, n: FloatArray, level: float, method: str) -> Limits:
    """Limits by any formula: 0 at k = 0, 1 at k = n, so [0, 1] without data; NaN where a count is missing."""
    with np.errstate(invalid="ignore"):
        low, high = FORMULAS[method](np.where(n == 0, 0.0, k), np.where(n == 0, 1.0, n), 1 - level)
    low, high = np.where((k == 0) | (n == 0), 0.0, low), np.where((k == n) | (n == 0), 1.0, high)
    missing = np.isnan(k) | np.isnan(n)
    return np.where(missing, np.nan, np.clip(low, 0, 1)), np.where(missing, np.nan, np.clip(high, 0, 1))


def census_limits(k: FloatArray, n: FloatArray) -> Limits:
    """A complete count's interval: the value itself, [0, 1] without data, NaN where a count is missing."""
    # k is 0 or missing where n is 0
    return share_or(k, n, k), share_or(k, n, 1 + k)


def _wilson(k: FloatArray, n: FloatArray, alpha: float) -> Limits:
    """Score limits: invert (p - pi) / sqrt(pi (1 - pi) / n)."""
    z, p = norm.isf(alpha / 2), k / n
    centre = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)


def _wilson_cc(k: FloatArray, n: FloatArray, alpha: float) -> Limits:
    """Score limits with continuity correction (Newcombe 1998, method 4)."""
    z, p, q = norm.isf(alpha / 2), k / n, 1 - k / n
    low = 2 * k + z**2 - 1 - z * np.sqrt(z**2 - 2 - 1 / n + 4 * p * (n * q + 1))
    high = 2 * k + z**2 + 1 + z * np.sqrt(z**2 + 2 - 1 / n + 4 * p * (n * q - 1))
    return low / (2 * (n + z**2)), high / (2 * (n + z**2))


def _agresti_coull(k: FloatArray, n: FloatArray, alpha: float) -> Limits:
    """Wald limits around the centre of Wilson's interval."""
    z = norm.isf(alpha / 2)
    p = (k + z**2 / 2) / (n + z**2)
    half = z * np.sqrt(p * (1 - p) / (n + z**2))
    return p - half, p + half


def _clopper_pearson(k: FloatArray, n: FloatArray, alpha: float) -> Limits:
    """Exact limits: each binomial tail holds alpha / 2."""
    return betaincinv(k, n - k + 1, alpha / 2), betainccinv(k + 1, n - k, alpha / 2)


def _jeffreys(k: FloatArray, n: FloatArray, alpha: float) -> Limits:
    """Equal-tailed limits of the Beta(k + 1/2, n - k + 1/2) posterior."""
    return betaincinv(k + 0.5, n - k + 0.5, alpha / 2), betainccinv(k + 0.5, n - k + 0.5, alpha / 2)


def _mid_p(k: FloatArray, n: FloatArray, alpha: float) -> Limits:
    """Exact limits with half the probability of the observed count in each tail (Newcombe 1998, method 6)."""
    bracket = (np.zeros_like(k), np.ones_like(k))
    low = find_root(lambda p, k, n: _mid_tail(k, n, p) - alpha / 2, bracket, args=(k, n)).x
    high = find_root(lambda p, k, n: _mid_tail(n - k, n, 1 - p) - alpha / 2, bracket, args=(k, n)).x
    return low, high


def _mid_tail(k: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """P(X > k) + P(X = k) / 2 under Bin(n, p)."""
    at_least = np.where(k > 0, betainc(np.where(k > 0, k, 1), n - k + 1, p), 1.0)
    more_than = np.where(k < n, betainc(k + 1, np.where(k < n, n - k, 1), p), 0.0)
    return (at_least + more_than) / 2


FORMULAS: dict[str, Callable[[FloatArray, FloatArray, float], Limits]] = {
    "wilson": _wilson,
    "clopper_pearson": _clopper_pearson,
    "jeffreys": _jeffreys,
    "agresti_coull": _agresti_coull,
    "wilson_cc": _wilson_cc,
    "mid_p": _mid_p,
}
