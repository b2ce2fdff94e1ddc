"""The processed tables made from the raw ones, with audit, data package and codebook; or held against them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reform_analysis import __version__

from . import clean
from .audit import audit
from .directory import data_directory
from .files import read_raw, to_csv, write_files
from .package import codebook_page, descriptor
from .schema import DataError, Problem, processed_tables


def contents() -> dict[str, bytes]:
    """Return every processed file by name, made from the raw tables and not yet written.

    Raises
    ------
    DataError
        If the raw tables break a rule; names every problem.
    """
    raw = read_raw()
    tables = clean.build(raw)
    tables["findings"] = audit(tables["observations"], tables["identities"], tables["indicators"])
    tables["observations"] = with_flags(tables["observations"], tables["findings"])
    declared = processed_tables()
    csv = {name: to_csv(frame, declared[name]).encode() for name, frame in tables.items()}
    others = {
        "datapackage.json": descriptor(csv, version=__version__),
        "codebook.md": codebook_page(tables["indicators"], tables["scopes"], tables["observations"]),
        "provinces.geojson": (data_directory() / "raw" / "provinces.geojson").read_bytes(),
    }
    return {**{f"{name}.csv": content for name, content in csv.items()}, **others}


def with_flags(observations: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return observations with the kinds of the findings that name them, joined by spaces."""
    named = findings.assign(observation_id=findings["observation_ids"].str.split()).explode("observation_id")
    kinds = named.groupby("observation_id")["kind"].agg(lambda kind: " ".join(sorted(set(kind))))
    return observations.assign(flags=observations["observation_id"].map(kinds).fillna(""))


def build() -> Mapping[str, bytes]:
    """Write ``data/processed`` anew; return what was written."""
    made = contents()
    write_files(made)
    return made


def check() -> None:
    """Raise DataError if the raw tables break a rule or ``data/processed`` is not what they give."""
    folder = data_directory() / "processed"
    stale = [
        Problem(f"processed/{name}", 1, "", "must be what the raw tables give; run `make data`")
        for name, content in contents().items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]
    if stale:
        raise DataError(stale)
