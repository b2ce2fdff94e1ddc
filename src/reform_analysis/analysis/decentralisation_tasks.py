"""Notebook 02, tasks: can the printed local share be rebuilt from the printed counts.

*Task* (nhiệm vụ, quyền hạn) and *procedure* (thủ tục hành chính) are different things: a task may hold many procedures
or none. Nothing here counts procedures.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import Point, points_of
from reform_analysis.evidence.interval import Interval, interval_ratio

# (indicator, breakdown) of a count of tasks -> its part in a local share; only local over total is one
_TASK_ROLES = {
    ("tasks_held", "local+draft"): "local",
    ("tasks_held", "central+draft"): "central",
    ("tasks_held", "all_reviewed"): "total",
    ("tasks_delegated", "to_local"): "local",
    ("tasks_delegated", "to_province"): "one tier",
    ("tasks_delegated", "to_commune"): "one tier",
}

# a share printed as one whole percent is at most this wide, in points, even under hard bounds; a range is wider
_ONE_FIGURE = 2.0

COUNT_LABELS = {
    ("tasks_held", "local+draft"): "local tasks, draft",
    ("tasks_held", "central+draft"): "central tasks, draft",
    ("tasks_held", "all_reviewed"): "all tasks reviewed",
    ("tasks_delegated", "to_local"): "tasks given to local government",
    ("tasks_delegated", "to_province"): "tasks given to provinces",
    ("tasks_delegated", "to_commune"): "tasks given to communes",
    ("tasks_held", "draft"): "all tasks, draft (local and central)",
}

SHARE_LABELS = {"one": "local share of tasks", "range": "local share, range over the ministries"}

KIND_LABELS = {
    "printed": "Printed as the local share",
    "implied": "Local count over total count",
    "chance": "Two counts that do not belong together",
}

UNKNOWN_LABELS = {
    "local_share": "No local share of tasks, and no count to rebuild it from, had been published for this date.",
}

AXIS_LABELS = {"x_label": "share of tasks held locally"}


def local_share(figures: pd.DataFrame, sources: pd.DataFrame) -> Answer:
    """Return the printed local shares of tasks beside every share that the printed counts allow (02.Q3).

    Parameters
    ----------
    figures
        Figures of the topic, with what was printed before July.
    sources
        The sources: a printed share is named by who printed it.

    Notes
    -----
    Each count of tasks is divided by each larger one. Only a local count over a total is a local share; the other
    quotients are shown where they fall into a printed share, because with a handful of counts some will by chance.
    A share that no pair gives is *not reproducible*: it may rest on counts or weights that were not published.
    """
    printed = _printed_shares(figures, sources)
    table = pd.concat([printed, *_implied_shares(_task_counts(figures), printed)], ignore_index=True)
    if table.empty:
        return not_known("02.Q3", UNKNOWN_LABELS["local_share"])
    return Answer(
        "02.Q3",
        table,
        sentences=tuple(_share_sentences(table)),
        key_numbers=tuple(_share_keys(table)),
        caption="Local share of tasks: as printed, and as the printed counts give it",
        columns={
            "kind": "Kind",
            "label": "Source, or counts",
            "part": "Share, or local count",
            "whole": "Divided by",
            "date": "Latest figure",
            "estimate": "Local share",
        },
        units={"estimate": "share"},
        notes="Tasks and powers, not procedures. Counts are exact; printed shares carry their rounding.",
        forms=(
            Form(
                "interval_dots",
                title="Local share of tasks: printed, and given by pairs of printed counts",
                options={"label": "label", "by": "kind", "unit": "share", "sort": False, **AXIS_LABELS},
            ),
        ),
    )


def _printed_shares(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return the shares printed as local, one a date, each under its most reliable publisher."""
    publisher = dict(zip(sources["source_id"], sources["publisher"], strict=True))
    dated = points_of(figures, "local_task_share", place_id="VN").values()
    # the id of the most reliable source of each point
    classes = zip(figures["reliability"], figures["observation_id"], figures["source_id"], strict=True)
    ranked = {identifier: (reliability, identifier, source) for reliability, identifier, source in classes}
    best = [min(ranked[one] for one in point.observations.split())[-1] for point in dated]
    is_range = [point.high - point.low > _ONE_FIGURE for point in dated]
    return pd.DataFrame(
        {
            "kind": KIND_LABELS["printed"],
            "label": [publisher[source] for source in best],
            "part": [SHARE_LABELS["range" if wide else "one"] for wide in is_range],
            "whole": "",
            "date": [point.date for point in dated],
            "estimate": [point.estimate / 100 for point in dated],
            "low": [point.low / 100 for point in dated],
            "high": [point.high / 100 for point in dated],
            "interval": "rounding",
            "observations": [point.observations for point in dated],
        }
    )


class _Count(NamedTuple):
    """A national count of tasks: its part in a local share, and its words."""

    role: str
    name: str
    point: Point


