"""Data package, codebook, citations and trails agree with the data."""

import csv
import hashlib
import json
import re

import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.evidence import citation, store
from reform_analysis.evidence.directory import data_directory
from reform_analysis.evidence.schema import processed_tables
from reform_analysis.reports import ledger, usage

FOLDER = data_directory() / "processed"
PACKAGE = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}


def rows(name):
    return list(csv.DictReader((FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


def test_the_package_describes_every_table():
    assert set(RESOURCES) == set(processed_tables())
    assert PACKAGE["version"] == ra.__version__


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_a_resource_is_its_file(name):
    resource = RESOURCES[name]
    content = (FOLDER / resource["path"]).read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    header = content.decode().partition("\n")[0].split(",")
    assert [field["name"] for field in resource["schema"]["fields"]] == header


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_categories_patterns_and_keys_hold(name):
    schema, data = RESOURCES[name]["schema"], rows(name)
    for field in schema["fields"]:
        cells = [row[field["name"]] for row in data]
        constraints = field.get("constraints", {})
        assert not constraints.get("required") or all(cells)
        filled = [cell for cell in cells if cell]
        assert not field.get("categories") or set(filled) <= set(field["categories"])
        assert all(re.fullmatch(constraints.get("pattern", ".*"), cell) for cell in filled)
    keys = [tuple(row[column] for column in schema["primaryKey"]) for row in data]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_foreign_keys_hold(name):
    for key in RESOURCES[name]["schema"].get("foreignKeys", []):
        target = key["reference"].get("resource", name)
        known = {row[key["reference"]["fields"][0]] for row in rows(target)}
        assert {row[key["fields"][0]] for row in rows(name)} - {""} <= known


def test_cells_with_several_values_refer_to_known_ones():
    codes = {row["code"] for row in rows("indicators")}
    assert {code for row in rows("indicators") for code in row["not_comparable_with"].split()} <= codes
    ids = {row["observation_id"] for row in rows("observations")}
    assert {name for row in rows("findings") for name in row["observation_ids"].split()} <= ids


def test_the_codebook_covers_every_code_with_its_numbers():
    page = (FOLDER / "codebook.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### (\S+)\n((?:(?!^##).*\n)*)", page, flags=re.MULTILINE))
    book, figures = ra.codebook(), store.table("observations")
    assert set(entries) == set(book["code"])
    counts = figures.groupby("indicator").size()
    for code, entry in entries.items():
        wanted = f"{counts[code]} figure" if code in counts else "No figure coded yet."
        assert wanted in entry
        caution = book.set_index("code").loc[code, "not_comparable_with"]
        assert all(other in entry for other in caution.split())


def test_every_label_is_in_three_languages():
    labels = ra.codebook()[["label_en", "label_fr", "label_vi"]]
    assert (labels != "").all(axis=None)
    assert (labels["label_en"] != labels["label_vi"]).all()


@pytest.fixture
def used():
    return ra.load("finance").head(12)


def test_citations_are_of_just_the_sources_used(used):
    text = ra.cite(used)
    assert len(text.splitlines()) == used["source_id"].nunique()
    table = pd.DataFrame({"observations": [" ".join(used["observation_id"])]})
    assert ra.cite(table) == text


def test_bibtex_is_well_formed(used):
    for entry in ra.cite(used, style="bibtex").split("\n\n"):
        assert re.match(r"@online\{[a-z0-9-]+,\n", entry)
        assert entry.count("{") == entry.count("}")


def test_ris_and_csl_name_the_same_sources(used):
    ris = ra.cite(used, style="ris")
    items = json.loads(ra.cite(used, style="csl-json"))
    assert re.findall(r"^ID  - (.+)$", ris, flags=re.MULTILINE) == [item["id"] for item in items]
    assert ris.count("ER  - ") == ris.count("TY  - ") == len(items)


def test_citation_mistakes_are_named(used):
    with pytest.raises(ValueError, match="style must be one of text, bibtex, ris, csl-json; got 'apa'"):
        ra.cite(used, style="apa")
    with pytest.raises(ValueError, match="needs a column source_id or observations; got x"):
        ra.cite(pd.DataFrame({"x": [1]}))
    with pytest.raises(ValueError, match="it does not know nowhere-000000"):
        ra.cite(used.assign(source_id="nowhere-000000"))


def test_special_characters_are_escaped_in_bibtex():
    sources = ra.sources().head(1).assign(title="100 % & {more} \\ $1_000")
    text = citation.cite(sources, sources, style="bibtex")
    assert r"100 \% \& \{more\} \textbackslash{} \$1\_000" in text


def test_a_trail_holds_figure_bounds_source_and_changes():
    row = ra.load(indicator="online_share", place="Việt Nam").iloc[0]
    trail = ra.trace(row["observation_id"])
    text = str(trail)
    for part in (row["figure"], row["locator"], "bounds: [", "reliability", "change: ", "derivation: rounded"):
        assert part in text
    assert trail.source["source_id"] == row["source_id"]
    assert '<th scope="row">figure</th>' in trail._repr_html_()


def test_a_trail_ends_in_the_reports_that_loaded_the_figure(tmp_path):
    figure = ra.load("finance")["observation_id"].iloc[0]
    book = ledger.read(tmp_path)
    for name, topic in (("b/money", "finance"), ("b/staff", "staffing")):
        reads = [{"function": "load", "arguments": {"topic": topic}, "digest": ""}]
        book.append({"report": name, "status": "ok", "reads": reads})
    before = list(store.reads)
    assert usage.used_in(figure, tmp_path) == ("b/money",)
    assert store.reads == before
    assert usage.used_in(figure, tmp_path / "absent") == ()


def test_an_unknown_trail_names_the_nearest():
    name = ra.load("finance")["observation_id"].iloc[0]
    with pytest.raises(ValueError, match=f"did you mean '{name}'"):
        ra.trace(name + "9")
