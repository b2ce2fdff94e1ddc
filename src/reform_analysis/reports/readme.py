"""The parts of README.md that a command writes: what the data are, what each figure and table comes from, run times.

A part stands between two comments, ``<!-- begin NAME: ... -->`` and ``<!-- end NAME -->``; the rest is written by hand.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from reform_analysis.evidence import schema, store
from reform_analysis.reports import ledger, outputs, shipped

CLASSES = {
    "A": "laws, official texts and portals",
    "B": "national press and agencies",
    "C": "provincial press; re-publications that name their original",
    "D": "machine translations, mirrors, undated pages",
}


def parts(text: str) -> dict[str, str]:
    """Return the generated parts that stand in a README's text, by name."""
    pattern = r"<!-- begin (\w+): [^>]*-->\n(.*?)<!-- end \1 -->"
    return {found[1]: found[2].strip() for found in re.finditer(pattern, text, flags=re.DOTALL)}


def filled(text: str, root: Path, build: Path) -> str:
    """Return a README's text with each part written anew.

    Parameters
    ----------
    text
        The README, with the two comments of each part.
    root
        The checkout.
    build
        Output folder whose ledger has the run times.

    Raises
    ------
    ValueError
        The text has a part that nobody writes.
    """
    unknown = set(parts(text)) - set(WRITERS)
    if unknown:
        raise ValueError(f"README.md: part {sorted(unknown)[0]!r} is unknown; known: {', '.join(WRITERS)}")
    for name in parts(text):
        head, begin, rest = text.partition(f"<!-- begin {name}: ")
        comment, _, rest = rest.partition("\n")
        _, end, tail = rest.partition(f"<!-- end {name} -->")
        text = f"{head}{begin}{comment}\n\n{WRITERS[name](root, build)}\n\n{end}{tail}"
    return text


def data(root: Path, build: Path | None = None) -> str:
    """Return the list of data files with their licences, and what the figures were read from."""
    del build
    licences = shipped.licences(root)
    rows = [_file(root, table, licences) for table in schema.raw_tables().values()]
    boundaries = "data/raw/provinces.geojson"
    rows.append((f"`{boundaries}`", "34", "Boundaries of the provinces", licences.get(boundaries, "")))
    return "\n\n".join([_table(("file", "rows", "what it holds", "licence"), rows), _sources(), _covariates()])


def _file(root: Path, table: schema.Table, licences: dict[str, str]) -> tuple[str, ...]:
    """Return the row of one table of the raw data."""
    name = f"data/raw/{table.name}"
    shown = f"{name}/*.csv" if (root / name).is_dir() else f"{name}.csv"
    stated = {licence for file, licence in licences.items() if file.startswith((f"{name}/", f"{name}.csv"))}
    rows = len(store.table(table.name))
    return f"`{shown}`", f"{rows:,}", table.description, ", ".join(sorted(stated))


def _sources() -> str:
    """Return how many sources of each class printed how many of the figures."""
    figures, sources = store.table("observations"), store.table("sources")
    rows = [
        (name, meaning, f"{(sources['reliability'] == name).sum():,}", f"{(figures['reliability'] == name).sum():,}")
        for name, meaning in CLASSES.items()
    ]
    rows.append(("", "all", f"{len(sources):,}", f"{len(figures):,}"))
    return _table(("class", "source of the figures", "sources", "figures"), rows)


def _covariates() -> str:
    """Return where the indices of places that are no figures of the reform were read."""
    rows = []
    for index, values in store.table("covariates").groupby("index"):
        years = sorted(set(values["year"]))
        span = str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
        sites = sorted(set(map(_site, values["source_url"])))
        rows.append((f"`{index}`", span, f"{len(values):,}", ", ".join(sites)))
    return _table(("index of places", "years", "values", "read at"), rows)


def _site(url: str) -> str:
    """Return the site of an address; where a site hosts others' work, whose it is as well."""
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("www.")
    return host + "/".join(parts.path.split("/")[:3]) if host in ("github.com", "pypi.org") else host


def run_times(root: Path, build: Path) -> str:
    """Return time and memory of each notebook's reports in the last build; as they stand, if it lacks a notebook."""
    done = [record for record in ledger.read(build).done.values() if record["report"].startswith("national/")]
    rows = []
    for path in notebooks(root):
        mine = [record for record in done if record["notebook"] == path.stem]
        if not mine:
            return parts((root / "README.md").read_text(encoding="utf-8"))["run_times"]
        seconds = statistics.median(record["seconds"] for record in mine)
        memory = max(record["peak_mb"] for record in mine)
        rows.append((f"`{path.stem}`", str(len(mine)), f"{seconds:.1f}", f"{memory:.0f}"))
    whole = sum(record["seconds"] for record in done)
    systems = sorted({str(record["key"]["python"]) for record in done})
    said = f"All {len(done)} reports one after the other: {whole:.0f} s. Python {', '.join(systems)}."
    return _table(("notebook", "reports", "seconds a report (median)", "most memory, MB"), rows) + "\n\n" + said


def figures_and_tables(root: Path, build: Path | None = None) -> str:
    """Return every figure and table with the cell, the program and the report that make it."""
    del build
    rows = [
        (
            one.number,
            one.title,
            f"[{one.notebook}](notebooks/{one.notebook}.ipynb), `{one.cell}`",
            ", ".join(dict.fromkeys(map(_program, one.calls))),
            f"`{one.report}`",
        )
        for one in outputs.listed(root)
    ]
    return _table(("", "title", "notebook, cell", "program", "file below `reports/build/`"), rows)


def _program(call: str) -> str:
    """Return the function that a cell calls, linked to the file that holds it."""
    module, _, name = call.rpartition(".")
    room = "" if module.startswith("analysis") else "display."
    function = getattr(import_module(f"reform_analysis.{room}{module}"), name)
    return f"[{name}](src/{function.__module__.replace('.', '/')}.py)"


def notebooks(root: Path) -> list[Path]:
    """Return the notebooks, in their order."""
    return sorted((root / "notebooks").glob("*.ipynb"))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; columns of numbers stand to the right."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    numeric = [all(re.fullmatch(r"[\d,.]+", row[k]) for row in rows) for k in range(len(head))]
    rule = ["---:" if right else "---" for right in numeric]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


WRITERS: dict[str, Callable[[Path, Path], str]] = {
    "data": data,
    "run_times": run_times,
    "figures_and_tables": figures_and_tables,
}
