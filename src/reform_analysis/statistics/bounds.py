"""What figures leave possible when nothing is assumed about the rest: sharp bounds instead of estimates.

Vocabulary: *bounds* hold with certainty, given the printed facts; an *interval* covers with a stated level.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import norm

from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    Values,
    as_counts,
    as_non_negative,
    as_numbers,
    check_estimand,
    check_level,
    check_part,
    data_flags,
    result,
    share_or,
    unpack,
)


@result
class WorstCaseBounds(Estimate):
    """Bounds on a share of which some units are unknown.

    Attributes
    ----------
    se_lower, se_upper : float or (K,) array
        Binomial standard errors of the two ends; NaN unless the estimand is the process.
    """

    se_lower: Values
    se_upper: Values


@result
class ImbensManskiInterval(Estimate):
    """Interval for a parameter that the data only bound.

    Attributes
    ----------
    c : float or (K,) array
        The number of standard errors added outside each bound; NaN where none is.
    """

    c: Values


def worst_case_bounds(
    success: ArrayLike, failure: ArrayLike, missing: ArrayLike, *, estimand: str = "descriptive"
) -> WorstCaseBounds:
    """Bounds on a success rate among all units when the outcome of some is not known yet.

    Parameters
    ----------
    success, failure, missing : int or (K,) array of int
        Units known to have succeeded, known to have failed, and without known outcome. NaN gives NaN.
    estimand : {"descriptive", "process"}
        For "process" the result carries binomial standard errors of the two ends as well.

    Returns
    -------
    WorstCaseBounds
        `lower` counts every missing unit as a failure, `upper` as a success, as fractions. `estimate` is NaN
        unless the two meet: the data do not identify a single rate. No units: [0, 1], flag ``no_data``.

    Raises
    ------
    ValueError
        If a count is negative or not whole, or the estimand is unknown.

    Notes
    -----
    The rate among *resolved* units is not used: it answers another question, and those still pending are as a
    rule the late ones.

    References
    ----------
    Manski CF (2003). Partial Identification of Probability Distributions, chapter 1. doi:10.1007/b97478

    Examples
    --------
    "100 % on time" of 1,217 resolved when 7,290 had been received:

    >>> found = worst_case_bounds(1217, 0, 7290 - 1217)
    >>> round(found.lower, 3), found.upper
    (0.167, 1.0)
    """
    check_estimand(estimand)
    s, f, m = np.broadcast_arrays(
        as_counts("success", success), as_counts("failure", failure), as_counts("missing", missing)
    )
    n = s + f + m
    lower, upper = share_or(s, n, 0.0), share_or(s + m, n, 1.0)
    process = estimand == "process"
    return WorstCaseBounds(
        estimate=unpack(np.where(n > 0, _identified(lower, upper), np.nan)),
        lower=unpack(lower),
        upper=unpack(upper),
        level=np.nan,
        method="worst_case",
        estimand=estimand,
        n=unpack(n),
        n_missing=int(np.isnan(n).sum()),
        flags=data_flags(n),
        inputs={"success": success, "failure": failure, "missing": missing},
        citation="Manski 2003, doi:10.1007/b97478",
        se_lower=unpack(_binomial_se(lower, n) if process else np.full(n.shape, np.nan)),
        se_upper=unpack(_binomial_se(upper, n) if process else np.full(n.shape, np.nan)),
    )


def selection_bounds(mean_reported: ArrayLike, m: ArrayLike, N: ArrayLike) -> Estimate:
    """Bounds on the mean share over all units when only some of them report.

    Parameters
    ----------
    mean_reported : float or (K,) array
        Mean share, in [0, 1], over the units that report. NaN gives NaN, except where no unit reports.
    m, N : int or (K,) array of int
        Units that report, and all units.

    Returns
    -------
    Estimate
        `lower` sets every silent unit to 0, `upper` to 1, as fractions. `estimate` is NaN unless all report.
        Nobody reports: [0, 1], flag ``no_data``.

    Raises
    ------
    ValueError
        If a share is outside [0, 1], a count is negative or not whole, or m exceeds N.

    Notes
    -----
    The standard error of the reporting units is not shown: units that enter because they made the news are no
    random sample, and the error of such a mean does not fall with its size (Meng 2018).

    References
    ----------
    Manski CF (2003). Partial Identification of Probability Distributions, chapter 1. doi:10.1007/b97478
    Meng X-L (2018). Annals of Applied Statistics 12:685-726. doi:10.1214/18-AOAS1161SF

    Examples
    --------
    37 of 3,321 communes report 98.5 % on average:

    >>> found = selection_bounds(0.985, 37, 3321)
    >>> round(found.lower, 3), round(found.upper, 4)
    (0.011, 0.9998)
    """
    mean, reporting, units = np.broadcast_arrays(
        as_non_negative("mean_reported", mean_reported), as_counts("m", m), as_counts("N", N)
    )
    check_part("mean_reported", mean, "1", np.array(1.0))
    check_part("m", reporting, "N", units)
    fraction = share_or(reporting, units, 0.0)
    reported = np.where(fraction == 0, 0.0, fraction * mean)
    lower, upper = reported, reported + (1 - fraction)
    return Estimate(
        estimate=unpack(np.where(fraction > 0, _identified(lower, upper), np.nan)),
        lower=unpack(lower),
        upper=unpack(upper),
        level=np.nan,
        method="no_assumption",
        estimand="descriptive",
        n=unpack(reporting),
        n_missing=int(np.isnan(lower).sum()),
        flags=data_flags(np.where(np.isnan(lower), np.nan, reporting)),
        inputs={"mean_reported": mean_reported, "m": m, "N": N},
        citation="Manski 2003, doi:10.1007/b97478; Meng 2018, doi:10.1214/18-AOAS1161SF",
    )


def imbens_manski_ci(
    lower: ArrayLike,
    upper: ArrayLike,
    se_lower: ArrayLike,
    se_upper: ArrayLike,
    *,
    level: float = 0.95,
    estimand: str = "descriptive",
) -> ImbensManskiInterval:
    """Interval that covers a bounded parameter, wherever between its bounds it lies.

    Parameters
    ----------
    lower, upper : float or (K,) array
        Estimated bounds of the parameter, from one sample. NaN gives NaN.
    se_lower, se_upper : float or (K,) array
        Their standard errors, at least 0, in the unit of the bounds.
    level : float
        Confidence level in (0, 1).
    estimand : {"descriptive", "process"}
        "descriptive" returns the bounds themselves: a complete count has no sampling error.

    Returns
    -------
    ImbensManskiInterval
        `lower` and `upper` of the interval, and `c`. `estimate` is NaN unless the bounds meet. Flags: ``census``
        for the descriptive estimand; ``crossed`` where upper < lower, which is treated as width 0.

    Raises
    ------
    ValueError
        If a standard error is negative, the level is outside (0, 1) or the estimand is unknown.

    Notes
    -----
    It covers the *parameter*, not the whole identified set, which would need two-sided limits at both ends: c
    falls from the two-sided to the one-sided normal quantile as the bounds move apart. Valid where upper >= lower
    by construction, as for `worst_case_bounds` (Stoye 2009). Bounds from two different samples need
    Stoye's own interval, which is not offered.

    References
    ----------
    Imbens GW, Manski CF (2004). Econometrica 72:1845-1857, equation 6.
    doi:10.1111/j.1468-0262.2004.00555.x
    Stoye J (2009). Econometrica 77:1299-1315. doi:10.3982/ECTA7347

    Examples
    --------
    Its two limits, the two-sided quantile for a point and the one-sided for wide bounds:

    >>> ends = imbens_manski_ci([0.6, 0.2], [0.6, 0.9], 0.02, 0.02, estimand="process")
    >>> ends.c.round(3).tolist()
    [1.96, 1.645]
    """
    check_level(level)
    check_estimand(estimand)
    low, high, se_low, se_high = np.broadcast_arrays(
        as_numbers("lower", lower),
        as_numbers("upper", upper),
        as_non_negative("se_lower", se_lower),
        as_non_negative("se_upper", se_upper),
    )
    process = estimand == "process"
    c = _critical_values(high - low, np.maximum(se_low, se_high), level)
    crossed = {"crossed"} if (high < low).any() else set()
    missing = np.isnan(low + high + se_low + se_high)
    return ImbensManskiInterval(
        estimate=unpack(_identified(low, high)),
        lower=unpack(low - _margin(c, se_low) if process else low + 0.0),
        upper=unpack(high + _margin(c, se_high) if process else high + 0.0),
        level=level if process else np.nan,
        method="imbens_manski",
        estimand=estimand,
        n=low.size,
        n_missing=int(missing.sum()),
        flags=frozenset(crossed if process else crossed | {"census"}),
        inputs={"lower": lower, "upper": upper, "se_lower": se_lower, "se_upper": se_upper},
        citation="Imbens & Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x",
        c=unpack(c if process else np.full(low.shape, np.nan)),
    )


def _critical_values(width: FloatArray, se: FloatArray, level: float) -> FloatArray:
    """The c of each pair of bounds; NaN where neither bound has any sampling error and they meet."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.maximum(width, 0.0) / se
    return np.vectorize(_critical_value, otypes=[float])(ratio, level)


def _critical_value(ratio: float, level: float) -> float:
    """Solve Phi(c + ratio) - Phi(-c) = level for c."""
    if np.isnan(ratio):
        return np.nan
    one_sided, two_sided = norm.ppf(level), norm.ppf((1 + level) / 2)
    # the root lies between the two quantiles and may touch either: 1 more on each side keeps the signs apart
    return float(brentq(lambda c: norm.cdf(c + ratio) - norm.cdf(-c) - level, one_sided - 1, two_sided + 1, xtol=1e-14))


def _margin(c: FloatArray, se: FloatArray) -> FloatArray:
    """Distance added outside a bound; 0 where it has no sampling error, whatever c."""
    return np.where(se == 0, 0.0, c * se)


def _identified(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """The one value that is left where both bounds meet, else NaN."""
    return np.where(lower == upper, lower, np.nan)


def _binomial_se(share: FloatArray, n: FloatArray) -> FloatArray:
    """Binomial standard error of a share; NaN without units."""
    return np.sqrt(share * (1 - share) / np.where(n == 0, np.nan, n))
