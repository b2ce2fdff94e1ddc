"""A lock on a file, held by one process at a time and ended with it, however it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Lend the lock of a file, which is made if need be; False where another process has it.

    Raises
    ------
    OSError
        The file cannot be opened for writing, or its file system has no locks.
    """
    with path.open("a+b") as file:
        try:
            _take(file)
        except (BlockingIOError, PermissionError):
            yield False
        else:
            yield True


def _take(file: BinaryIO) -> None:
    """Take an exclusive lock on an open file, at once or not at all."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
