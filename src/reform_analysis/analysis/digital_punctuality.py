"""Notebook 04, punctuality: printed on-time rates, and what they leave to the places that print none.

*Reported* places printed a rate; *silent* ones are all others. A *unit* is one place and level.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.digital_rest import POOLED_LABELS, Rest, pooled_communes, rests
from reform_analysis.analysis.digital_rows import (
    LEVEL_LABELS,
    UNKNOWN_LABELS,
    ids_at,
    interval_at,
    is_country,
    is_dated,
    last_of,
    lowest_classes,
    national,
    of_places,
    own_rows,
    quantity,
    share_of,
)
from reform_analysis.analysis.series import REFORM_DAY, Point, grouped_points
from reform_analysis.evidence.interval import MISSING, Interval, interval_ratio

_COMMUNE = LEVEL_LABELS["commune", ""]

CODE_LABELS = {
    "on_time_rate": "printed rate",
    "applications_resolved_on_time": "count on time",
    "applications_resolved_late": "count late",
}

AXIS_LABELS = {"rate": {"x_label": "share of resolved dossiers on time"}}

REFERENCE_LABELS = {"reference_label": "national, online dossiers"}

BAND_LABELS = {"band_label": "Shaded: what the rest must average, if the national rate covers online dossiers only"}

HEADING_LABELS = {
    "place": "Place",
    "level": "Level",
    "end": "To",
    "estimate": "On time",
    "n": "Resolved",
    "reliability": "Class",
    "flags": "Flag",
}

BELOW_LABELS = {
    "none": "Nationally {rate} of online dossiers were on time to {day}; none of the {n} printed rates lies below.",
    "one": "Nationally {rate} of online dossiers were on time to {day}; {below} of the {n} printed rates lies below.",
    "other": "Nationally {rate} of online dossiers were on time to {day}; {below} of the {n} printed rates lie below.",
}

COUNT_LABELS = {
    "provinces": "{n} provincial rate was printed: {median}.||{n} provincial rates were printed: median {median}, "
    "{perfect} of them possibly 100%.",
    "communes": "{n} commune rate was printed: {median}.||{n} commune rates were printed: median {median}, {perfect} "
    "of them possibly 100%.",
}

BASE_LABELS = {
    "online": "If the national rate covers the online dossiers only ({total:bounds}), the places without a count must "
    "average {rest} on time.",
    "all": "If it covers dossiers of all channels by then, {total:bounds} at an even pace between reports, they must "
    "average {rest}.",
}


def on_time(
    figures: pd.DataFrame,
    listed: pd.DataFrame,
    provinces: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    tier: str = "all",
    level: float = 0.95,
) -> Answer:
    """Return printed on-time rates by place, and bounds on the rate of the rest of the country (04.Q4).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    listed
        The same with sources of the lowest class: read only for the number of resolved dossiers behind a rate.
    provinces
        The provinces of the register.
    place
        A place whose rate is told as well.
    tier
        ``all``, ``province`` or ``commune``: whose rates are shown.
    level
        Confidence level of the pooled rate.

    Notes
    -----
    Partial identification: with N dossiers, a national rate, and the dossiers and on-time dossiers of the provinces
    that print both, the rest must average (N rate - on time known) / (N - known); its bounds come from one
    linear-fractional programme, as rounding enters several times. Communes are pooled by the binomial-normal model for
    the process estimand; they entered because they were written about, so the pool is flagged ``selected`` and stands
    beside the bounds that the silent communes leave. Provinces are not pooled: they contain the communes.
    """
    units = _units(figures, listed, tier)
    if units.empty:
        return not_known("04.Q4", UNKNOWN_LABELS["on_time"])
    units["flags"] = ""
    units["reliability"] = lowest_classes(listed, units["observations"])
    rates = national(figures, "on_time_rate", scope="online", start=REFORM_DAY)
    found = list(rests(figures, units, rates))
    # what the rest must average holds for one day: the sentences and the figure keep to it
    rate = rates[found[0].day] if found else last_of(rates)
    pooled = pooled_communes(units, provinces, level)
    table = pd.concat([units, pooled], ignore_index=True) if len(pooled) else units
    return Answer(
        "04.Q4",
        table,
        sentences=(
            *_sentences(units, rate),
            *_rest_sentences(found),
            *_pooled_sentences(pooled, provinces),
            *_own(units, place, provinces),
        ),
        key_numbers=tuple(_keys(units, found, pooled)),
        caption="Share of resolved dossiers settled on time",
        columns=HEADING_LABELS,
        units={"estimate": "share", "n": "count"},
        notes="Rounding bounds for places; the pooled rate has a sampling interval and describes what gets reported. "
        "Some provincial counts begin or end beside the period of the national rate: the bounds on the rest are an "
        "exercise, not a measurement. On time among resolved says nothing of dossiers still open.",
        forms=tuple(_forms(rate, found)),
    )


def _units(figures: pd.DataFrame, listed: pd.DataFrame, tier: str) -> pd.DataFrame:
    """Return each unit's latest on-time rate with its bounds, and its resolved dossiers where printed."""
    known = figures[figures["indicator"].isin(CODE_LABELS)]
    series = _by_period(known, tier, "place_name", "province_id", "indicator")
    sizes = _by_period(listed[listed["indicator"] == "applications_resolved"], tier)
    found: dict[tuple[str, str], dict[str, object]] = {}
    for place_id, level, end, start, name, province in sorted({key[:-1] for key in series}):
        period = (place_id, level, end, start)
        printed = {code: series.get((*period, name, province, code), {}) for code in CODE_LABELS}
        unit = _unit(printed, sizes.get(period, {}), end.date())
        if unit is not None:
            names = {"place": name, "level": level, "place_id": place_id}
            days = {"start": start.date(), "end": end.date()}
            # a later period of the unit takes the place of an earlier one
            found.pop((place_id, level), None)
            found[place_id, level] = names | days | {"province_id": province} | unit
    return pd.DataFrame(found.values())


