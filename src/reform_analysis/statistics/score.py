"""Score limits for the difference and the ratio of two proportions: the values that a score test accepts."""

import numpy as np
from scipy.optimize.elementwise import find_root
from scipy.stats import norm

from reform_analysis.statistics.proportions import Limits
from reform_analysis.statistics.result import FloatArray

# the logarithm of a ratio is sought this far from its estimate: e^100 is beyond any ratio of counts
LOG_REACH = 100.0


def miettinen_nurminen_difference(
    k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float
) -> Limits:
    """Differences at which the score test is just not rejected."""
    z, found = norm.isf((1 - level) / 2), k1 / n1 - k2 / n2

    def excess(d: FloatArray, k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray) -> FloatArray:
        p1, p2 = _shares_given_difference(k1, n1, k2, n2, d)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * _unbiased(n1, n2)
        return _score_excess(k1 / n1 - k2 / n2 - d, variance, z)

    low, high = (find_root(excess, (np.full_like(found, end), found), args=(k1, n1, k2, n2)).x for end in (-1.0, 1.0))
    return np.where(found == -1, -1.0, low), np.where(found == 1, 1.0, high)


def _shares_given_difference(
    k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, d: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Maximum-likelihood p1, p2 with p1 - p2 = d: the root of a cubic (Miettinen & Nurminen, appendix I)."""
    N, c = n1 + n2, k1 + k2
    L3, L2 = N, (n1 + 2 * n2) * d - N - c
    L1, L0 = (n2 * d - N - 2 * k2) * d + c, k2 * d * (1 - d)
    q = (L2 / (3 * L3)) ** 3 - L1 * L2 / (6 * L3**2) + L0 / (2 * L3)
    p = np.where(q < 0, -1.0, 1.0) * np.sqrt(np.maximum((L2 / (3 * L3)) ** 2 - L1 / (3 * L3), 0))
    # p = 0 only where the cubic has a triple root: any angle then gives it
    cosine = np.clip(q / np.where(p == 0, 1.0, p**3), -1, 1)
    p2 = 2 * p * np.cos((np.pi + np.arccos(cosine)) / 3) - L2 / (3 * L3)
    p2 = np.clip(p2, np.maximum(0, -d), np.minimum(1, 1 - d))
    return np.clip(p2 + d, 0, 1), p2


def koopman(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float) -> Limits:
    """Ratios at which the score test is just not rejected."""
    return _score_ratio(k1, n1, k2, n2, level, np.ones_like(n1))


def miettinen_nurminen_ratio(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float) -> Limits:
    """The same with the unbiased variance."""
    return _score_ratio(k1, n1, k2, n2, level, _unbiased(n1, n2))


def _score_ratio(
    k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float, factor: FloatArray
) -> Limits:
    """Roots on the logarithm of the ratio; 0 and infinity where a zero count leaves that side open."""
    z = norm.isf((1 - level) / 2)
    # without an estimate the search starts from a ratio of 1
    known = (k1 > 0) & (k2 > 0)
    centre = np.where(known, np.log(np.where(known, k1 * n2, 1.0) / np.where(known, k2 * n1, 1.0)), 0.0)

    def excess(
        log_ratio: FloatArray, k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, factor: FloatArray
    ) -> FloatArray:
        ratio = np.exp(log_ratio)
        p1, p2 = _shares_given_ratio(k1, n1, k2, n2, ratio)
        variance = (p1 * (1 - p1) / n1 + ratio**2 * p2 * (1 - p2) / n2) * factor
        return _score_excess(k1 / n1 - ratio * k2 / n2, variance, z)

    groups = (k1, n1, k2, n2, factor)
    near_low, near_high = np.where(k2 > 0, centre, LOG_REACH), np.where(k1 > 0, centre, -LOG_REACH)
    low = np.exp(find_root(excess, (centre - LOG_REACH, near_low), args=groups).x)
    high = np.exp(find_root(excess, (near_high, centre + LOG_REACH), args=groups).x)
    return np.where(k1 == 0, 0.0, low), np.where(k2 == 0, np.inf, high)


def _shares_given_ratio(
    k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, ratio: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Maximum-likelihood p1, p2 with p1 / p2 = ratio: the smaller root of a quadratic."""
    a, b, c = (n1 + n2) * ratio, n1 * ratio + k1 + n2 + k2 * ratio, k1 + k2
    # the root written with the sum in the denominator, which does not cancel where it is small
    p2 = 2 * c / (b + np.sqrt(np.maximum(b**2 - 4 * a * c, 0)))
    p2 = np.minimum(p2, np.minimum(1, 1 / ratio))
    return np.minimum(ratio * p2, 1), p2


def _unbiased(n1: FloatArray, n2: FloatArray) -> FloatArray:
    """The factor N / (N - 1) by which Miettinen and Nurminen widen the variance."""
    return (n1 + n2) / (n1 + n2 - 1)


def _score_excess(distance: FloatArray, variance: FloatArray, z: float) -> FloatArray:
    """Whether a score statistic exceeds z: from -1/2 at distance 0 to 1/2 at variance 0, 0 where it equals z."""
    total = distance**2 + z**2 * variance
    return np.where(total == 0, 0.0, distance**2 / np.where(total == 0, 1.0, total)) - 0.5
