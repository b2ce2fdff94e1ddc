"""Whether the figures of one report cohere: sums, shares and complements that the identities state."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, product

import numpy as np
import pandas as pd

from .findings import Bounds, Figures, Finding, distance, explain, shown, verdict
from .identities import Identity, Rows, Term, read_identities
from .interval import MISSING, Interval

# rows tried for one term, and readings of one identity tried for one printed figure: a page rarely prints a thing
# twice, and trying them all would cost more than n log n where a file repeats a row
_MOST_ROWS = 8
_MOST_READINGS = 64
_HUNDRED = Interval(100, 100)


@dataclass(frozen=True)
class _Test:
    """One printed figure held against an identity: the reading that fails least, and rows of other definitions."""

    identity: Identity
    rows: Rows
    severity: str | None
    gap: float
    instead: list[list[int]]


def identity_checks(observations: pd.DataFrame, identities: pd.DataFrame) -> pd.DataFrame:
    """Return every test of an identity that the figures allow, passed or failed.

    Parameters
    ----------
    observations : DataFrame
        Processed observations.
    identities : DataFrame
        What must add up (`identities.csv`).

    Returns
    -------
    DataFrame
        One tested figure a row: identity_id, relation, observation_ids (joined by spaces, the tested one first),
        place_id, indicator, period_end, expected_low, expected_high, low, high (soft bounds, in the unit of the
        figure; of the sum and 100 for complements), gap, severity (empty where the figures agree).

    Raises
    ------
    ValueError
        If an identity cannot be read.
    """
    figures = Figures(observations.reset_index(drop=True))
    records = []
    for test in _tests(figures, read_identities(identities)):
        identity, rows, first = test.identity, test.rows, _first(test.rows)
        expected = _expected(figures, identity, rows, figures.soft)
        printed = _HUNDRED if identity.relation == "complement" else figures.soft(first)
        ids = [figures.text["observation_id"][row] for row in rows if row is not None]
        cells = (figures.text["place_id"][first], figures.text["indicator"][first])
        day = figures.frame["period_end"][first]
        ends = (expected.low, expected.high, printed.low, printed.high)
        severity = _finding(figures, test).severity if test.severity else ""
        named = (identity.identity_id, identity.relation, " ".join(ids))
        records.append((*named, *cells, day, *ends, test.gap, severity))
    columns = (
        "identity_id relation observation_ids place_id indicator period_end expected_low expected_high low high gap "
        "severity"
    )
    return pd.DataFrame(records, columns=columns.split())


def broken_identities(figures: Figures, identities: Sequence[Identity]) -> Iterator[Finding]:
    """Yield the sums, shares and complements inside each report that cannot hold."""
    for test in _tests(figures, identities):
        if test.severity is not None:
            yield _finding(figures, test)


def _tests(figures: Figures, identities: Sequence[Identity]) -> Iterator[_Test]:
    """Each figure that an identity can be held against: inside its source, or else inside its report."""
    index: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in np.flatnonzero(figures.is_comparable):
        index[figures.text["indicator"][row], figures.text["breakdown"][row]].append(int(row))
    for identity in identities:
        if identity.relation != "grows":
            tested: set[int] = set()
            for report in ("source_id", "family"):
                for readings, instead in _readings(figures, identity, index, report):
                    if _first(readings[0]) not in tested:
                        tested.add(_first(readings[0]))
                        yield _test(figures, identity, readings, instead)


def _readings(
    figures: Figures, identity: Identity, index: Mapping[tuple[str, str], list[int]], report: str
) -> Iterator[tuple[list[Rows], list[list[int]]]]:
    """For each figure that an identity tests, the rows that can stand beside it, and those of other definitions."""
    keyed = [_by_key(figures, identity, term, index, report) for term in identity.terms + identity.instead]
    n = len(identity.terms)
    for key, anchors in keyed[0].items():
        beside = [_beside(identity, place, keyed[place], key) for place in range(1, n)]
        for anchor in anchors:
            combined = islice(product([anchor], *beside), _MOST_READINGS)
            readings = [rows for rows in combined if _is_testable(figures, identity, rows)]
            if readings:
                yield readings, [rows.get(key, []) for rows in keyed[n:]]


def _by_key(
    figures: Figures, identity: Identity, term: Term, index: Mapping[tuple[str, str], list[int]], report: str
) -> dict[tuple[object, ...], list[int]]:
    """The rows of one term by report, place, day and, where the identity leaves it open, population."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    wanted = (term.scope or "") if identity.has_scope else None
    for row in index.get((term.indicator, term.breakdown), ()):
        scope = figures.text["scope"][row]
        if wanted is None or scope == wanted:
            place, day = figures.text["place_id"][row], figures.day["period_end"][row]
            day = None if term.is_of_any_day else day
            found[figures.text[report][row], place, day, scope if wanted is None else None].append(row)
    return found


