"""The intervals keep what they promise of their coverage, and those that ignore rounding do not."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "coverage.py"

# a method that promises "near" is an approximation: in small or extreme samples it may miss the level by this much
NEAR = 0.05

# Monte Carlo standard errors that a simulated coverage may lie below its promise; 150 cells are looked at
ERRORS = 4


@cache
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_of_intervals", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    # the script finds its neighbour as it does when it is run
    sys.path.append(str(SCRIPT.parent))
    spec.loader.exec_module(module)
    return module


def broken_promises(cells: list[object]) -> list[str]:
    """The cells whose coverage lies below what their method promises."""
    level, room = script().LEVEL, {"at least": 0.0, "near": NEAR, "nothing": 1.0}
    return [
        f"{cell.table}, {cell.row}, {cell.column}: {cell.coverage:.3f}"
        for cell in cells
        if cell.coverage < level - room[cell.promise] - ERRORS * cell.error - 1e-9
    ]


def coverage(cells: list[object], row: str, column: str) -> float:
    return next(cell.coverage for cell in cells if (cell.row, cell.column) == (row, column))


def test_summed_coverage_keeps_its_promises() -> None:
    cells = script().exact_cells()
    assert not broken_promises(cells)
    # the interval that the package leaves out fails where on-time rates lie
    assert coverage(cells, "Wald (not offered)", "n = 100, p = 0.99") < 0.7


def test_a_broken_promise_would_be_seen() -> None:
    cell = script().Cell("t", "r", "c", "at least", 0.94)
    assert broken_promises([cell]) == ["t, r, c: 0.940"]
    assert not broken_promises([script().Cell("t", "r", "c", "near", 0.94)])


@pytest.fixture(scope="module")
def cells() -> list[object]:
    return script().simulated_cells(runs=120, seed=20251031)


@pytest.mark.slow
def test_simulated_coverage_keeps_its_promises(cells: list[object]) -> None:
    assert not broken_promises(cells)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("naive", "aware", "column"),
    [
        ("wilson of the nearest count", "proportion_ci_coarse", "n = 50000"),
        ("wilson of the printed counts", "interval_ratio", "cumulative share"),
        ("wilson of the printed counts", "decumulate", "share of the period"),
        ("wilson on the resolved alone", "imbens_manski", "25% pending, all late"),
        ("figure_interval, soft", "figure_interval, hard", "cut off"),
        ("the figure taken as exact", "figure_interval, soft", "rounded to the nearest"),
    ],
)
def test_ignoring_rounding_or_pending_units_fails(cells: list[object], naive: str, aware: str, column: str) -> None:
    assert coverage(cells, naive, column) < 0.75
    assert coverage(cells, aware, column) > 0.9


@pytest.mark.slow
def test_bootstrap_of_a_skewed_gini_undercovers(cells: list[object]) -> None:
    assert coverage(cells, "percentile bootstrap", "n = 10") < 0.85
