"""The RO-Crate of an output folder says how each report was made, the same bytes for the same records."""

import contextlib
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from reports_helpers import report

from reform_analysis.reports import build, crate, formats, ledger, project, workers
from reform_analysis.reports.job import Outcome
from reform_analysis.reports.progress import Quiet

KEY = dict.fromkeys(["code", "prose", "lock", "catalogue", "template", "formats"], "c0de")
KEY |= {"library": "0.1.0 abc", "python": "3.13.1 Linux x86_64", "data": "d47a"}
READ = {"function": "load", "arguments": {"topic": "staffing", "as_of": "2025-10-31"}, "digest": "0f0f"}


def _record(report: str, status: str = "ok", **fields: Any) -> dict[str, Any]:
    suffixes = [".failure.html"] if status in ledger.FAILED else [".html", ".ipynb"]
    outputs: dict[str, Any] = {suffix: {"size": 3, "mtime_ns": 5, "sha256": "5ha"} for suffix in suffixes}
    if status not in ledger.FAILED:
        outputs[".data.csv"] = {"path": "data/small-12.csv", "size": 4, "mtime_ns": 5, "sha256": "5hb"}
    return {
        "report": report,
        "status": status,
        "message": "KeyError: 'x'" if status in ledger.FAILED else "",
        "title": "A small report",
        "notebook": "small",
        "given": {"language": "en"},
        "parameters": {"language": "en", "places": ["Lào Cai", "Huế"]},
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.5,
        "key": KEY,
        "reads": [READ],
        "outputs": outputs,
        "key_numbers": [],
    } | fields


def _describe(*records: dict[str, Any]) -> dict[str, dict[str, Any]]:
    content = crate.describe(records, version="0.1.0", released="2026-01-01", author="The contributors")
    found = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(found) == len(content["@graph"])
    return found


def _follow(entities: dict[str, Any], entity: dict[str, Any], name: str) -> list[dict[str, Any]]:
    references = entity[name] if isinstance(entity[name], list) else [entity[name]]
    return [entities[reference["@id"]] for reference in references]


def test_an_action_names_notebook_parameters_data_results_and_versions() -> None:
    entities = _describe(_record("b/one"))
    action = entities["#b/one"]
    assert action["@type"] == "CreateAction"
    assert action["name"] == "A small report"
    assert action["description"] == "Run of small.ipynb with language=en: ok"
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    (notebook,) = _follow(entities, action, "instrument")
    assert (notebook["@type"], notebook["name"]) == ("SoftwareSourceCode", "small.ipynb")
    software = {one["name"]: one["softwareVersion"] for one in _follow(entities, notebook, "softwareRequirements")}
    assert software == {"reform-analysis": "0.1.0 abc", "Python": "3.13.1 Linux x86_64", "requirements.lock": "c0de"}
    used = _follow(entities, action, "object")
    assert [(one["@type"], one["name"]) for one in used] == [
        ("CreativeWork", "data/processed of reform-analysis"),
        ("File", "small-12.csv"),
        ("CreativeWork", "load(topic='staffing', as_of='2025-10-31')"),
        ("PropertyValue", "language"),
        ("PropertyValue", "places"),
    ]
    assert [one.get("value", one.get("identifier")) for one in used[2:]] == ["0f0f", "en", '["Lào Cai", "Huế"]']
    made = {one["name"]: one["encodingFormat"] for one in _follow(entities, action, "result")}
    assert made == {"one.html": "text/html", "one.ipynb": "application/x-ipynb+json"}
    assert entities["b/one.html"]["contentSize"] == "3"
    assert entities["b/one.html"]["sha256"] == "5ha"


def test_a_failed_report_is_a_failed_action() -> None:
    entities = _describe(_record("b/one", "failed"))
    action = entities["#b/one"]
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action["error"] == "KeyError: 'x'"
    assert action["result"] == {"@id": "b/one.failure.html"}


@pytest.mark.parametrize(
    ("change", "others"),
    [
        ({"key": KEY | {"code": "other"}}, "instrument"),
        ({"key": KEY | {"python": "3.14.0 Linux x86_64"}}, "instrument"),
        ({"key": KEY | {"data": "other"}}, "object"),
        ({"parameters": {"language": "fr"}}, "object"),
        ({"reads": [READ | {"digest": "other"}]}, "object"),
        ({"status": "not applicable"}, "description"),
    ],
    ids=["notebook", "Python", "data", "parameter", "rows", "status"],
)
def test_what_differs_between_reports_is_told_apart(change: dict[str, Any], others: str) -> None:
    entities = _describe(_record("b/one"), _record("b/two", **change))
    one, two = entities["#b/one"], entities["#b/two"]
    differing = {name for name in one if one[name] != two[name]} - {"@id", "result"}
    assert differing == {others}


def test_an_outcome_without_files_and_a_record_of_an_earlier_version_have_their_action() -> None:
    record = _record("b/one", "failed", outputs={}, reads=None)
    for name in ("title", "parameters"):
        del record[name]
    action = _describe(record)["#b/one"]
    assert "result" not in action
    assert action["name"] == "small"
    assert {"@id": "#language%3Den"} in action["object"]


