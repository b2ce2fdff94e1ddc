"""One page for a report that failed: what, where, why, and the command that tries again."""

from __future__ import annotations

import re
from typing import Any

from reform_analysis.reports import command, export
from reform_analysis.reports.batch import Report

_ANSI = re.compile(r"\x1b\[[0-9;]*m")

# pattern of an error -> what usually lies behind it
_CAUSES = (
    (r"^TimeLimit", "The report ran longer than its limit. Raise `limits: minutes` in the batch file."),
    (r"MemoryError", "The report needed more memory than its limit. Raise `limits: memory_mb` in the batch file."),
    (r"SIGKILL|SIGSEGV|SIGABRT|KernelDied", "The process was ended from outside or by a fault in compiled code; on a "
     "machine short of memory the system does this. Build with fewer --jobs."),
    (r"^MissingOutput", "A cell caught an error or found no rows, so a promised table, figure or key number is "
     "absent. Run the notebook in JupyterLab with these parameters."),
    (r"^ModuleNotFoundError|^ImportError", "The environment differs from requirements.lock. Run `make reports`, which "
     "sets it up."),
    (r"^DataError", "A data file breaks its schema. Run `reform-analysis data check`."),
    (r"^FileNotFoundError", "A file is missing. Run `make data`; a notebook itself may not read files."),
    (r"^OSError.*28|No space left", "The disk is full. Free some space and build again."),
)  # fmt: skip


def likely_cause(message: str) -> str:
    """Return what usually lies behind an error of this name and text."""
    found = (cause for pattern, cause in _CAUSES if re.search(pattern, message))
    return next(found, "The failing cell and the last lines of the error say more; rerun it with the command below.")


def rerun_command(report: Report) -> str:
    """Return the command that builds this one report again."""
    return command.run(command.name_of(report.notebook), report.given)


def page(report: Report, status: str, message: str, failure: dict[str, Any]) -> str:
    """Return the page of a failed report, for the person who builds, hence in English."""
    return export.render(
        "failure.html.j2",
        language="en",
        report=report,
        status=status,
        message=_ANSI.sub("", message),
        failure=failure,
        cause=likely_cause(message),
        command=rerun_command(report),
        parameters={name: command.as_yaml(value) for name, value in report.parameters.items()},
        trace="\n".join(_ANSI.sub("", line) for line in failure.get("traceback", [])),
    )
