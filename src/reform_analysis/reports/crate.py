"""The RO-Crate of an output folder: each report as the action that made it, in the terms of Process Run Crate 0.5.

Written without ro-crate-py: the metadata are one JSON object, and written here they are the same bytes for the same
records. For that reason an action has no time; the ledger, a file of the crate, holds the times. An action has no
agent either, as a build does not know who runs it.

References: RO-Crate 1.1, https://w3id.org/ro/crate/1.1; Process Run Crate 0.5, https://w3id.org/ro/wfrun/process/0.5.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from reform_analysis import __version__
from reform_analysis.reports import cells, ledger, project, site

NAME = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# the term of Workflow Run RO-Crate that the context of RO-Crate 1.1 lacks
_CONTEXT = [f"{_SPECIFICATION}/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]
_MEDIA_TYPES = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/vnd.citationstyles.csl+json",
    ".ris": "application/x-research-info-systems",
    ".zip": "application/zip",
}
# parts of a report's key that make up the program that was run
_PROGRAM = ("code", "prose", "library", "lock", "python", "catalogue", "template")

Entity = dict[str, Any]

# what every crate has besides its root
_FRAME: list[Entity] = [
    {"@id": NAME, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": _SPECIFICATION}},
    {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
    {
        "@id": _LICENCE,
        "@type": "CreativeWork",
        "name": "CC BY 4.0",
        "description": "Creative Commons Attribution 4.0 International",
    },
    {
        "@id": site.NAME,
        "@type": "File",
        "name": "Index",
        "description": "Every report, with its headline numbers and files.",
        "encodingFormat": "text/html",
    },
    {
        "@id": ledger.NAME,
        "@type": "File",
        "name": "Ledger",
        "description": "Every attempt at a report, a line each: time, duration, memory, versions, key numbers.",
        "encodingFormat": "application/jsonl",
    },
]


def write(folder: Path, book: ledger.Ledger) -> None:
    """Write the crate of an output folder from its ledger; a report whose files are gone is left out.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    there = [record for record in book.last.values() if all((folder / path).is_file() for path in _paths(record))]
    author = metadata.metadata("reform-analysis")["Author"]
    content = describe(there, version=__version__, released=project.released(), author=author)
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    # what an exception says may hold halves of surrogate pairs, which stand as JSON's escapes
    ledger.write_view(folder, NAME, text.encode(errors="backslashreplace"))


def is_due(folder: Path) -> bool:
    """Tell whether the ledger knows more than the crate; outside a checkout nothing gives it a date."""
    return project.root() is not None and ledger.view_is_due(folder, NAME)


def describe(records: Iterable[Mapping[str, Any]], *, version: str, released: str, author: str) -> dict[str, Any]:
    """Return the metadata of the crate that holds the reports of these records.

    Parameters
    ----------
    records
        Records of the ledger, one a report, in any order.
    version, released
        Version of the package, and its day (ISO 8601), which is the crate's date: a build has no time of its own.
    author
        Organisation that is the package's author.

    Returns
    -------
    dict
        JSON-LD, flat: what is named twice (a notebook, a version, rows read, a value of a parameter) stands once.
    """
    entities: dict[str, Entity] = {}
    actions, files = [], [site.NAME, ledger.NAME]
    for record in sorted(records, key=lambda record: str(record["report"])):
        for entity in _run(record):
            entities[entity["@id"]] = entity
        actions.append(f"#{quote(record['report'])}")
        files += [quote(path) for path in _paths(record)]
    organisation = {"@id": f"#{quote(author)}", "@type": "Organization", "name": author}
    root = _root(version, released) | {"author": {"@id": organisation["@id"]}, "hasPart": _references(files)}
    if actions:
        root["mentions"] = _references(actions)
    graph = [root, *_FRAME, organisation, *(entities[name] for name in sorted(entities))]
    return {"@context": _CONTEXT, "@graph": graph}


def _paths(record: Mapping[str, Any]) -> list[str]:
    """Return the paths of a report's files below the output folder."""
    return [ledger.file_of(record["report"], suffix, output) for suffix, output in sorted(record["outputs"].items())]


