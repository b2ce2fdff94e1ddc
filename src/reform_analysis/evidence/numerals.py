"""The words around a printed number: scales, qualifiers, numbers in words, links between two numbers.

Vocabulary: a *qualifier* says on which side of the printed number the true one lies; a *scale* multiplies it.
English, French and Vietnamese are covered in full; Spanish, German, Norwegian and Japanese as far as translated
editions of the state press use them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# languages whose decimal mark is the comma (CLDR, numbers/symbols); in the second set it is the point
DECIMAL_COMMA = frozenset({"fr", "vi", "es", "de", "nb", "no", "it", "pt", "ru"})
DECIMAL_POINT = frozenset({"en", "ja", "zh", "ko", "th"})

_QUALIFIERS = {
    "more_than": "plus de|plus d'|supérieur à|supérieure à|au-dessus de|dépasse|dépassé|hơn|trên|vượt|more than"
    "|over|above|greater than|exceed|exceeds|exceeded|exceeding|surpass|surpasses|surpassed|surpassing|más de"
    "|mehr als|mer enn",
    "at_least": "au moins|pas moins de|minimum de|ít nhất|tối thiểu|không dưới|không ít hơn|at least|no fewer than"
    "|no less than|not less than|not fewer than|al menos|mindestens|minst",
    "nearly": "près de|presque|gần|nearly|almost|close to|just under|casi|nesten",
    "about": "environ|quelque|approximativement|khoảng|chừng|ước|xấp xỉ|about|around|approximately|roughly|circa"
    "|alrededor de|aproximadamente|etwa|約",
    "less_than": "moins de|moins d'|inférieur à|inférieure à|dưới|chưa đến|chưa tới|ít hơn|less than|fewer than"
    "|under|below|menos de|weniger als|mindre enn",
    "at_most": "au plus|pas plus de|jusqu'à|maximum de|không quá|tối đa|không vượt quá|không hơn|at most|up to"
    "|no more than|not more than|a lo sumo|hasta|höchstens|opptil",
}
_TRAILING = {
    "at_least": "or more|and more|ou plus|et plus|trở lên|以上",
    "at_most": "or less|or fewer|ou moins|et moins|trở xuống|以下",
}
_SCALES = {
    10**3: "nghìn|ngàn|thousand|thousands|mille|milliers|mil|tausend",
    10**4: "vạn|万",
    10**6: "triệu|million|millions|millón|millones|millionen",
    10**8: "億",
    10**9: "tỷ|tỉ|billion|billions|milliard|milliards|mil millones|milliarden",
    10**12: "nghìn tỷ|nghìn tỉ|ngàn tỷ|ngàn tỉ|trillion|trillions|mille milliards|thousand billion|兆",
}
# words that give the language of a number phrase away
_TELLTALES = {
    "vi": "nghìn|ngàn|triệu|tỷ|tỉ|đồng|hơn|gần|khoảng|trên|dưới|ít nhất|không quá|hồ sơ|thủ tục|điểm|phần trăm",
    "fr": "milliard|milliards|plus de|près de|environ|moins de|au moins|au plus|pour cent|sur|décrets|circulaires",
    "en": "thousand|billion|trillion|more than|over|nearly|about|around|at least|fewer than|less than|up to|of"
    "|per cent|percent|approximately|almost|records|procedures|points",
    "es": "millones|millón|casi|más de|por ciento",
    "de": "von|millionen|milliarden",
    "nb": "poeng|prosent",
    "ja": "兆|億|万|約|以上",
}
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|janvier|février|mars"
    "|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|tháng"
)
_FRACTION = "out of|of|sur|parmi|among|trên|trong|trong số|trên tổng số|von|de"
_RANGE = "to|through|à|đến|tới|bis|til"
# links that make a range only after an opening word: between 3 and 10
_RANGE_AFTER = {"between": "and", "entre": "et|y", "giữa": "và"}

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_EN_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_FR = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf"
)
_FR_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
_VI = "không một hai ba bốn năm sáu bảy tám chín"
# the last digit changes its sound after a ten: hai mươi mốt, hai mươi tư, mười lăm
_VI_AFTER_TEN = {1: ("mốt", "một"), 4: ("tư", "bốn"), 5: ("lăm", "nhăm")}


def whole_words(phrases: Iterable[str] | str) -> str:
    """Pattern of any of the phrases ("a|b" or a collection) as whole words; Han script needs no boundary."""
    found = []
    # the longest first, so that "no more than" is not taken for "more than"
    for phrase in sorted(phrases.split("|") if isinstance(phrases, str) else phrases, key=len, reverse=True):
        before = r"(?<!\w)" if phrase[0] < "\u3000" else ""
        after = r"(?!\w)" if phrase[-1].isalpha() and phrase[-1] < "\u3000" else ""
        found.append(before + re.escape(phrase) + after)
    return "(?:" + "|".join(found) + ")"


def _flat(groups: dict[str, str] | dict[int, str]) -> dict[str, str | int]:
    """{meaning: "a|b"} turned into {"a": meaning, "b": meaning}."""
    return {phrase: meaning for meaning, phrases in groups.items() for phrase in phrases.split("|")}


def _english() -> dict[str, int]:
    """English cardinals to one hundred and ordinals to the twentieth."""
    words = {word: value for value, word in enumerate(_EN.split())}
    units = list(words)[:10]
    for ten, word in enumerate(_EN_TENS.split(), start=2):
        words[word] = 10 * ten
        words |= {f"{word}{link}{units[unit]}": 10 * ten + unit for unit in range(1, 10) for link in "- "}
    return words | {"one hundred": 100, "a hundred": 100}


def _french() -> dict[str, int]:
    """French cardinals to one hundred."""
    small = _FR.split()
    words = {word: value for value, word in enumerate(small)} | {"une": 1, "cent": 100, "quatre-vingts": 80}
    for ten, word in _FR_TENS.items():
        words.setdefault(word, ten)
        # soixante-dix and quatre-vingt-dix count on to nineteen
        for unit in range(1, 20 if ten in (60, 80) else 10):
            words[f"{word}-{small[unit]}"] = ten + unit
            if unit in (1, 11):
                words[f"{word} et {small[unit]}"] = words[f"{word}-et-{small[unit]}"] = ten + unit
    return words


def _vietnamese() -> dict[str, int]:
    """Vietnamese cardinals to one hundred; không is left out, since it also means "not"."""
    units = _VI.split()
    words = {word: value for value, word in enumerate(units) if value} | {"bẩy": 7, "mười": 10, "một trăm": 100}
    for ten in range(1, 10):
        stem = "mười" if ten == 1 else f"{units[ten]} mươi"
        words.setdefault(stem, 10 * ten)
        for unit in range(1, 10):
            for ending in (*_VI_AFTER_TEN.get(unit, ()), units[unit]):
                words[f"{stem} {ending}"] = 10 * ten + unit
    return words


def _ordinals() -> dict[str, int]:
    """Ordinals to the twentieth in the three languages."""
    words = {word: value for value, word in enumerate(_EN_ORDINALS.split(), start=1)}
    words |= {"premier": 1, "première": 1, "second": 2, "seconde": 2, "thứ nhất": 1, "hạng nhất": 1, "thứ nhì": 2}
    for value, word in enumerate([*_FR.split()[2:], "vingt"], start=2):
        stem = {"cinq": "cinqu", "neuf": "neuv"}.get(word, word.removesuffix("e"))
        words[f"{stem}ième"] = value
    return words | {f"thứ {word}": value for word, value in _vietnamese().items() if 1 < value <= 20} | {"thứ tư": 4}


QUALIFIER_OF = _flat(_QUALIFIERS) | _flat(_TRAILING)
SCALE_OF: dict[str, int] = {phrase: int(scale) for phrase, scale in _flat(_SCALES).items()}
ORDINAL_OF = _ordinals()
NUMBER_OF = _english() | _french() | _vietnamese() | ORDINAL_OF
QUALIFIER_NAMES = (*_QUALIFIERS, "exact", "between")

QUALIFIER = re.compile(whole_words(_flat(_QUALIFIERS)))
TRAILING_QUALIFIER = re.compile(whole_words(_flat(_TRAILING)))
# năm is five, but in front of digits it is "the year"
NUMBER_WORD = re.compile(rf"(?P<word>{whole_words(NUMBER_OF)})(?!\s+\d)")
MONTH = re.compile(whole_words(_MONTHS))
FALL = re.compile(whole_words("giảm|baisse|baissé|recul|diminution|fell|fall|down|decrease|decreased"))
FRACTION_LINK = re.compile(rf"(?:/|{whole_words(_FRACTION)}(?:\s+(?:the|les|los))?)\s*$")
RANGE_LINK = re.compile(rf"^\s*(?:[-‐‑–—~]|{whole_words(_RANGE)})\s*$")
PERCENT = r"%|per\s?cent|pour\s?cent|phần trăm|por ciento|prosent|prozent"
SCALE = "|".join(
    re.escape(word) + (r"(?!\w)" if word[0] < "\u3000" else "") for word in sorted(SCALE_OF, key=len, reverse=True)
)


def opens_range(prefix: str, link: str) -> bool:
    """Whether words such as between ... and make a range of the two numbers they enclose."""
    return any(
        re.search(rf"(?<!\w){opening}\s*$", prefix) and re.fullmatch(rf"\s*(?:{links})\s*", link)
        for opening, links in _RANGE_AFTER.items()
    )


def uses_decimal_comma(text: str, language: str | None) -> bool | None:
    """Whether the decimal mark is a comma by the words of the text, else by its language; None if unknown."""
    told = {name in DECIMAL_COMMA for name, words in _TELLTALE.items() if words.search(text)}
    if len(told) == 1:
        return told.pop()
    return None if language is None else language in DECIMAL_COMMA


_TELLTALE = {name: re.compile(whole_words(words)) for name, words in _TELLTALES.items()}