def _task_counts(figures: pd.DataFrame) -> list[_Count]:
    """Return the national counts of tasks, one a date, with the total that the draft implies."""
    counts = [
        _Count(role, COUNT_LABELS[code, breakdown], point)
        for (code, breakdown), role in _TASK_ROLES.items()
        for point in points_of(figures, code, breakdown=breakdown, place_id="VN").values()
    ]
    drafts = [count for count in counts if "draft" in count.name]
    if {count.role for count in drafts} != {"local", "central"}:
        return counts
    ids = " ".join(count.point.observations for count in drafts)
    for day in sorted({count.point.date for count in drafts}):
        parts = [count.point for count in drafts if count.point.date == day]
        low, high, estimate = (sum(getattr(part, end) for part in parts) for end in ("low", "high", "estimate"))
        total = Point(day, low, high, estimate, is_conflict=False, observations=ids)
        counts.append(_Count("total", COUNT_LABELS["tasks_held", "draft"], total))
    return counts


def _implied_shares(counts: list[_Count], printed: pd.DataFrame) -> list[pd.DataFrame]:
    """Return each local count over each total, then any other quotient that meets a share printed as one figure."""
    meant, chance = [], []
    narrow = _single_figures(printed)
    for pair in combinations(counts, 2):
        part, whole = sorted(pair, key=lambda count: count.point.estimate)
        share = interval_ratio(part.point.bounds, whole.point.bounds, part_of=True)
        if part.role == "local" and whole.role == "total":
            meant.append(_pair(KIND_LABELS["implied"], part, whole, share))
        elif _meets(share, narrow):
            chance.append(_pair(KIND_LABELS["chance"], part, whole, share))
    in_order = [sorted(pairs, key=lambda pair: (pair["date"], pair["estimate"])) for pairs in (meant, chance)]
    return [pd.DataFrame(pairs) for pairs in in_order if pairs]


def _pair(kind: str, part: _Count, whole: _Count, share: Interval) -> dict[str, object]:
    """Return the row of one quotient; its label groups digits by narrow spaces, which display regroups."""
    first, second = part.point, whole.point
    numerator, denominator = (f"{point.estimate:,.0f}".replace(",", "\u202f") for point in (first, second))
    return {
        "kind": kind,
        "label": f"{numerator} / {denominator}",
        "part": part.name,
        "whole": whole.name,
        "date": max(first.date, second.date),
        "estimate": first.estimate / second.estimate,
        "low": share.low,
        "high": share.high,
        "interval": "rounding",
        "observations": f"{first.observations} {second.observations}",
    }


def _single_figures(printed: pd.DataFrame) -> list[Interval]:
    """Return the shares that were printed as one figure, not as a range."""
    shares = [Interval(low, high) for low, high in zip(printed["low"], printed["high"], strict=True)]
    return [share for share in shares if share.width <= _ONE_FIGURE / 100 + 1e-9]


def _meets(share: Interval, printed: list[Interval]) -> bool:
    """Return whether a quotient may be what was printed."""
    return any(share.overlaps(one) for one in printed)


def _share_sentences(table: pd.DataFrame) -> list[Sentence]:
    printed, implied, chance = (table[table["kind"] == KIND_LABELS[kind]] for kind in ("printed", "implied", "chance"))
    sentences = []
    if len(printed):
        last = printed.iloc[-1]
        share = Quantity(last["estimate"], last["low"], last["high"], "share")
        sentences.append(
            Sentence(
                "{share:value} of tasks were printed as local, last on {day}.", {"share": share, "day": last["date"]}
            )
        )
    if len(implied):
        values = {"n": len(implied), "low": implied["estimate"].min(), "high": implied["estimate"].max()}
        ends = {name: Quantity(x, x, x, "share") for name, x in values.items() if name != "n"}
        sentences.append(
            Sentence(
                "{n} pair of a printed local count and a printed total gives {low}.||"
                "{n} pairs of a printed local count and a printed total give between {low} and {high}.",
                {"n": len(implied), **ends},
            )
        )
    if (
        len(printed)
        and len(implied)
        and not any(_meets(Interval(r.low, r.high), _single_figures(printed)) for r in implied.itertuples())
    ):
        sentences.append(
            Sentence(
                "No such pair gives the printed share: it is not reproducible from what was published, which does not "
                "make it false. Its numerator, its denominator and any weights over ministries were not printed."
            )
        )
    return sentences + _chance_sentences(len(chance))


def _chance_sentences(n: int) -> list[Sentence]:
    """Return how many quotients meet the printed share without being a local share."""
    if not n:
        return []
    return [
        Sentence(
            "{n} other quotient falls into the printed share although its two counts do not belong together: a "
            "match by itself proves little.||{n} other quotients fall into the printed share although their two "
            "counts do not belong together: a match by itself proves little.",
            {"n": n},
        )
    ]


def _share_keys(table: pd.DataFrame) -> list[KeyNumber]:
    implied = table[table["kind"] == KIND_LABELS["implied"]]
    if implied.empty:
        return []
    low, high = implied["estimate"].min(), implied["estimate"].max()
    return [
        KeyNumber("lowest_implied_local_share", low, low, low, "share"),
        KeyNumber("highest_implied_local_share", high, high, high, "share"),
        KeyNumber("pairs_of_task_counts", len(implied), len(implied), len(implied), "pairs"),
    ]
