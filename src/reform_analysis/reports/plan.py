"""What a build has to do: which reports are up to date, why the others are not, and how long they may take."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reform_analysis.reports import fingerprint
from reform_analysis.reports.batch import Report
from reform_analysis.reports.ledger import DONE, Ledger, file_of
from reform_analysis.reports.reads import Reads

# what a report takes where no earlier run of its notebook is known, in seconds
_UNKNOWN_SECONDS = 2.0


@dataclass(frozen=True)
class Step:
    """One report of a plan; no ``reasons`` means that it is up to date.

    ``refreshed`` is set where the data changed but not the rows this report read: its record needs the new key.
    ``altered`` is set where files of the last build are gone or were changed.
    """

    report: Report
    key: dict[str, str]
    reasons: tuple[str, ...]
    seconds: float
    refreshed: bool = False
    altered: bool = False


def make(
    reports: Sequence[Report],
    ledger: Ledger,
    folder: Path,
    *,
    force: bool = False,
    only_failed: bool = False,
    verify: bool = False,
) -> list[Step]:
    """Return one step a report.

    Parameters
    ----------
    reports
        The reports wanted.
    ledger
        The ledger of the output folder.
    folder
        The output folder.
    force
        Build all of them, whatever has changed.
    only_failed
        Leave out those whose last attempt did not fail.
    verify
        Compare results by content, not by size and time of change.
    """
    surroundings = fingerprint.Surroundings()
    reads = Reads()
    if only_failed:
        reports = [one for one in reports if one.id in ledger.last and ledger.last[one.id]["status"] not in DONE]
    times = _times(ledger)
    steps = []
    for report in reports:
        key = surroundings.key(report)
        record = ledger.done.get(report.id)
        damage = _damaged(record, report, folder, verify=verify) if record else []
        reasons, refreshed = (damage, False) if damage else _judge(report, key, ledger, reads)
        if force and not reasons:
            reasons = ["forced"]
        steps.append(
            Step(report, key, tuple(reasons), _estimate(report, times), refreshed and not reasons, bool(damage))
        )
    return steps


def _judge(report: Report, key: Mapping[str, str], ledger: Ledger, reads: Reads) -> tuple[list[str], bool]:
    """Return why a report must be built, and whether only its record is out of date."""
    record = ledger.done.get(report.id)
    if record is None:
        last = ledger.last.get(report.id)
        return [f"last attempt: {last['status']}: {last['message']}" if last else "never built"], False
    changed = fingerprint.changed_parts(record["key"], key)
    reasons = [f"{fingerprint.WORDS[part]} changed" for part in changed if part != "data"]
    if reasons or "data" not in changed:
        return reasons, False
    return [f"the data changed: {words}" for words in reads.changed(record["reads"])], True


def _damaged(record: Mapping[str, Any], report: Report, folder: Path, *, verify: bool) -> list[str]:
    """Return which of a report's files are gone or are not as they were written."""
    found = []
    for suffix, was in record["outputs"].items():
        path = folder / file_of(report.id, suffix, was)
        try:
            state = path.stat()
        except OSError:
            found.append(f"{path.name} is missing")
            continue
        touched = (state.st_size, state.st_mtime_ns) != (was["size"], was["mtime_ns"])
        if touched or verify:
            same = hashlib.sha256(path.read_bytes()).hexdigest() == was["sha256"]
            found += [] if same else [f"{path.name} was changed since it was built"]
    return found


def _times(ledger: Ledger) -> dict[str, list[float]]:
    """Return the durations of finished reports, by notebook."""
    times: dict[str, list[float]] = {}
    for record in ledger.done.values():
        times.setdefault(record["notebook"], []).append(record["seconds"])
    return times


def _estimate(report: Report, times: Mapping[str, list[float]]) -> float:
    """Return the median duration of the notebook's finished reports."""
    known = times.get(report.notebook.stem) or [seconds for all_of in times.values() for seconds in all_of]
    return statistics.median(known) if known else _UNKNOWN_SECONDS
