"""Numbers, dates and bounds as a reader's language writes them.

No digit is shown that the bounds do not support. With bounds a width ``w`` apart, the bounds are written to the place
of the second significant digit of ``w``, the estimate to that of the first of ``w / 2`` unless it was printed finer;
no decimal goes beyond the fourth digit. Bounds round outwards: a printed interval contains the computed one.
"""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from functools import cache

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from reform_analysis.analysis.answer import Quantity
from reform_analysis.display.catalogue import check_language, translate

LOCALES = {"en": "en_GB", "fr": "fr", "vi": "vi"}

# An exact number that is no whole number (a ratio of two counts) has endless digits: three tell it from its neighbours.
_SIGNIFICANT = 3

# Digits of a bound: 54.455 to 54.465 % is read no better than 54.45 to 54.47 %.
_READABLE = 4

# What groups digits in labels that analyses make, which know no language.
_GROUPED = re.compile(r"(?<=\d)\u202f(?=\d{3})")

# Relative slack that keeps binary noise (0.0999999 for 0.1) from adding a digit or moving a bound.
_NOISE = 1e-9

# CLDR writes "28 tháng 10, 2025"; running Vietnamese text says "(ngày) 28 tháng 10 năm 2025".
_DATE_PATTERNS = {
    ("vi", "long"): "d 'tháng' M 'năm' y",
    ("vi", "short"): "d/M",
    ("vi", "medium"): "d/M/y",
    ("vi", "month"): "'tháng' M/y",
    ("en", "short"): "d MMM",
    ("fr", "short"): "d MMM",
    ("en", "month"): "MMMM y",
    ("fr", "month"): "MMMM y",
}


@dataclass(frozen=True)
class _Scale:
    """A power of ten that is written as a word, and what stands around the digits."""

    factor: float
    text: str


# "milliard" and "tỷ" are the words of the sources; a trillion would be "nghìn tỷ" to one reader, 10^18 to another.
_SCALE_LABELS = {
    "million": "{n} million||{n} million",
    "billion": "{n} billion||{n} billion",
    "percent": "{n}%",
    "days": "{n} day||{n} days",
    "dong": "{n} VND",
    "million dong": "{n} million VND||{n} million VND",
    "billion dong": "{n} billion VND||{n} billion VND",
}

_PLAIN = _Scale(1, "{n}")
_MILLION = _Scale(1e6, _SCALE_LABELS["million"])
_BILLION = _Scale(1e9, _SCALE_LABELS["billion"])
_PERCENT = _Scale(1, _SCALE_LABELS["percent"])
_SHARE = _Scale(0.01, _SCALE_LABELS["percent"])
_DAYS = _Scale(1, _SCALE_LABELS["days"])
_DONG = _Scale(1, _SCALE_LABELS["dong"])
_MILLION_DONG = _Scale(1e6, _SCALE_LABELS["million dong"])
_BILLION_DONG = _Scale(1e9, _SCALE_LABELS["billion dong"])

_FIXED_SCALES = {"percent": _PERCENT, "share": _SHARE, "days": _DAYS, "ratio": _PLAIN, "bare percent": _PLAIN}


def _count_scale(largest: float, exact: bool) -> _Scale:
    """Return the scale of a count: words only where they hide no digit of an exact number."""
    for scale in (_BILLION, _MILLION):
        hides_digits = exact and abs(round(largest / scale.factor, 2) * scale.factor - largest) > 0.5
        if largest >= scale.factor and not hides_digits:
            return scale
    return _PLAIN


def _scale_of(unit: str, numbers: list[float]) -> _Scale:
    """Return how numbers of one unit are written."""
    largest = max((abs(x) for x in numbers), default=0.0)
    if unit in _FIXED_SCALES:
        return _FIXED_SCALES[unit]
    if unit == "billion VND":
        return _Scale(1, _BILLION_DONG.text)
    if unit.startswith("VND"):
        return _BILLION_DONG if largest >= 1e9 else _MILLION_DONG if largest >= 1e6 else _DONG
    return _count_scale(largest, exact=len(set(numbers)) == 1 and float(largest).is_integer())


def _width_place(width: float) -> int:
    """Return the power of ten of the first significant digit of a width."""
    return math.floor(math.log10(width * (1 + _NOISE)))


