"""The command line ``reform-analysis``: thin, calls the rooms, imports each only when its command runs."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Published figures on Viet Nam's two-tier local government reform, and the reports built from them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="The data: build, check, audit, add, trace, verify.", no_args_is_help=True)
app.add_typer(data_app, name="data")

Batches = Annotated[list[Path] | None, typer.Argument(help="Batch files; reports/national.yaml when none is given.")]
Out = Annotated[Path | None, typer.Option("--out", help="Output folder; reports/build when not given.")]
Formats = Annotated[
    str | None, typer.Option(help="Formats in place of the batch file's: html,pdf,docx,tables,figures,citations.")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Reports made at a time; one a core when not given.")]
Scheduler = Annotated[str | None, typer.Option(help="Dask scheduler whose workers make the reports: tcp://...")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, one object a line.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Write nothing but failures.")]
Force = Annotated[bool, typer.Option("--force", help="Build also what is up to date.")]
Verify = Annotated[bool, typer.Option("--verify", help="Compare results by content, not by size and time.")]


@app.command()
def build(
    batches: Batches = None,
    jobs: Jobs = None,
    formats: Formats = None,
    force: Force = False,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Only reports whose last attempt failed.")] = False,
    verify: Verify = False,
    scheduler: Scheduler = None,
    out: Out = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Build the reports of batch files that are not up to date."""
    reports = _reports(batches, formats)
    options = {"jobs": jobs, "force": force, "only_failed": only_failed, "verify": verify, "scheduler": scheduler}
    _build(reports, out, quiet=quiet, as_json=as_json, **options)


@app.command()
def run(
    notebook: Annotated[str, typer.Argument(help="Name such as 03_staffing, or a path.")],
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="name=value; repeat for more.")
    ] = None,
    formats: Formats = None,
    force: Force = False,
    out: Out = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Build one report of a notebook with the given parameters."""
    from reform_analysis.reports import batch

    report = batch.single(batch.find_notebook(notebook), _values(parameter or []), formats=_formats(formats))
    _build([report], out, quiet=quiet, as_json=as_json, jobs=1, force=force)


@app.command()
def plan(batches: Batches = None, out: Out = None, verify: Verify = False, as_json: AsJson = False) -> None:
    """Show what a build would do, why, and how long it may take on one core."""
    steps = _plan(_reports(batches, None), out, verify=verify)
    todo = [step for step in steps if step.reasons]
    if as_json:
        _say_json({"report": step.report.id, "reasons": step.reasons, "seconds": step.seconds} for step in steps)
        return
    for step in steps:
        typer.echo(f"{'build' if step.reasons else 'keep '} {step.report.id}  {'; '.join(step.reasons)}".rstrip())
    seconds = sum(step.seconds for step in todo)
    reports = f"{len(steps)} report{'s' * (len(steps) != 1)}"
    typer.echo(f"{reports}, {len(todo)} to build, about {seconds:.0f} s on one core")


@app.command()
def status(batches: Batches = None, out: Out = None, as_json: AsJson = False) -> None:
    """Show what became of each report, and whether it is up to date."""
    from reform_analysis.reports import ledger

    book = ledger.read(_folder(out))
    rows = []
    for step in _plan(_reports(batches, None), out, verify=False):
        last = book.last.get(step.report.id, {"status": "never built", "message": "", "started": "", "seconds": 0.0})
        fields = {name: last[name] for name in ("status", "message", "started", "seconds")}
        rows.append({"report": step.report.id, "current": not step.reasons, **fields})
    if as_json:
        _say_json(rows)
        return
    for row in rows:
        stale = "" if row["current"] or row["status"] not in ledger.DONE else " (out of date)"
        typer.echo(f"{row['status']}{stale}  {row['report']}  {_visible(row['message'])}".rstrip())


@app.command()
def why(
    report: Annotated[str | None, typer.Argument(help="Report, or a part of its name; all when not given.")] = None,
    batches: Annotated[list[Path] | None, typer.Option("--batch", help="Batch file; repeat for more.")] = None,
    out: Out = None,
) -> None:
    """Show which part of what a report depends on has changed since it was built."""
    steps = [
        step for step in _plan(_reports(batches, None), out, verify=False) if not report or report in step.report.id
    ]
    if not steps:
        raise ValueError(f"no report is named like {report!r}; `reform-analysis plan` lists them")
    for step in steps:
        typer.echo(f"{step.report.id}: {'; '.join(step.reasons) or 'up to date'}")


@app.command()
def reproduce(
    report: Annotated[str, typer.Argument(help="Report, or a part of its name.")],
    batches: Annotated[list[Path] | None, typer.Option("--batch", help="Batch file; repeat for more.")] = None,
    out: Out = None,
) -> None:
    """Rebuild one report elsewhere and compare its key numbers with those of the last build."""
    from reform_analysis.reports import ledger, reproduce

    found = [one for one in _reports(batches, None) if report in one.id]
    if len(found) != 1:
        listed = ", ".join(one.id for one in found) or "none"
        raise ValueError(f"one report must be meant by {report!r}; got {listed}")
    expected = ledger.read(_folder(out)).done.get(found[0].id)
    if expected is None:
        raise ValueError(f"report {found[0].id} must have been built before; run `reform-analysis build`")
    rows = reproduce.compare(found[0], expected["key_numbers"])
    for row in rows:
        typer.echo(f"{'agrees' if row.agrees else 'DIFFERS'}  {row.name}: {row.expected} then, {row.got} now")
    agreed = sum(row.agrees for row in rows)
    typer.echo(f"{agreed} of {len(rows)} key numbers agree")
    raise typer.Exit(0 if agreed == len(rows) else 1)


@app.command()
def checklist(as_json: AsJson = False) -> None:
    """Check what a journal's data editor checks, from the files alone."""
    from dataclasses import asdict

    from reform_analysis.reports import checklist, project

    results = checklist.run(project.checkout())
    failed = [result for result in results if not result.passed]
    if as_json:
        _say_json({**asdict(result), "passed": result.passed} for result in results)
    else:
        typer.echo("\n".join(map(str, results)))
        typer.echo(f"{len(results) - len(failed)} of {len(results)} checks hold")
    raise typer.Exit(1 if failed else 0)


