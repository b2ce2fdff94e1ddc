"""What the library says, in English, French or Vietnamese: texts, sentences with numbers, names and labels.

This module is the public face of the language of a report; `formats` writes numbers, `catalogue` reads translations,
`prose` translates notebooks. ``python -m reform_analysis.display.language update`` adds new texts to the catalogues.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping
from numbers import Real
from string import Formatter

import pandas as pd
from babel.lists import format_list

from reform_analysis.analysis.answer import Quantity, Sentence
from reform_analysis.display.catalogue import LANGUAGES, PLURAL_MARK, check_language, translate
from reform_analysis.display.formats import LOCALES, date, money, number, percent, quantity
from reform_analysis.display.prose import extract_messages, translate_notebook, update

__all__ = [
    "LANGUAGES",
    "check_language",
    "date",
    "extract_messages",
    "indicator_label",
    "money",
    "number",
    "percent",
    "place_name",
    "quantity",
    "say",
    "translate",
    "translate_notebook",
]

# The country's own name is the only place name that English and French change; provinces keep their marks.
_COUNTRY = {"en": "Viet Nam", "fr": "Viêt Nam", "vi": "Việt Nam"}

# Marks the number of a template that chooses between its singular and its plural.
_DECIDES = "#"

_ELIDING = "aâăàáạảãeêèéẹẻẽiìíịỉĩoôơòóọỏõuưùúụủũyỳýỵỷỹ"


def place_name(name: str, *, language: str) -> str:
    """Return a place's name for a reader: the country in the reader's spelling, provinces and communes unchanged.

    Examples
    --------
    >>> place_name("Việt Nam", language="fr"), place_name("Đắk Lắk", language="fr")
    ('Viêt Nam', 'Đắk Lắk')
    """
    check_language(language)
    return _COUNTRY[language] if name == _COUNTRY["vi"] else name


def indicator_label(code: str, *, codebook: pd.DataFrame, language: str) -> str:
    """Return the words for an indicator, from the codebook's column ``label_<language>``.

    Raises
    ------
    ValueError
        If the language is unknown or the codebook has no such code; the message lists the nearest ones.
    """
    labels = codebook.set_index("code")[f"label_{check_language(language)}"]
    if code not in labels.index:
        near = ", ".join(sorted(labels.index)[:10])
        raise ValueError(f"indicator must be a code of the codebook; got {code!r}. The codebook begins {near}.")
    return str(labels[code])


def _number_words(value: Quantity, spec: str, language: str) -> str:
    """Write a number in a sentence; ``de`` and ``d'`` link a French "14,5 millions" to its noun."""
    part = spec if spec in ("value", "bounds") else "value" if spec in ("de", "d'") else "both"
    text = quantity(value, language=language, part=part)
    if spec in ("de", "d'") and text.endswith(("million", "millions", "milliard", "milliards")):
        return f"{text} {spec}"
    return text


def _name_words(value: str, spec: str, language: str) -> str:
    """Write a name or label in a sentence; ``de`` and ``en`` put the French preposition before a place."""
    if value == _COUNTRY["vi"]:
        prefix = {"de": "du ", "en": "au "}.get(spec, "")
        return prefix + place_name(value, language=language)
    text = translate(value, language)
    if spec == "de":
        return f"d'{text}" if text[:1].lower() in _ELIDING else f"de {text}"
    return f"à {text}" if spec == "en" else text


def _words(value: object, spec: str, language: str) -> str:
    """Write one value of a sentence."""
    if isinstance(value, str):
        return _name_words(value, spec, language)
    if isinstance(value, Quantity):
        return _number_words(value, spec, language)
    if isinstance(value, datetime.date):
        return date(value, language=language, style=spec or "long")
    if isinstance(value, Real):
        x = float(value)
        return _number_words(Quantity(x, x, x), spec, language)
    if isinstance(value, list | tuple):
        return format_list([_words(item, spec, language) for item in value], locale=LOCALES[language])
    raise ValueError(f"a value of a sentence must be a Quantity, number, date, string or list; got {value!r}.")


def _count_in(template: str, values: Mapping[str, object]) -> float:
    """Return the number that chooses between singular and plural: the one marked, else the first of the template."""
    fields = [(name, spec) for _, name, spec, _ in Formatter().parse(template) if name]
    for name, _ in sorted(fields, key=lambda field: field[1] != _DECIDES):
        value = values.get(name)
        if isinstance(value, Quantity):
            return value.value
        if isinstance(value, Real):
            return float(value)
    return 2


def say(sentence: Sentence, language: str) -> str:
    """Return a sentence in the reader's language, its numbers, dates and names written as that language does.

    Parameters
    ----------
    sentence
        Template and values. A template may give its plural after ``||``; the number marked ``{n:#}`` decides, else
        the first. A place may carry a form: ``{share:value}`` or ``{share:bounds}`` of a quantity; ``{day:short}``
        (long, medium, short, month) of a date; in French ``{n:de} dossiers`` (14,5 millions de dossiers, 12
        dossiers), ``{place:de}`` (d'An Giang, du Viêt Nam) and ``{place:en}`` (à Huế, au Viêt Nam).
    language
        ``"en"``, ``"fr"`` or ``"vi"``.

    Returns
    -------
    str
        Plain text.

    Raises
    ------
    ValueError
        If the language is unknown, or the template names a value that the sentence does not hold.

    Examples
    --------
    >>> share = Quantity(12.1 / 14.5, 12.05 / 14.55, 12.15 / 14.45, "share")
    >>> say(Sentence("Online to {day}: {share}", {"day": datetime.date(2025, 10, 28), "share": share}), "en")
    'Online to 28 October 2025: 83.4% (82.8 to 84.1%)'
    """
    english = sentence.template.split(PLURAL_MARK)[0]
    template = translate(sentence.template, language, count=_count_in(english, sentence.values))
    parts = []
    for text, name, spec, _ in Formatter().parse(template):
        parts.append(text)
        if name is None:
            continue
        if name not in sentence.values:
            known = ", ".join(sentence.values) or "none"
            raise ValueError(f"sentence {template!r} needs a value for {{{name}}}; got {known}.")
        parts.append(_words(sentence.values[name], "" if spec == _DECIDES else spec or "", language))
    return "".join(parts).replace("d' ", "d'")


if __name__ == "__main__":
    if sys.argv[1:] != ["update"]:
        sys.exit("usage: python -m reform_analysis.display.language update")
    update()
