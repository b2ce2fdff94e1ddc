"""Notebook 02, ministries: which ones were named for keeping procedures central, and what they had to give up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.series import grouped_points, same_thing, series_of

AXIS_LABELS = {"x_label": "district procedures under review"}

MINISTRY_LABELS = {
    "min-cong-an": "Public Security",
    "min-cong-thuong": "Industry and Trade",
    "min-dan-toc-va-ton-giao": "Ethnic Minorities and Religions",
    "min-giao-duc-va-dao-tao": "Education and Training",
    "min-khoa-hoc-va-cong-nghe": "Science and Technology",
    "min-noi-vu": "Home Affairs",
    "min-nong-nghiep-va-moi-truong": "Agriculture and Environment",
    "min-quoc-phong": "National Defence",
    "min-tai-chinh": "Ministry of Finance",
    "min-thanh-tra-chinh-phu": "Government Inspectorate",
    "min-tu-phap": "Justice",
    "min-van-hoa-the-thao-va-du-lich": "Culture, Sports and Tourism",
    "min-xay-dung": "Construction",
    "min-y-te": "Health",
}

NAMED_LABELS = {True: "Named for keeping procedures central", False: "Not named"}

UNKNOWN_LABELS = {
    "holdouts": "No ministry's share of central procedures had been published for this date by sources of this class.",
}


def holdouts(figures: pd.DataFrame, provinces: pd.DataFrame) -> Answer:
    """Return which ministries were named for keeping procedures central, with their district procedures (02.Q6).

    Parameters
    ----------
    figures
        Figures of the topic, with what was printed before July.
    provinces
        The register of provinces: how many could report.

    Notes
    -----
    One threshold was printed for all ministries named, so each share has a lower bound and no upper one below 100 %.
    """
    named = same_thing(figures, "central_procedure_share")
    reviewed = same_thing(figures, "procedures_moved_from_district", breakdown="under_review")
    table = _ministries(named, reviewed[reviewed["place_id"] != "VN"])
    if table.empty:
        return not_known("02.Q6", UNKNOWN_LABELS["holdouts"])
    return Answer(
        "02.Q6",
        table,
        sentences=(*_holdout_sentences(table), *_reporting(figures, len(provinces))),
        key_numbers=tuple(_holdout_keys(table)),
        caption="Ministries: district procedures under review in May, and share of procedures kept central",
        columns={
            "ministry": "Ministry",
            "estimate": "District procedures under review",
            "share_of_all": "Share of all",
            "kept": "Procedures kept central",
            "named": "Named",
        },
        units={"estimate": "count", "share_of_all": "share", "kept": "share"},
        notes="Kept central: one threshold printed for all ministries named, so lower bounds only.",
        forms=(
            Form(
                "interval_dots",
                title="District procedures under review in May 2025, by ministry",
                options={"label": "ministry", "by": "named", "from_zero": True, **AXIS_LABELS},
                rows="estimate > 0",
            ),
        ),
    )


def _ministries(named: pd.DataFrame, reviewed: pd.DataFrame) -> pd.DataFrame:
    """Return one row a ministry, those with most district procedures first."""
    counts = {place: dated[max(dated)] for (place,), dated in grouped_points(reviewed, "place_id").items() if dated}
    kept: dict[str, list[tuple[float, str]]] = {}
    for place, low, identifier in zip(named["place_id"], named["low"], named["observation_id"], strict=True):
        kept.setdefault(place, []).append((low, identifier))
    rows = []
    for place in sorted({*named["place_id"], *reviewed["place_id"]}):
        own, prints = counts.get(place), kept.get(place, [])
        rows.append(
            {
                "ministry": MINISTRY_LABELS[place],
                "estimate": np.nan if own is None else own.estimate,
                "low": np.nan if own is None else own.low,
                "high": np.nan if own is None else own.high,
                "kept": np.nan,
                "kept_low": max(low for low, _ in prints) / 100 if prints else np.nan,
                "kept_high": 1.0 if prints else np.nan,
                "is_named": bool(prints),
                "named": NAMED_LABELS[bool(prints)],
                "interval": "rounding",
                "observations": " ".join([*(one for _, one in prints), *([own.observations] if own else [])]),
            }
        )
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows).sort_values("estimate", ascending=False, kind="stable", ignore_index=True)
    return table.assign(share_of_all=table["estimate"] / table["estimate"].sum())


def _holdout_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    named = table[table["is_named"]]
    if len(named):
        floor = named["kept_low"].min()
        yield Sentence(
            "{n} ministry is named as keeping more than {share} of its procedures central.||"
            "{n} ministries are named as keeping more than {share} of their procedures central.",
            {"n": len(named), "share": Quantity(floor, floor, floor, "share")},
        )
    if table["estimate"].notna().any():
        whole, top = table["estimate"].sum(), table["estimate"].head(3).sum()
        share = Quantity(top / whole, top / whole, top / whole, "share")
        yield Sentence(
            "Three of {n} bodies held {share} of the {whole} district procedures under review in May.",
            {"n": int(table["estimate"].notna().sum()), "share": share, "whole": whole},
        )
        held = table.loc[table["is_named"], "estimate"].sum()
        if len(named):
            part = Quantity(held / whole, held / whole, held / whole, "share")
            yield Sentence("The ministries named held {part} of them.", {"part": part})


def _reporting(figures: pd.DataFrame, n_provinces: int) -> Iterator[Sentence]:
    """Yield how many provinces had reported on decentralisation."""
    rows = series_of(figures, "bodies_reporting", scope="local_tier", breakdown="provinces_on_decentralisation")
    for row in rows.tail(1).itertuples():
        yield Sentence(
            "{n} of {all} provinces had reported on decentralisation by {day}.",
            {"n": row.estimate, "all": n_provinces, "day": row.date},
        )


def _holdout_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    named = int(table["is_named"].sum())
    yield KeyNumber("ministries_named", named, named, named, "ministries")
    if table["estimate"].notna().any():
        share = table["estimate"].head(3).sum() / table["estimate"].sum()
        yield KeyNumber("share_of_top_three_ministries", share, share, share, "share")
