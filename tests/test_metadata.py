"""The files of metadata say what their sources say, in the terms of their standards; every file has its licence."""

import datetime
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

import reform_analysis as ra

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("metadata", ROOT / "tools" / "metadata.py")
metadata = importlib.util.module_from_spec(spec)
spec.loader.exec_module(metadata)

CFF = json.loads((ROOT / "tests" / "data" / "cff-1.2.0-schema.json").read_text(encoding="utf-8"))
# the terms used of the context https://w3id.org/codemeta/3.0; a term that it does not define would be lost
CODEMETA = {
    *["type", "Organization", "SoftwareApplication", "SoftwareSourceCode", "author", "codeRepository"],
    *["copyrightHolder", "copyrightYear", "datePublished", "description", "identifier", "keywords", "license", "name"],
    *["programmingLanguage", "runtimePlatform", "softwareRequirements", "version"],
}
# what https://developers.zenodo.org documents of a deposit's metadata, as far as it applies to software
ZENODO = {
    "upload_type": {"software"},
    "access_right": {"open"},
    "license": {"MIT"},
    "language": {"eng"},
    **dict.fromkeys(["title", "description", "creators", "version", "publication_date", "notes", "keywords"]),
}
KNOWN = {"repository": "https://example.org/reform-analysis", "doi": "10.5281/zenodo.1234567"}


@pytest.fixture
def source():
    return metadata.sources()


@pytest.fixture
def published(source):
    """The sources once the addresses are known."""
    return source | KNOWN


@pytest.fixture(scope="module")
def rights():
    """What REUSE.toml and the files beside data say of each file."""
    reuse = pytest.importorskip("reuse.project", reason="reuse is not installed; it is in the extra `dev`")
    return reuse.Project.from_directory(ROOT)


@pytest.mark.parametrize("name", ["CITATION.cff", ".zenodo.json", "codemeta.json"])
def test_a_committed_file_is_what_its_sources_give(name):
    assert (ROOT / name).read_text(encoding="utf-8") == metadata.files()[name], "run `make metadata`"


@pytest.mark.parametrize(
    ("file", "was", "now", "changed"),
    [
        ("pyproject.toml", "interval data", "interval-valued data", [".zenodo.json", "CITATION.cff", "codemeta.json"]),
        ("pyproject.toml", "numpy>=2", "numpy>=3", ["codemeta.json"]),
        ("metadata.toml", "released = 2026", "released = 2027", [".zenodo.json", "CITATION.cff", "codemeta.json"]),
        ("metadata.toml", "Code: MIT", "The code: MIT", [".zenodo.json"]),
        (metadata.VERSION_FILE, ra.__version__, "9.9.9", [".zenodo.json", "CITATION.cff", "codemeta.json"]),
    ],
    ids=["keyword", "dependency", "date", "rights", "version"],
)
def test_a_change_of_a_source_reaches_the_files_it_concerns(tmp_path, file, was, now, changed):
    for name in ["pyproject.toml", "metadata.toml", metadata.VERSION_FILE]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert was in text
    (tmp_path / file).write_text(text.replace(was, now), encoding="utf-8")
    before = metadata.files()
    assert sorted(name for name, made in metadata.files(tmp_path).items() if made != before[name]) == changed


def test_a_lost_version_is_said(tmp_path):
    for name in ["pyproject.toml", "metadata.toml"]:
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / metadata.VERSION_FILE).parent.mkdir(parents=True)
    (tmp_path / metadata.VERSION_FILE).write_text("")
    with pytest.raises(ValueError, match="must hold a line `__version__"):
        metadata.sources(tmp_path)


def test_the_version_of_the_files_is_the_packages(source):
    assert source["version"] == ra.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", ra.__version__)


@pytest.mark.parametrize("known", [{}, KNOWN], ids=["before publication", "after"])
def test_citation_follows_the_citation_file_format(source, known):
    content = yaml.safe_load(metadata.citation(source | known))
    jsonschema.Draft7Validator(CFF, format_checker=jsonschema.FormatChecker()).validate(content)
    assert content["authors"] == [{"name": "The reform-analysis contributors"}]
    assert content.get("doi") == known.get("doi")
    assert content.get("repository-code") == known.get("repository")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        ({"licences": ["MIT", "CC-BY"]}, "'CC-BY' is not one of"),
        ({"authors": []}, "should be non-empty"),
        ({"doi": "zenodo.1"}, "does not match"),
        ({"keywords": ["one", "one"]}, "non-unique"),
    ],
    ids=["licence", "authors", "doi", "keywords"],
)
def test_the_schema_refuses_what_the_format_does(source, break_it, message):
    content = yaml.safe_load(metadata.citation(source | break_it))
    with pytest.raises(jsonschema.ValidationError, match=message):
        jsonschema.validate(content, CFF)


@pytest.mark.parametrize("known", [{}, KNOWN], ids=["before publication", "after"])
def test_codemeta_uses_terms_of_its_context_only(source, known):
    content = json.loads(metadata.codemeta(source | known))
    assert content.pop("@context") == "https://w3id.org/codemeta/3.0"
    nested = [one for value in content.values() if isinstance(value, list) for one in value if isinstance(one, dict)]
    assert {key for one in [content, *nested] for key in one} <= CODEMETA
    assert {one["type"] for one in [content, *nested]} <= CODEMETA
    # terms that the context declares to be addresses
    addresses = [content.get("identifier"), content.get("codeRepository"), *content["license"]]
    assert all(address.startswith("https://") for address in addresses if address)


def test_zenodo_knows_the_fields(published):
    content = json.loads(metadata.zenodo(published))
    assert set(content) == set(ZENODO)
    assert all(content[name] in allowed for name, allowed in ZENODO.items() if allowed)
    assert datetime.date.fromisoformat(content["publication_date"]) == published["released"]


def test_the_licences_named_are_the_texts_at_hand(source):
    assert sorted(source["licences"]) == sorted(path.stem for path in (ROOT / "LICENSES").iterdir())


@pytest.mark.parametrize(
    ("file", "licence"),
    [
        ("data/processed/observations.csv", "CC-BY-4.0"),
        ("data/raw/provinces.geojson", "CC-BY-SA-4.0"),
        ("data/processed/provinces.geojson", "CC-BY-SA-4.0"),
        ("src/reform_analysis/__init__.py", "MIT"),
        ("notebooks/03_staffing.ipynb", "MIT AND CC-BY-4.0"),
        ("docs/performance.md", "CC-BY-4.0"),
        ("README.md", "CC-BY-4.0"),
        ("tests/data/cff-1.2.0-schema.json", "CC-BY-4.0"),
    ],
)
def test_a_file_has_its_licence(rights, file, licence):
    found = rights.reuse_info_of(file)
    assert {str(one) for info in found for one in info.spdx_expressions} == {licence}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="without git, reuse would look at ignored files too")
def test_every_file_has_a_licence():
    pytest.importorskip("reuse", reason="reuse is not installed; it is in the extra `dev`")
    done = subprocess.run(
        [sys.executable, "-m", "reuse", "lint", "--lines"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
