"""Notebook 01, where it is dark, for one place: the core indicators of which it has a figure."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, Sentence, not_known
from reform_analysis.analysis.audit_rows import TOPIC_LABELS
from reform_analysis.analysis.chosen_place import Chosen
from reform_analysis.analysis.place_known import measurements

STRIP_LABELS = {"title": "Core indicators of which a figure was published"}
DARK_LABELS = {
    "topic": "No core indicator belongs to this topic.",
    "place": "For this date, topic and class of sources no core indicator of {place} was published; of {n} provinces "
    "at least one was.",
    "all": "For this date, topic and class of sources no core indicator of any province was published.",
}


def place_coverage(
    core: pd.DataFrame,
    figures: pd.DataFrame,
    chosen: Chosen,
    register: pd.DataFrame,
    names: pd.Series,
    codes: dict[str, str],
    seen: int,
) -> Answer:
    """Return which core indicators of one place have a figure, and how many of its communes are named (01.Q6).

    Parameters
    ----------
    core, figures
        Published figures of the core indicators, and all.
    chosen
        The place.
    register
        All places.
    names
        Words for each indicator.
    codes
        The core indicators, and the topic of each.
    seen
        How many provinces have a figure of a core indicator.
    """
    own = core[core["place_id"] == chosen.place_id]
    if own.empty:
        return not_known("01.Q6", DARK_LABELS["place"], place=chosen.name, n=seen)
    ids = own.groupby("indicator")["observation_id"].agg(" ".join)
    counts = own["indicator"].value_counts()
    table = pd.DataFrame(
        {
            "indicator": [names[code] for code in codes],
            "topic": [TOPIC_LABELS[name] for name in codes.values()],
            "n": [int(counts.get(code, 0)) for code in codes],
            "is_known": [code in counts for code in codes],
            "observations": [ids.get(code, "") for code in codes],
        }
    )
    return Answer(
        "01.Q6",
        table,
        sentences=tuple(_place_sentences(table, figures, chosen, register)),
        caption="Core indicators of the place and their figures",
        columns={"indicator": "Indicator", "topic": "Topic", "n": "Figures"},
        units={"n": "count"},
        notes="Figures of the place itself, of any scope. No figure found is not the same as nothing done.",
        forms=(
            Form("filled_strip", STRIP_LABELS["title"], {"label": "indicator", "filled": "is_known", "group": "topic"}),
        ),
    )


def _place_sentences(
    table: pd.DataFrame, figures: pd.DataFrame, chosen: Chosen, register: pd.DataFrame
) -> Iterator[Sentence]:
    yield Sentence(
        "{place}: {n} of {all} core indicators has a figure.||{place}: {n} of {all} core indicators have a figure.",
        {"n": int(table["is_known"].sum()), "all": len(table), "place": chosen.name},
    )
    if chosen.level == "province":
        communes = register[(register["level"] == "commune") & (register["province_id"] == chosen.place_id)]
        named = communes["place_id"].isin(measurements(figures)["place_id"]).sum()
        yield Sentence(
            "{n} of its {all} communes, wards and special zones is named with a figure.||"
            "{n} of its {all} communes, wards and special zones are named with a figure.",
            {"n": int(named), "all": len(communes)},
        )