def _exact_place(x: float, unit: str) -> int:
    """Return the power of ten to which a number without bounds is written."""
    for decimals in range(3):
        if abs(round(x, decimals) - x) <= _NOISE * max(1.0, abs(x)):
            return -decimals
    if unit in ("share", "percent", "bare percent"):
        # One decimal is the habit of the sources; closer to 0 or to 100 it would hide the number.
        rest = min(abs(x), abs(100 - x))
        return min(-1, math.floor(math.log10(rest)))
    return min(0, math.floor(math.log10(abs(x))) - (_SIGNIFICANT - 1))


def _written(x: float, place: int, language: str) -> str:
    """Return ``x`` rounded to ``10 ** place``, grouped, with that many decimals and no more."""
    decimals = max(-place, 0)
    rounded = round(x, -place) + 0.0  # adding zero turns a negative zero into zero
    if abs(rounded) < 10.0**-decimals / 2:
        rounded = 0.0
    return f"{rounded:,.{decimals}f}".translate(_digit_marks(language))


@cache
def _digit_marks(language: str) -> dict[int, str]:
    """Return what stands in a language for Python's marks in a number."""
    locale = LOCALES[language]
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale), "-": "\N{MINUS SIGN}"})


def _outward(x: float, place: int, up: bool) -> float:
    """Round a bound away from the estimate, unless it stands on the grid already."""
    steps = x / 10.0**place
    nearest = round(steps)
    if abs(steps - nearest) > max(1e-6, _NOISE * abs(steps)):
        nearest = math.ceil(steps) if up else math.floor(steps)
    return nearest * 10.0**place


def number(x: float, *, language: str, decimals: int | None = None) -> str:
    """Return a number in the reader's digits: ``1,234.5``, ``1 234,5`` (narrow no-break space), ``1.234,5``.

    Parameters
    ----------
    x
        Any number; NaN is written as "not known".
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    decimals
        How many decimals; None keeps whole numbers whole, others to three significant digits.

    Raises
    ------
    ValueError
        If ``language`` is unknown.

    Examples
    --------
    >>> number(1234.5, language="vi", decimals=1)
    '1.234,5'
    """
    check_language(language)
    if math.isnan(x):
        return translate("not known", language)
    return _written(x, _exact_place(x, "count") if decimals is None else -decimals, language)


def regrouped(text: str, language: str) -> str:
    """Return a label whose numbers are grouped by narrow no-break spaces, grouped as the reader's language does.

    Examples
    --------
    >>> regrouped("2\u202f236 / 6\u202f545", "vi")
    '2.236 / 6.545'
    """
    return _GROUPED.sub(_digit_marks(check_language(language))[ord(",")], text)


def percent(share: float, *, language: str, decimals: int | None = None) -> str:
    """Return a share in [0, 1] as percent: ``83.4%``, in French ``83,4 %`` with its no-break space.

    Examples
    --------
    >>> percent(0.834, language="en")
    '83.4%'
    """
    if decimals is None:
        return quantity(Quantity(share, share, share, "share"), language=language)
    digits = number(100 * share, language=language, decimals=decimals)
    return digits if math.isnan(share) else translate("{n}%", language).replace("{n}", digits)


def money(dong: float, *, language: str) -> str:
    """Return an amount in Vietnamese dong.

    Examples
    --------
    >>> money(3119e9, language="en")
    '3,119 billion VND'
    >>> money(3119e9, language="vi")
    '3.119 tỷ đồng'
    """
    return quantity(Quantity(dong, dong, dong, "VND"), language=language)


def date(day: datetime.date, *, language: str, style: str = "long") -> str:
    """Return a date in words.

    Parameters
    ----------
    day
        The date.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    style
        ``"long"`` (28 October 2025), ``"medium"`` (28 Oct 2025), ``"short"`` (28 Oct) or ``"month"`` (October 2025).

    Examples
    --------
    >>> date(datetime.date(2025, 7, 1), language="fr")
    '1er juillet 2025'
    >>> date(datetime.date(2025, 10, 28), language="vi")
    '28 tháng 10 năm 2025'
    """
    return _date_words(day, check_language(language), style)


@cache
def _date_words(day: datetime.date, language: str, style: str) -> str:
    """Return a date in words: a report writes the same few dozen days hundreds of times."""
    text = format_date(day, _DATE_PATTERNS.get((language, style), style), locale=LOCALES[language])
    return text.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 and style != "month" else text


def _worded(digits: str, scale: _Scale, count: float, language: str) -> str:
    """Put the words of a scale around digits."""
    return translate(scale.text, language, count=count).replace("{n}", digits)


