"""Faults from outside: full disks, read-only folders, damage, clocks, other builds. Nothing false comes of any of them.

Those that need real reports, or a file system of their own (root on Linux), are slow: `pytest -m slow
tests/test_faults.py`. `REFORM_ANALYSIS_REPORTS=1000` sets the number of reports of the largest build,
`REFORM_ANALYSIS_KILLED=100` of those whose processes are killed in quick succession.
"""

import contextlib
import csv
import datetime
import hashlib
import html.parser
import importlib.util
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from reports_helpers import NOTEBOOKS, SharedTemplate, job, report

from reform_analysis.evidence import add
from reform_analysis.evidence import build as processed
from reform_analysis.evidence.directory import data_directory
from reform_analysis.reports import build, formats, kernels, ledger
from reform_analysis.reports.job import Job, Outcome
from reform_analysis.reports.progress import Quiet

KILLED = int(os.environ.get("REFORM_ANALYSIS_KILLED", "100"))
REPORTS = int(os.environ.get("REFORM_ANALYSIS_REPORTS", "1000"))
SMALL = str(NOTEBOOKS / "small.ipynb")
needs_fork = pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small file system"
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data that the test may change."""
    shutil.copytree(data_directory(), tmp_path / "data")
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Reports come at once and without a process; the list names those that were made."""
    names: list[str] = []

    def make(self: SharedTemplate, job: Job) -> Outcome:
        names.append(job.id)
        return Outcome("ok", files={".html": job.id.encode(), ".ipynb": b"{}"}, reads=[])

    monkeypatch.setattr(SharedTemplate, "start", lambda self: "")
    monkeypatch.setattr(SharedTemplate, "make", make)
    monkeypatch.setattr(kernels, "Template", SharedTemplate)
    monkeypatch.setattr(kernels, "can_fork", lambda: True)
    return names


def _build(folder: Path, count: int = 3, **options: object) -> build.Summary:
    reports = [report("small", number=number) for number in range(count)]
    return build.build(reports, folder, progress=Quiet(), jobs=1, **options)  # type: ignore[arg-type]


def test_data_that_change_during_a_build_spoil_no_later_one(
    data: Path, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = SharedTemplate.make
    changed: list[str] = []

    def changing(self: SharedTemplate, job: Job) -> Outcome:
        outcome = make(self, job)
        if job.id == report("small", number=1).id and not changed:
            changed.append(job.id)
            os.utime(data / "processed" / "sources.csv")
        return outcome

    monkeypatch.setattr(SharedTemplate, "make", changing)
    first = _build(tmp_path / "out")
    assert first.notes == [
        "the data changed during the build; the next build makes the reports that it may concern again"
    ]
    assert first.counts["ok"] == len(made) == 3
    made.clear()
    assert _build(tmp_path / "out").notes == []
    assert report("small", number=2).id in made
    made.clear()
    assert _build(tmp_path / "out").counts["cached"] == 3


def test_damaged_data_are_made_again_before_reports_read_them(data: Path, made: list[str], tmp_path: Path) -> None:
    _build(tmp_path / "out")
    path = data / "processed" / "observations.csv"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"1", b"2", 1))
    summary = _build(tmp_path / "out")
    assert summary.notes == [
        "processed/observations.csv had changed since `data build` and was made again from data/raw"
    ]
    assert (path.read_bytes(), summary.counts["cached"]) == (whole, 3)


def test_results_that_are_gone_or_changed_are_made_again_and_it_is_said(made: list[str], tmp_path: Path) -> None:
    _build(tmp_path)
    (tmp_path / f"{made[0]}.html").unlink()
    (tmp_path / f"{made[1]}.html").write_bytes(b"something else")
    summary = _build(tmp_path)
    assert summary.notes == ["2 results are gone or were changed since they were built, and are made again"]
    assert (summary.counts["ok"], summary.counts["cached"]) == (2, 1)


