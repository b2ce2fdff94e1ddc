"""Helpers of the tests of the room ``reports``: test notebooks, jobs, and one warm template for a whole run."""

import json
from pathlib import Path
from typing import Any

from reform_analysis.reports import batch, build, kernels, plan
from reform_analysis.reports.job import Job

NOTEBOOKS = Path(__file__).parent / "data" / "notebooks"
PROJECT = Path(__file__).parents[1]


def report(stem: str, **given: Any) -> batch.Report:
    return batch.single(NOTEBOOKS / f"{stem}.ipynb", given)


def job(stem: str, *, minutes: float = 2.0, memory_mb: int = 2048, **given: Any) -> Job:
    made = report(stem, **given)
    limits = batch.Limits(minutes=minutes, memory_mb=memory_mb)
    made = batch.Report(made.batch, made.name, made.notebook, made.given, made.parameters, made.formats, limits)
    return build._job(plan.Step(made, {}, (), 0.0))


def notebook_of(files: dict[str, bytes]) -> dict[str, Any]:
    text = next(data for suffix, data in files.items() if suffix.endswith("ipynb"))
    document: dict[str, Any] = json.loads(text)
    return document


class SharedTemplate(kernels.Template):
    """A template that outlives the builds of single tests, as starting one takes seconds."""

    def __exit__(self, *_: object) -> None:
        pass

    def start(self) -> str:
        return "" if self._control is not None else super().start()
