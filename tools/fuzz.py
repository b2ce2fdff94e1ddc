"""Give every reader of the project broken and hostile input: each must read it or refuse it in words.

`python tools/fuzz.py [--seconds 60] [--count N] [--seed 1] [--target NAME ...] [--only NUMBER]`. An input is made from
the seed, the target and its number alone, so that `--seed 1 --target batch --only 523` makes a finding again.
A finding is any error but a refusal, a refusal that has written something, and more than 20 seconds of work.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reform_analysis.evidence import add, clean, files, phrase, printed, schema
from reform_analysis.evidence.directory import data_directory
from reform_analysis.reports import batch, cells, ledger, parameters, yamlfile

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "tests" / "data" / "notebooks" / "small.ipynb"
LONGEST_SECONDS = 20
# what has broken readers before: of numbers, of markup, of tables, of YAML, of paths, of terminals
TOKENS = (
    *(
        "0",
        "9" * 400,
        "1e999",
        "-1",
        "inf",
        "nan",
        "0x_",
        "1.1.1",
        "1,234",
        "١٢٣",
        "½",
        "%",
        "/",
        "-",
        "(",
        " tỷ",
        " triệu",
    ),
    *("hơn ", "between ", "de ", "một ", "<script>alert(1)</script>", "&", '"', "'", "\\", "`", "$(id)", "{{7*7}}"),
    *("=HYPERLINK(1)", "@SUM(1)", ",", ";", "\t", "\n", "\r", "\r\n", "\0", "\x1b[2J", "\u202e", "\u200b", "\u2028"),
    *(
        "\ufeff",
        "\ufffe",
        "e\u0301",
        "../",
        "..",
        "/etc/passwd",
        "con",
        ".",
        "!!python/object:os.system {}",
        "!!bool x",
    ),
    *(
        "&a [*a]",
        "*a",
        "<<: ",
        "? ",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "|",
        "null",
        "true",
        "# ",
        "x" * 10_000,
        "[" * 2000,
    ),
)


@dataclass
class Tally:
    """What became of the inputs of one target."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    longest: float = 0.0
    findings: list[str] = field(default_factory=list)


