"""The ledger: whatever happens to its file or its writer, it says what is so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform_analysis.reports import ledger

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


def _record(report: str = "b/r", status: str = "ok", **more: object) -> dict:
    return {"report": report, "status": status, "message": "", **more}


@given(st.dictionaries(st.text(), JSON))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, more: dict) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    record = more | _record()
    ledger.read(folder).append(record)
    assert ledger.read(folder).last == {"b/r": record}


def test_last_attempt_counts_and_failure_takes_the_result_away(tmp_path: Path) -> None:
    book = ledger.read(tmp_path)
    for status in ("ok", "failed"):
        book.append(_record(status=status))
    again = ledger.read(tmp_path)
    assert again.last["b/r"]["status"] == "failed"
    assert again.done == book.done == {}


def test_torn_last_line_is_passed_over_and_does_not_swallow_the_next(tmp_path: Path) -> None:
    book = ledger.read(tmp_path)
    book.append(_record("b/1"))
    book.append(_record("b/2"))
    data = book.path.read_bytes()
    for cut in range(1, len(data)):
        book.path.write_bytes(data[:cut])
        torn = ledger.read(tmp_path)
        torn.append(_record("b/3"))
        whole = data[:cut].count(b"\n") + (data[cut : cut + 1] == b"\n")
        assert set(ledger.read(tmp_path).last) == {f"b/{n}" for n in range(1, whole + 1)} | {"b/3"}


@given(st.integers(min_value=0, max_value=60), st.integers(min_value=1, max_value=255))
def test_an_altered_byte_is_found(tmp_path_factory: pytest.TempPathFactory, at: int, change: int) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    book = ledger.read(folder)
    book.append(_record("b/1"))
    data = bytearray(book.path.read_bytes())
    data[at % (len(data) - 1)] ^= change
    book.path.write_bytes(data)
    found = ledger.read(folder)
    assert found.last == {}
    assert found.damaged


def test_compaction_keeps_what_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = ledger.read(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for attempt in range(300):
        book.append(_record(f"b/{attempt % 3}", attempt=attempt))
    before = ledger.read(tmp_path)
    before.compact()
    after = ledger.read(tmp_path)
    assert (after.lines, after.last, after.done) == (3, before.last, before.done)


def test_what_batches_ask_for_is_kept_and_written_when_it_is_news(tmp_path: Path) -> None:
    book = ledger.read(tmp_path)
    for asked in (["b/1", "b/2"], ["b/1", "b/2"], ["b/2"]):
        book.ask("b", asked)
        assert ledger.read(tmp_path).asked == {"b": asked}
    assert book.lines == 2
    for attempt in range(300):
        book.take(_record(f"b/{attempt % 3}"))
    book.lines += 300
    book.compact()
    assert ledger.read(tmp_path).asked == {"b": ["b/2"]}


def test_half_a_surrogate_pair_is_written_and_read(tmp_path: Path) -> None:
    ledger.read(tmp_path).append(_record(message="file \udce9.csv"))
    again = ledger.read(tmp_path)
    assert again.damaged == []
    assert again.last["b/r"]["message"] == "file \udce9.csv"


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    ledger.write_whole(path, b"first")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ledger.write_whole(path, b"second")
    assert [found.name for found in tmp_path.iterdir()] == ["page.html"]
    assert path.read_bytes() == b"first"


def test_second_build_in_a_folder_is_told(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from reform_analysis.reports import ledger\n"
    code += "with ledger.hold(Path(sys.argv[1])): print('held')"
    command = [sys.executable, "-c", code, str(tmp_path)]
    with ledger.hold(tmp_path):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "another build is at work" in refused.stderr
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "held\n"


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="must be writable"), ledger.hold(tmp_path / "file" / "build"):
        pass
