"""Adding figures: usual CSV files are read, every fault is named at once, nothing is written unless all is well."""

import csv
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from reform_analysis.evidence import add, build, directory, files, store
from reform_analysis.evidence.schema import DataError

TODAY = date(2025, 11, 20)
SOURCE = "title,publisher,kind,language,published,url,read_as,reliability\n{}\n"
PAGE = "A new article,Báo Mới,press,vi,2025-10-20,https://baomoi.example.com.vn/bai-1,original,C"
SOURCE_ID = add.source_id("https://baomoi.example.com.vn/bai-1")
HEADER = "source_id,locator,indicator,place_id,figure,qualifier,period_start,period_end"
ROW = f'{SOURCE_ID},paragraph 2,applications_received,Lào Cai,"12.345",exact,2025-07-01,2025-10-15'


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of the data directory that the test may change."""
    folder = tmp_path / "data"
    shutil.copytree(directory.data_directory(), folder)
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(folder))
    return folder


@pytest.fixture
def with_source(data, tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text(SOURCE.format(PAGE), encoding="utf-8")
    assert add.add_file(path, today=TODAY) == [SOURCE_ID]
    return data


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One copy of the data, with a source, for tests in which nothing is written."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(directory.data_directory(), folder / "data")
    path = folder / "sources.csv"
    path.write_text(SOURCE.format(PAGE), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REFORM_ANALYSIS_DATA", str(folder / "data"))
        add.add_file(path, today=TODAY)
    return folder / "data"


@pytest.fixture
def untouched(shared, monkeypatch):
    """The shared copy, which must be as it was after the test."""
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(shared))
    before = {path: path.read_bytes() for path in shared.rglob("*") if path.is_file()}
    yield shared
    after = {path: path.read_bytes() for path in shared.rglob("*") if path.is_file() and path.name != ".lock"}
    assert after == {path: content for path, content in before.items() if path.name != ".lock"}


def written(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


FORMS = {
    "plain": lambda rows: "\n".join(rows) + "\n",
    "byte order mark and CRLF": lambda rows: "\ufeff" + "\r\n".join(rows) + "\r\n",
    "semicolons": lambda rows: "\n".join(row.replace(",", ";") for row in rows),
    "empty lines at the end": lambda rows: "\n".join(rows) + "\n\n,,,,,,,\n",
    "other order": lambda rows: "\n".join(",".join(reversed(row.split(","))) for row in rows),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_figures_are_added_from_any_usual_csv(with_source, tmp_path, form):
    given = add.add_file(written(tmp_path / "new.csv", form([HEADER, ROW])), today=TODAY)
    assert given == [f"{SOURCE_ID}.01"]
    build.build()
    row = store.table("observations").set_index("observation_id").loc[given[0]]
    assert (row["value"], row["low"], row["high"]) == (12345, 12345, 12345)
    assert (row["place_name"], row["topic"], row["status"]) == ("Lào Cai", "digital_services", "current")
    assert f"2025-11-20,{given[0]},added," in (with_source / "raw" / "changes.csv").read_text(encoding="utf-8")


def test_numbers_go_on_within_a_source(with_source, tmp_path):
    add.add_file(written(tmp_path / "a.csv", f"{HEADER}\n{ROW}\n"), today=TODAY)
    given = add.add_file(written(tmp_path / "b.csv", f"{HEADER}\n{ROW}\n{ROW}\n"), today=TODAY)
    assert given == [f"{SOURCE_ID}.02", f"{SOURCE_ID}.03"]


def test_all_faults_are_named_and_nothing_is_written(with_source, tmp_path):
    before = {path: path.read_bytes() for path in with_source.rglob("*") if path.is_file()}
    wrong = [
        ROW.replace("Lào Cai", "Lao Kai"),
        ROW.replace("applications_received", "applications_recieved"),
        ROW.replace("2025-10-15", "15/10/2025"),
        ROW.replace(SOURCE_ID, "baomoi-ffffff"),
        ROW.replace("12.345", "a crowd"),
    ]
    with pytest.raises(DataError) as caught:
        add.add_file(written(tmp_path / "new.csv", "\n".join([HEADER, *wrong])), today=TODAY)
    places = {(p.line, p.column) for p in caught.value.problems}
    assert {(2, "place_id"), (3, "indicator"), (4, "period_end"), (5, "source_id"), (6, "figure")} <= places
    assert {line for line, _ in places} == {2, 3, 4, 5, 6}
    text = str(caught.value)
    assert "new.csv:2:place_id: place 'Lao Kai' is unknown; did you mean 'Lào Cai'" in text
    assert "did you mean 'applications_received'" in text
    assert {path: path.read_bytes() for path in with_source.rglob("*") if path.is_file()} == before


HEADERS = {
    "unknown column": (
        HEADER.replace("figure", "figur"),
        r"new.csv:1:figur: is no column of observations; did you mean",
    ),
    "column twice": (HEADER.replace("figure", "locator"), "new.csv:1:locator: stands twice"),
    "column missing": (HEADER.replace(",figure", ""), "new.csv:1:figure: is missing"),
}


@pytest.mark.parametrize(("header", "message"), HEADERS.values(), ids=HEADERS)
def test_a_wrong_header_is_named(data, tmp_path, header, message):
    row = ",".join(["x"] * len(header.split(",")))
    with pytest.raises(DataError, match=message):
        add.add_file(written(tmp_path / "new.csv", f"{header}\n{row}\n"), today=TODAY)


FILES = {
    "empty": (b"", "must have a header and at least one row"),
    "header only": (HEADER.encode(), "must have a header and at least one row"),
    "latin-1": (f"{HEADER}\nLào".encode("latin-1"), "must be UTF-8; byte"),
    "ragged": (f"{HEADER}\nx,y\n".encode(), "new.csv:2:: must have 8 cells; got 2"),
    "open quote": (f'{HEADER}\n"x,y\n'.encode(), "must be CSV"),
}


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_a_broken_file_is_named(data, tmp_path, content, message):
    path = tmp_path / "new.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        add.add_file(path, today=TODAY)


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("https://www.vnexpress.net/a", "vnexpress-"),
        ("https://news.laodong.vn/a", "laodong-"),
        ("https://baohaiphong.com.vn/a", "baohaiphong-"),
        ("https://vietnam.vn/en/a", "vietnam-"),
    ],
)
def test_a_source_is_named_after_its_site(url, start):
    assert add.source_id(url).startswith(start)
    assert add.source_id(url) == add.source_id(url)


def test_the_command_exits_with_2_and_no_traceback(data, tmp_path):
    path = written(tmp_path / "new.csv", f"{HEADER}\n{ROW}\n")
    command = [sys.executable, "-m", "reform_analysis", "data", "add", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, check=False)
    assert done.returncode == 2
    assert "new.csv:2:source_id: must be a source_id of sources.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert Path(data / "raw").is_dir()


HOSTILE = {
    "NUL": ("locator", "p\0 2", "U+0000 at character 2"),
    "escape": ("note", "\x1b[2J", "U+001B at character 1"),
    "direction": ("note", "a\u202eb", "U+202E at character 2"),
    "zero width": ("breakdown", "a\u200bb", "U+200B at character 2"),
    "line separator": ("note", "a\u2028b", "U+2028 at character 2"),
    "long": ("note", "x" * 10_000, "must have at most 2000 characters; got 10000"),
    "formula": ("note", "=HYPERLINK(1)", "must not begin as a spreadsheet's formula; got '=HYPERLINK(1)'"),
    "formula behind a sign": ("note", "-1+cmd|' /C calc'!A0", "must not begin as a spreadsheet's formula"),
    "formula behind an at sign": ("note", "@SUM(1)", "must not begin as a spreadsheet's formula"),
    "infinite": ("value", "1e999", "must be a plain number"),
    "foreign digits": ("value", "१२", "must be a plain number"),
    "no such day": ("period_end", "2025-10-32", "must be a date as YYYY-MM-DD"),
    "no such day of February": ("period_end", "2025-02-30", "must be a date as YYYY-MM-DD"),
    "long figure": ("figure", "(" * 1000, "a number phrase must have at most 200 characters; got 1000"),
    "line break": ("note", "one\ntwo", "U+000A at character 4"),
    "carriage return": ("note", "one\rtwo", "U+000D at character 4"),
}


def test_hostile_cells_are_refused_with_their_place_and_nothing_is_written(untouched, tmp_path):
    header = f"{HEADER},value,note,breakdown".split(",")
    usual = dict(zip(header, [*next(csv.reader([ROW])), "", "", ""], strict=True))
    path = tmp_path / "new.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [header, *[(usual | {column: cell}).values() for column, cell, _ in HOSTILE.values()]]
        )
    with pytest.raises(DataError, match="nothing was written") as caught:
        add.add_file(path, today=TODAY)
    told = [(problem.line, problem.column, problem.message) for problem in caught.value.problems]
    for line, (column, _, message) in enumerate(HOSTILE.values(), start=2):
        # a line break moves the lines from its own on
        lines = (line, line + 1, line + 2) if line >= len(HOSTILE) else (line,)
        assert any(found[0] in lines and found[1] == column and message in found[2] for found in told), column


def test_addresses_that_are_none_are_named(untouched, tmp_path):
    wrong = ["http://[", "http://a\uff03b", "ftp://a.example/b"]
    rows = [PAGE.replace("https://baomoi.example.com.vn/bai-1", url) for url in wrong]
    with pytest.raises(DataError, match="nothing was written") as caught:
        add.add_file(written(tmp_path / "sources.csv", SOURCE.format("\n".join(rows))), today=TODAY)
    assert {(p.line, p.column) for p in caught.value.problems} >= {(2, "url"), (3, "url"), (4, "url")}


def test_a_fault_is_named_with_its_line_behind_empty_lines(untouched, tmp_path):
    with pytest.raises(DataError, match=r"new\.csv:5:indicator"):
        add.add_file(
            written(tmp_path / "new.csv", f"{HEADER}\n\n{ROW}\n\n{ROW.replace('applications', 'apps')}\n"), today=TODAY
        )


def test_text_that_a_program_might_run_stays_text(with_source, tmp_path):
    """What is harmless in a table is kept as it is; each output escapes it for itself."""
    note = "<script>alert(1)</script> =HYPERLINK(1) ../../x $(id) \\input{x} #eval(1)"
    given = add.add_file(written(tmp_path / "new.csv", f"{HEADER},note\n{ROW},{note}\n"), today=TODAY)
    build.build()
    assert store.table("observations").set_index("observation_id").loc[given[0], "note"] == note


def test_full_disk_leaves_every_file_as_it_was(untouched, tmp_path, monkeypatch):
    path = written(tmp_path / "new.csv", f"{HEADER}\n{ROW}\n")
    calls = []

    def second_is_full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", second_is_full)
    with pytest.raises(OSError, match="No space left on device; nothing was written"):
        add.add_file(path, today=TODAY)


def test_two_cannot_add_at_once(untouched, tmp_path):
    path = written(tmp_path / "new.csv", f"{HEADER}\n{ROW}\n")
    with files.alone(untouched / "raw"), pytest.raises(ValueError, match="only one process may add"):
        add.add_file(path, today=TODAY)