def changed(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Return one of the seeds with up to eight changes: cut, doubled, joined, flipped, or a hostile token put in."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.choice((1, 2, 8, 64)))
        match chance.randrange(6):
            case 0:
                del data[at:to]
            case 1:
                data[at:at] = data[at:to] * chance.choice((1, 2, 300))
            case 2:
                other = chance.choice(seeds)
                data[at:] = other[chance.randint(0, len(other)) :]
            case 3 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case _:
                data[at : to if chance.random() < 0.5 else at] = chance.choice(TOKENS).encode()
    return bytes(data[:200_000])


class _Figures:
    """Printed figures: read to a finite number within its bounds."""

    def __init__(self, folder: Path) -> None:
        self.seeds = [row["figure"].encode() for row in _rows(data_directory() / "processed" / "observations.csv")]

    def take(self, data: bytes, chance: random.Random) -> None:
        text = data.decode(errors="surrogateescape")
        language = chance.choice((None, "en", "fr", "vi"))
        qualifier = chance.choice(schema.codes("qualifiers"))
        refusals = []
        try:
            value: float | None = printed.read_figure(text, language=language).value
            if value is not None and abs(value) > 1e300:
                raise AssertionError(f"{value} is no figure")
        except ValueError as error:
            refusals.append(error)
            value = chance.choice((None, 0.0, 1.0, 1e15, float("inf")))
        for mode in ("soft", "hard"):
            with contextlib.suppress(ValueError):
                bounds = printed.figure_interval(text, value=value, qualifier=qualifier, mode=mode, cap=None)
                if not bounds.low <= bounds.high:
                    raise AssertionError(f"the bounds of {text!r} are {bounds}")
        phrase.parse.cache_clear()
        printed._interval.cache_clear()
        if refusals:
            raise refusals[0]


class _Additions:
    """Files for `data add`, in a copy of the data: added whole, so that all can be built, or nothing written."""

    def __init__(self, folder: Path) -> None:
        self._data, self._path = folder / "data", folder / "new.csv"
        shutil.copytree(data_directory(), self._data)
        os.environ["REFORM_ANALYSIS_DATA"] = str(self._data)
        self._before = self._contents()
        raw = data_directory() / "raw"
        figures = [list(row.values()) for row in _rows(raw / "observations" / "finance.csv")]
        sources = [list(row.values()) for row in _rows(raw / "sources.csv")]
        heads = {name: table.names for name, table in schema.raw_tables().items()}
        self.seeds = [
            *(_csv([heads["observations"][1:], figures[at][1:], figures[at + 1][1:]]) for at in range(0, 40, 4)),
            *(_csv([heads["sources"][1:], [*row[1:6], f"{row[6]}?new", *row[7:]]]) for row in sources[:40:4]),
        ]

    def take(self, data: bytes, chance: random.Random) -> None:
        self._path.write_bytes(data)
        try:
            added = add.add_file(self._path, today=datetime.date(2025, 11, 20))
        except ValueError:
            if self._contents() != self._before:
                raise AssertionError("a refusal has written something") from None
            raise
        if not added:
            raise AssertionError("nothing was added and nothing refused")
        clean.build(files.read_raw())
        for path, content in self._before.items():
            path.write_bytes(content)

    def _contents(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in sorted((self._data / "raw").rglob("*.csv"))}


class _Batches:
    """Batch files: a list of reports whose files stay in their folder, or a refusal that names the file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "b.yaml"
        small = f"title: t\nnotebook: {SMALL}\nmatrix:\n  word: [a, Lào Cai]\n  number: [1, 2]\ninclude:\n  - word: b\n"
        self.seeds = [small.encode(), *(path.read_bytes() for path in sorted((ROOT / "reports").glob("*.yaml")))]

    def take(self, data: bytes, chance: random.Random) -> None:
        self._path.write_bytes(data)
        try:
            reports = batch.load(self._path)
        except ValueError as error:
            if not all(line.startswith("b.yaml") for line in str(error).split("\n")):
                raise AssertionError(f"a refusal does not say where: {error}") from None
            raise
        for report in reports:
            if not report.name.isascii() or set(report.name) & set("/\\.\0\n") or len(report.name) > 100:
                raise AssertionError(f"{report.name!r} is no name of a file")


class _Values:
    """Values of parameters as typed at a command line: checked, or refused with the name."""

    def __init__(self, folder: Path) -> None:
        self.seeds = [b"L\xc3\xa0o Cai", b"2025-08-31", b"0.9", b"[a, b]", b"window", b"true", b"12", b"none"]

    def take(self, data: bytes, chance: random.Random) -> None:
        value = yamlfile.scalar(data.decode(errors="surrogateescape"))
        stem = chance.choice(list(parameters.NOTEBOOKS))
        name = chance.choice(list(parameters.model_of(Path(f"{stem}.ipynb")).model_fields))
        _, problems = parameters.check(Path(f"{stem}.ipynb"), {name: value})
        given, found = parameters.check(SMALL, {"word": value})
        if not found:
            batch.report_name("small", given)
        if problems and found:
            raise ValueError(problems)


class _Notebooks:
    """Notebook files: read, or refused by name."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "own.ipynb"
        self.seeds = [path.read_bytes() for path in sorted(SMALL.parent.glob("*.ipynb"))]

    def take(self, data: bytes, chance: random.Random) -> None:
        self._path.write_bytes(data)
        parameters._as_declared.cache_clear()
        try:
            cells.content_hashes(self._path)
            parameters.check(self._path, {})
        except ValueError as error:
            if "own.ipynb" not in str(error):
                raise AssertionError(f"a refusal does not say where: {error}") from None
            raise


class _Ledgers:
    """Ledgers: what is whole counts, the rest is named by line, and the next record stands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        book = ledger.Ledger(folder / ledger.NAME)
        for number in range(6):
            record = {"report": f"b/{number % 4}", "status": "ok", "message": "Việt", "key_numbers": [], "key": {}}
            book.append(record)
        self._lines = book.path.read_bytes().splitlines()
        self.seeds = [book.path.read_bytes()]

    def take(self, data: bytes, chance: random.Random) -> None:
        path = self._folder / ledger.NAME
        path.write_bytes(data)
        book = ledger.read(self._folder)
        if set(book.last) - {f"b/{number}" for number in range(4)}:
            raise AssertionError(f"a record was made up: {sorted(book.last)}")
        book.append({"report": "b/new", "status": "ok"})
        again = ledger.read(self._folder)
        if "b/new" not in again.last or {name for name in book.last if name not in again.last}:
            raise AssertionError("the record after the damage is lost")
        if book.damaged:
            raise ValueError("damage is named")


class _Caches:
    """Processed tables as a cache of the raw ones: read in their types, or refused by name."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sources.csv"
        self._table = schema.processed_tables()["sources"]
        lines = (data_directory() / "processed" / "sources.csv").read_bytes().splitlines(keepends=True)
        self.seeds = [b"".join([lines[0], *lines[at : at + 5]]) for at in range(1, 60, 6)]

    def take(self, data: bytes, chance: random.Random) -> None:
        self._path.write_bytes(data)
        try:
            files.read_processed(self._path, self._table)
        except ValueError as error:
            if "sources.csv" not in str(error):
                raise AssertionError(f"a refusal does not say where: {error}") from None
            raise


TARGETS: dict[str, Callable[[Path], Any]] = {
    "figure": _Figures,
    "add": _Additions,
    "batch": _Batches,
    "value": _Values,
    "notebook": _Notebooks,
    "ledger": _Ledgers,
    "cache": _Caches,
}


def run(name: str, *, seed: int, count: int, seconds: float = float("inf"), first: int = 0) -> Tally:
    """Give one target up to so many inputs in so many seconds, from the numbered first on."""
    tally = Tally()
    before = os.environ.get("REFORM_ANALYSIS_DATA")
    ends = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        target = TARGETS[name](Path(folder))
        for number in range(first, first + count):
            if time.monotonic() > ends:
                break
            chance = random.Random(f"{seed}/{name}/{number}")
            _give(
                target, changed(chance, target.seeds), chance, tally, f"--seed {seed} --target {name} --only {number}"
            )
    os.environ.pop("REFORM_ANALYSIS_DATA", None)
    os.environ |= {"REFORM_ANALYSIS_DATA": before} if before else {}
    return tally


def _give(target: Any, data: bytes, chance: random.Random, tally: Tally, again: str) -> None:
    """Give one input and note what became of it."""
    tally.inputs += 1
    began = time.process_time()
    try:
        with _limited():
            target.take(data, chance)
        tally.read += 1
    except ValueError:
        tally.refused += 1
    except Exception as error:  # noqa: BLE001 - any other error is what is looked for
        tally.findings.append(f"{again}: {type(error).__name__}: {error}"[:300])
    spent = time.process_time() - began
    tally.longest = max(tally.longest, spent)
    if spent > LONGEST_SECONDS:
        tally.findings.append(f"{again}: took {spent:.0f} s")


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Stop what has computed for three times the limit."""

    def stop(*_: object) -> None:
        raise RuntimeError("it does not end")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 3 * LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def main() -> int:
    """Run the targets named on the command line, one after the other, and print what became of their inputs."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=60.0, help="time for each target")
    options.add_argument("--count", type=int, default=10**9, help="inputs for each target")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--target", action="append", choices=list(TARGETS))
    options.add_argument("--only", type=int, help="number of the one input to make")
    asked = options.parse_args()
    count, first = (1, asked.only) if asked.only is not None else (asked.count, 0)
    found = 0
    print(f"{'target':10}{'inputs':>9}{'read':>9}{'refused':>9}{'findings':>9}{'longest':>9}")
    for name in asked.target or TARGETS:
        tally = run(name, seed=asked.seed, count=count, seconds=asked.seconds, first=first)
        row = f"{tally.inputs:9}{tally.read:9}{tally.refused:9}{len(tally.findings):9}{tally.longest:7.2f} s"
        print(f"{name:10}{row}", flush=True)
        print("".join(f"  {text}\n" for text in tally.findings[:20]), end="", flush=True)
        found += len(tally.findings)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
