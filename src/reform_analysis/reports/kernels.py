"""Warm processes: a template that has imported the scientific stack once and forks a fresh process a report.

This is the client's side; `reform_analysis.reports.template` is the template's. A *template* here is always that
process, never a page template. Forking is safe only from a process of one thread that has run no user code,
which is what the template is and what the calling process is not.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pickle
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from reform_analysis.reports.job import Job, KernelOrder, Outcome

# seconds after a report's limit when a silent template itself counts as dead
_PATIENCE = 180.0
# a template that stops is started anew, and each of its reports tried once more
_TRIES = 2


def can_fork() -> bool:
    """Tell whether warm processes work here: Linux; on macOS fork is unsafe with system libraries, Windows has none."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def environment() -> dict[str, str]:
    """Return the variables under which reports come out the same everywhere, and one report uses one core."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    fixed = {
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
        "SOURCE_DATE_EPOCH": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # a thread of arrow's allocator would make the fork unsafe
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    return fixed | dict.fromkeys(threads, "1")


class Template:
    """The template process of this process, started when the first report asks for it.

    Used as a context manager; `close` kills it and every report it is making.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False
        self._learn = True

    def __enter__(self) -> Template:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def make(self, job: Job) -> Outcome:
        """Return the outcome of one job, made in a process forked for it; may be called from several threads."""
        folder = Path(tempfile.mkdtemp(prefix="spool-"))
        try:
            for attempt in range(1, _TRIES + 1):
                spool = folder / f"cells-{attempt}.jsonl"
                outcome = self._try(job, spool)
                if outcome is not None:
                    return outcome
            return Outcome("killed", "the template process died each time it made this report")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """End the template; its end of the socket kills what it has forked."""
        with self._lock:
            self._closed = True
            self._end()

    def start(self) -> str:
        """Start the template ahead of the first report; return what went wrong, in words, or an empty string."""
        fault = ""
        with self._lock:
            for _ in range(_TRIES):
                try:
                    self._begin()
                except OSError as error:
                    # one that hangs is not left behind
                    self._end()
                    fault = str(error)
                else:
                    return ""
        return fault

    def _try(self, job: Job, spool: Path) -> Outcome | None:
        """Make one attempt; None means that the template died."""
        with contextlib.ExitStack() as stack:
            result, result_far = socket.socketpair()
            status, status_far = socket.socketpair()
            for end in (result, result_far, status, status_far):
                stack.enter_context(end)
            order = stack.enter_context(tempfile.TemporaryFile())
            order.write(pickle.dumps((job, str(spool))))
            order.flush()
            head = json.dumps({"minutes": job.minutes}).encode()
            process = self._send(head, [order.fileno(), result_far.fileno(), status_far.fileno()])
            if process is None:
                return Outcome("killed", "the build was stopped" if self._closed else "no template process would start")
            result_far.close()
            status_far.close()
            data, told = _read_both(result, status, job.minutes * 60 + _PATIENCE)
            lines = told.splitlines()
            if len(lines) < 2:
                self._mourn(process)
                return None
            return self._judge(job, spool, data, json.loads(lines[-1]))

    def kernel(self, order: KernelOrder) -> socket.socket | None:
        """Start a Jupyter kernel; on the socket come its process number and, when it has ended, how."""
        with contextlib.ExitStack() as stack:
            status, status_far = socket.socketpair()
            stack.enter_context(status_far)
            file = stack.enter_context(tempfile.TemporaryFile())
            file.write(pickle.dumps((order, "")))
            file.flush()
            # a kernel talks to its client over sockets of its own: nothing comes back on the result's descriptor
            if self._send(b"{}", [file.fileno(), status_far.fileno(), status_far.fileno()]) is None:
                status.close()
                return None
        return status

    def _judge(self, job: Job, spool: Path, data: bytes, end: dict[str, Any]) -> Outcome:
        """Turn what a forked process left into an outcome."""
        try:
            outcome: Outcome = pickle.loads(data)
        except (EOFError, pickle.UnpicklingError):
            outcome = _died(job, spool, end)
        if not outcome.files:
            outcome.files = _left_behind(job, spool)
        outcome.peak_mb = end["peak_mb"]
        outcome.seconds = end["seconds"]
        if outcome.needs and self._learn:
            self._tell(outcome.needs)
        return outcome

    def _tell(self, needs: bytes) -> None:
        """Tell the template what a report needed, so that the next finds it ready."""
        with tempfile.TemporaryFile() as file:
            file.write(needs)
            file.flush()
            self._send(b"{}", [file.fileno()])

    def _send(self, message: bytes, descriptors: list[int]) -> subprocess.Popen[bytes] | None:
        """Send to the template, starting it if need be, and return its process; None once this object is closed."""
        with self._lock:
            for _ in range(_TRIES):
                if self._closed:
                    return None
                try:
                    if self._control is None:
                        self._begin()
                    socket.send_fds(self._control, [message], descriptors)  # type: ignore[arg-type]
                except OSError:
                    self._end()
                else:
                    return self._process
        return None

    def _begin(self) -> None:
        """Start the template, in a session of its own so that Ctrl-C reaches only the build, and await its word."""
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "reform_analysis.reports.template", str(far.fileno())]
        with tempfile.TemporaryFile() as complaints:
            self._process = subprocess.Popen(
                command,
                env=os.environ | environment(),
                pass_fds=[far.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
            )
            far.close()
            self._control = near
            near.settimeout(_PATIENCE)
            if not near.recv(16):
                self._end()
                complaints.seek(0)
                lines = complaints.read().decode(errors="replace").split("\n")
                raise OSError(f"the template process did not start: {' '.join(lines[-2:]).strip()}")
            near.settimeout(None)

    def _mourn(self, process: subprocess.Popen[bytes]) -> None:
        """Take note that the template died, or hangs; what it had got ready may be why."""
        with self._lock:
            self._learn = False
            if self._process is process:
                self._end()

    def _end(self) -> None:
        """Close the socket and wait for the template to be gone."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None


_HERE = Template()


def make_here(job: Job) -> Outcome:
    """Make a job with this process's own template: what a worker of a cluster does."""
    differing = _differing(job)
    if differing:
        return Outcome("failed", f"WorkerDiffers: {differing} of this worker must be as where the build was started")
    return _HERE.make(job) if can_fork() else make_plain(job)


@functools.cache
def _own_parts() -> dict[str, str]:
    """Return the hashes of what this process has loaded, taken once."""
    from reform_analysis.reports import fingerprint

    return fingerprint.Surroundings().parts


def _differing(job: Job) -> str:
    """Return in words what this worker has another version of than the build."""
    from reform_analysis.reports import fingerprint

    differing = [part for part, wanted in job.expects.items() if _own_parts()[part] != wanted]
    return ", ".join(fingerprint.WORDS[part] for part in differing)


def make_plain(job: Job) -> Outcome:
    """Make a job in an ordinary kernel."""
    from reform_analysis.reports import attempt

    return attempt.run(job)


def _died(job: Job, spool: Path, end: dict[str, Any]) -> Outcome:
    """Return the outcome of a process that ended without a word."""
    if end["overdue"]:
        return Outcome("timeout", f"TimeLimit: the limit of {job.minutes:g} minutes was reached")
    return Outcome("killed", f"{end['signal'] or 'SystemExit'}: the process ended before the report was whole")


def _left_behind(job: Job, spool: Path) -> dict[str, bytes]:
    """Return the notebook as far as a process had got that could not hand it over."""
    from reform_analysis.reports import attempt

    return {".failed.ipynb": attempt.text_of(attempt.from_spool(job, spool)).encode()}


def _read_both(result: socket.socket, status: socket.socket, patience: float) -> tuple[bytes, bytes]:
    """Read what a report sends, and what the template tells of its end; neither is awaited for ever.

    The end closes the status. It need not close the result: a process that the report started and that outlives it,
    or outlives the template, holds that open too.
    """
    pieces: dict[Any, list[bytes]] = {result: [], status: []}
    ends = time.monotonic() + patience
    over = False
    with selectors.DefaultSelector() as selector:
        for end in pieces:
            selector.register(end, selectors.EVENT_READ)
        while not over and (ready := selector.select(max(ends - time.monotonic(), 0))):
            for key, _ in ready:
                piece = _receive(key.fileobj)
                pieces[key.fileobj].append(piece)
                if not piece:
                    selector.unregister(key.fileobj)
                    over = over or key.fileobj is status
    # what was sent before the end is here by now
    result.setblocking(False)
    while piece := _receive(result):
        pieces[result].append(piece)
    return b"".join(pieces[result]), b"".join(pieces[status])


def _receive(end: Any) -> bytes:
    """Return what has come; nothing at the end, or where nothing is left."""
    try:
        return bytes(end.recv(1 << 20))
    except (ConnectionResetError, BlockingIOError):
        return b""
