"""Checks of printed numbers against each other: sums, complements, last digits, reprints.

They find typing slips and mixed definitions; they do not show intent. A figure that fails is "inconsistent as
printed". Percentages against counts are in `grim`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from scipy import stats

from ..statistics.result import result
from .grim import exact, percent_ends
from .interval import Interval

# below this many figures the chi-square approximation of ten digits has fewer than five expected in each
MIN_DIGITS = 50


@result
class SumCheck:
    """How a sum of parts lies to its printed total.

    Parameters
    ----------
    consistent : bool or None
        Whether some values inside the intervals add up; None if a figure is missing.
    gap : float
        Least distance between sum and total, in their unit; NaN if a figure is missing.
    sum_lower, sum_upper : float
        Ends of the sum.
    """

    consistent: bool | None
    gap: float
    sum_lower: float
    sum_upper: float


@result
class DigitTest:
    """Whether the last digits of counts are evenly spread.

    Parameters
    ----------
    statistic, p : float
        Chi-square over the ten digits, and its p-value with `df` degrees of freedom.
    df : int
        Degrees of freedom, 9.
    share_0_or_5, p_0_or_5 : float
        Share of the digits 0 and 5 in [0, 1], and the exact binomial p-value against 0.2.
    n : int
        Number of counts.
    flags : frozenset of str
        "too_few_figures" where nothing is computed.
    """

    statistic: float
    df: int
    p: float
    share_0_or_5: float
    p_0_or_5: float
    n: int
    flags: frozenset[str] = frozenset()


@result
class Reports:
    """Reports gathered into clusters that repeat one figure.

    Parameters
    ----------
    clusters : tuple of tuples
        Ids of the rows of each cluster, in order of first appearance.
    n_reports, n_independent : int
        Rows, and clusters.
    """

    clusters: tuple[tuple[Any, ...], ...]
    n_reports: int
    n_independent: int


def sum_of_parts(parts: Sequence[Interval], total: Interval) -> SumCheck:
    """Return whether parts can add up to their printed total, and the least gap if they cannot.

    Parameters
    ----------
    parts : sequence of Interval, shape (V,)
        Disjoint parts that together make the total.
    total : Interval
        The total, in the same unit.

    Examples
    --------
    Hà Nội, 23 September 2025: 509,772 on time and 763 late, of 510,541 resolved.

    >>> sum_of_parts([Interval(509772, 509772), Interval(763, 763)], Interval(510541, 510541)).gap
    6.0
    """
    low = sum((exact(part.low) for part in parts), Decimal(0))
    high = sum((exact(part.high) for part in parts), Decimal(0))
    if low.is_nan() or total.is_missing:
        return SumCheck(consistent=None, gap=math.nan, sum_lower=float(low), sum_upper=float(high))
    gap = max(Decimal(0), low - exact(total.high), exact(total.low) - high)
    return SumCheck(consistent=gap == 0, gap=float(gap), sum_lower=float(low), sum_upper=float(high))


def complement_shares(shares: Sequence[str | Interval]) -> SumCheck:
    """Return whether printed percentages that should make 100 can do so.

    Parameters
    ----------
    shares : sequence of str or Interval, shape (V,)
        Percentages as printed, or their intervals.

    Raises
    ------
    ValueError
        If a percentage is no number.

    Notes
    -----
    Each end adds half a unit of its last digit, so that three rounded thirds (33 + 33 + 33) pass.

    Examples
    --------
    44 % of tasks central and 56 % local (Ministry of Home Affairs, 28 October 2025).

    >>> complement_shares(["44", "56"]).consistent, complement_shares(["44.2", "56.1"]).consistent
    (True, False)
    """
    ends = [percent_ends(share)[:2] for share in shares]
    parts = [Interval(float(low), float(high)) for low, high in ends]
    return sum_of_parts(parts, Interval(100, 100))


def terminal_digit_test(counts: Sequence[int]) -> DigitTest:
    """Return whether the last digits of many counts are as evenly spread as counting makes them.

    Parameters
    ----------
    counts : sequence of int, shape (10,)
        How many figures end in 0, 1, ..., 9: unrounded, unqualified, reprints counted once, three digits or
        more.

    Raises
    ------
    ValueError
        If there are not ten counts, or one is negative.

    Notes
    -----
    No test of first digits (Benford): range and size of such figures do not allow it. Too many zeros and fives
    mean rounding that is not said.

    References
    ----------
    Preece (1981), doi:10.2307/2987702.

    Examples
    --------
    >>> round(terminal_digit_test([60, 53, 7, 48, 52, 61, 50, 57, 49, 63]).statistic, 2)
    46.12
    """
    if len(counts) != 10 or min(counts) < 0:
        raise ValueError(f"counts must be ten numbers >= 0, one for each digit; got {list(counts)}. Recount.")
    n, tens_and_fives = sum(counts), counts[0] + counts[5]
    if n < MIN_DIGITS:
        nan = math.nan
        flags = frozenset({"too_few_figures"})
        return DigitTest(statistic=nan, df=9, p=nan, share_0_or_5=nan, p_0_or_5=nan, n=n, flags=flags)
    chi = stats.chisquare(counts)
    fives_or_zeros = stats.binomtest(tens_and_fives, n, 0.2)
    return DigitTest(
        statistic=float(chi.statistic),
        df=9,
        p=float(chi.pvalue),
        share_0_or_5=tens_and_fives / n,
        p_0_or_5=float(fives_or_zeros.pvalue),
        n=n,
    )


def independent_reports(rows: Iterable[Mapping[str, Any]]) -> Reports:
    """Return the rows gathered by the figure they repeat: reprints count once.

    Parameters
    ----------
    rows : iterable of mappings
        Each with `id`, `geo`, `indicator`, `value`, `qualifier` and `period_end`.

    Notes
    -----
    A ministry's speech repeated by ten papers has one author: the same value, hedged alike, for the same thing and
    day is taken as one report.

    Examples
    --------
    >>> same = {"geo": "VN", "indicator": "benefits_paid_count", "qualifier": "exact", "period_end": "2025-10-28"}
    >>> independent_reports([same | {"id": 1, "value": 146836}, same | {"id": 2, "value": 146836}]).n_independent
    1
    """
    clusters: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("geo", "indicator", "value", "qualifier", "period_end"))
        clusters.setdefault(key, []).append(row["id"])
    gathered = tuple(map(tuple, clusters.values()))
    return Reports(clusters=gathered, n_reports=sum(map(len, gathered)), n_independent=len(gathered))
