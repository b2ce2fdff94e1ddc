"""The notebooks in a real JupyterLab: run from top to bottom they show what is committed, and no error."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import browser
import matplotlib as mpl
import nbformat
import pytest

import reform_analysis
from reform_analysis.reports import attempt, cells
from reform_analysis.reports.normalise import normalise

chromium = browser.chromium
pytestmark = pytest.mark.browser

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
TOKEN = "a-token-of-the-tests"
# long enough for a machine with far more to do than it has cores
SECONDS = 180
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# says which interpreter and which package a kernel has
PROBE = "import sys, reform_analysis\nprint(sys.prefix, reform_analysis.__file__, sep='\\n')"
SETTINGS = {
    # all cells stay in the page, so that all of it can be looked at
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# of the status bar; the notebook's own mark says so before there is a kernel
IDLE = "text=(ipykernel) | Idle"
PROMPTS = ".jp-CodeCell .jp-InputPrompt"
LAST_RAN = f"count => document.querySelectorAll('{PROMPTS}')[count - 1].textContent === `[${{count}}]:`"
WRONG = ".jp-OutputArea-output:is([data-mime-type$='.error'], [data-mime-type$='.stderr'])"


@dataclass(frozen=True)
class Lab:
    """A JupyterLab at work: where it answers, and the folder it shows."""

    url: str
    folder: Path

    def ask(self, path, *, method="GET"):
        """Send one request to the server."""
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(f"{self.url}{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self):
        """End every kernel, as the browser leaves them running."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", method="DELETE")


@pytest.fixture(scope="module")
def lab(tmp_path_factory, chromium):
    """A JupyterLab over a copy of the notebooks, with all it writes in a temporary folder."""
    home = tmp_path_factory.mktemp("lab")
    for name, values in SETTINGS.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    (home / "notebooks").mkdir()
    probe = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PROBE)], metadata=KERNEL)
    nbformat.write(probe, home / "notebooks" / "probe.ipynb")
    for path in NOTEBOOKS:
        nbformat.write(_stripped(path), home / "notebooks" / path.name)
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(_command(home), env=_environment(home), stdout=log, stderr=log)
        try:
            yield _answering(server, home)
        finally:
            # asked to end, it may wait for ever for the connections of kernels that are gone
            server.kill()
            server.wait()


def _stripped(path):
    """Return a notebook without its outputs, so that those found later are of this run."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _command(home):
    """Return the command that starts the server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": home / "notebooks",
        "ServerApp.allow_root": True,
        "IdentityProvider.token": TOKEN,
        "LabApp.user_settings_dir": home / "settings",
        "LabApp.workspaces_dir": home / "workspaces",
        # looking for language servers starts npm, which spins for ever without a home folder
        "LanguageServerManager.autodetect": False,
    }
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def _environment(home):
    """Return the environment of the server: the user's own settings and kernels out of sight."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    places = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    # matplotlib keeps its list of fonts, which takes seconds to make
    return kept | places | {"IPYTHONDIR": str(home / "ipython"), "MPLCONFIGDIR": mpl.get_configdir()}


def _answering(server, home):
    """Wait until the server says where it is, and answers there."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):
                lab = Lab(json.loads(file.read_text(encoding="utf-8"))["url"], home / "notebooks")
                lab.ask("api/status")
                return lab
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{(home / 'log').read_text(encoding='utf-8')}")


def _run(chromium, lab, name):
    """Restart a notebook's kernel, run all cells and save, in the browser; return the errors and warnings it shows."""
    try:
        with browser.opened(chromium, allowed=(lab.url, lab.url.replace("http", "ws", 1), *browser.LOCAL)) as page:
            page.set_default_timeout(SECONDS * 1000)
            page.goto(f"{lab.url}lab/tree/{name}?token={TOKEN}&reset")
            page.locator(IDLE).wait_for()
            page.locator("[data-jp-item-name='restart-and-run']").click()
            page.get_by_role("button", name="Confirm Kernel Restart").click()
            count = page.locator(PROMPTS).count()
            page.wait_for_function(LAST_RAN, arg=count)
            _save(page, name)
            assert page.locator(PROMPTS).all_inner_texts() == [f"[{number}]:" for number in range(1, count + 1)]
            return page.locator(WRONG).all_inner_texts()
    finally:
        lab.end_kernels()


def _save(page, name):
    """Save the notebook, and wait until the server has it."""
    with page.expect_response(lambda answer: answer.request.method == "PUT" and f"/{name}?" in answer.url) as saved:
        page.locator("[data-jp-item-name='save']").click()
    assert saved.value.ok


def _shown(path):
    """Return the outputs of each code cell that two runs share; of a picture its size and its description."""
    notebook = normalise(nbformat.read(path, as_version=4), {})
    kept = [cell for cell in notebook.cells if "nbval-ignore-output" not in cells.tags(cell)]
    outputs = {cell.id: cell.outputs for cell in kept if cell.cell_type == "code"}
    for output in (output for shown in outputs.values() for output in shown if "image/png" in output.get("data", {})):
        # the fonts of a machine decide its bytes
        output.data["image/png"] = ""
    return outputs


def test_kernel_is_that_of_the_tests(chromium, lab):
    assert _run(chromium, lab, "probe.ipynb") == []
    [cell] = nbformat.read(lab.folder / "probe.ipynb", as_version=4).cells
    assert cell.outputs[0].text.splitlines() == [sys.prefix, reform_analysis.__file__]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_shows_what_is_committed_and_no_error(chromium, lab, path):
    assert _run(chromium, lab, path.name) == []
    saved = lab.folder / path.name
    got, committed = _shown(saved), _shown(path)
    assert [name for name, outputs in got.items() if outputs != committed[name]] == []
    numbers = [attempt.key_numbers(nbformat.read(file, as_version=4)) for file in (saved, path)]
    assert numbers[0] == numbers[1]
