"""A Papermill engine that runs the cells in an IPython shell of its own process, without a kernel.

*Engine* is Papermill's word: what executes the cells once Papermill has put the parameters in. It serves one
notebook a process: `reform_analysis.reports.template` forks a fresh one for each report. Papermill loads this
module whenever it is imported, so the shell itself is imported on use.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from papermill.engines import Engine, NotebookExecutionManager
from papermill.exceptions import PapermillException

NAME = "reform-analysis"


class InProcessEngine(Engine):
    """Papermill's engine ``reform-analysis``: the notebook's cells in this very process.

    Notes
    -----
    Not a kernel reused with ``%reset``: that leaks module state, rcParams and environment from one report to the
    next. Here the process itself is fresh, and a second notebook in it is refused.
    """

    _used = False

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, spool: Path | None = None, **_: Any
    ) -> None:
        """Run the cells in order; stop at the first error, which stands in that cell's outputs.

        Parameters
        ----------
        nb_man
            Papermill's manager, whose callbacks keep states and times.
        kernel_name
            Not used: there is no kernel.
        spool
            File to which each finished cell is appended, so that a killed process leaves what it had done.

        Raises
        ------
        PapermillException
            This process has run a notebook before.
        """
        if InProcessEngine._used:
            raise PapermillException(
                f"engine {NAME!r} must run one notebook a process; "
                "build with `reform-analysis build`, which forks one for each"
            )
        InProcessEngine._used = True
        from reform_analysis.reports import shell as shells

        with shells.opened() as (shell, recorder):
            nb_man.nb.metadata["language_info"] = shells.language_info()
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                succeeded = shells.run(shell, recorder, cell)
                if not succeeded:
                    nb_man.cell_exception(cell, cell_index=index)
                nb_man.cell_complete(cell, cell_index=index)
                if spool:
                    _append(spool, index, cell)
                if not succeeded:
                    break


def _append(spool: Path, index: int, cell: Any) -> None:
    """Add a finished cell's results to the spool as one line."""
    if cell.cell_type == "code":
        line = json.dumps([index, cell.source, cell.execution_count, cell.outputs], ensure_ascii=False)
        with spool.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
