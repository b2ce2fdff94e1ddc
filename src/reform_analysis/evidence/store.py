"""The loaders: processed tables read once, filtered on request, and a note of what each process asked for.

A reader gets shallow copies of the tables kept here: pandas copies a column when it is first written to.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from . import citation, query
from . import trace as trail
from .directory import processed_file
from .files import read_processed
from .schema import processed_tables

if TYPE_CHECKING:
    from .places import Places
    from .trace import Trace


@dataclass(frozen=True)
class Read:
    """One call of a loader: what a report depends on, so that it can be asked again.

    Parameters
    ----------
    function
        Name of the loader.
    arguments
        What it was given, as pairs of name and value.
    """

    function: str
    arguments: tuple[tuple[str, object], ...]


# Calls of this process's loaders, in order; a report's record keeps them.
reads: list[Read] = []


def load(
    topic: str | None = None,
    *,
    indicator: str | Sequence[str] | None = None,
    place: str | None = None,
    geo_level: str | None = None,
    start: str | None = None,
    as_of: str | None = None,
    rule: str = "all",
    min_reliability: str = "C",
    phase: str = "window",
    bounds: str = "soft",
) -> pd.DataFrame:
    """Return published figures, one a row, with their bounds.

    Parameters
    ----------
    topic
        One of the codebook's topics; None for all.
    indicator
        One code or several; None for all.
    place
        Name or id of a place: its own figures. With ``geo_level``, the figures of the places of that level in it.
    geo_level
        ``country``, ``province``, ``commune``, ``ministry`` or ``former_province``.
    start, as_of
        First and last day, ISO 8601: figures whose period ends within, both included.
    rule
        What to do with several figures for one thing: ``all``, ``range``, ``official``, ``latest``, ``precise``,
        ``first``, ``lowest`` or ``highest`` (see `evidence.resolve`).
    min_reliability
        Least class of source, A to D.
    phase
        ``window`` (July to October 2025), ``window+baseline``, ``baseline``, ``followup`` or ``all``.
    bounds
        ``soft`` (the usual reading of a rounded figure) or ``hard`` (any reading); sets ``low`` and ``high``.

    Returns
    -------
    DataFrame
        Columns of ``processed/observations.csv``. Shares in percent, as printed; money in VND. Figures that their
        source withdrew are left out. Unit of observation: one figure in one source.

    Raises
    ------
    ValueError
        If a name or code is unknown; the message lists the known ones.
    """
    arguments = {key: value for key, value in locals().items() if value is not None}
    _record("load", arguments)
    frame = table("observations")
    chosen = query.select(
        frame,
        topic=topic,
        indicators=[indicator] if isinstance(indicator, str) else indicator,
        place=None if place is None else places_registry().place_id_of(place),
        geo_level=geo_level,
        start=start,
        as_of=as_of,
        min_reliability=min_reliability,
        phase=phase,
        known_indicators=() if indicator is None else table("indicators")["code"],
    )
    if bounds not in ("soft", "hard"):
        raise ValueError(f"bounds must be 'soft' or 'hard'; got {bounds!r}")
    if bounds == "hard":
        chosen = chosen.assign(low=chosen["hard_low"], high=chosen["hard_high"])
    if rule == "all":
        return chosen
    from .resolve import resolve

    return resolve(chosen, rule)


def codebook() -> pd.DataFrame:
    """Return the indicators: code, topic, kind, unit, definition, labels, what they must not be compared with."""
    _record("codebook", {})
    return table("indicators").copy(deep=False)


def sources() -> pd.DataFrame:
    """Return the sources: title, publisher, date, address, how they were read and how far they can be trusted."""
    _record("sources", {})
    return table("sources").copy(deep=False)


def places(level: str | None = None) -> pd.DataFrame:
    """Return the register of places; for ``level="province"`` with area, population and numbers of units.

    Population figures count temporary residents in some provinces: read ``population_caution`` before dividing.
    """
    _record("places", {"level": level})
    return register(level).copy(deep=False)


def concordance() -> pd.DataFrame:
    """Return the former provinces and the provinces they became, with names and dates."""
    _record("concordance", {})
    names = table("places").set_index("place_id")["name"]
    pairs = table("concordance")
    return pairs.assign(old_name=pairs["old_id"].map(names), new_name=pairs["new_id"].map(names))


def directives(*, as_of: str | None = None, outcomes: bool = False) -> pd.DataFrame:
    """Return documents, deadlines and recurring obligations; with ``as_of``, those issued by that day.

    With ``outcomes``, a deadline has one row for each figure that shows what became of it, ``rank`` 1 first: its id is
    ``outcome_id``.
    """
    _record("directives", {"as_of": as_of, "outcomes": outcomes})
    frame = table("directives")
    if as_of is not None:
        frame = frame[~(frame["issued"] > query.day(as_of, "as_of"))].reset_index(drop=True)
    if not outcomes:
        return frame.copy(deep=False)
    shown = table("outcomes").rename(columns={"observation_id": "outcome_id", "note": "outcome_note"})
    return frame.merge(shown, on="directive_id", how="left")


def audit() -> pd.DataFrame:
    """Return the audit's findings: figures that contradict themselves or each other, in words (`evidence.audit`)."""
    _record("audit", {})
    return table("findings").copy(deep=False)


