"""Write the generated parts of README.md and the generated pages of docs/reference: `python tools/docs.py`.

Commands come from the command line's own help, functions from their signatures and docstrings, tables from
tables.toml, parameters from the models that check them, checks from the checklist. `tests/test_docs.py` holds the
pages fresh.
"""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

import reform_analysis as ra
from reform_analysis import cli
from reform_analysis.evidence import schema
from reform_analysis.reports import checklist, parameters, readme

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NOTE = "Written by `make docs`; do not edit."


def commands() -> str:
    """Return the page of the commands."""
    lines = [
        "# Commands",
        "",
        NOTE,
        "",
        "Exit codes: 0 all well; 1 a report failed, a check does not hold, or a number",
    ]
    lines += ["differs; 2 bad usage or bad input, nothing done.", ""]
    group = typer.main.get_command(cli.app)
    for name, command in _leaves(group, "reform-analysis"):
        lines += [f"## {name}", "", command.help or "", ""]
        rows = [_argument(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += ["| argument or option | meaning |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each command below a group, with its whole name."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for inner, below in command.commands.items():
        yield from _leaves(below, f"{name} {inner}")


def _argument(parameter: Any) -> str:
    """Return the row of one argument or option."""
    word = ", ".join(f"`{one}`" for one in parameter.opts) if parameter.param_type_name == "option" else ""
    return f"| {word or f'`{parameter.name.upper()}`'} | {getattr(parameter, 'help', None) or ''} |"


def functions() -> str:
    """Return the page of the public functions, by the module they are reached through."""
    lines = ["# Functions", "", NOTE, "", "`import reform_analysis as ra`; what each argument means stands in the", ""]
    lines[-2] += " function's help (`help(ra.load)`, or `ra.load?` in a notebook)."
    modules = [name for name in ra.__all__ if isinstance(getattr(ra, name), ModuleType)]
    lines += ["## ra", "", *_entries(ra, [name for name in ra.__all__ if name not in modules])]
    for name in modules:
        module = getattr(ra, name)
        inner = {one: import_module(f"{module.__name__}.{one}") for one in module.__all__ if name == "analysis"}
        for path, holder in {f"{name}.{one}": below for one, below in inner.items()}.items() or [(name, module)]:
            lines += [f"## ra.{path}", "", _first(holder), "", *_entries(holder, holder.__all__)]
    return "\n".join(lines)


def _entries(module: ModuleType, names: list[str]) -> list[str]:
    """Return the entries of the functions and classes among the names of a module."""
    lines = []
    for name in names:
        thing = getattr(module, name)
        if not callable(thing):
            continue
        source = f"../../src/{inspect.unwrap(thing).__module__.replace('.', '/')}.py"
        lines += [f"### {name}", "", f"`{name}{_signature(thing)}` ([source]({source}))", "", _first(thing), ""]
    return lines


def _signature(thing: Callable[..., Any]) -> str:
    """Return the arguments with their defaults; types stand in the docstring."""
    found = inspect.signature(thing)
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def _first(thing: Any) -> str:
    """Return the first paragraph of a docstring."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def tables() -> str:
    """Return the page of the tables and their columns."""
    lines = [
        "# Tables",
        "",
        NOTE,
        "",
        "What `ra` loads and `data/processed/` holds. The raw tables in `data/raw/` have the",
    ]
    lines += ["same columns, but for those of `observations` from `low` on, which are derived, and `findings`.", ""]
    for table in schema.processed_tables().values():
        lines += [
            f"## {table.name}",
            "",
            f"{table.description}. Key: {', '.join(f'`{one}`' for one in table.key)}.",
            "",
        ]
        lines += ["| column | type | values | meaning |", "| --- | --- | --- | --- |"]
        lines += [_column(column) for column in table.columns] + [""]
    return "\n".join(lines)


def _column(column: schema.Column) -> str:
    """Return the row of one column."""
    values = ", ".join(column.codes) or (f"`{column.refers_to}`" if column.refers_to else "")
    kind = column.type.replace("_", "/") + (", required" if column.required else "")
    return f"| `{column.name}` | {kind} | {values} | {column.description.replace('|', '&#124;')} |"


def parameter_page() -> str:
    """Return the page of the notebooks' parameters."""
    lines = [
        "# Parameters",
        "",
        NOTE,
        "",
        "What a reader may change in a notebook's cell *parameters*, with `-p name=value`",
    ]
    lines += ["or in a batch file. Every value is checked before anything runs.", "", "## All notebooks", ""]
    models = {path.stem: parameters.model_of(path) for path in readme.notebooks(ROOT)}
    shared = [row for row in parameters.describe(next(iter(models.values()))) if row["name"] in parameters.SHARED]
    lines += _parameters(shared)
    for stem, model in models.items():
        rows = parameters.describe(model)
        own = [row for row in rows if row["name"] not in parameters.SHARED or row not in shared]
        lines += [f"## {stem}", "", *_parameters(own)]
    return "\n".join(lines)


def _parameters(rows: list[dict[str, str]]) -> list[str]:
    """Return the table of some parameters."""
    head = ["| parameter | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    body = [
        f"| `{row['name']}` | `{row['default']}` | {row['allowed'].replace('|', 'or')} | {row['meaning']} |"
        for row in rows
    ]
    return [*head, *body, ""]


def checks() -> str:
    """Return the page of what the checklist checks."""
    lines = [
        "# Checks",
        "",
        NOTE,
        "",
        "What `reform-analysis checklist`, a part of `make check`, looks at; exit code 1 if one",
    ]
    lines += [
        "does not hold, `--json` for every place where it does not. Files are enough: neither version control nor a"
    ]
    lines += ["finished build is needed, so a downloaded archive can be checked.", ""]
    lines += ["| check | what must hold | what to do if not |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| `{id}` | {look.__doc__} | {do} |" for id, (look, do) in checklist.CHECKS.items())])


PAGES = {
    "commands": commands,
    "functions": functions,
    "tables": tables,
    "parameters": parameter_page,
    "checks": checks,
}


def pages() -> dict[Path, str]:
    """Return the generated pages by their path."""
    return {REFERENCE / f"{name}.md": write().rstrip() + "\n" for name, write in PAGES.items()}


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    page = ROOT / "README.md"
    text = readme.filled(page.read_text(encoding="utf-8"), ROOT, ROOT / "reports" / "build")
    page.write_text(text, encoding="utf-8")
