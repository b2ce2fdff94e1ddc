"""Names of places, and the units they mean: provinces, communes, former provinces, ministries.

Vocabulary: a *key* is a name reduced to what all its spellings share; a *unit word* says what kind of
unit is meant ("tỉnh", "ward", "ville de"); a *former province* is one of the 63 that ended on 30 June 2025.

A code alone is ambiguous without a date: until 30 June 2025, 15 was Yên Bái, 24 Bắc Giang, 44 Quảng Bình, 52 Bình
Định, 80 Long An, 82 Tiền Giang and 91 Kiên Giang; since then, Lào Cai, Bắc Ninh, Quảng Trị, Gia Lai, Tây Ninh, Đồng
Tháp and An Giang. Former provinces therefore carry the prefix ``old-``, and :meth:`Places.by_code` asks for the day.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from reform_analysis.evidence.spelling import (
    FORMER,
    UNIT_WORDS,
    closeness,
    key_of,
    normalise,
    without_unit_word,
    words_of,
)

if TYPE_CHECKING:
    import pandas as pd

REFORM_DAY = "2025-07-01"
LEVELS = ("country", "province", "ministry", "former_province", "commune")

# levels that a plain name means before any other: "Lào Cai" is the province, not its ward or the former province
_PLAIN = ("country", "province", "ministry")
_PROVINCES = ("province", "former_province")


class Place(NamedTuple):
    """One unit of the register; fields as in ``places.csv``."""

    place_id: str
    name: str
    name_ascii: str
    level: str
    type: str
    province_id: str


@dataclass(frozen=True, eq=False)
class Places:
    """The register of places, searched by name.

    Parameters
    ----------
    places : DataFrame
        Columns ``place_id``, ``name``, ``name_ascii``, ``level``, ``type`` and ``province_id``, one unit a row.
    aliases : DataFrame
        Columns ``alias`` and ``place_id``: spellings that :func:`normalise` does not cover.

    Notes
    -----
    Nothing is indexed before the first look-up, so that loading the tables stays as cheap as reading them.
    A name matches exactly, up to the differences that the key ignores; similar names are only suggested in
    the error, because one letter apart are true neighbours: Sơn Hà and Sơn Hạ are communes of one province.
    """

    places: pd.DataFrame
    aliases: pd.DataFrame

    @cached_property
    def by_id(self) -> dict[str, Place]:
        """Every unit by its ``place_id``, in the order of the register."""
        columns = [self.places[field].fillna("").tolist() for field in Place._fields]
        return {place.place_id: place for place in map(Place._make, zip(*columns, strict=True))}

    @cached_property
    def _names(self) -> dict[str, list[tuple[str, Place]]]:
        """Spellings and units under the key without spaces ("Hà Nội" and "Hanoi" share it)."""
        index: dict[str, list[tuple[str, Place]]] = {}
        for place in self.by_id.values():
            index.setdefault(key_of(words_of(place.name_ascii)), []).append((place.name, place))
        for alias, place_id in zip(self.aliases["alias"].tolist(), self.aliases["place_id"].tolist(), strict=True):
            index.setdefault(key_of(words_of(alias)), []).append((alias, self.by_id[place_id]))
        return index

    def find(self, name: str, *, level: str | None = None, province: str | None = None) -> Place:
        """Return the one unit that a name means.

        Parameters
        ----------
        name : str
            An id of the register, a name, "commune, province", or a name marked "(trước sáp nhập)" or "(former)".
        level : str, optional
            One of :data:`LEVELS`; by default a plain name means the country, a province or a ministry first.
        province : str, optional
            Province, or former province, that a commune lies in: id or name.

        Returns
        -------
        Place
            The unit, with its id, name, level, type on 1 July 2025, and province.

        Raises
        ------
        ValueError
            If the level is unknown, if no unit has that name (similar names are suggested), or if several have
            it (all are listed as "name, province").

        Examples
        --------
        Official codes of Decision 19/2025/QĐ-TTg: Lào Cai 15, Thường Tín in Hà Nội 10183.

        >>> import pandas as pd
        >>> columns = ["place_id", "name", "name_ascii", "level", "type", "province_id"]
        >>> rows = [
        ...     ("01", "Hà Nội", "Ha Noi", "province", "thành phố", "01"),
        ...     ("10183", "Thường Tín", "Thuong Tin", "commune", "xã", "01"),
        ...     ("15", "Lào Cai", "Lao Cai", "province", "tỉnh", "15"),
        ... ]
        >>> register = Places(pd.DataFrame(rows, columns=columns), pd.DataFrame(columns=["alias", "place_id"]))
        >>> register.find("Lao Cai Province").place_id, register.find("xã Thường Tín, Hanoï").place_id
        ('15', '10183')
        >>> register.find("Lao Kai")
        Traceback (most recent call last):
        ValueError: place 'Lao Kai' is unknown; did you mean 'Lào Cai'?
        """
        if level is not None and level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}; got {level!r}")
        if name in self.by_id:
            return self.by_id[name]
        plain = FORMER.sub("", unicodedata.normalize("NFC", name))
        commune = (level or "commune",)
        if province:
            found = self._matches(plain, commune, self._province_id(province))
        elif FORMER.search(name) and level is None:
            found = self._matches(plain, ("former_province",))
        else:
            found = self._matches(plain, (level,) if level else LEVELS)
        if not found and not province and "," in plain:
            head, tail = plain.rsplit(",", 1)
            if hint := self._matches(tail, _PROVINCES):
                found = self._matches(head, commune, hint[0].province_id)
        if not found:
            raise ValueError(self._unknown(name, plain, level))
        if len(found) > 1:
            listed = "; ".join(self.label(place) for place in found)
            raise ValueError(f"place {name!r} is ambiguous; write one of: {listed}")
        return found[0]

    def place_id_of(self, name: str, *, level: str | None = None, province: str | None = None) -> str:
        """Return the id of the one unit that a name means; arguments and errors as in :meth:`find`."""
        return self.find(name, level=level, province=province).place_id

    def by_code(self, code: str, *, on: str) -> Place:
        """Return the province that carried an official two-digit code on a day.

        Parameters
        ----------
        code : str
            Two digits. The five-digit codes of communes are in the register from 1 July 2025 on only.
        on : str
            Day, ISO 8601; before 1 July 2025 the code is read as one of the 63 former provinces.

        Returns
        -------
        Place
            The province or former province.

        Raises
        ------
        ValueError
            If no province carried the code on that day.
        """
        prefix, level = ("old-", "former_province") if on < REFORM_DAY else ("", "province")
        place = self.by_id.get(prefix + code)
        if place is None or place.level != level:
            raise ValueError(f"code must be that of a province on {on}; got {code!r}")
        return place

    def label(self, place: Place) -> str:
        """Return the name that finds the place again: "Thường Tín, Hà Nội", "Bình Dương (trước sáp nhập)"."""
        if place.level == "commune":
            return f"{place.name}, {self.by_id[place.province_id].name}"
        return f"{place.name} (trước sáp nhập)" if place.level == "former_province" else place.name

    def province_of(self, place: Place) -> Place | None:
        """Return the province since 1 July 2025 that a place lies in; None for the country and ministries."""
        return self.by_id[place.province_id] if place.province_id else None

    def children(self, place: Place) -> tuple[Place, ...]:
        """Return the units directly below: provinces of the country, communes of a province, else none.

        Raises
        ------
        ValueError
            For a former province: the register knows its communes only by the province they lie in now.
        """
        if place.level == "former_province":
            raise ValueError(
                f"children need a unit that exists since {REFORM_DAY}; got {self.label(place)!r}. "
                f"Ask for {self.by_id[place.province_id].name!r}"
            )
        wanted = {"country": "province", "province": "commune"}.get(place.level)
        return tuple(
            unit
            for unit in self.by_id.values()
            if unit.level == wanted and (place.level == "country" or unit.province_id == place.place_id)
        )

    def _province_id(self, name: str) -> str:
        """Id of the province meant, of today when a former one is named."""
        if name in self.by_id:
            return self.by_id[name].province_id
        matches = self._matches(FORMER.sub("", name), _PROVINCES)
        return (matches or [self.find(name, level="province")])[0].province_id

    def _matches(self, name: str, levels: Sequence[str], province_id: str = "") -> list[Place]:
        """Units of the levels and province that the name fits equally well: as few as its spelling allows."""
        key = words_of(name)
        entries = self._names.get(key_of(key), [])
        unit_type = ""
        if not entries:
            key, unit_word = without_unit_word(key)
            entries = self._names.get(key_of(key), [])
            said, unit_type = UNIT_WORDS.get(unit_word, (LEVELS, ""))
            levels = [level for level in levels if level in said]
        fitting = [
            (closeness(spelling, name, key), place)
            for spelling, place in entries
            if place.level in levels and province_id in ("", place.province_id)
        ]
        best = max((fit for fit, _ in fitting), default=0)
        units = list(dict.fromkeys(place for fit, place in fitting if fit == best))
        units = [unit for unit in units if unit.level in _PLAIN] or units
        return [unit for unit in units if unit.type == unit_type] or units

    def _unknown(self, name: str, plain: str, level: str | None) -> str:
        """Error text for a name that nothing matches, with what was probably meant."""
        elsewhere = self._matches(plain, LEVELS) or self._matches(plain.rsplit(",", 1)[0], LEVELS)
        near = [self.label(place) for place in elsewhere[:3]] or self._similar(plain)
        told = f"place {name!r} is unknown" + (f" as a {level}" if level else "")
        if not near:
            return f"{told}; the register (places.csv) lists all names"
        return f"{told}; did you mean {' or '.join(repr(label) for label in near)}?"

    def _similar(self, name: str) -> list[str]:
        """Labels of the most similar names, at most three, and only those that tie for the first place."""
        # only a failed look-up pays for the import
        from rapidfuzz import fuzz, process

        key = key_of(normalise(name.rsplit(",", 1)[0]))
        hits = process.extract(key, list(self._names), scorer=fuzz.ratio, limit=3, score_cutoff=70)
        best = [hit[0] for hit in hits if hit[1] == hits[0][1]]
        units = [min((unit for _, unit in self._names[key]), key=_rank) for key in best]
        return [self.label(unit) for unit in sorted(units, key=_rank)]


def _rank(place: Place) -> int:
    """Position of the level in :data:`LEVELS`."""
    return LEVELS.index(place.level)
