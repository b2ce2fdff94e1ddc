"""A cluster's workers make the reports; one of them killed midway costs nothing and doubles nothing."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reports_helpers import job, report

from reform_analysis.reports import build, kernels, ledger, workers
from reform_analysis.reports.progress import Quiet


def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"pip install 'reform-analysis\[cluster\]'"):
        next(workers.crew(jobs=None, reports=1, scheduler="tcp://127.0.0.1:1").gen)


def test_worker_with_another_library_refuses() -> None:
    order = job("small")
    order.expects["library"] = "another"
    outcome = kernels.make_here(order)
    assert (outcome.status, outcome.message) == (
        "failed",
        "WorkerDiffers: the library's source of this worker must be as where the build was started",
    )


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A scheduler and two workers of one thread, over TCP on loopback."""
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` (Dask) is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as made:
        yield made


class _KillOneWorker(Quiet):
    """Kills a worker once the second report is done."""

    def __init__(self, pids: list[int]) -> None:
        self.pids, self.finished = pids, Counter[str]()

    def done(self, name: str, status: str, seconds: float, message: str) -> None:
        self.finished[name] += 1
        if sum(self.finished.values()) == 2:
            os.kill(self.pids[0], signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_killed_midway_loses_and_doubles_nothing(cluster: Any, tmp_path: Path) -> None:
    reports = [report("small", number=n) for n in range(12)]
    with cluster.get_client() as client:
        pids = list(client.run(os.getpid).values())
    progress = _KillOneWorker(pids)
    summary = build.build(reports, tmp_path / "c", progress=progress, scheduler=cluster.scheduler_address)
    assert dict(summary.counts) == {"cached": 0, "ok": 12}
    assert progress.finished == Counter(one.id for one in reports)
    assert set(ledger.read(tmp_path / "c").done) == {one.id for one in reports}

    build.build(reports[:2], tmp_path / "local", progress=Quiet())
    for one in reports[:2]:
        for suffix in (".html", ".ipynb"):
            assert (tmp_path / f"c/{one.id}{suffix}").read_bytes() == (
                tmp_path / f"local/{one.id}{suffix}"
            ).read_bytes()


@pytest.mark.filterwarnings("ignore")
def test_scheduler_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` (Dask) is not installed")

    def refuse(*_: object, **__: object) -> None:
        raise OSError("timed out")

    monkeypatch.setattr(distributed, "Client", refuse)
    with pytest.raises(ValueError, match="no Dask scheduler answers at tcp"):
        next(workers.crew(jobs=None, reports=1, scheduler="tcp://127.0.0.1:1").gen)
