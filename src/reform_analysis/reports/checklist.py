"""What a journal's data editor checks, for this repository: one small function a check, from files alone.

A check is named after its function, its docstring says what must hold, and it returns what was found and every place
where that does not hold. Nothing here needs version control or a finished build, so an archive can be checked too.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reform_analysis.reports import cells, readme, shipped

Found = tuple[str, list[str]]

# the parts that the template README of social science data editors asks for, by the words of our headings
README_PARTS = (
    "Data availability",
    "Data files",
    "Computational requirements",
    "Run time",
    "Programs",
    "Instructions",
    "Figures and tables",
    "Licence",
    "Cite",
)
# folders of one machine; an address on the web may have a part of that name
_MACHINE_PATH = re.compile(r"(?<![\w.:/-])(?:/(?:home|Users|root|mnt|media|private|tmp|var)/|[A-Z]:\\+Users\\)[\w.~-]+")
# functions that draw from a state nobody passed: they repeat only by luck
_UNSEEDED = re.compile(
    r"\b(?:np|numpy)\.random\.(?!default_rng|Generator|SeedSequence|seed\(\w)\w+\(|default_rng\(\s*\)"
    r"|(?<![\w.])random\.(?:random|randint|randrange|choices?|shuffle|sample|uniform|gauss)\("
)
# places listed on the screen; JSON has them all
_SHOWN = 10
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Result:
    """The outcome of one check: what must hold, what was found, where it does not hold, what to do then."""

    id: str
    must: str
    found: str
    where: tuple[str, ...]
    do: str

    @property
    def passed(self) -> bool:
        """Whether there is no place where it does not hold."""
        return not self.where

    def __str__(self) -> str:
        """Return one line; where it does not hold, also what must, the places, and what to do."""
        if self.passed:
            return f"holds  {self.id}: {self.found}"
        more = [f"and {len(self.where) - _SHOWN} more"] if len(self.where) > _SHOWN else []
        lines = [f"FAILS  {self.id}: {self.must}", *self.where[:_SHOWN], *more, f"To do: {self.do}"]
        return "\n       ".join(lines)


CHECKS: dict[str, tuple[Callable[[Path], Found], str]] = {}


def _check(do: str) -> Callable[[Callable[[Path], Found]], Callable[[Path], Found]]:
    """Enter a function into the list of checks, with what to do where it finds something."""

    def enter(look: Callable[[Path], Found]) -> Callable[[Path], Found]:
        CHECKS[look.__name__] = (look, do)
        return look

    return enter


def run(root: Path) -> list[Result]:
    """Return the result of every check of the checkout or archive at ``root``."""
    results = []
    for name, (look, do) in CHECKS.items():
        found, where = look(root)
        results.append(Result(name, str(look.__doc__), found, tuple(where), do))
    return results


@_check("run `python tools/notebooks.py NOTEBOOK`")
def cells_in_order(root: Path) -> Found:
    """Every notebook was executed once, from its first cell to its last, without an error."""
    where, count = [], 0
    for path in readme.notebooks(root):
        code = [cell for cell in cells.read(path)["cells"] if cell["cell_type"] == "code"]
        count += len(code)
        if [cell["execution_count"] for cell in code] != list(range(1, len(code) + 1)):
            where.append(f"notebooks/{path.name}: cells are not numbered 1 to {len(code)}")
        where += [
            f"notebooks/{path.name}: cell {cell['id']} ends in an error"
            for cell in code
            if any(output["output_type"] == "error" for output in cell["outputs"])
        ]
    return f"{count} code cells of {len(readme.notebooks(root))} notebooks", where


@_check("write paths relative to the checkout")
def no_absolute_paths(root: Path) -> Found:
    """No file names a folder of one machine."""
    read, where = 0, []
    for name, text in _texts(root):
        read += 1
        where += [
            f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {found[0]}" for found in _MACHINE_PATH.finditer(text)
        ]
    return f"{read} text files", where


@_check("run `make data`")
def data_checksums(root: Path) -> Found:
    """Every processed table has the size and the SHA-256 that the data package states, and none is left out."""
    folder = root / "data" / "processed"
    stated = {one["path"]: one for one in json.loads((folder / "datapackage.json").read_text("utf-8"))["resources"]}
    where = []
    for name in sorted(set(stated) | {path.name for path in folder.glob("*.csv")}):
        content = (folder / name).read_bytes() if (folder / name).is_file() else None
        if content is None or name not in stated:
            where.append(f"data/processed/{name}: {'is missing' if content is None else 'is not in the data package'}")
        elif stated[name]["hash"] != f"sha256:{hashlib.sha256(content).hexdigest()}":
            where.append(f"data/processed/{name}: has another SHA-256 than stated")
    return f"{len(stated)} tables", where


@_check("name the file's licence in REUSE.toml, and keep its text in LICENSES/")
def licence_of_each_file(root: Path) -> Found:
    """Every file has a stated licence, whose text is at hand."""
    licences = shipped.licences(root)
    used = {word for licence in licences.values() for word in re.findall(r"[\w.+-]+", licence)} - {"AND", "OR", "WITH"}
    texts = {path.stem for path in (root / "LICENSES").glob("*.txt")}
    names = [name for name in shipped.names(root) if not name.startswith("LICENSES/") and not name.endswith(".license")]
    where = [f"{name}: no licence" for name in names if name not in licences]
    where += [f"LICENSES/{name}.txt: is missing" for name in sorted(used - texts)]
    return f"{len(names)} files under {', '.join(sorted(used)) or 'no licence'}", where


@_check("remove the file, or fill it")
def no_empty_files(root: Path) -> Found:
    """No file is empty."""
    names = shipped.names(root)
    return f"{len(names)} files", [f"{name}: is empty" for name in names if not (root / name).stat().st_size]


@_check("keep one of them")
def no_duplicate_files(root: Path) -> Found:
    """No two files have the same content, but for a raw table that is processed by copying it."""
    same = defaultdict(list)
    for name in shipped.names(root):
        if (root / name).stat().st_size:
            same[hashlib.sha256((root / name).read_bytes()).digest()].append(name)
    sets = [[name for name in names if not _is_copy(name, names)] for names in same.values()]
    return f"{len(same)} different contents", [" = ".join(names) for names in sets if len(names) > 1]


def _is_copy(name: str, names: list[str]) -> bool:
    """Tell whether a processed file has its raw one among the names."""
    return name.startswith("data/processed/") and name.replace("processed", "raw", 1) in names


@_check("add the part; the template README of social science data editors says what belongs there")
def readme_parts(root: Path) -> Found:
    """README.md has every part that data editors ask for."""
    headings = re.findall(r"^#+ (.+)$", _readme(root), flags=re.MULTILINE)
    missing = [part for part in README_PARTS if not any(heading.startswith(part) for heading in headings)]
    return f"{len(README_PARTS)} parts asked for", [f"README.md: no heading {part!r}" for part in missing]


@_check("run `make docs`")
def outputs_listed(root: Path) -> Found:
    """README.md names, for every figure and table, the cell, the program and the output file that make it."""
    wanted = readme.figures_and_tables(root)
    where = _stale("figures_and_tables", wanted, root)
    figures, tables = (len(re.findall(rf"^\| {kind} \d", wanted, re.MULTILINE)) for kind in ("Figure", "Table"))
    return f"{figures} figures and {tables} tables", where


@_check("run `make docs`")
def data_described(root: Path) -> Found:
    """README.md lists the data files with their licences, and what they were read from."""
    wanted = readme.data(root)
    return f"{wanted.count('| `data/')} kinds of data files", _stale("data", wanted, root)


@_check("run `make reports docs`")
def run_times_stated(root: Path) -> Found:
    """README.md states, for every notebook, how long its reports took and how much memory they used."""
    text = readme.parts(_readme(root)).get("run_times", "")
    rows = re.findall(r"^\| `(\w+)` \| \d+ \| [\d.]+ \| \d+ \|$", text, flags=re.MULTILINE)
    names = [path.stem for path in readme.notebooks(root)]
    where = [f"README.md: no run time of {name}" for name in names if name not in rows]
    return text.rpartition("\n")[2] or "no run times", where


@_check("pass a generator made from the notebook's `seed`, and name the seed in README.md")
def seeds_stated(root: Path) -> Found:
    """Every notebook has a seed as a parameter, README.md states it, and no function draws without one."""
    seeds = {path.name: _seed(path) for path in readme.notebooks(root)}
    where = [f"notebooks/{name}: has no parameter seed" for name, seed in seeds.items() if seed is None]
    where += [
        f"README.md: does not state the seed {seed}" for seed in set(seeds.values()) if f"{seed}" not in _readme(root)
    ]
    where += [
        f"{name}: `{found[0]}` draws without a seed"
        for name, text in _texts(root)
        if name.startswith("src/") and name.endswith(".py")
        for found in _UNSEEDED.finditer(text)
    ]
    return f"seed {', '.join(sorted(str(seed) for seed in set(seeds.values())))} in {len(seeds)} notebooks", where


def _seed(path: Path) -> Any:
    """Return the default of a notebook's parameter ``seed``."""
    return next((line.default for line in cells.parameter_lines(path) if line.name == "seed"), None)


