"""An IPython shell in this process that records what a kernel would send: outputs as a kernel's, without a kernel."""

from __future__ import annotations

import builtins
import contextlib
import getpass
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import nbformat
from ipykernel.compiler import XCachingCompiler
from ipykernel.kernelbase import StdinNotImplementedError
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config


class Recorder(Session):
    """Takes the messages a kernel would send, and keeps them as the outputs of the current cell."""

    def begin(self, descriptors: dict[str, Any]) -> None:
        """Start with no outputs; ``descriptors`` are the files that stand in for stdout and stderr."""
        self.outputs: list[Any] = []
        self.displays: dict[str, list[Any]] = {}
        self.clear_next = False
        self.descriptors = descriptors
        self.read_to = dict.fromkeys(descriptors, 0)

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **options: Any) -> Any:
        """Keep one message; comm messages have no place in a document and are dropped."""
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        # over the wire and back: bytes become base64 and numpy's numbers plain ones, as for a client of a kernel
        kind, content = message["header"]["msg_type"], self.unpack(self.pack(message["content"]))
        self.drain()
        if kind == "clear_output":
            self._clear(wait=content["wait"])
        elif kind == "update_display_data":
            self._update(content)
        elif kind in ("display_data", "execute_result", "error"):
            transient = content.pop("transient", {})
            # not new_output, which validates each by itself: Papermill validates the notebook
            output = nbformat.from_dict({"output_type": kind, **content})
            self._append(output)
            if "display_id" in transient:
                self.displays.setdefault(transient["display_id"], []).append(output)
        return message

    def text(self, name: str, text: str) -> None:
        """Keep printed text, joined to what the same stream printed just before."""
        self.drain()
        # half of a surrogate pair, from a byte that is no UTF-8, can be printed and in no file be written
        self._text(name, text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))

    def drain(self) -> None:
        """Keep what subprocesses and C code wrote to the descriptors since the last output."""
        for name, file in self.descriptors.items():
            size = os.fstat(file.fileno()).st_size
            if size > self.read_to[name]:
                raw = os.pread(file.fileno(), size - self.read_to[name], self.read_to[name])
                self.read_to[name] = size
                self._text(name, raw.decode("utf-8", errors="replace"))

    def _text(self, name: str, text: str) -> None:
        """Append text to the last output if that is the same stream, else as a new one."""
        last = self.outputs[-1] if self.outputs and not self.clear_next else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        elif text:
            self._append(nbformat.from_dict({"output_type": "stream", "name": name, "text": text}))

    def _append(self, output: Any) -> None:
        """Add an output, after the clearing that waited for it."""
        if self.clear_next:
            self._clear(wait=False)
        self.outputs.append(output)

    def _clear(self, *, wait: bool) -> None:
        """Empty the cell's outputs now, or when the next output comes."""
        self.clear_next = wait
        if not wait:
            self.outputs.clear()

    def _update(self, content: dict[str, Any]) -> None:
        """Replace every output shown under a display id, in this cell or an earlier one."""
        for output in self.displays.get(content.get("transient", {}).get("display_id"), []):
            output.data, output.metadata = (nbformat.from_dict(content[key]) for key in ("data", "metadata"))


class _Printed(io.TextIOBase):
    """What ``sys.stdout`` and ``sys.stderr`` are to the cells."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, recorder: Recorder, name: str, descriptor: int) -> None:
        self._recorder, self.name, self._descriptor = recorder, name, descriptor

    def write(self, text: str) -> int:
        self._recorder.text(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor


def language_info() -> dict[str, Any]:
    """Return what an IPython kernel says of its language."""
    return {
        "codemirror_mode": {"name": "ipython", "version": sys.version_info.major},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": sys.version.split()[0],
    }


def run(shell: Any, recorder: Recorder, cell: Any) -> bool:
    """Run one cell; return whether the notebook may go on, by the rules of nbclient."""
    skipped = "skip-execution" in cell.metadata.get("tags", [])
    if cell.cell_type != "code" or skipped or not cell.source.strip():
        return True
    recorder.outputs = cell.outputs = []
    recorder.clear_next = False
    cell.execution_count = shell.execution_count
    result = shell.run_cell(cell.source, store_history=True)
    recorder.drain()
    failed = not result.success or shell._last_traceback_during_displayhook
    return not failed or "raises-exception" in cell.metadata.get("tags", [])


@contextlib.contextmanager
def opened() -> Iterator[tuple[Any, Recorder]]:
    """Make the shell, with printed text, descriptors and questions to the user as in a kernel without a user."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, contextlib.ExitStack() as stack:
        recorder = Recorder(key=b"")
        recorder.begin({"stdout": out, "stderr": err})
        shell = _make_shell(recorder)
        for name, number, file in (("stdout", 1, out), ("stderr", 2, err)):
            stack.callback(setattr, sys, name, getattr(sys, name))
            stack.callback(_restore, number, os.dup(number))
            os.dup2(file.fileno(), number)
            setattr(sys, name, _Printed(recorder, name, number))
        for module, name in ((builtins, "input"), (getpass, "getpass")):
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, _no_input)
        try:
            yield shell, recorder
        finally:
            recorder.drain()
            type(shell).clear_instance()


def _make_shell(recorder: Recorder) -> Any:
    """Make a kernel's shell without history file, profile or start-up files, so that no user setting gets in."""
    config = Config({"HistoryManager": {"enabled": False}})
    folder = tempfile.mkdtemp(prefix="ipython-")
    shell: Any = ZMQInteractiveShell.instance(config=config, ipython_dir=folder, compiler_class=XCachingCompiler)
    for publisher in (shell.displayhook, shell.display_pub):
        publisher.session = recorder
        publisher.pub_socket = None
    shell.displayhook.topic = b"execute_result"
    return shell


def _restore(number: int, saved: int) -> None:
    """Give a descriptor its former file back."""
    os.dup2(saved, number)
    os.close(saved)


def _no_input(prompt: object = "", *_: object) -> str:
    """Refuse as a kernel does when nobody can answer."""
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")
