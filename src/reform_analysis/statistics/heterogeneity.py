"""Between-place variance: its estimators, its interval, and the share of the spread that it explains.

Vocabulary: `y` are the units' estimates, `v` their sampling variances, ``w = 1 / (v + tau2)`` their weights,
and Q the weighted sum of squares around the weighted mean.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import chi2

from reform_analysis.statistics.result import (
    FloatArray,
    as_numbers,
    check_choice,
    check_level,
    check_not_empty,
    check_same_length,
    result,
)

CITATION_Q_PROFILE = "Viechtbauer 2007, doi:10.1002/sim.2514"

# relative change of tau2 at which Fisher scoring stops; its convergence is linear, so leave room below 1e-10
_SCORING_TOLERANCE = 1e-13
_SCORING_STEPS = 2000


@result
class Tau2Interval:
    """Interval for the between-unit variance, and for what follows from it.

    Attributes
    ----------
    tau2 : float
        Point estimate; NaN for a single unit.
    tau2_lower, tau2_upper : float
        Ends of the Q-profile interval, in squared units of `y`.
    I2, I2_lower, I2_upper : float
        Share of the total variance that lies between units, percent in [0, 100).
    H2, H2_lower, H2_upper : float
        Total over sampling variance, at least 1.
    level : float
        Confidence level in (0, 1).
    method : str
        Estimator of `tau2`.
    n, n_missing : int
        Units used, and pairs left out because one value was missing.
    flags : frozenset of str
        ``few_units`` below 5 units.
    citation : str
        The publication of the method.
    """

    tau2: float
    tau2_lower: float
    tau2_upper: float
    I2: float
    I2_lower: float
    I2_upper: float
    H2: float
    H2_lower: float
    H2_upper: float
    level: float
    method: str
    n: int
    n_missing: int
    flags: frozenset[str]
    citation: str


def weighted_mean(y: FloatArray, w: FloatArray) -> float:
    """Mean of `y` under the weights `w`."""
    return float(np.sum(w * y) / np.sum(w))


def cochran_q(y: FloatArray, v: FloatArray, tau2: float = 0.0) -> float:
    """Weighted sum of squares around the weighted mean, at the given between-unit variance."""
    w = 1 / (v + tau2)
    return float(np.sum(w * (y - weighted_mean(y, w)) ** 2))


def tau2_dersimonian_laird(y: FloatArray, v: FloatArray) -> float:
    """Moment estimator, truncated at 0."""
    w = 1 / v
    scale = np.sum(w) - np.sum(w**2) / np.sum(w)
    return float(max(0.0, (cochran_q(y, v) - (len(y) - 1)) / scale))


def tau2_paule_mandel(y: FloatArray, v: FloatArray) -> float:
    """The variance at which Q equals its expectation, 0 if Q is smaller even without it."""
    return _tau2_at_q(y, v, len(y) - 1)


def tau2_reml(y: FloatArray, v: FloatArray) -> float:
    """Restricted maximum likelihood: Fisher scoring from three starts, the likeliest end, at least 0."""
    starts = (0.0, tau2_dersimonian_laird(y, v), max(0.0, float(np.var(y, ddof=1) - np.mean(v))))
    return max((_scored(y, v, start) for start in starts), key=lambda tau2: _restricted_loglik(y, v, tau2))


# the estimators by the names under which `pool` and `tau2_ci` know them
TAU2_ESTIMATORS: dict[str, Callable[[FloatArray, FloatArray], float]] = {
    "REML": tau2_reml,
    "DL": tau2_dersimonian_laird,
    "PM": tau2_paule_mandel,
}


def typical_variance(v: FloatArray) -> float:
    """The sampling variance of a typical unit, s2 of Higgins and Thompson."""
    w = 1 / v
    return float((len(v) - 1) * np.sum(w) / (np.sum(w) ** 2 - np.sum(w**2)))


def i2_h2(tau2: float, v: FloatArray) -> tuple[float, float]:
    """I2 in percent and H2, both from the between-unit variance."""
    s2 = typical_variance(v)
    return 100 * tau2 / (tau2 + s2), tau2 / s2 + 1


def complete_pairs(yi: ArrayLike, vi: ArrayLike) -> tuple[FloatArray, FloatArray, int]:
    """Return estimates, variances and the number of incomplete pairs; ValueError unless all variances are > 0."""
    y, v = np.atleast_1d(as_numbers("yi", yi)), np.atleast_1d(as_numbers("vi", vi))
    check_same_length(yi=y, vi=v)
    check_not_empty("yi", y)
    if (v <= 0).any():
        at = int(np.argmax(v <= 0))
        raise ValueError(f"vi must be above 0; got {v[at]:g} at position {at}. Leave out units without a variance")
    complete = ~(np.isnan(y) | np.isnan(v))
    if not complete.any():
        raise ValueError(f"yi and vi must hold at least one complete pair; got {len(y)}, all incomplete")
    return y[complete], v[complete], int(np.sum(~complete))


def tau2_ci(yi: ArrayLike, vi: ArrayLike, *, tau2: str = "REML", level: float = 0.95) -> Tau2Interval:
    """Return the Q-profile interval of the between-unit variance, with I2 and H2.

    Parameters
    ----------
    yi : (K,) array
        Estimates of the units; pairs with a missing value are left out and counted.
    vi : (K,) array
        Their sampling variances, above 0.
    tau2 : {"REML", "DL", "PM"}
        Estimator of the point; the interval does not depend on it.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    Tau2Interval
        Point and ends of tau2, I2 (percent) and H2; NaN for a single unit.

    Raises
    ------
    ValueError
        For no complete pair, a variance of 0 or less, unequal lengths, an unknown estimator or a level
        outside (0, 1).

    Notes
    -----
    The ends solve Q(tau2) = chi2 quantiles with K - 1 degrees of freedom, and are 0 where even Q(0) lies below
    the quantile. Exact under normality, for any K, where Wald intervals for a variance near 0 are not. Solved to
    machine precision by bracketing: metafor's default stops near 1e-4.

    References
    ----------
    Viechtbauer 2007, doi:10.1002/sim.2514 (Q-profile method).
    Higgins and Thompson 2002, doi:10.1002/sim.1186 (H2 and I2).

    Examples
    --------
    Bacillus Calmette-Guerin vaccine trials, log risk ratios: metafor's documentation prints .1197 to 1.1115.

    >>> y = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713, -0.3394,
    ...     0.4459, -0.0173]
    >>> v = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]
    >>> spread = tau2_ci(y, v)
    >>> print(f"{spread.tau2_lower:.3f} {spread.tau2_upper:.3f} {spread.I2_lower:.1f} {spread.I2_upper:.1f}")
    0.120 1.112 81.9 97.7
    """
    level = check_level(level)
    estimator = TAU2_ESTIMATORS[check_choice("tau2", tau2, TAU2_ESTIMATORS)]
    y, v, n_missing = complete_pairs(yi, vi)
    points = [np.nan] * 3
    if len(y) > 1:
        upper_tail, lower_tail = chi2.ppf([(1 + level) / 2, (1 - level) / 2], len(y) - 1)
        points = [estimator(y, v), _tau2_at_q(y, v, upper_tail), _tau2_at_q(y, v, lower_tail)]
    shares = [i2_h2(point, v) if len(y) > 1 else (np.nan, np.nan) for point in points]
    return Tau2Interval(
        **dict(zip(("tau2", "tau2_lower", "tau2_upper"), points, strict=True)),
        **dict(zip(("I2", "I2_lower", "I2_upper"), (i2 for i2, _ in shares), strict=True)),
        **dict(zip(("H2", "H2_lower", "H2_upper"), (h2 for _, h2 in shares), strict=True)),
        level=level,
        method=tau2,
        n=len(y),
        n_missing=n_missing,
        flags=few_units(len(y)),
        citation=CITATION_Q_PROFILE,
    )


def few_units(n: int) -> frozenset[str]:
    """The flag of a pool of fewer than five units, which is better shown unit by unit."""
    return frozenset({"few_units"}) if n < 5 else frozenset()


def _tau2_at_q(y: FloatArray, v: FloatArray, target: float) -> float:
    """The variance at which Q falls to the target; 0 where Q is below it already."""
    if cochran_q(y, v) <= target:
        return 0.0
    upper = float(np.var(y, ddof=1) + np.max(v))
    while cochran_q(y, v, upper) > target:
        upper *= 2
    return float(brentq(lambda tau2: cochran_q(y, v, tau2) - target, 0, upper, xtol=1e-15 * upper, rtol=1e-14))


def _restricted_loglik(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Restricted log-likelihood up to a constant."""
    w = 1 / (v + tau2)
    return float(0.5 * (np.sum(np.log(w)) - np.log(np.sum(w)) - cochran_q(y, v, tau2)))


def _scoring_step(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Score over expected information of the restricted likelihood: (y'PPy - tr P) / tr PP."""
    w = 1 / (v + tau2)
    total, squares, cubes = np.sum(w), np.sum(w**2), np.sum(w**3)
    trace_p = total - squares / total
    trace_pp = squares - 2 * cubes / total + (squares / total) ** 2
    return float((np.sum((w * (y - weighted_mean(y, w))) ** 2) - trace_p) / trace_pp)


def _scored(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Fisher scoring from a start, halving a step that lowers the likelihood, truncated at 0."""
    height = _restricted_loglik(y, v, tau2)
    for _ in range(_SCORING_STEPS):
        step = max(_scoring_step(y, v, tau2), -tau2)
        # below this the likelihood cannot tell two values apart in double precision
        if abs(step) <= _SCORING_TOLERANCE * (tau2 + np.min(v)):
            break
        while (reached := _restricted_loglik(y, v, tau2 + step)) < height - 1e-12 * (1 + abs(height)):
            step /= 2
        tau2, height = tau2 + step, reached
    return tau2
