"""Notebook 04, payments: how many a dossier, and how much each."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.digital_rows import UNKNOWN_LABELS, ids_at, interval_at, national
from reform_analysis.analysis.series import REFORM_DAY
from reform_analysis.evidence.interval import interval_ratio

PAYMENT_LABELS = {"per_dossier": "Payments per online dossier", "value": "Value of a payment"}

AXIS_LABELS = {"value": {"x_label": "value of a payment"}}


def payments(figures: pd.DataFrame) -> Answer:
    """Return online payments per online dossier, and the value of a payment (04.Q7).

    Parameters
    ----------
    figures
        Figures of the topic, all places.

    Notes
    -----
    Both are quotients of two rounded figures of one report; "more than 3 million" is open above to the next million,
    so the ratios have wide bounds and no best guess is made inside them beyond the middle.
    """
    counts = national(figures, "online_payments_count", start=REFORM_DAY)
    values = national(figures, "online_payments_value", start=REFORM_DAY)
    dossiers = national(figures, "applications_received_online", scope="home_affairs_series", start=REFORM_DAY)
    days = set(counts) & set(values) & set(dossiers)
    if not days:
        return not_known("04.Q7", UNKNOWN_LABELS["payments"])
    day = max(days)
    paid, worth, lodged = (interval_at(series, day) for series in (counts, values, dossiers))
    per_dossier, value = interval_ratio(paid, lodged), interval_ratio(worth, paid)
    table = pd.DataFrame(
        {
            "what": [PAYMENT_LABELS["per_dossier"], PAYMENT_LABELS["value"]],
            "end": day,
            "estimate": [(part.low + part.high) / 2 for part in (per_dossier, value)],
            "low": [per_dossier.low, value.low],
            "high": [per_dossier.high, value.high],
            "unit": ["ratio", "VND"],
            "interval": "rounding",
            "observations": [ids_at((counts, dossiers), day), ids_at((values, counts), day)],
        }
    )
    return Answer(
        "04.Q7",
        table,
        sentences=tuple(_sentences(table)),
        key_numbers=tuple(
            KeyNumber(f"payments_{name}", row.estimate, row.low, row.high, row.unit)
            for name, row in zip(PAYMENT_LABELS, table.itertuples(), strict=True)
        ),
        caption="Online payments for dossiers since 1 July",
        columns={"what": "What", "end": "To", "estimate": "Average"},
        notes="Averages of totals. A dossier may need several payments or none.",
        forms=_forms(),
    )


def _forms() -> tuple[Form, ...]:
    return (
        Form(
            "range_bars",
            title="What an online payment was worth on average",
            options={"label": "what", "unit": "VND", **AXIS_LABELS["value"]},
            rows="unit == 'VND'",
        ),
    )


def _sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    ratio, value = (Quantity(row.estimate, row.low, row.high, row.unit) for row in table.itertuples())
    day = table["end"].iloc[0]
    yield Sentence(
        "To {day}, {ratio:bounds} payments were made online for each online dossier.", {"day": day, "ratio": ratio}
    )
    yield Sentence("A payment was worth {value:bounds} on average.", {"value": value})
    yield Sentence("Both rest on one report of one ministry; no second report was found to check them.")
