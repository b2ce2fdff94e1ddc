"""Identities: what must add up, as a scholar states it in the table `identities.csv`.

An identity joins figures of one source, or else of one report (`family`), for one place, day and population. A
*term* names figures: `indicator`, `indicator[breakdown]`, `indicator@scope`; a bare number is a constant. A final `?`
says that the term may be counted in where it is printed, `*` that it may be of another day (the state before a
reform). Terms without `@` share whatever scope they have, unless another term of the identity has one: then they
speak of the whole place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

# what an identity may state; `grows` is checked with the other series
RELATIONS = {
    "sum": "the parts add up to the result",
    "share": "the result is the parts over the whole, in percent",
    "rate": "the result is the parts over the whole",
    "complement": "the parts are shares that make 100 %",
    "grows": "the result counts from a fixed day and can only grow",
}
# on which side of what its terms give a result may lie for the reason that the caution states
SIDES = ("", "above", "below", "either")
_TERM_CELLS = ("result", "parts", "whole", "instead")
_TERM = re.compile(
    r"(?P<indicator>[a-z][a-z0-9_]*)(?:\[(?P<breakdown>[^\]]*)\])?(?:@(?P<scope>[^?*\s]+))?(?P<mark>[?*])?"
)

# rows of one reading, in the order of the identity's terms; None for a term that is not printed
Rows = tuple[int | None, ...]


@dataclass(frozen=True)
class Term:
    """One term of an identity; `constant` where it is a number."""

    indicator: str
    breakdown: str = ""
    scope: str | None = None
    is_optional: bool = False
    is_of_any_day: bool = False
    constant: float | None = None


@dataclass(frozen=True)
class Identity:
    """One row of the table of identities, its terms read."""

    identity_id: str
    relation: str
    result: tuple[Term, ...]
    parts: tuple[Term, ...]
    whole: tuple[Term, ...]
    instead: tuple[Term, ...]
    may_lie: str
    caution: str

    @property
    def terms(self) -> tuple[Term, ...]:
        """Terms that must be printed, the tested figure first."""
        return self.result + self.parts + self.whole

    def split(self, rows: Rows) -> tuple[Rows, Rows, Rows]:
        """Return the rows of result, parts and whole."""
        first, last = len(self.result), len(self.result) + len(self.parts)
        return rows[:first], rows[first:last], rows[last:]

    @property
    def has_scope(self) -> bool:
        """Whether any term names its population."""
        return any(term.scope is not None for term in self.terms)


def read_identities(table: pd.DataFrame) -> list[Identity]:
    """Return the identities of a table.

    Parameters
    ----------
    table : DataFrame
        Columns `identity_id`, `relation`, `result`, `parts`, `whole`, `instead`, `may_lie`, `caution`, as text.

    Raises
    ------
    ValueError
        If a relation, side or term cannot be read.

    Examples
    --------
    >>> row = {"identity_id": "resolved", "relation": "sum", "result": "applications_resolved",
    ...        "parts": "applications_resolved_on_time applications_resolved_late",
    ...        "whole": "", "instead": "", "may_lie": "", "caution": ""}
    >>> [term.indicator for term in read_identities(pd.DataFrame([row]))[0].parts]
    ['applications_resolved_on_time', 'applications_resolved_late']
    """
    identities = []
    for row in table.to_dict("records"):
        if row["relation"] not in RELATIONS:
            raise ValueError(
                f"relation must be one of {', '.join(RELATIONS)}; got {row['relation']!r} "
                f"(identities.csv, {row['identity_id']}). Use a known one."
            )
        if row["may_lie"] not in SIDES:
            raise ValueError(
                f"may_lie must be above, below, either or empty; got {row['may_lie']!r} "
                f"(identities.csv, {row['identity_id']}). Use one of these."
            )
        result, parts, whole, instead = (
            tuple(_term(text, row["identity_id"]) for text in row[name].split()) for name in _TERM_CELLS
        )
        named = (row["identity_id"], row["relation"])
        identities.append(Identity(*named, result, parts, whole, instead, row["may_lie"], row["caution"]))
    return identities


def _term(text: str, identity_id: str) -> Term:
    """A term read from its text."""
    if text.isdigit():
        return Term("", constant=float(text))
    match = _TERM.fullmatch(text)
    if not match:
        raise ValueError(
            f"a term must look like indicator[breakdown]@scope; got {text!r} (identities.csv, {identity_id}). "
            "Correct it."
        )
    mark = match["mark"]
    return Term(match["indicator"], match["breakdown"] or "", match["scope"], mark == "?", mark == "*")
