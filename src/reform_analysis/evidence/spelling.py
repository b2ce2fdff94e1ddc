"""Spellings of place names: what all ways to write a name share, and how close two of them are.

Vocabulary: the *words* of a name are its letters a-z and digits, one space between words; a *unit word* says
what kind of unit is meant ("tỉnh", "ward", "ville de").
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

_PROVINCE = ("province", "former_province")
# unit words, without marks: what they say of the level, and the type in the register
UNIT_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "thanh pho": (_PROVINCE, "thành phố"),
    "tp": (_PROVINCE, "thành phố"),
    "city": (_PROVINCE, "thành phố"),
    "ville": (_PROVINCE, "thành phố"),
    "tinh": (_PROVINCE, "tỉnh"),
    "province": (_PROVINCE, "tỉnh"),
    "phuong": (("commune",), "phường"),
    "p": (("commune",), "phường"),
    "ward": (("commune",), "phường"),
    "quartier": (("commune",), "phường"),
    "xa": (("commune",), "xã"),
    "x": (("commune",), "xã"),
    "commune": (("commune",), "xã"),
    "dac khu": (("commune",), "đặc khu"),
    "special zone": (("commune",), "đặc khu"),
    "special administrative zone": (("commune",), "đặc khu"),
    "zone speciale": (("commune",), "đặc khu"),
    "zone administrative speciale": (("commune",), "đặc khu"),
}
# of these only English puts some after the name; "tinh" and "xa" end names, too (Hà Tĩnh, Sơn Xá)
_AFTER_NAME = ("city", "province", "ward", "commune", "special zone", "special administrative zone")
_UNIT_BEFORE = re.compile(rf"({'|'.join(sorted(UNIT_WORDS, key=len, reverse=True))})(?: (?:of|de|d|du))? (?=\S)")
_UNIT_AFTER = re.compile(rf"(?<=\S) ({'|'.join(_AFTER_NAME)})$")
FORMER = re.compile(
    r"\s*\((?:trước sáp nhập|truoc sap nhap|cũ|former|before the merger|ancienne?|avant la fusion)\)\s*$", re.IGNORECASE
)
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['’ʼ`´]")


def normalise(name: str) -> str:
    """Return the key of a name: lower case, no marks, no unit words, one space between words.

    Parameters
    ----------
    name : str
        A place name in any case, Unicode form, and with or without marks.

    Returns
    -------
    str
        Letters a-z, digits and single spaces. Empty only when the name holds neither letter nor digit.

    Notes
    -----
    Marks go by transliteration, not by dropping combining characters, because "đ" has none. The place of
    the tone mark ("Hoà", "Hòa") no longer matters then. A unit word is taken off only when something is
    left; where a name of the register begins with one ("Xa Dung"), the register tries the whole name first.

    Examples
    --------
    >>> [normalise(name) for name in ("TP. Đà Nẵng", "Da Nang City", "ĐÀ NẴNG", "ville de Đà Nẵng")]
    ['da nang', 'da nang', 'da nang', 'da nang']
    """
    return without_unit_word(words_of(name))[0]


def words_of(name: str) -> str:
    """Return lower case letters a-z and digits, one space between words; apostrophes inside words vanish."""
    ascii_name = anyascii(_APOSTROPHES.sub("", unicodedata.normalize("NFC", name))).lower()
    return _NOT_WORD.sub(" ", ascii_name).strip()


def key_of(words: str) -> str:
    """Return the words without the spaces between them: "hanoi" for "Hà Nội" and for "Hanoi"."""
    return words.replace(" ", "")


def without_unit_word(words: str) -> tuple[str, str]:
    """Return the words without a unit word before or after them, and that word (empty when there is none)."""
    if match := _UNIT_BEFORE.match(words):
        return words[match.end() :], match[1]
    if match := _UNIT_AFTER.search(words):
        return words[: match.start()], match[1]
    return words, ""


def closeness(spelling: str, name: str, words: str) -> int:
    """Return 2 where a spelling has the marks of the name, 1 where it has its words, 0 where only the key is one."""
    ours, theirs = f" {_marked(spelling)} ", f" {_marked(name)} "
    # the name may still carry a unit word before or after
    if theirs.startswith(ours) or theirs.endswith(ours):
        return 2
    return int(words_of(spelling) == words)


def _marked(name: str) -> str:
    """Lower case words with their marks, tones last, so that "Hoà" and "Hòa" are one word."""
    words = re.sub(r"\W+", " ", _APOSTROPHES.sub("", unicodedata.normalize("NFC", name)).lower()).split()
    return " ".join("".join(sorted(unicodedata.normalize("NFD", word), key=_TONES.__contains__)) for word in words)