def _beside(
    identity: Identity, place: int, keyed: Mapping[tuple[object, ...], list[int]], key: tuple[object, ...]
) -> list[int | None]:
    """The rows that can stand for one term beside a tested figure; None where it may also be absent."""
    term, is_count = identity.terms[place], 0 < place <= len(identity.parts)
    report, where, _, scope = key
    rows = keyed.get((report, where, None, scope) if term.is_of_any_day else key, [])
    found: list[int | None] = [*rows[:_MOST_ROWS]]
    # without its count, a share of a known total can still be tested
    may_lack = term.constant is not None or (identity.relation == "share" and is_count and not found)
    return [*found, None] if term.is_optional or may_lack else found


def _is_testable(figures: Figures, identity: Identity, rows: Rows) -> bool:
    """Whether the rows speak of one period, and a share without its count has an exact total and no hedge."""
    present = [row for row in rows if row is not None]
    starts = {figures.day["period_start"][row] for row in present} - {math.nan}
    if len({start for start in starts if start == start}) > 1:
        return False
    if not _lacks_count(identity, rows):
        return True
    whole = _total(identity.whole, identity.split(rows)[2], figures.soft)
    return whole.width == 0 and whole.low > 0 and not figures.is_hedged(present[:1])


def _lacks_count(identity: Identity, rows: Rows) -> bool:
    """Whether the count behind a share is not printed."""
    counts = zip(identity.parts, identity.split(rows)[1], strict=True)
    return identity.relation == "share" and any(
        row is None and not term.is_optional and term.constant is None for term, row in counts
    )


def _total(terms: tuple[Term, ...], rows: Rows, bounds: Bounds) -> Interval:
    """The sum of terms; those not printed add nothing."""
    total = Interval(0, 0)
    for term, row in zip(terms, rows, strict=True):
        if term.constant is not None:
            total = total + term.constant
        elif row is not None:
            total = total + bounds(row)
    return total


def _expected(figures: Figures, identity: Identity, rows: Rows, bounds: Bounds) -> Interval:
    """What the other figures allow for the tested one; the sum itself for complements."""
    if _lacks_count(identity, rows):
        return _nearest_share(figures, identity, rows, bounds)
    _, parts, whole = identity.split(rows)
    total = _total(identity.parts, parts, bounds)
    if identity.whole:
        base = _total(identity.whole, whole, bounds)
        factor = 100 if identity.relation == "share" else 1
        return MISSING if base.low <= 0 else total / base * factor
    return total


def _gap(figures: Figures, identity: Identity, rows: Rows, bounds: Bounds) -> float:
    """Least distance between the tested figure and what the others allow."""
    printed = _HUNDRED if identity.relation == "complement" else bounds(_first(rows))
    return distance(_expected(figures, identity, rows, bounds), printed)


def _nearest_share(figures: Figures, identity: Identity, rows: Rows, bounds: Bounds) -> Interval:
    """The percentage nearest to the printed one that a whole number out of the total gives."""
    total = int(_total(identity.whole, identity.split(rows)[2], figures.soft).low)
    printed = bounds(_first(rows))
    counts = (math.floor(printed.low * total / 100), math.ceil(printed.low * total / 100))
    shares = [Interval(share, share) for share in (100 * k / total for k in counts)]
    return min(shares, key=lambda share: distance(share, printed))


