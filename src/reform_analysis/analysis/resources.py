"""Notebook 05, resources: surplus properties, cars, treasury accounts and money.

*Property* is a surplus house or plot of the old units. A *budget unit* spends public money at commune level; a commune
has many, so shares of budget units and of communes are kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from reform_analysis.analysis.accounts import accounts
from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.decentralisation_lists import is_dated
from reform_analysis.analysis.money import by_report, money
from reform_analysis.analysis.series import REFORM_DAY, boxes, series_of
from reform_analysis.evidence.interval import Interval, interval_ratio
from reform_analysis.statistics import decumulate, monotone_series
from reform_analysis.statistics.cumulative import SHORTEST_PERIOD

__all__ = ["accounts", "money", "overview", "properties", "vehicles"]

STATE_LABELS = {"handled": "Handled", "left": "Left to handle", "universe": "Handled and left together"}

REUSE_LABELS = {
    "education": "education",
    "health": "health",
    "culture_and_sports": "culture and sports",
    "offices": "offices",
}

AXIS_LABELS = {
    "properties": {"y_label": "houses and plots"},
    "vehicles": {"y_label": "communes without a car"},
}

# a step has no height where a report only says "more than"
_DRAWN = "code != 'universe' and high < inf"

UNKNOWN_LABELS = {
    "properties": "No count of surplus houses and plots had been published for this date by sources of this class.",
    "vehicles": "No count of communes with or without a car had been published for this date by sources of this class.",
}


def properties(figures: pd.DataFrame) -> Answer:
    """Return surplus houses and plots handled and left, and their sum where both are printed (05.Q3).

    Parameters
    ----------
    figures
        Figures of the topic finance.

    Notes
    -----
    Handled counts everything since the start, so it can only rise; a fall says that plans were replaced or properties
    put into another class (`statistics.monotone_series`), and the series is not spliced over it.
    """
    dated = figures[is_dated(figures)]
    handled = by_report(dated, "properties_handled")
    left = by_report(dated, "properties_surplus")
    parts = [(handled, "handled"), (left, "left"), (_universe(handled, left), "universe")]
    table = pd.concat([rows.assign(code=code, state=STATE_LABELS[code]) for rows, code in parts], ignore_index=True)
    if table.empty:
        return not_known("05.Q3", UNKNOWN_LABELS["properties"])
    table = table.assign(interval="rounding")
    return Answer(
        "05.Q3",
        table,
        sentences=(*_stocks(table), *_falls(handled), *_reuse_falls(dated)),
        key_numbers=tuple(_property_keys(table)),
        caption="Surplus houses and plots",
        columns={"state": "State", "date": "Date", "estimate": "Houses and plots"},
        units={"estimate": "count"},
        notes="Handled includes plans that are approved and not yet carried out.",
        forms=tuple(_property_forms(table)),
    )


def _universe(handled: pd.DataFrame, left: pd.DataFrame) -> pd.DataFrame:
    """Return handled and left together at the dates that print both."""
    both = handled.merge(left, on="date", suffixes=("", "_left"))
    for column in ("low", "high", "estimate"):
        both[column] = both[column] + both[f"{column}_left"]
    ids = both["observations"] + " " + both["observations_left"]
    return both.assign(observations=ids)[list(handled.columns)]


def _property_forms(table: pd.DataFrame) -> Iterator[Form]:
    options = {"x": "date", "series": "state", **AXIS_LABELS["properties"]}
    yield Form("steps", title="Surplus houses and plots at each report", options=options, rows=_DRAWN)
    both = table.loc[table["code"] == "universe", "date"]
    # two dates are told faster by the sentences than by areas
    if len(both) > 2:
        yield Form(
            "stacked_area",
            title="Surplus houses and plots, where both parts are printed",
            options=options,
            rows=_DRAWN,
        )


def _quantity(row: object) -> Quantity:
    return Quantity(row.estimate, row.low, row.high)  # type: ignore[attr-defined]


def _stocks(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the first and last number left, the last number handled, and every sum."""
    left = table[table["code"] == "left"]
    ends = left.iloc[[0, -1]] if len(left) > 1 else left
    for row in ends.itertuples():
        yield Sentence("{n} houses and plots were left to handle on {day}.", {"n": _quantity(row), "day": row.date})
    for row in table[table["code"] == "handled"].tail(1).itertuples():
        yield Sentence("{n} were printed as handled by {day}.", {"n": _quantity(row), "day": row.date})
    for row in table[table["code"] == "universe"].itertuples():
        yield Sentence("Handled and left add up to {n} on {day}.", {"n": _quantity(row), "day": row.date})


