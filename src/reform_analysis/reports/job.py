"""The order for one report, and what became of it: plain values, as they travel between processes and machines.

A job carries everything it needs, so that a worker on another machine needs only the package and the data; an
outcome carries everything back, so that only the build itself writes into the output folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """One report to make: the notebook's text, what Papermill puts in, all parameters, formats and limits.

    ``title`` is the notebook's heading in the report's language. ``expects`` are the hashes of library, data,
    template and Python that the build's record will name; a worker elsewhere refuses the order where its own differ.
    """

    id: str
    notebook: str
    given: dict[str, Any]
    parameters: dict[str, Any]
    formats: tuple[str, ...]
    minutes: float
    memory_mb: int
    lock: str = ""
    title: str = ""
    expects: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a job.

    ``status`` is ok, not applicable, failed, timeout, memory or killed; ``files`` maps a suffix such as ``.html`` to
    content; ``data`` is CSV of the figures it loaded; ``failure`` holds cell, source, ename, evalue and traceback;
    ``reads`` is None where the reads of a report could not be seen, and it then depends on all data; ``needs`` is what
    `reform_analysis.reports.ready` says the process had to work out.
    """

    status: str
    message: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    data: bytes = b""
    key_numbers: list[dict[str, Any]] = field(default_factory=list)
    reads: list[dict[str, Any]] | None = None
    failure: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = 0.0
    needs: bytes = b""


@dataclass(frozen=True)
class KernelOrder:
    """The order for a Jupyter kernel: arguments of its launcher, working folder, whole environment."""

    arguments: tuple[str, ...]
    folder: str
    environment: dict[str, str]
