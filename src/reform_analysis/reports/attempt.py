"""One report, from its notebook's text to the bytes of its files: what a worker does."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from reform_analysis.display.chart import VECTOR_VARIABLE
from reform_analysis.reports import document, formats, pictures, reads, record, watch
from reform_analysis.reports import engine as own
from reform_analysis.reports.job import Job, Outcome
from reform_analysis.reports.normalise import normalise, steady_text, text_of

# the file Papermill saves to
_EXECUTED = "executed.ipynb"


def run(job: Job, *, engine: str | None = None, spool: Path | None = None) -> Outcome:
    """Execute one job in this process and export it.

    Parameters
    ----------
    job
        What to make.
    engine
        Papermill's engine: None starts an ordinary kernel; ``reform-analysis`` runs the cells in this process.
    spool
        File that keeps finished cells, for the case that the process is killed.

    Returns
    -------
    Outcome
        An error in a cell is an outcome, not an exception; only a fault of the machinery raises.
    """
    # a checkout that is on the path without being installed has no entry point to be found by
    papermill_engines.register(own.NAME, own.InProcessEngine)
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="report-"))
    try:
        outcome = _outcome(job, *_execute(job, engine, spool, folder)) if engine else _in_kernel(job, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    outcome.seconds = time.monotonic() - started
    if engine:
        import resource  # which Windows lacks, like processes that fork

        outcome.reads = reads.taken()
        outcome.data = b"" if outcome.failure else reads.rows(outcome.reads)
        outcome.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome


def _in_kernel(job: Job, folder: Path) -> Outcome:
    """Execute one job in an ordinary kernel, which is killed at the job's limits."""
    with watch.limited(job.minutes, job.memory_mb) as exceeded:
        try:
            executed = _execute(job, None, None, folder)
        except RuntimeError as fault:
            if not exceeded and not isinstance(fault, DeadKernelError):
                raise
            return _died(job, "".join(exceeded), folder / _EXECUTED)
    return _outcome(job, *executed)


def _died(job: Job, exceeded: str, saved: Path) -> Outcome:
    """Return the outcome of a kernel that was killed, with the notebook as it was last saved."""
    text = saved.read_text(encoding="utf-8") if saved.is_file() else job.notebook
    notebook = normalise(nbformat.reads(text, as_version=4), job.given)
    messages = {
        "timeout": f"TimeLimit: the limit of {job.minutes:g} minutes was reached",
        "memory": f"MemoryError: the limit of {job.memory_mb} MB was reached",
        "": "KernelDied: the process ended before the report was whole",
    }
    return Outcome(exceeded or "killed", messages[exceeded], {".failed.ipynb": text_of(notebook).encode()})


