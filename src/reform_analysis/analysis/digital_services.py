"""Notebook 04: how many dossiers, how many online, offered or used, on time.

*Dossier* is a request for an administrative procedure (hồ sơ). The two national counts, the Government Office's and
the Ministry of Home Affairs', cover different systems and are never joined.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import REFORM_DAY, boxes, by_date, period_starts, same_thing
from reform_analysis.statistics import decumulate

# national series -> (scope of its figures, name shown)
SERIES_LABELS = {
    "government_office": ("", "Government Office"),
    "home_affairs": ("home_affairs_series", "Ministry of Home Affairs"),
}


def volume(figures: pd.DataFrame, *, series: str = "both", rate_base: str = "calendar") -> Answer:
    """Return dossiers received a day between report dates, nationwide, by series (04.Q1).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    series
        ``both``, ``government_office`` or ``home_affairs``.
    rate_base
        ``calendar`` or ``working days``: what a day is.

    Notes
    -----
    Each report counts from 1 July, so a rate between two reports is a difference of rounded totals: its bounds come
    from one linear programme over all reports of the series (`statistics.decumulate`), never from subtracting
    rounded numbers.
    """
    chosen = [name for name in SERIES_LABELS if series in ("both", name)]
    parts = [part for name in chosen if len(part := _daily(figures, name, rate_base))]
    if not parts:
        return not_known("04.Q1", "No national count of dossiers had been published for this date.")
    table = pd.concat(parts, ignore_index=True)
    return Answer(
        "04.Q1",
        table,
        sentences=tuple(_volume_sentences(table)),
        key_numbers=tuple(_volume_keys(table)),
        caption="Dossiers received a day between report dates",
        columns={"series": "Series", "start": "From", "end": "To", "days": "Days", "estimate": "Dossiers a day"},
        units={"days": "days", "estimate": "count"},
        notes="Bounds come from the rounding of the printed totals. The two series cover different systems.",
        forms=(
            Form(
                "steps",
                "Dossiers received a day between report dates",
                {"x": "end", "start": "start", "series": "series", "y_label": "dossiers a day"},
            ),
        ),
    )


def _daily(figures: pd.DataFrame, name: str, rate_base: str) -> pd.DataFrame:
    """Return rates between the reports of one series."""
    scope, label = SERIES_LABELS[name]
    counts = same_thing(figures, "applications_received", scope=scope, place_id="VN")
    reports = by_date(counts[counts["period_start"] == pd.Timestamp(REFORM_DAY)])
    if reports.empty:
        return reports
    dates = list(reports["date"])
    day_count = "working" if rate_base == "working days" else "calendar"
    periods = decumulate(REFORM_DAY, dates, boxes(reports), day_count=day_count)
    low, high = np.transpose(periods.rate_per_day)
    shared = reports["observations"].shift(fill_value="")
    return pd.DataFrame(
        {
            "series": label,
            "start": period_starts(dates),
            "end": dates,
            "days": periods.days,
            "estimate": (low + high) / 2,
            "low": low,
            "high": high,
            "interval": "rounding",
            "observations": (shared + " " + reports["observations"]).str.strip(),
        }
    )


def _volume_sentences(table: pd.DataFrame) -> list[Sentence]:
    sentences = [
        Sentence(
            "{series}: {rate} dossiers a day from {start} to {end}.",
            {
                "series": row.series,
                "rate": Quantity(row.estimate, row.low, row.high),
                "start": row.start,
                "end": row.end,
            },
        )
        for row in table.itertuples()
    ]
    if table["series"].nunique() > 1:
        sentences.append(
            Sentence("The two series count different systems: they are shown side by side and never joined.")
        )
    return sentences


def _volume_keys(table: pd.DataFrame) -> list[KeyNumber]:
    return [
        KeyNumber(
            f"dossiers_a_day_{row.series.lower().replace(' ', '_')}_to_{row.end}",
            row.estimate,
            row.low,
            row.high,
            "dossiers a day",
            tolerance=1e-6 * row.estimate,
            why="a linear programme's last digits differ between machines",
        )
        for row in table.itertuples()
    ]
