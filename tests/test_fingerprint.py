"""Fingerprints: every part that can change a report is seen, named, and nothing else is."""

import csv
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from reports_helpers import NOTEBOOKS, PROJECT

from reform_analysis.reports import batch, cells, fingerprint, ledger, plan, project, reads


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of few files, which the fingerprint takes for the checkout."""
    for name in ("src/reform_analysis/reports/templates", "notebooks/locale", "data/processed"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "src/reform_analysis/store.py").write_text("x = 1\n")
    (tmp_path / "src/reform_analysis/reports/templates/page.html.j2").write_text("<html>")
    (tmp_path / "requirements.lock").write_text("numpy==2\n")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "notebooks/locale/fr.po").write_text("msgid")
    (tmp_path / "data/processed/observations.csv").write_text("a\n1\n")
    shutil.copy(NOTEBOOKS / "small.ipynb", tmp_path / "notebooks")
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(project, "PACKAGE", tmp_path / "src/reform_analysis")
    monkeypatch.setattr(project, "TEMPLATES", tmp_path / "src/reform_analysis/reports/templates")
    return tmp_path


def _edit(path: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).write_text(text) and None


def _edit_cell(kind: str, text: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "notebooks/small.ipynb"
        document = json.loads(path.read_text())
        next(cell for cell in reversed(document["cells"]) if cell["cell_type"] == kind)["source"] = text
        path.write_text(json.dumps(document))

    return edit


CHANGES = [
    pytest.param(_edit_cell("code", "1 + 1"), ["code"], id="code"),
    pytest.param(_edit_cell("markdown", "# Other"), ["prose"], id="prose"),
    pytest.param(_edit("data/processed/observations.csv", "a\n2\n"), ["data"], id="data"),
    pytest.param(_edit("data/processed/new.csv", "a\n"), ["data"], id="new table"),
    pytest.param(_edit("src/reform_analysis/store.py", "x = 2\n"), ["library"], id="library"),
    pytest.param(_edit("src/reform_analysis/new.py", ""), ["library"], id="new module"),
    pytest.param(_edit("metadata.toml", "released = 2026-01-02"), ["released"], id="day of the version"),
    pytest.param(_edit("requirements.lock", "numpy==3\n"), ["lock"], id="lock"),
    pytest.param(_edit("notebooks/locale/fr.po", "msgstr"), ["catalogue"], id="catalogue"),
    pytest.param(_edit("src/reform_analysis/reports/templates/page.html.j2", "<p>"), ["template"], id="template"),
    pytest.param(_edit("README.md", "hello"), [], id="a file no report depends on"),
]


@pytest.mark.parametrize(("change", "parts"), CHANGES)
def test_each_change_is_seen_and_named(copy: Path, change: Callable[[Path], None], parts: list[str]) -> None:
    report = batch.single(copy / "notebooks/small.ipynb", {})
    before = fingerprint.Surroundings().key(report)
    change(copy)
    after = fingerprint.Surroundings().key(report)
    assert fingerprint.changed_parts(before, after) == parts


def test_parameters_and_formats_count(copy: Path) -> None:
    notebook = copy / "notebooks/small.ipynb"
    shared = fingerprint.Surroundings()
    plain = shared.key(batch.single(notebook, {}))
    assert fingerprint.changed_parts(plain, shared.key(batch.single(notebook, {"number": 2}))) == ["parameters"]
    assert fingerprint.changed_parts(plain, shared.key(batch.single(notebook, {}, formats=[]))) == []
    odd = batch.Report("b", "n", notebook, {}, {"word": "one", "number": 1, "mode": "fine"}, ("html", "pdf"))
    assert fingerprint.changed_parts(plain, shared.key(odd)) == ["formats"]


def test_every_part_has_words() -> None:
    key = fingerprint.Surroundings().key(batch.single(NOTEBOOKS / "small.ipynb", {}))
    assert set(key) == set(fingerprint.WORDS)


def test_outputs_and_counts_do_not_matter(tmp_path: Path) -> None:
    document = json.loads((NOTEBOOKS / "small.ipynb").read_text())
    was = cells.content_hashes(NOTEBOOKS / "small.ipynb")
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 9
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    path = tmp_path / "small.ipynb"
    path.write_text(json.dumps(document))
    assert cells.content_hashes(path) == was
    document["cells"][1]["metadata"]["tags"] = []
    path.write_text(json.dumps(document))
    assert cells.content_hashes(path)["code"] != was["code"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data."""
    shutil.copytree(PROJECT / "data" / "processed", tmp_path / "data" / "processed")
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "processed"