def _test(figures: Figures, identity: Identity, readings: list[Rows], instead: list[list[int]]) -> _Test:
    """The test of one figure: passed if any reading holds, else by the reading that fails least."""
    tests = []
    for rows in readings:
        present = [row for row in rows if row is not None]
        severity, gap = verdict(figures, present, partial(_gap, figures, identity, rows))
        tests.append(_Test(identity, rows, severity, gap, instead))
    return min(tests, key=lambda test: test.gap)


def _finding(figures: Figures, test: _Test) -> Finding:
    """The finding of a failed test."""
    identity, rows, severity = test.identity, test.rows, test.severity or "hard"
    definition = _definition(figures, identity, rows, test.instead) if severity == "hard" else ""
    severity = "definition" if definition else severity
    present = tuple(dict.fromkeys(row for row in rows if row is not None))
    expected, statement = _statement(figures, identity, rows)
    return Finding(
        identity.relation,
        present,
        figures.text["place_id"][present[0]],
        figures.text["indicator"][present[0]],
        expected,
        figures.printed(present if identity.relation == "complement" else present[:1]),
        test.gap,
        severity,
        explain(severity, statement, definition),
    )


def _definition(figures: Figures, identity: Identity, rows: Rows, instead: list[list[int]]) -> str:
    """The definition under which figures agree, or the caution that the table of identities gives."""
    result, parts, _ = identity.split(rows)
    for other in (row for found in instead for row in found):
        amount, total = figures.hard(other), _total(identity.parts, parts, figures.hard)
        if identity.relation == "share" and not _lacks_count(identity, rows) and amount.low > 0:
            if distance(total / amount * 100, figures.hard(_first(result))) == 0:
                return f"It fits {figures.named(other)} ({figures.text['figure'][other]}) as the base."
        elif identity.relation == "sum" and distance(total + amount, figures.hard(_first(result))) == 0:
            return f"It fits if {figures.named(other)} ({figures.text['figure'][other]}) is counted in."
    if _lacks_count(identity, rows):
        return "The share may be of another base than the total printed beside it."
    return identity.caution if _is_cautioned(figures, identity, rows) else ""


def _is_cautioned(figures: Figures, identity: Identity, rows: Rows) -> bool:
    """Whether the caution covers this failure: on its side, and with a term unprinted if some need not be."""
    optional = [row for term, row in zip(identity.terms, rows, strict=True) if term.is_optional]
    if optional and None not in optional:
        return False
    printed = _HUNDRED if identity.relation == "complement" else figures.soft(_first(rows))
    side = "above" if printed.low > _expected(figures, identity, rows, figures.soft).high else "below"
    return identity.may_lie in (side, "either")


def _statement(figures: Figures, identity: Identity, rows: Rows) -> tuple[str, str]:
    """What was expected, and the contradiction in words."""
    _, parts, whole = identity.split(rows)
    printed = figures.text["figure"][_first(rows)]
    expected = shown(_expected(figures, identity, rows, figures.soft))
    total = shown(_total(identity.whole, whole, figures.soft))
    if _lacks_count(identity, rows):
        return expected, f"No whole number out of {total} gives {printed}; the nearest share is {expected} %."
    sum_of = " + ".join(shown(figures.soft(row)) for row in parts if row is not None)
    if identity.relation == "complement":
        return "100", f"{sum_of} make {expected}, not 100."
    if identity.relation == "sum":
        return expected, f"{sum_of} make {expected}, printed as {printed}."
    unit = " %" if identity.relation == "share" else ""
    return expected, f"{sum_of} of {total} is {expected}{unit}, printed as {printed}."


def _first(rows: Rows) -> int:
    """The tested figure, which is always printed."""
    return next(row for row in rows if row is not None)
