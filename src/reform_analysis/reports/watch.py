"""Limits for a report in an ordinary kernel, which has none of its own: a thread looks at the kernel's processes.

No limit of the system's does: macOS ignores those on memory, Windows has neither those nor alarms, and what a kernel
starts would have its own. A forked process needs no watch, see `reform_analysis.reports.child`.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import psutil

# seconds between two looks: what a report takes in between is not seen
_EVERY = 0.2
# what Python and the scientific stack take before a notebook does anything; a forked process has it from its template
_BASE_MB = 400


@contextlib.contextmanager
def limited(minutes: float, memory_mb: int) -> Iterator[list[str]]:
    """Kill what this process starts meanwhile once it passes a limit.

    Parameters
    ----------
    minutes
        Wall time.
    memory_mb
        Resident memory of all those processes together, beyond what an idle kernel takes.

    Yields
    ------
    list of str
        Empty; holds ``timeout`` or ``memory`` once the limit of that name has been passed.
    """
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    exceeded: list[str] = []
    over = threading.Event()
    ends = time.monotonic() + minutes * 60

    def look() -> None:
        while not exceeded and not over.wait(_EVERY):
            started = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
            if time.monotonic() > ends:
                exceeded.append("timeout")
            elif sum(map(_resident_mb, started)) > memory_mb + _BASE_MB:
                exceeded.append("memory")
            for child in started if exceeded else ():
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield exceeded
    finally:
        over.set()
        thread.join()


def _resident_mb(process: psutil.Process) -> float:
    """Return what a process holds in memory; nothing once it is gone."""
    try:
        return process.memory_info().rss / 2**20
    except psutil.NoSuchProcess:
        return 0.0