def _execute(
    job: Job, engine: str | None, spool: Path | None, folder: Path
) -> tuple[Any, PapermillExecutionError | None]:
    """Let Papermill run the notebook in an empty folder; return it with the error that stopped it."""
    if job.lock:
        os.environ[record.LOCK_VARIABLE] = job.lock
    if "figures" in job.formats:
        os.environ[VECTOR_VARIABLE] = "1"
    else:
        os.environ.pop(VECTOR_VARIABLE, None)
    output = folder / _EXECUTED
    options = {"spool": spool} if engine else {"execution_timeout": None}
    workplace = folder / "work"
    workplace.mkdir()
    try:
        executed = papermill.execute_notebook(
            nbformat.reads(job.notebook, as_version=4),
            output,
            parameters=job.given,
            engine_name=engine,
            kernel_name="python3",
            progress_bar=False,
            # for the case that the kernel is killed; a forked process keeps its cells in the spool
            request_save_on_cell_execute=not engine,
            cwd=workplace,
            **options,
        )
    except PapermillExecutionError as error:
        executed = nbformat.read(output, as_version=4)
        executed.cells = [c for c in executed.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", [])]
        return normalise(executed, job.given), error
    return normalise(executed, job.given), None


def _outcome(job: Job, notebook: Any, error: PapermillExecutionError | None) -> Outcome:
    """Judge an executed notebook and make its files."""
    vectors = pictures.take_vectors(notebook)
    if error is not None and error.ename == record.NotApplicable.__name__:
        _end_at(notebook, error)
        outcome = Outcome("not applicable", steady_text(str(error.evalue)))
    elif error is not None:
        return _failed(notebook, _failure(notebook, error))
    else:
        reason = unanswered(notebook)
        outcome = Outcome("not applicable", reason) if reason else Outcome("ok")
    outcome.key_numbers = key_numbers(notebook)
    missing = missing_outputs(notebook) if outcome.status == "ok" else ""
    if missing:
        return _failed(notebook, {"ename": "MissingOutput", "evalue": missing})
    notebook.metadata["reform_analysis"] = dict(notebook.metadata.get("reform_analysis", {})) | {
        "status": outcome.status,
        "parameters": job.parameters,
        "key_numbers": outcome.key_numbers,
    }
    outcome.files[".ipynb"] = text_of(notebook).encode()
    outcome.files |= formats.write(document.read(notebook), job.formats, vectors)
    return outcome


def _failed(notebook: Any, failure: dict[str, Any]) -> Outcome:
    """Return the outcome of a report that failed, with the notebook as far as it got."""
    name = failure.get("ename", "")
    found = {"TimeLimit": "timeout", "MemoryError": "memory", "_ArrayMemoryError": "memory"}.get(name, "failed")
    text = f"{name}: {failure.get('evalue', '')}".strip(": ")
    files = {".failed.ipynb": text_of(notebook).encode()}
    return Outcome(found, text, files, failure=failure)


def _failure(notebook: Any, error: PapermillExecutionError) -> dict[str, Any]:
    """Return which cell failed, and how."""
    index = _failing_cell(notebook)
    return {
        "cell": index,
        "source": error.source,
        "ename": error.ename,
        "evalue": steady_text(str(error.evalue)),
        "traceback": [steady_text(str(line)) for line in error.traceback],
    }


def _failing_cell(notebook: Any) -> int:
    """Return the number of the first cell, from 1, that ends in an error."""
    for number, cell in enumerate(notebook.cells, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return number
    return 0


def _end_at(notebook: Any, error: PapermillExecutionError) -> None:
    """Cut a report that does not apply after the cell that said so, and take the exception out of sight."""
    number = _failing_cell(notebook)
    notebook.cells = notebook.cells[:number]
    last = notebook.cells[-1]
    last.outputs = [output for output in last.outputs if output.output_type != "error"]


def _displayed(notebook: Any) -> list[Any]:
    """Return the data of every displayed output."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data for output in outputs if "data" in output]


def key_numbers(notebook: Any) -> list[dict[str, Any]]:
    """Return the key numbers a notebook registered, alone or with its answers, in its order."""
    shown = _displayed(notebook)
    alone = [dict(data[record.KEY_NUMBER]) for data in shown if record.KEY_NUMBER in data]
    return [
        *alone,
        *(dict(number) for data in shown if record.ANSWER in data for number in data[record.ANSWER]["key_numbers"]),
    ]


def unanswered(notebook: Any) -> str:
    """Return why a notebook has no answer to any of its questions; empty if it has one, or asks none."""
    answers = [data[record.ANSWER] for data in _displayed(notebook) if record.ANSWER in data]
    if not answers or any(answer["status"] == "answered" for answer in answers):
        return ""
    return " ".join(dict.fromkeys(says for answer in answers for says in answer["says"]))


def missing_outputs(notebook: Any) -> str:
    """Return what the notebook's metadata promises and its outputs lack, in words; empty if nothing.

    A run can end green and empty: the wrong folder, a caught exception. Hence the metadata
    ``reform_analysis: {"expects": {"answers": 7, "tables": 3, "figures": 2, "key_numbers": 4}}``, each a least number.
    """
    shown = _displayed(notebook)
    counts = {
        "tables": sum("<table" in "".join(data.get("text/html", "")) for data in shown),
        "figures": sum(any(mime.startswith("image/") for mime in data) for data in shown),
        "key_numbers": len(key_numbers(notebook)),
        "answers": sum(record.ANSWER in data for data in shown),
    }
    promised = notebook.metadata.get("reform_analysis", {}).get("expects", {})
    lacking = [
        f"{wanted} {name.replace('_', ' ')}, got {counts.get(name, 0)}"
        for name, wanted in promised.items()
        if counts.get(name, 0) < wanted
    ]
    return f"the notebook's metadata promises at least {'; '.join(lacking)}" if lacking else ""


def from_spool(job: Job, spool: Path) -> Any:
    """Return the notebook as far as a killed process had got, from the cells it left in the spool."""
    notebook = nbformat.reads(job.notebook, as_version=4)
    done = {}
    for line in spool.read_text(encoding="utf-8").splitlines() if spool.is_file() else []:
        try:
            index, source, count, outputs = json.loads(line)
        except ValueError:
            break  # the line the process died in
        done[index] = (source, count, outputs)
    injected = [index for index, (source, _, _) in done.items() if _is_injected(notebook, index, source)]
    for index in injected[:1]:
        cell = nbformat.v4.new_code_cell(done[index][0], metadata={"tags": ["injected-parameters"]})
        notebook.cells.insert(index, cell)
    for index, (_, count, outputs) in done.items():
        notebook.cells[index].execution_count = count
        notebook.cells[index].outputs = [nbformat.from_dict(output) for output in outputs]
    pictures.take_vectors(notebook)
    return normalise(notebook, job.given)


def _is_injected(notebook: Any, index: int, source: str) -> bool:
    """Tell whether a spooled cell is the one Papermill put in, which the notebook itself lacks."""
    return index >= len(notebook.cells) or notebook.cells[index].source != source
