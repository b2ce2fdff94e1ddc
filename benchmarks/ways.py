"""The ways of building reports that bench.py compares, each run in a process of its own.

    python ways.py WAY JOBS REPORTS.json

prints JSON: seconds of start-up, seconds of building, peak memory in MB of all processes.
"""

from __future__ import annotations

import ast
import base64
import concurrent.futures
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

Order = dict[str, Any]  # notebook: path, parameters: dict


def command_line(orders: list[Order], jobs: int) -> Callable[[], None]:
    """papermill's command, then nbconvert's, one report after another."""

    def build() -> None:
        with tempfile.TemporaryDirectory() as folder:
            for order in orders:
                out = f"{folder}/out.ipynb"
                options = [part for name, value in order["parameters"].items() for part in ("-r", name, str(value))]
                command = [sys.executable, "-m", "papermill", order["notebook"], out, "--no-progress-bar", *options]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                command = [sys.executable, "-m", "nbconvert", "--to", "html", out]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return build


def _papermill_one(order: Order) -> int:
    """Build one report as the documentation of papermill and nbconvert shows it."""
    import nbconvert
    import papermill

    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out.ipynb"
        papermill.execute_notebook(order["notebook"], out, order["parameters"], progress_bar=False)
        page, _ = nbconvert.HTMLExporter().from_filename(out)
    return len(page)


def loop(orders: list[Order], jobs: int) -> Callable[[], None]:
    """papermill and nbconvert in a loop of one Python process."""
    import nbconvert  # noqa: F401
    import papermill  # noqa: F401

    def build() -> None:
        for order in orders:
            _papermill_one(order)

    return build


def pool(orders: list[Order], jobs: int) -> Callable[[], None]:
    """The same in a pool of processes, threads of numerical libraries bounded."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

    def build() -> None:
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as executor:
            list(executor.map(_papermill_one, orders))

    return build


def ploomber(orders: list[Order], jobs: int) -> Callable[[], None]:
    """ploomber-engine in process, nbconvert after it: state leaks from report to report."""
    import nbconvert
    from ploomber_engine import execute_notebook

    from reform_analysis.display.chart import Chart

    shown = Chart._repr_mimebundle_

    def encoded(chart: Chart, **options: object) -> Any:
        # it keeps pictures as bytes, where a kernel encodes them, and no notebook file can hold bytes
        data, metadata = shown(chart, **options)
        return {**data, "image/png": base64.b64encode(data["image/png"]).decode()}, metadata

    def build() -> None:
        Chart._repr_mimebundle_ = encoded
        with tempfile.TemporaryDirectory() as folder:
            for order in orders:
                out = f"{folder}/out.ipynb"
                execute_notebook(order["notebook"], out, parameters=order["parameters"], progress_bar=False)
                nbconvert.HTMLExporter().from_filename(out)

    return build


def ours(orders: list[Order], jobs: int) -> Callable[[], None]:
    """reform-analysis build, forced, start of its template included."""
    from reform_analysis.reports import batch, kernels, progress
    from reform_analysis.reports import build as engine

    reports = [batch.single(Path(order["notebook"]), order["parameters"]) for order in orders]
    start = kernels.Template.start

    def timed_start(template: kernels.Template) -> str:
        begun = time.monotonic()
        fault = start(template)
        TEMPLATE_SECONDS.append(time.monotonic() - begun)
        return fault

    kernels.Template.start = timed_start  # type: ignore[method-assign]

    def build() -> None:
        with tempfile.TemporaryDirectory() as folder:
            summary = engine.build(reports, Path(folder), progress=progress.Quiet(), jobs=jobs)
            assert not summary.failures, summary.failures

    return build


# start of the template, which is part of a build as measured; told apart so that it can be spread over a batch
TEMPLATE_SECONDS: list[float] = []


def bound(orders: list[Order], jobs: int) -> Callable[[], None]:
    """Lower bound: the same cells as plain code in processes forked warm, pages from our template."""
    from reform_analysis.reports import kernels, template

    os.environ.update(kernels.environment())
    template.preload()

    def build() -> None:
        waiting = list(orders)
        running: set[int] = set()
        while waiting or running:
            while waiting and len(running) < jobs:
                order = waiting.pop(0)
                child = os.fork()
                if child == 0:
                    _run_as_code(order)
                    os._exit(0)
                running.add(child)
            ended, status = os.wait()
            assert status == 0
            running.discard(ended)

    return build


def _run_as_code(order: Order) -> None:
    """Run a notebook's cells without Jupyter; what they would show is formatted, then thrown away."""
    import IPython.core.display_functions
    import nbformat
    from IPython.core.formatters import DisplayFormatter

    from reform_analysis.reports import cells, document, export, record, report

    formatter = DisplayFormatter()

    def show(*objects: Any, raw: bool = False, **_: Any) -> None:
        for thing in objects:
            if not raw:
                formatter.format(thing)

    for module in (record, report, IPython.core.display_functions):
        vars(module)["display"] = show
    notebook = nbformat.read(order["notebook"], as_version=4)
    space: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for value in _values(cells.source(cell), space):
                show(value)
            if "parameters" in cells.tags(cell):
                space.update(order["parameters"])
    export.page(document.read(notebook))


def _values(source: str, space: dict[str, Any]) -> Iterator[Any]:
    """Run a cell as plain code; give the value of its last line, where a notebook would show it."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    if last is not None and (value := eval(compile(ast.Expression(last.value), "cell", "eval"), space)) is not None:
        yield value


class Peak(threading.Thread):
    """Samples the private memory of this process and all it started."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.2):
            total = 0
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.most = max(self.most, total / 1e6)


WAYS = {
    "command line": command_line,
    "loop": loop,
    "pool": pool,
    "ploomber-engine": ploomber,
    "ours": ours,
    "lower bound": bound,
}


def main() -> None:
    """Run one way and print what it took."""
    way, jobs, orders = WAYS[sys.argv[1]], int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
    begun = time.monotonic()
    build = way(orders, jobs)
    ready = time.monotonic()
    # a process that will fork must not have a second thread
    peak = Peak() if way is not bound else None
    if peak:
        peak.start()
    build()
    ended = time.monotonic()
    if peak:
        peak.done.set()
    start = ready - begun + sum(TEMPLATE_SECONDS)
    seconds = ended - ready - sum(TEMPLATE_SECONDS)
    cpu = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"start": start, "seconds": seconds, "peak_mb": peak.most if peak else 0.0, "cpu": cpu}))


if __name__ == "__main__":
    main()
