"""Notebook 03, whether printed counts of bodies and people add up.

An *identity* sets a printed whole against its printed parts; the *remainder* is what the parts leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.bounded import bounded
from reform_analysis.analysis.series import Point, core, grouped_points
from reform_analysis.evidence.interval import Interval

# a part: factor and term; a term: "indicator", "indicator[breakdown]", "indicator@scope", "register.column", or
# "share % base" for a printed percentage of another term
_Terms = tuple[tuple[int, str], ...]

# a report on a place, a thing it may print, and what each report prints of each thing
_KEY = ("place_id", "family", "indicator", "scope", "breakdown")
_Report = tuple[str, date, str]
_Thing = tuple[str, str, str]
_Printed = dict[tuple[_Report, _Thing], Point]

# bounds, and the figures they rest on
_Value = tuple[Interval, str]


@dataclass(frozen=True)
class Closure:
    """A whole and the parts that should make it; with ``at_most`` the parts may exceed it."""

    key: str
    whole: str
    parts: _Terms
    at_most: bool = False


IDENTITY_LABELS = {
    "kinds": "units = communes + wards + special zones",
    "reduced": "units = units before - fall",
    "uniform": "provincial agencies = 12 in each province + special ones",
    "divisions": "commune agencies, against three in each unit",
    "commands": "military commands, against one in each unit",
    "plan": "commune staff = posts + planned increase - planned reduction",
    "policies": "people who left = early retirement + severance",
    "tiers": "people who left = central + local",
    "paid": "people who left = paid + unpaid",
    "decided": "people with a decision = paid + unpaid",
    "requests": "requests = decided + under review",
    "positions": "job positions = leadership + professional",
    "posts": "posts = province + communes + public service units",
    "staff_2024": "commune staff = cadres + civil servants",
    "leavers": "people decided = early retirement + resignation",
    "unsuited_some": "staff whose training does not suit = printed share of professional civil servants",
    "unsuited_all": "staff whose training does not suit = printed share of all commune staff",
    "everyone": "staff = cadres and civil servants + public employees",
}

# Decree 150/2025: 12 agencies that every province has, up to three divisions in a commune.
_CLOSURES = (
    Closure("kinds", "register.n_units", ((1, "communes_rural"), (1, "wards"), (1, "special_zones?"))),
    Closure("reduced", "register.n_units", ((1, "register.n_units_before"), (-1, "commune_units_reduced"))),
    Closure(
        "uniform",
        "provincial_agencies",
        ((34, "provincial_agencies[uniform]@mean_per_province"), (1, "provincial_agencies[special]")),
    ),
    Closure("divisions", "commune_agencies", ((3, "register.n_units"),), at_most=True),
    Closure("commands", "military_commands", ((1, "register.n_units"),), at_most=True),
    Closure(
        "plan",
        "commune_staff",
        (
            (1, "staff_quota[assigned]@commune_tier"),
            (1, "staff_quota[planned_increase]@commune_tier"),
            (-1, "staff_quota[planned_reduction]@commune_tier"),
        ),
    ),
    Closure("policies", "leave_left", ((1, "leave_left[early_retirement]"), (1, "leave_left[severance]"))),
    Closure("tiers", "leave_left", ((1, "leave_left@central_tier"), (1, "leave_left@local_tier"))),
    Closure("paid", "leave_left", ((1, "benefits_paid_count"), (1, "benefits_unpaid_count"))),
    Closure("decided", "leave_decided", ((1, "benefits_paid_count"), (1, "benefits_unpaid_count"))),
    Closure("requests", "leave_requests", ((1, "leave_decided"), (1, "leave_requests[under_review]"))),
    Closure("positions", "job_positions", ((1, "job_positions[leadership]"), (1, "job_positions[professional]"))),
    Closure(
        "posts",
        "staff_quota[assigned]@with_public_employees",
        (
            (1, "staff_quota[assigned]@province_tier"),
            (1, "staff_quota[assigned]@commune_tier"),
            (1, "staff_quota[assigned]@public_service_units"),
        ),
    ),
    Closure(
        "staff_2024",
        "commune_staff",
        ((1, "commune_staff_component[cadres]"), (1, "commune_staff_component[civil_servants]")),
    ),
    Closure(
        "unsuited_some",
        "commune_staff_mismatch",
        ((1, "commune_staff_mismatch_share % commune_staff_component[professional_civil_servants]"),),
    ),
    Closure("unsuited_all", "commune_staff_mismatch", ((1, "commune_staff_mismatch_share % commune_staff"),)),
    Closure("leavers", "leave_decided", ((1, "leave_decided[early_retirement]"), (1, "leave_decided[resignation]"))),
    Closure(
        "everyone", "staff_total", ((1, "staff_total[cadres_and_civil_servants]"), (1, "staff_total[public_employees]"))
    ),
)

RESULT_LABELS = {"closes": "closes", "open": "does not close", "fewer": "fewer than one would expect"}
UNKNOWN_LABELS = {
    "identities": "No whole and its parts had been published together for this date by sources of this class.",
}


def identities(figures: pd.DataFrame, bodies: pd.DataFrame, *, provinces: pd.DataFrame) -> Answer:
    """Return whether printed wholes equal their printed parts (03.Q7).

    Parameters
    ----------
    figures, bodies
        Figures of staffing and of organisation; disputed ones are tested too.
    provinces
        Register of provinces.

    Notes
    -----
    A whole is set against parts of the same day and report; where a part comes from the register it is exact. The
    test is of integers: a remainder of one is a remainder.
    """
    known = pd.concat([core(figures), core(bodies)])
    usable = known[known["low"].notna() & known["geo_level"].isin(["country", "province"])]
    register = _register(provinces)
    printed = {
        ((place, day, family), (indicator, scope, breakdown)): point
        for (place, family, indicator, scope, breakdown), series in grouped_points(usable, *_KEY).items()
        for day, point in series.items()
    }
    rows = [
        row
        for closure in _CLOSURES
        for place in _places(printed, closure)
        if (row := _tested(closure, printed, place, register[place])) is not None
    ]
    if not rows:
        return not_known("03.Q7", UNKNOWN_LABELS["identities"])
    table = pd.DataFrame(rows)
    return Answer(
        "03.Q7",
        table,
        sentences=tuple(_identity_sentences(table)),
        key_numbers=tuple(_identity_keys(table)),
        caption="Printed wholes and their parts",
        columns={
            "identity": "Identity",
            "place": "Place",
            "whole": "Whole",
            "parts": "From the parts",
            "remainder": "Remainder",
            "result": "Result",
        },
        units={"whole": "count", "parts": "count", "remainder": "count"},
        notes="That counts close shows careful counting; it says nothing of what the bodies do.",
    )


def _register(provinces: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the register's counts by place, with the country as the sum."""
    columns = ["n_units", "n_units_before", "n_special_zones"]
    counts = provinces.set_index("place_id")[[*columns, "name"]]
    return {"VN": {**counts[columns].sum().to_dict(), "name": "Việt Nam"}, **counts.to_dict("index")}