@pytest.fixture
def no_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    from reform_analysis.evidence import store

    monkeypatch.setattr(store, "reads", [])


@pytest.mark.usefixtures("no_reads")
def test_only_a_report_whose_rows_changed_is_out_of_date(data: Path) -> None:
    from reform_analysis.evidence import store

    changed = store.load("staffing")["observation_id"].iloc[0]
    staffing = reads.taken()
    store.reads.clear()
    store.load("digital_services")
    digital = reads.taken()
    assert {read["function"] for read in staffing} == {"load", "table"}
    assert reads.Reads().changed(staffing) == reads.Reads().changed(digital) == []

    _change_note(data / "observations.csv", changed)
    assert reads.Reads().changed(digital) == []
    assert reads.Reads().changed(staffing) == ["load(" + _arguments(staffing) + ") gives other rows"]


def _change_note(path: Path, observation_id: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    next(row for row in rows if row["observation_id"] == observation_id)["note"] = "changed"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _arguments(recorded: list[dict]) -> str:
    load = next(read for read in recorded if read["function"] == "load")
    return ", ".join(f"{name}={value!r}" for name, value in load["arguments"].items())


@pytest.mark.usefixtures("no_reads")
def test_a_citation_changed_is_a_change(data: Path) -> None:
    from reform_analysis.evidence import store

    store.load("staffing")
    recorded = reads.taken()
    path = data / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("press", "Press", 1), encoding="utf-8")
    assert reads.Reads().changed(recorded) == ["table(name='sources') gives other rows"]


def test_a_report_of_unknown_reads_depends_on_all_data() -> None:
    assert reads.Reads().changed(None) == ["what this report read is not recorded, so all data count"]


def test_a_read_that_fails_now_is_a_change() -> None:
    gone = [{"function": "load", "arguments": {"topic": "gone"}, "digest": "0"}]
    assert reads.Reads().changed(gone) == ["load(topic='gone') gives other rows"]


def test_plan_names_the_reasons(copy: Path, tmp_path: Path) -> None:
    report = batch.single(copy / "notebooks/small.ipynb", {})
    folder = tmp_path / "build"
    book = ledger.Ledger(folder / ledger.NAME)
    assert plan.make([report], book, folder)[0].reasons == ("never built",)

    page = folder / f"{report.id}.html"
    page.parent.mkdir(parents=True)
    page.write_text("page")
    state = page.stat()
    digest = hashlib.sha256(b"page").hexdigest()
    outputs = {".html": {"size": state.st_size, "mtime_ns": state.st_mtime_ns, "sha256": digest}}
    done = {"report": report.id, "status": "ok", "message": "", "outputs": outputs, "reads": None, "seconds": 3.0}
    book.take(done | {"notebook": "small", "key": fingerprint.Surroundings().key(report)})
    step = plan.make([report], book, folder)[0]
    assert (step.reasons, step.seconds) == ((), 3.0)
    assert plan.make([report], book, folder, force=True)[0].reasons == ("forced",)
    assert plan.make([report], book, folder, only_failed=True) == []

    (copy / "requirements.lock").write_text("numpy==3\n")
    assert plan.make([report], book, folder)[0].reasons == ("the lock file changed",)
    page.write_text("gape")
    assert plan.make([report], book, folder)[0].reasons == (f"{page.name} was changed since it was built",)
    page.unlink()
    assert plan.make([report], book, folder)[0].reasons == (f"{page.name} is missing",)
    book.take({"report": report.id, "status": "timeout", "message": "too long"})
    assert plan.make([report], book, folder)[0].reasons == ("last attempt: timeout: too long",)
    assert len(plan.make([report], book, folder, only_failed=True)) == 1
