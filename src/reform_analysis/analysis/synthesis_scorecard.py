"""Notebook 07, the unified report form: one line a claim, the same criteria in the same order for every review.

*Origin* is one report or wire, however many pages copy it. *Evidence* is graded by a rule, never by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Sentence, not_known
from reform_analysis.analysis.chosen_place import Chosen, chosen_place
from reform_analysis.analysis.series import by_date, same_thing
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


class Reports(NamedTuple):
    """What is published of a place up to a day: under the rule chosen, and every value."""

    chosen: pd.DataFrame
    every: pd.DataFrame
    findings: pd.DataFrame
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
    ours = [frame[frame["place_id"] == chosen.place_id] for frame in (figures, every_value)]
    reports = Reports(ours[0], ours[1], findings, _held(ours[1], provinces))
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
    known = by_date(same_thing(reports.chosen, thing[0], scope=thing[1], breakdown=thing[2]))
    every = same_thing(reports.every, thing[0], scope=thing[1], breakdown=thing[2])
    every = every[every["low"].notna()]
    if known.empty or every.empty:
        return {**words, "grade": GRADE_LABELS[ABSENT], "observations": ""}
    last = known.iloc[-1]
    that_day = every[every["period_end"].dt.date == last["date"]]
    agreeing = every[(every["low"] <= last["high"]) & (every["high"] >= last["low"])]
    origins = _origins(agreeing, one_per_reprint)
    held = sum(reports.held[one] for one in agreeing["observation_id"])
    conflicts = _conflicts(reports, every, agreeing)
    return {
        **words,
        **{name: last[name] for name in ("low", "high", "observations")},
        "estimate": _printed(reports.chosen, last),
        "end": last["date"],
        "sources_low": that_day["low"].min(),
        "sources_high": that_day["high"].max(),
        "origins": origins,
        "held": held,
        "conflicts": conflicts,
        "grade": GRADE_LABELS[_grade(claim.definition, origins, held, conflicts)],
    }


def _printed(figures: pd.DataFrame, last: pd.Series) -> float:
    """Return the figure printed without a hedge, NaN where only hedged ones are: their bounds then stand alone."""
    rows = figures[figures["observation_id"].isin(last["observations"].split()) & (figures["qualifier"] == "exact")]
    values = rows.loc[rows["value"].between(last["low"], last["high"]), "value"]
    return float(values.iloc[0]) if len(values) else float("nan")


def _origins(rows: pd.DataFrame, one_per_reprint: bool) -> int:
    """Return how many reports, or pages, print the figure: pages of one family or reprint group are joined."""
    if not one_per_reprint:
        return int(rows["source_id"].nunique())
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for family, group in zip(rows["family"], rows["reprint_group"], strict=True):
        if group:
            parent[root(f"group {group}")] = root(family)
        root(family)
    return len({root(family) for family in rows["family"]})


def _conflicts(reports: Reports, every: pd.DataFrame, agreeing: pd.DataFrame) -> int:
    """Return how many findings question the figure, all of whose figures were known by then."""
    known, mine = set(reports.every["observation_id"]), set(agreeing["observation_id"])
    found = 0
    for kind, severity, listed in zip(
        *(reports.findings[name] for name in ("kind", "severity", "observation_ids")), strict=True
    ):
        ids = set(listed.split())
        serious = kind != "heaping" and severity not in _HARMLESS
        found += serious and ids <= known and bool(ids & mine)
    return found


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
