"""How a report, its data and the software are cited, and the same with the report's sources for reference managers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import metadata
from typing import TYPE_CHECKING, Any

from reform_analysis import __version__
from reform_analysis.evidence.directory import processed_file
from reform_analysis.reports import cells, markup
from reform_analysis.reports.blocks import Html
from reform_analysis.reports.facts import Fact

if TYPE_CHECKING:
    import pandas as pd

    from reform_analysis.reports.document import Document

# words of the section, by language of the report
WORDS = {
    "en": {
        "heading": "How to cite",
        "report": "This report",
        "dataset": "The data",
        "software": "The software",
        "made": "Made with reform-analysis {version}",
        "version": "Version {version}",
        "dataset_kind": "data set",
        "software_kind": "computer software",
        "sources": "The figures are those of the sources listed: please cite these as well.",
    },
    "fr": {
        "heading": "Comment citer",
        "report": "Ce rapport",
        "dataset": "Les données",
        "software": "Le logiciel",
        "made": "Établi avec reform-analysis {version}",
        "version": "Version {version}",
        "dataset_kind": "jeu de données",
        "software_kind": "logiciel",
        "sources": "Les chiffres sont ceux des sources énumérées\u202f: merci de les citer également.",
    },
    "vi": {
        "heading": "Cách trích dẫn",
        "report": "Báo cáo này",
        "dataset": "Bộ dữ liệu",
        "software": "Phần mềm",
        "made": "Lập bằng reform-analysis {version}",
        "version": "Phiên bản {version}",
        "dataset_kind": "bộ dữ liệu",
        "software_kind": "phần mềm",
        "sources": "Các số liệu là của những nguồn đã liệt kê: xin trích dẫn cả các nguồn này.",
    },
}


@dataclass(frozen=True)
class Work:
    """A work of the project's own: ``type`` is report, dataset or software; ``released`` is a day or empty."""

    id: str
    type: str
    title: str
    version: str
    released: str
    # what tells a report from others of its title
    details: str = ""

    @property
    def author(self) -> str:
        """Who made it."""
        return metadata.metadata("reform-analysis")["Author"]

    def line(self, language: str) -> str:
        """Return the work as a line of a list of references."""
        said = WORDS[language]
        year = f" ({self.released[:4]})" if self.released else ""
        made = said["made" if self.type == "report" else "version"].replace("{version}", self.version)
        kind = f" [{said[f'{self.type}_kind']}]" if self.type != "report" else ""
        return ". ".join(filter(None, (f"{self.author}{year}", self.title, self.details, f"{made}{kind}"))) + "."


def own_works(title: str, facts: Sequence[Fact], command: str, language: str, released: str) -> tuple[Work, ...]:
    """Return the report of a title, the data and the software as works to cite.

    Parameters
    ----------
    title, facts, command, language
        As in `reform_analysis.reports.document.Document`.
    released
        Day of the version of data and software (ISO 8601), empty where not known.
    """
    data = json.loads(processed_file("datapackage.json").read_text(encoding="utf-8"))
    said = {fact.name: fact for fact in facts}
    details = [said["place"].words] if "place" in said else []
    if day := said.get("as_of"):
        details.append(f"{day.label[0].lower()}{day.label[1:]} {day.words}")
    return (
        Work(f"report-{cells.digest(command)[:6]}", "report", title, __version__, released, ", ".join(details)),
        Work("reform-analysis-data", "dataset", data["title"], data["version"], released),
        Work("reform-analysis", "software", "reform-analysis", __version__, released),
    )


def section(works: Sequence[Work], language: str) -> str:
    """Return how to cite works, as HTML."""
    said = WORDS[language]
    items = "".join(
        f"<li><strong>{escape(said[work.type])}</strong>. {escape(work.line(language))}</li>" for work in works
    )
    return f"<ul>{items}</ul><p>{escape(said['sources'])}</p>"


def files(report: Document) -> tuple[bytes, ...]:
    """Return the works to cite and the sources of a report's list, in its order, as BibTeX, RIS and CSL-JSON."""
    import pandas as pd

    from reform_analysis.evidence import citation

    own = pd.DataFrame([_row(work, report.language) for work in report.works])
    lists = [block.html for block in report.blocks if isinstance(block, Html) and block.kind == "sources"]
    frames = [own, *(sources_of(html) for html in lists)]
    every = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    texts = (citation.STYLES[style](every) for style in ("bibtex", "ris", "csl-json"))
    return tuple(f"{text}\n".encode() for text in texts)


def sources_of(html: str) -> pd.DataFrame:
    """Return the rows of ``sources.csv`` that a list of sources in a report names, in its order."""
    from reform_analysis.evidence import store

    known = store.table("sources")
    places = {url: place for place, url in enumerate(known["url"]) if url}
    links = [link.attributes.get("href", "") for item in markup.parse(html).each("li") for link in item.each("a")]
    found = known.iloc[[places[link] for link in dict.fromkeys(links) if link in places]]
    return found.assign(type="webpage", version="")


def _row(work: Work, language: str) -> dict[str, Any]:
    """Return a work of our own as a row of sources."""
    import pandas as pd

    return {
        "source_id": work.id,
        "type": work.type,
        "title": ". ".join(filter(None, (work.title, work.details))),
        "publisher": work.author,
        "published": pd.Timestamp(work.released) if work.released else pd.NaT,
        "version": work.version,
        "url": "",
        "language": language if work.type == "report" else "en",
    }
