"""What stands under a report's title: place, dates, rule, language, version, each in the reader's words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reform_analysis import __version__
from reform_analysis.display.catalogue import translate
from reform_analysis.display.formats import date

_LABELS = {
    "place": "Place",
    "phase": "Period",
    "as_of": "Figures up to",
    "rule": "Where figures differ",
    "min_reliability": "Sources",
    "bounds": "Bounds",
    "language": "Language",
    "version": "Version",
}

# parameter and value -> what it means to a reader; values without words are shown as they are
_VALUE_LABELS = {
    ("phase", "window"): "July to October 2025",
    ("phase", "window+baseline"): "to October 2025, with the time before the reform",
    ("phase", "all"): "to January 2026",
    ("rule", "all"): "all are shown",
    ("rule", "range"): "their range",
    ("rule", "latest"): "the latest",
    ("rule", "official"): "the best class of source",
    ("rule", "precise"): "the most precise",
    ("rule", "first"): "the first",
    ("rule", "lowest"): "the lowest",
    ("rule", "highest"): "the highest",
    ("min_reliability", "A"): "class A only",
    ("min_reliability", "B"): "classes A and B",
    ("min_reliability", "C"): "classes A to C",
    ("min_reliability", "D"): "classes A to D",
    ("bounds", "soft"): "rounding as usually meant",
    ("bounds", "hard"): "the widest reading",
}

# each language in its own words, as its readers look for it
_OWN_NAMES = {"en": "English", "fr": "français", "vi": "tiếng Việt"}


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
    values = dict(parameters) | {"version": f"reform-analysis {__version__}"}
    return tuple(
        Fact(name, translate(label, language), _words(name, values[name], language))
        for name, label in _LABELS.items()
        if name in values
    )


def _words(name: str, value: Any, language: str) -> str:
    """Return a parameter's value as a reader says it."""
    if name == "as_of":
        return date(datetime.date.fromisoformat(value), language=language)
    if name == "language":
        return _OWN_NAMES[value]
    label = _VALUE_LABELS.get((name, value))
    return translate(label, language) if label else str(value)
