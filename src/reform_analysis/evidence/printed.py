"""Figures as printed: the number they state, and the interval of values they stand for.

A printed figure is not the count but a set that contains it (coarse data: Heitjan & Rubin 1991,
doi:10.1214/aos/1176348396). All arithmetic is decimal and starts from the printed string, because trailing zeros
are information that a float has lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

import numpy as np

from . import numerals
from .interval import MISSING, Interval
from .phrase import Phrase, Reading, parse

_OPTIONS = {
    "mode": ("soft", "hard"),
    "trailing": ("auto", "exact", "significant"),
    "rounding": ("nearest", "truncate", "unknown"),
    "hundred": ("rounded", "exact"),
}
_Ends = tuple[Decimal, Decimal, bool, bool]
_INFINITE = Decimal("inf")


@dataclass(frozen=True)
class _Options:
    """The conventions of one call of `figure_interval`."""

    mode: str
    trailing: str
    rounding: str
    hundred: str
    cap: float | None

    def __post_init__(self) -> None:
        """Refuse unknown conventions by name."""
        for name, known in _OPTIONS.items():
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} must be one of {', '.join(known)}; got {getattr(self, name)!r}. Use a known one."
                )


def read_figure(text: str, *, language: str | None = None, unit: str | None = None) -> Reading:
    """Return the number that a printed phrase states, read from the phrase and its language alone.

    Parameters
    ----------
    text : str
        The number phrase as printed, in any of the supported languages, with any kind of space.
    language : str, optional
        ISO 639-1 code of the text; decides between decimal and thousands mark where the words of the phrase
        do not.
    unit : str, optional
        Unit of the figure; "percent" makes the reading a percentage even without a sign.

    Returns
    -------
    Reading
        Value in base units and how it was printed.

    Raises
    ------
    ValueError
        If the text holds no number, or several that no word connects; is a date; states a fall (whose sign
        depends on the indicator); or can be read in two ways.

    Notes
    -----
    Nothing is guessed: "1.700" is a thousand times larger in Vietnamese than in English. The words of the phrase
    go before `language`, since translated editions keep number phrases of the original.

    Examples
    --------
    >>> read_figure("plus de 6,6 millions").value, read_figure("1.700 tỷ đồng").value
    (6600000.0, 1700000000000.0)
    """
    known = numerals.DECIMAL_COMMA | numerals.DECIMAL_POINT
    if language is not None and language not in known:
        raise ValueError(
            f"language must be one of {', '.join(sorted(known))}; got {language!r}. Leave it out if unknown."
        )
    phrase = parse(text)
    if phrase.problem:
        raise ValueError(f"a figure must state one number; got {text!r}, {phrase.problem}. Give its value.")
    reading = phrase.words[0] if phrase.words else _by_language(text, phrase.first, language)
    if phrase.link and not phrase.words:
        second = _by_language(text, phrase.second, language)
        if reading.value > second.value:
            raise ValueError(f"a range must rise and a part must not exceed its whole; got {text!r}. Give its value.")
        reading = _range(reading, second) if phrase.link == "range" else reading
    return replace(reading, is_percent=reading.is_percent or unit == "percent")


def figure_interval(
    text: str,
    *,
    value: float | None,
    unit: str | None = None,
    qualifier: str = "exact",
    mode: str = "soft",
    trailing: str = "auto",
    rounding: str = "nearest",
    hundred: str = "rounded",
    cap: float | None = 100,
) -> Interval:
    """Return the interval of values that a printed figure stands for.

    Parameters
    ----------
    text : str
        The number phrase as printed.
    value : float or None
        The coder's reading in base units (percent as printed), which decides between decimal and thousands marks
        and must agree with the text. None: the text alone must be unambiguous. NaN: no figure.
    unit : str, optional
        Unit of the figure; "percent", which a percent sign means too, and "rank" change the bounds.
    qualifier : {"exact", "more_than", "at_least", "nearly", "about", "less_than", "at_most", "between"}
        As coded; it goes before the words of the text.
    mode : {"soft", "hard"}
        Bounds by the convention for such phrases, or bounds that only a wrong figure can leave.
    trailing : {"auto", "exact", "significant"}
        Zeros at the end of a whole number: two or more are a sign of rounding, by at most a tenth of the value;
        never are; or always are, by the full place of the last non-zero digit.
    rounding : {"nearest", "truncate", "unknown"}
        How unqualified figures were cut to their printed digits.
    hundred : {"rounded", "exact"}
        Whether 100 % may stand for 99.5 %.
    cap : float or None
        Largest percentage that can be; None for growth rates.

    Returns
    -------
    Interval
        In base units, clipped at 0 (falls are mirrored); NaN ends for a NaN value.

    Raises
    ------
    ValueError
        If the text does not show `value`, an option is unknown, or a percentage exceeds `cap`.

    Notes
    -----
    One unit of a figure is w = max(u0, min(U, |value| / 10)), where u0 is the place of the last printed digit
    and U that of the last non-zero digit. "More than v" is (v, v + w), "nearly v" (v - w, v), "about v"
    [v - w, v + w]. A number in words, a fraction of whole numbers ("34/34", coded as 34 or as 100 percent) and a
    rank are exact. A confidence
    interval is not used: the figures are complete counts, and what is uncertain is their print.

    References
    ----------
    Heitjan & Rubin (1991), doi:10.1214/aos/1176348396; heaping: (1990), doi:10.1080/01621459.1990.10476202.

    Examples
    --------
    Online applications up to 15 September 2025, as the Ministry of Home Affairs printed them.

    >>> figure_interval("plus de 6,6 millions", value=6.6e6, unit="applications", qualifier="more_than")
    Interval(low=6600000.0, high=6700000.0, low_open=True, high_open=True)
    """
    if value is not None and math.isnan(value):
        return MISSING
    if value is not None and math.isinf(value):
        raise ValueError(f"value must be a finite number, or NaN for none; got {value}. Correct it.")
    return _interval(text, value, unit, qualifier, _Options(mode, trailing, rounding, hundred, cap))


def coarsened_draws(intervals: Sequence[Interval], n: int, *, seed: int = 20251031) -> np.ndarray:
    """Return `n` uniform draws inside the box of the intervals: an aid for plots, never a result.

    Parameters
    ----------
    intervals : sequence of Interval, shape (K,)
        Bounded intervals; a missing one gives NaN.
    n : int
        Number of draws, > 0.
    seed : int
        Seed of the generator.

    Returns
    -------
    numpy.ndarray, shape (n, K)
        One draw a row, in the units of the figures.

    Raises
    ------
    ValueError
        If an interval is unbounded.

    Notes
    -----
    Nothing says that a true count is uniform inside its interval; the bounds are the result. Independence
    between figures is assumed, although figures of one report may share their error.

    Examples
    --------
    >>> coarsened_draws([Interval(82.5, 83.5)], 2).shape
    (2, 1)
    """
    low, high = (np.array([getattr(i, end) for i in intervals], dtype=float) for end in ("low", "high"))
    if np.isinf(low).any() or np.isinf(high).any():
        raise ValueError("draws need bounded intervals; got an infinite end. Use the soft bounds.")
    return low + (high - low) * np.random.default_rng(seed).random((n, len(low)))


@lru_cache(maxsize=1 << 16)
def _interval(text: str, value: float | None, unit: str | None, qualifier: str, options: _Options) -> Interval:
    """`figure_interval`, remembered for each distinct figure."""
    if qualifier not in numerals.QUALIFIER_NAMES:
        raise ValueError(
            f"qualifier must be one of {', '.join(numerals.QUALIFIER_NAMES)}; got {qualifier!r}. Correct it."
        )
    between = qualifier == "between"
    reading = read_figure(text, unit=unit) if value is None else _matching(text, value, unit, between=between)
    if between and reading.low is None:
        raise ValueError(f"a figure coded as between must show a range; got {text!r}. Correct the qualifier.")
    percent = unit == "percent" or reading.is_percent
    reading = replace(reading, is_percent=percent, in_words=reading.in_words or unit == "rank")
    falls = reading.value < 0
    if falls:
        reading = replace(reading, mantissa=-reading.mantissa)
    low, high, low_open, high_open = _clipped(_ends(reading, qualifier, options), text, percent, options.cap)
    if falls:
        return Interval(-float(high), -float(low), high_open, low_open)
    return Interval(float(low), float(high), low_open, high_open)


def _by_language(text: str, readings: tuple[Reading, ...], language: str | None) -> Reading:
    """The one reading of a number that its language allows."""
    if len(readings) == 1:
        return readings[0]
    if not readings:
        raise ValueError(f"thousands must come in groups of three; got {text!r}. Correct the figure.")
    comma = numerals.uses_decimal_comma(text.lower(), language)
    decimal, thousands = readings
    if comma is None:
        raise ValueError(
            f"a figure must have one reading; got {text!r}, which is {decimal.value:.12g} or {thousands.value:.12g} "
            "by the mark that its language uses for decimals. Give the language or the value."
        )
    return decimal if ("," in text) == comma else thousands


def _range(first: Reading, second: Reading) -> Reading:
    """A printed range: its midpoint, with the ends kept."""
    mantissa = (first.mantissa * first.scale + second.mantissa * second.scale) / (2 * second.scale)
    return replace(
        second,
        value=float(mantissa * second.scale),
        mantissa=mantissa,
        qualifier=second.qualifier or "between",
        low=first.value,
        high=second.value,
    )


def _matching(text: str, value: float, unit: str | None, *, between: bool) -> Reading:
    """The reading of the text that equals the coded value."""
    phrase = parse(text)
    ends = phrase.second if phrase.link == "range" else ()
    if between:
        readings = tuple(_range(a, b) for a in phrase.first for b in ends if a.value < b.value)
    else:
        readings = phrase.first + ends + phrase.words
    for reading in readings:
        if reading.value == value:
            return reading
        if phrase.may_fall and reading.value == -value:
            return replace(reading, value=value, mantissa=-reading.mantissa)
    is_quotient = unit == "percent" and _is_quotient(phrase, value)
    if not is_quotient and (readings or between):
        shown = " or ".join(f"{reading.value:.12g}" for reading in readings) or "no range"
        raise ValueError(
            f"value must be what the figure shows; {text!r} shows {shown}, got {value:.12g}. Correct one of them."
        )
    return Reading(float(value), Decimal(repr(float(value))), in_words=True)


def _is_quotient(phrase: Phrase, percent: float) -> bool:
    """Whether the phrase is a fraction of whole numbers, and the percentage its quotient to its own last digit."""
    coded = Decimal(repr(float(percent)))
    half = Decimal(1).scaleb(int(coded.as_tuple().exponent)) / 2
    return phrase.link == "fraction" and any(
        abs(100 * part.magnitude / whole.magnitude - coded) <= half
        for part in phrase.first
        for whole in phrase.second
        if whole.magnitude and not part.decimals and not whole.decimals
    )


def _ends(reading: Reading, qualifier: str, options: _Options) -> _Ends:
    """Ends of the interval before clipping, for a figure that is not negative."""
    v, u0 = reading.magnitude, reading.place
    last_digit = u0.scaleb(reading.trailing_zeros)
    w = last_digit if options.trailing == "significant" else max(u0, min(last_digit, v / 10))
    hard = options.mode == "hard"
    if qualifier == "exact":
        return _exact_ends(reading, w, options)
    if qualifier == "between":
        low, high = Decimal(repr(reading.low)), Decimal(repr(reading.high))
        return (low - u0, high + u0, True, True) if hard else (low, high, False, False)
    if qualifier == "about":
        return v - w * (1 + hard), v + w * (1 + hard), False, False
    if qualifier in ("more_than", "at_least"):
        return v, _INFINITE if hard else v + w, qualifier == "more_than", True
    closed_above = qualifier == "at_most"
    return (Decimal(0), v, False, not closed_above) if hard else (v - w, v, True, not closed_above)


def _exact_ends(reading: Reading, w: Decimal, options: _Options) -> _Ends:
    """Ends for a figure without a qualifier: exact, or rounded to its last printed or last non-zero digit."""
    v = reading.magnitude
    counted = reading.in_words or (reading.is_fraction and not reading.decimals)
    whole = counted or (reading.is_percent and v == 100 and options.hundred == "exact")
    zeros = reading.trailing_zeros >= 2 and not reading.is_percent and options.trailing != "exact"
    if whole or not (zeros or reading.decimals or reading.scale > 1 or reading.is_percent):
        return v, v, False, False
    step = w if zeros else reading.place
    if options.mode == "hard" or options.rounding == "unknown":
        return v - step, v + step, True, True
    if options.rounding == "truncate":
        return v, v + step, False, True
    return v - step / 2, v + step / 2, False, False


def _clipped(ends: _Ends, text: str, percent: bool, cap: float | None) -> _Ends:
    """Ends clipped at 0 and, for percentages, at the cap."""
    low, high, low_open, high_open = ends
    if low < 0:
        low, low_open = Decimal(0), False
    if percent and cap is not None and high >= cap:
        high, high_open = Decimal(str(cap)), False
        if low > high or (low == high and low_open):
            raise ValueError(
                f"a percentage must not exceed {cap:g}; got {text!r}. Correct it, or pass cap=None for a growth rate."
            )
    return low, high, low_open, high_open
