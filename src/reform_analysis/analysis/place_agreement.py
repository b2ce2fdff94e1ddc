"""Notebook 06, agreement: whether the figures of a place add up, and agree with each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.chosen_place import UNKNOWN_LABELS, Chosen, chosen_place
from reform_analysis.analysis.place_known import measurements, words_of
from reform_analysis.evidence import store
from reform_analysis.evidence.coherence import identity_checks
from reform_analysis.evidence.interval import MISSING, Interval
from reform_analysis.statistics.cumulative import NATIONAL_DAY

TEST_LABELS = {
    "share": "share, from its counts",
    "sum": "total, from its parts",
    "complement": "shares that should make 100",
    "series": "count that should not fall",
    "conflict": "the same in another source",
    "reprint": "copies of one report",
    "impossible": "possible by itself",
    "rate": "dossiers a day, from the count",
}
VERDICT_LABELS = {
    "": "agrees",
    "truncation": "agrees if cut, not rounded",
    "rounding": "last digit off by less than one",
    "hedge": "agrees if the hedge is read loosely",
    "date": "days not printed: perhaps of different days",
    "definition": "perhaps of another base or definition",
    "hard": "no rounding explains it",
    "working": "holds for working days only",
}
UNKNOWN_HERE_LABELS = {"none": "There is no figure of {place} to test."}
# tests of one report by the identities; the other kinds compare reports
_IDENTITIES = ("share", "sum", "complement")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def agreement(
    figures: pd.DataFrame,
    findings: pd.DataFrame,
    register: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    place: str,
    language: str = "en",
) -> Answer:
    """Return every test that the figures of a place allow, with its outcome (06.Q4).

    Parameters
    ----------
    figures
        Published figures, every value kept: a rule that picks one would hide what conflicts.
    findings
        The audit's findings.
    register, codebook
        All places, and the indicators.
    place
        A province, with its communes, or ``commune, province``.
    language
        Which labels of the codebook are shown.

    Notes
    -----
    A failed test says that figures cannot all be right as printed under one definition, not which is wrong. The
    verdict is the most harmless reading that would make them agree.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        return not_known("06.Q4", UNKNOWN_LABELS["country"])
    own = measurements(figures[_is_own(figures, chosen)])
    if own.empty:
        return not_known("06.Q4", UNKNOWN_HERE_LABELS["none"], place=chosen.name)
    rows = [*_tested(own), *_found(own, findings), *_daily(own)]
    if not rows:
        return Answer(
            "06.Q4",
            pd.DataFrame(),
            sentences=(
                Sentence(
                    "{n} figure of {place} stands alone: nothing can be tested.||The {n} figures of {place} contain no "
                    "total with its parts and no second source that could be tested.",
                    {"n": len(own), "place": chosen.name},
                ),
            ),
        )
    table = _table(rows, own, words_of(codebook, language))
    return Answer(
        "06.Q4",
        table,
        sentences=tuple(_sentences(table, chosen)),
        key_numbers=tuple(_keys(table)),
        caption="Tests of the figures of the place",
        columns={
            "place": "Place",
            "indicator": "Figure tested",
            "test": "Test",
            "figure": "Printed",
            "range": "Computed",
            "verdict": "Verdict",
        },
        notes="Computed: what the other figures allow, with their bounds. A failed test does not say which figure is "
        "wrong; the verdict names the most harmless reading.",
    )


def _is_own(figures: pd.DataFrame, chosen: Chosen) -> pd.Series:
    """Return whether each figure is of the place, or of a commune in it."""
    return figures["place_id"] == chosen.place_id if chosen.is_commune else figures["province_id"] == chosen.place_id


