"""Measure how long reports take, ours against the usual ways, and write docs/performance.md.

    make bench                    everything, about half an hour on two quiet cores
    python benchmarks/bench.py --rounds 3 --reports 4 --sizes 10,100

Ways are interleaved, round after round, so that a slow spell of the machine hits all of them; medians are given.
ploomber-engine would slow the start of everything else that imports Papermill: it is measured in an environment of its
own, the same as this one but for that, whose Python ``--ploomber`` names; without one it is left out and said to be.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "performance.md"
MARK = "<!-- measured: everything below is written by `make bench` -->"

CASES = (
    ("command line", 1, "papermill and nbconvert command lines, one by one"),
    ("loop", 1, "papermill.execute_notebook and HTMLExporter in a loop"),
    ("pool", 2, "the same in a pool of 2 processes"),
    ("ploomber-engine", 1, "ploomber-engine in process (state leaks)"),
    ("ours", 1, "reform-analysis build --jobs 1"),
    ("ours", 2, "reform-analysis build --jobs 2"),
    ("lower bound", 1, "lower bound: the cells as plain code in warm processes, 1 at a time"),
    ("lower bound", 2, "lower bound, 2 at a time"),
)


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reports", type=int, default=12, help="reports a way builds in a round")
    parser.add_argument("--sizes", default="10,100,1000", help="numbers of reports for the growth table")
    parser.add_argument("--ploomber", default="", help="Python of an environment that has ploomber-engine as well")
    options = parser.parse_args()
    orders = real_orders(options.reports)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.json"
        file.write_text(json.dumps(orders))
        measured = ways(file, options.rounds, options.ploomber)
        text = table(measured, len(orders))
        text += whole(Path(folder), measured, len(orders))
        text += few(Path(folder), options.rounds)
        text += growth(Path(folder), [int(size) for size in options.sizes.split(",")])
    text += idle() + imports()
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}\n\n{about(options)}{text}", encoding="utf-8")
    print(f"written to {PAGE.relative_to(PROJECT)}")


def standard() -> list[dict[str, Any]]:
    """Return orders for every report of the standard batches."""
    from reform_analysis.reports import batch

    reports = [report for file in sorted((PROJECT / "reports").glob("*.yaml")) for report in batch.load(file)]
    return [{"notebook": str(report.notebook), "parameters": report.given} for report in reports]


def real_orders(number: int) -> list[dict[str, Any]]:
    """Return orders for as many reports as asked, spread evenly over the standard batches."""
    orders = standard()
    return [orders[(2 * turn + 1) * len(orders) // (2 * number)] for turn in range(number)]


def run(way: str, jobs: int, file: Path, python: str = sys.executable) -> dict[str, float]:
    """Run one way in a process of its own."""
    command = [python, str(Path(__file__).with_name("ways.py")), way, str(jobs), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{way}: {done.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def ways(file: Path, rounds: int, ploomber: str) -> dict[tuple[str, int], list[dict[str, float]]]:
    """Measure every way once a round."""
    here = [case for case in CASES if case[0] != "ploomber-engine" or ploomber]
    measured: dict[tuple[str, int], list[dict[str, float]]] = {(way, jobs): [] for way, jobs, _ in here}
    for number in range(rounds):
        for way, jobs in measured:
            python = ploomber if way == "ploomber-engine" else sys.executable
            measured[way, jobs].append(run(way, jobs, file, python))
            print(f"round {number + 1}: {way} {jobs}: {measured[way, jobs][-1]}", flush=True)
    return measured


def middle(rows: list[dict[str, float]], name: str) -> float:
    """Return the median of one figure."""
    return statistics.median(row[name] for row in rows)


def table(measured: dict[tuple[str, int], list[dict[str, float]]], reports: int) -> str:
    """Return the table of ways; the ratio is of medians of the same rounds."""
    base = middle(measured["loop", 1], "seconds")
    lines = [
        f"## Ways, {reports} reports spread evenly over the standard batches\n",
        "| way | s a report | start, s | times faster than the loop | processor s a report, with start | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for way, jobs, words in CASES:
        rows = measured.get((way, jobs), [])
        if not rows:
            lines.append(f"| {words} | not measured | | | | |")
            continue
        seconds, start = middle(rows, "seconds"), middle(rows, "start")
        memory = f"{middle(rows, 'peak_mb'):.0f}" if middle(rows, "peak_mb") else ""
        cpu = middle(rows, "cpu") / reports
        lines.append(
            f"| {words} | {seconds / reports:.2f} | {start:.1f} | {base / seconds:.1f} | {cpu:.2f} | {memory} |"
        )
    return "\n".join(lines) + "\n\n"


def whole(folder: Path, measured: dict[tuple[str, int], list[dict[str, float]]], reports: int) -> str:
    """Return what every report of the standard batches takes from nothing, start included, once each way."""
    orders = standard()
    file = folder / "standard.json"
    file.write_text(json.dumps(orders))
    rows = {way: run(way, jobs, file) for way, jobs in (("loop", 1), ("ours", 2), ("lower bound", 2))}
    print(f"standard batches: {rows}", flush=True)
    seconds = {way: row["start"] + row["seconds"] for way, row in rows.items()}
    lines = middle(measured["command line", 1], "seconds") / reports * len(orders)
    return (
        f"## The standard batches\n\nAll {len(orders)} reports from nothing, 2 at a time, start, index and RO-Crate "
        f"included: {seconds['ours']:.0f} s, {seconds['ours'] / len(orders):.2f} s a report, "
        f"{rows['ours']['peak_mb']:.0f} MB at most. The same reports take {seconds['loop']:.0f} s in the loop, "
        f"{seconds['loop'] / seconds['ours']:.1f} times as long; with the command lines they would take "
        f"{lines / seconds['ours']:.1f} times as long, by the table above. The lower bound is "
        f"{seconds['lower bound']:.0f} s: ours is {seconds['ours'] / seconds['lower bound']:.2f} times that.\n\n"
    )


def few(folder: Path, rounds: int) -> str:
    """Return the table of builds so small that the start counts."""
    lines = [
        "## One report or two, start included\n",
        "| reports | ours, 1 job, s | loop, s | ratio |",
        "|---|---|---|---|",
    ]
    for size in (1, 2):
        file = folder / "few.json"
        file.write_text(json.dumps(real_orders(size)))
        pairs = [(run("ours", 1, file), run("loop", 1, file)) for _ in range(rounds)]
        print(f"few {size}: {pairs}", flush=True)
        own, theirs = (
            statistics.median(row["start"] + row["seconds"] for row in side) for side in zip(*pairs, strict=True)
        )
        lines.append(f"| {size} | {own:.1f} | {theirs:.1f} | {own / theirs:.2f} |")
    return "\n".join(lines) + "\n\n"


def growth(folder: Path, sizes: list[int]) -> str:
    """Return the table of cost and memory as batches grow, with a notebook that does next to nothing."""
    small = str(PROJECT / "tests" / "data" / "notebooks" / "small.ipynb")
    lines = ["## Growth: reports of a notebook that does next to nothing, 2 at a time\n"]
    lines += ["| reports | ms a report | peak memory, MB |", "|---|---|---|"]
    for size in sizes:
        file = folder / "growth.json"
        file.write_text(json.dumps([{"notebook": small, "parameters": {"number": n}} for n in range(size)]))
        row = run("ours", 2, file)
        print(f"growth {size}: {row}", flush=True)
        lines.append(f"| {size} | {1000 * row['seconds'] / size:.0f} | {row['peak_mb']:.0f} |")
    return "\n".join(lines) + "\n\n"


def idle() -> str:
    """Return the time of a build of 500 reports that are all up to date, as a whole process."""
    import yaml

    small = str(PROJECT / "tests" / "data" / "notebooks" / "small.ipynb")
    with tempfile.TemporaryDirectory() as folder:
        batch = Path(folder) / "many.yaml"
        matrix = {"word": list("abcdefghij"), "number": list(range(50))}
        batch.write_text(yaml.safe_dump({"title": "many", "notebook": small, "matrix": matrix}))
        command = ["-m", "reform_analysis", "build", str(batch), "--out", folder, "--quiet"]
        subprocess.run([sys.executable, *command], check=True)
        seconds = [timed(command) for _ in range(9)]
    return (
        f"A build of 500 reports that are all up to date: {statistics.median(seconds):.2f} s, as a whole process.\n\n"
    )


def imports() -> str:
    """Return what importing the package costs beside importing pandas."""
    pairs = [(timed(["-c", "import pandas"]), timed(["-c", "import reform_analysis"])) for _ in range(9)]
    theirs, own = (statistics.median(side) for side in zip(*pairs, strict=True))
    return (
        f"`import reform_analysis` takes {own / theirs:.2f} times as long as `import pandas`, interpreter included.\n"
    )


def timed(arguments: list[str]) -> float:
    """Return the seconds of a Python process."""
    code = "import subprocess, sys, time; t = time.perf_counter(); subprocess.run(sys.argv[1:], check=True); "
    code += "print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code, sys.executable, *arguments]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def about(options: argparse.Namespace) -> str:
    """Return under what these figures were measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"Python {platform.python_version()}, {platform.system()}, {cores} cores; {options.rounds} rounds in turn, "
        "medians. Absolute times depend on the machine; the ratios matter.\n\n"
    )


if __name__ == "__main__":
    main()
