"""Notebook 03, people who left the service: how fast decisions and payments came.

A *step* is one of the four counts that the press swaps: people with a decision to leave, people who left, people
whose money was granted, people paid. All count from before July; a rate here lies between two reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.bounded import middle
from reform_analysis.analysis.leaver_counts import COUNTS, home_affairs, reports_of, rising, unpaid
from reform_analysis.analysis.series import Point
from reform_analysis.statistics import decumulate

STEP_LABELS = {
    "decided": "Decided to leave",
    "left": "Left",
    "funded": "Money granted",
    "paid": "Paid",
    "unpaid": "Fewer unpaid",
}

ORIGIN_LABELS = {"printed": "printed", "computed": "decided less paid"}

# deadlines drawn: directive -> step whose figure shows it, and its name there
DEADLINE_LABELS = {
    "6383-bnv-tcbc.01": "all cases to be settled",
    "303-nq-cp.02": "to be paid (Government)",
    "195-kl-tw.01": "to be paid (Politburo)",
}
_DEADLINES = {
    "decisions": ("6383-bnv-tcbc.01",),
    "payments": ("303-nq-cp.02", "195-kl-tw.01"),
}
_DRAWN = {"decisions": ("Decided to leave", "Left", "Money granted"), "payments": ("Paid", "Fewer unpaid")}
_TITLES_LABELS = {
    "decisions": "People leaving a day, between reports",
    "payments": "People paid a day, between reports",
}
AXIS_LABELS = ("people a day",)

UNKNOWN_LABELS = {
    "nothing": "No comparable count of people leaving the service had been published for this date.",
    "one_report": "Only one comparable report of people leaving the service had been published for this date, that of "
    "{day}; a rate needs two.",
}

_RATE_COLUMNS = [
    *("start", "end", "days", "change", "change_low", "change_high"),
    *("total", "total_low", "total_high", "origin", "observations"),
]


def departures(figures: pd.DataFrame, *, directives: pd.DataFrame, pipeline_step: str = "all") -> Answer:
    """Return how many people a day decided, left, were granted money and were paid, between reports (03.Q1).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    directives
        Deadlines known at the date, with ``directive_id`` and ``due``.
    pipeline_step
        ``all``, ``decided``, ``left``, ``funded`` or ``paid`` (with those still unpaid).

    Notes
    -----
    Only counts of the Ministry of Home Affairs since 1 July are used: those of 30 June leave out police and army, and
    the Ministry of Finance counts otherwise. Changes of a cumulative count are bounded by one linear programme over
    all its reports (`statistics.decumulate`); the unpaid are a stock, which may also rise.
    """
    national = home_affairs(figures)
    counts = {step: reports_of(national, step) for step in COUNTS}
    wanted = [step for step in STEP_LABELS if pipeline_step in ("all", step)]
    if pipeline_step == "paid":
        wanted.append("unpaid")
    parts = [_rates(counts[step], step) for step in wanted if step in counts]
    if "unpaid" in wanted:
        parts.append(_unpaid_rates(national, counts))
    table = pd.concat(parts, ignore_index=True)
    if table.empty:
        return _no_rate([counts[step] for step in wanted if step in counts])
    fastest = [_fastest(part) for _, part in table.groupby("step", sort=False)]
    return Answer(
        "03.Q1",
        table,
        sentences=(*_pace_sentences(table), *_left_out(figures, counts, wanted)),
        key_numbers=tuple(_pace_key(row) for row in fastest),
        caption="People a day between reports",
        columns={
            "step": "Step",
            "start": "From",
            "end": "To",
            "days": "Length",
            "total": "People at the end",
            "change": "Change",
            "estimate": "People a day",
            "origin": "Basis",
        },
        units={"days": "days", "total": "count", "change": "count", "estimate": "count"},
        notes="Report dates, not the days on which a decision was signed or money was handed over. Fewer unpaid: fall "
        "of the number who have a decision and no money yet; negative where it rose.",
        forms=tuple(_pace_forms(table, directives)),
    )


def _no_rate(counts: list[dict[date, Point]]) -> Answer:
    """Say that no rate is known, and of which day a count is."""
    days = [day for reports in counts for day in reports]
    if not days:
        return not_known("03.Q1", UNKNOWN_LABELS["nothing"])
    return not_known("03.Q1", UNKNOWN_LABELS["one_report"], day=max(days))


def _rates(reports: dict[date, Point], step: str) -> pd.DataFrame:
    """Return the changes of one cumulative count between its reports."""
    series = rising(reports)
    if len(series) < 2:
        return _as_rates([], step)
    # the first report only opens the series: its count began at an unprinted date
    dates = [report.date for report in series]
    periods = decumulate(dates[0], dates, [[report.low, report.high] for report in series])
    rows = [
        (
            *(before.date, report.date, days, *_middle(*total)),
            *(*_middle(report.low, report.high), "printed", _joined(before.observations, report.observations)),
        )
        for before, report, days, total in zip(
            series[:-1], series[1:], periods.days[1:], periods.period_total[1:], strict=True
        )
    ]
    return _as_rates(rows, step)


def _joined(*observations: str) -> str:
    """Return ids once each, joined by spaces."""
    return " ".join(dict.fromkeys(" ".join(observations).split()))


def _middle(low: float, high: float) -> tuple[float, float, float]:
    return middle(low, high), low, high


def _as_rates(rows: Sequence[tuple[object, ...]], step: str) -> pd.DataFrame:
    """Return changes as rates a day, with the columns of the answer."""
    frame = pd.DataFrame(rows, columns=_RATE_COLUMNS)
    rates = {
        name: frame[column].astype(float) / frame["days"].astype(float)
        for name, column in (("estimate", "change"), ("low", "change_low"), ("high", "change_high"))
    }
    named = frame.assign(step=STEP_LABELS[step], interval="rounding", **rates)
    return named.assign(origin=frame["origin"].map(ORIGIN_LABELS))


def _unpaid_rates(national: pd.DataFrame, counts: dict[str, dict[date, Point]]) -> pd.DataFrame:
    """Return the falls of the number unpaid; the reports are independent, so their difference is sharp."""
    rows: list[tuple[object, ...]] = []
    for (first, origin), (last, other) in pairwise(unpaid(national, counts)):
        fall = first.bounds - last.bounds
        days = (last.date - first.date).days
        ids = _joined(first.observations, last.observations)
        left = _middle(last.low, last.high)
        origins = "computed" if "computed" in (origin, other) else "printed"
        rows.append((first.date, last.date, days, *_middle(fall.low, fall.high), *left, origins, ids))
    return _as_rates(rows, "unpaid")


def _fastest(part: pd.DataFrame) -> pd.Series:
    """Return the interval with the greatest rate; where a bound is open, the other one speaks for it."""
    return part.loc[part["estimate"].fillna(part["low"]).idxmax()]


def _rate(row: pd.Series) -> Quantity:
    return Quantity(row["estimate"], row["low"], row["high"])


PACE_LABELS = {
    "Decided to leave": "The number of people with a decision to leave rose by {rate} a day from {start} to {end}.",
    "Left": "The number of people said to have left rose by {rate} a day from {start} to {end}.",
    "Money granted": "The number of people whose money was granted rose by {rate} a day from {start} to {end}.",
    "Paid": "The number of people paid rose by {rate} a day from {start} to {end}.",
    "Fewer unpaid": "The number still unpaid fell by {rate} a day from {start} to {end}.",
}


def _pace_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    for step, part in table.groupby("step", sort=False):
        fast = _fastest(part)
        yield Sentence(PACE_LABELS[str(step)], {"rate": _rate(fast), "start": fast["start"], "end": fast["end"]})
        if len(part) > 1:
            yield _around(part)
    waiting = table[table["step"] == STEP_LABELS["unpaid"]]
    if len(waiting):
        last = waiting.iloc[-1]
        yield Sentence(
            "On {day} {n} people with a decision were still unpaid.", {"n": _total(last), "day": last["end"]}
        )


def _around(part: pd.DataFrame) -> Sentence:
    """Say how fast the first and the last interval were beside the fastest, and whether it surely was."""
    first, last = part.iloc[0], part.iloc[-1]
    fast = _fastest(part)
    is_certain = (part["high"].drop(fast.name) <= fast["low"]).all()
    return Sentence(
        "No other interval between its reports was faster: {first} a day in the first, to {middle}, and {last} in the "
        "last, to {end}."
        if is_certain
        else "Another interval between its reports may have been as fast: {first} a day in the first, to {middle}, and "
        "{last} in the last, to {end}.",
        {"first": _rate(first), "middle": first["end"], "last": _rate(last), "end": last["end"]},
    )


def _total(row: pd.Series) -> Quantity:
    return Quantity(row["total"], row["total_low"], row["total_high"])


def _left_out(figures: pd.DataFrame, counts: dict[str, dict[date, Point]], wanted: list[str]) -> Iterator[Sentence]:
    """Say which counts no rate rests on, and why."""
    for step in wanted:
        reports = counts.get(step, {})
        for only in reports.values() if len(reports) == 1 else ():
            yield Sentence(
                "{step}: one comparable report only, {n} people on {day}; no rate follows from it.",
                {"step": STEP_LABELS[step], "n": Quantity(only.estimate, only.low, only.high), "day": only.date},
            )
        for day in sorted(set(reports) - {report.date for report in rising(reports)}):
            yield Sentence(
                "{step}: the count of {day} is lower than the one before, which a cumulative count cannot be; it is "
                "left out.",
                {"step": STEP_LABELS[step], "day": day},
            )
    codes = [COUNTS[step][0] for step in wanted if step in COUNTS]
    disputed = figures["indicator"].isin(codes) & (figures["status"] == "disputed") & (figures["place_id"] == "VN")
    if disputed.any():
        yield Sentence(
            "{n} count is left out: its words name another step than the report behind it.||{n} counts are left out: "
            "their words name another step than the report behind them.",
            {"n": int(disputed.sum())},
        )


def _pace_key(row: pd.Series) -> KeyNumber:
    step = next(key for key, words in STEP_LABELS.items() if words == row["step"])
    why = "a linear programme's last digits differ between machines"
    tolerance = 1e-6 * abs(row["estimate"])
    return KeyNumber(f"fastest_{step}_a_day", row["estimate"], row["low"], row["high"], "people a day", tolerance, why)


def _pace_forms(table: pd.DataFrame, directives: pd.DataFrame) -> Iterator[Form]:
    for panel, steps in _DRAWN.items():
        # a rate without an upper bound has no middle, and a scale that shows it would show nothing else
        rows = table[table["step"].isin(steps) & table["estimate"].notna()]
        if rows.empty:
            continue
        due = directives[directives["directive_id"].isin(_DEADLINES[panel])]
        inside = due[
            (due["due"] >= pd.Timestamp(rows["start"].min())) & (due["due"] <= pd.Timestamp(rows["end"].max()))
        ]
        marks = {DEADLINE_LABELS[row.directive_id]: row.due.date().isoformat() for row in inside.itertuples()}
        options: dict[str, object] = {
            "x": "end",
            "start": "start",
            "series": "step",
            "y_label": AXIS_LABELS[0],
            "marks": marks,
        }
        if (rows["low"] < 0).any():
            options["from_zero"] = False
        yield Form("steps", _TITLES_LABELS[panel], options, rows=f"step in {list(steps)} and estimate == estimate")
