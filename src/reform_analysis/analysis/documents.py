"""Notebook 05, texts: whether printed counts of texts close, and how many were found by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import REFORM_DAY, Point, points_of

# ending of a document's number -> (kind, breakdown of the printed count of such documents)
_COUNTED = {
    "-KL/TW": ("conclusions", "politburo_and_secretariat_conclusions"),
    "/CĐ-TTg": ("dispatches", "prime_minister_dispatches"),
    "/NQ-CP": ("resolutions", "government_resolutions"),
}

KIND_LABELS = {
    "conclusions": "Conclusions of the Politburo and Secretariat",
    "dispatches": "Dispatches of the Prime Minister",
    "resolutions": "Resolutions of the Government",
}

# what a document's number contains -> who issued it; the first that fits
_ISSUERS = (
    ("TW", "party"),
    ("QH15", "assembly"),
    ("-CP", "government"),
    ("TTg", "prime_minister"),
    ("", "ministries"),
)

ISSUER_LABELS = {
    "party": "Party",
    "assembly": "National Assembly",
    "government": "Government",
    "prime_minister": "Prime Minister",
    "ministries": "Ministries and Government Office",
}

DATED_LABELS = {True: "dated", False: "day not printed, latest possible shown"}

LISTED_LABELS = {
    "conclusions": "{n} of {printed} conclusions of the Politburo and Secretariat printed for 1 July to {day} can be "
    "listed.",
    "dispatches": "{n} dispatches of the Prime Minister can be listed, {printed} are printed for 1 July to {day}.",
    "resolutions": "{n} resolutions of the Government can be listed, {printed} are printed for 1 July to {day}: what "
    "that count leaves out was not printed.",
}

AXIS_LABELS = {"y_label": "texts found"}

UNKNOWN_LABELS = {
    "conclusions": "No numbered text since 1 July had been found for this date in sources of this class.",
    "texts": "No dated text had been found for this date in sources of this class.",
}

# printed totals of texts that differ in scope: (breakdown)
_TOTALS = ("decrees_and_normative_resolutions", "all_reform_texts", "legal_documents")

# texts older than this many days before the reform are its background, not its run
_RUN_UP = 30


def conclusions(directives: pd.DataFrame, policy: pd.DataFrame, *, as_of: str) -> Answer:
    """Return the numbered texts since 1 July beside the printed counts of such texts (05.Q2).

    Parameters
    ----------
    directives
        Documents and deadlines.
    policy
        Figures of the topic policy let in by class of source and day.
    as_of
        Last day, ISO 8601.

    Notes
    -----
    Some texts are known only because a paper prints a deadline of theirs. Numbers run upwards in time, so such a text
    lies between the days of its neighbours and not after its own deadline; it counts where that interval lies in the
    period.
    """
    counts = {kind: _printed(policy, breakdown) for kind, breakdown in _COUNTED.values()}
    ends = {kind: count.date if count is not None else date.fromisoformat(as_of) for kind, count in counts.items()}
    table = pd.DataFrame(
        [
            row
            for ending, (kind, _) in _COUNTED.items()
            for row in _numbered(directives, policy, ending)
            if row["earliest"] >= REFORM_DAY and row["date"] <= ends[kind]
        ]
    )
    if table.empty:
        return not_known("05.Q2", UNKNOWN_LABELS["conclusions"])
    return Answer(
        "05.Q2",
        table,
        sentences=(*_listed(table, counts), *_tasks(policy)),
        key_numbers=tuple(_listed_keys(table, counts)),
        caption="Numbered texts since 1 July",
        columns={
            "kind": "Kind",
            "document": "Document",
            "earliest": "Issued from",
            "date": "Issued by",
            "dated": "Day",
        },
        notes="Where no day is printed, a text lies between its neighbours in number, and not after its own deadline.",
        forms=(
            Form(
                "timeline",
                title="Numbered texts since 1 July",
                options={"date": "date", "label": "document", "group": "kind", "status": "dated"},
            ),
        ),
    )


def _printed(policy: pd.DataFrame, breakdown: str) -> Point | None:
    """Return the latest printed count of one kind of text."""
    dated = points_of(policy, "documents_issued", breakdown=breakdown, place_id="VN")
    return dated[max(dated)] if dated else None


def _numbered(directives: pd.DataFrame, policy: pd.DataFrame, ending: str) -> list[dict[str, Any]]:
    """Return the texts whose number has one ending, in that order, with the days between which they were issued."""
    own = directives[
        directives["document"].str.endswith(ending) & directives["observation_id"].isin(policy["observation_id"])
    ]
    rows = []
    for document, group in own.groupby("document"):
        rows.append(
            {
                "number": int(str(document).split("/")[0].split("-")[0]),
                "kind": KIND_LABELS[_COUNTED[ending][0]],
                "code": _COUNTED[ending][0],
                "document": document,
                "issued": group["issued"].min(),
                "due": group["due"].min(),
                "observations": " ".join(dict.fromkeys(group["observation_id"])),
            }
        )
    rows.sort(key=lambda row: row["number"])
    return [row | _days(rows, place) for place, row in enumerate(rows)]


def _days(rows: list[dict[str, Any]], place: int) -> dict[str, Any]:
    """Return the days between which one text was issued."""
    issued = rows[place]["issued"]
    if pd.notna(issued):
        return {"earliest": issued.date(), "date": issued.date(), "dated": DATED_LABELS[True]}
    before = [row["issued"] for row in rows[:place] if pd.notna(row["issued"])]
    after = [row["issued"] for row in rows[place:] if pd.notna(row["issued"])]
    limits = [day for day in (*after[:1], rows[place]["due"]) if pd.notna(day)]
    # a text without neighbours before it may be older than the reform: then it is not counted
    earliest = before[-1].date() if before else REFORM_DAY - timedelta(days=1)
    latest = min(limits).date() if limits else date.max
    return {"earliest": earliest, "date": latest, "dated": DATED_LABELS[False]}


def _listed(table: pd.DataFrame, counts: dict[str, Point | None]) -> Iterator[Sentence]:
    """Yield how many texts can be listed of those printed."""
    for kind, count in counts.items():
        n = int((table["code"] == kind).sum())
        if count is not None:
            yield Sentence(LISTED_LABELS[kind], {"n": n, "printed": count.estimate, "day": count.date})
    undated = table[table["dated"] == DATED_LABELS[False]]
    if len(undated):
        yield Sentence(
            "{n} text is known only through a deadline: {names}.||"
            "{n} texts are known only through a deadline: {names}.",
            {"n": len(undated), "names": list(undated["document"])},
        )


def _tasks(policy: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how many tasks are printed as done."""
    done, assigned = (points_of(policy, code, place_id="VN") for code in ("tasks_completed", "tasks_assigned"))
    for day in [day for day in done if day in assigned][-1:]:
        n, every = done[day].estimate, assigned[day].estimate
        share = n / every
        yield Sentence(
            "{n} of {all} tasks ({share}) are printed as done or carried out regularly; none of them can be listed.",
            {"n": n, "all": every, "share": Quantity(share, share, share, "share")},
        )


