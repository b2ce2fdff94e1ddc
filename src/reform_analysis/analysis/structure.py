"""Notebook 03, whether printed counts of bodies and people add up.

An *identity* sets a printed whole against its printed parts; the *remainder* is what the parts leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.bounded import bounded
from reform_analysis.analysis.series import by_date, core, same_thing
from reform_analysis.evidence.interval import Interval

# a part: factor and term; a term: "indicator", "indicator[breakdown]", "indicator@scope", "register.column", or
# "share % base" for a printed percentage of another term
_Terms = tuple[tuple[int, str], ...]


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
    rows = [
        row
        for closure in _CLOSURES
        for place in _places(usable, closure)
        if (row := _tested(closure, usable[usable["place_id"] == place], register.loc[place])) is not None
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


def _register(provinces: pd.DataFrame) -> pd.DataFrame:
    """Return the register's counts by place, with the country as the sum."""
    columns = ["n_units", "n_units_before", "n_special_zones"]
    counts = provinces.set_index("place_id")[[*columns, "name"]]
    country = pd.DataFrame([{**counts[columns].sum().to_dict(), "name": "Việt Nam"}], index=["VN"])
    return pd.concat([country, counts])


def _places(figures: pd.DataFrame, closure: Closure) -> list[str]:
    """Return the places that print the first term that is not the register's, the country first."""
    terms = [closure.whole, *(term for _, term in closure.parts)]
    first = next(term for term in terms if not term.startswith("register."))
    found = set(_rows_of(figures, first)["place_id"])
    return sorted(found, key=lambda place: (place != "VN", place))


def _rows_of(figures: pd.DataFrame, term: str) -> pd.DataFrame:
    """Return the figures of one term."""
    name, _, scope = term.rstrip("?").partition("@")
    indicator, _, breakdown = name.rstrip("]").partition("[")
    return same_thing(figures, indicator, scope=scope, breakdown=breakdown)


_Value = tuple[Interval, str]


def _tested(closure: Closure, figures: pd.DataFrame, register: pd.Series) -> dict[str, object] | None:
    """Return one identity at one place, at its latest report that has every term; None where none has."""
    terms = [term for _, term in closure.parts]
    anchors = _rows_of(figures, next(t for t in (closure.whole, *terms) if not t.startswith("register.")))
    for anchor in anchors.sort_values("period_end", ascending=False, kind="stable").itertuples():
        near = figures[(figures["family"] == anchor.family) & (figures["period_end"] == anchor.period_end)]
        whole = _value(closure.whole, near, register)
        parts = [part for term in terms if (part := _value(term, near, register)) is not None]
        if whole is not None and len(parts) == len(terms):
            factors = [factor for factor, _ in closure.parts]
            return _row(closure, register["name"], whole, list(zip(factors, parts, strict=True)))
    return None


def _value(term: str, near: pd.DataFrame, register: pd.Series) -> _Value | None:
    """Return the bounds of a term and the figures they rest on."""
    if term.startswith("register."):
        count = float(register[term.removeprefix("register.")])
        return Interval(count, count), ""
    share, _, base = term.partition(" % ")
    if base:
        part, whole = _value(share, near, register), _value(base, near, register)
        return None if part is None or whole is None else (part[0] * whole[0] * 0.01, f"{part[1]} {whole[1]}")
    rows = _rows_of(near, term)
    if rows.empty:
        # a zone that the register does not have need not be printed
        is_zero = term == "special_zones?" and register["n_special_zones"] == 0
        return (Interval(0, 0), "") if is_zero else None
    joined = by_date(rows).iloc[-1]
    return Interval(joined["low"], joined["high"]), joined["observations"]


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
