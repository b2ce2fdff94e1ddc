"""Notebook 05, accounts: which commune-level budget units, and which communes, can spend through the Treasury."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import same_thing, series_of
from reform_analysis.evidence.interval import Interval, interval_ratio, interval_share

# measure -> (breakdown of those done, breakdown of those left)
_MEASURES = {
    "accounts": ("with_account", "without_account"),
    "salaries": ("salaries_paid", "salaries_unpaid"),
}

MEASURE_LABELS = {"accounts": "Account opened", "salaries": "Salaries paid"}

UNIT_LABELS = {"units": "budget units", "communes": "communes"}

SHARE_LABELS = {
    "units_accounts": "{share} of budget units had an account on {day}.",
    "units_salaries": "{share} of budget units had paid salaries on {day}.",
    "communes_accounts": "{share} of communes had an account on {day}.",
    "communes_salaries": "{share} of communes had paid salaries on {day}.",
}

AXIS_LABELS = {"x_label": "share done"}

UNKNOWN_LABELS = {
    "accounts": "No count of treasury accounts or salaries in communes had been published for this date by sources of "
    "this class.",
}


def accounts(figures: pd.DataFrame, provinces: pd.DataFrame) -> Answer:
    """Return shares with a treasury account and with salaries paid, by what is counted (05.Q4).

    Parameters
    ----------
    figures
        Figures of the topic finance.
    provinces
        The register of provinces with their numbers of commune-level units (``n_units``).

    Notes
    -----
    A share follows from counts done and left as a / (a + b). A printed share is set beside it and not used to sharpen
    it, so that a contradiction shows.
    """
    total = int(provinces["n_units"].sum())
    table = pd.DataFrame([*_unit_rows(figures), *_commune_rows(figures, total)])
    if table.empty:
        return not_known("05.Q4", UNKNOWN_LABELS["accounts"])
    table = table.sort_values(["date", "unit_name", "measure"], kind="stable", ignore_index=True)
    table["is_latest"] = table["date"] == table.groupby("code")["date"].transform("max")
    return Answer(
        "05.Q4",
        table,
        sentences=(*_share_sentences(table), *_contradictions(table), *_per_commune(table, total)),
        key_numbers=tuple(_account_keys(table)),
        caption="Treasury accounts and salaries at commune level",
        columns={
            "date": "Date",
            "unit_name": "What is counted",
            "measure": "Measure",
            "estimate": "Share, from counts",
            "printed": "Share, as printed",
            "left": "Units left",
        },
        units={"estimate": "share", "printed": "share", "left": "count"},
        notes="A commune has many budget units: headlines that call them communes mix two counts.",
        forms=(
            Form(
                "interval_dots",
                title="Shares with an account and with salaries paid",
                options={
                    "label": "measure",
                    "by": "unit_name",
                    "x": "drawn",
                    "low": "drawn_low",
                    "high": "drawn_high",
                    "unit": "share",
                    **AXIS_LABELS,
                },
                rows="is_latest",
            ),
        ),
    )


def _unit_rows(figures: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the budget units' shares, by measure and date."""
    for measure, parts in _MEASURES.items():
        done, left = (series_of(figures, "budget_units", breakdown=part, place_id="VN") for part in parts)
        printed = _printed(figures, "budget_units_share", breakdown=parts[0])
        both = done.merge(left, on="date", how="outer", suffixes=("", "_left"))
        for value in both.merge(printed, on="date", how="outer", suffixes=("", "_printed")).to_dict("records"):
            share = interval_share(
                Interval(value["low"], value["high"]), Interval(value["low_left"], value["high_left"])
            )
            middle = value["estimate"] / (value["estimate"] + value["estimate_left"])
            yield _row("units", measure, value, (middle, share.low, share.high))


def _commune_rows(figures: pd.DataFrame, total: int) -> Iterator[dict[str, object]]:
    """Yield the communes' shares, by measure and date: those left are printed, the register gives the whole."""
    shares = _printed(figures, "communes_with_accounts_share")
    for measure, (_, left_part) in _MEASURES.items():
        left = series_of(figures, "communes_accounts", breakdown=left_part, place_id="VN")
        printed = shares if measure == "accounts" else shares.head(0)
        merged = left.merge(printed, on="date", how="outer", suffixes=("_left", "_printed"))
        for value in merged.to_dict("records"):
            share = interval_ratio(
                Interval(value["low_left"], value["high_left"]), Interval(total, total), part_of=True
            )
            yield _row("communes", measure, value, (1 - value["estimate_left"] / total, 1 - share.high, 1 - share.low))


def _printed(figures: pd.DataFrame, indicator: str, *, breakdown: str = "") -> pd.DataFrame:
    """Return printed shares by date, at the number printed: the middle of the bounds of 100 % is below it."""
    shares = same_thing(figures, indicator, breakdown=breakdown, place_id="VN")
    values = shares.groupby(shares["period_end"].dt.date)["value"].median()
    rows = series_of(shares, indicator, breakdown=breakdown)
    return rows.assign(estimate=rows["date"].map(values))


def _row(unit: str, measure: str, value: dict[str, Any], share: tuple[float, float, float]) -> dict[str, object]:
    """Return one row: the share from counts, the share printed, and which of the two a figure draws."""
    printed = tuple(value[f"{name}_printed"] / 100 for name in ("estimate", "low", "high"))
    drawn = printed if np.isnan(share[0]) else share
    ids = [value.get(f"observations{suffix}") for suffix in ("", "_left", "_printed")]
    return {
        "date": value["date"],
        "unit_name": UNIT_LABELS[unit],
        "measure": MEASURE_LABELS[measure],
        "code": f"{unit}_{measure}",
        "whole": value.get("estimate", np.nan) + value["estimate_left"],
        "left": value["estimate_left"],
        **dict(zip(("estimate", "low", "high"), share, strict=True)),
        **dict(zip(("printed", "printed_low", "printed_high"), printed, strict=True)),
        **dict(zip(("drawn", "drawn_low", "drawn_high"), drawn, strict=True)),
        "interval": "rounding",
        "observations": " ".join(text for text in ids if isinstance(text, str)),
    }


def _share_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the latest share of each measure and unit."""
    for row in table[table["is_latest"]].itertuples():
        share = Quantity(row.drawn, row.drawn_low, row.drawn_high, "share")
        yield Sentence(SHARE_LABELS[row.code], {"share": share, "day": row.date})


def _contradictions(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the printed shares that the printed counts exclude."""
    apart = (table["printed_low"] > table["high"]) | (table["printed_high"] < table["low"])
    for row in table[apart].itertuples():
        values = {
            "measure": row.measure,
            "day": row.date,
            "share": Quantity(row.estimate, row.low, row.high, "share"),
            "printed": Quantity(row.printed, row.printed_low, row.printed_high, "share"),
        }
        yield Sentence("{measure}, {day}: {printed} is printed, but the printed counts give {share}.", values)


def _per_commune(table: pd.DataFrame, total: int) -> Iterator[Sentence]:
    """Yield how many budget units a commune has."""
    units = table[(table["code"] == "units_accounts") & table["whole"].notna()]
    for row in units.tail(1).itertuples():
        ratio = row.whole / total
        values = {"ratio": Quantity(ratio, ratio, ratio, "ratio"), "whole": row.whole}
        yield Sentence("There are {ratio} budget units a commune ({whole} in all).", values)


def _account_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for row in table[table["is_latest"]].itertuples():
        yield KeyNumber(f"share_{row.code}", row.drawn, row.drawn_low, row.drawn_high, "share")
