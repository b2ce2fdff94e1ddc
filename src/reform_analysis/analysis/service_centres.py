"""Notebook 03, from all commune-level units to the printed number of public administration service centres."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.series import same_thing, series_of

STEP_LABELS = {
    "units": "Commune-level units",
    "rest": "Not accounted for",
    "printed": "Centres printed",
    "same": "As many as Quảng Ninh has units",
    "change": "Later change",
    "later": "Centres printed later",
}
CHART_LABELS = {"title": "From commune-level units to their service centres", "x_label": "units, centres"}
UNKNOWN_LABELS = {
    "centres": "No exact number of commune service centres had been published for this date by a source of this class.",
}

# The report of August names the two places that run one centre for the whole province.
_ONE_CENTRE = ("Hà Nội", "Quảng Ninh")


def service_centres(figures: pd.DataFrame, *, provinces: pd.DataFrame) -> Answer:
    """Return the steps from all commune-level units to the printed number of service centres (03.Q7).

    Parameters
    ----------
    figures
        Figures of organisation, all places.
    provinces
        Register of provinces: ``name``, ``place_id``, ``n_units``.
    """
    reports = series_of(figures, "service_centres", place_id="VN")
    exact = reports[reports["low"] == reports["high"]]
    if exact.empty:
        return not_known("03.Q7", UNKNOWN_LABELS["centres"])
    table = pd.DataFrame(_steps(exact, provinces.set_index("name")["n_units"].astype(float)))
    rest = float(table.loc[table["key"] == "rest", "estimate"].iloc[0])
    return Answer(
        "03.Q7",
        table,
        sentences=tuple(_centre_sentences(table, figures, provinces)),
        key_numbers=(KeyNumber("units_without_known_centre", -rest, -rest, -rest, "units"),),
        caption="From units to service centres",
        columns={"step": "Step", "date": "Date", "estimate": "Number"},
        units={"estimate": "count"},
        notes="Hà Nội and Quảng Ninh run one centre for the whole place, with points in the communes.",
        forms=(
            Form(
                "waterfall",
                CHART_LABELS["title"],
                {"label": "step", "total": "is_total", "x_label": CHART_LABELS["x_label"]},
            ),
        ),
    )


def _steps(exact: pd.DataFrame, units: pd.Series) -> Iterator[dict[str, object]]:
    """Yield totals and changes, in order; what nothing explains stands as a step of its own."""
    first, last = exact.iloc[0], exact.iloc[-1]
    yield _step("units", STEP_LABELS["units"], units.sum(), is_total=True)
    for place in _ONE_CENTRE:
        yield _step("one_centre", place, -units[place])
    rest = first["estimate"] - units.sum() + sum(units[place] for place in _ONE_CENTRE)
    yield _step("rest", STEP_LABELS["rest"], rest)
    yield _step("printed", STEP_LABELS["printed"], first["estimate"], report=first, is_total=True)
    change = last["estimate"] - first["estimate"]
    if change:
        words = STEP_LABELS["same"] if change == units["Quảng Ninh"] else STEP_LABELS["change"]
        yield _step("change", words, change)
        yield _step("later", STEP_LABELS["later"], last["estimate"], report=last, is_total=True)


def _step(
    key: str, words: str, number: float, *, report: pd.Series | None = None, is_total: bool = False
) -> dict[str, object]:
    return {
        "key": key,
        "step": words,
        "date": None if report is None else report["date"],
        "estimate": float(number),
        "low": float(number),
        "high": float(number),
        "is_total": is_total,
        "interval": "rounding",
        "observations": "" if report is None else report["observations"],
    }


def _centre_sentences(table: pd.DataFrame, figures: pd.DataFrame, provinces: pd.DataFrame) -> Iterator[Sentence]:
    numbers = table.drop_duplicates("key").set_index("key")
    printed = numbers.loc["printed"]
    yield Sentence(
        "{units} units less those of {places} would leave {expected} centres; {printed} were printed on {day}, {rest} "
        "fewer.",
        {
            "units": numbers.loc["units", "estimate"],
            "places": list(_ONE_CENTRE),
            "expected": printed["estimate"] - numbers.loc["rest", "estimate"],
            "printed": printed["estimate"],
            "day": printed["date"],
            "rest": -numbers.loc["rest", "estimate"],
        },
    )
    if "later" in numbers.index:
        later = numbers.loc["later"]
        yield Sentence(
            "On {day} {later} were printed, {change} more; Quảng Ninh has {units} units.",
            {
                "day": later["date"],
                "later": later["estimate"],
                "change": numbers.loc["change", "estimate"],
                "units": float(provinces.set_index("name").loc["Quảng Ninh", "n_units"]),
            },
        )
    yield from _place_sentences(figures, provinces)


def _place_sentences(figures: pd.DataFrame, provinces: pd.DataFrame) -> Iterator[Sentence]:
    """Say where the printed number of centres is that of the units."""
    rows = same_thing(figures, "service_centres")
    local = rows[rows["geo_level"] == "province"].sort_values("period_end").drop_duplicates("place_id", keep="last")
    both = local.merge(provinces[["place_id", "n_units"]], on="place_id")
    if both.empty:
        return
    equal = both["value"] == both["n_units"]
    yield Sentence(
        "{n} province prints its number of centres; in {equal} there is one for each unit.||{n} provinces print their "
        "number of centres; in {equal} there is one for each unit.",
        {"n": len(both), "equal": int(equal.sum())},
    )
    for row in both[~equal].itertuples():
        yield Sentence(
            "{place} printed {centres} centres for {units} units.",
            {"place": row.place_name, "centres": row.value, "units": row.n_units},
        )
