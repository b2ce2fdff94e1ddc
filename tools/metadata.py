"""Write CITATION.cff, .zenodo.json and codemeta.json from pyproject.toml, metadata.toml and the package's version."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
VERSION_FILE = "src/reform_analysis/__init__.py"
VERSION_LINE = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


def sources(root: Path = ROOT) -> dict[str, Any]:
    """Return all that the three files say, under one name each; ``repository`` and ``doi`` may be None."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = tomllib.loads((root / "metadata.toml").read_text(encoding="utf-8"))
    version = VERSION_LINE.search((root / VERSION_FILE).read_text(encoding="utf-8"))
    if version is None:
        raise ValueError(f'{VERSION_FILE} must hold a line `__version__ = "x.y.z"`; add it')
    return {
        "name": project["name"],
        "version": version[1],
        "authors": [author["name"] for author in project["authors"]],
        "licences": project["license"].split(" AND "),
        "keywords": project["keywords"],
        "python": project["requires-python"],
        "dependencies": project["dependencies"],
        "repository": None,
        "doi": None,
    } | own


def citation(source: dict[str, Any]) -> str:
    """Return CITATION.cff, of the Citation File Format 1.2.0."""
    content = {
        "cff-version": "1.2.0",
        "message": source["message"],
        "title": source["title"],
        "type": "software",
        "authors": [{"name": name} for name in source["authors"]],
        "version": source["version"],
        "date-released": source["released"].isoformat(),
        "doi": source["doi"],
        "repository-code": source["repository"],
        "license": source["licences"],
        "keywords": source["keywords"],
        "abstract": source["abstract"],
    }
    return "# Made by `make metadata`; do not edit.\n" + yaml.safe_dump(
        _known(content), sort_keys=False, allow_unicode=True, width=120
    )


def zenodo(source: dict[str, Any]) -> str:
    """Return .zenodo.json, which Zenodo reads in place of CITATION.cff; its field for the licence holds one only."""
    content = {
        "upload_type": "software",
        "title": source["title"],
        "description": source["abstract"],
        "creators": [{"name": name} for name in source["authors"]],
        "version": source["version"],
        "publication_date": source["released"].isoformat(),
        "access_right": "open",
        "license": source["licences"][0],
        "notes": source["rights"],
        "keywords": source["keywords"],
        "language": "eng",
    }
    return _json(content)


def codemeta(source: dict[str, Any]) -> str:
    """Return codemeta.json, in the terms of CodeMeta 3.0."""
    needed = [Requirement(text) for text in source["dependencies"]]
    authors = [{"type": "Organization", "name": name} for name in source["authors"]]
    content = {
        "@context": "https://w3id.org/codemeta/3.0",
        "type": "SoftwareSourceCode",
        "identifier": f"https://doi.org/{source['doi']}" if source["doi"] else None,
        "name": source["name"],
        "description": source["abstract"],
        "version": source["version"],
        "datePublished": source["released"].isoformat(),
        "author": authors,
        "copyrightHolder": authors,
        "copyrightYear": source["released"].year,
        "license": [f"https://spdx.org/licenses/{name}" for name in source["licences"]],
        "codeRepository": source["repository"],
        "keywords": source["keywords"],
        "programmingLanguage": "Python",
        "runtimePlatform": f"Python {source['python']}",
        "softwareRequirements": [
            {"type": "SoftwareApplication", "name": one.name, "version": str(one.specifier)} for one in needed
        ],
    }
    return _json(_known(content))


def files(root: Path = ROOT) -> dict[str, str]:
    """Return the three files by name, made from their sources and not yet written."""
    source = sources(root)
    return {"CITATION.cff": citation(source), ".zenodo.json": zenodo(source), "codemeta.json": codemeta(source)}


def write(root: Path = ROOT) -> None:
    """Write the three files."""
    for name, text in files(root).items():
        (root / name).write_text(text, encoding="utf-8")


def _known(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content without what is not known."""
    return {name: value for name, value in content.items() if value is not None}


def _json(content: dict[str, Any]) -> str:
    """Return JSON as it is committed."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    write()
