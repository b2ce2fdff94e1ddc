"""The template process: imports the scientific stack once, then forks a fresh process for each report.

It stays a process of one thread, without event loop, zmq context or user code, because a fork copies one thread
only: a lock that another thread held would stay locked in the child for ever. Each child leads a session of its
own, so that it and all it starts can be killed as a group. Protocol: the template says `READY`; then come packets
on the control socket: an order with three descriptors (order, result, status), on whose status come the child's
number and, when it has ended, how; or, with one descriptor, what a report had to work out. End of file on the control
socket means that the client is gone.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import math
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reform_analysis.reports.child import be_child
from reform_analysis.reports.ready import BROKEN, Preparation, Ready, import_or_leave

# What reports import; papermill and nbconvert first, whose warning filters are no notebook's business.
TOOLS = ("papermill", "nbconvert", "reform_analysis.reports.shell", "reform_analysis.reports.attempt")
STACK = ("numpy", "pandas", "scipy.stats", "matplotlib.pyplot")
# jsonschema offers to check international addresses, and compiles grammars for that as it is imported: a second, for
# what no schema of notebooks asks for
_NOT_NEEDED = "rfc3987_syntax"
READY = b"ready"
OWN = ("statistics", "evidence", "display", "analysis")

# a notebook with what every report has: a heading to transliterate, prose, code
_SAMPLE = {
    "cells": [
        {"cell_type": "markdown", "source": "# Huế\n\nProse."},
        {"cell_type": "code", "source": "x = 1", "execution_count": 1, "outputs": []},
    ]
}

# seconds a report gets after its limit to end by itself, keeping its notebook
_GRACE = 5.0


@dataclass
class _Child:
    """A forked process: when it must have ended, and where its end is told."""

    pid: int
    begun: float
    limit: float
    status: int
    overdue: bool = False


def main() -> None:
    """Serve the control socket named by number on the command line until its other end closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    if threads() > 1:
        raise SystemExit("the template process must have one thread; something it imported started another")
    control.send(READY)
    Template(control).serve()


def preload() -> None:
    """Import what reports need, and fill caches of pure functions: fonts, page template, highlighting."""
    # the collector would look through every module anew as each is imported, a fifth of the start
    gc.disable()
    with warnings.catch_warnings(), _without(_NOT_NEEDED):
        for name in TOOLS:
            importlib.import_module(name)
    for name in STACK:
        importlib.import_module(name)
    for room in OWN:
        _import_below(f"reform_analysis.{room}")
    _fill_caches()
    # what is here now is never garbage: children need not look through it, nor copy it by doing so
    gc.freeze()
    gc.enable()


@contextlib.contextmanager
def _without(module: str) -> Iterator[None]:
    """Let an import of a module fail, as where it is not installed."""
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def _fill_caches() -> None:
    """Read the processed tables, the catalogues and the page template ahead, for functions that keep what they read."""
    import nbformat

    from reform_analysis.display import catalogue, formats
    from reform_analysis.evidence import schema, store
    from reform_analysis.reports import export, reads

    with contextlib.suppress(*BROKEN):
        nbformat.validate(nbformat.v4.new_notebook())
        export.warm(_SAMPLE)
        for language in catalogue.LANGUAGES:
            catalogue.translate("Code", language)
            formats.number(1.5, language=language)
        for name in schema.processed_tables():
            store.table(name)
        store.places_registry().find("Hà Nội")
        store.register("province")
        reads.warm()
        _draw_once()


def _draw_once() -> None:
    """Draw a figure off screen, without pyplot's state: the search for fonts costs a tenth of a second a process."""
    import pandas as pd

    from reform_analysis.display.chart import Chart

    def paint(figure: Any) -> None:
        figure.subplots().set_title("Lào Cai 1")

    Chart(paint, "Lào Cai", "1", "", pd.DataFrame()).image()


def _import_below(package: str) -> None:
    """Import a package of ours with all its modules; one that is broken is for the notebook that uses it to report."""
    directory = Path(__file__).parents[1] / package.rpartition(".")[2]
    for found in pkgutil.walk_packages([str(directory)], f"{package}."):
        import_or_leave(found.name)


def threads() -> int:
    """Return the number of threads of this process."""
    return len(list(Path("/proc/self/task").iterdir()))


class Template:
    """Forks on request, watches what it forked, and tells how each ended."""

    def __init__(self, control: socket.socket) -> None:
        """Serve one client."""
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._children: dict[int, _Child] = {}
        self._ready, self._preparation = Ready(), Preparation()

    def serve(self) -> None:
        """Work until the client is gone; then end every child's group."""
        while True:
            for key, _ in self._selector.select(self._next_deadline()):
                if key.fileobj is not self._control:
                    self._bury(key.fd)
                elif not self._accept():
                    for child in self._children.values():
                        _kill_group(child.pid)
                    return
            self._end_overdue()

    def _accept(self) -> bool:
        """Take one request; False at the end of file."""
        data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 20, 3)
        if not data:
            return False
        if len(descriptors) == 1:
            self._prepare(*descriptors)
        else:
            # a kernel that serves a person has no limit
            self._fork(json.loads(data).get("minutes", math.inf) * 60, *descriptors)
        return True

    def _fork(self, limit: float, order: int, result: int, status: int) -> None:
        """Fork a child for one report."""
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            for other in self._children.values():
                os.close(other.status)
            os.close(status)
            self._selector.close()
            self._control.close()
            be_child(parent, limit, order, result, self._ready)
        os.close(order)
        os.close(result)
        os.write(status, f"{pid}\n".encode())
        watch = os.pidfd_open(pid)
        self._children[watch] = _Child(pid, time.monotonic(), limit, status)
        self._selector.register(watch, selectors.EVENT_READ)

    def _bury(self, watch: int) -> None:
        """Take in a child that ended: its status goes to the client, the rest of its group ends."""
        child = self._children.pop(watch)
        self._selector.unregister(watch)
        os.close(watch)
        _kill_group(child.pid)
        _, code, usage = os.wait4(child.pid, 0)
        signalled = signal.Signals(os.WTERMSIG(code)).name if os.WIFSIGNALED(code) else ""
        end = {
            "signal": signalled,
            "code": os.waitstatus_to_exitcode(code),
            "overdue": child.overdue,
            "peak_mb": usage.ru_maxrss / 1024,
            "seconds": time.monotonic() - child.begun,
        }
        with socket.socket(fileno=child.status) as status:
            try:
                status.sendall(json.dumps(end).encode() + b"\n")
            except OSError:
                return  # the client no longer wants to know

    def _next_deadline(self) -> float | None:
        """Return the seconds until the next child must be killed."""
        now = time.monotonic()
        waits = [child.begun + child.limit + _GRACE - now for child in self._children.values() if not child.overdue]
        nearest = min(waits, default=math.inf)
        return max(nearest, 0.0) if nearest < math.inf else None

    def _end_overdue(self) -> None:
        """Kill the group of each child that did not end by itself at its limit."""
        now = time.monotonic()
        for child in self._children.values():
            if not child.overdue and now > child.begun + child.limit + _GRACE:
                child.overdue = True
                _kill_group(child.pid)

    def _prepare(self, needs: int) -> None:
        """Get ready what a report had to work out itself, so that the next need not."""
        with open(needs, "rb") as file:
            file.seek(0)
            self._preparation.take(json.load(file))
        self._ready = Ready()
        if threads() > 1:
            raise SystemExit("an import started a thread, and a fork would no longer be safe")


def _kill_group(pid: int) -> None:
    """Kill a child's whole session; one that is gone already is fine."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
