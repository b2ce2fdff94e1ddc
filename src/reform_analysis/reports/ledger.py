"""The ledger: one line of JSON for every attempt at a report, in the output folder; and what batches asked for.

Lines and not SQLite: a line is one ``write`` to the end of a file, which survives a kill at any moment with at
most its last line torn; it can be read, searched and mended with a text editor; and one process, the build, is
its only writer. Each line ends in a checksum, so a torn or altered line is found, said and passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reform_analysis.evidence import lock

NAME = "ledger.jsonl"
DONE = ("ok", "not applicable")
FAILED = ("failed", "timeout", "memory", "killed")
_MARK = ',"check":"'
# what is kept of an earlier attempt's key number
_COMPARED = ("name", "value", "low", "high", "unit")
# a ledger is rewritten with only what counts once it has this many lines for each report
_LINES_PER_REPORT = 4


@dataclass
class Ledger:
    """What the ledger says: the last attempt at each report, and the last that succeeded.

    ``asked`` are the reports that each batch file asked for when it was last built; ``damaged`` are the numbers of
    the lines that could not be read.
    """

    path: Path
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, list[str]] = field(default_factory=dict)
    damaged: list[int] = field(default_factory=list)
    lines: int = 0

    def take(self, record: dict[str, Any]) -> None:
        """Let one record count."""
        if "batch" in record:
            self.asked[record["batch"]] = record["reports"]
            return
        self.last[record["report"]] = record
        if record["status"] in DONE:
            self.done[record["report"]] = record
        else:
            # an earlier result was taken away when this attempt failed
            self.done.pop(record["report"], None)

    def append(self, record: dict[str, Any]) -> None:
        """Write one record to the end and to the disk, then let it count."""
        data = _line(record)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            # a torn last line, from a kill, must not swallow this one
            if size and not _ends_whole(self.path):
                data = b"\n" + data
            if os.write(descriptor, data) != len(data):
                raise OSError(f"{self.path} must take a whole line; the disk may be full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.lines += 1
        self.take(record)

    def ask(self, batch: str, reports: Sequence[str]) -> None:
        """Write down which reports a batch asks for, where that is news."""
        if self.asked.get(batch) != list(reports):
            self.append({"batch": batch, "reports": list(reports)})

    def before(self, report: str, key: Mapping[str, str], status: str) -> dict[str, Any] | None:
        """Return status and key numbers that a report had from other inputs, for a new record of it.

        An attempt from the same inputs as the one before it compares itself with what that one did: building again
        changes nothing, in the record either.
        """
        last = self.last.get(report)
        if last is None:
            return None
        past = last.get("previous")
        if last["key"] == key and (status in DONE or last["status"] in FAILED):
            return past
        known = last["key_numbers"] if last["status"] in DONE else (past or {}).get("key_numbers", [])
        numbers = [{part: number[part] for part in _COMPARED} for number in known]
        return {"status": last["status"], "key_numbers": numbers}

    def compact(self) -> None:
        """Rewrite a long ledger with each report's last attempt only."""
        if self.lines <= _LINES_PER_REPORT * max(len(self.last), 50):
            return
        batches = [{"batch": batch, "reports": reports} for batch, reports in self.asked.items()]
        kept = [*batches, *self.last.values()]
        write_whole(self.path, b"".join(_line(record) for record in kept))
        self.lines = len(kept)


def read(folder: Path) -> Ledger:
    """Return the ledger of an output folder; an absent one is empty."""
    ledger = Ledger(folder / NAME)
    if not ledger.path.is_file():
        return ledger
    for number, line in enumerate(ledger.path.read_bytes().splitlines(), start=1):
        record = _record(line)
        ledger.lines += 1
        if record is None:
            ledger.damaged += [number] if line.strip() else []
        else:
            ledger.take(record)
    return ledger


def file_of(report: str, suffix: str, output: Mapping[str, Any]) -> str:
    """Return where a recorded output stands, below the output folder; one that reports share says so itself."""
    return str(output.get("path", f"{report}{suffix}"))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that its name stands for the whole content or for what was there before."""
    aside = path.with_name(f".{path.name}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def write_view(folder: Path, name: str, data: bytes) -> None:
    """Write a file that is made from the ledger of an output folder, and date it as the ledger."""
    write_whole(folder / name, data)
    state = (folder / NAME).stat()
    os.utime(folder / name, ns=(state.st_atime_ns, state.st_mtime_ns))


def view_is_due(folder: Path, name: str) -> bool:
    """Tell whether the ledger has changed since a view of it was written.

    Their dates differ, then; which is the later says nothing, since a clock may have been set back.
    """
    book, view = folder / NAME, folder / name
    return book.exists() and (not view.exists() or view.stat().st_mtime_ns != book.stat().st_mtime_ns)


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other builds out of an output folder; the lock ends with the process, however that ends.

    Raises
    ------
    ValueError
        Another build is at work there, or the folder cannot be written to.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free = stack.enter_context(lock.held(folder / ".lock"))
        except OSError as error:
            raise ValueError(
                f"the output folder {folder} must be writable; {error.strerror}. Choose another with --out"
            ) from None
        if not free:
            raise ValueError(f"another build is at work in {folder}; wait for it, or choose another folder with --out")
        yield


def _line(record: dict[str, Any]) -> bytes:
    """Return a record as one line that ends in its checksum."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # a message may hold half a surrogate pair, from a file name that is no UTF-8; its escape is JSON's too
    data = body.encode(errors="backslashreplace")
    return data[:-1] + f'{_MARK}{zlib.crc32(data):08x}"}}\n'.encode()


def _record(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line, or None where it does not agree with its checksum."""
    body, mark, check = line.rpartition(_MARK.encode())
    whole = body + b"}"
    if not mark or check != b'%08x"}' % zlib.crc32(whole):
        return None
    record = json.loads(whole)
    kinds = ({"report", "status"}, {"batch", "reports"})
    return record if isinstance(record, dict) and any(record.keys() >= kind for kind in kinds) else None


def _ends_whole(path: Path) -> bool:
    """Tell whether a file's last line is ended."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
