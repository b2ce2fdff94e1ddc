"""Builds: every report whole or not at all, whatever happens; nothing done twice; the same bytes everywhere."""

import hashlib
import html
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from reports_helpers import NOTEBOOKS, PROJECT, SharedTemplate, report

from reform_analysis import cli
from reform_analysis.reports import batch, build, fingerprint, kernels, ledger, workers
from reform_analysis.reports.job import Job, Outcome
from reform_analysis.reports.progress import Quiet

needs_fork = pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")


@pytest.fixture(scope="module")
def template() -> Iterator[kernels.Template]:
    shared = SharedTemplate()
    yield shared
    shared.close()


@pytest.fixture(autouse=True)
def warm(template: kernels.Template, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all builds here share one template."""
    monkeypatch.setattr(kernels, "Template", lambda: template)


def _build(reports: list[batch.Report], folder: Path, **options: object) -> build.Summary:
    return build.build(reports, folder, progress=Quiet(), **options)  # type: ignore[arg-type]


def _sums(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.suffix in (".html", ".ipynb")]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@needs_fork
def test_one_failure_leaves_the_others_built(tmp_path: Path) -> None:
    modes = ["fine", "fail", "none", "empty"]
    summary = _build([report("small", mode=mode) for mode in modes], tmp_path)
    assert dict(summary.counts) == {"cached": 0, "ok": 1, "failed": 2, "not applicable": 1}
    assert [failure["message"].partition(":")[0] for failure in summary.failures] == ["KeyError", "MissingOutput"]
    assert summary.failed
    names = sorted(path.name.partition("-")[2].partition(".") for path in (tmp_path / "single").iterdir())
    assert [(name[:-7], ending) for name, _, ending in names] == [
        ("empty", "failed.ipynb"),
        ("empty", "failure.html"),
        ("fail", "failed.ipynb"),
        ("fail", "failure.html"),
        ("fine", "html"),
        ("fine", "ipynb"),
        ("none", "html"),
        ("none", "ipynb"),
    ]
    record = ledger.read(tmp_path).last[report("small", mode="fine").id]
    assert record["key_numbers"][0]["name"] == "number"
    assert record["reads"] == []
    assert record["peak_mb"] > 10


@needs_fork
def test_failure_page_says_what_where_why_and_how_to_rerun(tmp_path: Path) -> None:
    failing = report("small", word="Lào <b> Cai", mode="fail")
    _build([failing], tmp_path)
    page = (tmp_path / f"{failing.id}.failure.html").read_text(encoding="utf-8")
    assert "KeyError: &#39;Lào &lt;b&gt; Cai&#39;" in page
    assert "Cell 6 of small.ipynb" in page
    assert "raise KeyError(word)" in page
    path = shlex.quote(failing.notebook.name)
    command = f"reform-analysis run {path} -p 'word=Lào <b> Cai' -p mode=fail"
    assert f"<pre>{html.escape(command)}</pre>".replace("&#x27;", "&#39;") in page
    assert "\x1b[" not in page


@needs_fork
def test_page_names_the_command_that_builds_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = report("small", word='1, "2" & it\'s', number=3)
    _build([made], tmp_path / "first")
    page = (tmp_path / "first" / f"{made.id}.html").read_text(encoding="utf-8")
    command = html.unescape(page.partition("<footer>")[2].partition("<pre>")[2].partition("</pre>")[0])
    # a page knows no folder of this machine: the command runs where the notebook is
    monkeypatch.chdir(NOTEBOOKS)
    monkeypatch.setattr(sys, "argv", [*shlex.split(command), "--out", str(tmp_path / "again"), "--quiet"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert _sums(tmp_path / "again") == _sums(tmp_path / "first")


@needs_fork
def test_second_build_does_nothing_and_the_next_only_what_failed(tmp_path: Path) -> None:
    reports = [report("small", mode=mode) for mode in ("fine", "fail", "none")]
    _build(reports, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("single/*.html")}
    again = _build(reports, tmp_path)
    assert dict(again.counts) == {"cached": 2, "failed": 1}
    only = _build(reports, tmp_path, only_failed=True)
    assert dict(only.counts) == {"cached": 0, "failed": 1}
    kept = [path for path in before if "failure" not in path.name]
    assert {path: path.stat().st_mtime_ns for path in kept} == {path: before[path] for path in kept}
    assert dict(_build(reports[:1], tmp_path, force=True).counts) == {"cached": 0, "ok": 1}


@needs_fork
def test_result_that_was_changed_is_built_again(tmp_path: Path) -> None:
    fine = report("small")
    _build([fine], tmp_path)
    page = tmp_path / f"{fine.id}.html"
    whole, state = page.read_bytes(), page.stat()
    page.write_bytes(whole.replace(b"small", b"SMALL", 1))
    os.utime(page, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert _build([fine], tmp_path).counts["cached"] == 1
    assert _build([fine], tmp_path, verify=True).counts["ok"] == 1
    assert page.read_bytes() == whole
    page.unlink()
    assert _build([fine], tmp_path).counts["ok"] == 1
    assert page.read_bytes() == whole


@needs_fork
def test_failure_takes_an_earlier_result_away_and_success_the_failure_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = report("small")
    _build([fine], tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(SharedTemplate, "make", lambda self, job: Outcome("killed", "SIGKILL: gone"))
        assert _build([fine], tmp_path, force=True).counts["killed"] == 1
    assert [path.suffixes for path in (tmp_path / "single").iterdir()] == [[".failure", ".html"]]
    assert _build([fine], tmp_path).counts["ok"] == 1
    assert sorted(path.suffix for path in (tmp_path / "single").iterdir()) == [".html", ".ipynb"]


@needs_fork
def test_reports_that_load_the_same_figures_share_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = report("small", number=1), report("small", number=2)
    rows = {one.id: b"a,b\n", other.id: b"a,b\n"}

    def made(self: kernels.Template, job: Job) -> Outcome:
        return Outcome("ok", files={".html": b"<p>"}, data=rows[job.id])

    monkeypatch.setattr(SharedTemplate, "make", made)
    assert _build([one, other], tmp_path).counts["ok"] == 2
    (shared,) = (tmp_path / "data").iterdir()
    assert shared.read_bytes() == b"a,b\n"
    assert (tmp_path / "index.html").read_text(encoding="utf-8").count(f'href="data/{shared.name}"') == 2
    shared.unlink()
    assert _build([one, other], tmp_path).counts["ok"] == 2
    assert shared.is_file()
    rows |= dict.fromkeys(rows, b"c\n")
    assert _build([one], tmp_path, force=True).counts["ok"] == 1
    assert shared.is_file()
    assert _build([other], tmp_path, force=True).counts["ok"] == 1
    assert not shared.exists()


@needs_fork
def test_index_is_written_when_something_changed_and_then_alone(tmp_path: Path) -> None:
    reports = [report("small", number=number) for number in (1, 2)]
    index = tmp_path / "index.html"
    _build(reports[:1], tmp_path)
    first = index.read_bytes()
    before = index.stat()
    _build(reports[:1], tmp_path)
    assert index.stat().st_mtime_ns == before.st_mtime_ns
    _build(reports[:1], tmp_path, force=True)
    assert index.read_bytes() == first
    _build(reports, tmp_path)
    both = index.read_bytes()
    assert both != first
    index.unlink()
    _build(reports, tmp_path)
    assert index.read_bytes() == both


@needs_fork
def test_index_tells_what_moved_until_the_inputs_change_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = {"name": "n", "low": None, "high": None, "unit": "communes", "tolerance": 0.0, "why": "w"}
    values = iter([10.0, 12.0, 12.0, 12.0])
    key = fingerprint.Surroundings.key

    def made(self: kernels.Template, job: Job) -> Outcome:
        return Outcome("ok", files={".html": b"<p>"}, key_numbers=[number | {"value": next(values)}])

    monkeypatch.setattr(SharedTemplate, "make", made)
    told = []
    for library in ("a", "b", "b", "c"):
        monkeypatch.setattr(
            fingerprint.Surroundings, "key", lambda self, one, library=library: key(self, one) | {"library": library}
        )
        _build([report("small")], tmp_path, force=True)
        told.append("+2 communes" in (tmp_path / "index.html").read_text(encoding="utf-8"))
    assert told == [False, True, True, False]


@needs_fork
def test_index_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole = ledger.write_whole

    def full(path: Path, data: bytes) -> None:
        if path.name == "index.html":
            raise OSError(28, "No space left on device")
        write_whole(path, data)

    monkeypatch.setattr(ledger, "write_whole", full)
    summary = _build([report("small")], tmp_path)
    assert summary.counts["ok"] == 1
    assert [note for note in summary.notes if "index.html" in note and "No space left" in note]
    monkeypatch.undo()
    assert not build.build([report("small")], tmp_path, progress=Quiet()).notes
    assert (tmp_path / "index.html").is_file()


@needs_fork
@pytest.mark.parametrize("at", ["page", "ledger"])
def test_full_disk_fails_that_report_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    one, other = report("small", number=1), report("small", number=2)
    write_whole, append = ledger.write_whole, ledger.Ledger.append

    def full_page(path: Path, data: bytes) -> None:
        if at == "page" and one.name in path.name:
            raise OSError(28, "No space left on device")
        write_whole(path, data)

    def full_ledger(self: ledger.Ledger, record: dict) -> None:
        if at == "ledger" and record["report"] == one.id:
            raise OSError(28, "No space left on device")
        append(self, record)

    monkeypatch.setattr(ledger, "write_whole", full_page)
    monkeypatch.setattr(ledger.Ledger, "append", full_ledger)
    summary = _build([one, other], tmp_path)
    assert dict(summary.counts) == {"cached": 0, "ok": 1, "failed": 1}
    assert "No space left" in summary.failures[0]["message"]
    monkeypatch.undo()
    again = build.build([one, other], tmp_path, progress=Quiet())
    assert dict(again.counts) == {"cached": 1, "ok": 1}


@needs_fork
def test_damaged_ledger_is_said_and_mended_by_building(tmp_path: Path) -> None:
    reports = [report("small", number=n) for n in (1, 2)]
    _build(reports, tmp_path)
    path = tmp_path / ledger.NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0].replace(b'"ok"', b'"OK"') + lines[1])
    summary = _build(reports, tmp_path)
    assert summary.notes == ["ledger.jsonl: line 1 cannot be read and is passed over"]
    assert dict(summary.counts) == {"cached": 1, "ok": 1}


@needs_fork
def test_broken_worker_is_an_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: kernels.Template, job: object) -> Outcome:
        raise RuntimeError("worker fell over")

    monkeypatch.setattr(SharedTemplate, "make", broken)
    summary = _build([report("small")], tmp_path)
    assert [failure["message"] for failure in summary.failures] == ["RuntimeError: worker fell over"]


def test_ordinary_kernels_are_used_where_fork_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "can_fork", lambda: False)
    summary = _build([report("small"), report("small", mode="fail")], tmp_path, jobs=1)
    assert summary.notes == [
        "reports run in ordinary kernels, which is slower: this system cannot fork a warm process safely"
    ]
    assert dict(summary.counts) == {"cached": 0, "ok": 1, "failed": 1}


def test_broken_template_falls_back_to_ordinary_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(SharedTemplate):
        def start(self) -> str:
            return "no memory"

    monkeypatch.setattr(kernels, "Template", Broken)
    monkeypatch.setattr(kernels, "can_fork", lambda: True)
    with workers.crew(jobs=1, reports=1, scheduler=None) as crew:
        assert crew.notes == ("reports run in ordinary kernels, which is slower: no memory",)
        assert crew.make is kernels.make_plain


def test_never_more_hands_than_reports() -> None:
    with workers.crew(jobs=8, reports=2, scheduler=None) as crew:
        assert crew.hands == 2


CONDITIONS = [
    pytest.param({"PYTHONHASHSEED": "1", "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C"}, ["--jobs", "1"], id="one job"),
    pytest.param(
        {"PYTHONHASHSEED": "77", "TZ": "America/Lima", "LANG": "vi_VN.UTF-8"}, ["--jobs", "3"], id="three jobs"
    ),
]


@needs_fork
def test_bytes_do_not_depend_on_jobs_time_zone_hash_seed_folder_or_order(tmp_path: Path) -> None:
    sums = []
    for number, (condition, order) in enumerate(zip(CONDITIONS, (1, -1), strict=True)):
        environment, options = condition.values
        words = ["a", "b", "Lào"][::order]
        path = tmp_path / str(number) / "sample.yaml"
        path.parent.mkdir()
        text = {"title": "t", "notebook": [str(NOTEBOOKS / f"{stem}.ipynb") for stem in ("small", "leaky")]}
        path.write_text(json.dumps(text | {"include": _rows(words)}), encoding="utf-8")
        command = [sys.executable, "-m", "reform_analysis", "build", str(path), "--out", "out", "--quiet", *options]
        subprocess.run(command, check=True, cwd=path.parent, env=os.environ | environment)
        sums.append(_sums(path.parent / "out"))
    # two files a report, and the index
    assert len(sums[0]) == 11
    assert sums[0] == sums[1]


def _rows(words: list[str]) -> list[dict[str, str]]:
    return [{"notebook": str(NOTEBOOKS / "small.ipynb"), "word": word} for word in words]


@pytest.mark.slow
@needs_fork
def test_standard_notebooks_give_the_same_bytes_twice(tmp_path: Path) -> None:
    found = sorted((PROJECT / "notebooks").glob("[0-9]*.ipynb"))
    reports = [batch.single(path, {"language": language}) for path in found for language in ("en", "vi")]
    for folder, jobs in (("one", 1), ("two", 2)):
        assert not _build(reports, tmp_path / folder, jobs=jobs).failures
    assert _sums(tmp_path / "one") == _sums(tmp_path / "two")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes that a test starts hear Ctrl-C; a shell that runs the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@needs_fork
@pytest.mark.usefixtures("interruptible")
def test_interrupted_build_keeps_what_is_done_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    rows = [*_rows(["a", "b"]), *[row | {"mode": "slow"} for row in _rows(["c"])]]
    path.write_text(json.dumps({"title": "t", "notebook": str(NOTEBOOKS / "small.ipynb"), "include": rows[1:]}))
    command = [
        sys.executable,
        "-m",
        "reform_analysis",
        "build",
        str(path),
        "--out",
        str(tmp_path / "out"),
        "--jobs",
        "1",
    ]
    for number in (signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        _wait_for(tmp_path / "out" / ledger.NAME, lines=3)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        assert process.returncode == (1 if number == signal.SIGINT else -9)
        assert ("the next build goes on from there" in said) == (number == signal.SIGINT)
    assert "3 reports, 2 up to date, 1 to build" in said
    assert not list((tmp_path / "out").rglob(".*.tmp"))


def _wait_for(path: Path, *, lines: int) -> None:
    """Wait until both quick reports are in the ledger, and a little for the slow one to run."""
    for _ in range(600):
        if path.is_file() and path.read_bytes().count(b"\n") >= lines - 1:
            time.sleep(4)
            return
        time.sleep(0.1)
    raise TimeoutError("the build did not get that far")