@_check("run `make lock`")
def environments_agree(root: Path) -> Found:
    """requirements.lock has every package that pyproject.toml names, and environment.yml the same versions."""
    lock = dict(_pinned((root / "requirements.lock").read_text(encoding="utf-8")))
    conda = dict(_pinned((root / "environment.yml").read_text(encoding="utf-8")))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[^\w.-]", one)[0].lower().replace("_", "-") for one in asked} - {project["name"]}
    where = [f"requirements.lock: {name} is missing" for name in sorted(names - {name for name, _ in lock})]
    where += [
        f"environment.yml: {' '.join(key).strip()} is {conda.get(key, 'missing')}; locked: {lock.get(key, 'missing')}"
        for key in sorted(set(lock) | set(conda))
        if lock.get(key) != conda.get(key)
    ]
    return f"{len(lock)} locked packages", where


def _pinned(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield name, marker and version of each package that a lock or an environment pins."""
    for found in re.finditer(
        r'^(?: +- ")?([a-z0-9][\w.-]*)==([^\s;"\\]+)(?: ; ([^"\\\n]+))?', text, flags=re.MULTILINE
    ):
        yield (found[1], (found[3] or "").strip()), found[2]


@_check("correct the link, or add the file")
def links_lead_somewhere(root: Path) -> Found:
    """Every relative link of a Markdown page leads to a file and, after #, to a heading."""
    count, where = 0, []
    for name, text in _texts(root):
        if name.endswith(".md"):
            for target in _LINK.findall(re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)):
                if not re.match(r"[a-z]+:", target):
                    count += 1
                    where += [f"{name}: {target}"] if not _exists(root / name, target) else []
    return f"{count} links", where


def _exists(page: Path, target: str) -> bool:
    """Tell whether a link of a page leads to a file or folder, and to a heading of it where it names one."""
    path, _, heading = target.partition("#")
    file = page.parent / path if path else page
    if not heading or file.suffix != ".md":
        return file.exists()
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE) if file.is_file() else []
    return heading in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every shipped text file."""
    for name in shipped.names(root):
        text = shipped.text(root, name)
        if text is not None:
            yield name, text


def _readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def _stale(part: str, wanted: str, root: Path) -> list[str]:
    """Return the lines in which a generated part of README.md differs from what it must be."""
    stands = readme.parts(_readme(root)).get(part, "").splitlines()
    missing = [line for line in wanted.splitlines() if line not in stands]
    surplus = [line for line in stands if line not in wanted.splitlines()]
    return [f"README.md, {part}: lacks {line}" for line in missing] + [
        f"README.md, {part}: has {line}" for line in surplus
    ]
