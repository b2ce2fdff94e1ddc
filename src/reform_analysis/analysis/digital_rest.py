"""Notebook 04, the rest: what silent provinces and communes may look like, given those that printed counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.digital_rows import LEVEL_LABELS, interval_at, joined, national
from reform_analysis.analysis.series import REFORM_DAY, Point
from reform_analysis.evidence.interval import MISSING, Interval, interval_ratio
from reform_analysis.statistics import lp_bounds, pool_glmm, selection_bounds
from reform_analysis.statistics.linear import LpBounds

_COMMUNE = LEVEL_LABELS["commune", ""]

# fewer units are shown one by one: their spread cannot be estimated
LEAST_UNITS = 5

POOLED_LABELS = {
    "median": "Typical reported commune",
    "prediction": "Range for one more such commune",
    "selection": "Mean, the silent ones unknown",
}


FLAG_LABELS = {"selected": "selected"}

POOL_LEVEL_LABELS = {"pool": "communes with exact counts", "all": "all communes"}


@dataclass(frozen=True)
class Rest:
    """What the rest of the country must average: bounds, for which base and day, beside which known units."""

    base: str
    day: date
    total: Interval
    n_units: int
    known: Interval
    pooled: Interval
    low: float
    high: float


def rests(figures: pd.DataFrame, units: pd.DataFrame, rates: dict[date, Point]) -> Iterator[Rest]:
    """Yield what the rest of the country must average, for both readings of the national base."""
    online = national(figures, "applications_received_online", scope="home_affairs_series", start=REFORM_DAY)
    days = set(rates) & set(online)
    if not days:
        return
    day = max(days)
    # dossiers of a period that begins after the national day cannot be part of the national count
    known = units[(units["level"] != _COMMUNE) & units["n"].notna() & (units["start"] <= day)]
    if known.empty:
        return
    size = Interval(known["n_low"].sum(), known["n_high"].sum())
    good = Interval((known["n_low"] * known["low"]).sum(), (known["n_high"] * known["high"]).sum())
    for base, total in (("online", interval_at(online, day)), ("all", _interpolated(figures, day))):
        if total.is_missing or total.low <= size.high:
            continue
        found = _rest_bounds(known, interval_at(rates, day, scale=0.01), total)
        if found.feasible:
            pooled = interval_ratio(good, size, part_of=True)
            yield Rest(base, day, total, len(known), size, pooled, float(found.lower), float(found.upper))


def _interpolated(figures: pd.DataFrame, day: date) -> Interval:
    """Return the Government Office's total at a day between two of its reports, at an even pace."""
    totals = national(figures, "applications_received", start=REFORM_DAY)
    before, after = [one for one in totals if one <= day], [one for one in totals if one >= day]
    if not before or not after:
        return MISSING
    first, second = totals[before[-1]], totals[after[0]]
    passed = (day - first.date).days / max((second.date - first.date).days, 1)
    return first.bounds * (1 - passed) + second.bounds * passed


def _rest_bounds(known: pd.DataFrame, rate: Interval, total: Interval) -> LpBounds:
    """Bound (N rate - on time known) / (N - known) by one programme over all counts and rates."""
    n, good = ([f"{name}{i}" for i in range(len(known))] for name in ("n", "good"))
    boxes = {"N": [total.low, total.high]}
    boxes |= {name: list(ends) for name, ends in zip(n, known[["n_low", "n_high"]].to_numpy(), strict=True)}
    shares = [{"part": {"good": 1}, "total": {"N": 1}, "low": rate.low, "high": rate.high}]
    shares += [
        {"part": {g: 1}, "total": {size: 1}, "low": low, "high": high}
        for g, size, (low, high) in zip(good, n, known[["low", "high"]].to_numpy(), strict=True)
    ]
    silent = {"N": 1.0, **dict.fromkeys(n, -1.0)}
    silent_good = {"good": 1.0, **dict.fromkeys(good, -1.0)}
    return lp_bounds(
        ["N", "good", *n, *good],
        boxes,
        [
            {"coef": silent_good, "op": ">=", "rhs": 0},
            {"coef": silent | {name: -x for name, x in silent_good.items()}, "op": ">=", "rhs": 0},
        ],
        {"num": silent_good, "den": silent},
        shares=shares,
    )


def pooled_communes(units: pd.DataFrame, provinces: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the pooled rate of the communes with exact counts, its prediction interval and the selection bounds."""
    exact = units[(units["level"] == _COMMUNE) & (units["n_low"] == units["n_high"]) & (units["n"] > 0)]
    exact = exact[exact["good_low"] == exact["good_high"]]
    if len(exact) < LEAST_UNITS:
        return pd.DataFrame()
    pool = pool_glmm(exact["good_low"].to_numpy(), exact["n"].to_numpy(), level=level, selected=True)
    mean = (exact["good_low"] / exact["n"]).mean()
    silent = selection_bounds(mean, len(exact), int(provinces["n_units"].sum()))
    rows = {
        "median": (pool.estimate, pool.lower, pool.upper, "sampling"),
        "prediction": (np.nan, pool.pi_lower, pool.pi_upper, "sampling"),
        "selection": (np.nan, silent.lower, silent.upper, "rounding"),
    }
    table = pd.DataFrame(rows.values(), columns=["estimate", "low", "high", "interval"])
    return table.assign(
        what=list(rows),
        place=[POOLED_LABELS[name] for name in rows],
        level=[POOL_LEVEL_LABELS["pool"], POOL_LEVEL_LABELS["pool"], POOL_LEVEL_LABELS["all"]],
        n=float(len(exact)),
        is_pooled=True,
        reliability="",
        flags=[FLAG_LABELS["selected"], FLAG_LABELS["selected"], ""],
        observations=joined(*exact["observations"]),
    )