def identities() -> pd.DataFrame:
    """Return what must add up: the table of identities that the audit tests (`evidence.identities`)."""
    _record("identities", {})
    return table("identities").copy(deep=False)


def cite(frame: pd.DataFrame, *, style: str = "text") -> str:
    """Return citations of just the sources that ``frame`` used.

    Parameters
    ----------
    frame
        Figures (column ``source_id``), or a table of an analysis (column ``observations``).
    style
        ``text``, ``bibtex``, ``ris`` or ``csl-json``.
    """
    return citation.cite(frame, table("sources"), style=style)


def trace(observation_id: str) -> Trace:
    """Return the trail of a figure: printed phrase, bounds and why, source, corrections, findings, reports."""
    tables = {name: table(name) for name in processed_tables()}
    return trail.trace(observation_id, tables)


def covariates() -> pd.DataFrame:
    """Return indices of old and new provinces that others publish (PAPI, PCI, PAR and others)."""
    _record("covariates", {})
    return table("covariates").copy(deep=False)


def geometry() -> dict:
    """Return the boundaries of the 34 provinces as GeoJSON; licence CC BY-SA 4.0, credit in ``credit``."""
    _record("geometry", {})
    return json.loads(processed_file("provinces.geojson").read_text(encoding="utf-8"))


def table(name: str) -> pd.DataFrame:
    """Return a processed table by name, read once while its file stays the same. Treat it as read-only."""
    known = processed_tables()
    if name not in known:
        raise ValueError(f"table {name!r} is unknown; known: {', '.join(known)}")
    return _read(*_state(name))


def _state(name: str) -> tuple[str, Path, int, int]:
    """Return a table's name, file, time of change and size: what a cached copy of it is good for."""
    path = processed_file(f"{name}.csv")
    status = path.stat()
    return name, path, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=32)
def _read(name: str, path: Path, changed: int, size: int) -> pd.DataFrame:
    return read_processed(path, processed_tables()[name])


@lru_cache(maxsize=4)
def _registry(*state: object) -> Places:
    from .places import Places

    return Places(table("places"), table("aliases"))


def register(level: str | None = None) -> pd.DataFrame:
    """Return what `places` gives, without a note of the call, made once while the files stay the same."""
    return _places(level, _state("places"), _state("provinces"))


@lru_cache(maxsize=16)
def _places(level: str | None, *states: object) -> pd.DataFrame:
    register = table("places")
    if level is None:
        return register
    known = sorted(register["level"].unique())
    if level not in known:
        raise ValueError(f"level must be one of {', '.join(known)}; got {level!r}")
    chosen = register[register["level"] == level].reset_index(drop=True)
    return chosen.merge(table("provinces"), on="place_id", how="left") if level == "province" else chosen


def places_registry() -> Places:
    """Return the registry that finds places by name."""
    return _registry(*_state("places"))


def _record(function: str, arguments: dict[str, object]) -> None:
    frozen = tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in sorted(arguments.items())
    )
    call = Read(function, frozen)
    if call not in reads:
        reads.append(call)
