"""Run a plan over an executor: every report is made, written whole and recorded, whatever happens to the others.

*Executor* is a `concurrent.futures.Executor`: threads that wait for forked processes, a pool of processes, or a
cluster's. Workers hand back bytes; this process alone writes into the output folder and its ledger.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import hashlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reform_analysis.evidence import checksums
from reform_analysis.reports import cells, command, crate, fingerprint, formats, ledger, plan, project, reads, site
from reform_analysis.reports.batch import SINGLE, Report
from reform_analysis.reports.job import Job, Outcome
from reform_analysis.reports.progress import Progress

if TYPE_CHECKING:
    from reform_analysis.reports import workers

# how often the names of running reports are looked up for the progress display, in seconds
_TICK = 0.25


@dataclass
class Summary:
    """What a build did: number of reports by status, the failures, and notes for the user."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything that was asked for is not there."""
        return bool(self.failures) or self.interrupted


@dataclass(frozen=True)
class _Running:
    """A report that is being made: its step, its title, and when it was begun."""

    step: plan.Step
    title: str
    started: str


def build(
    reports: Sequence[Report],
    folder: Path,
    *,
    progress: Progress,
    jobs: int | None = None,
    force: bool = False,
    only_failed: bool = False,
    verify: bool = False,
    scheduler: str | None = None,
) -> Summary:
    """Build what is not up to date.

    Parameters
    ----------
    reports
        The reports wanted, of one or several batches.
    folder
        Output folder: results at ``<batch>/<name>.html``, their index at ``index.html``, the ledger, and the
        RO-Crate that describes them.
    progress
        Shows what happens.
    jobs
        Reports made at a time; as many as there are cores when None.
    force, only_failed, verify
        As in `reform_analysis.reports.plan.make`.
    scheduler
        Address of a Dask scheduler, whose workers then make the reports.

    Raises
    ------
    ValueError
        Another build is at work in the folder, or it cannot be written to; a format needs an extra.
    """
    formats.check({name for report in reports for name in report.formats})
    with ledger.hold(folder):
        book = ledger.read(folder)
        summary = Summary(notes=checksums.mend())
        if book.damaged:
            lines = ", ".join(map(str, book.damaged))
            summary.notes.append(f"{book.path.name}: line {lines} cannot be read and is passed over")
        data = reads.state()
        steps = plan.make(reports, book, folder, force=force, only_failed=only_failed, verify=verify)
        altered = sum(step.altered for step in steps)
        if altered:
            summary.notes.append(
                f"{altered} results are gone or were changed since they were built, and are made again"
            )
        todo = [step for step in steps if step.reasons]
        summary.counts["cached"] = len(steps) - len(todo)
        _note(book, reports, steps, summary)
        progress.start(len(steps), summary.counts["cached"], sum(step.seconds for step in todo))
        try:
            if todo:
                _run(todo, folder, book, summary, progress, data, jobs=jobs, scheduler=scheduler)
            _publish(book, folder, summary)
        finally:
            progress.stop(summary.counts)
    # reports end in any order; the list of failures is the batch's
    order = [report.id for report in reports]
    summary.failures.sort(key=lambda failure: order.index(failure["report"]))
    return summary


def _note(book: ledger.Ledger, reports: Sequence[Report], steps: Sequence[plan.Step], summary: Summary) -> None:
    """Write down what the batches ask for, and which records hold for new data too."""
    try:
        for name in dict.fromkeys(report.batch for report in reports if report.batch != SINGLE):
            book.ask(name, [report.id for report in reports if report.batch == name])
        for step in steps:
            if step.refreshed:
                record = book.done[step.report.id]
                before = book.before(step.report.id, step.key, record["status"])
                book.append(record | {"key": step.key, "previous": before})
    except OSError as error:
        summary.notes.append(f"{ledger.NAME} took no note: {error}; the next build writes it")


def _publish(book: ledger.Ledger, folder: Path, summary: Summary) -> None:
    """Shorten the ledger, write index and RO-Crate, and drop data files that no report reads any more."""
    try:
        book.compact()
        if site.is_due(folder):
            ledger.write_view(folder, site.NAME, site.page(book).encode())
            for path in site.orphans(book, folder):
                path.unlink()
        if crate.is_due(folder):
            crate.write(folder, book)
    except OSError as error:
        summary.notes.append(f"{site.NAME} or {crate.NAME} is not up to date: {error}; the next build writes it")


