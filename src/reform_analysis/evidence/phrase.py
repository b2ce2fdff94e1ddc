"""The grammar of a number phrase: every reading that a printed text allows, before one is chosen.

"1.700 tỷ đồng" allows 1,700 and 1.7 billion, "50-60 %" has two ends, "première parmi 126" a word and a number.
Choosing among them, by a language or by a coded value, is the business of `printed`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from . import numerals

# thin, narrow, figure and ordinary no-break spaces: all of them separate thousands
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007\u2002\u2003\t\n"), " ")
_NUMBER = re.compile(
    r"(?P<minus>(?<![\w\d)%])(?<!\w )[-−](?=\d))?"
    r"(?P<number>\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?:\s*(?P<scale>{numerals.SCALE}))?(?P<percent>\s*(?:{numerals.PERCENT}))?"
)
_WORD = re.compile(
    rf"{numerals.NUMBER_WORD.pattern}(?:\s*(?P<scale>{numerals.SCALE}))?(?P<percent>\s*(?:{numerals.PERCENT}))?"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
# the number of a law or decision (278/2025/NĐ-CP, 18-NQ/TW) is a name, not a quantity
_DOCUMENT = re.compile(r"\d{1,6}(?:/\d{4})?[-/](?!\d)[A-ZĐ][\w]*(?:[-/][A-ZĐ]\w*)*")
_ASIDE = re.compile(r"\([^)]*\)")
_SQUARED = re.compile(r"(?<=m)2\b")
# a sentence is no number phrase; and what is short is read at once and is no infinite number
LONGEST = 200


@dataclass(frozen=True)
class Reading:
    """What a number phrase says.

    Parameters
    ----------
    value : float
        The number in base units (percent as printed: 83 for 83 %); the midpoint of a range.
    mantissa : Decimal
        The number in front of the scale word, with its printed decimals.
    decimals, scale : int
        Printed decimals of the mantissa, and the factor of the scale word (1 without one).
    qualifier : str or None
        Qualifier that the words of the phrase state; None if they state none.
    is_percent, is_fraction, in_words : bool
        Percent sign or word; "34/34" or "30 of 34" (the value is the first number); number without digits.
    low, high : float or None
        Ends of a printed range such as "50-60 %", else None.
    """

    value: float
    mantissa: Decimal
    decimals: int = 0
    scale: int = 1
    qualifier: str | None = None
    is_percent: bool = False
    is_fraction: bool = False
    in_words: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def magnitude(self) -> Decimal:
        """The value as an exact decimal number."""
        return self.mantissa * self.scale

    @property
    def place(self) -> Decimal:
        """Size of one unit in the last printed digit."""
        return Decimal(self.scale).scaleb(-self.decimals)

    @property
    def trailing_zeros(self) -> int:
        """Zeros at the end of a mantissa printed without decimals."""
        if self.decimals or not self.mantissa:
            return 0
        digits = str(int(self.mantissa))
        return len(digits) - len(digits.rstrip("0"))


@dataclass(frozen=True)
class Phrase:
    """The readings that a text allows.

    `first` holds those of the leading number, `second` those of the one linked to it ("range" or "fraction"), `words`
    that of a number in words in front of them; `problem` says why no single number can be read without a value.
    """

    first: tuple[Reading, ...] = ()
    second: tuple[Reading, ...] = ()
    words: tuple[Reading, ...] = ()
    link: str | None = None
    problem: str | None = None
    may_fall: bool = False


@dataclass(frozen=True)
class _Token:
    """A number in the text with its place and its readings."""

    start: int
    end: int
    readings: tuple[Reading, ...]


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Phrase:
    """Return every reading that a number phrase allows; a text without any gives an empty phrase.

    Raises
    ------
    ValueError
        The text is longer than any number phrase.
    """
    if len(text) > LONGEST:
        raise ValueError(
            f"a number phrase must have at most {LONGEST} characters; got {len(text)}, which begin {text[:40]!r}. "
            "Give the number phrase alone."
        )
    text = unicodedata.normalize("NFC", text).translate(_SPACES).strip()
    if _DOCUMENT.fullmatch(text):
        return Phrase(first=(Reading(1.0, Decimal(1), in_words=True),))
    text = _SQUARED.sub("", (_ASIDE.sub("", text).strip() or text).lower())
    tokens = _tokens(text)
    words = _number_words(text, tokens)
    if not tokens:
        return Phrase(words=words, problem=None if words else "which holds no number")
    first, *others = tokens
    prefix = text[: first.start]
    link = _link(prefix, text[first.end : others[0].start]) if others else None
    qualifier = qualifier_of(prefix, text[(others[0] if link else first).end :])
    readings, second = first.readings, others[0].readings if link else ()
    if link == "range":
        readings, second = _share_units(readings, second)
    may_fall = bool(prefix and numerals.FALL.search(prefix))
    if qualifier or link:
        readings = tuple(replace(r, qualifier=qualifier, is_fraction=link == "fraction") for r in readings)
    return Phrase(
        first=readings,
        second=tuple(replace(r, qualifier=qualifier) for r in second),
        words=words,
        link=link,
        problem=_problem(text, words, len(others) - bool(link), may_fall),
        may_fall=may_fall,
    )


def _problem(text: str, words: tuple[Reading, ...], unlinked: int, may_fall: bool) -> str | None:
    """Why a phrase with digits cannot be read without a coded value."""
    if text.islower() and numerals.MONTH.search(text):
        return "which is a date"
    if unlinked and not words:
        return "which holds several numbers"
    return "a fall, whose sign depends on the indicator" if may_fall else None


def qualifier_of(prefix: str, suffix: str) -> str | None:
    """The qualifier nearest to the number: the last one before it, else one right behind it."""
    before = numerals.QUALIFIER.findall(prefix) if prefix else ()
    if before:
        return str(numerals.QUALIFIER_OF[before[-1]])
    behind = numerals.TRAILING_QUALIFIER.search(suffix) if suffix else None
    return str(numerals.QUALIFIER_OF[behind.group()]) if behind else None


def _tokens(text: str) -> list[_Token]:
    """The numbers of a text, those in several steps (118兆2342億, 1 triệu 500 nghìn) put together."""
    tokens: list[_Token] = []
    for match in _NUMBER.finditer(text):
        token = _Token(match.start(), match.end(), tuple(_readings(match)))
        if tokens and not text[tokens[-1].end : token.start].strip():
            joined = tuple(_steps(tokens[-1].readings, token.readings))
            if joined:
                tokens[-1] = _Token(tokens[-1].start, token.end, joined)
                continue
        tokens.append(token)
    return tokens


def _readings(match: re.Match[str]) -> Iterator[Reading]:
    """The readings of one matched number: as a decimal number, as grouped thousands, or both."""
    scale = numerals.SCALE_OF[match["scale"]] if match["scale"] else 1
    sign = -1 if match["minus"] else 1
    for mantissa in _mantissas(match["number"]):
        decimals = -int(mantissa.as_tuple().exponent)
        mantissa *= sign
        yield Reading(float(mantissa * scale), mantissa, decimals, scale, is_percent=bool(match["percent"]))


def _mantissas(number: str) -> list[Decimal]:
    """A number with its marks read as decimal or thousands marks, in every way that keeps groups of three."""
    joined = number.replace(" ", "")
    marks = [mark for mark in joined if mark in ".,"]
    if not marks:
        return [Decimal(joined)]
    if len(set(marks)) == 2:
        # 1.234,5: two kinds of mark leave one reading, the last being the decimal mark
        whole, _, fraction = joined.rpartition(marks[-1])
        fits = marks.count(marks[-1]) == 1 and _GROUPED.fullmatch(whole)
        return [Decimal(re.sub("[.,]", "", whole) + "." + fraction)] if fits else []
    found = [Decimal(joined.replace(",", "."))] if len(marks) == 1 else []
    if " " not in number and _GROUPED.fullmatch(joined):
        found.append(Decimal(re.sub("[.,]", "", joined)))
    return found


def _steps(large: tuple[Reading, ...], small: tuple[Reading, ...]) -> Iterator[Reading]:
    """Sums of a whole number with a scale and the next one with a smaller scale, in units of the latter."""
    for a in large:
        for b in small:
            if a.scale > b.scale > 1 and not a.decimals:
                mantissa = a.mantissa * (a.scale // b.scale) + b.mantissa
                yield replace(b, value=float(mantissa * b.scale), mantissa=mantissa)


def _link(prefix: str, gap: str) -> str | None:
    """How two numbers belong together: as ends of a range, as part and whole, or not at all."""
    if numerals.RANGE_LINK.match(gap) or numerals.opens_range(prefix, gap):
        return "range"
    return "fraction" if numerals.FRACTION_LINK.search(gap) else None


def _share_units(
    first: tuple[Reading, ...], second: tuple[Reading, ...]
) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
    """The two ends of a range with the scale and percent sign that only one of them carries."""
    scale = second[0].scale if second else 1
    percent = any(reading.is_percent for reading in first + second)
    shared = tuple(replace(r, scale=scale, value=float(r.mantissa * scale)) if r.scale == 1 else r for r in first)
    return tuple(replace(r, is_percent=percent) for r in shared), tuple(replace(r, is_percent=percent) for r in second)


def _number_words(text: str, tokens: list[_Token]) -> tuple[Reading, ...]:
    """The figure in words: alone, or in front of digits as an ordinal or as part of a whole."""
    ahead = text[: tokens[0].start] if tokens else text
    match = _WORD.search(ahead) if ahead.strip() else None
    if not match or (
        tokens and match["word"] not in numerals.ORDINAL_OF and not numerals.FRACTION_LINK.search(ahead[match.end() :])
    ):
        return ()
    scale = numerals.SCALE_OF[match["scale"]] if match["scale"] else 1
    mantissa = Decimal(numerals.NUMBER_OF[match["word"]])
    qualifier = qualifier_of(text[: match.start()], text[match.end() :])
    percent = bool(match["percent"])
    return (Reading(float(mantissa * scale), mantissa, 0, scale, qualifier, percent, in_words=True),)
