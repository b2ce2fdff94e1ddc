"""Notebook 05, money: what was proposed and allocated, and whether the stages add up."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.decentralisation_lists import is_dated
from reform_analysis.analysis.series import Point, points_of
from reform_analysis.evidence.interval import Interval

PURPOSE_LABELS = {
    "infrastructure_support": "Offices and equipment",
    "leave_budget_allocated": "Leave benefits",
}

# (indicator, breakdown) -> what the sum is said to be
STATUS_LABELS = {
    ("infrastructure_support", "all+proposed"): "All, proposed",
    ("infrastructure_support", "phase_1+proposed"): "Part for 27 provinces, proposed",
    ("infrastructure_support", "phase_1"): "Part for 27 provinces, printed as allocated",
    ("infrastructure_support", "phase_2"): "Second phase, allocated",
    ("infrastructure_support", "all+cumulative"): "All, allocated so far",
    ("leave_budget_allocated", "proposed"): "Proposed",
    ("leave_budget_allocated", ""): "Allocated",
}

# first sum, what was added, and the later sum that the two should give
_IDENTITY = ("all+proposed", "phase_2", "all+cumulative")

AXIS_LABELS = {"x_label": "central budget"}

UNKNOWN_LABELS = {
    "money": "No sum of the central budget for the reform had been published for this date by sources of this class.",
}


def money(figures: pd.DataFrame) -> Answer:
    """Return the central budget's sums for the reform by status, and whether the stages add up (05.Q5).

    Parameters
    ----------
    figures
        Figures of the topic finance.

    Notes
    -----
    A sum proposed, a sum allocated and a running total are different things under one headline; only sums of one
    purpose and status are compared, and stages are added as intervals of their roundings.
    """
    table = _sums(figures[is_dated(figures)])
    if table.empty:
        return not_known("05.Q5", UNKNOWN_LABELS["money"])
    return Answer(
        "05.Q5",
        table,
        sentences=(*_latest(table), *_stages(table), *_two_statuses(table), *_leave(table)),
        key_numbers=tuple(_money_keys(table)),
        caption="Central budget for the reform, by purpose and status",
        columns={"purpose": "Purpose", "status": "Status", "date": "Date", "estimate": "Sum"},
        units={"estimate": "VND"},
        notes="Proposed, allocated and spent are three things; nothing is printed on spending or on single provinces.",
        forms=tuple(_money_forms(table)),
    )


def by_report(figures: pd.DataFrame, indicator: str, *, breakdown: str = "") -> pd.DataFrame:
    """Return a national `series_of`; where a bound is open ("more than", read widely) its printed end stands."""
    dated = points_of(figures, indicator, breakdown=breakdown, place_id="VN").values()
    ends = [point if math.isfinite(point.high) else point._replace(estimate=point.low) for point in dated]
    return pd.DataFrame(ends, columns=Point._fields)


def _sums(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the national sums, one a status and date."""
    parts = []
    for (indicator, breakdown), status in STATUS_LABELS.items():
        rows = by_report(figures, indicator, breakdown=breakdown)
        purpose = PURPOSE_LABELS[indicator]
        parts.append(rows.assign(purpose=purpose, status=status, indicator=indicator, breakdown=breakdown))
    table = pd.concat(parts, ignore_index=True).sort_values(["indicator", "date"], kind="stable", ignore_index=True)
    return table.assign(interval="rounding", is_total=table["breakdown"] != "phase_2")


def _money_forms(table: pd.DataFrame) -> Iterator[Form]:
    options = {
        "label": "status",
        "by": "purpose",
        "unit": "VND",
        "sort": False,
        "values": False,
        "from_zero": True,
        **AXIS_LABELS,
    }
    yield Form("interval_dots", title="Central budget for the reform, by purpose and status", options=options)
    if _steps(table) is not None:
        yield Form(
            "waterfall",
            title="Offices and equipment: from the first sum to the running total",
            options={"label": "status", "total": "is_total", "x": "estimate", "unit": "VND"},
            rows=f"breakdown in {_IDENTITY}",
        )


def _steps(table: pd.DataFrame) -> list[pd.Series] | None:
    """Return the three sums that should close, where all are known."""
    found = [table[table["breakdown"] == breakdown] for breakdown in _IDENTITY]
    return [rows.iloc[-1] for rows in found] if all(len(rows) for rows in found) else None


def _quantity(row: pd.Series) -> Quantity:
    return Quantity(row["estimate"], row["low"], row["high"], "VND")


def _interval(row: pd.Series) -> Interval:
    return Interval(row["low"], row["high"])


def _latest(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the last sum printed for each purpose."""
    for purpose, rows in table.groupby("purpose", sort=False):
        last = rows.loc[rows["date"].idxmax()]
        values = {"purpose": purpose, "sum": _quantity(last), "status": last["status"], "day": last["date"]}
        yield Sentence("{purpose}: {sum} on {day} ({status}).", values)


def _stages(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield whether the first sum and the second phase give the running total."""
    steps = _steps(table)
    if steps is None:
        return
    first, added, total = steps
    together = _interval(first) + _interval(added)
    values = {
        "sum": Quantity(first["estimate"] + added["estimate"], together.low, together.high, "VND"),
        "total": _quantity(total),
        "day": total["date"],
    }
    if together.overlaps(_interval(total)):
        yield Sentence(
            "The first sum and the second phase give {sum}; {total} is printed for {day}: they agree.", values
        )
    else:
        yield Sentence("The first sum and the second phase give {sum}, not the {total} printed for {day}.", values)


def _two_statuses(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield that a part printed as allocated is elsewhere a part of what was proposed."""
    allocated = table[table["breakdown"] == "phase_1"]
    proposed = table[table["breakdown"].isin(["all+proposed", "phase_1+proposed"])]
    if len(allocated) and len(proposed):
        yield Sentence(
            "{part} printed as allocated on {day} is elsewhere a part of what was proposed: it must not be read as "
            "money spent.",
            {"part": _quantity(allocated.iloc[-1]), "day": allocated.iloc[-1]["date"]},
        )


def _leave(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how far the sums for leave benefits lie apart."""
    rows = table[table["indicator"] == "leave_budget_allocated"]
    if len(rows) > 1:
        low, high = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
        yield Sentence(
            "{n} sums for leave benefits run from {low:value} to {high:value}; they differ in status and in who pays.",
            {"n": len(rows), "low": _quantity(low), "high": _quantity(high)},
        )


def _money_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for (indicator, breakdown), rows in table.groupby(["indicator", "breakdown"], sort=False):
        last = rows.iloc[-1]
        name = "_".join(filter(None, (str(indicator), str(breakdown).replace("+", "_"))))
        yield KeyNumber(name, last["estimate"], last["low"], last["high"], "VND")
