"""What a check of the audit finds, how hard it fails, and how it is put into words.

Vocabulary: a *gap* is the least distance between what the other figures allow and what was printed, in the unit of
the figure; *severity* names the most harmless reading under which the gap closes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .interval import MISSING, Interval

# from the most to the least harmless; what it takes to make the figures agree
SEVERITIES = {
    "truncation": "It fits if the figure was cut after its last printed digit instead of rounded.",
    "rounding": "It fits if the last printed digit is off by less than one.",
    "hedge": "It fits if the hedge (more than, nearly, about) is read loosely.",
    "date": "The dates are not printed to the day: the figures may be of different days.",
    "definition": "",
    "hard": "No rounding explains it: inconsistent as printed.",
}
COLUMNS = (
    "finding_id",
    "kind",
    "observation_ids",
    "place_id",
    "indicator",
    "expected",
    "printed",
    "gap",
    "severity",
    "explanation",
)
# figures are decimal numbers held as floats: distances below this share of their size are none
_TOLERANCE = 1e-9

# scope of figures of which the page does not let one tell what they count
_UNCLEAR = "coverage_unclear"

Bounds = Callable[[int], Interval]


@dataclass(frozen=True)
class Finding:
    """One contradiction, with the positions of the rows concerned; see `COLUMNS` for the rest."""

    kind: str
    rows: tuple[int, ...]
    place_id: str
    indicator: str
    expected: str
    printed: str
    gap: float
    severity: str
    explanation: str


class Figures:
    """The columns of the processed observations that checks look at, by position."""

    def __init__(self, observations: pd.DataFrame) -> None:
        """Take the columns out of the table once: reading single cells of a DataFrame is slow."""
        self.frame = observations
        texts = (
            "observation_id source_id family indicator scope breakdown place_id figure qualifier date_precision "
            "denominator_note reprint_group kind status reliability phase"
        )
        self.text = {name: observations[name].to_numpy(dtype=object) for name in texts.split()}
        numbers = ("value", "low", "high", "hard_low", "hard_high")
        self.number = {name: observations[name].to_numpy(dtype=float) for name in numbers}
        dates = ("period_start", "period_end", "published")
        # days as numbers, NaN where unknown
        self.day = {name: (observations[name] - pd.Timestamp(0)).dt.days.to_numpy(dtype=float) for name in dates}

        scopes = pd.Series(self.text["scope"], dtype="str")
        # a number that is still claimed, of a population that the coder could tell
        self.is_comparable = (
            ~np.isnan(self.number["value"])
            & (self.text["status"] != "withdrawn")
            & ~np.isin(self.text["kind"], ["document", "deadline"])
            & ~scopes.str.contains(_UNCLEAR).to_numpy(dtype=bool)
        )

    def soft(self, row: int) -> Interval:
        """Return the values that the figure stands for by the usual reading."""
        return _interval(self.number["low"][row], self.number["high"][row])

    def hard(self, row: int) -> Interval:
        """Return the values that the figure can stand for under any reading; one unit off is too far."""
        low, high, value = (self.number[name][row] for name in ("hard_low", "hard_high", "value"))
        if self.text["qualifier"][row] != "exact" or math.isnan(low):
            return _interval(low, high)
        return Interval(low, high, low_open=low < value, high_open=high > value)

    def cut(self, row: int) -> Interval:
        """Return the values that an unhedged figure stands for if it was truncated."""
        value, soft, hard = self.number["value"][row], self.soft(row), self.hard(row)
        if self.text["qualifier"][row] != "exact" or soft.width == 0:
            return soft
        return Interval(value, hard.high, high_open=True) if value >= 0 else Interval(hard.low, value, low_open=True)

    def is_hedged(self, rows: Iterable[int]) -> bool:
        """Return whether any of the figures is printed with a hedge."""
        return any(self.text["qualifier"][row] != "exact" for row in rows)

    def is_undated(self, rows: Sequence[int]) -> bool:
        """Return whether the days of the figures are too uncertain for them to be held to one day."""
        precisions = {self.text["date_precision"][row] for row in rows}
        if precisions == {"month"}:
            # a flow of one month is dated well enough; a stock "in September" is not
            return any(math.isnan(self.day["period_start"][row]) for row in rows)
        return precisions != {"day"}

    def printed(self, rows: Iterable[int]) -> str:
        """Return the printed phrases, each once."""
        return "; ".join(dict.fromkeys(self.text["figure"][row] for row in rows))

    def named(self, row: int) -> str:
        """Return the name of what a row counts."""
        parts = (self.text["indicator"][row], self.text["breakdown"][row], self.text["scope"][row])
        return " ".join(filter(None, parts)).replace("_", " ")


def verdict(figures: Figures, rows: Sequence[int], gap_under: Callable[[Bounds], float]) -> tuple[str | None, float]:
    """Return the most harmless rounding under which figures agree (None: they do agree), and their soft gap."""
    gap = gap_under(figures.soft)
    if gap == 0:
        return None, 0.0
    if gap_under(figures.cut) == 0:
        return "truncation", gap
    if gap_under(figures.hard) == 0:
        return "hedge" if figures.is_hedged(rows) else "rounding", gap
    return "hard", gap


def distance(a: Interval, b: Interval) -> float:
    """Return the gap between two intervals: 0 within floating-point error or if one is missing.

    Intervals that only touch, at an end that one of them excludes, are as far apart as that error.
    """
    scale = max((abs(end) for end in (a.low, a.high, b.low, b.high) if math.isfinite(end)), default=1.0)
    error = _TOLERANCE * max(scale, 1.0)
    gap = max(a.low - b.high, b.low - a.high)
    touches_open_end = (abs(a.low - b.high) <= error and (a.low_open or b.high_open)) or (
        abs(b.low - a.high) <= error and (b.low_open or a.high_open)
    )
    if gap > error:
        return gap
    return error if touches_open_end else 0.0


def explain(severity: str, statement: str, definition: str = "") -> str:
    """Return a finding in words: the statement, then its most harmless reading."""
    return f"{statement} {definition if severity == 'definition' else SEVERITIES[severity]}"


def shown(interval: Interval) -> str:
    """Return an interval as text."""
    low, high = number(interval.low), number(interval.high)
    return low if low == high else f"{low} to {high}"


def number(value: float) -> str:
    """Return a number with grouped thousands and at most four decimals."""
    if math.isinf(value):
        return "no limit"
    text = f"{value:,.4f}"
    return text.rstrip("0").rstrip(".")


def to_frame(found: Iterable[Finding], figures: Figures) -> pd.DataFrame:
    """Return findings as a table, the same contradiction in several reprints gathered into one row."""
    merged: dict[tuple[str, ...], tuple[Finding, set[int]]] = {}
    for finding in found:
        key = (finding.kind, finding.place_id, finding.indicator, finding.expected, finding.printed)
        merged.setdefault(key, (finding, set()))[1].update(finding.rows)
    ids = figures.text["observation_id"]
    records = []
    for finding, rows in merged.values():
        names = " ".join(sorted(ids[row] for row in rows))
        digest = hashlib.sha1(names.encode(), usedforsecurity=False).hexdigest()[:8]
        records.append((f"{finding.kind}-{digest}", finding.kind, names, *_cells(finding)))
    frame = pd.DataFrame(records, columns=list(COLUMNS)).astype({"gap": float})
    # two identities over the same rows tell one story; the first in words stands for it
    ordered = frame.sort_values(["finding_id", "explanation"], kind="stable")
    return ordered.drop_duplicates("finding_id").reset_index(drop=True)


def _cells(finding: Finding) -> tuple[str, str, str, str, float, str, str]:
    """The cells of a finding behind its name, kind and rows."""
    return (
        finding.place_id,
        finding.indicator,
        finding.expected,
        finding.printed,
        float(f"{finding.gap:.6g}"),
        finding.severity,
        finding.explanation,
    )


def _interval(low: float, high: float) -> Interval:
    """An interval of two floats; missing if either is."""
    return MISSING if math.isnan(low) or math.isnan(high) else Interval(low, high)
