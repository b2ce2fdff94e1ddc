"""The description of the data set for machines and for readers: data package (version 2) and codebook page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import pandas as pd

from .schema import Column, Table, processed_tables

_TYPES = {"text": "string", "date": "date", "number": "number", "integer": "integer", "yes_no": "boolean"}
_LICENCES = [
    {
        "name": "CC-BY-4.0",
        "path": "https://creativecommons.org/licenses/by/4.0/",
        "title": "Creative Commons Attribution 4.0",
    }
]


def descriptor(files: Mapping[str, bytes], *, version: str) -> bytes:
    """Return ``datapackage.json`` for processed CSV files by table name: columns, keys, codes, sizes and hashes."""
    tables = processed_tables()
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "reform-analysis",
        "title": "Published figures on Viet Nam's two-tier local government reform",
        "description": "Figures as printed by ministries, provinces and the press, with sources and bounds",
        "version": version,
        "licenses": _LICENCES,
        "resources": [_resource(tables[name], content) for name, content in files.items()],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _resource(table: Table, content: bytes) -> dict:
    schema = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [_field(column) for column in table.columns],
        "fieldsMatch": ["equal"],
        "missingValues": [{"value": "", "label": "not reported or not applicable"}],
        "primaryKey": list(table.key),
    }
    # a cell with several values cannot be declared as a foreign key; the tests follow it
    if keys := [_foreign_key(column, table) for column in table.columns if column.refers_to and not column.many]:
        schema["foreignKeys"] = keys
    return {
        "name": table.name,
        "type": "table",
        "path": f"{table.name}.csv",
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _field(column: Column) -> dict:
    field: dict = {"name": column.name, "type": _TYPES[column.type], "description": column.description}
    if column.codes:
        field["categories"] = list(column.codes)
    constraints: dict = {"required": True} if column.required else {}
    if column.pattern:
        constraints["pattern"] = column.pattern
    return {**field, "constraints": constraints} if constraints else field


def _foreign_key(column: Column, table: Table) -> dict:
    resource, field = column.refers_to.split(".")
    # version 2 leaves the resource out where a table refers to itself
    target = {"fields": [field]} if resource == table.name else {"resource": resource, "fields": [field]}
    return {"fields": [column.name], "reference": target}


def codebook_page(indicators: pd.DataFrame, scopes: pd.DataFrame, observations: pd.DataFrame) -> bytes:
    """Return the codebook as a Markdown page: each indicator with what it covers and its cautions; scope words."""
    lines = [
        "# Codebook",
        "",
        "Made from `indicators.csv` and `observations.csv` by `make data`; do not edit.",
        "Two figures may be compared only where indicator, scope and breakdown agree.",
    ]
    groups = dict(list(observations.groupby("indicator", sort=False)))
    for topic, codes in indicators.groupby("topic", sort=True):
        lines += ["", f"## {str(topic).replace('_', ' ').capitalize()}"]
        for row in codes.to_dict("records"):
            lines += ["", *_entry(row, groups.get(row["code"]))]
    lines += ["", "## Scope words", "", "| word | what is counted |", "| --- | --- |"]
    lines += [f"| {row.word} | {row.meaning} |" for row in scopes.itertuples()]
    return ("\n".join(lines) + "\n").encode()


def _entry(row: dict, figures: pd.DataFrame | None) -> list[str]:
    lines = [
        f"### {row['code']}",
        "",
        f"{row['label_en']} · {row['label_fr']} · {row['label_vi']}",
        "",
        f"{row['definition']}.".replace("..", "."),
        f"Kind: {row['kind']}. Unit: {row['unit']}{_of(row['denominator'])}.",
        _coverage(figures),
    ]
    if row["not_comparable_with"]:
        lines.append(f"**Caution:** not to be compared with {', '.join(row['not_comparable_with'].split())}.")
    if figures is not None and (scopes := sorted(set(figures["scope"]) - {""})):
        lines.append(f"**Caution:** several populations stand under this code; see scope: {', '.join(scopes)}.")
    return lines


def _of(denominator: str) -> str:
    return f" of {denominator}" if denominator else ""


def _coverage(figures: pd.DataFrame | None) -> str:
    if figures is None:
        return "No figure coded yet."
    days = figures["period_end"]
    counts = [
        f"{len(figures)} figure{'s' * (len(figures) != 1)}",
        f"{(n := figures['place_id'].nunique())} place{'s' * (n != 1)}",
        f"{(n := figures['source_id'].nunique())} source{'s' * (n != 1)}",
    ]
    return f"{', '.join(counts)}; {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}."