def _listed_keys(table: pd.DataFrame, counts: dict[str, Point | None]) -> Iterator[KeyNumber]:
    for kind in counts:
        n = int((table["code"] == kind).sum())
        yield KeyNumber(f"{kind}_listed", n, n, n, "documents")


def texts(directives: pd.DataFrame, policy: pd.DataFrame) -> Answer:
    """Return how many national texts were found by month of issue and issuer (05.Q6).

    Parameters
    ----------
    directives
        Documents and deadlines.
    policy
        Figures of the topic policy let in by class of source and day.

    Notes
    -----
    Counts of what was found, not of what was issued: no trend is tested.
    """
    found = _dated(directives, policy)
    recent = found[found["issued"] >= pd.Timestamp(REFORM_DAY - timedelta(days=_RUN_UP))]
    if recent.empty:
        return not_known("05.Q6", UNKNOWN_LABELS["texts"])
    month = recent["issued"].dt.to_period("M").dt.to_timestamp().dt.date
    groups = recent.assign(month=month).groupby(["month", "issuer"], sort=True)
    table = groups.agg(estimate=("document", "size"), observations=("observation_id", " ".join)).reset_index()
    return Answer(
        "05.Q6",
        table,
        sentences=(*_monthly(table, len(found) - len(recent)), *_totals(policy)),
        key_numbers=tuple(_monthly_keys(table)),
        caption="National texts found, by month of issue and issuer",
        columns={"month": "Month (first day)", "issuer": "Issuer", "estimate": "Texts found"},
        units={"estimate": "count"},
        notes="Found, not issued: texts that no page of the corpus names are missing.",
        forms=(
            Form(
                "stacked_columns",
                title="National texts found, by month of issue and issuer",
                options={"x": "month", "series": "issuer", **AXIS_LABELS},
            ),
        ),
    )


def _dated(directives: pd.DataFrame, policy: pd.DataFrame) -> pd.DataFrame:
    """Return the national texts with a day of issue, once each, with their issuer."""
    national = policy.loc[policy["place_id"] == "VN", "observation_id"]
    rows = directives[directives["issued"].notna() & (directives["document"] != "")]
    rows = rows[rows["observation_id"].isin(national)].drop_duplicates("document").sort_values("issued")
    issuer = [next(name for part, name in _ISSUERS if part in document) for document in rows["document"]]
    return rows.assign(issuer=[ISSUER_LABELS[name] for name in issuer])


def _by_month(table: pd.DataFrame) -> pd.Series:
    return table.groupby("month")["estimate"].sum()


def _monthly(table: pd.DataFrame, earlier: int) -> Iterator[Sentence]:
    for month, n in _by_month(table).items():
        yield Sentence(
            "{n} text of {month:month} was found.||{n} texts of {month:month} were found.", {"n": n, "month": month}
        )
    if earlier:
        yield Sentence("{n} older text is left out.||{n} older texts are left out.", {"n": earlier})


def _totals(policy: pd.DataFrame) -> Iterator[Sentence]:
    """Yield that the printed totals do not compare."""
    totals = [count for count in (_printed(policy, breakdown) for breakdown in _TOTALS) if count is not None]
    if len(totals) > 1:
        values = {"n": len(totals), "low": min(t.low for t in totals), "high": max(t.low for t in totals)}
        yield Sentence(
            "{n} printed totals of texts, from {low} to {high}, differ in period and in what they count: they do not "
            "compare.",
            values,
        )


def _monthly_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for month, n in _by_month(table).items():
        yield KeyNumber(f"texts_found_{month:%Y_%m}", int(n), int(n), int(n), "documents")
