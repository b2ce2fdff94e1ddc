"""A batch file -> the list of reports it asks for.

A report is one notebook at one set of parameters. Everything that can be wrong with a batch (a misspelt key, a
place that does not exist, two reports of one name) is found here, with the line, before anything runs.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from reform_analysis.evidence.directory import data_directory
from reform_analysis.reports import cells, parameters, yamlfile
from reform_analysis.reports.formats import Format
from reform_analysis.reports.project import checkout

# batch of the reports that no batch file asked for
SINGLE = "single"
# a name must survive Windows' 260 characters of path and still be readable
LONGEST_NAME = 80
# what a folder may be called on every system: a letter or digit first, no dot or space last
_FOLDER = re.compile(r"\w([\w .-]{0,78}[\w-])?")
# every commune in three languages is a tenth of it; a matrix past it is a slip, and would not end
_MOST = 100_000


class Limits(BaseModel):
    """What one report may use before it is stopped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: Annotated[float, Field(gt=0, le=1440, description="wall time of one report")] = 10.0
    memory_mb: Annotated[int, Field(ge=64, le=1_000_000, description="private memory of one report")] = 2048


class BatchFile(BaseModel):
    """A batch file as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    notebook: str | list[str]
    matrix: dict[str, str | list[Any]] = {}
    include: list[dict[str, Any]] = []
    exclude: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {}
    formats: list[Format] = ["html"]
    limits: Limits = Limits()


@dataclass(frozen=True)
class Report:
    """One report to build.

    ``given`` are the parameters the batch sets (what Papermill injects), ``parameters`` all of them. ``name`` is an
    ASCII slug that ends in a hash of the notebook and the given parameters, so it stays when a default is added.
    """

    batch: str
    name: str
    notebook: Path
    given: dict[str, Any]
    parameters: dict[str, Any]
    formats: tuple[str, ...] = ("html",)
    limits: Limits = field(default_factory=Limits)

    @property
    def id(self) -> str:
        """Batch and name: the key of the ledger, and where the results stand below the output folder."""
        return f"{self.batch}/{self.name}"


@dataclass(frozen=True)
class _Wish:
    """A report as asked for, before its parameters are checked, and where in the file it was asked for."""

    notebook: str
    given: dict[str, Any]
    lines: dict[str, int]
    line: int


def load(path: Path, *, formats: list[str] | None = None) -> list[Report]:
    """Return the reports of a batch file, in its order.

    Parameters
    ----------
    path
        A YAML file: title, notebook (one or a list), matrix (lists of values, or ``every province``), include,
        exclude, parameters, formats, limits.
    formats
        Formats to build in place of the file's.

    Raises
    ------
    FileNotFoundError
        There is no such batch file.
    ValueError
        The file is not a valid batch; every problem with its line.
    """
    if not _FOLDER.fullmatch(path.stem):
        raise ValueError(
            f"the name of a batch file must be letters, digits, spaces, '-', '_' and dots, at most {LONGEST_NAME}, "
            "with a letter, digit or '_' first and no space or dot last, as its reports stand in a folder so named; "
            f"got {path.name!r}. Rename it"
        )
    data, lines = yamlfile.load(path)
    try:
        wanted = BatchFile.model_validate(data)
    except pydantic.ValidationError as error:
        problems = [(lines.of(detail["loc"]), _word(detail)) for detail in error.errors()]
        raise _refusal(path, problems) from None
    wishes = list(_wishes(wanted, lines, path))
    if not wishes:
        raise _refusal(path, [(lines.of(("notebook",)), "the batch asks for no report; name a notebook")])
    reports, problems = _checked(wishes, path)
    if problems:
        raise _refusal(path, problems)
    shared = {"formats": tuple(formats or wanted.formats), "limits": wanted.limits}
    return [replace(report, **shared) for report in reports]  # type: ignore[arg-type]


def single(notebook: Path, given: Mapping[str, object], *, formats: list[str] | None = None) -> Report:
    """Return the report of one notebook with the given parameters.

    Raises
    ------
    ValueError
        The notebook cannot take these parameters.
    """
    checked = parameters.validate(notebook, given)
    used = {name: checked[name] for name in given}
    name = report_name(notebook.stem, used)
    return Report(SINGLE, name, notebook.resolve(), used, checked, tuple(formats or ["html"]))


def refuse_twins(reports: list[Report]) -> None:
    """Refuse several batches that would write to one name.

    Raises
    ------
    ValueError
        Two reports have one id, or ids that a file system blind to case takes for one.
    """
    seen: set[str] = set()
    for report in reports:
        if report.id.casefold() in seen:
            raise ValueError(f"report {report.id} is asked for twice; batch files must differ in name")
        seen.add(report.id.casefold())


def find_notebook(name: str) -> Path:
    """Return the notebook of a name such as ``02_decentralisation`` or of a path.

    Raises
    ------
    ValueError
        There is none; the message lists those of the project.
    """
    path = Path(name)
    folder = checkout() / "notebooks"
    named = folder / f"{path.name.removesuffix('.ipynb')}.ipynb"
    # a name that no file can have, being too long, is unknown like any other
    with contextlib.suppress(OSError):
        if path.suffix == ".ipynb" and path.is_file():
            return path.resolve()
        if named.is_file():
            return named
    known = ", ".join(sorted(found.stem for found in folder.glob("*.ipynb"))) or "none yet"
    raise ValueError(f"notebook {name!r} is unknown; it must be a path or one of: {known}")


def slug(text: str) -> str:
    """Return text as lower-case ASCII words joined by hyphens, safe as part of a file name."""
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")


def report_name(stem: str, given: Mapping[str, Any]) -> str:
    """Return the file name of a report: notebook, given values, short hash of both.

    Examples
    --------
    >>> report_name("06_place_profile", {"place": "Lào Cai", "language": "vi"})
    '06_place_profile-lao-cai-vi-f8532b'
    """
    words = [slug(value if isinstance(value, str) else f"{name} {value}") for name, value in given.items()]
    readable = "-".join([slug(stem), *(word for word in words if word)])[:LONGEST_NAME].strip("-")
    return f"{readable}-{cells.digest([stem, dict(given)])[:6]}"


def _wishes(wanted: BatchFile, lines: yamlfile.Lines, path: Path) -> Iterator[_Wish]:
    """Yield matrix times notebooks less exclude, then include."""
    notebooks = [wanted.notebook] if isinstance(wanted.notebook, str) else wanted.notebook
    axes = {name: _axis(name, values, lines, path) for name, values in wanted.matrix.items()}
    asked = len(notebooks) * math.prod(map(len, axes.values())) + len(wanted.include)
    if asked > _MOST:
        problem = f"a batch must ask for at most {_MOST:,} reports; got {asked:,}. Shorten the matrix"
        raise _refusal(path, [(lines.of(("matrix",)), problem)])
    where = {name: lines.of(("parameters", name)) for name in wanted.parameters}
    where |= {name: lines.of(("matrix", name)) for name in axes}
    unused = set(range(len(wanted.exclude)))
    for notebook, *values in itertools.product(notebooks, *axes.values()):
        given = wanted.parameters | dict(zip(axes, values, strict=True))
        hits = {k for k, rule in enumerate(wanted.exclude) if _matches(rule, {"notebook": notebook} | given)}
        unused -= hits
        if not hits:
            yield _Wish(notebook, given, where, lines.of(("notebook",)))
    if unused:
        stale = [(lines.of(("exclude", k)), "this exclude matches no report; correct or drop it") for k in unused]
        raise _refusal(path, stale)
    for k, extra in enumerate(wanted.include):
        named = extra.get("notebook", notebooks[0] if len(notebooks) == 1 else None)
        if named is None:
            raise _refusal(path, [(lines.of(("include", k)), "include must name its notebook, as there are several")])
        given = wanted.parameters | {name: value for name, value in extra.items() if name != "notebook"}
        marks = where | {name: lines.of(("include", k, name)) for name in extra}
        yield _Wish(named, given, marks, lines.of(("include", k)))


def _axis(name: str, values: str | list[Any], lines: yamlfile.Lines, path: Path) -> list[Any]:
    """Return the values of one matrix row; a query is answered from the register of places."""
    if isinstance(values, list) and values:
        return values
    if values == "every province":
        return provinces()
    problem = f"matrix {name} must be a list with values or 'every province'; got {values!r}"
    raise _refusal(path, [(lines.of(("matrix", name)), problem)])


def provinces() -> list[str]:
    """Return the names of the provinces, by code, read without pandas."""
    path = data_directory() / "processed" / "places.csv"
    if not path.is_file():
        raise ValueError(f"the register {path.name} must exist for 'every province'; run `make data`")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "province"]
    return [row["name"] for row in sorted(rows, key=lambda row: row["place_id"])]


def _matches(rule: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Tell whether every key of an exclude rule has that value."""
    return all(name in values and values[name] == wanted for name, wanted in rule.items())


