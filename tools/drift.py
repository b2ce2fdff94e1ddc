"""Rebuild reports with the newest packages, and report which key numbers moved from reports/expected.

`make drift`, or `python tools/drift.py [BATCH]` with a batch of notebooks at their defaults; reports/national.yaml when
none is given. The packages go into an environment of their own, so that .venv stays as the lock has it. The exit code
is 1 where a number moved or a report failed; the report is reports/build/drift/report.md.
"""

import json
import re
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reform_analysis.reports import ledger, reproduce

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "reports" / "build" / "drift"


def environment(folder: Path) -> Path:
    """Fill a new environment with this checkout and the newest packages it allows; return its Python."""
    venv.create(folder, clear=True, with_pip=True)
    python = folder / "bin" / "python"
    install = ["install", "--quiet", "--disable-pip-version-check", "--upgrade", "--editable", str(ROOT)]
    subprocess.run([python, "-m", "pip", *install], check=True)
    return python


def installed(python: Path) -> dict[str, str]:
    """Return the version of each package of an environment."""
    command = [python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {one["name"].lower().replace("_", "-").replace(".", "-"): one["version"] for one in listed}


def locked(text: str) -> dict[str, set[str]]:
    """Return the versions of each package in a lock, which may name several for several platforms."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def moved(records: Iterable[dict[str, Any]], expected: Path) -> list[tuple[str, reproduce.Comparison]]:
    """Return the key numbers that are not the expected ones within their tolerance, each with its report."""
    found = []
    for record in records:
        known = json.loads((expected / f"{record['notebook']}.json").read_text(encoding="utf-8"))
        wanted = [number | {"name": name} for name, number in known.items()]
        compared = reproduce.against(wanted, record["key_numbers"])
        found += [(record["report"], one) for one in compared if not one.agrees]
    return found


def report(book: ledger.Ledger, versions: dict[str, str], *, lock: str, expected: Path) -> tuple[str, bool]:
    """Return the report as Markdown, and whether reports were built and nothing drifted."""
    done = sorted(book.done.values(), key=lambda record: str(record["report"]))
    failed = sorted(set(book.last) - set(book.done))
    drifted = moved(done, expected)
    compared = sum(len(record["key_numbers"]) for record in done)
    lines = [
        "# Drift with the newest packages",
        "",
        f"Reports: {len(done)} built, {len(failed)} failed. Key numbers: {compared} compared, {len(drifted)} moved.",
    ]
    if drifted:
        lines += ["", "| report | key number | expected | now |", "| --- | --- | --- | --- |"]
        lines += [f"| {name} | {one.name} | {one.expected} | {one.got} |" for name, one in drifted]
    if failed:
        lines += ["", "| report | why it failed |", "| --- | --- |"]
        lines += [f"| {name} | {' '.join(book.last[name]['message'].split()[:40])} |" for name in failed]
    pinned = locked(lock)
    newer = sorted(name for name, version in versions.items() if name in pinned and version not in pinned[name])
    if newer:
        lines += ["", "| package | in the lock | here |", "| --- | --- | --- |"]
        lines += [f"| {name} | {', '.join(sorted(pinned[name]))} | {versions[name]} |" for name in newer]
    return "\n".join(lines) + "\n", bool(done) and not drifted and not failed


def main(batch: Path) -> int:
    """Rebuild, compare, write the report; return the exit code."""
    python = environment(WORK / "venv")
    # a report that fails is in the ledger, and so in the report
    build = ["build", batch, "--out", WORK / "build", "--quiet", "--force"]
    subprocess.run([python, "-m", "reform_analysis", *build], check=False)
    text, steady = report(
        ledger.read(WORK / "build"),
        installed(python),
        lock=(ROOT / "requirements.lock").read_text(encoding="utf-8"),
        expected=ROOT / "reports" / "expected",
    )
    (WORK / "report.md").write_text(text, encoding="utf-8")
    print(text, end="")
    return 0 if steady else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "reports" / "national.yaml"))