@data_app.command("build")
def data_build() -> None:
    """Build data/processed from data/raw."""
    from reform_analysis.evidence import build as processed

    typer.echo(f"{len(processed.build())} files of data/processed are up to date with data/raw")


@data_app.command("check")
def data_check() -> None:
    """Check that the raw data are valid and that data/processed is what they give."""
    from reform_analysis.evidence import build as processed

    processed.check()
    typer.echo("data/processed is what data/raw gives")


@data_app.command("audit")
def data_audit() -> None:
    """List figures that contradict themselves or each other."""
    from reform_analysis.evidence import store

    findings = store.audit()
    names = store.table("places").set_index("place_id")["name"]
    for row in findings.itertuples():
        typer.echo(f"{row.severity:10} {row.kind:10} {names[row.place_id]}, {row.indicator}: {row.explanation}")
        # a check of last digits names its first figures only: all stand in the table
        ids = row.observation_ids.split()
        typer.echo(f"{'':21} {' '.join(ids[:4])}{f' and {len(ids) - 4} more' if len(ids) > 4 else ''}")
    hard = (findings["severity"] == "hard").sum()
    typer.echo(f"{len(findings)} findings, {hard} of them hard; `data trace ID` shows one figure's trail")


@data_app.command("trace")
def data_trace(observation_id: Annotated[str, typer.Argument(help="As in the column of that name.")]) -> None:
    """Show the trail of one figure: phrase, bounds, source, corrections, reports."""
    from reform_analysis.reports import usage

    typer.echo(usage.trace(observation_id))


@data_app.command("add")
def data_add(
    file: Annotated[Path, typer.Argument(help="CSV file with the columns of observations or sources.")],
) -> None:
    """Add figures or sources from a CSV file to the raw data."""
    from datetime import date

    from reform_analysis.evidence import add

    for given in add.add_file(file, today=date.today()):
        typer.echo(given)


