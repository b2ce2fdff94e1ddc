"""Citations of just the sources that a table used: BibTeX, RIS, CSL-JSON or a plain list."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd

_BIBTEX_ESCAPES = str.maketrans(
    {c: f"\\{c}" for c in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)

# type of a row, a web page where it names none -> entry of BibTeX (biblatex), type of RIS, type of CSL
_TYPES = {
    "webpage": ("online", "ELEC"),
    "report": ("report", "RPRT"),
    "dataset": ("dataset", "DATA"),
    "software": ("software", "COMP"),
}


def cited(frame: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return the sources of ``frame`` in order of first use.

    ``frame`` has a column ``source_id``, or ``observations`` (ids of figures joined by spaces).

    Raises
    ------
    ValueError
        If the frame has neither column, or names a source that is not in ``sources``.
    """
    if "source_id" in frame:
        used = frame["source_id"]
    elif "observations" in frame:
        used = pd.Series(" ".join(frame["observations"]).split(), dtype="str").str.rsplit(".", n=1).str[0]
    else:
        raise ValueError(f"cite needs a column source_id or observations; got {', '.join(map(str, frame.columns))}")
    order = list(dict.fromkeys(used))
    known = sources.set_index("source_id", drop=False)
    unknown = [source for source in order if source not in known.index]
    if unknown:
        raise ValueError(f"sources.csv must know every source; it does not know {', '.join(unknown)}")
    return known.loc[order].reset_index(drop=True)


def cite(frame: pd.DataFrame, sources: pd.DataFrame, *, style: str = "text") -> str:
    """Return citations of the sources of ``frame`` in ``style``: ``text``, ``bibtex``, ``ris`` or ``csl-json``."""
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}; got {style!r}")
    return STYLES[style](cited(frame, sources))


def _rows(frame: pd.DataFrame) -> list[dict]:
    """Return sources as records with their date as text, empty where not known."""
    rows = frame.assign(published=frame["published"].dt.strftime("%Y-%m-%d").fillna("")).to_dict("records")
    return [{"type": "webpage", "version": ""} | row for row in rows]


def title(row: dict) -> str:
    """Return a source's title without the mark that it was read from the address only."""
    return row["title"].removeprefix("[slug]").strip()


def text_line(row: dict) -> str:
    """Return one source as a line of a reference list."""
    parts = [f"{row['publisher']}{f' ({day})' if (day := row['published']) else ' (n.d.)'}", title(row), row["url"]]
    return ". ".join(part for part in parts if part)


def _text(frame: pd.DataFrame) -> str:
    return "\n".join(f"{number}. {text_line(row)}" for number, row in enumerate(_rows(frame), start=1))


def _bibtex(frame: pd.DataFrame) -> str:
    entries = []
    for row in _rows(frame):
        fields = {
            "title": "{" + title(row).translate(_BIBTEX_ESCAPES) + "}",
            "author": "{" + row["publisher"].translate(_BIBTEX_ESCAPES) + "}",
            "date": row["published"],
            # the url field is read verbatim by biblatex and by BibTeX's url package
            "url": row["url"],
            "version": row["version"],
            "langid": row["language"],
        }
        body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        entries.append(f"@{_TYPES[row['type']][0]}{{{row['source_id']},\n{body}}}")
    return "\n\n".join(entries)


def _ris(frame: pd.DataFrame) -> str:
    records = []
    for row in _rows(frame):
        fields = [
            ("TY", _TYPES[row["type"]][1]),
            ("ID", row["source_id"]),
            ("TI", title(row)),
            ("PB", row["publisher"]),
            ("DA", row["published"].replace("-", "/")),
            ("UR", row["url"]),
            ("ET", row["version"]),
            ("LA", row["language"]),
            ("ER", ""),
        ]
        records.append("\n".join(f"{tag}  - {value}" for tag, value in fields if value or tag == "ER"))
    return "\n\n".join(records)


def _csl(frame: pd.DataFrame) -> str:
    items = []
    for row in _rows(frame):
        item = {
            "id": row["source_id"],
            "type": row["type"],
            "title": title(row),
            "author": [{"literal": row["publisher"]}],
            "URL": row["url"],
            "version": row["version"],
            "language": row["language"],
        }
        if row["published"]:
            item["issued"] = {"date-parts": [[int(part) for part in row["published"].split("-")]]}
        items.append({name: value for name, value in item.items() if value})
    return json.dumps(items, ensure_ascii=False, indent=2)


STYLES: dict[str, Callable[[pd.DataFrame], str]] = {"text": _text, "bibtex": _bibtex, "ris": _ris, "csl-json": _csl}
