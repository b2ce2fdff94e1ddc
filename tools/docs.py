"""Write the generated parts of README.md and the generated pages of docs/reference: `python tools/docs.py`.

Commands come from the command line's own help, functions from their signatures and docstrings, tables from
tables.toml, parameters from the models that check them, checks from the checklist. `tests/test_docs.py` holds the
pages fresh.
"""

import inspect
from collections.abc import Callable, Iterator
from operator import attrgetter
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


def commands() -> Iterator[str]:
    """Yield the lines on every command."""
    for name, command in _leaves(typer.main.get_command(cli.app), "reform-analysis"):
        yield from (f"## {name}", "", command.help or "", "")
        rows = [_argument(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            yield from ("| argument or option | meaning |", "| --- | --- |", *rows, "")


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


def functions() -> Iterator[str]:
    """Yield the lines on every public function, by the module it is reached through."""
    modules = [name for name in ra.__all__ if isinstance(getattr(ra, name), ModuleType)]
    yield from ("## ra", "", *_entries(ra, [name for name in ra.__all__ if name not in modules]))
    for name in modules:
        module = getattr(ra, name)
        # the modules of `analysis` are one a notebook; the others hold functions
        inner = [f"{name}.{one}" for one in module.__all__] if name == "analysis" else [name]
        for path in inner:
            holder = attrgetter(path)(ra)
            yield from (f"## ra.{path}", "", _first(holder), "", *_entries(holder, holder.__all__))


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


def tables() -> Iterator[str]:
    """Yield the lines on every table and its columns."""
    for table in schema.processed_tables().values():
        key = ", ".join(f"`{one}`" for one in table.key)
        yield from (f"## {table.name}", "", f"{table.description}. Key: {key}.", "")
        yield from ("| column | type | values | meaning |", "| --- | --- | --- | --- |")
        yield from (*map(_column, table.columns), "")


def _column(column: schema.Column) -> str:
    """Return the row of one column."""
    values = ", ".join(column.codes) or (f"`{column.refers_to}`" if column.refers_to else "")
    kind = column.type.replace("_", "/") + (", required" if column.required else "")
    return f"| `{column.name}` | {kind} | {values} | {column.description.replace('|', '&#124;')} |"


def parameter_tables() -> Iterator[str]:
    """Yield the lines on the parameters that notebooks share, and on those that each has of its own."""
    rows = {path.stem: parameters.describe(parameters.model_of(path)) for path in readme.notebooks(ROOT)}
    shared = [row for row in next(iter(rows.values())) if row["name"] in parameters.SHARED]
    yield from ("## All notebooks", "", *_parameters(shared))
    for stem, described in rows.items():
        yield from (f"## {stem}", "", *_parameters([row for row in described if row not in shared]))


def _parameters(rows: list[dict[str, str]]) -> list[str]:
    """Return the table of some parameters."""
    head = ["| parameter | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    body = [
        f"| `{row['name']}` | `{row['default']}` | {row['allowed'].replace('|', 'or')} | {row['meaning']} |"
        for row in rows
    ]
    return [*head, *body, ""]


def checks() -> Iterator[str]:
    """Yield the lines on every check of the checklist."""
    yield from ("| check | what must hold | what to do if not |", "| --- | --- | --- |")
    yield from (f"| `{id}` | {look.__doc__} | {do} |" for id, (look, do) in checklist.CHECKS.items())


# title, introduction and writer of each page
PAGES = {
    "commands": (
        "Commands",
        "Exit codes: 0 all well; 1 a report failed, a check does not hold, or a number differs; 2 bad usage or bad "
        "input, nothing done. The environment variable `REFORM_ANALYSIS_DATA` names another folder with `raw/` and "
        "`processed/` than the checkout's `data/`.",
        commands,
    ),
    "functions": (
        "Functions",
        "`import reform_analysis as ra`; what each argument means stands in the function's help: `help(ra.load)`, "
        "or `ra.load?` in a notebook.",
        functions,
    ),
    "tables": (
        "Tables",
        "What `ra` loads and `data/processed/` holds. The raw tables in `data/raw/` have the same columns, but for "
        "those of `observations` from `low` on, which are derived, and for `findings`.",
        tables,
    ),
    "parameters": (
        "Parameters",
        "What a reader may change in a notebook's cell *parameters*, with `-p name=value`, or in a [batch "
        "file](batch-files.md). Every value is checked before anything runs.",
        parameter_tables,
    ),
    "checks": (
        "Checks",
        "What `reform-analysis checklist`, a part of `make check`, looks at; exit code 1 if one does not hold, "
        "`--json` for every place where it does not. Files are enough: neither version control nor a finished build "
        "is needed, so a downloaded archive can be checked.",
        checks,
    ),
}


def pages() -> dict[Path, str]:
    """Return the generated pages by their path."""
    texts = {
        name: "\n".join((f"# {title}", "", NOTE, "", introduction, "", *write())).rstrip() + "\n"
        for name, (title, introduction, write) in PAGES.items()
    }
    return {REFERENCE / f"{name}.md": text for name, text in texts.items()}


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    page = ROOT / "README.md"
    text = readme.filled(page.read_text(encoding="utf-8"), ROOT, ROOT / "reports" / "build")
    page.write_text(text, encoding="utf-8")
