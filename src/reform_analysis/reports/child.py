"""What a forked process does: become like a new one, make one report, send its outcome, end."""

from __future__ import annotations

import atexit
import ctypes
import os
import pickle
import random
import resource
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

from reform_analysis.reports.job import KernelOrder, Outcome
from reform_analysis.reports.ready import Ready

_PR_SET_PDEATHSIG = 1
# state of the global generators where a notebook has no parameter for it: same inputs, same bytes
_SEED = 20251031


class TimeLimit(BaseException):
    """Raised in a cell when the report's time is over; not an Exception, so that cells do not catch it."""


def be_child(parent: int, limit: float, order: int, result: int, ready: Ready) -> None:
    """Be the forked process: make the report, send its outcome, end without returning."""
    from reform_analysis.reports import attempt, engine
    from reform_analysis.reports.normalise import steady_text

    outcome = Outcome("failed")
    try:
        os.setsid()
        _die_with(parent)
        with open(order, "rb") as file:
            file.seek(0)
            job, spool = pickle.load(file)
        if isinstance(job, KernelOrder):
            _be_kernel(job)
        _start_afresh(job.parameters.get("seed", _SEED))
        _set_limits(limit, job.memory_mb)
        outcome = attempt.run(job, engine=engine.NAME, spool=Path(spool))
        signal.setitimer(signal.ITIMER_REAL, 0)
        outcome.needs = ready.since()
    finally:
        fault = sys.exc_info()[1]
        if fault is not None:
            outcome.status = "timeout" if isinstance(fault, TimeLimit) else "failed"
            outcome.message = steady_text(f"{type(fault).__name__}: {fault}")
            outcome.failure = {"traceback": [steady_text(line) for line in traceback.format_exception(fault)]}
        with socket.socket(fileno=result) as out:
            out.sendall(pickle.dumps(outcome))
        # not sys.exit: handlers that the template registered are not this process's to run
        os._exit(0)


def _be_kernel(order: KernelOrder) -> None:
    """Be an ordinary Jupyter kernel until it is shut down, then end."""
    from ipykernel.kernelapp import IPKernelApp

    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()
    sys.argv = ["ipykernel_launcher.py", *order.arguments]
    try:
        IPKernelApp.launch_instance(argv=list(order.arguments))
    finally:
        atexit._run_exitfuncs()
        os._exit(0)


def _die_with(parent: int) -> None:
    """Ask the system to kill this process when the template ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _start_afresh(seed: int) -> None:
    """Give the process what a new one would have: signals, random state, temporary names, arguments, path."""
    import numpy as np

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    random.seed(seed)
    np.random.seed(seed)
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    sys.argv = ["ipykernel_launcher.py"]
    here = str(Path.cwd())
    sys.path[:] = [path for path in sys.path if path not in ("", here)]


def _set_limits(limit: float, memory_mb: int) -> None:
    """Let the process stop itself at its limits, while it can still keep its notebook."""
    signal.signal(signal.SIGALRM, _time_over)
    signal.setitimer(signal.ITIMER_REAL, limit)
    # private memory only: address space counts what libraries reserve and never touch
    used = _data_bytes()
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = used + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if most < 0 else min(wanted, most), most))


def _data_bytes() -> int:
    """Return the size of this process's private writable memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def _time_over(number: int, frame: FrameType | None) -> None:
    """Stop the running cell."""
    raise TimeLimit("the report's time limit was reached")