@data_app.command("verify")
def data_verify(directory: Annotated[Path, typer.Argument(help="Folder of text files, one a source.")]) -> None:
    """Look every figure up in the texts of its sources, kept in a folder."""
    from reform_analysis.evidence import store, verify

    found = verify.verify(store.table("observations"), store.table("sources"), directory)
    with_text = found[found["outcome"] != "no_text"]
    for row in with_text[with_text["outcome"] != "cited_paragraph"].itertuples():
        typer.echo(f"{row.outcome:10} {row.observation_id} {row.figure!r} ({row.locator}) in {row.file}")
    counts = with_text["outcome"].value_counts().reindex(verify.OUTCOMES[:-1], fill_value=0)
    typer.echo(
        f"{len(with_text)} figures have a text: {counts['cited_paragraph']} stand in the paragraph cited, "
        f"{counts['elsewhere']} elsewhere in it, {counts['not_found']} not found"
    )


def main() -> None:
    """Run the command line; a user's mistake ends in one message and exit code 2, not in a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a terminal without Vietnamese letters shows their codes, as it does in messages
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"reform-analysis: {_visible(str(error))}\n")
        raise SystemExit(2) from None


def _visible(text: str) -> str:
    """Return text that a terminal shows and does not obey, whatever a user's file or argument held."""
    from reform_analysis.reports import progress

    return progress.visible(text)


def _build(reports: list[Any], out: Path | None, *, quiet: bool, as_json: bool, **options: Any) -> None:
    """Build, say what failed and where the results are, and end with the exit code."""
    from reform_analysis.reports import build, progress
    from reform_analysis.reports.project import cores

    folder = _folder(out)
    display = progress.choose(quiet=quiet, as_json=as_json, jobs=options.get("jobs") or cores())
    summary = build.build(reports, folder, progress=display, **options)
    for note in summary.notes:
        sys.stderr.write(f"note: {note}\n")
    for failure in summary.failures:
        first = failure["message"].splitlines()[0] if failure["message"] else ""
        sys.stderr.write(f"{failure['status']}: {failure['report']}: {_visible(first)}\n")
        page = folder / f"{failure['report']}.failure.html"
        # on a full disk there is none
        if page.is_file():
            sys.stderr.write(f"  see {page}\n")
    if not quiet and not as_json:
        typer.echo(f"reports are in {folder}")
    raise typer.Exit(1 if summary.failed else 0)


def _plan(reports: list[Any], out: Path | None, *, verify: bool) -> list[Any]:
    """Return the steps a build would take."""
    from reform_analysis.reports import ledger, plan

    folder = _folder(out)
    return plan.make(reports, ledger.read(folder), folder, verify=verify)


def _reports(batches: list[Path] | None, formats: str | None) -> list[Any]:
    """Return the reports of the batch files, the standard batch when none is named."""
    from reform_analysis.reports import batch, project

    files = batches or [project.checkout() / "reports" / "national.yaml"]
    found = [report for file in files for report in batch.load(file, formats=_formats(formats))]
    batch.refuse_twins(found)
    return found


def _formats(text: str | None) -> list[str] | None:
    """Return the formats of a list separated by commas, each one known."""
    from reform_analysis.reports import formats

    if text is None:
        return None
    asked = [part.strip() for part in text.split(",")]
    formats.check(asked)
    return asked


def _folder(out: Path | None) -> Path:
    """Return the output folder."""
    from reform_analysis.reports import project

    return (out or project.checkout() / "reports" / "build").resolve()


def _values(pairs: list[str]) -> dict[str, Any]:
    """Return the parameters of ``name=value`` arguments, each value read as YAML."""
    from reform_analysis.reports import yamlfile

    values = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"-p must be name=value; got {pair!r}")
        values[name.strip()] = yamlfile.scalar(text)
    return values


def _say_json(rows: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object a line."""
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False))
