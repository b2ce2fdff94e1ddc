"""Warm processes: the outputs of an ordinary kernel, nothing shared between reports, nothing left behind."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from papermill.exceptions import PapermillException
from reports_helpers import NOTEBOOKS, PROJECT, SharedTemplate, job, notebook_of

from reform_analysis.reports import attempt, engine, kernels
from reform_analysis.reports.job import Job, Outcome

pytestmark = pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")

COMMITTED = sorted((PROJECT / "notebooks").glob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def template() -> Iterator[kernels.Template]:
    shared = SharedTemplate()
    assert shared.start() == ""
    yield shared
    shared.close()


def _in_kernel(order: Job, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Make a job in an ordinary kernel, under the variables that every worker has."""
    for name, value in kernels.environment().items():
        monkeypatch.setenv(name, value)
    # a kernel that sees this does not capture its descriptors
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    return attempt.run(order)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("stem", ["small", "tricky", pytest.param("full", marks=pytest.mark.slow)])
def test_outputs_are_those_of_an_ordinary_kernel(
    template: kernels.Template, stem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm, plain = template.make(job(stem)), _in_kernel(job(stem), monkeypatch)
    assert warm.status == plain.status
    assert notebook_of(warm.files) == notebook_of(plain.files)
    assert warm.files == plain.files
    assert warm.key_numbers == plain.key_numbers


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_notebooks_come_out_as_in_an_ordinary_kernel(
    template: kernels.Template, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reform_analysis.reports import batch, build, plan

    order = build._job(plan.Step(batch.single(path, {}), {}, (), 0.0))
    warm, plain = template.make(order), _in_kernel(order, monkeypatch)
    assert warm.status == plain.status == "ok", warm.message
    assert warm.files == plain.files


def _state(outcome: Outcome) -> str:
    return str(notebook_of(outcome.files)["cells"][4]["outputs"])


def test_nothing_set_by_one_report_reaches_the_next(template: kernels.Template) -> None:
    first = template.make(job("leaky", mark="first"))
    second = template.make(job("leaky", mark="second"))
    assert first.status == second.status == "ok"
    assert "'variable': False" in _state(first)
    assert _state(first) == _state(second)
    parallel = [template.make(job("leaky", mark=mark)) for mark in "abc"]
    assert {_state(outcome) for outcome in parallel} == {_state(first)}


CASES = [
    pytest.param("fine", "ok", "", id="fine"),
    pytest.param("fail", "failed", "KeyError: 'one'", id="error in a cell"),
    pytest.param("none", "not applicable", "no figures for one", id="not applicable"),
    pytest.param(
        "empty", "failed", "MissingOutput: the notebook's metadata promises at least 1 tables, got 0", id="empty"
    ),
    pytest.param("die", "killed", "SIGKILL: the process ended before the report was whole", id="killed"),
]


@pytest.mark.parametrize(("mode", "status", "message"), CASES)
def test_outcomes(template: kernels.Template, mode: str, status: str, message: str) -> None:
    outcome = template.make(job("small", mode=mode))
    assert (outcome.status, outcome.message) == (status, message)
    assert outcome.seconds > 0
    assert outcome.peak_mb > 10
    good = status in ("ok", "not applicable")
    assert set(outcome.files) == ({".html", ".ipynb"} if good else {".failed.ipynb"})


def test_killed_report_keeps_the_cells_it_had_finished(template: kernels.Template) -> None:
    cells = notebook_of(template.make(job("small", mode="die")).files)["cells"]
    assert [cell["metadata"].get("tags") for cell in cells[1:3]] == [["parameters"], ["injected-parameters"]]
    assert cells[4]["outputs"][0]["text"] == ["one 1\n"]
    assert [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"] == [1, 2, 3, 4, None, None, None]


def test_not_applicable_report_ends_where_it_said_so(template: kernels.Template) -> None:
    outcome = template.make(job("small", mode="none"))
    cells = notebook_of(outcome.files)["cells"]
    assert "not_applicable" in "".join(cells[-1]["source"])
    assert [output["output_type"] for output in cells[-1]["outputs"]] == ["display_data"]
    assert b"no figures for one" in outcome.files[".html"]
    assert b"Traceback" not in outcome.files[".html"]


def test_time_limit_keeps_the_notebook(template: kernels.Template) -> None:
    outcome = template.make(job("small", mode="slow", minutes=0.05))
    assert (outcome.status, outcome.message) == ("timeout", "TimeLimit: the report's time limit was reached")
    assert outcome.failure["cell"] == 6
    assert notebook_of(outcome.files)["cells"][4]["outputs"]


@pytest.mark.slow
def test_time_limit_holds_against_code_that_ignores_it(template: kernels.Template) -> None:
    stubborn = "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\ntime.sleep(60)"
    outcome = template.make(_job_of(stubborn, minutes=0.02))
    assert (outcome.status, outcome.message) == ("timeout", "TimeLimit: the limit of 0.02 minutes was reached")


def test_memory_limit_is_named(template: kernels.Template) -> None:
    outcome = template.make(job("small", mode="greedy", memory_mb=256))
    assert (outcome.status, outcome.failure["ename"]) == ("memory", "MemoryError")


def test_numpy_too_keeps_to_the_memory_limit(template: kernels.Template) -> None:
    outcome = template.make(_job_of("import numpy as np\nnp.ones(10**9)", memory_mb=256))
    assert outcome.status == "memory"


def test_started_processes_end_with_the_report(template: kernels.Template) -> None:
    code = "import subprocess\nprint(subprocess.Popen(['sleep', '300']).pid)"
    outcome = template.make(_job_of(code))
    pid = int(notebook_of(outcome.files)["cells"][0]["outputs"][0]["text"][0])
    assert _gone(pid)


def test_multiprocessing_works_inside(template: kernels.Template) -> None:
    code = (
        "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))"
    )
    outcome = template.make(_job_of(code))
    assert notebook_of(outcome.files)["cells"][0]["outputs"][0]["text"] == ["[1, 2]\n"]


def test_twenty_reports_at_once(template: kernels.Template) -> None:
    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(lambda n: template.make(job("small", number=n)), range(20)))
    assert [outcome.key_numbers[0]["value"] for outcome in outcomes] == list(range(20))


def test_template_that_dies_is_started_anew_and_the_report_made(template: kernels.Template) -> None:
    template.make(job("small"))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(template.make, _job_of("import time\ntime.sleep(1)\nprint('done')"))
        _child_of(template)
        os.kill(_pid(template), signal.SIGKILL)
        outcome = waiting.result(timeout=60)
    assert (outcome.status, outcome.message) == ("ok", "")


HALVES = {
    "printed": ("print('a\\udcff')", "ok", ""),
    "half printed": ("print('a\\ud800')", "ok", ""),
    "shown": ("'a\\ud800'", "ok", ""),
    "raised": ("raise ValueError('a\\udcff')", "failed", "ValueError: a\ufffd"),
}


@pytest.mark.parametrize(("code", "status", "message"), HALVES.values(), ids=HALVES)
def test_text_that_no_file_can_hold_fails_no_report(
    template: kernels.Template, code: str, status: str, message: str
) -> None:
    outcome = template.make(_job_of(code))
    assert (outcome.status, outcome.message) == (status, message)
    assert outcome.files[".ipynb" if status == "ok" else ".failed.ipynb"].decode()


def test_no_folder_of_this_machine_is_in_a_traceback_or_warning(template: kernels.Template) -> None:
    code = "import os, warnings\nfrom reform_analysis.evidence import store\nprint(os.getcwd())\nwarnings.warn('x')\n"
    outcome = template.make(_job_of(f"{code}store.load(topic='nonesuch')"))
    text = outcome.files[".failed.ipynb"].decode() + "".join(outcome.failure["traceback"])
    assert "<folder>" in text
    assert "reform_analysis/evidence/store.py" in text
    for folder in (str(PROJECT), str(Path(os.__file__).parent), tempfile.gettempdir()):
        assert f"{folder}/" not in text


@pytest.mark.parametrize(
    "killed", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["report ends", "template dies"]
)
def test_a_process_that_outlives_its_report_is_not_awaited(
    template: kernels.Template, tmp_path: Path, killed: bool
) -> None:
    """It has inherited the descriptor on which the report's result comes, and leads a session of its own."""
    pids = tmp_path / "pids"
    code = f"""
import os, time
if (pid := os.fork()) == 0:
    os.setsid()
    time.sleep(300)
    os._exit(0)
open({str(pids)!r}, "a").write(f"{{pid}}\\n")
time.sleep({2 * killed})
"""
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(template.make, _job_of(code))
        if killed:
            _wait_for(pids)
            os.kill(_pid(template), signal.SIGKILL)
        outcome = waiting.result(timeout=120)
    for pid in pids.read_text().split():
        os.kill(int(pid), signal.SIGKILL)
    assert (outcome.status, outcome.message) == ("ok", "")


def test_closing_kills_what_runs() -> None:
    own = kernels.Template()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(own.make, job("small", mode="slow"))
        child = _child_of(own)
        own.close()
        assert waiting.result(timeout=30).status == "killed"
    assert _gone(child)


def test_template_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOKS / "no such folder"))
    monkeypatch.setattr(kernels, "environment", lambda: {"PYTHONHOME": "/nonexistent"})
    with kernels.Template() as broken:
        assert "the template process did not start" in broken.start()