def _by_period(figures: pd.DataFrame, tier: str, *by: str) -> dict[tuple, dict[date, Point]]:
    """Return the points of figures of one unit and period, an empty start as the first of days."""
    rows = of_places(figures[is_dated(figures) & (figures["breakdown"] == "")], tier)
    rows = rows.assign(start=rows["period_start"].fillna(pd.Timestamp(0)))
    return grouped_points(rows, "place_id", "level", "period_end", "start", *by)


def _unit(series: dict[str, dict[date, Point]], resolved: dict[date, Point], day: date) -> dict[str, object] | None:
    """Return the on-time rate of figures of one unit and period: printed, or as a quotient of counts."""
    printed, good, late = (interval_at(series[code], day) for code in CODE_LABELS)
    printed *= 0.01
    n = interval_at(resolved, day)
    used = [*series.values(), resolved]
    if n.is_missing and not good.is_missing and not late.is_missing:
        n = good + late
    if good.is_missing and not late.is_missing and not n.is_missing:
        good = n - late
    share = interval_ratio(good, n, part_of=True) if not (good.is_missing or n.is_missing) else MISSING
    # a printed rate may be a quotient rounded or cut off; the counts decide where both stand
    rate = printed if share.is_missing else Interval(share.low, share.high)
    if rate.is_missing:
        return None
    return {
        "estimate": (rate.low + rate.high) / 2,
        "low": rate.low,
        "high": rate.high,
        "n": (n.low + n.high) / 2,
        "n_low": n.low,
        "n_high": n.high,
        "good_low": good.low,
        "good_high": good.high,
        "interval": "rounding",
        "is_pooled": False,
        "observations": ids_at(used, day),
    }


def _sentences(units: pd.DataFrame, rate: Point | None) -> Iterator[Sentence]:
    for name, rows in (
        ("provinces", units[units["level"] != _COMMUNE]),
        ("communes", units[units["level"] == _COMMUNE]),
    ):
        if rows.empty:
            continue
        median = share_of(rows[["estimate", "low", "high"]].median())
        perfect = int((rows["high"] >= 1).sum())
        values = {"n": len(rows), "median": median, "perfect": perfect}
        yield Sentence(COUNT_LABELS[name], values)
    if rate is None:
        return
    national_rate = Quantity(rate.estimate / 100, rate.low / 100, rate.high / 100, "share")
    below = int((units["high"] < rate.low / 100).sum())
    values = {"rate": national_rate, "day": rate.date, "below": below, "n": len(units)}
    yield Sentence(BELOW_LABELS[{0: "none", 1: "one"}.get(below, "other")], values)


