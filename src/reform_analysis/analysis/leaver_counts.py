"""Notebook 03, the counts of people leaving: decided, left, granted, paid and unpaid, at each report.

A *step* is one of the counts that the press swaps. Only the Ministry of Home Affairs' counts since July make a series:
those of 30 June leave out police and army, and the Ministry of Finance counts otherwise.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from reform_analysis.analysis.bounded import middle
from reform_analysis.analysis.series import REFORM_DAY, by_date, same_thing, series_of
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


def reports_of(national: pd.DataFrame, step: str) -> pd.DataFrame:
    """Return the reports of one step; a printed rise also dates the count it starts from."""
    indicator, breakdown = COUNTS[step]
    rows = same_thing(national, indicator, breakdown=breakdown)
    # rounded retellings by others than the ministry are no report of the series
    reports = by_date(rows[rows["family"].str.startswith("moha-")])
    rises = national[(national["indicator"] == indicator) & national["breakdown"].str.startswith("increase_since")]
    for rise in rises.itertuples():
        end = reports[reports["date"] == rise.period_end.date()]
        if len(end):
            since = interval_of(end.iloc[0]) - Interval(rise.low, rise.high)
            ids = f"{end.iloc[0]['observations']} {rise.observation_id}"
            reports = pd.concat([reports, _report(rise.period_start.date(), since, ids)], ignore_index=True)
    return reports.drop_duplicates("date").sort_values("date", ignore_index=True)


def interval_of(row: pd.Series) -> Interval:
    """Return the bounds of one report."""
    return Interval(float(row["low"]), float(row["high"]))


def _report(day: date, bounds: Interval, observations: str) -> pd.DataFrame:
    """Return one computed report as a row of a series."""
    values = [day, bounds.low, bounds.high, middle(bounds.low, bounds.high), False, observations]
    columns = ["date", "low", "high", "estimate", "is_conflict", "observations"]
    return pd.DataFrame([values], columns=columns)


def rising(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the reports that do not fall below an earlier one: a cumulative count cannot."""
    return reports[reports["high"] >= reports["low"].cummax()].reset_index(drop=True)


def unpaid(national: pd.DataFrame, counts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how many had a decision and no money, as printed or as decided less paid of one day."""
    printed = series_of(national, "benefits_unpaid_count").assign(origin="printed")
    both = counts["decided"].merge(counts["paid"], on="date", suffixes=("_decided", "_paid"))
    computed = [
        _report(
            row.date,
            Interval(row.low_decided, row.high_decided) - Interval(row.low_paid, row.high_paid),
            f"{row.observations_decided} {row.observations_paid}",
        ).assign(origin="computed")
        for row in both[~both["date"].isin(printed["date"])].itertuples()
    ]
    return pd.concat([printed, *computed], ignore_index=True).sort_values("date", ignore_index=True)
