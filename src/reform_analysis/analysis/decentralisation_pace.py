"""Notebook 02, pace: how counts of procedures, tasks and texts stood at each report."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.decentralisation_lists import is_dated
from reform_analysis.analysis.series import same_thing, series_of

SERIES_LABELS = {
    "procedures_decentralised": "Decentralised from the centre",
    "procedures_moved_from_district": "Moved from the districts",
    "procedures_abolished": "Abolished",
    "decentralisation_decrees": "Decrees",
    "decentralisation_circulars": "Circulars",
    "draft": "Given to local government, draft",
    "decrees": "Given to local government, decrees",
}

UNIT_LABELS = {"procedures": "procedures", "tasks": "tasks", "documents": "documents"}

# unit -> (indicator, breakdown, scope, series, panel) of what is followed over time
_FOLLOWED = {
    "procedures": (
        ("procedures_decentralised", "", "", "procedures_decentralised", "procedures"),
        ("procedures_moved_from_district", "", "", "procedures_moved_from_district", "procedures"),
        ("procedures_abolished", "", "", "procedures_abolished", "procedures"),
    ),
    "tasks": (
        ("tasks_held", "local+draft", "", "draft", "tasks"),
        ("tasks_delegated", "to_local", "", "decrees", "tasks"),
    ),
}
_DOCUMENTS = (
    ("decentralisation_decrees", "", "", "decentralisation_decrees", "documents"),
    ("decentralisation_circulars", "", "central_tier", "decentralisation_circulars", "documents"),
)

CHANGE_LABELS = {
    "procedures_decentralised": "{n} more procedures were counted as decentralised on {last} than on {first}, {days} "
    "days before.",
    "procedures_abolished": "{n} more procedures were counted as abolished on {last} than on {first}, {days} days "
    "before.",
    "decentralisation_decrees": "{n} more decree on decentralisation was counted on {last} than on {first}.||{n} more "
    "decrees on decentralisation were counted on {last} than on {first}.",
    "decentralisation_circulars": "{n} more circular was counted on {last} than on {first}.||{n} more circulars were "
    "counted on {last} than on {first}.",
}

AXIS_LABELS = {
    "procedures": {"y_label": "procedures"},
    "documents": {"y_label": "documents"},
    "tasks": {"x_label": "tasks"},
}

UNKNOWN_LABELS = {
    "pace": "No count of procedures, tasks or texts of decentralisation had been published for this date by sources of "
    "this class.",
}


def pace(figures: pd.DataFrame, *, unit: str = "procedures") -> Answer:
    """Return how the counts of procedures (or tasks) and of decentralisation texts stood at each report (02.Q2).

    Parameters
    ----------
    figures
        Figures of the topic, with what was printed before July.
    unit
        ``procedures`` or ``tasks``.

    Notes
    -----
    Reports give stocks, so a count holds until the next report and nothing is interpolated. Two counts of tasks made
    by different texts are no series: they are shown as dots and never subtracted.
    """
    dated = figures[is_dated(figures)]
    parts = [_followed(dated, *what) for what in (*_FOLLOWED[unit], *_DOCUMENTS)]
    table = pd.concat(parts, ignore_index=True)
    if table.empty:
        return not_known("02.Q2", UNKNOWN_LABELS["pace"])
    changes = list(_changes(table))
    return Answer(
        "02.Q2",
        table,
        sentences=(
            *(sentence for sentence, _ in changes),
            *_september_sum(dated, unit),
            *_task_range(table),
            *_last_count(table, unit),
        ),
        key_numbers=tuple(key for _, key in changes),
        caption="Counts at each report",
        columns={
            "date": "Date",
            "unit_name": "What is counted",
            "series": "Series",
            "estimate": "Number",
            "pages": "Pages",
        },
        units={"estimate": "count", "pages": "count"},
        notes="Pages: how many print the figure; most repeat one report.",
        forms=tuple(_pace_forms(unit)),
    )


def _pace_forms(unit: str) -> Iterator[Form]:
    options: dict[str, object]
    if unit == "procedures":
        options = {"x": "date", "series": "series", **AXIS_LABELS["procedures"]}
        yield Form(
            "steps", title="Procedures moved or abolished, as reported", options=options, rows="panel == 'procedures'"
        )
    else:
        options = {"label": "series", "by": "date", "sort": False, **AXIS_LABELS["tasks"]}
        yield Form("interval_dots", title="Tasks given to local government", options=options, rows="panel == 'tasks'")
    options = {"x": "date", "series": "series", **AXIS_LABELS["documents"]}
    yield Form("steps", title="Decrees and circulars on decentralisation", options=options, rows="panel == 'documents'")


def _followed(
    figures: pd.DataFrame, indicator: str, breakdown: str, scope: str, series: str, panel: str
) -> pd.DataFrame:
    """Return one count by date."""
    rows = series_of(figures, indicator, scope=scope, breakdown=breakdown, place_id="VN")
    return rows.assign(
        series=SERIES_LABELS[series],
        unit_name=UNIT_LABELS[panel],
        panel=panel,
        code=indicator,
        pages=rows["observations"].str.split().str.len(),
        interval="rounding",
    )


def _changes(table: pd.DataFrame) -> Iterator[tuple[Sentence, KeyNumber]]:
    """Yield by how much each count grew since the last report that had another number."""
    for code, rows in table.groupby("code", sort=False):
        last = rows.iloc[-1]
        lower = rows[rows["high"] < last["low"]]
        if code not in CHANGE_LABELS or lower.empty:
            continue
        first = lower.iloc[-1]
        low, high = last["low"] - first["high"], last["high"] - first["low"]
        grown = Quantity(last["estimate"] - first["estimate"], low, high)
        values = {"n": grown, "first": first["date"], "last": last["date"], "days": (last["date"] - first["date"]).days}
        yield Sentence(CHANGE_LABELS[str(code)], values), KeyNumber(f"added_{code}", grown.value, low, high, "count")


def _task_range(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how far the counts of tasks lie apart."""
    tasks = table[table["panel"] == "tasks"]
    if len(tasks) > 1:
        values = {"n": len(tasks), "low": tasks["low"].min(), "high": tasks["high"].max()}
        yield Sentence(
            "{n} counts of tasks given to local government, {low} to {high}, come from different texts and are no "
            "series.",
            values,
        )


