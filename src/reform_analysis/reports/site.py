"""The index of an output folder: one static page that finds every report, whatever became of it.

A pure function of the ledger, blind to times and to the order of building, so that the same reports give the same
bytes. Everything that a notebook, an exception or a batch file may have put into a record is escaped.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reform_analysis.reports import ledger, movements
from reform_analysis.reports.project import TEMPLATES, page_templates

NAME = "index.html"
# ending under which a record keeps the figures that its report loaded
DATA = ".data.csv"
LANGUAGES = {"en": "English", "fr": "Français", "vi": "Tiếng Việt"}

_PROFILE = "06_place_profile"
_COUNTRY = "Việt Nam"
_HEADLINES = 3
# characters of a message, which an exception may have filled with a whole table
_LONGEST = 600
# parameters that have a place of their own on the page
_SHOWN_APART = ("place", "as_of", "language")
# what is offered for download, in this order, and the page a title leads to: the first of them
_FILES = {
    ".html": "HTML",
    ".pdf": "PDF",
    ".docx": "DOCX",
    ".ipynb": "Notebook",
    DATA: "Data (CSV)",
    ".tables.zip": "Tables (CSV, LaTeX)",
    ".figures.zip": "Figures (PNG, SVG)",
    ".bib": "BibTeX",
    ".ris": "RIS",
    ".csl.json": "CSL-JSON",
    ".failure.html": "What failed",
    ".failed.ipynb": "Notebook as far as it got",
}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# control characters, marks that turn the direction of text, and halves of surrogate pairs
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Entry:
    """One report of the index; ``key`` is what a search looks in: ASCII words, each after a space."""

    id: str
    title: str
    language: str
    notebook: str
    place: str
    date: str
    settings: str
    status: str
    message: str
    numbers: tuple[tuple[str, str], ...]
    more: int
    files: tuple[tuple[str, str], ...]
    moved: tuple[movements.Movement, ...]
    was: str
    key: str

    @property
    def topic(self) -> str:
        """The notebook's name as words, without its number."""
        return _topic(self.notebook)

    @property
    def done(self) -> bool:
        """Whether the report is there, be it that it does not apply."""
        return self.status in ledger.DONE

    @property
    def href(self) -> str:
        """The page or file that the title leads to; empty where nothing was written."""
        return self.files[0][1] if self.files else ""

    @property
    def order(self) -> tuple[Any, ...]:
        """Where the report stands: by notebook, the country before its places, then date and language."""
        return (self.notebook, self.place != _COUNTRY, fold(self.place), self.date, self.language, self.id)


@dataclass(frozen=True)
class Change:
    """What moved in reports that differ in language only."""

    reports: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        """The one that speaks for all."""
        return self.reports[0]


@dataclass(frozen=True)
class Tile:
    """One province of the map: its place on the grid, its name, and its profile if there is one."""

    row: int
    column: int
    name: str
    profile: Entry | None


def is_due(folder: Path) -> bool:
    """Tell whether the ledger has changed since the index was written."""
    return ledger.view_is_due(folder, NAME)


def data_name(stem: str, data: bytes) -> str:
    """Return where figures that a notebook loaded stand: reports that load the same share the file."""
    return f"data/{stem}-{hashlib.sha256(data).hexdigest()[:12]}.csv"


def orphans(book: ledger.Ledger, folder: Path) -> list[Path]:
    """Return the files of figures that no report of the ledger loads."""
    used = {output.get("path") for record in book.last.values() for output in record["outputs"].values()}
    found = [path for path in (folder / "data").glob("*.csv") if re.search(r"-[0-9a-f]{12}$", path.stem)]
    return [path for path in found if path.relative_to(folder).as_posix() not in used]


def page(book: ledger.Ledger) -> str:
    """Return the index as HTML.

    Parameters
    ----------
    book
        The ledger of the output folder. Of a batch, the reports it asked for last are listed; a report that was
        built by itself is listed as well.
    """
    shown = sorted((_entry(record) for record in _listed(book)), key=lambda entry: entry.order)
    script = (TEMPLATES / "index.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    maps = {language: _map(shown, language) for language in LANGUAGES}
    return _template().render(
        language="en",
        languages=LANGUAGES,
        country=_COUNTRY,
        css="".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "index.css")),
        script=script,
        policy=f"{_POLICY}; script-src 'sha256-{digest}'",
        entries=shown,
        counts=_counts(shown, book),
        problems=[entry for entry in shown if entry.status != "ok"],
        changes=list(_changes(shown)),
        maps={language: tiles for language, tiles in maps.items() if tiles},
        filters=_filters(shown),
    )


@functools.lru_cache(maxsize=1)
def _template() -> Any:
    """Return the page's template, which shows every character that hides."""
    environment = page_templates(finalize=lambda value: value if hasattr(value, "__html__") else visible(value))
    return environment.get_template("index.html.j2")


def fold(text: str) -> str:
    """Return text as a reader without a Vietnamese keyboard types it.

    Examples
    --------
    >>> fold("Đắk Lắk")
    'dak lak'
    """
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    return text.lower()


