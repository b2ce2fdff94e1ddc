"""Notebook 07, change: first and last figure of series that may be compared with themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.chosen_place import chosen_place
from reform_analysis.analysis.digital_rows import is_dated
from reform_analysis.analysis.series import points_of
from reform_analysis.evidence.interval import Interval

# series of one definition: (indicator, scope) -> words. Online shares of two systems are not among them.
_SERIES = {
    ("communes_without_vehicles", ""): "communes without a car",
    ("benefits_unpaid_count", ""): "leavers unpaid",
    ("benefits_paid_count", ""): "leavers paid",
    ("leave_decided", ""): "decisions to leave",
    ("procedures_decentralised", ""): "procedures decentralised",
    ("procedures_abolished", ""): "procedures abolished",
    ("decentralisation_decrees", ""): "decentralisation decrees",
    ("decentralisation_circulars", "central_tier"): "decentralisation circulars",
    ("provincial_systems_connected", ""): "provincial systems connected",
    ("service_centres", ""): "service centres",
    ("properties_surplus", ""): "surplus properties left",
    ("applications_received", ""): "dossiers since 1 July",
}
SERIES_LABELS = {f"{indicator} {scope}".strip(): words for (indicator, scope), words in _SERIES.items()}
TITLE_LABELS = {"slopes": "First and last figure of each series, each on its own scale"}
MOMENT_LABELS = {"first": "first", "last": "last"}
UNKNOWN_LABELS = {"none": "No series of {place} has two dated figures for this date and class of sources."}


def changes(history: pd.DataFrame, register: pd.DataFrame, *, place: str = "Việt Nam") -> Answer:
    """Return the first and last figure of each series with one definition (07.Q3).

    Parameters
    ----------
    history
        Published figures since before the reform, every value kept.
    register
        All places.
    place
        Whose series.

    Notes
    -----
    A pair is shown where indicator, scope and breakdown agree and the days differ. The difference is a change between
    two reports; nothing says what it came from, and a total can only rise.
    """
    ours = history[(history["place_id"] == chosen_place(place, register).place_id) & is_dated(history)]
    rows = [row for thing, words in _SERIES.items() for row in _pair(ours, thing, words)]
    if not rows:
        return not_known("07.Q3", UNKNOWN_LABELS["none"], place=place)
    table = pd.DataFrame(rows)
    return Answer(
        "07.Q3",
        table,
        sentences=(*_sentences(table), *_refused()),
        key_numbers=tuple(_keys(table)),
        caption="First and last figure of each series",
        columns={"series": "Series", "moment": "Report", "date": "To", "estimate": "Figure"},
        units={"estimate": "count"},
        notes="One indicator, scope and breakdown a series. A change between two reports, not an effect of anything.",
        forms=(
            Form(
                "slope",
                TITLE_LABELS["slopes"],
                {"label": "series", "x": "date", "panel": "series", "unit": "count"},
            ),
        ),
    )


def _pair(ours: pd.DataFrame, thing: tuple[str, str], words: str) -> list[dict[str, object]]:
    """Return the first and the last figure of a series; nothing where there is one."""
    dated = list(points_of(ours, thing[0], scope=thing[1]).values())
    if len(dated) < 2:
        return []
    return [
        {
            "key": thing[0],
            "series": words,
            "moment": moment,
            "date": point.date,
            "estimate": point.estimate,
            "low": point.low,
            "high": point.high,
            "observations": point.observations,
            "interval": "rounding",
        }
        for moment, point in zip(MOMENT_LABELS.values(), (dated[0], dated[-1]), strict=True)
    ]


def _between(first: dict, last: dict) -> Quantity:
    """Return the difference of a pair, with the bounds of both."""
    step = Interval(last["low"], last["high"]) - Interval(first["low"], first["high"])
    return Quantity((step.low + step.high) / 2, step.low, step.high)


def _pairs(table: pd.DataFrame) -> Iterator[tuple[dict, dict]]:
    """Yield the first and the last figure of each series."""
    rows = iter(table.to_dict("records"))
    return zip(rows, rows, strict=True)


def _sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    for first, last in _pairs(table):
        yield Sentence(
            "{series}: {first} to {start}, {last} to {end}; difference {step}.",
            {
                "series": first["series"],
                "first": Quantity(first["estimate"], first["low"], first["high"]),
                "last": Quantity(last["estimate"], last["low"], last["high"]),
                "start": first["date"],
                "end": last["date"],
                "step": _between(first, last),
            },
        )


def _refused() -> Iterator[Sentence]:
    """Yield what is left out although figures of two dates exist."""
    yield Sentence(
        "Online shares of two dates come from two systems and make no pair; nor do staff before and after July, "
        "because district staff moved in between."
    )


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for first, last in _pairs(table):
        step = _between(first, last)
        yield KeyNumber(f"change_{first['key']}", step.value, step.low, step.high, "difference of two reports")
