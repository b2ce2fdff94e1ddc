"""Notebook 03, the counts of people leaving: decided, left, granted, paid and unpaid, at each report.

A *step* is one of the counts that the press swaps. Only the Ministry of Home Affairs' counts since July make a series:
those of 30 June leave out police and army, and the Ministry of Finance counts otherwise.
"""

from __future__ import annotations

import math
from datetime import date

import pandas as pd

from reform_analysis.analysis.bounded import middle
from reform_analysis.analysis.series import REFORM_DAY, Point, points_of
from reform_analysis.evidence.interval import Interval

# step -> indicator and breakdown of its national count
COUNTS = {
    "decided": ("leave_decided", ""),
    "left": ("leave_left", ""),
    "funded": ("leave_funding", "approved"),
    "paid": ("benefits_paid_count", ""),
}


def home_affairs(figures: pd.DataFrame) -> pd.DataFrame:
    """Return undisputed national figures since the reform, those of the Ministry of Finance left out."""
    keep = (figures["place_id"] == "VN") & (figures["scope"] == "") & (figures["status"] != "disputed")
    keep &= (figures["period_end"] >= pd.Timestamp(REFORM_DAY)) & ~figures["family"].str.startswith("mof-")
    # a date guessed from context cannot bound a rate
    keep &= ~((figures["date_precision"] == "approximate") & figures["note"].fillna("").str.contains("undated"))
    return figures[keep]


def reports_of(national: pd.DataFrame, step: str) -> dict[date, Point]:
    """Return the reports of one step; a printed rise also dates the count it starts from."""
    indicator, breakdown = COUNTS[step]
    ours = national[national["indicator"] == indicator]
    # rounded retellings by others than the ministry are no report of the series
    reports = points_of(ours[ours["family"].str.startswith("moha-")], indicator, breakdown=breakdown)
    rises = ours[ours["breakdown"].str.startswith("increase_since")]
    found = dict(reports)
    for rise in rises.itertuples():
        end = reports.get(rise.period_end.date())
        if end is not None:
            since = end.bounds - Interval(rise.low, rise.high)
            day = rise.period_start.date()
            found.setdefault(day, _computed(day, since, f"{end.observations} {rise.observation_id}"))
    return dict(sorted(found.items()))


def _computed(day: date, bounds: Interval, observations: str) -> Point:
    """Return a report that follows from others."""
    estimate = middle(bounds.low, bounds.high)
    return Point(day, bounds.low, bounds.high, estimate, is_conflict=False, observations=observations)


def rising(reports: dict[date, Point]) -> list[Point]:
    """Return the reports that do not fall below an earlier one: a cumulative count cannot."""
    series, least = [], -math.inf
    for report in reports.values():
        least = max(least, report.low)
        if report.high >= least:
            series.append(report)
    return series


def unpaid(national: pd.DataFrame, counts: dict[str, dict[date, Point]]) -> list[tuple[Point, str]]:
    """Return how many had a decision and no money, as printed or as decided less paid of one day, and which of both."""
    stock = {day: (point, "printed") for day, point in points_of(national, "benefits_unpaid_count").items()}
    decided, paid = counts["decided"], counts["paid"]
    for day in decided:
        if day in paid and day not in stock:
            left = decided[day].bounds - paid[day].bounds
            ids = f"{decided[day].observations} {paid[day].observations}"
            stock[day] = _computed(day, left, ids), "computed"
    return [stock[day] for day in sorted(stock)]
