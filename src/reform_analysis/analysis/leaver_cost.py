"""Notebook 03, what a leaver costs: money over people, each pair of one body, place, day and basis.

A *basis* says whom the money and the people count: paid, decided, or cases settled. Ratios of different bases are
never compared, and none is pooled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.bounded import bounded, middle
from reform_analysis.analysis.figures import Figure, records
from reform_analysis.evidence.interval import Interval, interval_ratio

BILLION = 1e9

BASIS_LABELS = {
    "paid": "Money paid / people paid",
    "decided": "Money decided / people decided",
    "mixed": "Money paid / people decided",
    "cases": "Money paid / cases settled",
    "part_time": "Part-time commune workers",
}

# basis -> (indicator, scopes, breakdowns) of the money, then of the people
_Rows = tuple[str, tuple[str, ...], tuple[str, ...]]
_PAIRS: dict[str, tuple[_Rows, _Rows]] = {
    "paid": (
        ("benefits_paid_value", ("", "central_tier", "local_tier"), ("",)),
        ("benefits_paid_count", ("", "central_tier", "local_tier"), ("",)),
    ),
    "decided": (
        ("benefits_planned_value", ("",), ("decided", "estimated", "expected")),
        ("leave_decided", ("",), ("",)),
    ),
    "mixed": (("benefits_paid_value", ("",), ("",)), ("leave_decided", ("",), ("",))),
    "cases": (
        ("benefits_paid_value", ("cases_resolved",), ("",)),
        ("benefits_paid_count", ("cases_resolved",), ("",)),
    ),
    "part_time": (
        ("benefits_paid_value", ("part_time_staff",), ("",)),
        ("benefits_paid_count", ("part_time_staff",), ("",)),
    ),
}
# people of one text under another code: part-time workers "paid" are also coded as having left
_PART_TIME_LEFT: _Rows = ("part_time_staff_left", ("",), ("",))

BODY_LABELS = {"moha": "Ministry of Home Affairs", "mof": "Ministry of Finance"}
SCOPE_LABELS = {
    "central_tier": "Ministry of Finance, central bodies",
    "local_tier": "Ministry of Finance, local bodies",
}
CHART_LABELS = {
    "title": "Money per leaver, by what was counted",
    "x_label": "billion dong a person",
}
UNKNOWN_LABELS = {
    "cost": "No source asked for prints, for one place and one day, both the money and the people it went to.",
}


def cost(figures: pd.DataFrame, *, before: pd.DataFrame, place: str = "Việt Nam") -> Answer:
    """Return money per leaver, with bounds, by place and basis (03.Q2).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    before
        Those of before July; the only national amounts are of 30 June.
    place
        Where nothing is known of it, a sentence says so.

    Notes
    -----
    Both figures must come from one report: two bodies that count different people give a quotient that nobody could
    have paid. The quotient of two printed intervals is sharp because no part is shared (`interval_ratio`).
    """
    printed = [figure for figure in records(before, figures) if figure.status != "disputed"]
    rows = [row for basis in _PAIRS for row in _pairs(printed, basis)]
    if not rows:
        return not_known("03.Q2", UNKNOWN_LABELS["cost"])
    table = _without_repeats(pd.DataFrame(rows))
    return Answer(
        "03.Q2",
        table,
        sentences=(*_cost_sentences(table), *_no_cost(table, place)),
        key_numbers=tuple(_cost_keys(table)),
        caption="Money per leaver",
        columns={
            "who": "Place or body",
            "basis": "Basis",
            "date": "Date",
            "money": "Money",
            "people": "People",
            "estimate": "A person",
        },
        units={"money": "VND", "people": "count", "estimate": "billion VND"},
        notes="Only money and people of one report, place and day are divided. Rows of different bases may not be "
        "compared, and no mean is taken: amounts follow pay, years of service and age, which are not printed.",
        forms=(
            Form(
                "interval_dots",
                CHART_LABELS["title"],
                {"label": "who", "by": "basis", "unit": "ratio", "x_label": CHART_LABELS["x_label"]},
            ),
        ),
    )


class _Report(NamedTuple):
    """Where a figure stands: those of one place, scope, day and report may be divided."""

    place_id: str
    place_name: str
    scope: str
    period_end: pd.Timestamp
    family: str


def _chosen(printed: list[Figure], wanted: _Rows) -> list[Figure]:
    indicator, scopes, breakdowns = wanted
    return [f for f in printed if f.indicator == indicator and f.scope in scopes and f.breakdown in breakdowns]


def _together(figures: list[Figure]) -> dict[_Report, tuple[Interval, str]]:
    """Return what the printed figures of each report have in common, and their ids."""
    groups: dict[_Report, list[Figure]] = {}
    for figure in figures:
        report = _Report(figure.place_id, figure.place_name, figure.scope, figure.period_end, figure.family)
        groups.setdefault(report, []).append(figure)
    found = {}
    for report, group in groups.items():
        lows, highs = [figure.low for figure in group], [figure.high for figure in group]
        # figures of one report that exclude each other: all that any of them allows
        bounds = (max(lows), min(highs)) if max(lows) <= min(highs) else (min(lows), max(highs))
        found[report] = Interval(*bounds), " ".join(figure.observation_id for figure in group)
    return found


def _pairs(printed: list[Figure], basis: str) -> Iterator[dict[str, object]]:
    """Yield the quotients of one basis."""
    money, people = (_chosen(printed, wanted) for wanted in _PAIRS[basis])
    if basis == "part_time":
        # a count of those paid goes before one of those who left
        paid = {figure.place_id for figure in people}
        left = (figure for figure in _chosen(printed, _PART_TIME_LEFT) if figure.place_id not in paid)
        people = [*people, *(figure._replace(scope="part_time_staff") for figure in left)]
    counts = _together(people)
    for report, (amount, ids) in _together(money).items():
        if report not in counts:
            continue
        count, people_ids = counts[report]
        ratio = interval_ratio(amount, count)
        yield {
            "basis": BASIS_LABELS[basis],
            "who": _who(report),
            "is_national": report.place_id == "VN",
            "date": report.period_end.date(),
            **bounded("money", amount.low, amount.high),
            **bounded("people", count.low, count.high),
            "estimate": middle(ratio.low, ratio.high) / BILLION,
            "low": ratio.low / BILLION,
            "high": ratio.high / BILLION,
            "interval": "rounding",
            "observations": f"{ids} {people_ids}",
        }


def _who(report: _Report) -> str:
    """Return the body whose count it is for the country, else the place."""
    if report.place_id != "VN":
        return report.place_name
    return SCOPE_LABELS.get(report.scope) or BODY_LABELS.get(report.family.split("-")[0], report.place_name)


def _without_repeats(table: pd.DataFrame) -> pd.DataFrame:
    """Drop mixed quotients of a place and day whose people paid are known."""
    rows = list(zip(table["basis"], table["who"], table["date"], strict=True))
    paid = {(who, day) for basis, who, day in rows if basis == BASIS_LABELS["paid"]}
    kept = [basis != BASIS_LABELS["mixed"] or (who, day) not in paid for basis, who, day in rows]
    return table[kept].reset_index(drop=True)


def _cost(row: pd.Series) -> Quantity:
    return Quantity(row["estimate"] * BILLION, row["low"] * BILLION, row["high"] * BILLION, "VND")


def _span(rows: pd.DataFrame) -> Quantity:
    """Return the range that a group's bounds cover; its middle is no estimate."""
    low, high = rows["low"].min() * BILLION, rows["high"].max() * BILLION
    return Quantity(middle(low, high), low, high, "VND")


