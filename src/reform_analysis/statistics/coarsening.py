"""Proportions of which only a rounded percentage is printed."""

import re

import numpy as np

from reform_analysis.statistics.proportions import CITATIONS, FORMULAS, limits
from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_counts,
    check_choice,
    check_estimand,
    check_level,
    result,
)

# above this many trials the step from one count to the next is finer than any printed percentage
LARGEST_ENUMERATED = 1_000_000


@result
class CoarseEstimate(Estimate):
    """A proportion of which only a rounded percentage is printed.

    Attributes
    ----------
    k_min, k_max : float
        The smallest and largest count that rounds to the percentage; NaN where none does.
    """

    k_min: float
    k_max: float


def proportion_ci_coarse(
    percent: str,
    n: int | None = None,
    *,
    n_lo: int | None = None,
    n_hi: int | None = None,
    method: str = "wilson",
    level: float = 0.95,
    estimand: str = "descriptive",
) -> CoarseEstimate:
    """Interval for a proportion of which only a rounded percentage and the trials are printed.

    Parameters
    ----------
    percent : str
        The percentage as printed, such as "95.35": its last digit tells how far it was rounded.
    n : int, optional
        Number of trials; where it is rounded itself, give `n_lo` and `n_hi` instead, both included.
    method, level
        As for `proportion_ci`.
    estimand : {"descriptive", "process"}
        "descriptive": the range of the shares that round to the percentage. "process": the union of the
        intervals of all compatible counts.

    Returns
    -------
    CoarseEstimate
        `estimate` is the printed share; all fractions. Flags: ``grim_inconsistent`` where no count of n rounds
        to the percentage (then NaN); ``no_data`` for n = 0; ``end_percentages`` for n above a million.

    Raises
    ------
    ValueError
        If percent is no printed number in 0-100, n is not given once, or a name or the level is wrong.

    Notes
    -----
    A percentage stands for every count with 100 k / n within half a unit of its last digit, both ends included,
    in exact arithmetic. Taking the nearest count instead would hide the rounding, which near 100 % is often the
    larger of the two errors. Above a million trials the two end percentages stand for the counts.

    References
    ----------
    Heitjan DF, Rubin DB (1991). Annals of Statistics 19:2244-2253. doi:10.1214/aos/1176348396
    Brown NJL, Heathers JAJ (2017). Social Psychological and Personality Science 8:363-369.
    doi:10.1177/1948550616673876

    Examples
    --------
    95.35 % of 3,334 can only be 3,179; 99.99 % of 4,473 cannot be:

    >>> proportion_ci_coarse("95.35", 3334).k_min
    3179.0
    >>> sorted(proportion_ci_coarse("99.99", 4473).flags)
    ['census', 'grim_inconsistent']
    """
    check_choice("method", method, FORMULAS)
    check_level(level)
    census = check_estimand(estimand) == "descriptive"
    mantissa, scale = _read_percent(percent)
    first, last = _trial_range(n, n_lo, n_hi)
    trials, k_low, k_high = _compatible(mantissa, scale, first, last)
    flags = _coarse_flags(trials, last) | ({"census"} if census else set())
    lower, upper = _union(trials, k_low, k_high, None if census else method, level)
    return CoarseEstimate(
        estimate=mantissa / scale if trials.size else np.nan,
        lower=0.0 if last == 0 else lower,
        upper=1.0 if last == 0 else upper,
        level=np.nan if census else level,
        method="rounding" if census else method,
        estimand=estimand,
        n=first if first == last else np.array([first, last], dtype=float),
        flags=frozenset(flags),
        inputs={"percent": percent, "n": n, "n_lo": n_lo, "n_hi": n_hi},
        citation="" if census else CITATIONS[method],
        k_min=float(np.ceil(k_low.min())) if trials.size else np.nan,
        k_max=float(np.floor(k_high.max())) if trials.size else np.nan,
    )


def _read_percent(percent: str) -> tuple[int, int]:
    """A printed percentage as whole units of its last digit, and how many such units make up 1."""
    found = re.fullmatch(r"\s*(\d+)(?:[.,](\d+))?\s*%?\s*", percent) if isinstance(percent, str) else None
    if not found:
        raise ValueError(f"percent must be the printed number as text, such as '95.35'; got {percent!r}")
    decimals = found[2] or ""
    mantissa, scale = int(found[1] + decimals), 100 * 10 ** len(decimals)
    if mantissa > scale:
        raise ValueError(f"percent must be in [0, 100]; got {percent}")
    return mantissa, scale


def _trial_range(n: int | None, n_lo: int | None, n_hi: int | None) -> tuple[int, int]:
    """First and last possible number of trials."""
    if n is not None and n_lo is None and n_hi is None:
        n_lo, n_hi = n, n
    elif n is not None or n_lo is None or n_hi is None:
        raise ValueError(f"n, or n_lo and n_hi, must be given; got n = {n}, n_lo = {n_lo}, n_hi = {n_hi}")
    first, last = as_counts("n", [n_lo, n_hi])
    if first > last:
        raise ValueError(f"n_lo must not exceed n_hi; got {n_lo} and {n_hi}")
    return int(first), int(last)


def _compatible(mantissa: int, scale: int, first: int, last: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The trials of which some count rounds to the percentage, and the smallest and largest such count."""
    trials = np.arange(max(first, 1), min(last, LARGEST_ENUMERATED) + 1, dtype=object)
    if last > LARGEST_ENUMERATED:
        trials = np.append(trials, sorted({max(first, LARGEST_ENUMERATED + 1), last}))
    # whole numbers of Python, because the product passes 64 bits for long percentages
    low = np.maximum(-((-trials * (2 * mantissa - 1)) // (2 * scale)), 0)
    high = np.minimum((trials * (2 * mantissa + 1)) // (2 * scale), trials)
    fits = low <= high
    n, whole_low, whole_high = (values[fits].astype(float) for values in (trials, low, high))
    end_low, end_high = max(2 * mantissa - 1, 0) / (2 * scale), min((2 * mantissa + 1) / (2 * scale), 1.0)
    large = n > LARGEST_ENUMERATED
    return n, np.where(large, n * end_low, whole_low), np.where(large, n * end_high, whole_high)


def _coarse_flags(trials: FloatArray, last: int) -> set[str]:
    """What a reader must know of the compatible counts."""
    raised = {
        "no_data": last == 0,
        "grim_inconsistent": last > 0 and not trials.size,
        "end_percentages": last > LARGEST_ENUMERATED,
    }
    return {flag for flag, is_raised in raised.items() if is_raised}


def _union(
    n: FloatArray, k_low: FloatArray, k_high: FloatArray, method: str | None, level: float
) -> tuple[float, float]:
    """Union over the compatible counts, of their shares or of a method's intervals; NaN without any."""
    if not n.size:
        return np.nan, np.nan
    if method is None:
        return float((k_low / n).min()), float((k_high / n).max())
    return (
        float(limits(k_low, n, level, method)[0].min()),
        float(limits(k_high, n, level, method)[1].max()),
    )
