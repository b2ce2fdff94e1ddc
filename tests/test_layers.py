"""Rooms import only from rooms above them; the public surface is what the documents promise."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import reform_analysis as ra

SOURCE = Path(ra.__file__).parent
# room -> rooms of ours it may import from, besides itself
ALLOWED = {
    "evidence": {"statistics"},
    "statistics": set(),
    "analysis": {"evidence", "statistics"},
    "display": {"statistics", "analysis"},
    "reports": {"evidence", "statistics", "analysis", "display"},
}
PUBLIC = [
    "analysis",
    "audit",
    "charts",
    "cite",
    "codebook",
    "concordance",
    "directives",
    "load",
    "maps",
    "places",
    "report",
    "sources",
    "statistics",
    "tables",
    "trace",
]


def imports(path):
    """Yield the dotted names of our own modules that a file imports, relative ones resolved."""
    package = ["reform_analysis", *path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("reform_analysis"))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module.startswith("reform_analysis"):
                yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_from_rooms_above(room):
    wrong = [
        f"{path.relative_to(SOURCE)} imports {name}"
        for path in sorted((SOURCE / room).rglob("*.py"))
        for name in imports(path)
        if name.split(".")[1] not in {room, *ALLOWED[room], "__version__"}
    ]
    assert wrong == []


def test_every_room_is_held_to_its_imports():
    assert {path.parent.name for path in SOURCE.glob("*/__init__.py")} == set(ALLOWED)


def test_public_surface():
    assert ra.__all__ == PUBLIC
    assert all(getattr(ra, name) is not None for name in PUBLIC)


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, reform_analysis; print([m for m in ('numpy', 'pandas', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_public_name_lists_the_known():
    with pytest.raises(AttributeError, match="offers analysis, audit"):
        ra.laod  # noqa: B018


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_and_functions_stay_readable(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 45, f"{node.name} has {lines} lines"