def _fall(series: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """Return the last two reports between which a count falls that can only rise."""
    if len(series) < 2:
        return None
    found = monotone_series(list(series["date"]), boxes(series)).violations
    return (series.iloc[found[-1][0]], series.iloc[found[-1][1]]) if found else None


def _falls(handled: pd.DataFrame) -> Iterator[Sentence]:
    fall = _fall(handled)
    if fall:
        before, after = fall
        yield Sentence(
            "The number handled, which can only rise, falls from {a} on {first} to {b} on {last}.",
            {"a": before["estimate"], "first": before["date"], "b": after["estimate"], "last": after["date"]},
        )


def _reuse_falls(figures: pd.DataFrame) -> Iterator[Sentence]:
    """Yield which counts of properties with a new use fall."""
    for use, name in REUSE_LABELS.items():
        fall = _fall(series_of(figures, "properties_reused", breakdown=use, place_id="VN"))
        if fall:
            before, after = fall
            yield Sentence(
                "So does the number given a new use in {use}: from {a} on {first} to {b} on {last}.",
                {
                    "use": name,
                    "a": before["estimate"],
                    "first": before["date"],
                    "b": after["estimate"],
                    "last": after["date"],
                },
            )


def _property_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for code, rows in table.groupby("code", sort=False):
        last = rows.iloc[-1]
        yield KeyNumber(f"properties_{code}", last["estimate"], last["low"], last["high"], "properties")


def vehicles(figures: pd.DataFrame, provinces: pd.DataFrame) -> Answer:
    """Return communes without a car at each report, coverage, and communes equipped a day between reports (05.Q4).

    Parameters
    ----------
    figures
        Figures of the topic finance.
    provinces
        The register of provinces with their numbers of commune-level units (``n_units``).

    Notes
    -----
    Some reports print communes with a car, others those without; the register turns one into the other. Rates come
    from one linear programme over all reports (`statistics.decumulate`). Days are those of the reports: the counts may
    be older.
    """
    total = int(provinces["n_units"].sum())
    table = _without(figures, total)
    if table.empty:
        return not_known("05.Q4", UNKNOWN_LABELS["vehicles"])
    table = _with_rates(table, total).assign(interval="rounding")
    options = {"x": "date", **AXIS_LABELS["vehicles"]}
    return Answer(
        "05.Q4",
        table,
        sentences=tuple(_vehicle_sentences(table)),
        key_numbers=tuple(_vehicle_keys(table)),
        caption="Communes without a car",
        columns={
            "date": "Date",
            "estimate": "Communes without a car",
            "coverage": "Communes with a car",
            "rate": "Equipped a day since the report before",
        },
        units={"estimate": "count", "coverage": "share", "rate": "ratio"},
        notes="Dates are those of the reports; most do not say on which day the communes were counted.",
        forms=(Form("steps", title="Communes without a car at each report", options=options),),
    )


def _without(figures: pd.DataFrame, total: int) -> pd.DataFrame:
    """Return communes without a car by date; where only those with one are printed, the rest of the register."""
    without = series_of(figures, "communes_without_vehicles", place_id="VN")
    having = series_of(figures, "communes_with_vehicles", place_id="VN")
    having = having[~having["date"].isin(without["date"])]
    rest = having.assign(low=total - having["high"], high=total - having["low"], estimate=total - having["estimate"])
    return pd.concat([part for part in (without, rest) if len(part)] or [without]).sort_values(
        "date", ignore_index=True
    )


def _with_rates(table: pd.DataFrame, total: int) -> pd.DataFrame:
    """Return the table with coverage and communes equipped a day."""
    covered = table.assign(low=total - table["high"], high=total - table["low"])
    shares = [
        interval_ratio(Interval(row.low, row.high), Interval(total, total), part_of=True)
        for row in covered.itertuples()
    ]
    periods = decumulate(REFORM_DAY, list(table["date"]), boxes(covered))
    rates = periods.rate_per_day
    # how many had a car on the first day is not printed, and reports a few days apart repeat one count
    rates[(periods.days < SHORTEST_PERIOD) | (np.arange(len(table)) == 0)] = np.nan
    return table.assign(
        coverage=(total - table["estimate"]) / total,
        coverage_low=[share.low for share in shares],
        coverage_high=[share.high for share in shares],
        rate=rates.mean(axis=1),
        rate_low=rates[:, 0],
        rate_high=rates[:, 1],
    )


def _vehicle_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    last = table.iloc[-1]
    share = Quantity(last["coverage"], last["coverage_low"], last["coverage_high"], "share")
    yield Sentence(
        "{n} communes had no car on {day}; {share} had one.",
        {"n": Quantity(last["estimate"], last["low"], last["high"]), "day": last["date"], "share": share},
    )
    rates = table[table["rate"].notna()]
    if len(rates) > 1:
        ends = [Quantity(x, x, x, "ratio") for x in (rates["rate"].min(), rates["rate"].max())]
        values = {"low": ends[0], "high": ends[1], "n": len(rates)}
        yield Sentence("Between reports, {low} to {high} communes a day got a car.", values)


def _vehicle_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    last = table.iloc[-1]
    yield KeyNumber("communes_without_car", last["estimate"], last["low"], last["high"], "communes")
    yield KeyNumber("communes_with_car_share", last["coverage"], last["coverage_low"], last["coverage_high"], "share")
    for row in table[table["rate"].notna()].itertuples():
        yield KeyNumber(
            f"cars_a_day_to_{row.date}",
            row.rate,
            row.rate_low,
            row.rate_high,
            "communes a day",
            tolerance=1e-6 * max(row.rate, 1),
            why="a linear programme's last digits differ between machines",
        )


def overview(figures: pd.DataFrame, provinces: pd.DataFrame, *, asset: str = "properties") -> Answer:
    """Return the sentences on the resource asked for, ahead of the rest.

    Parameters
    ----------
    figures
        Figures of the topic finance.
    provinces
        The register of provinces.
    asset
        ``properties``, ``vehicles``, ``accounts`` or ``money``.
    """
    answers = {
        "properties": lambda: properties(figures),
        "vehicles": lambda: vehicles(figures, provinces),
        "accounts": lambda: accounts(figures, provinces),
        "money": lambda: money(figures),
    }
    return replace(answers[asset](), table=pd.DataFrame(), forms=(), key_numbers=())
