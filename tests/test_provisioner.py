"""Kernels forked from a warm template serve Jupyter's clients as ordinary kernels do."""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from reform_analysis.reports import kernels, provisioner

pytestmark = [
    pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of kernelspecs with one that names the provisioner."""
    specs = tmp_path_factory.mktemp("kernels")
    (specs / "warm").mkdir()
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "warm",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": provisioner.NAME}},
    }
    (specs / "warm" / "kernel.json").write_text(json.dumps(spec))
    entry = EntryPoint(provisioner.NAME, "reform_analysis.reports.provisioner:WarmProvisioner", "x")
    KernelProvisionerFactory.instance().provisioners[provisioner.NAME] = entry
    yield specs
    provisioner._TEMPLATE.close()


@pytest.fixture
def manager(folder: Path) -> KernelManager:
    return KernelManager(kernel_name="warm", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder)]))


def _run(manager: KernelManager, *cells: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    runner = NotebookClient(notebook, km=manager, timeout=60)
    runner.execute()
    runner.kc.stop_channels()
    manager.shutdown_kernel(now=True)
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]


def test_notebook_runs_in_a_forked_kernel(manager: KernelManager) -> None:
    code = "import os, sys, threading\nprint('pandas' in sys.modules, os.getppid())"
    preloaded, number = _run(manager, code, "await __import__('asyncio').sleep(0)\nprint('awaited')")
    assert preloaded == f"True {provisioner._TEMPLATE._process.pid}\n"  # type: ignore[union-attr]
    assert number == "awaited\n"


def test_interrupt_restart_and_shutdown(manager: KernelManager) -> None:
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.execute("x = 1\nimport time\ntime.sleep(60)")
    while client.get_iopub_msg(timeout=30)["msg_type"] != "execute_input":
        pass
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
    manager.restart_kernel()
    client.wait_for_ready(timeout=60)
    assert client.execute_interactive("x", timeout=30)["content"]["ename"] == "NameError"
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    assert not manager.is_alive()


def test_other_commands_start_in_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provisioner._forked([sys.executable, "-m", "other_kernel"], {}) is None
    monkeypatch.setattr(kernels, "can_fork", lambda: False)
    assert provisioner._forked([sys.executable, "-m", "ipykernel_launcher", "-f", "x"], {}) is None
