"""Build one report afresh and compare its key numbers with recorded ones."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reform_analysis.reports import build, ledger
from reform_analysis.reports.batch import Report
from reform_analysis.reports.movements import agree
from reform_analysis.reports.progress import Quiet


@dataclass(frozen=True)
class Comparison:
    """One key number then and now; ``agrees`` when value and bounds lie within the tolerance."""

    name: str
    expected: float | None
    got: float | None
    agrees: bool


def compare(report: Report, expected: Sequence[Mapping[str, Any]]) -> list[Comparison]:
    """Return the comparison of a report's key numbers with recorded ones, by name.

    Raises
    ------
    ValueError
        The report cannot be built; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        # key numbers stand in the notebook, which every build writes
        summary = build.build([replace(report, formats=())], Path(folder), progress=Quiet(), jobs=1)
        if summary.failures:
            raise ValueError(f"report {report.id} must build to be compared; {summary.failures[0]['message']}")
        numbers = ledger.read(Path(folder)).done[report.id]["key_numbers"]
    return against(expected, numbers)


def against(expected: Sequence[Mapping[str, Any]], got: Sequence[Mapping[str, Any]]) -> list[Comparison]:
    """Compare two sets of key numbers; one that only one side has does not agree."""
    then = {number["name"]: number for number in expected}
    now = {number["name"]: number for number in got}
    return [_pair(name, then.get(name), now.get(name)) for name in dict.fromkeys([*then, *now])]


def _pair(name: str, then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Comparison:
    """Compare one key number."""
    expected, got = (side["value"] if side else None for side in (then, now))
    if then is None or now is None:
        return Comparison(name, expected, got, agrees=False)
    return Comparison(name, expected, got, agree(then, now, then["tolerance"]))