def _on_grid(x: float, place: int) -> bool:
    """Tell whether ``x`` is a multiple of ``10 ** place``."""
    return abs(x / 10.0**place - round(x / 10.0**place)) < 1e-6


def _one_sided(low: float, high: float, unit: str, scale: _Scale, language: str) -> str:
    """Return a bound known on one side: "at least 6.6 million"."""
    name, bound = ("low", low) if math.isfinite(low) else ("high", high)
    place = _exact_place(bound, unit)
    words = _worded(_written(_outward(bound, place, up=name == "high"), place, language), scale, bound, language)
    text = translate("at least {low}", language) if name == "low" else translate("at most {high}", language)
    return text.replace(f"{{{name}}}", words)


def _two_sided(low: float, high: float, place: int, scale: _Scale, language: str) -> str:
    """Return "82.8 to 84.1%": both bounds outwards to one place, without zeros that both end on."""
    ends = _outward(low, place, up=False), _outward(high, place, up=True)
    while place < 0 and all(_on_grid(end, place + 1) for end in ends):
        place += 1
    first, last = (_written(end, place, language) for end in ends)
    both = translate("{low} to {high}", language).replace("{low}", first).replace("{high}", last)
    return _worded(both, scale, high, language)


def _bounds_place(low: float, high: float, *, counted: bool) -> int:
    """Return the power of ten to which two bounds are written."""
    if counted and float(low).is_integer() and float(high).is_integer():
        # Whole bounds were counted or printed as whole numbers: nothing is gained by hiding their last digits.
        return 0
    # A reader takes in four digits; beyond them decimals are dropped, outwards.
    largest = _width_place(max(abs(low), abs(high)))
    return max(_width_place(high - low) - 1, min(0, largest - (_READABLE - 1)))


def _bounded(value: float, low: float, high: float, scale: _Scale, language: str) -> tuple[str, str]:
    """Return estimate and bounds in words, each to the digits that the width supports."""
    place = _bounds_place(low, high, counted=scale.factor == 1)
    bounds = _two_sided(low, high, place, scale, language)
    if math.isnan(value):
        return "", bounds
    if not _on_grid(value, place):
        # Not printed as it stands: to the first digit of the half-width, but never rounded away by a wide interval.
        place = max(place, min(_width_place((high - low) / 2), _width_place(abs(value))))
    while place < 0 and _on_grid(value, place + 1):
        place += 1
    return _worded(_written(value, place, language), scale, value, language), bounds


def quantity(q: Quantity, *, language: str, part: str = "both") -> str:
    """Return an estimate with its bounds, to the digits that the bounds support.

    Parameters
    ----------
    q
        The quantity; ``unit`` ``"share"``, ``"percent"``, ``"VND"``, ``"billion VND"`` and ``"days"`` are written
        out, other units are for the text around it.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    part
        ``"both"``: estimate (low to high), the bounds only where they differ; ``"value"``; ``"bounds"``.

    Returns
    -------
    str
        ``not known`` where neither estimate nor bounds are.

    Raises
    ------
    ValueError
        If ``language`` or ``part`` is unknown.

    Examples
    --------
    12.1 of 14.5 million dossiers lodged online, both printed with one decimal:

    >>> quantity(Quantity(12.1 / 14.5, 12.05 / 14.55, 12.15 / 14.45, "share"), language="en")
    '83.4% (82.8 to 84.1%)'
    """
    check_language(language)
    if part not in ("both", "value", "bounds"):
        raise ValueError(f"part must be one of both, value, bounds; got {part!r}.")
    finite = [x for x in (q.value, q.low, q.high) if math.isfinite(x)]
    if not finite:
        return translate("not known", language)
    scale = _scale_of(q.unit, finite)
    value, low, high = (x / scale.factor for x in (q.value, q.low, q.high))
    if high - low > _NOISE * max(abs(low), abs(high)) and math.isfinite(high - low):
        estimate, bounds = _bounded(value, low, high, scale, language)
    else:
        known = next(x for x in (value, low, high) if math.isfinite(x))
        estimate = _worded(_written(known, _exact_place(known, q.unit), language), scale, known, language)
        one_sided = math.isinf(low) != math.isinf(high)
        bounds = _one_sided(low, high, q.unit, scale, language) if one_sided else estimate
        if one_sided and (value in (low, high) or math.isnan(value)):
            estimate = bounds
    if part == "value":
        return estimate or bounds
    if part == "bounds" or not estimate or estimate == bounds:
        return bounds
    return f"{estimate} ({bounds})"