SPAN_LABELS = {
    "paid": "In {places} money paid over people paid gives {span:bounds} a person.",
    "decided": "In {places} money decided over people decided gives {span:bounds} a person.",
    "mixed": "{places}: money paid over people decided or eligible gives {span:bounds}; it may have gone to fewer "
    "people, and is kept apart.",
    "cases": "{places}: money is printed with cases settled, not people paid ({span:bounds} a case); it is kept apart.",
    "part_time": "Part-time commune workers got {span:bounds} each ({places}).",
}


def _cost_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    for _, row in table[table["is_national"] & table["who"].isin(BODY_LABELS.values())].iterrows():
        yield Sentence(
            "{who}: {cost} a person paid, on {day}.", {"who": row["who"], "cost": _cost(row), "day": row["date"]}
        )
    for key, words in BASIS_LABELS.items():
        rows = table[(table["basis"] == words) & ~table["is_national"]]
        if len(rows):
            places = list(dict.fromkeys(rows["who"]))
            yield Sentence(SPAN_LABELS[key], {"places": places, "span": _span(rows)})


def _no_cost(table: pd.DataFrame, place: str) -> Iterator[Sentence]:
    name = place.split(",")[0]
    if name != "Việt Nam" and name not in set(table["who"]):
        yield Sentence("For {place} no report prints both the money and the people it went to.", {"place": name})


def _cost_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    national = table[table["is_national"]]
    for key, words in BODY_LABELS.items():
        for row in national[national["who"] == words].itertuples():
            yield KeyNumber(
                f"cost_national_{key}_{_stamp(row.date)}", row.estimate, row.low, row.high, "billion VND", 1e-9
            )
    paid = table[(table["basis"] == BASIS_LABELS["paid"]) & ~table["is_national"]]
    if len(paid):
        low, high = paid["low"].min(), paid["high"].max()
        yield KeyNumber("cost_paid_provinces", middle(low, high), low, high, "billion VND", 1e-9)


def _stamp(day: date) -> str:
    return day.strftime("%Y_%m_%d")
