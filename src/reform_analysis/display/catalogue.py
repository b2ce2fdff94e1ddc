"""Texts in the reader's language: the gettext catalogues, read as they stand.

A catalogue is a ``.po`` file that a translator edits; there is no build step. Reading one of 600 texts takes 5 ms
once a process, so no compiled copy exists that could disagree with it. English texts are their own identifiers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LANGUAGES = ("en", "fr", "vi")

LIBRARY_LOCALE = Path(__file__).parent / "locale"
LIBRARY_DOMAIN = "reform_analysis"

# Between the singular and the plural of a text: "{n} place reports||{n} places report".
PLURAL_MARK = "||"


def check_language(language: str) -> str:
    """Return ``language`` where it is one of `LANGUAGES`.

    Raises
    ------
    ValueError
        If the language has no catalogue; the message lists those that have.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}; got {language!r}.")
    return language


def catalogue_path(directory: Path, language: str, domain: str) -> Path:
    """Return where gettext keeps the texts of ``domain`` in ``language``."""
    return directory / language / "LC_MESSAGES" / f"{domain}.po"


def read_catalogue(path: Path, language: str) -> Catalog:
    """Return the catalogue in ``path``; an empty one where the file does not exist yet."""
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _forms(text: object) -> tuple[str, ...]:
    """Return the singular and plural forms of a message, one or more."""
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


def known_texts(path: Path, language: str) -> dict[str, tuple[str, ...]]:
    """Return the finished translations in ``path``: English (plurals joined by `PLURAL_MARK`) to its forms."""
    texts = {}
    for message in read_catalogue(path, language):
        forms = _forms(message.string)
        if message.id and all(forms) and not message.fuzzy:
            texts[PLURAL_MARK.join(_forms(message.id))] = forms
    return texts


@cache
def _library_texts(language: str) -> dict[str, tuple[str, ...]]:
    """Return the library's own translations, read once a process."""
    return known_texts(catalogue_path(LIBRARY_LOCALE, language, LIBRARY_DOMAIN), language)


@cache
def _forms_in(message: str, language: str) -> tuple[str, ...]:
    """Return the singular and plural forms of a library text in a language; the English ones where it has none."""
    english = tuple(message.split(PLURAL_MARK))
    return english if language == "en" else _library_texts(language).get(message, english)


def plural_index(count: float, language: str) -> int:
    """Return which form of a text belongs to ``count``: French says "1,5 million", Vietnamese has one form."""
    if language == "vi":
        return 0
    return int(abs(count) >= 2) if language == "fr" else int(count != 1)


def paired(name: str, value: str, language: str) -> str:
    """Return "name: value" with the colon as the language sets it; French has a space before it."""
    return translate("{name}: {value}", language).replace("{name}", name).replace("{value}", value)


def translate(message: str, language: str, *, count: float = 1) -> str:
    """Return a library text in the reader's language.

    Parameters
    ----------
    message
        English text; singular and plural joined by ``||`` where it depends on a number.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.
    count
        The number that chooses between singular and plural.

    Returns
    -------
    str
        The translation; the English text where there is none (a test looks for those).

    Raises
    ------
    ValueError
        If ``language`` is unknown.

    Examples
    --------
    >>> translate("not known", "fr")
    'inconnu'
    >>> translate("{n} day||{n} days", "en", count=3)
    '{n} days'
    """
    forms = _forms_in(message, check_language(language))
    return forms[min(plural_index(count, language), len(forms) - 1)]


def listed(parts: Iterable[str], language: str) -> str:
    """Return parts set apart by semicolons; French has a space before each."""
    return ("\u202f; " if language == "fr" else "; ").join(parts)
