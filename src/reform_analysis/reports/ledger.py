"""The ledger: one line of JSON for every attempt at a report, in the output folder.

Lines and not SQLite: a line is one ``write`` to the end of a file, which survives a kill at any moment with at
most its last line torn; it can be read, searched and mended with a text editor; and one process, the build, is
its only writer. Each line ends in a checksum, so a torn or altered line is found, said and passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "ledger.jsonl"
DONE = ("ok", "not applicable")
FAILED = ("failed", "timeout", "memory", "killed")
_MARK = ',"check":"'
# a ledger is rewritten with only what counts once it has this many lines for each report
_LINES_PER_REPORT = 4


@dataclass
class Ledger:
    """What the ledger says: the last attempt at each report, and the last that succeeded.

    ``damaged`` are the numbers of the lines that could not be read.
    """

    path: Path
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    damaged: list[int] = field(default_factory=list)
    lines: int = 0

    def take(self, record: dict[str, Any]) -> None:
        """Let one record count."""
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

    def compact(self) -> None:
        """Rewrite a long ledger with each report's last attempt only."""
        if self.lines <= _LINES_PER_REPORT * max(len(self.last), 50):
            return
        write_whole(self.path, b"".join(_line(record) for record in self.last.values()))
        self.lines = len(self.last)


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


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other builds out of an output folder; the lock ends with the process, however that ends.

    Raises
    ------
    ValueError
        Another build is at work there, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("a+b")
    except OSError as error:
        raise ValueError(
            f"the output folder {folder} must be writable; {error.strerror}. Choose another with --out"
        ) from None
    with file:
        try:
            _lock(file)
        except OSError:
            raise ValueError(
                f"another build is at work in {folder}; wait for it, or choose another folder with --out"
            ) from None
        yield


def _lock(file: Any) -> None:
    """Take an exclusive lock on an open file, at once or not at all."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _line(record: dict[str, Any]) -> bytes:
    """Return a record as one line that ends in its checksum."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return f'{body[:-1]}{_MARK}{zlib.crc32(body.encode()):08x}"}}\n'.encode()


def _record(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line, or None where it does not agree with its checksum."""
    body, mark, check = line.rpartition(_MARK.encode())
    whole = body + b"}"
    if not mark or check != b'%08x"}' % zlib.crc32(whole):
        return None
    record = json.loads(whole)
    return record if isinstance(record, dict) and "report" in record and "status" in record else None


def _ends_whole(path: Path) -> bool:
    """Tell whether a file's last line is ended."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
