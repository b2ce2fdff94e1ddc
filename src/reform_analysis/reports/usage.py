"""Which reports used a figure. Public as ``ra.trace``: the trail of a figure ends in the reports that read it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from reform_analysis.evidence import store
from reform_analysis.evidence.trace import Trace
from reform_analysis.reports import ledger, project


def trace(observation_id: str) -> Trace:
    """Return the trail of a figure: printed phrase, bounds and why, source, corrections, findings, reports.

    Parameters
    ----------
    observation_id
        As in the column of that name.

    Returns
    -------
    Trace
        Shows itself as text and as a table; ``reports`` names the reports in reports/build that read the figure.

    Raises
    ------
    ValueError
        If no figure has that id; the message names the nearest.
    """
    found = store.trace(observation_id)
    root = project.root()
    reports = used_in(observation_id, root / "reports" / "build") if root else ()
    return replace(found, reports=reports)


def used_in(observation_id: str, folder: Path) -> tuple[str, ...]:
    """Return the reports of an output folder whose loaded rows hold the figure, each call of the loader made once."""
    if not folder.is_dir():
        return ()
    known = len(store.reads)
    holds: dict[str, bool] = {}
    using = []
    for name, record in ledger.read(folder).done.items():
        calls = [read["arguments"] for read in record.get("reads") or [] if read["function"] == "load"]
        for arguments in calls:
            key = json.dumps(arguments, sort_keys=True)
            if key not in holds:
                holds[key] = observation_id in set(store.load(**arguments)["observation_id"])
        if any(holds[json.dumps(arguments, sort_keys=True)] for arguments in calls):
            using.append(name)
    # looking is not reading: a report that traces a figure depends on no more than before
    del store.reads[known:]
    return tuple(using)