def _checked(wishes: list[_Wish], path: Path) -> tuple[list[Report], list[tuple[int, str]]]:
    """Check every wish; return the reports, and the problems with their lines."""
    reports: dict[str, Report] = {}
    first_line: dict[str, int] = {}
    notebooks: dict[str, Path] = {}
    problems: list[tuple[int, str]] = []
    for wish in wishes:
        try:
            if wish.notebook not in notebooks:
                notebooks[wish.notebook] = find_notebook(wish.notebook)
            notebook = notebooks[wish.notebook]
            full, found = parameters.check(notebook, wish.given)
        except ValueError as error:
            problems.append((wish.line, str(error)))
            continue
        if found:
            problems += [(wish.lines.get(name, wish.line), f"{notebook.stem}: {text}") for name, text in found]
            continue
        given = {name: full[name] for name in wish.given}
        name = report_name(notebook.stem, given)
        if name in reports:
            text = f"report {name} is asked for twice, first at line {first_line[name]}; drop one"
            problems.append((wish.line, text))
        first_line.setdefault(name, wish.line)
        reports[name] = Report(path.stem, name, notebook, given, full)
    return list(reports.values()), list(dict.fromkeys(problems))


def _word(detail: Any) -> str:
    """Word one of pydantic's findings about the batch file."""
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        scope = Limits if detail["loc"][0] == "limits" else BatchFile
        return f"key {name!r} is unknown; known keys: {', '.join(scope.model_fields)}"
    if detail["type"] == "missing":
        return f"key {name!r} is missing"
    return f"{name}: {detail['msg'][0].lower() + detail['msg'][1:]}; got {detail['input']!r}"


def _refusal(path: Path, problems: list[tuple[int, str]]) -> ValueError:
    """Return the error that lists all problems of a batch file by line."""
    return ValueError("\n".join(f"{path.name}, line {line}: {text}" for line, text in sorted(problems)))