def _words(text: str) -> list[str]:
    """Return the words that a search looks for in a text."""
    return re.findall(r"[a-z0-9]+", fold(text))


def visible(text: object) -> str:
    """Return text with its unseen characters written out, and without a terminal's colours.

    Examples
    --------
    >>> visible("one\\u202eeno")
    'one\\\\u202eeno'
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", _ANSI.sub("", str(text)))


def _listed(book: ledger.Ledger) -> Iterator[Mapping[str, Any]]:
    """Yield the last record of each report that is still asked for."""
    asked = {batch: set(reports) for batch, reports in book.asked.items()}
    for report, record in book.last.items():
        batch = report.partition("/")[0]
        if batch not in asked or report in asked[batch]:
            yield record


def _entry(record: Mapping[str, Any]) -> Entry:
    """Return what the index shows of one record; records of earlier versions lack some fields."""
    values = record.get("parameters", record["given"])
    place, date, language = (str(values.get(name, "")) for name in _SHOWN_APART)
    topic = _topic(record["notebook"])
    title, status, message = record.get("title", topic), record["status"], record["message"]
    settings = ", ".join(f"{name}={value}" for name, value in record["given"].items() if name not in _SHOWN_APART)
    headlines = record["key_numbers"][:_HEADLINES]
    numbers = [(movements.label(number["name"]), movements.written(number)) for number in headlines]
    spoken = [title, topic, place, date, language, LANGUAGES.get(language, ""), settings, status, record["report"]]
    words = _words(" ".join([*spoken, *(label for label, _ in numbers), message]))
    return Entry(
        id=record["report"],
        title=title,
        language=language or "en",
        notebook=record["notebook"],
        place=place,
        date=date,
        settings=settings,
        status=status,
        message=message if len(message) <= _LONGEST else f"{message[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}",
        numbers=tuple(numbers),
        more=len(record["key_numbers"]) - len(numbers),
        files=tuple(_files(record)),
        moved=movements.of(record),
        was=(record.get("previous") or record)["status"],
        key=" ".join(["", *dict.fromkeys(words)]),
    )


def _topic(stem: str) -> str:
    """Return a notebook's file name as words, without its number."""
    return re.sub(r"^\d+_", "", stem).replace("_", " ").capitalize()


def _files(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and address of each file of a report, pages before data."""
    outputs = record["outputs"]
    for suffix in [*(name for name in _FILES if name in outputs), *sorted(outputs.keys() - _FILES)]:
        path = ledger.file_of(record["report"], suffix, outputs[suffix])
        yield _FILES.get(suffix, suffix.strip(".").upper()), quote(os.fsencode(path))


def _counts(shown: Sequence[Entry], book: ledger.Ledger) -> dict[str, int]:
    """Return the number of reports by status, the usual first, and of those that were never built."""
    found = Counter(entry.status for entry in shown)
    counts = {status: found[status] for status in (*ledger.DONE, *ledger.FAILED) if found[status]}
    waiting = {report for reports in book.asked.values() for report in reports} - book.last.keys()
    return counts | ({"not built yet": len(waiting)} if waiting else {})


def _changes(shown: Iterable[Entry]) -> Iterator[Change]:
    """Yield the reports in which something moved, those that differ in language only together."""
    groups: dict[Any, list[Entry]] = {}
    for entry in shown:
        if entry.moved or entry.was != entry.status:
            what = (entry.notebook, entry.place, entry.date, entry.settings, entry.was, entry.status, entry.moved)
            groups.setdefault(what, []).append(entry)
    for entries in groups.values():
        yield Change(tuple(entries))


def _map(shown: Iterable[Entry], language: str) -> list[Tile]:
    """Return the tiles of the 34 provinces with their latest profiles in a language; none if there is no profile."""
    from reform_analysis.display.positions import TILES

    profiles: dict[str, Entry] = {}
    for entry in shown:
        better = entry.place not in profiles or _rank(entry) > _rank(profiles[entry.place])
        if entry.notebook == _PROFILE and entry.language == language and better:
            profiles[entry.place] = entry
    tiles = [Tile(row, column, name, profiles.get(name)) for row, column, name in sorted(TILES.values())]
    return tiles if any(tile.profile for tile in tiles) else []


def _rank(entry: Entry) -> tuple[bool, str, str]:
    """Return which of several profiles of a place the map leads to: one that is there, the latest."""
    return (entry.done, entry.date, entry.id)


def _filters(shown: Sequence[Entry]) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of each filter, as value and words; only what tells reports apart."""
    places, dates, languages, statuses = (
        {getattr(entry, name) for entry in shown} - {""} for name in ("place", "date", "language", "status")
    )
    choices = {
        "Topic": [(topic, topic) for topic in dict.fromkeys(entry.topic for entry in shown)],
        "Place": [(place, place) for place in sorted(places, key=lambda place: (place != _COUNTRY, fold(place)))],
        "Date": [(date, date) for date in sorted(dates, reverse=True)],
        "Language": [(code, LANGUAGES.get(code, code)) for code in sorted(languages)],
        "Status": [(status, status) for status in sorted(statuses)],
    }
    return {name: options for name, options in choices.items() if len(options) > 1}
