"""Who makes the reports: forked processes, ordinary kernels in a pool of processes, or a Dask cluster."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from reform_analysis.reports import kernels, project
from reform_analysis.reports.job import Job, Outcome


@dataclass(frozen=True)
class Crew:
    """An executor, how many reports it makes at a time, the function it calls, and notes for the user."""

    executor: concurrent.futures.Executor
    hands: int
    make: Callable[[Job], Outcome]
    abandon: Callable[[list[concurrent.futures.Future[Any]]], None]
    notes: tuple[str, ...] = ()


@contextlib.contextmanager
def crew(*, jobs: int | None, reports: int, scheduler: str | None) -> Iterator[Crew]:
    """Lend the workers for one build.

    Parameters
    ----------
    jobs
        Reports at a time on this machine; None means one a core.
    reports
        Number of reports to make: more hands than that gain nothing.
    scheduler
        Address of a Dask scheduler; its workers are used as they are.

    Raises
    ------
    ValueError
        A scheduler is named and the extra ``cluster`` is not installed, or no scheduler answers there.
    """
    if scheduler:
        with _cluster(scheduler) as found:
            yield found
        return
    hands = min(jobs or project.cores(), max(reports, 1))
    note = "this system cannot fork a warm process safely"
    if kernels.can_fork():
        with kernels.Template() as template:
            note = template.start()
            if not note:
                with concurrent.futures.ThreadPoolExecutor(hands) as threads:
                    yield Crew(threads, hands, template.make, lambda futures: _stop(threads, template, futures))
                return
    note = f"reports run in ordinary kernels, which is slower: {note}"
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(hands, mp_context=context, initializer=_settle) as pool:
        yield Crew(pool, hands, kernels.make_plain, lambda futures: pool.shutdown(cancel_futures=True), (note,))


def _stop(threads: concurrent.futures.Executor, template: kernels.Template, futures: list[Any]) -> None:
    """End a build of forked processes: none starts any more, and those at work are killed with their template."""
    for future in futures:
        future.cancel()
    template.close()
    threads.shutdown(cancel_futures=True)


def _settle() -> None:
    """Give a pool's process the environment in which reports come out the same everywhere."""
    os.environ.update(kernels.environment())


@contextlib.contextmanager
def _cluster(scheduler: str) -> Iterator[Crew]:
    """Lend the workers of a Dask scheduler."""
    try:
        import distributed
    except ImportError:
        raise ValueError("--scheduler needs Dask; install it with `pip install 'reform-analysis[cluster]'`") from None
    try:
        client = distributed.Client(scheduler, timeout="10s")
    except OSError as error:
        raise ValueError(f"no Dask scheduler answers at {scheduler}; {error}") from None
    with client:
        hands = max(sum(client.ncores().values()), 1)
        # a job that a dead worker held is made again by another; only this process writes, so nothing is doubled
        executor = client.get_executor(pure=False, retries=3)
        yield Crew(executor, hands, kernels.make_here, _cancel)


def _cancel(futures: list[concurrent.futures.Future[Any]]) -> None:
    """Take orders back."""
    for future in futures:
        future.cancel()
