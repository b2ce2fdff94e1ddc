"""Notebook 03, what one norm means: residents and land behind a post where every commune gets as many.

A *unit* is a commune, ward or special zone; a *post* is a place in its government, not a person.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.consolidation import exactly
from reform_analysis.statistics import gini

CHART_LABELS = {
    "norm": "Residents a post under one norm",
    "residents": "residents a post",
    "area_norm": "Area a post under one norm",
    "km2": "square kilometres a post",
}
# columns of the table with and without rates per head
RESIDENT_LABELS = {
    "place": "Province",
    "units": "Units",
    "residents_a_unit": "Residents a unit",
    "estimate": "Residents a post",
    "km2_a_unit": "Square kilometres a unit",
}
AREA_LABELS = {
    "place": "Province",
    "units": "Units",
    "km2_a_unit": "Square kilometres a unit",
    "estimate": "Square kilometres a post",
}
UNKNOWN_LABELS = {
    "norm": "No norm of posts a commune had been published for this date by a source of this class.",
}


def flat_norm(
    figures: pd.DataFrame,
    *,
    before: pd.DataFrame,
    provinces: pd.DataFrame,
    population_source: str = "resolution_202",
    place: str = "Việt Nam",
) -> Answer:
    """Return residents and area per post where every commune gets the same number of posts (03.Q6).

    Parameters
    ----------
    figures, before
        Figures of the topic since July and before; the national norm is of May.
    provinces
        Register of provinces, with population, area and number of units.
    population_source
        ``resolution_202``, or ``none`` for area only.
    place
        A province gets a sentence of its own.
    """
    known = pd.concat([before, figures])
    norm = known[(known["indicator"] == "staff_per_commune_norm") & (known["place_id"] == "VN")].tail(1)
    if norm.empty:
        return not_known("03.Q6", UNKNOWN_LABELS["norm"])
    printed = norm.iloc[0]
    table = _norm_rows(printed, provinces, has_people=population_source != "none")
    per_head = population_source != "none"
    chart = ("norm", "residents") if per_head else ("area_norm", "km2")
    unit = "count" if per_head else "ratio"
    return Answer(
        "03.Q6",
        table,
        sentences=(*_norm_sentences(table, printed, per_head), *_own_post(table, place, per_head)),
        key_numbers=tuple(_norm_keys(table, per_head)),
        caption="What one post covers under one norm",
        columns=RESIDENT_LABELS if per_head else AREA_LABELS,
        units={"units": "count", "residents_a_unit": "count", "km2_a_unit": "ratio", "estimate": unit},
        notes="Posts: units times the temporary norm; provinces may move posts between communes. Bounds are those of "
        "the norm as printed; they do not cover the doubt about population, about a tenth.",
        forms=(
            Form(
                "interval_dots",
                CHART_LABELS[chart[0]],
                {"label": "place", "x_label": CHART_LABELS[chart[1]], "unit": unit},
            ),
        ),
    )


def _norm_rows(printed: pd.Series, provinces: pd.DataFrame, *, has_people: bool) -> pd.DataFrame:
    """Return what one post covers in each province; more posts a unit mean fewer residents a post."""
    units = provinces["n_units"].astype(float)
    area = provinces["area_km2"].astype(float) / units
    people = provinces["population"].astype(float) / units
    each = people if has_people else area
    rows = {"place": provinces["name"], "units": units, "km2_a_unit": area}
    if has_people:
        rows["residents_a_unit"] = people.round()
    middle = (printed["low"] + printed["high"]) / 2
    bounds = {"estimate": each / middle, "low": each / printed["high"], "high": each / printed["low"]}
    table = pd.DataFrame({**rows, **bounds, "interval": "rounding", "observations": printed["observation_id"]})
    return table.sort_values("estimate", ascending=False, ignore_index=True)


def _norm_sentences(table: pd.DataFrame, printed: pd.Series, per_head: bool) -> Iterator[Sentence]:
    most, least = table.iloc[0], table.iloc[-1]
    yield Sentence(
        "With {norm} posts in every commune, as the norm of {day} foresees, one post covers from {least} "
        "({least_place}) to {most} ({most_place}) residents: {times} times as many."
        if per_head
        else "With {norm} posts in every commune, as the norm of {day} foresees, one post covers from {least} "
        "({least_place}) to {most} ({most_place}) square kilometres: {times} times as many.",
        {
            "norm": Quantity((printed["low"] + printed["high"]) / 2, printed["low"], printed["high"]),
            "day": printed["period_end"].date(),
            "least": Quantity(least["estimate"], least["low"], least["high"]),
            "least_place": least["place"],
            "most": Quantity(most["estimate"], most["low"], most["high"]),
            "most_place": most["place"],
            "times": exactly(most["estimate"] / least["estimate"]),
        },
    )
    area = table["km2_a_unit"]
    yield Sentence(
        "A commune covers from {least} ({least_place}) to {most} ({most_place}) square kilometres on average: {times} "
        "times as much.",
        {
            "least": exactly(area.min(), "count"),
            "least_place": table.loc[area.idxmin(), "place"],
            "most": exactly(area.max(), "count"),
            "most_place": table.loc[area.idxmax(), "place"],
            "times": exactly(area.max() / area.min()),
        },
    )
    if per_head:
        yield Sentence(
            "The Gini coefficient of residents a commune over the {n} provinces is {gini}: 0 would be the same "
            "everywhere.",
            {"n": len(table), "gini": exactly(gini(table["residents_a_unit"]).estimate)},
        )
        yield Sentence(
            "Some provinces count temporary residents; populations are good to a tenth, so close ranks say nothing."
        )


def _own_post(table: pd.DataFrame, place: str, per_head: bool) -> Iterator[Sentence]:
    """Say what one post covers in one province."""
    for row in table[table["place"] == place].itertuples():
        yield Sentence(
            "{place}: {each} residents a post." if per_head else "{place}: {each} square kilometres a post.",
            {"place": place, "each": Quantity(row.estimate, row.low, row.high)},
        )


def _norm_keys(table: pd.DataFrame, per_head: bool) -> Iterator[KeyNumber]:
    what, unit = ("residents", "residents") if per_head else ("km2", "square kilometres")
    for name, row in (("least", table.iloc[-1]), ("most", table.iloc[0])):
        yield KeyNumber(f"{what}_a_post_{name}", row["estimate"], row["low"], row["high"], unit, 1e-6)
    if per_head:
        value = float(gini(table["residents_a_unit"]).estimate)
        yield KeyNumber("gini_residents_a_unit", value, value, value, "ratio", 1e-9)