def _run(
    todo: list[plan.Step],
    folder: Path,
    book: ledger.Ledger,
    summary: Summary,
    progress: Progress,
    data: str,
    *,
    jobs: int | None,
    scheduler: str | None,
) -> None:
    """Keep the executor busy with a few reports more than it has hands, and take in what is done."""
    from reform_analysis.reports import workers

    with workers.crew(jobs=jobs, reports=len(todo), scheduler=scheduler) as crew:
        summary.notes += crew.notes
        waiting = iter(todo)
        running: dict[concurrent.futures.Future[Outcome], _Running] = {}
        try:
            while True:
                # never all at once: results of a thousand reports do not fit into memory
                for step in itertools.islice(waiting, crew.hands + 1 - len(running)):
                    job = _job(step)
                    running[_submit(crew, job)] = _Running(step, job.title, _now())
                if not running:
                    return
                done, _ = concurrent.futures.wait(running, _TICK, concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    record = _commit(running.pop(future), _result(future), folder, book)
                    if reads.state() != data:
                        _distrust(record, summary)
                    _enter(book, record, summary)
                    progress.done(record["report"], record["status"], record["seconds"], record["message"])
                progress.running([one.step.report.id for future, one in running.items() if future.running()])
        except KeyboardInterrupt:
            summary.interrupted = True
            summary.notes.append("stopped; what is done is kept, and the next build goes on from there")
            crew.abandon(list(running))


def _submit(crew: workers.Crew, job: Job) -> concurrent.futures.Future[Outcome]:
    """Hand a job to the executor; one whose workers have broken down breaks that report, not the build."""
    try:
        return crew.executor.submit(crew.make, job)
    except concurrent.futures.BrokenExecutor as error:
        broken: concurrent.futures.Future[Outcome] = concurrent.futures.Future()
        broken.set_exception(error)
        return broken


def _distrust(record: dict[str, Any], summary: Summary) -> None:
    """Let the next build make a report again that may have read old data and new."""
    record |= {"key": record["key"] | {"data": ""}, "reads": None}
    note = "the data changed during the build; the next build makes the reports that it may concern again"
    summary.notes += [] if note in summary.notes else [note]


def _job(step: plan.Step) -> Job:
    """Return the self-contained order for one report: prose in its language, stored outputs left behind."""
    report = step.report
    document = cells.read(report.notebook)
    for cell in document["cells"]:
        cell["source"] = cells.source(cell)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    language = report.parameters.get("language", "en")
    if language != "en":
        from reform_analysis.display import prose

        document = prose.translate_notebook(document, language, stem=report.notebook.stem)
    noted = {"notebook": command.name_of(report.notebook), "released": project.released()}
    document["metadata"].setdefault("reform_analysis", {}).update(noted)
    return Job(
        id=report.id,
        notebook=json.dumps(document, ensure_ascii=False),
        given=report.given,
        parameters=report.parameters,
        formats=report.formats,
        minutes=report.limits.minutes,
        memory_mb=report.limits.memory_mb,
        lock=project.lock_hash(),
        title=cells.heading(document),
        expects={part: step.key[part] for part in fingerprint.OF_A_WORKER if part in step.key},
    )


def _result(future: concurrent.futures.Future[Outcome]) -> Outcome:
    """Return a worker's outcome; a worker that broke is an outcome of that report, not the end of the build."""
    error = future.exception()
    if error is None:
        return future.result()
    return Outcome("killed", f"{type(error).__name__}: {error}")


def _commit(run: _Running, outcome: Outcome, folder: Path, book: ledger.Ledger) -> dict[str, Any]:
    """Write a report's files whole, take away what an earlier attempt left, and return the record."""
    report, key = run.step.report, run.step.key
    if outcome.status in ledger.FAILED:
        # brings nbconvert along, a second that a build without failures need not spend
        from reform_analysis.reports import failures

        text = failures.page(report, outcome.status, outcome.message, outcome.failure)
        outcome.files[".failure.html"] = text.encode(errors="backslashreplace")
    try:
        outputs = _write(folder, report, outcome)
    except OSError as error:
        outcome.status, outcome.message, outputs = "failed", f"OSError: {error}", {}
        # neither half a result nor an earlier one may pass for this
        _clear(folder, report, keep=())
    return {
        "report": report.id,
        "status": outcome.status,
        "message": outcome.message,
        "title": run.title,
        "notebook": report.notebook.stem,
        "given": report.given,
        "parameters": report.parameters,
        "started": run.started,
        "seconds": round(outcome.seconds, 3),
        "peak_mb": round(outcome.peak_mb, 1),
        "key": key,
        "reads": outcome.reads,
        "outputs": outputs,
        "key_numbers": outcome.key_numbers,
        "previous": book.before(report.id, key, outcome.status),
    }


def _write(folder: Path, report: Report, outcome: Outcome) -> dict[str, Any]:
    """Write the files of one report, each under its name only once it is whole on the disk."""
    (folder / report.batch).mkdir(parents=True, exist_ok=True)
    _clear(folder, report, keep=outcome.files)
    outputs = {}
    for suffix, data in sorted(outcome.files.items()):
        path = folder / f"{report.id}{suffix}"
        ledger.write_whole(path, data)
        outputs[suffix] = _state(path, data)
    if outcome.data:
        # one notebook in several languages, and the profiles of all places, load the same figures
        path = folder / site.data_name(report.notebook.stem, outcome.data)
        path.parent.mkdir(exist_ok=True)
        if not path.is_file() or path.read_bytes() != outcome.data:
            ledger.write_whole(path, outcome.data)
        outputs[site.DATA] = {"path": path.relative_to(folder).as_posix()} | _state(path, outcome.data)
    return outputs


def _clear(folder: Path, report: Report, *, keep: Collection[str]) -> None:
    """Take away the files of earlier attempts at a report."""
    for suffix in (*formats.SUFFIXES, ".ipynb", ".failure.html", ".failed.ipynb"):
        if suffix not in keep:
            with contextlib.suppress(OSError):
                (folder / f"{report.id}{suffix}").unlink(missing_ok=True)


def _state(path: Path, data: bytes) -> dict[str, Any]:
    """Return what tells a written file from a changed one."""
    state = path.stat()
    return {"size": state.st_size, "mtime_ns": state.st_mtime_ns, "sha256": hashlib.sha256(data).hexdigest()}


def _enter(book: ledger.Ledger, record: dict[str, Any], summary: Summary) -> None:
    """Put a record into the ledger and the summary; a ledger that cannot be written fails that report only."""
    try:
        book.append(record)
    except OSError as error:
        record |= {"status": "failed", "message": f"OSError: the ledger took no record: {error}"}
    summary.counts[record["status"]] += 1
    if record["status"] in ledger.FAILED:
        summary.failures.append({key: record[key] for key in ("report", "status", "message")})


def _now() -> str:
    """Return the time in UTC, for the ledger alone."""
    return datetime.datetime.fromtimestamp(time.time(), datetime.UTC).isoformat(timespec="seconds")
