"""What stands under a report's title: place, dates, rule, language, version, each in the reader's words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from reform_analysis.display.formats import date

_LABELS = {
    "place": {"en": "Place", "fr": "Lieu", "vi": "Nơi"},
    "phase": {"en": "Period", "fr": "Période", "vi": "Giai đoạn"},
    "as_of": {"en": "Figures up to", "fr": "Chiffres jusqu’au", "vi": "Số liệu đến ngày"},
    "rule": {"en": "Where figures differ", "fr": "Si les chiffres divergent", "vi": "Khi số liệu khác nhau"},
    "min_reliability": {"en": "Sources", "fr": "Sources", "vi": "Nguồn"},
    "bounds": {"en": "Bounds", "fr": "Bornes", "vi": "Khoảng giới hạn"},
    "language": {"en": "Language", "fr": "Langue", "vi": "Ngôn ngữ"},
    "version": {"en": "Version", "fr": "Version", "vi": "Phiên bản"},
}

# parameter -> value -> what it means to a reader; values without words are shown as they are
_VALUES = {
    "phase": {
        "window": {"en": "July to October 2025", "fr": "juillet à octobre 2025", "vi": "tháng 7 đến tháng 10/2025"},
        "window+baseline": {
            "en": "to October 2025, with the time before the reform",
            "fr": "jusqu’à octobre 2025, avant la réforme compris",
            "vi": "đến tháng 10/2025, gồm cả trước cải cách",
        },
        "all": {"en": "to January 2026", "fr": "jusqu’à janvier 2026", "vi": "đến tháng 1/2026"},
    },
    "rule": {
        "all": {"en": "all are shown", "fr": "tous sont montrés", "vi": "trình bày tất cả"},
        "range": {"en": "their range", "fr": "leur étendue", "vi": "khoảng từ thấp đến cao"},
        "latest": {"en": "the latest", "fr": "le dernier", "vi": "số mới nhất"},
        "official": {"en": "the best class of source", "fr": "la meilleure classe", "vi": "hạng nguồn tốt nhất"},
        "precise": {"en": "the most precise", "fr": "le plus précis", "vi": "số chính xác nhất"},
        "first": {"en": "the first", "fr": "le premier", "vi": "số đầu tiên"},
        "lowest": {"en": "the lowest", "fr": "le plus bas", "vi": "số thấp nhất"},
        "highest": {"en": "the highest", "fr": "le plus haut", "vi": "số cao nhất"},
    },
    "min_reliability": {
        "A": {"en": "class A only", "fr": "classe A seule", "vi": "chỉ hạng A"},
        "B": {"en": "classes A and B", "fr": "classes A et B", "vi": "hạng A và B"},
        "C": {"en": "classes A to C", "fr": "classes A à C", "vi": "hạng A đến C"},
        "D": {"en": "classes A to D", "fr": "classes A à D", "vi": "hạng A đến D"},
    },
    "bounds": {
        "soft": {
            "en": "rounding as usually meant",
            "fr": "arrondi au sens habituel",
            "vi": "làm tròn theo nghĩa thông thường",
        },
        "hard": {"en": "the widest reading", "fr": "la lecture la plus large", "vi": "cách hiểu rộng nhất"},
    },
    "language": {
        "en": dict.fromkeys(("en", "fr", "vi"), "English"),
        "fr": dict.fromkeys(("en", "fr", "vi"), "français"),
        "vi": dict.fromkeys(("en", "fr", "vi"), "tiếng Việt"),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One line under the title.

    Parameters
    ----------
    name
        Name of the parameter, or ``version``.
    label, words
        The line in the reader's language: "Figures up to", "31 October 2025".
    """

    name: str
    label: str
    words: str


def of(parameters: Mapping[str, Any], language: str) -> tuple[Fact, ...]:
    """Return the facts under the title of a report with these parameters; one that is not given is left out.

    Examples
    --------
    >>> [fact.words for fact in of({"place": "Huế", "as_of": "2025-09-30"}, "fr")][:2]
    ['Huế', '30 septembre 2025']
    """
    values = dict(parameters) | {"version": f"reform-analysis {metadata.version('reform-analysis')}"}
    return tuple(
        Fact(name, labels[language], _words(name, values[name], language))
        for name, labels in _LABELS.items()
        if name in values
    )


def _words(name: str, value: Any, language: str) -> str:
    """Return a parameter's value as a reader says it."""
    if name == "as_of":
        return date(datetime.date.fromisoformat(value), language=language)
    return str(_VALUES.get(name, {}).get(value, {}).get(language, value))