def test_engine_refuses_a_second_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.InProcessEngine, "_used", True)
    papermill.engines.papermill_engines.register(engine.NAME, engine.InProcessEngine)
    with pytest.raises(PapermillException, match="must run one notebook a process"):
        papermill.execute_notebook(
            _notebook("1"), None, engine_name=engine.NAME, kernel_name="python3", progress_bar=False
        )


def _notebook(code: str) -> Any:
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    cell = nbformat.v4.new_code_cell(code)
    cell.id = "c"
    return nbformat.v4.new_notebook(cells=[cell], metadata=kernel)


def _job_of(code: str, *, minutes: float = 2.0, memory_mb: int = 2048) -> Job:
    return Job("single/x", nbformat.writes(_notebook(code)), {}, {}, ("html",), minutes, memory_mb)


def _pid(template: kernels.Template) -> int:
    assert template._process is not None
    return template._process.pid


def _child_of(template: kernels.Template) -> int:
    """Return the process of the one report that is being made, once it is there."""
    for _ in range(600):
        time.sleep(0.05)
        if template._process is not None and (found := psutil.Process(_pid(template)).children()):
            return found[0].pid
    raise TimeoutError("no report was started")


def _wait_for(path: Path) -> None:
    """Wait until a file is there."""
    for _ in range(600):
        if path.is_file():
            return
        time.sleep(0.05)
    raise TimeoutError(f"{path} is not there")


def _gone(pid: int) -> bool:
    """Tell whether a process is gone, or is about to be."""
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False
