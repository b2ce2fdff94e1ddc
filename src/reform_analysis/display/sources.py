"""The list of sources at the end of a report."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from reform_analysis.display.catalogue import check_language, listed, paired, translate
from reform_analysis.display.citations import Citations
from reform_analysis.display.formats import date

RELIABILITY_LABELS = {
    "A": "law or official text",
    "B": "national press or agency",
    "C": "provincial press, or re-publication that names its origin",
    "D": "machine translation, mirror or undated page",
}

_READ_LABELS = {
    "original": "",
    "translation": "read in translation",
    "excerpt": "read as an excerpt",
    "reprint": "read as a reprint",
}


# the title of a page that was not seen is coded as what its address says of it
_FROM_ADDRESS = "[slug] "


@dataclass(frozen=True)
class _Entry:
    """One source as a reader sees it."""

    number: int
    title: str
    details: str
    url: str


@dataclass(frozen=True)
class SourceList:
    """The numbered sources of a report."""

    entries: tuple[_Entry, ...]
    language: str
    frame: pd.DataFrame = field(repr=False)

    def _repr_html_(self) -> str:
        """Return an ordered list whose items the notes of the tables link to."""
        if not self.entries:
            return f'<p class="ra-sources" lang="{self.language}">{escape(self._none())}</p>'
        items = []
        for entry in self.entries:
            title = escape(entry.title)
            # Only web addresses become links: the table of sources may come from strangers.
            if entry.url.startswith(("https://", "http://")):
                title = f'<a href="{escape(entry.url)}" rel="noopener">{title}</a>'
            items.append(f'<li id="source-{entry.number}" value="{entry.number}">{title}. {escape(entry.details)}</li>')
        return f'<ol class="ra-sources" lang="{self.language}">\n' + "\n".join(items) + "\n</ol>"

    def __repr__(self) -> str:
        """Return the list as plain text."""
        lines = [f"{e.number}. {e.title}. {e.details} {e.url}".rstrip() for e in self.entries]
        return "\n".join(lines) or self._none()

    def _none(self) -> str:
        """Say that nothing was cited."""
        return translate("No source is cited.", self.language)


def _text(value: object) -> str:
    """Return a cell of the table of sources as text; missing is empty."""
    return value if isinstance(value, str) else ""


def _entry(row: dict[str, object], language: str) -> _Entry:
    """Return one source in words: publisher, date, how it was read, how far it can be trusted."""
    published = row.get("published")
    if isinstance(published, str) and published:
        published = datetime.date.fromisoformat(published)
    if isinstance(published, datetime.date) and not pd.isna(published):
        day = date(published, language=language)
    else:
        day = translate("no date printed", language)
    read_as = _READ_LABELS.get(_text(row.get("read_as")), "")
    reliability = _text(row.get("reliability"))
    trust = translate(RELIABILITY_LABELS.get(reliability, ""), language) if reliability else ""
    parts = [
        _text(row.get("publisher")),
        day,
        translate(read_as, language) if read_as else "",
        paired(reliability, trust, language) if trust else "",
    ]
    title = _text(row.get("title")) or _text(row.get("url")) or str(row["source_id"])
    if title.startswith(_FROM_ADDRESS):
        title = _words_of_address(title)
        parts.insert(2, translate("title taken from the address", language))
    details = listed(filter(None, parts), language) + "."
    return _Entry(int(str(row["note_number"])), title.rstrip("."), details, _text(row.get("url")))


def _words_of_address(title: str) -> str:
    """Return the words of an address as a title: "[slug] hoi-nghi" is "Hoi nghi"."""
    words = title.removeprefix(_FROM_ADDRESS)
    coded, space, edition = words.partition(" (")
    if " " not in coded:
        words = coded.replace("-", " ") + space + edition
    return words[:1].upper() + words[1:]


def sources_list(cited: Citations, *, language: str) -> SourceList:
    """Return the sources that a report cited, in order of first citation.

    Parameters
    ----------
    cited
        The citations that tables and figures of the report were given.
    language
        ``"en"``, ``"fr"`` or ``"vi"``.

    Raises
    ------
    ValueError
        If the language is unknown.
    """
    check_language(language)
    frame = cited.cited
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    return SourceList(tuple(_entry(row, language) for row in rows), language, frame)
