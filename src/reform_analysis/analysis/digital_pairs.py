"""Notebook 04, pairs: two cumulative online shares of one place, and the share they need in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Sentence
from reform_analysis.analysis.digital_rows import of_places, quantity, since_reform
from reform_analysis.analysis.series import REFORM_DAY, grouped_points
from reform_analysis.evidence.interval import Interval
from reform_analysis.statistics import decumulate, lp_bounds

_SHARE, _TOTAL = "online_share", "applications_received"


class Pair(NamedTuple):
    """Two cumulative shares of one place with their totals, what they need in between, and the factor that mends."""

    place: str
    level: str
    days: tuple[date, date]
    shares: tuple[Interval, Interval]
    totals: tuple[Interval, Interval]
    needed: Interval
    factor: float


def pairs_of(figures: pd.DataFrame, tier: str) -> Iterator[Pair]:
    """Yield each place that prints two totals with two shares, and what they leave for the time in between."""
    rows = of_places(since_reform(figures), tier)
    series = grouped_points(rows, "place_name", "level", "indicator")
    for place, level in dict.fromkeys((place, level) for place, level, _ in series):
        shares, totals = (series.get((place, level, code), {}) for code in (_SHARE, _TOTAL))
        both = [day for day in shares if day in totals][-2:]
        if len(both) < 2:
            continue
        share = np.array([[shares[day].low, shares[day].high] for day in both]) / 100
        total = np.array([[totals[day].low, totals[day].high] for day in both])
        found = decumulate(REFORM_DAY, both, total.tolist(), share=share.tolist())
        needed = found.period_share[1] if found.feasible else _needed(total, share)
        first, second = both
        shares_of, totals_of = ((Interval(*ends[0]), Interval(*ends[1])) for ends in (share, total))
        yield Pair(place, level, (first, second), shares_of, totals_of, Interval(*needed), found.min_inflation)


def _needed(total: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    """Return the share in between that two cumulative shares need, were it free to pass 100 %."""
    names = ["n1", "n2", "k1", "k2"]
    shares = [
        {"part": {f"k{t + 1}": 1}, "total": {f"n{t + 1}": 1}, "low": share[t][0], "high": share[t][1]} for t in (0, 1)
    ]
    found = lp_bounds(
        names,
        {"n1": list(total[0]), "n2": list(total[1])},
        [{"coef": {"n2": 1, "n1": -1}, "op": ">=", "rhs": 0}],
        {"num": {"k2": 1, "k1": -1}, "den": {"n2": 1, "n1": -1}},
        shares=shares,
    )
    return float(found.lower), float(found.upper)


def pair_sentences(pairs: list[Pair]) -> Iterator[Sentence]:
    """Yield what each pair leaves for the time in between, or that it cannot be."""
    for pair in pairs:
        values = {
            "place": pair.place,
            "level": pair.level,
            "first": pair.days[0],
            "second": pair.days[1],
            "needed": quantity(pair.needed, "share"),
            "share_first": quantity(pair.shares[0], "share"),
            "share_second": quantity(pair.shares[1], "share"),
            "total_first": quantity(pair.totals[0], "count"),
            "total_second": quantity(pair.totals[1], "count"),
        }
        if np.isnan(pair.factor):
            yield Sentence(
                "{place} ({level}): {needed} of the dossiers between {first} and {second} were online.", values
            )
            continue
        yield Sentence(
            "{place} ({level}): {share_first} of {total_first} dossiers to {first}, then {share_second} of "
            "{total_second} to {second} would need {needed} of the dossiers in between to be online, which cannot be.",
            values,
        )
        # figures without any rounding cannot be widened into agreement
        if np.isfinite(pair.factor):
            yield Sentence(
                "Both could hold only if everything had been rounded {factor} times as coarsely as printed: the two "
                "pages count different dossiers.",
                {"factor": round(pair.factor)},
            )
