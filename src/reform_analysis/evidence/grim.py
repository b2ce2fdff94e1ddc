"""Percentages and means that whole numbers can or cannot give (GRIM), in exact arithmetic.

A failure finds a typing slip or a mixed definition; it does not show intent: such a figure is "inconsistent as
printed". A percentage is given as a string, since its last printed digit carries its precision.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from ..statistics.result import result
from .interval import Interval


@result
class PercentCounts:
    """Counts that a printed percentage of a total allows.

    Parameters
    ----------
    k : range
        The counts, consecutive; empty if the percentage cannot come from the total.
    n : int
        The total.
    informative : bool
        False where every percentage of that many decimals can come from the total.
    """

    k: range
    n: int
    informative: bool


@result
class Grim:
    """Which printed percentages or means can come from whole numbers.

    Parameters
    ----------
    consistent : tuple of bool
        For each printed value, whether a whole number gives it.
    k_consistent : tuple of bool or None
        Whether the printed count gives it; None without a printed count.
    informative : tuple of bool
        False where the check cannot fail.
    """

    consistent: tuple[bool, ...]
    k_consistent: tuple[bool, ...] | None
    informative: tuple[bool, ...]


def percent_count_set(percent: str | Interval, *, n: int, rounding: str = "nearest") -> PercentCounts:
    """Return the counts k for which 100 k / n can have been printed as `percent`.

    Parameters
    ----------
    percent : str or Interval
        Percentage as printed, its decimals kept; or the interval of a qualified percentage.
    n : int
        Total, >= 0; 0 allows no count.
    rounding : {"nearest", "truncate"}
        How the percentage was cut. Nearest accepts either rule for ties.

    Raises
    ------
    ValueError
        If n is negative, the percentage is no number, or the rounding is unknown.

    Notes
    -----
    Enumerated in fractions: the float quotient decides wrongly at ties such as 12.5 %.

    References
    ----------
    Brown & Heathers (2017), doi:10.1177/1948550616673876, for means; the same reasoning holds for percentages.

    Examples
    --------
    Rạch Giá ward printed 900 of 2,896 applications as 31.08 %.

    >>> list(percent_count_set("31.08", n=2896).k)
    [900]
    """
    _require_total(n)
    low, high, decimals = percent_ends(percent, rounding)
    k = _count_range(low, high, n, limit=n, high_open=rounding == "truncate")
    return PercentCounts(k=k, n=n, informative=n < 10 ** (decimals + 2))


def grim_percent(
    values: Sequence[str],
    *,
    n: int | tuple[int, int],
    k: int | None = None,
    max_percent: float | None = 100,
) -> Grim:
    """Return which printed percentages can come from a whole number out of n.

    Parameters
    ----------
    values : sequence of str, shape (V,)
        Percentages as printed.
    n : int or (int, int)
        Total, or least and greatest total.
    k : int, optional
        Printed count, tested too.
    max_percent : float or None
        Largest percentage that can be; None for growth rates.

    Raises
    ------
    ValueError
        If n is negative or its ends are in the wrong order.

    Notes
    -----
    A failure first questions the denominator (received, resolved, own competence), not the figure. From
    n = 10^(decimals + 2) on, every percentage is attainable and the check says nothing: see `informative`.

    References
    ----------
    Brown & Heathers (2017), doi:10.1177/1948550616673876.

    Examples
    --------
    99.99 % of 4,473 applications (Thanh Hóa): 4,472 give 99.98 %.

    >>> grim_percent(["99.99", "99.98"], n=4473).consistent
    (False, True)
    """
    first, last = (n, n) if isinstance(n, int) else n
    _require_total(first)
    if first > last:
        raise ValueError(f"n must rise from its least to its greatest value; got {n}. Swap them.")
    consistent, k_consistent, informative = [], [], []
    for value in values:
        low, high, decimals = percent_ends(value)
        # from this total on the interval is wider than one count, so that some count always fits
        certain = 10 ** (decimals + 2)
        totals = range(first, min(last, max(first, certain)) + 1)
        consistent.append(any(_counts(low, high, totals, max_percent)))
        informative.append(last < certain)
        k_consistent.append(k is not None and any(k in found for found in _counts(low, high, totals, max_percent)))
    return Grim(
        consistent=tuple(consistent),
        k_consistent=None if k is None else tuple(k_consistent),
        informative=tuple(informative),
    )


def grim_mean(values: Sequence[str], *, n: int) -> Grim:
    """Return which printed means can come from n whole numbers.

    Parameters
    ----------
    values : sequence of str, shape (V,)
        Means as printed.
    n : int
        How many whole numbers were averaged, >= 0; 0 allows no mean.

    Raises
    ------
    ValueError
        If n is negative.

    References
    ----------
    Brown & Heathers (2017), doi:10.1177/1948550616673876.

    Examples
    --------
    Of the means 5.19, 5.20 and 5.21, 28 whole numbers give only the last (Brown & Heathers 2017).

    >>> grim_mean(["5.19", "5.20", "5.21"], n=28).consistent
    (False, False, True)
    """
    _require_total(n)
    consistent, informative = [], []
    for value in values:
        low, high, decimals = percent_ends(value)
        consistent.append(bool(_count_range(100 * low, 100 * high, n, limit=None, lowest=None)))
        informative.append(n < 10**decimals)
    return Grim(consistent=tuple(consistent), k_consistent=None, informative=tuple(informative))


def _count_range(
    low: Fraction, high: Fraction, n: int, *, limit: int | None, lowest: int | None = 0, high_open: bool = False
) -> range:
    """Whole numbers k with 100 k / n between the ends, from `lowest` to `limit` where these are given."""
    if n == 0:
        return range(0)
    first, last = math.ceil(low * n / 100), math.floor(high * n / 100)
    if high_open and last * 100 == high * n:
        last -= 1
    if lowest is not None:
        first = max(first, lowest)
    return range(first, max(first, last + 1 if limit is None else min(last, limit) + 1))


def _counts(low: Fraction, high: Fraction, totals: range, max_percent: float | None) -> Iterator[range]:
    """The counts that a percentage allows, total by total."""
    for n in totals:
        limit = None if max_percent is None else math.floor(Fraction(max_percent) * n / 100)
        yield _count_range(low, high, n, limit=limit)


def percent_ends(percent: str | Interval, rounding: str = "nearest") -> tuple[Fraction, Fraction, int]:
    """Return the exact ends of a printed percentage, and its decimals."""
    if isinstance(percent, Interval):
        return Fraction(exact(percent.low)), Fraction(exact(percent.high)), _decimals(percent)
    try:
        printed = Decimal(percent.strip().rstrip("%").rstrip().replace(",", "."))
    except ArithmeticError:
        raise ValueError(f"a percentage must be a printed number such as '83.4'; got {percent!r}.") from None
    decimals = max(0, -int(printed.as_tuple().exponent))
    value, unit = Fraction(printed), Fraction(1, 10**decimals)
    if rounding not in ("nearest", "truncate"):
        raise ValueError(f"rounding must be one of nearest, truncate; got {rounding!r}. Use a known one.")
    if rounding == "truncate":
        return value, value + unit, decimals
    return value - unit / 2, value + unit / 2, decimals


def _decimals(interval: Interval) -> int:
    """Decimals of a percentage whose interval is that wide: 2 for a width of 0.01."""
    return max(0, math.floor(-math.log10(interval.width))) if 0 < interval.width < math.inf else 0


def exact(value: float) -> Decimal:
    """Return a float as the decimal number that it prints as."""
    return Decimal(repr(float(value)))


def _require_total(n: int) -> None:
    """Refuse a negative total."""
    if n < 0:
        raise ValueError(f"n must be a count >= 0; got {n}. Correct the total.")