def _places(printed: _Printed, closure: Closure) -> list[str]:
    """Return the places that print the identity's anchor, the country first."""
    anchor = _anchor(closure)
    found = {place for (place, _, _), thing in printed if thing == anchor}
    return sorted(found, key=lambda place: (place != "VN", place))


def _anchor(closure: Closure) -> _Thing:
    """Return the first term that is not the register's."""
    terms = [closure.whole, *(term for _, term in closure.parts)]
    return _thing(next(term for term in terms if not term.startswith("register.")))


def _thing(term: str) -> _Thing:
    """Return the indicator, scope and breakdown that a term names."""
    name, _, scope = term.rstrip("?").partition("@")
    indicator, _, breakdown = name.rstrip("]").partition("[")
    return indicator, scope, breakdown


def _tested(closure: Closure, printed: _Printed, place: str, register: Mapping[str, Any]) -> dict[str, object] | None:
    """Return one identity at one place, at its latest report that has every term; None where none has."""
    anchor = _anchor(closure)
    reports = [report for report, thing in printed if report[0] == place and thing == anchor]
    for report in sorted(reports, key=lambda report: report[1], reverse=True):
        whole = _value(closure.whole, printed, report, register)
        parts = [(factor, _value(term, printed, report, register)) for factor, term in closure.parts]
        known = [(factor, part) for factor, part in parts if part is not None]
        if whole is not None and len(known) == len(parts):
            return _row(closure, register["name"], whole, known)
    return None


def _value(term: str, printed: _Printed, report: _Report, register: Mapping[str, Any]) -> _Value | None:
    """Return the bounds of a term in a report and the figures they rest on."""
    if term.startswith("register."):
        count = float(register[term.removeprefix("register.")])
        return Interval(count, count), ""
    share, _, base = term.partition(" % ")
    if base:
        part, whole = (_value(name, printed, report, register) for name in (share, base))
        return None if part is None or whole is None else (part[0] * whole[0] * 0.01, f"{part[1]} {whole[1]}")
    point = printed.get((report, _thing(term)))
    if point is None:
        # a zone that the register does not have need not be printed
        is_zero = term == "special_zones?" and register["n_special_zones"] == 0
        return (Interval(0, 0), "") if is_zero else None
    return point.bounds, point.observations


def _row(closure: Closure, place: str, whole: _Value, parts: Sequence[tuple[int, _Value]]) -> dict[str, object]:
    total = Interval(0, 0)
    for sign, (bounds, _) in parts:
        total = total + bounds * sign
    remainder = whole[0] - total
    closes = remainder.contains(0)
    result = "closes" if closes else "fewer" if closure.at_most and remainder.high < 0 else "open"
    ids = " ".join([whole[1], *(ids for _, (_, ids) in parts)]).split()
    row: dict[str, object] = {
        "key": closure.key,
        "identity": IDENTITY_LABELS[closure.key],
        "place": place,
        "result": RESULT_LABELS[result],
        "interval": "rounding",
        "observations": " ".join(dict.fromkeys(ids)),
    }
    for name, bounds in (("whole", whole[0]), ("parts", total), ("remainder", remainder)):
        row |= bounded(name, bounds.low, bounds.high)
    return row


def _named(row: pd.Series, name: str) -> Quantity:
    return Quantity(row[name], row[f"{name}_low"], row[f"{name}_high"])


def _identity_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    closed = table["result"] == RESULT_LABELS["closes"]
    yield Sentence(
        "{n} of {all} identity closes.||{n} of {all} identities close.", {"n": int(closed.sum()), "all": len(table)}
    )
    for _, row in table[~closed].iterrows():
        yield Sentence(
            "{place}, {identity}: {whole} printed, {parts} from the parts; the remainder is {remainder}.",
            {
                "place": row["place"],
                "identity": row["identity"],
                **{name: _named(row, name) for name in ("whole", "parts", "remainder")},
            },
        )


def _identity_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    closed = float((table["result"] == RESULT_LABELS["closes"]).sum())
    yield KeyNumber("identities_closed", closed, closed, closed, "identities")
    yield KeyNumber("identities_tested", float(len(table)), float(len(table)), float(len(table)), "identities")
