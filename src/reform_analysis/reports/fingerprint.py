"""What a report depends on, hashed part by part; and, from that, why a report must be built again.

The parts are the notebook's code and prose, the parameters, the data, the library's source and day, the lock, Python,
the translation catalogues, the page template and the formats. A part that is missing here is a stale report one day,
so the parts are broad: any change of the library rebuilds. Only data is narrow: see `reform_analysis.reports.reads`.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reform_analysis import __version__
from reform_analysis.evidence.directory import data_directory
from reform_analysis.reports import cells, project
from reform_analysis.reports.batch import Report

# the words in which `why` names a part
WORDS = {
    "code": "the notebook's code",
    "prose": "the notebook's prose",
    "parameters": "the parameters",
    "data": "the data",
    "library": "the library's source",
    "released": "the day of the version",
    "lock": "the lock file",
    "python": "the Python version or platform",
    "catalogue": "the translations",
    "template": "the page template",
    "formats": "the formats",
}

# the parts that a worker elsewhere has of its own, and must have the same
OF_A_WORKER = ("library", "data", "template", "python")


class Surroundings:
    """The parts that all reports of a build share, and the notebooks', each read once."""

    def __init__(self) -> None:
        """Hash the shared parts, which takes some milliseconds."""
        package = project.PACKAGE
        root = project.root()
        # the path of a catalogue holds "locale" in the library and beside the notebooks alike
        translations = [*package.rglob("locale/**/*.[pm]o")]
        translations += (root / "notebooks").rglob("locale/**/*.[pm]o") if root else []
        self.parts = {
            "data": tree_hash(data_files(), data_directory()),
            "library": f"{__version__} {tree_hash([*package.rglob('*.py'), *package.rglob('*.toml')], package)}",
            "released": project.released(),
            "lock": tree_hash([root / "requirements.lock"], root) if root else "",
            "python": f"{platform.python_version()} {platform.system()} {platform.machine()}",
            "catalogue": tree_hash(translations, root or package),
            "template": tree_hash(project.TEMPLATES.rglob("*"), project.TEMPLATES),
        }
        self._notebooks: dict[Path, dict[str, str]] = {}

    def key(self, report: Report) -> dict[str, str]:
        """Return the hash of every part of one report."""
        if report.notebook not in self._notebooks:
            self._notebooks[report.notebook] = cells.content_hashes(report.notebook)
        own = {
            "parameters": cells.digest([report.parameters, report.given]),
            "formats": " ".join(sorted(report.formats)),
        }
        return self._notebooks[report.notebook] | own | self.parts


def data_files() -> list[Path]:
    """Return the processed data files."""
    return [path for path in (data_directory() / "processed").rglob("*") if path.is_file()]


def tree_hash(paths: Any, base: Path) -> str:
    """Return one hash of files' names and contents, whatever the order; missing files count as absent."""
    found = sorted((path.relative_to(base).as_posix(), path) for path in set(paths) if path.is_file())
    sums = [[name, hashlib.sha256(path.read_bytes()).hexdigest()] for name, path in found]
    return cells.digest(sums)[:32]


def changed_parts(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the parts that differ, in the order of `WORDS`."""
    return [part for part in WORDS if was.get(part) != now.get(part)]
