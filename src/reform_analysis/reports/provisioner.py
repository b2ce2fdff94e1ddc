"""Jupyter kernels forked from a warm template, for JupyterLab, nbval and any other client.

Named in a kernelspec (``"metadata": {"kernel_provisioner": {"provisioner_name": "reform-analysis"}}``). The kernel is
an ordinary one in every way but its start; where a template cannot be had, it is started in the ordinary way.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from reform_analysis.reports import kernels
from reform_analysis.reports.job import KernelOrder

NAME = "reform-analysis"
_LAUNCHER = "ipykernel_launcher"
_TEMPLATE = kernels.Template()


class ForkedKernel:
    """A forked kernel's process, as far as Jupyter asks about it: the face of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, status: socket.socket) -> None:
        """Wait for the process number, the first thing on the socket."""
        self._status = status.makefile("rb")
        self._socket = status
        self.returncode: int | None = None
        self.pid = int(self._status.readline() or b"0")

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        return self._ended(0.001)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(_LAUNCHER, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the kernel has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        """Wait so long for the end; a template that is gone has taken its kernels with it."""
        if self.returncode is None:
            self._socket.settimeout(timeout)
            try:
                data = self._socket.recv(4096)
            except TimeoutError:
                return None
            self.returncode = json.loads(data)["code"] if data else -signal.SIGKILL
            self._status.close()
            self._socket.close()
        return self.returncode


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by forking; all else is as for local kernels."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel, or start it in the ordinary way where that cannot be."""
        forked = await asyncio.to_thread(_forked, cmd, kwargs)
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        # the child leads a session, so its number is its group's too
        self.process, self.pid, self.pgid = forked, forked.pid, forked.pid  # type: ignore[assignment]
        return self.connection_info


def _forked(command: list[str], options: dict[str, Any]) -> ForkedKernel | None:
    """Return a forked kernel for a command that starts IPython's kernel with this very Python, else None."""
    ours = Path(command[0]).samefile(sys.executable) and command[1:3] == ["-m", _LAUNCHER]
    if not (kernels.can_fork() and ours):
        return None
    order = KernelOrder(tuple(command[3:]), str(options.get("cwd") or "."), dict(options.get("env") or os.environ))
    status = _TEMPLATE.kernel(order)
    return ForkedKernel(status) if status else None
