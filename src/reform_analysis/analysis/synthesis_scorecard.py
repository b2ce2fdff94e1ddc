"""Notebook 07, the unified report form: one line a claim, the same criteria in the same order for every review.

*Origin* is one report or wire, however many pages copy it. *Evidence* is graded by a rule, never by hand.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Sentence, not_known
from reform_analysis.analysis.chosen_place import Chosen, chosen_place
from reform_analysis.analysis.figures import Figure, records
from reform_analysis.analysis.series import Point, points, same_thing
from reform_analysis.analysis.staffing import identities as staff_identities
from reform_analysis.analysis.structure import RESULT_LABELS
from reform_analysis.analysis.synthesis_claims import DEFINITION_LABELS, UNCLEAR, Claim, claims_of
from reform_analysis.evidence import store
from reform_analysis.evidence.coherence import identity_checks

HIGH, MEDIUM, LOW, UNUSABLE, ABSENT = "high", "medium", "low", "not usable", "not published"
GRADE_LABELS = {grade: grade for grade in (HIGH, MEDIUM, LOW, UNUSABLE, ABSENT)}
CRITERION_LABELS = {
    "definition": "Definition",
    "origins": "Origins",
    "held": "Identities that hold",
    "conflicts": "Conflicts",
    "grade": "Evidence",
}
UNKNOWN_LABELS = {"none": "No figure of {place} had been published for this date by sources of this class."}
NOTE_LABELS = {
    "grades": "High: two origins agree and an identity that holds the figure closes. Medium: one of the two. Low: one "
    "origin alone, or a conflict. Not usable: the definition is unknown. Cut or rounded last digits are no conflict. "
    "All sources: the range over all sources of that day. Grades are of the evidence, not of what it describes."
}
# findings that a more exact print would remove are no conflict
_HARMLESS = ("rounding", "truncation", "hedge")


# indicator, scope and breakdown
_Thing = tuple[str, str, str]


class Reports(NamedTuple):
    """What is published of a place up to a day: under the rule chosen, and every value; what questions and holds it."""

    chosen: dict[_Thing, list[Figure]]
    every: dict[_Thing, list[Figure]]
    findings: list[set[str]]
    held: Counter[str]


def scorecard(
    figures: pd.DataFrame,
    every_value: pd.DataFrame,
    criteria: pd.DataFrame,
    findings: pd.DataFrame,
    provinces: pd.DataFrame,
    register: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    claims: str = "seeds",
    one_per_reprint: bool = True,
    weights: str = "equal",
    language: str = "en",
) -> Answer:
    """Return the latest figure of each claim, with what it rests on and a grade of the evidence (07.Q1).

    Parameters
    ----------
    figures, every_value
        Published figures up to the day of the review, under the rule chosen and with every value.
    criteria
        All figures of every date, from which the list of claims is drawn, so that it is the same for every review.
    findings
        The audit's findings.
    provinces, register, codebook
        The provinces, all places, and the indicators.
    place
        Whose review: the country, a province or a commune.
    claims
        ``seeds`` or ``all``, as in `synthesis_claims.claims_of`.
    one_per_reprint
        Count pages that carry one report as one origin; else each page.
    weights
        ``equal``: claims are counted, and no composite score is made of them.
    language
        Which labels of the codebook are shown.

    Raises
    ------
    ValueError
        If ``claims`` or ``weights`` is unknown, or the place is.

    Notes
    -----
    An origin agrees where its figure, of any day, can equal the latest one. Grades: *not usable* where the definition
    is unclear; *low* with a conflict, or with one origin and no identity; *high* with two origins and an identity;
    *medium* between. A composite score would need weights that no one can defend, so none is computed.
    """
    if weights != "equal":
        raise ValueError(f"weights must be equal, because claims are only counted; got {weights!r}.")
    chosen = chosen_place(place, register)
    listed = claims_of(criteria, codebook, claims=claims, language=language)
    ours, every = (frame[frame["place_id"] == chosen.place_id] for frame in (figures, every_value))
    questions = _questions(findings, set(every["observation_id"]))
    reports = Reports(_by_thing(ours), _by_thing(every), questions, _held(every, provinces))
    table = pd.DataFrame([_line(claim, reports, one_per_reprint) for claim in listed])
    if (table["grade"] == ABSENT).all():
        return not_known("07.Q1", UNKNOWN_LABELS["none"], place=place)
    return Answer(
        "07.Q1",
        table,
        sentences=tuple(_sentences(table, chosen)),
        key_numbers=tuple(_keys(table)),
        caption="Unified report form: each figure and what it rests on",
        columns={
            "claim": "Figure",
            "estimate": "Value",
            "end": "To",
            "sources": "All sources",
            "origins": CRITERION_LABELS["origins"],
            "held": CRITERION_LABELS["held"],
            "conflicts": CRITERION_LABELS["conflicts"],
            "definition": CRITERION_LABELS["definition"],
            "grade": CRITERION_LABELS["grade"],
        },
        units={"origins": "count", "held": "count", "conflicts": "count"},
        notes=NOTE_LABELS["grades"],
    )


def _held(every: pd.DataFrame, provinces: pd.DataFrame) -> Counter[str]:
    """Return how many identities that close hold each observation."""
    checks = identity_checks(every, store.identities())
    lists = [ids.split() for ids in checks.loc[checks["severity"] == "", "observation_ids"]]
    topics = [every[every["topic"] == topic] for topic in ("staffing", "organisation")]
    closed = staff_identities(*topics, provinces=provinces).table
    if len(closed):
        lists += [ids.split() for ids in closed.loc[closed["result"] == RESULT_LABELS["closes"], "observations"]]
    lists += _coverage(every, int(provinces["n_units"].sum()))
    return Counter(one for ids in lists for one in set(ids))


def _coverage(every: pd.DataFrame, units: int) -> list[list[str]]:
    """Return the pairs of a count of communes and its share that the register's number of communes makes agree."""
    counts, shares = (
        same_thing(every, code, place_id="VN") for code in ("communes_with_vehicles", "communes_vehicles_share")
    )
    pairs = counts.merge(shares, on=["source_id", "period_end"], suffixes=("", "_share"))
    agree = (100 * pairs["low"] / units <= pairs["high_share"]) & (100 * pairs["high"] / units >= pairs["low_share"])
    return pairs.loc[agree, ["observation_id", "observation_id_share"]].to_numpy().tolist()


