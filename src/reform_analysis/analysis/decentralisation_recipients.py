"""Notebook 02, recipients: where procedures and tasks came from and who received them.

A *split* is a total with its printed parts; it *closes* where the parts add up to the total exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import Point, points_of
from reform_analysis.evidence.interval import Interval, interval_ratio


@dataclass(frozen=True)
class _Split:
    """A total and its printed parts, each as (indicator, breakdown)."""

    origin: str
    total: tuple[str, str]
    parts: tuple[tuple[str, str], ...]
    place_id: str = "VN"


ORIGIN_LABELS = {
    "centre": "Central government",
    "districts": "Districts",
    "districts_education": "Districts, education",
    "districts_home_affairs": "Districts, home affairs",
}

RECIPIENT_LABELS = {
    "to_provincial_committee": "Provincial People's Committees",
    "to_provincial_chair": "Chairs of provincial People's Committees",
    "to_provincial_departments": "Provincial departments",
    "to_commune_committee": "Commune People's Committees",
    "to_commune_chair": "Chairs of commune People's Committees",
    "to_province": "Provincial level",
    "to_commune": "Commune level",
    "district": "Abolished",
    "": "Recipient not printed",
}

TIER_LABELS = {"province": "Province", "commune": "Commune", "abolished": "Abolished", "unstated": "Not printed"}

_CENTRE_TO = (
    "provincial_committee",
    "provincial_chair",
    "provincial_departments",
    "commune_committee",
    "commune_chair",
)
_BOTH_TIERS = (("tasks_moved_from_district", "to_province"), ("tasks_moved_from_district", "to_commune"))

_SPLITS = {
    "procedures": (
        _Split(
            "centre",
            ("procedures_decentralised", ""),
            tuple(("procedures_decentralised", f"to_{recipient}") for recipient in _CENTRE_TO),
        ),
        _Split(
            "districts",
            ("procedures_moved_from_district", ""),
            (
                ("procedures_moved_from_district", "to_province"),
                ("procedures_moved_from_district", "to_commune"),
                ("procedures_abolished", "district"),
            ),
        ),
    ),
    "tasks": (
        _Split(
            "centre",
            ("tasks_delegated", "to_local"),
            (("tasks_delegated", "to_province"), ("tasks_delegated", "to_commune")),
        ),
        _Split("districts_education", ("tasks_moved_from_district", ""), _BOTH_TIERS, "min-giao-duc-va-dao-tao"),
        _Split("districts_home_affairs", ("tasks_moved_from_district", ""), _BOTH_TIERS, "min-noi-vu"),
    ),
}

# origin -> what a part of its total is said to be
PART_LABELS = {
    ("procedures", "centre"): "{n} of the {total} procedures that left the central government ({share:value}) went to "
    "the {tier}.",
    ("procedures", "districts"): "{n} of the {total} procedures of the former districts ({share:value}) went to the "
    "{tier}.",
    ("tasks", "centre"): "{n} of the {total} tasks given to local government ({share:value}) went to the {tier}.",
    (
        "tasks",
        "districts_education",
    ): "{n} of the {total} district tasks in education ({share:value}) went to the {tier}.",
    (
        "tasks",
        "districts_home_affairs",
    ): "{n} of the {total} district tasks in home affairs ({share:value}) went to the {tier}.",
}

LEVEL_LABELS = {"province": "provincial level", "commune": "commune level"}

UNKNOWN_LABELS = {
    "none": "Nothing on who received procedures or tasks had been published for this date by sources of this class.",
    "tier": "No part of the procedures or tasks is printed for this level, date and class of source.",
}


def recipients(
    figures: pd.DataFrame, listed: pd.DataFrame, *, unit: str = "procedures", recipient_level: str = "all"
) -> Answer:
    """Return where procedures or tasks came from and who received them (02.Q1).

    Parameters
    ----------
    figures
        Figures of the topic, with what was printed before July, in the classes of source asked for.
    listed
        The same in all classes of source: used for a split only where its parts add up to a total in ``figures``.
    unit
        ``procedures`` or ``tasks``.
    recipient_level
        ``all``, ``province`` or ``commune``: the level whose parts are shown.

    Notes
    -----
    A split that closes on a better printed total vouches for itself, so pages of a lower class are let in for the
    parts alone. Where the parts stop short of the total, the rest is shown as not printed and given to nobody.
    """
    everything = [row for split in _SPLITS[unit] for row in _split_rows(split, figures, listed)]
    if not everything:
        return not_known("02.Q1", UNKNOWN_LABELS["none"])
    table = pd.DataFrame([row for row in everything if recipient_level in ("all", row["level"])])
    if table.empty:
        return not_known("02.Q1", UNKNOWN_LABELS["tier"])
    return Answer(
        "02.Q1",
        table,
        sentences=(*_recipient_sentences(table, unit), *_unsplit(figures, pd.DataFrame(everything), unit)),
        key_numbers=tuple(_recipient_keys(table, unit)),
        caption="Who received what the centre and the districts gave up",
        columns={
            "origin": "Given up by",
            "recipient": "Received by",
            "tier": "Level",
            "estimate": "Number",
            "share": "Share of the origin",
        },
        units={"estimate": "count", "share": "share"},
        notes="As designed in June 2025: who decides, not who has since decided anything.",
        forms=(
            Form(
                "alluvial",
                title="From the centre and the districts to provinces and communes",
                options={"origin": "origin", "destination": "tier", "value": "estimate"},
            ),
        ),
    )


def _split_rows(split: _Split, figures: pd.DataFrame, listed: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the parts of one total, and what the parts leave of it."""
    totals = _series(figures, split.total, split.place_id)
    if not totals:
        return
    parts, total, is_borrowed = _parts(split, totals, figures, listed)
    whole = rest = total.bounds
    for part in parts.values():
        rest = rest - part.bounds
    # parts above their total have another definition, and nothing can be said of either
    if rest.high < 0:
        parts, rest = {}, whole
    for key, part in parts.items():
        row = _part_row(split, key, part.bounds, total, part.observations)
        yield row | {"is_borrowed": is_borrowed}
    if rest.low > 0:
        yield _part_row(split, ("", ""), rest, total, "") | {"is_borrowed": False}