def _root(version: str, released: str) -> Entity:
    """Return the output folder."""
    return {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROFILE},
        "name": f"Reports built with reform-analysis {version}",
        "description": "Reports on published figures of Viet Nam's two-tier local government reform, each with the "
        "notebook, parameters, data and versions it was made from.",
        "datePublished": released,
        "license": {"@id": _LICENCE},
    }


def _run(record: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield the action that made a report, and everything it names."""
    program = [*_program(record)]
    files = {suffix: _file(record["report"], suffix, output) for suffix, output in sorted(record["outputs"].items())}
    loaded = [files.pop(site.DATA)] if site.DATA in files else []
    data = [_data(record), *loaded, *(_rows(read) for read in record["reads"] or [])]
    # records of earlier versions hold the parameters that were given only
    parameters = [_parameter(*one) for one in sorted(record.get("parameters", record["given"]).items())]
    given = ", ".join(f"{name}={value}" for name, value in record["given"].items()) or "its defaults"
    failed = record["status"] in ledger.FAILED
    action = {
        "@id": f"#{quote(record['report'])}",
        "@type": "CreateAction",
        "name": record.get("title", record["notebook"]),
        "description": f"Run of {record['notebook']}.ipynb with {given}: {record['status']}",
        "instrument": {"@id": program[0]["@id"]},
        "object": _references(one["@id"] for one in [*data, *parameters]),
        "actionStatus": f"http://schema.org/{'Failed' if failed else 'Completed'}ActionStatus",
    }
    if files:
        action["result"] = _references(one["@id"] for one in files.values())
    if failed:
        action["error"] = record["message"]
    yield from [action, *program, *data, *parameters, *files.values()]


def _program(record: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield the notebook that was run, and the software and the lock it ran under."""
    key = record["key"]
    needs = [
        _software("reform-analysis", key["library"]),
        _software("Python", key["python"]) | {"url": "https://www.python.org/"},
        _software("requirements.lock", key["lock"]),
    ]
    version = cells.digest([record["notebook"], *(key[part] for part in _PROGRAM)])[:16]
    yield {
        "@id": f"#{quote(record['notebook'])}-{version}",
        "@type": "SoftwareSourceCode",
        "name": f"{record['notebook']}.ipynb",
        "version": version,
        "programmingLanguage": "Python",
        "softwareRequirements": _references(one["@id"] for one in needs),
    }
    yield from needs


def _software(name: str, version: str) -> Entity:
    """Return a piece of software at a version."""
    return {
        "@id": f"#{quote(f'{name}-{version}')}",
        "@type": "SoftwareApplication",
        "name": name,
        "softwareVersion": version,
    }


def _data(record: Mapping[str, Any]) -> Entity:
    """Return the data set as a whole, as it was."""
    version = record["key"]["data"]
    return {
        "@id": f"#data-{version}",
        "@type": "CreativeWork",
        "name": "data/processed of reform-analysis",
        "version": version,
        "license": {"@id": _LICENCE},
    }


def _rows(read: Mapping[str, Any]) -> Entity:
    """Return the rows that one call of a loader gave, known by their digest."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in read["arguments"].items())
    return {
        "@id": f"#rows-{cells.digest(read)[:16]}",
        "@type": "CreativeWork",
        "name": f"{read['function']}({arguments})",
        "identifier": read["digest"],
    }


def _parameter(name: str, value: Any) -> Entity:
    """Return the value of a parameter."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {"@id": f"#{quote(f'{name}={text}')}", "@type": "PropertyValue", "name": name, "value": text}


def _file(report: str, suffix: str, output: Mapping[str, Any]) -> Entity:
    """Return one file of a report."""
    path = PurePosixPath(ledger.file_of(report, suffix, output))
    return {
        "@id": quote(str(path)),
        "@type": "File",
        "name": path.name,
        "encodingFormat": _MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        "contentSize": str(output["size"]),
        "sha256": output["sha256"],
    }


def _references(names: Iterable[str]) -> Any:
    """Return references to entities; RO-Crate wants one alone without a list."""
    found = [{"@id": name} for name in dict.fromkeys(names)]
    return found[0] if len(found) == 1 else found
