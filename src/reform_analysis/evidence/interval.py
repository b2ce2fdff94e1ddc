"""Intervals that stand for printed figures, and arithmetic that keeps shared parts shared.

An end is open when the print excludes it ("more than 620"). Openness decides which whole numbers an interval
holds; arithmetic and comparisons treat both ends as closed, because how a publisher breaks ties is unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """All values a figure may stand for, from `low` to `high`.

    Parameters
    ----------
    low, high : float
        Ends, low <= high; infinite ends are allowed. Both NaN for a missing figure.
    low_open, high_open : bool
        True where the end itself is excluded.

    Raises
    ------
    ValueError
        If low > high, or only one end is NaN.

    References
    ----------
    Moore, Kearfott & Cloud (2009), Introduction to Interval Analysis, doi:10.1137/1.9780898717716, ch. 2.

    Examples
    --------
    9,916 divisions and 465 agencies of the provinces (28 October 2025), were each rounded to the last digit.

    >>> Interval(9915.5, 9916.5) + Interval(464.5, 465.5)
    Interval(low=10380.0, high=10382.0, low_open=False, high_open=False)
    """

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        """Refuse ends in the wrong order."""
        if math.isnan(self.low) != math.isnan(self.high) or self.low > self.high:
            raise ValueError(
                f"an interval needs low <= high, or NaN at both ends; got low {self.low}, high {self.high}. "
                "Swap or correct the ends at their source."
            )

    @property
    def is_missing(self) -> bool:
        """Whether the interval stands for a missing figure (both ends NaN)."""
        return math.isnan(self.low)

    @property
    def width(self) -> float:
        """Distance between the ends, in the unit of the figure."""
        return self.high - self.low

    def __add__(self, other: Interval | float) -> Interval:
        """Return the sum; sharp only if the two quantities share no part."""
        other = as_interval(other)
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval | float) -> Interval:
        """Return the difference; sharp only if the two quantities share no part."""
        other = as_interval(other)
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval | float) -> Interval:
        """Return the product; an end of zero times an infinite end counts as zero."""
        other = as_interval(other)
        if self.is_missing or other.is_missing:
            return MISSING
        corners = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))

    def __truediv__(self, other: Interval | float) -> Interval:
        """Return the quotient; a divisor that may be zero raises ZeroDivisionError."""
        other = as_interval(other)
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError(f"the divisor must exclude 0; got [{other.low}, {other.high}]. Use interval_ratio.")
        return MISSING if other.is_missing else self * Interval(1 / other.high, 1 / other.low)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Interval:
        """Return a number minus the interval."""
        return as_interval(other) - self

    def __rtruediv__(self, other: float) -> Interval:
        """Return a number divided by the interval."""
        return as_interval(other) / self

    def contains(self, value: float) -> bool:
        """Return whether `value` lies between the ends, both counted as closed."""
        return self.low <= value <= self.high

    def overlaps(self, other: Interval) -> bool:
        """Return whether the two intervals meet, ends counted as closed; False if one is missing."""
        return self.low <= other.high and other.low <= self.high

    def gap(self, other: Interval) -> float:
        """Return the distance between the intervals, 0 where they meet, NaN where one is missing."""
        if self.is_missing or other.is_missing:
            return math.nan
        return max(0, self.low - other.high, other.low - self.high)

    def intersect(self, other: Interval) -> Interval | None:
        """Return the values in both intervals, or None where they do not meet or one is missing."""
        if not self.overlaps(other):
            return None
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def hull(self, other: Interval) -> Interval:
        """Return the shortest interval that holds both; a missing one adds nothing."""
        if self.is_missing or other.is_missing:
            return other if self.is_missing else self
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def integers(self) -> range:
        """Return the whole numbers inside, open ends left out; the interval must be bounded.

        Examples
        --------
        >>> list(Interval(620, 630, low_open=True, high_open=True).integers())[::8]
        [621, 629]
        """
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"integers() needs two finite ends; got [{self.low}, {self.high}]. Use the soft interval.")
        first, last = math.ceil(self.low), math.floor(self.high)
        first += self.low_open and first == self.low
        last -= self.high_open and last == self.high
        return range(first, last + 1)


@dataclass(frozen=True)
class Ratio(Interval):
    """Bounds of a share or ratio; `conflict` says that the printed facts exclude each other (ends NaN)."""

    conflict: bool = False


MISSING = Interval(math.nan, math.nan)


def as_interval(value: Interval | float) -> Interval:
    """Return an interval as it is, and a number as the interval of that number alone."""
    return value if isinstance(value, Interval) else Interval(value, value)


def interval_share(a: Interval, b: Interval) -> Ratio:
    """Bounds of a / (a + b), where both counts are known only within intervals.

    Parameters
    ----------
    a, b : Interval
        Two disjoint counts, not negative, in one unit.

    Returns
    -------
    Ratio
        Share in [0, 1]; NaN where both counts are 0 or one is missing.

    Raises
    ------
    ValueError
        If an end is negative.

    Notes
    -----
    Written as 1 / (1 + b/a), so that each count occurs once and the bounds are sharp. Dividing the interval
    of a by that of a + b counts the error of a twice and gives wider bounds.

    References
    ----------
    Moore, Kearfott & Cloud (2009), doi:10.1137/1.9780898717716 (the dependency problem).

    Examples
    --------
    12.1 million of 14.5 million applications lodged online (printed as 83 %, 28 October 2025).

    >>> share = interval_share(Interval(12.05e6, 12.15e6), Interval(2.3e6, 2.5e6))
    >>> round(share.low, 4), round(share.high, 4)
    (0.8282, 0.8408)
    """
    _require_counts(a=a, b=b)
    if a.is_missing or b.is_missing or a.high + b.high == 0:
        return Ratio(math.nan, math.nan)
    return Ratio(_part(a.low, b.high, both_zero=1.0), _part(a.high, b.low, both_zero=0.0))


def interval_ratio(
    num: Interval, den: Interval, *, printed_share: Interval | None = None, part_of: bool = False
) -> Ratio:
    """Bounds of num / den, sharpened by a printed share where there is one.

    Parameters
    ----------
    num, den : Interval
        Counts, not negative, in one unit.
    printed_share : Interval, optional
        The share as printed, as a fraction in [0, 1].
    part_of : bool
        True if the numerator is a part of the denominator: the ratio cannot exceed 1.

    Returns
    -------
    Ratio
        Bounds; NaN with `conflict=True` where the printed facts exclude each other, NaN with `conflict=False`
        where the denominator is 0 or a count is missing.

    Raises
    ------
    ValueError
        If an end is negative.

    Notes
    -----
    An empty intersection is reported and never mended by swapping ends: it says that at least one of the
    printed numbers, or their common definition, is wrong.

    Examples
    --------
    72,591 of 73,544 applications printed as 98.1 % (Đắk Lắk, provincial agencies).

    >>> interval_ratio(Interval(72591, 72591), Interval(73544, 73544),
    ...                printed_share=Interval(0.9805, 0.9815), part_of=True).conflict
    True
    """
    _require_counts(num=num, den=den)
    if num.is_missing or den.is_missing or den.high == 0:
        return Ratio(math.nan, math.nan)
    low = 0.0 if math.isinf(den.high) else num.low / den.high
    high = num.high / den.low if den.low > 0 and math.isfinite(den.low) else math.inf
    if part_of:
        high = min(1.0, high)
    if printed_share is not None and not printed_share.is_missing:
        low, high = max(low, printed_share.low), min(high, printed_share.high)
    return Ratio(low, high) if low <= high else Ratio(math.nan, math.nan, conflict=True)


def _part(a: float, b: float, *, both_zero: float) -> float:
    """a / (a + b) with the limits it has where both are zero or one is infinite."""
    if a + b == 0:
        return both_zero
    if math.isinf(a):
        return 0.0 if math.isinf(b) else 1.0
    return a / (a + b)


def _product(a: float, b: float) -> float:
    """a * b, with 0 * infinity = 0: the limit that bounds of products need."""
    return 0.0 if a == 0 or b == 0 else a * b


def _require_counts(**counts: Interval) -> None:
    """Refuse negative counts by name."""
    for name, count in counts.items():
        if count.low < 0:
            raise ValueError(f"{name} must be a count >= 0; got a lower end of {count.low}. Correct the figure.")
