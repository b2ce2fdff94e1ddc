"""The trail of one figure: what was printed, where, how its bounds follow, and what was found out about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from .validate import suggestion


@dataclass(frozen=True)
class Trace:
    """One figure and its trail.

    Parameters
    ----------
    observation, source, indicator
        The processed figure, its source and its codebook entry, by column.
    corrections, findings, changes
        Rows of the tables of those names that concern the figure.
    reports
        Reports of the last build that loaded the figure.
    """

    observation: dict
    source: dict
    indicator: dict
    corrections: tuple[dict, ...]
    findings: tuple[dict, ...]
    changes: tuple[dict, ...]
    reports: tuple[str, ...] = ()

    def lines(self) -> list[tuple[str, str]]:
        """Return the trail as pairs of a heading and its text."""
        seen, source = self.observation, self.source
        period = f"{_day(seen['period_start']) or 'start not printed'} to {_day(seen['period_end'])}"
        return [
            ("figure", f"{seen['figure']} ({seen['qualifier'].replace('_', ' ')})"),
            ("value", f"{_number(seen['value'])} {seen['unit']}"),
            ("bounds", f"{_ends(seen)}; hard {_number(seen['hard_low'])} to {_number(seen['hard_high'])}"),
            ("derivation", derivation(seen)),
            ("indicator", f"{self.indicator['label_en']}: {self.indicator['definition']}"),
            ("scope", ", ".join(filter(None, (seen["scope"], seen["breakdown"]))) or "whole place"),
            ("place", seen["place_name"]),
            ("period", f"{period} ({seen['date_precision']})"),
            ("source", f"{source['publisher']}: {source['title']} {source['url']}".strip()),
            ("locator", f"{seen['locator']}; read as {source['read_as']}; reliability {source['reliability']}"),
            ("reprints", seen["reprint_group"] or "none known"),
            ("note", seen["note"] or "none"),
            *[("correction", f"{c['column']}: {c['was']!r} to {c['now']!r}. {c['reason']}") for c in self.corrections],
            *[("finding", f"{f['severity']}: {f['explanation']}") for f in self.findings],
            *[("change", f"{_day(c['date'])}: {c['change']}") for c in self.changes],
            ("used in", ", ".join(self.reports) or "no report of the last build"),
        ]

    def __str__(self) -> str:  # noqa: D105
        return "\n".join([self.observation["observation_id"], *(f"  {name}: {text}" for name, text in self.lines())])

    def _repr_html_(self) -> str:
        rows = "".join(f'<tr><th scope="row">{name}</th><td>{escape(text)}</td></tr>' for name, text in self.lines())
        return f"<table><caption>{escape(self.observation['observation_id'])}</caption>{rows}</table>"


def trace(observation_id: str, tables: Mapping[str, pd.DataFrame]) -> Trace:
    """Return the trail of a figure.

    Raises
    ------
    ValueError
        If no figure has that id; the message names the nearest.
    """
    observations = tables["observations"].set_index("observation_id", drop=False)
    if observation_id not in observations.index:
        near = suggestion(observation_id, list(observations.index))
        raise ValueError(f"observation {observation_id!r} is unknown{near}")
    seen = observations.loc[observation_id].to_dict()
    findings = tables["findings"]
    named = findings["observation_ids"].str.split().map(lambda ids: observation_id in ids)
    corrections, changes = tables["corrections"], tables["changes"]
    return Trace(
        seen,
        tables["sources"].set_index("source_id", drop=False).loc[seen["source_id"]].to_dict(),
        tables["indicators"].set_index("code", drop=False).loc[seen["indicator"]].to_dict(),
        _records(corrections[corrections["key"] == observation_id]),
        _records(findings[named.astype(bool)]),
        _records(changes[changes["observation_id"].isin([observation_id, seen["source_id"]])]),
    )


def derivation(seen: dict) -> str:
    """Return in words how the bounds follow from the printed figure."""
    if seen["low"] != seen["low"]:
        return "a date or a text, no quantity"
    if seen["low"] == seen["high"]:
        return "printed as a full count: taken as exact"
    if seen["qualifier"] == "between":
        return "printed as a range: its ends"
    if seen["qualifier"] == "exact":
        return "rounded: half a unit of the last printed place on either side"
    return f"printed as {seen['qualifier'].replace('_', ' ')}: within one unit of the last significant place"


def _records(frame: pd.DataFrame) -> tuple[dict, ...]:
    return tuple(frame.to_dict("records"))


def _day(when: pd.Timestamp) -> str:
    return "" if pd.isna(when) else f"{when:%Y-%m-%d}"


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _ends(seen: dict) -> str:
    low, high = ("(" if seen["low_open"] else "["), (")" if seen["high_open"] else "]")
    return f"{low}{_number(seen['low'])}, {_number(seen['high'])}{high}"