def _parts(
    split: _Split, totals: dict[date, Point], figures: pd.DataFrame, listed: pd.DataFrame
) -> tuple[dict[tuple[str, str], Point], Point, bool]:
    """Return the latest printed parts, their total, and whether only a lower class of source prints them."""
    for is_borrowed, frame in ((False, figures), (True, listed)):
        series = {part: _series(frame, part, split.place_id) for part in split.parts}
        parts = {part: dated[max(dated)] for part, dated in series.items() if dated}
        total = _total_at(totals, [part.date for part in parts.values()])
        is_complete = len(parts) == len(split.parts)
        # only parts that add up exactly speak for a page of a lower class
        if is_complete and (not is_borrowed or sum(part.low for part in parts.values()) == total.low):
            return parts, total, is_borrowed
    return {}, totals[max(totals)], False


def _series(figures: pd.DataFrame, key: tuple[str, str], place_id: str) -> dict[date, Point]:
    """Return the bounds of one count by date."""
    return points_of(figures, key[0], breakdown=key[1], place_id=place_id)


def _total_at(totals: dict[date, Point], days: list[date]) -> Point:
    """Return the last total not after the parts; the last of all where there are no parts."""
    known = [day for day in totals if not days or day <= max(days)]
    return totals[max(known or totals)]


def _level(breakdown: str) -> str:
    if breakdown.startswith("to_"):
        return "province" if "provinc" in breakdown else "commune"
    return "abolished" if breakdown else "unstated"


def _part_row(split: _Split, key: tuple[str, str], part: Interval, total: Point, ids: str) -> dict[str, object]:
    """Return one part with its share of the total."""
    share = interval_ratio(part, total.bounds, part_of=True)
    middle = (part.low + part.high) / 2
    return {
        "origin": ORIGIN_LABELS[split.origin],
        "recipient": RECIPIENT_LABELS[key[1]],
        "tier": TIER_LABELS[_level(key[1])],
        "level": _level(key[1]),
        "key": split.origin,
        "total": total.estimate,
        "estimate": middle,
        "low": part.low,
        "high": part.high,
        "share": middle / total.estimate,
        "share_low": share.low,
        "share_high": share.high,
        "interval": "rounding",
        "observations": f"{ids} {total.observations}".strip(),
    }


def _by_tier(table: pd.DataFrame) -> pd.DataFrame:
    """Return the parts summed by origin and level, in their order."""
    sums = table.groupby(["key", "level"], sort=False)[["estimate", "low", "high"]].sum()
    totals = table.groupby("key", sort=False)["total"].first()
    return sums.reset_index().assign(total=lambda rows: rows["key"].map(totals))


def _recipient_sentences(table: pd.DataFrame, unit: str) -> Iterator[Sentence]:
    for row in _by_tier(table).itertuples():
        whole = Interval(row.total, row.total)
        share = interval_ratio(Interval(row.low, row.high), whole, part_of=True)
        values = {
            "n": Quantity(row.estimate, row.low, row.high),
            "total": row.total,
            "share": Quantity(row.estimate / row.total, share.low, share.high, "share"),
        }
        if row.level in LEVEL_LABELS:
            yield Sentence(PART_LABELS[unit, row.key], values | {"tier": LEVEL_LABELS[row.level]})
        elif row.level == "abolished":
            yield Sentence("{n} of the {total} district procedures ({share:value}) were abolished.", values)
        else:
            yield Sentence("For {n} of the {total} ({share:value}) no recipient is printed.", values)
    if table["is_borrowed"].any():
        yield Sentence(
            "Part of the split is printed only by sources of a lower class than asked for; it is shown because its "
            "parts add up exactly to the total that better sources print."
        )


def _unsplit(figures: pd.DataFrame, table: pd.DataFrame, unit: str) -> Iterator[Sentence]:
    """Yield what was added after the split was printed."""
    if unit != "procedures" or "centre" not in set(table["key"]):
        return
    split = table.loc[table["key"] == "centre", "total"].iloc[0]
    dated = _series(figures, ("procedures_decentralised", ""), "VN")
    last = dated[max(dated)]
    if last.low > split:
        added = Quantity(last.estimate - split, last.low - split, last.high - split)
        yield Sentence(
            "{added} more had been decentralised by {day}; who received them was not published.",
            {"added": added, "day": last.date},
        )


def _recipient_keys(table: pd.DataFrame, unit: str) -> Iterator[KeyNumber]:
    for row in _by_tier(table).itertuples():
        yield KeyNumber(f"{unit}_{row.key}_to_{row.level}", row.estimate, row.low, row.high, unit)
