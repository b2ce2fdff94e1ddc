"""Whether the figures add up: contradictions inside a report, between sources, and in single figures.

A finding says that figures cannot all be right as printed under one definition; it does not say which is wrong, or
why. Kinds: share, sum, complement (identities of `identities.csv`), series (a cumulative count that falls, or a part
that outgrows it), conflict (two sources), reprint (copies of one report), impossible (one figure), heaping (last
digits).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from .coherence import broken_identities
from .contradictions import conflicts, falls, outgrown, reprints
from .findings import Figures, Finding, explain, number, to_frame
from .forensic import MIN_DIGITS, terminal_digit_test
from .identities import read_identities

# the districts ended on this day: the window of study begins with it
_REFORM = (pd.Timestamp("2025-07-01") - pd.Timestamp(0)).days
# family-wise level of the tests of last digits (Holm)
_LEVEL = 0.05


def audit(observations: pd.DataFrame, identities: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that contradict themselves or each other, rounding taken into account.

    Parameters
    ----------
    observations : DataFrame
        Processed observations.
    identities : DataFrame
        What must add up (`identities.csv`): identity_id, relation, result, parts, whole, instead,
        may_lie, caution.
    indicators : DataFrame
        Codebook; the terms of the identities must be in its column `code`.

    Returns
    -------
    DataFrame
        One contradiction a row: finding_id (kind and hash of the rows concerned), kind, observation_ids (joined by
        spaces), place_id, indicator, expected (what the other figures allow), printed, gap (least distance between
        the two, in the unit of the figure), severity, explanation. Sorted by finding_id.

    Raises
    ------
    ValueError
        If an identity cannot be read, or names an indicator that the codebook does not have.

    Notes
    -----
    Severity names the most harmless reading that makes the figures agree: "truncation" (cut, not rounded),
    "rounding" (last digit off by less than one), "hedge" (read loosely), "date" (days not printed), "definition"
    (another base, population or report), else "hard". Figures are compared by their soft bounds; a contradiction is
    hard only if the hard bounds exclude each other too. Sums and shares are tested inside one source, or one report
    and its copies, since different reports may count by different definitions. Groups are found by sorting: the
    cost grows as n log n.

    References
    ----------
    Brown & Heathers (2017), doi:10.1177/1948550616673876 (shares against counts); Preece (1981),
    doi:10.2307/2987702 (last digits).
    """
    stated = read_identities(identities)
    known = set(indicators["code"])
    for identity in stated:
        for term in identity.terms + identity.instead:
            if term.constant is None and term.indicator not in known:
                raise ValueError(
                    f"identities must name indicators of the codebook; got {term.indicator!r} "
                    f"(identities.csv, {identity.identity_id}). Correct the name or add the indicator."
                )
    figures = Figures(observations.reset_index(drop=True))
    found = [
        *broken_identities(figures, stated),
        *falls(figures, stated),
        *outgrown(figures, stated),
        *conflicts(figures),
        *reprints(figures),
        *_impossible(figures),
        *_heaped(figures),
    ]
    return to_frame(found, figures)


def _impossible(figures: Figures) -> Iterator[Finding]:
    """Figures that cannot be, each by itself."""
    value, low, high = (figures.number[name] for name in ("value", "low", "high"))
    start, end, published = (figures.day[name] for name in ("period_start", "period_end", "published"))
    over = np.maximum(value - 100, -value)
    outside = np.maximum(low - value, value - high)
    to_the_day = figures.text["date_precision"] == "day"
    checks = [
        (
            (figures.text["kind"] == "share") & (over > 0),
            "0 to 100",
            over,
            "A share lies between 0 and 100 %.",
        ),
        (outside > 0, "a value inside its bounds", outside, "The coded value lies outside the bounds of the phrase."),
        (end < start, "a start before the end", start - end, "The period ends before it starts."),
        (
            (figures.text["phase"] == "window") & (end < _REFORM),
            "an end on or after 1 July 2025",
            _REFORM - end,
            "The figure is older than the reform, but marked as of its window.",
        ),
        (
            figures.is_comparable & ~_is_foreseen(figures) & to_the_day & (published < end),
            "an end before publication",
            end - published,
            "The page is older than the last day that its figure counts.",
        ),
    ]
    for mask, expected, gap, statement in checks:
        for row in np.flatnonzero(mask).tolist():
            cells = (figures.text["place_id"][row], figures.text["indicator"][row], expected, figures.printed([row]))
            yield Finding("impossible", (row,), *cells, float(gap[row]), "hard", explain("hard", statement))


def _is_foreseen(figures: Figures) -> np.ndarray:
    """Which figures are plans, targets or estimates: these may look ahead."""
    words = pd.Series(figures.text["indicator"] + "+" + figures.text["scope"] + "+" + figures.text["breakdown"])
    return words.str.contains("planned|target|proposed|expected|estimated|forecast").to_numpy(dtype=bool)


def _heaped(figures: Figures) -> Iterator[Finding]:
    """Indicators whose counts end in 0 or 5 more often than counting makes them (Holm over the indicators)."""
    tested = []
    for indicator, rows in _full_counts(figures).items():
        digits = figures.number["value"][rows].astype(np.int64) % 10
        test = terminal_digit_test(np.bincount(digits, minlength=10).tolist())
        if not test.flags:
            tested.append(
                (test.p_0_or_5, indicator, test, [r for r, d in zip(rows, digits, strict=True) if d % 5 == 0])
            )
    for rank, (p, indicator, test, rows) in enumerate(sorted(tested, key=lambda item: item[:2])):
        if p * (len(tested) - rank) > _LEVEL:
            return
        if test.share_0_or_5 > 0.2:
            share = number(100 * test.share_0_or_5)
            statement = (
                f"{share} % of {test.n} full counts end in 0 or 5, where 20 % would by chance (p = {p:.2g}): "
                "some are rounded without saying so."
            )
            places = {figures.text["place_id"][row] for row in rows}
            place = places.pop() if len(places) == 1 else "VN"
            gap = 100 * test.share_0_or_5 - 20
            yield Finding("heaping", tuple(rows), place, indicator, "20 %", f"{share} %", gap, "rounding", statement)


def _full_counts(figures: Figures) -> dict[str, list[int]]:
    """Rows of counts printed in full, of three digits and more, reprints once, by indicator."""
    value = figures.number["value"]
    full = figures.is_comparable & (figures.text["qualifier"] == "exact") & (value >= 100) & (value % 1 == 0)
    full &= (figures.number["low"] == figures.number["high"]) & np.isin(
        figures.text["kind"].astype(str), ["stock", "flow", "cumulative"]
    )
    names = ["indicator", "scope", "breakdown", "place_id", "value", "period_end"]
    once = figures.frame.loc[full, names].drop_duplicates()
    rows = {indicator: found.tolist() for indicator, found in once.groupby("indicator").groups.items()}
    return {indicator: found for indicator, found in rows.items() if len(found) >= MIN_DIGITS}