def _rest_sentences(found: list[Rest]) -> Iterator[Sentence]:
    for rest in found:
        if rest is found[0]:
            yield Sentence(
                "{n} provincial count of resolved dossiers can be set against that: {known} dossiers, {pooled} on "
                "time.||{n} provincial counts of resolved dossiers can be set against that: {known} dossiers, {pooled} "
                "on time.",
                {"n": rest.n_units, "known": quantity(rest.known, "count"), "pooled": quantity(rest.pooled, "share")},
            )
        values = {"total": quantity(rest.total, "count"), "rest": Quantity(np.nan, rest.low, rest.high, "share")}
        yield Sentence(BASE_LABELS[rest.base], values)


def _pooled_sentences(pooled: pd.DataFrame, provinces: pd.DataFrame) -> Iterator[Sentence]:
    if pooled.empty:
        return
    rows = pooled.set_index("what")
    typical, more, silent = (share_of(rows.loc[name]) for name in POOLED_LABELS)
    yield Sentence(
        "The typical one of {n} communes with exact counts settles {typical} on time; the range for one more such "
        "commune is {more:bounds}. But they were written about (selected): with the other {others} "
        "communes unknown, the mean of all can be anything from {silent:bounds}.",
        {
            "n": int(rows["n"].iloc[0]),
            "typical": typical,
            "more": more,
            "silent": silent,
            "others": int(provinces["n_units"].sum() - rows["n"].iloc[0]),
        },
    )


def _own(units: pd.DataFrame, place: str, provinces: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the rate of the place a reader asked for, or that none is known."""
    if is_country(place):
        return
    name = place.split(",")[0]
    own = own_rows(units, place, provinces)
    if own.empty:
        yield Sentence("For {place} no rate of dossiers on time was found.", {"place": name})
    for _, row in own.iterrows():
        values = {"place": name, "level": row["level"], "rate": share_of(row), "end": row["end"]}
        yield Sentence("{place} ({level}): {rate} of the dossiers resolved to {end} were on time.", values)


def _forms(rate: Point | None, found: list[Rest]) -> Iterator[Form]:
    options: dict[str, object] = {"label": "place", "by": "level", "unit": "share", **AXIS_LABELS["rate"]}
    if rate is not None:
        options |= {"reference": rate.estimate / 100, **REFERENCE_LABELS}
    if found:
        options |= {"band": (found[0].low, found[0].high), **BAND_LABELS}
    yield Form("caterpillar", title="Printed on-time rates, with their rounding", options=options, rows="not is_pooled")
    yield Form(
        "interval_dots",
        title="Communes with exact counts: pooled rate, and what the silent ones leave open",
        options={"label": "place", "by": "level", "unit": "share", "sort": False, **AXIS_LABELS["rate"]},
        rows="is_pooled",
    )


def _keys(units: pd.DataFrame, found: list[Rest], pooled: pd.DataFrame) -> Iterator[KeyNumber]:
    for name, rows in (
        ("provinces", units[units["level"] != _COMMUNE]),
        ("communes", units[units["level"] == _COMMUNE]),
    ):
        if len(rows):
            median = rows[["low", "estimate", "high"]].median()
            yield KeyNumber(f"median_on_time_{name}", median["estimate"], median["low"], median["high"], "share")
    for rest in found:
        why = "a linear programme's last digits differ between machines"
        value = (rest.low + rest.high) / 2
        yield KeyNumber(
            f"on_time_of_the_rest_{rest.base}", value, rest.low, rest.high, "share", tolerance=1e-6, why=why
        )
    for row in pooled[pooled["what"] == "median"].itertuples() if len(pooled) else ():
        why = "an iterative fit's last digits differ between machines"
        yield KeyNumber("on_time_typical_commune", row.estimate, row.low, row.high, "share", tolerance=1e-6, why=why)