def _tested(own: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield each test of an identity inside a report."""
    for check in identity_checks(own, store.identities()).to_dict("records"):
        yield {
            "test": check["relation"],
            "ids": check["observation_ids"].split(),
            "expected": Interval(check["expected_low"], check["expected_high"]),
            "verdict": check["severity"],
        }


def _found(own: pd.DataFrame, findings: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the findings that compare reports of the place, where all figures concerned are known."""
    known = set(own["observation_id"])
    for found in findings.to_dict("records"):
        ids = found["observation_ids"].split()
        if found["kind"] in _IDENTITIES or found["kind"] == "heaping" or not known.issuperset(ids):
            continue
        # ids are sorted; the figure tested is the one printed in the finding
        order = sorted(ids, key=lambda one: own.loc[own["observation_id"] == one, "figure"].item() != found["printed"])
        expected = expected_bounds(found["expected"])
        yield {"test": found["kind"], "ids": order, "expected": expected, "verdict": found["severity"]}


def expected_bounds(text: str) -> Interval:
    """Return the bounds that a finding of the audit expects.

    Examples
    --------
    >>> expected_bounds("96.615 to 96.625")
    Interval(low=96.615, high=96.625, low_open=False, high_open=False)
    >>> expected_bounds("at least 4,002").high
    inf
    """
    ends = [float(number.replace(",", "")) for number in _NUMBER.findall(text)]
    if not ends:
        return MISSING
    if text.startswith("at least") or "no limit" in text:
        return Interval(ends[0], np.inf)
    if text.startswith("at most"):
        return Interval(-np.inf, ends[0])
    # "growth of at most" bounds a difference, not the figure
    return MISSING if text.startswith("growth") else Interval(ends[0], ends[-1])


def _daily(own: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield printed dossiers a day against the count of the same page over its calendar days."""
    counts = own[(own["indicator"] == "applications_received") & (own["breakdown"] == "") & own["period_start"].notna()]
    for rate in own[(own["indicator"] == "applications_per_day") & (own["breakdown"] == "")].to_dict("records"):
        same = ["source_id", "place_id", "scope", "period_end"]
        for count in counts[(counts[same] == [rate[name] for name in same]).all(axis=1)].to_dict("records"):
            start, end = count["period_start"].date(), count["period_end"].date()
            stated, bounds = Interval(rate["low"], rate["high"]), Interval(count["low"], count["high"])
            computed = bounds / ((end - start).days + 1)
            holds = stated.overlaps(computed)
            # "over 8,000" read as widely as it may be: the rate then rests on working days
            works = Interval(rate["hard_low"], rate["hard_high"]).overlaps(bounds / _working_days(start, end))
            yield {
                "test": "rate",
                "ids": [rate["observation_id"], count["observation_id"]],
                "expected": computed,
                "verdict": "" if holds else "working" if works else "hard",
            }


def _working_days(start: date, end: date) -> int:
    return int(np.busday_count(start, end + pd.Timedelta(days=1), holidays=[NATIONAL_DAY]))


def _table(rows: list[dict], own: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return the tests for a reader, failures first."""
    figures = own.set_index("observation_id")
    shown = []
    for row in rows:
        first = figures.loc[row["ids"][0]]
        is_share = first["unit"] == "percent"
        low, high = _readable(row["expected"]) if is_share else (row["expected"].low, row["expected"].high)
        # shares that should make 100 are tested together
        tested = row["ids"] if row["test"] == "complement" else row["ids"][:1]
        shown.append(
            {
                "place": first["place_name"],
                "indicator": names[first["indicator"]],
                "test": TEST_LABELS[row["test"]],
                "figure": "; ".join(figures.loc[tested, "figure"]),
                "range": float("nan"),
                "low": low,
                "high": high,
                "unit": "percent" if is_share else "count",
                "verdict": VERDICT_LABELS[row["verdict"]],
                "agrees": row["verdict"] == "",
                "interval": "rounding",
                "observations": " ".join(row["ids"]),
            }
        )
    return pd.DataFrame(shown).sort_values(["agrees", "place", "indicator", "test"], kind="stable", ignore_index=True)


def _readable(percent: Interval) -> tuple[float, float]:
    """Return bounds of a share to three decimals, rounded outwards, so that an exact quotient does not read coarse."""
    return float(np.floor(percent.low * 1000) / 1000), float(np.ceil(percent.high * 1000) / 1000)


def _sentences(table: pd.DataFrame, chosen: Chosen) -> Iterator[Sentence]:
    yield Sentence(
        "{n} test could be made for {place}; figures that agree: {agree}.||{n} tests could be made for {place}; in "
        "{agree} of them the figures agree.",
        {"n": len(table), "place": chosen.name, "agree": int(table["agrees"].sum())},
    )
    for row in table[~table["agrees"]].to_dict("records"):
        expected = Quantity(float("nan"), row["low"], row["high"], row["unit"])
        values = {
            **{name: row[name] for name in ("place", "indicator", "figure", "test", "verdict")},
            "range": expected,
        }
        if np.isnan(row["low"]):
            yield Sentence("{place}, {indicator} ({test}): printed {figure}; {verdict}.", values)
        else:
            yield Sentence("{place}, {indicator} ({test}): printed {figure}, computed {range}; {verdict}.", values)


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for name, count in (("tests_made", len(table)), ("tests_that_agree", int(table["agrees"].sum()))):
        yield KeyNumber(name, float(count), float(count), float(count), "tests")