@pytest.mark.parametrize("suffix", [*formats.SUFFIXES, ".data.csv", ".ipynb", ".failure.html", ".failed.ipynb"])
def test_every_file_of_a_build_has_a_media_type(suffix: str) -> None:
    output = {"size": 3, "mtime_ns": 5, "sha256": "5ha"}
    entities = _describe(_record("b/one", outputs={suffix: output}))
    assert entities[f"b/one{suffix}"]["encodingFormat"] != "application/octet-stream"


def test_the_root_holds_every_file_and_mentions_every_action() -> None:
    entities = _describe(_record("b/one"), _record("ế/t w", "failed"))
    root = entities["./"]
    files = {one["@id"] for one in entities.values() if one["@type"] == "File"}
    assert {"b/one.html", "%E1%BA%BF/t%20w.failure.html", "ledger.jsonl", "index.html"} < files
    assert {one["@id"] for one in _follow(entities, root, "hasPart")} == files
    actions = {one["@id"] for one in entities.values() if one["@type"] == "CreateAction"}
    assert {one["@id"] for one in _follow(entities, root, "mentions")} == actions
    assert entities[root["author"]["@id"]]["name"] == "The contributors"
    assert entities[root["conformsTo"]["@id"]]["name"] == "Process Run Crate"
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}


def test_every_reference_leads_to_an_entity() -> None:
    entities = _describe(_record("b/one"), _record("b/two", "timeout"))
    outside = {"https://w3id.org/ro/crate/1.1"}
    text = json.dumps(list(entities.values()))
    assert set(re.findall(r'\{"@id": "([^"]+)"\}', text)) <= set(entities) | outside


def test_order_time_and_duration_of_attempts_do_not_show() -> None:
    one, two = _record("b/one"), _record("b/two", given={"language": "fr"})
    later = [record | {"started": "2027-01-01T00:00:00+00:00", "seconds": 9.0} for record in (two, one)]
    first, second = (json.dumps(list(_describe(*records).values())) for records in ([one, two], later))
    assert first == second
    assert "T03:04:05" not in first


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An output folder with two reports, the files of the second gone."""
    book = ledger.read(tmp_path)
    for name in ("b/one", "b/two"):
        book.append(_record(name, "failed", message="half a letter: \udc80"))
    (tmp_path / "b").mkdir()
    (tmp_path / "b/one.failure.html").write_text("<p>")
    return tmp_path


def test_a_report_whose_files_are_gone_is_left_out(folder: Path) -> None:
    crate.write(folder, ledger.read(folder))
    content = json.loads((folder / crate.NAME).read_bytes())
    entities = {entity["@id"]: entity for entity in content["@graph"]}
    assert "#b/one" in entities
    assert "#b/two" not in entities
    assert entities["./"]["datePublished"] == project.released()
    assert entities[entities["./"]["author"]["@id"]]["name"] == "The reform-analysis contributors"
    assert entities["#b/one"]["error"] == "half a letter: \udc80"


def test_a_crate_is_due_when_the_ledger_knows_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert crate.is_due(folder)
    crate.write(folder, ledger.read(folder))
    assert not crate.is_due(folder)
    later = (folder / crate.NAME).stat().st_mtime_ns + 10**9
    os.utime(folder / ledger.NAME, ns=(later, later))
    assert crate.is_due(folder)
    monkeypatch.setattr(project, "root", lambda: None)
    assert not crate.is_due(folder)


def test_an_empty_folder_needs_no_crate(tmp_path: Path) -> None:
    assert not crate.is_due(tmp_path)


@contextlib.contextmanager
def _crew(**_: Any) -> Iterator[workers.Crew]:
    """Hands that make each report of one word."""
    with ThreadPoolExecutor(1) as pool:
        made = Outcome("ok", files={".html": b"<p>"}, reads=[])
        yield workers.Crew(pool, 1, lambda job: made, lambda futures: None, ())


def test_a_build_writes_the_crate_once_and_the_same_for_the_same_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "crew", _crew)
    reports = [report("small", word=word) for word in ("một", "hai")]
    texts = []
    for name, order in [("one", reports), ("two", reports[::-1])]:
        build.build(order, tmp_path / name, progress=Quiet())
        path = tmp_path / name / crate.NAME
        texts.append(path.read_text(encoding="utf-8"))
        written = path.stat().st_mtime_ns
        build.build(order, tmp_path / name, progress=Quiet())
        assert path.stat().st_mtime_ns == written
    assert texts[0] == texts[1]
    for entity in json.loads(texts[0])["@graph"]:
        assert entity["@type"] != "File" or (tmp_path / "one" / entity["@id"]).is_file()
    path.unlink()
    build.build(reports, tmp_path / "two", progress=Quiet())
    assert path.read_text(encoding="utf-8") == texts[0]


def test_a_crate_that_cannot_be_written_does_not_fail_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "crew", _crew)
    (tmp_path / f".{crate.NAME}.tmp").mkdir()
    summary = build.build([report("small")], tmp_path, progress=Quiet())
    assert summary.counts["ok"] == 1
    assert not summary.failed
    assert f"{crate.NAME} is not up to date" in summary.notes[0]