@pytest.mark.parametrize("content", [b"\0" * 5000, b"{}\n[]\nnull\n", b'{"report":1}\n' * 50, b"\xff\xfe\n"])
def test_a_ledger_of_nonsense_is_said_and_built_anew(made: list[str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / ledger.NAME).write_bytes(content)
    summary = _build(tmp_path)
    assert summary.counts["ok"] == 3
    assert summary.notes[0].startswith("ledger.jsonl: line 1")
    assert _build(tmp_path).counts["cached"] == 3


def test_a_clock_that_goes_backwards_changes_nothing(
    made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(2_000_000_000, 0, -86_400))
    monkeypatch.setattr(time, "time", lambda: next(now))
    _build(tmp_path)
    for path in tmp_path.rglob("*"):
        if path.suffix == ".html":
            os.utime(path, (4e9, 4e9))
    assert _build(tmp_path).counts["cached"] == 3
    # an index from the future is not taken for up to date
    os.utime(tmp_path / "index.html", (4e9, 4e9))
    _build(tmp_path, count=4)
    assert report("small", number=3).id in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert all(record["seconds"] >= 0 for record in ledger.read(tmp_path).last.values())


def test_an_index_that_finds_no_room_is_said(made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "write_whole", no_room)
        summary = _build(tmp_path)
    assert summary.counts["failed"] == 3
    assert "is not up to date: [Errno 28] No space left on device; the next build writes it" in summary.notes[-1]
    assert _build(tmp_path).counts["ok"] == 3
    assert (tmp_path / "index.html").is_file()


@pytest.mark.parametrize("size", [0, 1], ids=["at once", "after one report"])
def test_a_full_ledger_is_said_and_no_earlier_page_stands_for_a_new_one(
    made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    append = ledger.Ledger.append

    def full(self: ledger.Ledger, record: dict) -> None:
        if len(self.last) >= size:
            raise OSError(28, "No space left on device")
        append(self, record)

    def no_room(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ledger.Ledger, "append", full)
        summary = _build(tmp_path)
        assert (summary.counts["ok"], summary.counts["failed"]) == (size, 3 - size)
        patch.setattr(ledger, "write_whole", no_room)
        again = _build(tmp_path)
        assert again.counts["failed"] == 3 - size
    # where a page cannot be written, none of an earlier attempt may stand for it
    assert len(list(tmp_path.rglob("small*.html"))) == size
    assert _build(tmp_path).counts["ok"] == 3 - size


def test_workers_that_break_down_end_no_build(made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, *_: object) -> None:
        raise BrokenProcessPool("a child process terminated abruptly")

    from concurrent.futures.process import BrokenProcessPool

    monkeypatch.setattr(ThreadPoolExecutor, "submit", broken)
    summary = _build(tmp_path)
    assert [failure["message"] for failure in summary.failures] == [
        "BrokenProcessPool: a child process terminated abruptly"
    ] * 3


def _run(*arguments: object, env: dict[str, str] | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reform_analysis", *map(str, arguments)]
    environment = os.environ | env if env else None
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, **options)  # type: ignore[call-overload, no-any-return]


def test_a_second_build_in_a_folder_is_refused(tmp_path: Path) -> None:
    with ledger.hold(tmp_path / "out"):
        refused = _run("run", SMALL, "--out", tmp_path / "out")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "another build is at work in" in refused.stderr
    assert "wait for it, or choose another folder with --out" in refused.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]


@contextlib.contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of that size."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this system lets nobody mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _batch(path: Path, **parts: object) -> Path:
    path.write_text(json.dumps({"title": "t", "notebook": SMALL} | parts), encoding="utf-8")
    return path


def _sums(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("small*") if "fail" not in path.name and not path.name.startswith(".")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
@needs_fork
@needs_root
def test_a_disk_that_fills_up_leaves_whole_reports_and_the_next_build_goes_on(tmp_path: Path) -> None:
    batch = _batch(tmp_path / "b.yaml", matrix={"number": list(range(12))})
    assert _run("build", batch, "--out", tmp_path / "calm").returncode == 0
    true = _sums(tmp_path / "calm")
    # whole pages of memory, as that file system counts
    needed = sum(-(-path.stat().st_size // 4096) * 4096 for path in (tmp_path / "calm" / "b").iterdir())
    with _small_disk(tmp_path / "disk", "2m") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * (2 * 2**20 - needed // 2))
        full = _run("build", batch, "--out", disk / "out", "--jobs", "1")
        assert full.returncode == 1
        assert "No space left on device" in full.stderr
        assert "Traceback" not in full.stderr
        found = _sums(disk / "out")
        assert found == {name: true[name] for name in found}
        assert 0 < len(found) < len(true)
        assert not list(disk.rglob("*.tmp"))

        with contextlib.suppress(OSError), ballast.open("ab") as file:
            file.write(b"\0" * 2**22)
        filled = _run("build", batch, "--out", disk / "other")
        assert filled.returncode in (1, 2)
        assert "No space left on device" in filled.stderr
        assert "Traceback" not in filled.stderr

        ballast.unlink()
        assert _run("build", batch, "--out", disk / "out").returncode == 0
        assert _sums(disk / "out") == true


@pytest.mark.slow
@needs_root
def test_adding_to_data_on_a_full_or_read_only_disk_changes_nothing(tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    source = "title,publisher,kind,language,published,url,read_as,reliability\n"
    new.write_text(f"{source}T,P,press,vi,2025-10-20,https://example.com/x,original,C\n", encoding="utf-8")
    with _small_disk(tmp_path / "disk", "12m") as disk:
        shutil.copytree(data_directory(), disk / "data")
        before = {path: path.read_bytes() for path in (disk / "data").rglob("*.*")}
        with contextlib.suppress(OSError), (disk / "ballast").open("wb") as file:
            file.write(b"\0" * 2**24)
        env = {"REFORM_ANALYSIS_DATA": str(disk / "data")}
        full = _run("data", "add", new, env=env)
        assert (full.returncode, full.stdout) == (2, "")
        assert "No space left on device; nothing was written" in full.stderr
        built = _run("data", "build", env=env)
        assert (built.returncode, "nothing was written" in built.stderr) == (2, True)
        (disk / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        fixed = _run("data", "add", new, env=env)
        assert (fixed.returncode, fixed.stdout) == (2, "")
        assert "Read-only file system" in fixed.stderr
        refused = _run("run", SMALL, "--out", disk / "out")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "must be writable; Read-only file system. Choose another with --out" in refused.stderr
        # reports need only to read the data
        assert _run("run", SMALL, "--out", tmp_path / "out", env=env).returncode == 0
        after = {path: path.read_bytes() for path in (disk / "data").rglob("*.*") if path.name != ".lock"}
        assert after == before


SECRET = "tok3n-that-no-report-may-hold"
BARE = {
    "no home, locale C": {"LC_ALL": "C", "TZ": "Asia/Ho_Chi_Minh"},
    "a home that is not there, no UTF-8": {
        "HOME": "/nonesuch/marie",
        "USER": "marie",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "TZ": "America/Lima",
        "API_TOKEN": SECRET,
    },
}


@pytest.mark.slow
@needs_fork
def test_bare_surroundings_give_the_same_bytes_and_nothing_of_theirs(tmp_path: Path) -> None:
    batch = _batch(tmp_path / "b.yaml", matrix={"word": ["Lào Cai", "b"], "mode": ["fine", "fail", "none", "die"]})
    sums = []
    for number, extra in enumerate([dict(os.environ), *BARE.values()]):
        out = tmp_path / str(number)
        command = [sys.executable, "-m", "reform_analysis", "build", str(batch), "--out", str(out), "--jobs", "2"]
        surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | extra
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=surroundings)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        sums.append(_sums(out))
        kept = [path for path in out.rglob("*") if path.is_file()]
        text = b"".join(path.read_bytes() for path in kept)
        for folder in (SECRET, "marie", str(tmp_path), str(NOTEBOOKS), str(Path(sys.prefix))):
            assert folder.encode() not in text, [path for path in kept if folder.encode() in path.read_bytes()]
    assert len(sums[0]) == 8
    assert sums[0] == sums[1] == sums[2]


@pytest.mark.slow
@needs_fork
def test_two_builds_begun_at_once_make_one(tmp_path: Path) -> None:
    batch = _batch(tmp_path / "b.yaml", matrix={"number": list(range(4))})
    command = [sys.executable, "-m", "reform_analysis", "build", str(batch), "--out", str(tmp_path / "out"), "--quiet"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = {process: process.communicate(timeout=600)[1] for process in both}
    assert sorted(process.returncode for process in both) == [0, 2]
    assert sum("another build is at work in" in text for text in said.values()) == 1
    assert len(_sums(tmp_path / "out")) == 8


@pytest.mark.slow
@needs_fork
def test_a_thousand_reports_of_which_a_tenth_fail(tmp_path: Path) -> None:
    fine, wrong = [{"number": n} for n in range(REPORTS - REPORTS // 10)], range(REPORTS // 10)
    rows = [*fine, *({"number": n, "mode": "fail"} for n in wrong)]
    # the failures spread over the batch
    rows.sort(key=lambda row: (row["number"] * 9 if "mode" in row else row["number"], "mode" in row))
    batch = _batch(tmp_path / "b.yaml", include=rows[1:], parameters={}, matrix={"number": [rows[0]["number"]]})
    done = _run("build", batch, "--out", tmp_path / "out", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert events[-1]["counts"] == {"cached": 0, "ok": len(fine), "failed": len(wrong)}
    assert done.stderr.count("KeyError: 'one'") == len(wrong)
    assert len(list((tmp_path / "out" / "b").glob("*.failure.html"))) == len(wrong)
    assert len(_sums(tmp_path / "out")) == 2 * len(fine)
    again = _run("build", batch, "--out", tmp_path / "out", "--json")
    assert json.loads(again.stdout.splitlines()[-1])["counts"] == {"cached": len(fine), "failed": len(wrong)}


@pytest.mark.slow
@needs_fork
def test_kills_in_quick_succession_hold_up_no_report() -> None:
    chance = random.Random(20251031)
    over = threading.Event()
    kills = 0
    with kernels.Template() as template, ThreadPoolExecutor(4) as threads:

        def kill() -> None:
            nonlocal kills
            pause = chance.uniform(0, 0.5)
            while not over.wait(pause):
                process = template._process
                # one that is only starting makes nothing yet: killed time and again, it never would
                pause = 0.005
                with contextlib.suppress(psutil.NoSuchProcess, AttributeError):
                    parent = psutil.Process(process.pid)  # type: ignore[union-attr]
                    if reports := parent.children():
                        (reports[0] if chance.random() < 0.6 else parent).kill()
                        kills += 1
                        pause = chance.uniform(0, 0.5)

        killer = threads.submit(kill)
        started = time.monotonic()
        made = [threads.submit(template.make, job("small", number=number)) for number in range(KILLED)]
        outcomes = [one.result(timeout=600) for one in made]
        over.set()
        killer.result(timeout=60)
    spent = time.monotonic() - started
    told = Counter(f"{one.status}: {one.message}" for one in outcomes)
    print(f"{kills} kills, {KILLED} reports in {spent:.0f} s: {dict(told)}")
    assert kills >= KILLED / 10
    assert {one.status for one in outcomes} <= {"ok", "killed"}
    assert all(one.message for one in outcomes if one.status == "killed")


HOSTILE = (
    """<script>alert("ti'tle")</script> \\input{/etc/passwd} #eval("1") {{7*7}} & % $x$ [a](javascript:alert(1))"""
)
SOURCE = {
    "title": HOSTILE,
    "publisher": '"><img src=x onerror=alert(2)> \\write18{id}',
    "kind": "press",
    "language": "vi",
    "published": "2025-10-20",
    "url": 'https://example.com/"><script>alert(3)</script>',
    "read_as": "original",
    "reliability": "C",
}
FIGURE = {
    "source_id": add.source_id(SOURCE["url"]),
    "locator": "<b onclick=alert(4)>../../p 2</b>",
    "indicator": "applications_received",
    "place_id": "Lào Cai",
    "figure": "12.345 <script>alert(5)</script>",
    "period_start": "2025-07-01",
    "period_end": "2025-10-15",
    "note": "<script>alert(6)</script> ../../etc #import",
}


class _Page(html.parser.HTMLParser):
    """Notes what on a page would run, or load something from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or (value or "").lower().startswith("javascript:"):
                self.runs.append(f"{tag} {name}={value}")
            if name == "src" and not (value or "").startswith("data:image/"):
                self.runs.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and "alert(" in data:
            self.runs.append(data)
        self.text += data


@pytest.mark.slow
@needs_fork
@pytest.mark.usefixtures("data")
def test_a_hostile_figure_reaches_every_format_as_text(tmp_path: Path) -> None:
    for name, row in (("source", SOURCE), ("figure", FIGURE)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([row.keys(), row.values()])
        add.add_file(tmp_path / f"{name}.csv", today=datetime.date(2025, 11, 20))
    processed.build()
    able = [name for name, one in formats.FORMATS.items() if all(map(importlib.util.find_spec, one.needs))]
    options = ("-p", "place=Lào Cai", "--formats", ",".join(able), "--out", tmp_path / "out" / "here")
    done = _run("run", "06_place_profile", *options)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["here"]
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    for path in list((tmp_path / "out").rglob("*.zip")):
        with zipfile.ZipFile(path) as packed:
            assert not [name for name in packed.namelist() if name.startswith("/") or ".." in name]
            files |= {name: packed.read(name) for name in packed.namelist()}
    shown = 0
    for name, content in files.items():
        shown += _checked(name, content)
    assert shown >= 3


def _checked(name: str, content: bytes) -> bool:
    """Check that nothing in a file would run; tell whether it shows the hostile text."""
    suffix = Path(name).suffix
    text = content.decode(errors="replace")
    if suffix == ".html":
        page = _Page()
        page.feed(text)
        assert page.runs == []
        return "alert(5)" in page.text
    if suffix == ".csv":
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert [cell for cell in cells if re.match(r"[=@]|[+-](?!\s?[\d.])", cell)] == []
        return any("alert(5)" in cell for cell in cells)
    if suffix == ".svg":
        assert "<script" not in text
    elif suffix == ".pdf":
        assert not re.search(rb"/(JavaScript|Launch)\b", content)
    elif suffix in (".tex", ".bib"):
        assert not re.search(r"\\(input|write18)\b", text)
        return "alert(" in text
    elif suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for part in packed.namelist():
                if part.endswith((".xml", ".rels")):
                    ElementTree.fromstring(packed.read(part))
    return False