def _last_count(table: pd.DataFrame, unit: str) -> Iterator[Sentence]:
    """Yield after which day nothing was counted any more, and that one report shows no change."""
    days = table.loc[table["panel"] == unit, "date"]
    if table.groupby("series")["date"].nunique().max() == 1:
        yield Sentence("Each count is known from one report only, so nothing can be said of change.")
    if len(days):
        yield Sentence("No count of a later date than {day} was found.", {"day": days.max()})


def _september_sum(figures: pd.DataFrame, unit: str) -> Iterator[Sentence]:
    """Yield whether the counts of the last report add up to the number of procedures that it wanted published."""
    published = same_thing(figures, "procedures_published", scope="central_tier", place_id="VN")
    day = published["period_end"].max()
    counts = [series_of(figures, code, place_id="VN") for code, *_ in _FOLLOWED["procedures"]]
    same_day = [rows[rows["date"] == day.date()] if pd.notna(day) else rows.head(0) for rows in counts]
    if unit != "procedures" or not all(len(rows) for rows in same_day):
        return
    total = sum(rows["estimate"].item() for rows in same_day)
    rows = published[published["period_end"] == day]
    values = {"total": total, "published": rows["value"].iloc[0], "day": day.date()}
    yield Sentence("The three counts of {day} add up to {total} procedures; {published} had been published.", values)
    if total in set(rows["denominator_note"].map(_first_number)):
        yield Sentence(
            "That sum is also the printed number of procedures to publish: the report counts the abolished ones apart "
            "from those moved, where the June list counts some of them twice."
        )


def _first_number(text: object) -> float:
    """Return the number that a note on a denominator begins with; NaN where there is none."""
    found = re.match(r"\d[\d,]*", str(text))
    return float(found[0].replace(",", "")) if found else np.nan
