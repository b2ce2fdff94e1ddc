"""Reports in ordinary kernels keep to their limits, and what they had done is kept."""

from pathlib import Path

import psutil
import pytest
from reports_helpers import job, notebook_of

from reform_analysis.reports import attempt, failures, kernels, watch

CASES = [
    pytest.param(
        {"mode": "slow", "minutes": 0.02}, "timeout", "TimeLimit: the limit of 0.02 minutes was reached", id="time"
    ),
    pytest.param(
        {"mode": "greedy", "memory_mb": 128},
        "memory",
        "MemoryError: the limit of 128 MB was reached",
        id="memory",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        {"mode": "die"},
        "killed",
        "KernelDied: the process ended before the report was whole",
        id="killed",
        marks=pytest.mark.slow,
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("given", "status", "message"), CASES)
def test_limits_of_an_ordinary_kernel(given: dict, status: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in kernels.environment().items():
        monkeypatch.setenv(name, value)
    before = set(psutil.Process().children(recursive=True))
    outcome = attempt.run(job("small", **given))
    assert (outcome.status, outcome.message) == (status, message)
    assert [child for child in psutil.Process().children(recursive=True) if child not in before] == []
    cells = notebook_of(outcome.files)["cells"]
    assert set(outcome.files) == {".failed.ipynb"}
    if status != "timeout":
        # at this limit a slow machine may still be starting the kernel
        assert cells[4]["outputs"][0]["text"] == ["one 1\n"]
    assert not failures.likely_cause(message).startswith("The failing cell")


def test_nothing_is_killed_within_the_limits(tmp_path: Path) -> None:
    with psutil.Popen(["sleep", "60"]) as older:
        with watch.limited(0, 1) as exceeded, psutil.Popen(["sleep", "60"]) as younger:
            assert younger.wait(timeout=30) == -9
            assert exceeded == ["timeout"]
        assert older.is_running()
        older.kill()
    with watch.limited(1, 1) as exceeded, psutil.Popen(["sleep", "1"]) as within:
        assert within.wait(timeout=30) == 0
    assert exceeded == []
