"""Notebook 04, volume: dossiers a day between reports, each national count by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.digital_rows import (
    UNKNOWN_LABELS,
    box,
    ids_at,
    interval_at,
    joined,
    last_of,
    lowest_classes,
    national,
    quantity,
)
from reform_analysis.analysis.series import REFORM_DAY, Point, period_starts
from reform_analysis.statistics import decumulate
from reform_analysis.statistics.cumulative import PeriodBounds

# national series -> (scope of its figures, name shown)
SERIES_LABELS = {
    "government_office": ("", "Government Office"),
    "home_affairs": ("home_affairs_series", "Ministry of Home Affairs"),
}

CHANNEL_LABELS = {"all": "All channels", "online": "Online"}

# how the last rate compares with the one before (`statistics.decumulate`)
CHANGE_LABELS = {
    "certain": "{series}: the last rate was higher than the one before, whatever the rounding.",
    "excluded": "{series}: the last rate was lower than the one before, whatever the rounding.",
    "not determined": "{series}: the rounding leaves open whether the last rate was higher than the one before.",
}


def volume(
    figures: pd.DataFrame,
    listed: pd.DataFrame,
    *,
    series: str = "both",
    rate_base: str = "calendar",
    tier: str = "all",
    one_per_reprint: bool = True,
) -> Answer:
    """Return dossiers received a day between report dates, nationwide, by series (04.Q1).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    listed
        The same with sources of the lowest class: read only for online counts at dates that ``figures`` has.
    series
        ``both``, ``government_office`` or ``home_affairs``.
    rate_base
        ``calendar`` or ``working days``: what a day is.
    tier
        ``all``, ``commune`` (dossiers of communes) or ``province`` (all less those of communes).
    one_per_reprint
        Whether figures that repeat one report count as one in the column of pages.

    Notes
    -----
    Each report counts from 1 July, so a rate between two reports is a difference of rounded totals: its bounds come
    from one linear programme over all reports of the series (`statistics.decumulate`), never from subtracting
    rounded numbers. The tier of provinces is printed nowhere; its totals are differences at one date, of two figures
    rounded apart, and enter the programme with those bounds.
    """
    chosen = [name for name in SERIES_LABELS if series in ("both", name)]
    counts = {name: _counts(figures, name, tier) for name in chosen}
    parts = [_rates(counts[name], name, rate_base) for name in chosen if len(counts[name])]
    if tier == "all":
        parts += [_online(figures, listed, name, rate_base) for name in chosen if len(counts[name])]
    parts = [part for part in parts if len(part)]
    if not parts:
        return not_known("04.Q1", UNKNOWN_LABELS["volume"])
    table = _with_sources(pd.concat(parts, ignore_index=True), listed, one_per_reprint)
    return Answer(
        "04.Q1",
        table,
        sentences=(*_sentences(table), *_joining(counts), *_online_joining(figures, listed, table)),
        key_numbers=tuple(_keys(table)),
        caption="Dossiers received a day between report dates",
        columns={
            "series": "Series",
            "channel": "Channel",
            "start": "From",
            "end": "To",
            "days": "Days",
            "estimate": "Dossiers a day",
            "pages": "Figures",
            "reliability": "Class",
        },
        units={"days": "days", "estimate": "count", "pages": "count"},
        notes="Bounds come from the rounding of the printed totals. The two series cover different systems. Figures: "
        "how many printed figures a row rests on. Class: the least reliable class of source among them.",
        forms=_forms(),
    )


def _forms() -> tuple[Form, ...]:
    return (
        Form(
            "steps",
            title="Dossiers received a day between report dates",
            options={"x": "end", "start": "start", "series": "series", "y_label": "dossiers a day"},
            rows="channel == 'All channels'",
        ),
    )


def _with_sources(table: pd.DataFrame, listed: pd.DataFrame, one_per_reprint: bool) -> pd.DataFrame:
    """Return the rates with the number of figures behind each, and the least reliable class among them."""
    groups = dict(zip(listed["observation_id"].tolist(), listed["reprint_group"].tolist(), strict=True))
    known = groups if one_per_reprint else {}
    return table.assign(
        pages=[len({known.get(one) or one for one in ids.split()}) for ids in table["observations"]],
        reliability=lowest_classes(listed, table["observations"]),
    )


def _counts(figures: pd.DataFrame, name: str, tier: str) -> dict[date, Point]:
    """Return the totals of one series and tier at each report."""
    scope, _ = SERIES_LABELS[name]
    whole = national(figures, "applications_received", scope=scope, start=REFORM_DAY)
    if tier == "all":
        return whole
    # only the Government Office's reports split the tiers
    communes = national(figures, "applications_received", scope="commune_tier", start=REFORM_DAY)
    if tier == "commune":
        return communes if name == "government_office" else {}
    rest = {}
    for day in [day for day in whole if day in communes and not scope]:
        part = whole[day].bounds - communes[day].bounds
        low, ids = max(part.low, 0.0), ids_at((whole, communes), day)
        rest[day] = Point(day, low, part.high, (low + part.high) / 2, is_conflict=False, observations=ids)
    return rest


def _rates(reports: dict[date, Point], name: str, rate_base: str) -> pd.DataFrame:
    """Return rates between the reports of one series, all channels."""
    totals = [[report.low, report.high] for report in reports.values()]
    periods = decumulate(REFORM_DAY, list(reports), totals, day_count=_day_count(rate_base))
    ids = [report.observations for report in reports.values()]
    return _frame(name, "all", list(reports), periods.rate_per_day, periods, ids)


def _day_count(rate_base: str) -> str:
    return "working" if rate_base == "working days" else "calendar"


def _frame(
    name: str, channel: str, dates: list[date], rates: np.ndarray, periods: PeriodBounds, observations: list[str]
) -> pd.DataFrame:
    """Return the rates of one series as rows; none where its figures contradict one another."""
    low, high = np.transpose(rates)
    before = ["", *observations[:-1]]
    table = pd.DataFrame(
        {
            "series": SERIES_LABELS[name][1],
            "channel": CHANNEL_LABELS[channel],
            "start": period_starts(dates),
            "end": dates,
            "days": periods.days,
            "estimate": (low + high) / 2,
            "low": low,
            "high": high,
            "interval": "rounding",
            "observations": [joined(*pair) for pair in zip(before, observations, strict=True)],
            "acceleration": periods.acceleration,
        }
    )
    return table[np.isfinite(table["estimate"])]


def _online(figures: pd.DataFrame, listed: pd.DataFrame, name: str, rate_base: str) -> pd.DataFrame:
    """Return rates of online dossiers of one series, from printed counts, shares and totals together."""
    scope, _ = SERIES_LABELS[name]
    totals = national(figures, "applications_received", scope=scope, start=REFORM_DAY)
    shares = national(figures, "online_share", scope=scope, start=REFORM_DAY)
    parts = national(figures, "applications_received_online", scope=scope, start=REFORM_DAY)
    if not parts:
        more = national(listed, "applications_received_online", scope=scope, start=REFORM_DAY)
        parts = {day: point for day, point in more.items() if day in totals}
    dates = sorted({*shares, *parts})
    if not dates:
        return pd.DataFrame()
    periods = decumulate(
        REFORM_DAY,
        dates,
        [box(interval_at(totals, day)) for day in dates],
        [box(interval_at(parts, day)) for day in dates],
        [box(interval_at(shares, day, scale=0.01)) for day in dates],
        day_count=_day_count(rate_base),
    )
    ids = [ids_at((totals, shares, parts), day) for day in dates]
    return _frame(name, "online", dates, periods.period_part / periods.days[:, None], periods, ids)


def _sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    everything = table[table["channel"] == CHANNEL_LABELS["all"]]
    for row in everything.itertuples():
        rate = Quantity(row.estimate, row.low, row.high)
        values = {"series": row.series, "rate": rate, "start": row.start, "end": row.end}
        yield Sentence("{series}: {rate} dossiers a day from {start} to {end}.", values)
    for name, rows in everything.groupby("series", sort=False):
        if len(rows) > 1:
            yield Sentence(CHANGE_LABELS[rows["acceleration"].iloc[-1]], {"series": name})


def _joining(counts: dict[str, dict[date, Point]]) -> Iterator[Sentence]:
    """Yield what joining the two series would need: the rate, and how long the earlier rate would take."""
    if set(counts) != set(SERIES_LABELS) or not all(counts.values()):
        return
    yield Sentence("The two series count different systems: they are shown side by side and never joined.")
    ministry = counts["home_affairs"][max(counts["home_affairs"])]
    later = [report for day, report in counts["government_office"].items() if day > ministry.date]
    if not later:
        return
    office = later[0]
    gap = office.bounds - ministry.bounds
    days = (office.date - ministry.date).days
    usual = gap / (ministry.bounds / ((ministry.date - REFORM_DAY).days + 1))
    if gap.low <= 0:
        return
    yield Sentence(
        "Joined, they would need {rate} dossiers a day between {first} and {second}; at the Ministry's own rate that "
        "many take {usual} days, not {days}.",
        {
            "rate": quantity(gap / days),
            "first": ministry.date,
            "second": office.date,
            "usual": quantity(usual),
            "days": days,
        },
    )


def _online_joining(figures: pd.DataFrame, listed: pd.DataFrame, table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield that two online counts, if joined, would outrun all dossiers."""
    done = last_of(national(figures, "applications_resolved", scope="online", start=REFORM_DAY))
    received = last_of(national(listed, "applications_received_online", start=REFORM_DAY))
    office = table[(table["series"] == SERIES_LABELS["government_office"][1]) & (table["channel"] == "All channels")]
    if done is None or received is None or office.empty or not done.date < received.date:
        return
    days = (received.date - done.date).days
    least = (received.low - done.high) / days
    last = office.iloc[-1]
    if last["end"] == received.date and least > last["high"] and last["days"] >= days:
        yield Sentence(
            "The online counts printed for {first} and {second}, if joined, would need at least {least} online "
            "dossiers a day, more than the {rate} of all channels: they count different things.",
            {
                "first": done.date,
                "second": received.date,
                "least": Quantity(least, least, least),
                "rate": Quantity(last["estimate"], last["low"], last["high"]),
            },
        )


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for row in table.itertuples():
        what = "online_dossiers" if row.channel == CHANNEL_LABELS["online"] else "dossiers"
        yield KeyNumber(
            f"{what}_a_day_{row.series.lower().replace(' ', '_')}_to_{row.end}",
            row.estimate,
            row.low,
            row.high,
            "dossiers a day",
            tolerance=1e-6 * row.estimate,
            why="a linear programme's last digits differ between machines",
        )
