"""Which rows a report read, and whether they are still the same.

`reform_analysis.evidence.store` notes every call of a loader. Here each call is made again and what it gives is
hashed: once at the end of a report, for its record, and once when the data have changed, to compare. The figures
among the rows are also what a reader may download beside the report.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from reform_analysis.display.memo import Memo
from reform_analysis.evidence.directory import data_directory, processed_file
from reform_analysis.reports import cells

# tables that loaders and citations look things up in without a call of their own; they count whole
_ALWAYS = ("aliases", "identities", "indicators", "places", "provinces", "sources")
_STORE = "reform_analysis.evidence.store"


def taken() -> list[dict[str, Any]]:
    """Return each call of a loader that this process has made, once, with a digest of what it gives."""
    store: Any = sys.modules.get(_STORE)
    calls = [_plain(read.function, dict(read.arguments)) for read in store.reads] if store else []
    if calls:
        calls += [_plain("table", {"name": name}) for name in _ALWAYS]
    unique = {cells.digest(call): call for call in calls}
    now = state()
    return [call | {"digest": given_by(call, now).digest} for _, call in sorted(unique.items())]


class Given(NamedTuple):
    """What a call of a loader gave: a digest of it, and the ids of the figures in it."""

    digest: str
    figures: frozenset[str] = frozenset()


def given_by(call: Mapping[str, Any], now: str) -> Given:
    """Return what a recorded call gives in this state of the data."""
    asked = {name: call[name] for name in ("function", "arguments")}
    return repeated[json.dumps(asked, sort_keys=True), now]


def warm() -> None:
    """Keep the digests of calls that most reports make, for processes forked later."""
    now = state()
    for function in ("audit", "codebook", "identities", "places", "sources"):
        given_by({"function": function, "arguments": {"level": None} if function == "places" else {}}, now)
    given_by({"function": "places", "arguments": {"level": "province"}}, now)
    for name in _ALWAYS:
        given_by({"function": "table", "arguments": {"name": name}}, now)
    _lines(now)


def _repeat(asked: tuple[str, str]) -> Given:
    """Make a call again and hash what it gives; an error is something else than rows, so a change too.

    The state of the data, beside the call, only tells one answer from another.
    """
    store: Any = importlib.import_module(_STORE)
    call = json.loads(asked[0])
    function, arguments, before = call["function"], call["arguments"], len(store.reads)
    try:
        if function == "table":
            content = processed_file(f"{arguments['name']}.csv").read_bytes()
            return Given(hashlib.sha256(content).hexdigest()[:32])
        result = getattr(store, function)(**arguments)
        return Given(_digest(result), frozenset(result["observation_id"] if function == "load" else ()))
    except (AttributeError, TypeError, ValueError, OSError) as error:
        return Given(f"{type(error).__name__}: {error}")
    finally:
        # this look is no reading of a report's
        del store.reads[before:]


repeated: Memo[tuple[str, str], Given] = Memo(_repeat, size=512)


def state() -> str:
    """Return one state of the data: a digest of name, size and time of change of every processed file."""
    found = []
    # the folder may be absent, or a file renamed between the look at the folder and the look at the file
    with contextlib.suppress(FileNotFoundError):
        for path in sorted((data_directory() / "processed").iterdir()):
            status = path.stat()
            found.append([path.name, status.st_size, status.st_mtime_ns])
    return cells.digest(found)


def rows(calls: list[dict[str, Any]]) -> bytes:
    """Return the figures that recorded calls loaded, each once, as CSV in the columns of the processed table."""
    loads = [call for call in calls if call["function"] == "load"]
    if not loads:
        return b""
    now = state()
    arguments = [load["arguments"] for load in loads]
    if all(asked.get("bounds") != "hard" and asked.get("rule") != "range" for asked in arguments):
        # rows as they stand in the table need not be written anew
        head, lines = _lines(now)
        found = frozenset().union(*(given_by(load, now).figures for load in loads))
        return "".join([head, *(lines[name] for name in sorted(found))]).encode()
    import pandas as pd

    from reform_analysis.evidence import files, schema, store

    frame = pd.concat([store.load(**asked) for asked in arguments]).drop_duplicates(["observation_id", "low", "high"])
    table = schema.processed_tables()["observations"]
    return files.to_csv(frame.sort_values("observation_id", kind="stable"), table).encode()


@functools.lru_cache(maxsize=1)
def _lines(now: str) -> tuple[str, dict[str, str]]:
    """Return the processed figures as text: the head, and the line of each; no cell holds a line break."""
    head, *lines = processed_file("observations.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return head, {line.partition(",")[0]: line for line in lines}


def _plain(function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a call in JSON's types."""
    return {
        "function": function,
        "arguments": {
            name: list(value) if isinstance(value, tuple) else value for name, value in sorted(arguments.items())
        },
    }


def _digest(result: Any) -> str:
    """Hash a frame by its columns, types and rows in their order; anything else by its JSON."""
    import pandas as pd

    if not isinstance(result, pd.DataFrame):
        return cells.digest(result)[:32]
    hasher = hashlib.sha256(repr([(name, str(kind)) for name, kind in result.dtypes.items()]).encode())
    hasher.update(pd.util.hash_pandas_object(result, index=True).to_numpy().tobytes())
    return hasher.hexdigest()[:32]


class Reads:
    """Answers whether rows that a report read are still the same, making each call once a build.

    A change anywhere in the data changes its hash, yet few reports read the rows that changed; one whose rows are
    all the same is up to date.
    """

    def __init__(self) -> None:
        """Start with no call made."""
        self._now: dict[str, str] = {}

    def changed(self, recorded: list[dict[str, Any]] | None) -> list[str]:
        """Return the calls that give other rows now, in words; without a record, that all data count."""
        if recorded is None:
            return ["what this report read is not recorded, so all data count"]
        return [_words(read) for read in recorded if self._digest(read) != read["digest"]]

    def _digest(self, read: Mapping[str, Any]) -> str:
        """Return the digest of what a recorded call gives now."""
        key = cells.digest([read["function"], read["arguments"]])
        if key not in self._now:
            self._now[key] = given_by(read, state()).digest
        return self._now[key]


def _words(read: Mapping[str, Any]) -> str:
    """Write a recorded read as the call it was."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in read["arguments"].items())
    return f"{read['function']}({arguments}) gives other rows"