def _line(claim: Claim, reports: Reports, one_per_reprint: bool) -> dict[str, object]:
    """Return one line of the form."""
    thing = (claim.indicator, claim.scope, claim.breakdown)
    words = {
        "claim": claim.label,
        "unit": claim.unit,
        "definition": DEFINITION_LABELS[claim.definition],
        "document": claim.document,
        "sources": float("nan"),
        "interval": "rounding",
    }
    chosen, every = (known.get(thing, []) for known in (reports.chosen, reports.every))
    dated = points((figure.period_end, figure.low, figure.high, figure.observation_id) for figure in chosen)
    if not dated or not every:
        return {**words, "grade": GRADE_LABELS[ABSENT], "observations": ""}
    last = dated[max(dated)]
    that_day = [figure for figure in every if figure.period_end.date() == last.date]
    agreeing = [figure for figure in every if figure.low <= last.high and figure.high >= last.low]
    origins = _origins(agreeing, one_per_reprint)
    mine = {figure.observation_id for figure in agreeing}
    held = sum(reports.held[one] for one in mine)
    conflicts = sum(bool(ids & mine) for ids in reports.findings)
    return {
        **words,
        "low": last.low,
        "high": last.high,
        "observations": last.observations,
        "estimate": _printed(chosen, last),
        "end": last.date,
        "sources_low": min((figure.low for figure in that_day), default=math.nan),
        "sources_high": max((figure.high for figure in that_day), default=math.nan),
        "origins": origins,
        "held": held,
        "conflicts": conflicts,
        "grade": GRADE_LABELS[_grade(claim.definition, origins, held, conflicts)],
    }


def _by_thing(figures: pd.DataFrame) -> dict[_Thing, list[Figure]]:
    """Return the figures with bounds by indicator, scope and breakdown."""
    found: dict[_Thing, list[Figure]] = {}
    for figure in records(figures):
        found.setdefault((figure.indicator, figure.scope, figure.breakdown), []).append(figure)
    return found


def _questions(findings: pd.DataFrame, known: set[str]) -> list[set[str]]:
    """Return the figures of each serious finding, all of whose figures were known by then."""
    columns = (findings[name] for name in ("kind", "severity", "observation_ids"))
    listed = [
        set(ids.split())
        for kind, severity, ids in zip(*columns, strict=True)
        if kind != "heaping" and severity not in _HARMLESS
    ]
    return [ids for ids in listed if ids <= known]


def _printed(figures: list[Figure], last: Point) -> float:
    """Return the figure printed without a hedge, NaN where only hedged ones are: their bounds then stand alone."""
    ids = last.observations.split()
    exact = (one.value for one in figures if one.observation_id in ids and one.qualifier == "exact")
    return next((value for value in exact if last.low <= value <= last.high), math.nan)


def _origins(figures: list[Figure], one_per_reprint: bool) -> int:
    """Return how many reports, or pages, print the figure: pages of one family or reprint group are joined."""
    if not one_per_reprint:
        return len({figure.source_id for figure in figures})
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for figure in figures:
        if figure.reprint_group:
            parent[root(f"group {figure.reprint_group}")] = root(figure.family)
        root(figure.family)
    return len({root(figure.family) for figure in figures})


def _grade(definition: str, origins: int, held: int, conflicts: int) -> str:
    """Return the grade of the evidence."""
    if definition == UNCLEAR:
        return UNUSABLE
    if conflicts or (origins < 2 and not held):
        return LOW
    return HIGH if origins > 1 and held else MEDIUM


def _sentences(table: pd.DataFrame, chosen: Chosen) -> Iterator[Sentence]:
    known = table[table["grade"] != GRADE_LABELS[ABSENT]]
    yield Sentence(
        "{known} of {all} figures of the form had been published of {place}.",
        {"known": len(known), "all": len(table), "place": chosen.name},
    )
    for grade in (HIGH, MEDIUM, LOW, UNUSABLE):
        names = list(known.loc[known["grade"] == GRADE_LABELS[grade], "claim"])
        if names:
            yield Sentence(
                "Evidence {grade}, {n}: {names}.", {"grade": GRADE_LABELS[grade], "n": len(names), "names": names}
            )
    alone = int((known["origins"] == 1).sum())
    if alone:
        yield Sentence("{n} figure rests on one origin.||{n} figures rest on one origin each.", {"n": alone})


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for grade in (HIGH, MEDIUM, LOW, UNUSABLE, ABSENT):
        count = float((table["grade"] == GRADE_LABELS[grade]).sum())
        yield KeyNumber(f"claims_{grade.replace(' ', '_')}", count, count, count, "figures")
