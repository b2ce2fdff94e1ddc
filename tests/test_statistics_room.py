"""The room of statistics stands alone: its imports, its public names, its lazy loading."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from reform_analysis import statistics

ROOM = Path(statistics.__file__).parent
MODULES = sorted(ROOM.glob("*.py"))
ALLOWED = {"numpy", "scipy", "statsmodels"}


def imported(path: Path) -> set[str]:
    """Top-level names of the packages that a module imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_imports_only_numbers(path: Path) -> None:
    packages = {name.split(".")[0] for name in imported(path)}
    outside = packages - set(sys.stdlib_module_names) - ALLOWED - {"reform_analysis"}
    assert not outside


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_imports_no_other_room(path: Path) -> None:
    ours = {name for name in imported(path) if name.startswith("reform_analysis")}
    assert all(name.startswith("reform_analysis.statistics") for name in ours)


def test_no_module_hides_a_public_name() -> None:
    # importing such a module would put it where the function of that name is looked up
    assert not {path.stem for path in MODULES} & set(statistics.__all__)


@pytest.mark.parametrize("name", statistics.__all__)
def test_public_name_resolves_and_is_documented(name: str) -> None:
    value = getattr(statistics, name)
    assert value.__name__ == name
    assert value.__doc__


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"no 'wald_ci'; it offers .*proportion_ci"):
        statistics.wald_ci  # noqa: B018


def test_importing_the_room_loads_no_library() -> None:
    code = "import sys, reform_analysis.statistics; print(*{'numpy', 'scipy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_intervals_and_bounds_work_without_pandas() -> None:
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "from reform_analysis.statistics import proportion_ci, decumulate, proportion_ratio_ci\n"
        "print(proportion_ci(3, 4).estimate)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0.75"
