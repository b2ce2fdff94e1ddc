"""Figures for one thing that exclude each other: between sources, between reprints, and along cumulative series."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from .findings import Bounds, Figures, Finding, distance, explain, number, shown, verdict
from .identities import Identity, Term
from .interval import Interval

_THING = ["indicator", "scope", "breakdown", "place_id", "period_end"]
_COPIES = ["reprint_group", "indicator", "scope", "breakdown", "place_id"]
_SERIES = ["indicator", "scope", "breakdown", "place_id", "period_start"]
_OTHER_START = "The start of the count is not printed for all of them: they may cover different periods."
_OTHER_BASE = "The pages do not describe what they count alike: perhaps two definitions under one name."
_OTHER_REPORT = "The figures stand in different reports, which may count by two definitions."


@dataclass(frozen=True)
class _Point:
    """A total and its part on one day: the rows that print them, the part perhaps as a share of the total."""

    day: float
    whole: int
    part: int
    is_share: bool

    def amounts(self, bounds: Bounds) -> tuple[Interval, Interval]:
        """Return part and total."""
        whole, part = bounds(self.whole), bounds(self.part)
        return (whole * part / 100 if self.is_share else part), whole


def conflicts(figures: Figures) -> Iterator[Finding]:
    """Yield the figures of several sources for one thing and day whose bounds do not meet."""
    for rows in _groups(figures, _THING, figures.is_comparable):
        for members in _by_start(figures, rows):
            groups = {figures.text["reprint_group"][row] for row in members}
            # copies of one report are held against each other in `reprints`
            if "" in groups or len(groups) > 1:
                yield from _apart(figures, members, "conflict")


def reprints(figures: Figures) -> Iterator[Finding]:
    """Yield the articles that repeat one report with different figures."""
    copied = figures.is_comparable & (figures.text["reprint_group"] != "")
    for rows in _groups(figures, _COPIES, copied):
        yield from _apart(figures, rows, "reprint")


def falls(figures: Figures, identities: Sequence[Identity]) -> Iterator[Finding]:
    """Yield the counts from a fixed day that are lower than an earlier count."""
    growing = {term.indicator for item in identities if item.relation == "grows" for term in item.result}
    chosen = figures.is_comparable & np.isin(figures.text["indicator"].astype(str), sorted(growing))
    for rows in _groups(figures, _SERIES, chosen):
        for peak, lower in _below_peak(figures, rows).items():
            yield _fall(figures, peak, lower)


def outgrown(figures: Figures, identities: Sequence[Identity]) -> Iterator[Finding]:
    """Yield the parts of a cumulative count that grow by more than the count itself between two days."""
    for identity in identities:
        if identity.relation == "share" and len(identity.parts) == len(identity.whole) == 1:
            for points in _series(figures, identity):
                for earlier, later in pairwise(points):
                    yield from _overtaking(figures, earlier, later)


def _groups(figures: Figures, columns: list[str], chosen: np.ndarray) -> Iterator[list[int]]:
    """Positions of chosen rows that agree in some columns, for groups of two and more."""
    positions = np.flatnonzero(chosen)
    codes = figures.frame[columns].iloc[positions].groupby(columns, dropna=False, sort=False).ngroup().to_numpy()
    order = np.argsort(codes, kind="stable")
    for rows in np.split(positions[order], np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows) > 1:
            yield rows.tolist()


def _by_start(figures: Figures, rows: list[int]) -> Iterator[list[int]]:
    """The rows of one day split by the first day they count from; unknown starts go with each."""
    by_start: dict[float, list[int]] = defaultdict(list)
    unknown: list[int] = []
    for row in rows:
        start = figures.day["period_start"][row]
        (unknown if math.isnan(start) else by_start[start]).append(row)
    for members in [by_start[start] + unknown for start in sorted(by_start)] or [unknown]:
        if len(members) > 1:
            yield members


def _apart(figures: Figures, rows: list[int], kind: str) -> Iterator[Finding]:
    """The finding of rows for one thing whose bounds do not all meet."""
    severity, gap = verdict(figures, rows, partial(_spread, rows))
    if severity is None:
        return
    low, high = figures.number["low"], figures.number["high"]
    least, most = min(rows, key=high.__getitem__), max(rows, key=low.__getitem__)
    involved = [row for row in rows if low[row] > high[least] or high[row] < low[most]]
    definition = ""
    if severity == "hard":
        severity, definition = _milder(figures, involved)
    reference = min(involved, key=lambda row: (figures.text["reliability"][row], figures.text["observation_id"][row]))
    others = [row for row in involved if row != reference]
    names = " and ".join(f"{figures.text['figure'][row]} ({figures.text['source_id'][row]})" for row in (least, most))
    yield Finding(
        kind,
        tuple(involved),
        figures.text["place_id"][least],
        figures.text["indicator"][least],
        shown(figures.soft(reference)),
        figures.printed(others),
        gap,
        severity,
        explain(severity, f"{names} exclude each other by {number(gap)}.", definition),
    )


def _spread(rows: list[int], bounds: Bounds) -> float:
    """How far the greatest lower end lies above the least upper end."""
    low, high = max(bounds(row).low for row in rows), min(bounds(row).high for row in rows)
    return distance(Interval(low, low), Interval(high, high)) if low > high else 0.0


def _milder(figures: Figures, rows: Sequence[int]) -> tuple[str, str]:
    """The most harmless reading of a contradiction on one day that no rounding explains."""
    starts = {figures.day["period_start"][row] == figures.day["period_start"][row] for row in rows}
    bases = {figures.text["denominator_note"][row] for row in rows}
    if figures.is_undated(rows):
        return "date", ""
    if len(starts) > 1:
        return "definition", _OTHER_START
    return ("definition", _OTHER_BASE) if len(bases) > 1 else ("hard", "")


def _milder_over_time(figures: Figures, rows: Sequence[int]) -> tuple[str, str]:
    """The most harmless reading of a contradiction between days that no rounding explains."""
    if figures.is_undated(rows):
        return "date", ""
    families = {figures.text["family"][row] for row in rows}
    return ("definition", _OTHER_REPORT) if len(families) > 1 else ("hard", "")


def _below_peak(figures: Figures, rows: list[int]) -> dict[int, list[int]]:
    """Each highest count so far, with the later counts that stay below it."""
    by_day: dict[float, list[int]] = defaultdict(list)
    for row in rows:
        by_day[figures.day["period_end"][row]].append(row)
    peak: int | None = None
    below: dict[int, list[int]] = defaultdict(list)
    for day in sorted(by_day):
        for row in by_day[day]:
            if peak is not None and _drop(peak, [row], figures.soft) > 0:
                below[peak].append(row)
        peak = max([*by_day[day], *([] if peak is None else [peak])], key=figures.number["low"].__getitem__)
    return below


def _drop(peak: int, lower: list[int], bounds: Bounds) -> float:
    """How far later counts at least stay below an earlier one."""
    low, high = bounds(peak).low, min(bounds(row).high for row in lower)
    return distance(Interval(low, low), Interval(high, high)) if high < low else 0.0


def _fall(figures: Figures, peak: int, lower: list[int]) -> Finding:
    """The finding of a cumulative count that falls."""
    rows = [peak, *lower]
    severity, gap = verdict(figures, rows, partial(_drop, peak, lower))
    definition = ""
    if severity == "hard":
        severity, definition = _milder_over_time(figures, rows)
    statement = (
        f"{figures.text['figure'][peak]} by {_date(figures, peak)}, then {figures.printed(lower)} "
        f"by {_date(figures, lower[-1])}: a count from a fixed day cannot fall."
    )
    return Finding(
        "series",
        tuple(rows),
        figures.text["place_id"][peak],
        figures.text["indicator"][peak],
        f"at least {number(figures.soft(peak).low)}",
        figures.printed(lower),
        gap,
        severity or "hard",
        explain(severity or "hard", statement, definition),
    )


def _series(figures: Figures, identity: Identity) -> list[list[_Point]]:
    """Totals with their parts, by place, population and start of the count, in order of days."""
    (whole,), (part,), (share,) = identity.whole, identity.parts, identity.result
    if whole.constant is not None or identity.has_scope:
        return []
    parts = {term: _by_report(figures, term) for term in (part, share)}
    points: dict[tuple[object, ...], list[_Point]] = defaultdict(list)
    for key, row in _by_report(figures, whole).items():
        start, day = figures.day["period_start"][row], figures.day["period_end"][row]
        if math.isnan(start) or figures.text["kind"][row] != "cumulative":
            continue
        for term in (part, share):
            beside = parts[term].get(key)
            if beside is not None:
                _, place, scope, _ = key
                points[place, scope, start].append(_Point(day, row, beside, term is share))
                break
    return [sorted(found, key=lambda point: point.day) for found in points.values() if len(found) > 1]


def _by_report(figures: Figures, term: Term) -> dict[tuple[object, ...], int]:
    """The rows of a term by source, place, population and day; the first where a source prints several."""
    named = (figures.text["indicator"] == term.indicator) & (figures.text["breakdown"] == term.breakdown)
    found: dict[tuple[object, ...], int] = {}
    for row in np.flatnonzero(figures.is_comparable & named).tolist():
        cells = (figures.text[name][row] for name in ("source_id", "place_id", "scope"))
        found.setdefault((*cells, figures.day["period_end"][row]), row)
    return found


def _overtaking(figures: Figures, earlier: _Point, later: _Point) -> Iterator[Finding]:
    """The finding of a part that grows by more than its total."""
    rows = (later.part, later.whole, earlier.part, earlier.whole)
    if earlier.day == later.day or figures.soft(later.whole).high < figures.soft(earlier.whole).low:
        return
    severity, gap = verdict(figures, rows, partial(_excess, earlier, later))
    if severity is None:
        return
    definition = ""
    if severity == "hard":
        severity, definition = _milder_over_time(figures, rows)
    part, whole = _growth(earlier, later, figures.soft)
    statement = (
        f"Between {_date(figures, earlier.whole)} and {_date(figures, later.whole)} the part grew by at least "
        f"{number(part)}, its total by at most {number(whole)}."
    )
    yield Finding(
        "series",
        rows,
        figures.text["place_id"][later.whole],
        figures.text["indicator"][later.part],
        f"growth of at most {number(whole)}",
        figures.printed(rows[:1]),
        gap,
        severity,
        explain(severity, statement, definition),
    )


def _growth(earlier: _Point, later: _Point, bounds: Bounds) -> tuple[float, float]:
    """Least growth of the part and greatest growth of its total."""
    (part_before, whole_before), (part_after, whole_after) = earlier.amounts(bounds), later.amounts(bounds)
    return part_after.low - part_before.high, whole_after.high - whole_before.low


def _excess(earlier: _Point, later: _Point, bounds: Bounds) -> float:
    """By how much the part grew more than its total, at least."""
    part, whole = _growth(earlier, later, bounds)
    return distance(Interval(part, part), Interval(whole, whole)) if part > whole else 0.0


def _date(figures: Figures, row: int) -> str:
    """The last day that a figure counts, ISO 8601."""
    return str(np.datetime64(int(figures.day["period_end"][row]), "D"))
