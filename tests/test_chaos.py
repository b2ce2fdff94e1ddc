"""Builds killed at random moments end, after enough tries, in the bytes of an undisturbed build.

`REFORM_ANALYSIS_CHAOS=200 pytest -m slow tests/test_chaos.py` sets the number of disturbed builds.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from reports_helpers import NOTEBOOKS

from reform_analysis.reports import kernels

BUILDS = int(os.environ.get("REFORM_ANALYSIS_CHAOS", "6"))


@pytest.mark.slow
@pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")
def test_random_kills_never_leave_a_false_result(tmp_path: Path) -> None:
    batch = tmp_path / "b.yaml"
    words = [f"w{number}" for number in range(8)]
    batch.write_text(json.dumps({"title": "t", "notebook": str(NOTEBOOKS / "small.ipynb"), "matrix": {"word": words}}))
    true = _sums(tmp_path / "calm", _finish(_start(batch, tmp_path / "calm")))
    assert len(true) == 16

    chance = random.Random(20251031)
    killed: set[str] = set()
    for number in range(BUILDS):
        # builds go on in one folder until it is complete, then begin in a new one
        folder = tmp_path / f"wild-{number // 5}"
        killed.add(_disturb(_start(batch, folder), chance))
        found = _sums(folder, 0)
        assert found == {name: true[name] for name in found}
        if number % 5 == 4 or number == BUILDS - 1:
            assert _sums(folder, _finish(_start(batch, folder))) == true
            assert not list(folder.rglob("*.failure.html"))
            assert (folder / "index.html").read_bytes() == (tmp_path / "calm" / "index.html").read_bytes()
    assert killed & {"build", "template", "report"}


def _start(batch: Path, folder: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "reform_analysis",
        "build",
        str(batch),
        "--out",
        str(folder),
        "--quiet",
        "--jobs",
        "2",
    ]
    return subprocess.Popen(command, text=True, stderr=subprocess.PIPE)


def _finish(process: subprocess.Popen[str]) -> int:
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    return process.returncode


def _disturb(process: subprocess.Popen[str], chance: random.Random) -> str:
    """Kill the build, its template or a report at a random moment; return which."""
    target = chance.choice(["build", "template", "report"])
    ends = time.monotonic() + 60
    # the template takes seconds to start: wait for it, then some tenths of a second more
    while process.poll() is None and time.monotonic() < ends:
        if psutil.Process(process.pid).children(recursive=target == "report"):
            break
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 6 if target == "build" else 4))
    try:
        below = psutil.Process(process.pid).children(recursive=True)
        victims = {"build": [psutil.Process(process.pid)], "template": below[:1], "report": below[1:]}[target]
        for victim in victims[:1]:
            victim.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        target = "none"
    process.communicate(timeout=600)
    return target


def _sums(folder: Path, _: int) -> dict[str, str]:
    files = [path for path in folder.glob("b/[!.]*") if path.suffix in (".html", ".ipynb") and "fail" not in path.name]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
