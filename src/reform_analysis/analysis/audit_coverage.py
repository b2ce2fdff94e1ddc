"""Notebook 01, where it is dark: core indicators of provinces without a figure, communes that nobody names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.audit_place import DARK_LABELS, place_coverage
from reform_analysis.analysis.audit_rows import (
    TOPIC_LABELS,
    exactly,
    narrowed,
)
from reform_analysis.analysis.chosen_place import CORE_CODES, chosen_place
from reform_analysis.analysis.place_known import measurements, words_of
from reform_analysis.statistics import proportion_ratio_ci, spearman
from reform_analysis.statistics.permutation import Correlation

MAP_LABELS = {
    "title": "Core indicators of each province of which a figure was published",
    "value_label": "core indicators",
}


def coverage(
    figures: pd.DataFrame,
    listed: pd.DataFrame,
    register: pd.DataFrame,
    provinces: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    topic: str = "all",
    level: float = 0.95,
    seed: int = 20251031,
    language: str = "en",
) -> Answer:
    """Return which core indicators of which provinces have a figure, and which communes are named (01.Q6).

    Parameters
    ----------
    figures, listed
        Published figures, and those of every class of source.
    register, provinces, codebook
        All places, the provinces with population and numbers of units, and the indicators.
    place
        ``Việt Nam`` for the table of provinces; for another place, its own indicators.
    topic
        Whose core indicators.
    level, seed
        Of the interval of the ratio, and of the permutations.
    language
        Which labels of the codebook are shown.

    Notes
    -----
    That wards are named more often is told by a ratio of proportions with a score interval (Koopman), as if naming
    were a chance process: the communes are no sample. Whether larger provinces have more pages is told by a rank
    correlation with a permutation p-value, not by a count model, because a tenth of the population is uncertain and
    many provinces share few pages; ranks survive both.
    """
    codes = core_codes(topic)
    if not codes:
        return not_known("01.Q6", DARK_LABELS["topic"])
    chosen = chosen_place(place, register)
    core = _core(figures, codes)
    seen = core.loc[core["geo_level"] == "province", "place_id"].nunique()
    if not chosen.is_country:
        return place_coverage(core, figures, chosen, register, words_of(codebook, language), codes, seen)
    if not seen:
        return not_known("01.Q6", DARK_LABELS["all"])
    measured = measurements(narrowed(figures, register, place=place, topic=topic))
    table = _by_province(core, measured, provinces, codes)
    naming = _naming(measured, register, level)
    size = spearman(table["population"], table["pages"], seed=seed)
    return Answer(
        "01.Q6",
        table,
        sentences=tuple(_sentences(table, codes, _core(listed, codes), naming, size)),
        key_numbers=tuple(_keys(table, codes, naming, size)),
        caption="Core indicators with a figure, by province",
        columns=_columns(codes),
        units={"share": "share"},
        notes="Core indicators and figures: of the province itself, of any scope. Pages: of the province and its "
        "communes. No figure found is not the same as nothing done.",
    )


def province_tiles(figures: pd.DataFrame, provinces: pd.DataFrame, *, topic: str = "all") -> pd.DataFrame:
    """Return how many core indicators of each province have a figure, for a map (01.Q6).

    Parameters
    ----------
    figures, provinces, topic
        As in `coverage`.

    Returns
    -------
    DataFrame
        One row a province: ``province_id``, ``estimate`` (NaN where no indicator has a figure).
    """
    core = _core(figures, core_codes(topic))
    filled = core[core["geo_level"] == "province"].groupby("place_id")["indicator"].nunique()
    ids = provinces["place_id"]
    return pd.DataFrame({"province_id": ids, "estimate": filled.reindex(ids).to_numpy(dtype=float)})


def core_codes(topic: str) -> dict[str, str]:
    """Return the core indicators of a topic, or of all, and the topic of each."""
    return {code: name for name, codes in CORE_CODES.items() for code in codes if topic in ("all", name)}


def _core(figures: pd.DataFrame, codes: dict[str, str]) -> pd.DataFrame:
    """Return the figures of core indicators."""
    return figures[figures["indicator"].isin(list(codes))]


def _by_province(
    core: pd.DataFrame, measured: pd.DataFrame, provinces: pd.DataFrame, codes: dict[str, str]
) -> pd.DataFrame:
    """Return one row a province: codes filled by topic, pages, communes named; the most filled first."""
    own = core[core["geo_level"] == "province"].drop_duplicates(["place_id", "indicator"])
    topics = list(dict.fromkeys(codes.values()))
    ids = provinces["place_id"]
    filled = pd.crosstab(own["place_id"], own["indicator"].map(codes)).reindex(index=ids, columns=topics, fill_value=0)
    home = measured["province_id"].where(measured["province_id"] != "", measured["place_id"])
    pages = measured.groupby(home)["source_id"].nunique()
    communes = measured[measured["geo_level"] == "commune"].groupby("province_id")["place_id"].nunique()
    printed = measured[measured["geo_level"] == "province"].groupby("place_id").size()
    counted = (("figures", printed), ("pages", pages), ("communes", communes))
    counts = {name: found.reindex(ids, fill_value=0).to_numpy() for name, found in counted}
    table = filled.reset_index(drop=True).assign(
        place=provinces["name"].to_numpy(),
        place_id=ids.to_numpy(),
        filled=filled.sum(axis=1).to_numpy(),
        population=provinces["population"].to_numpy(dtype=float),
        **counts,
    )
    table["share"] = table["filled"] / len(codes)
    return table.sort_values(["filled", "pages", "place_id"], ascending=[False, False, True], ignore_index=True)


def _columns(codes: dict[str, str]) -> dict[str, str]:
    """Return the columns shown: a topic each, then what they make together."""
    topics = {name: TOPIC_LABELS[name] for name in dict.fromkeys(codes.values())}
    together = {
        "filled": "Core indicators",
        "share": "Share filled",
        "figures": "Figures",
        "pages": "Pages",
        "communes": "Communes named",
    }
    return {"place": "Place", **topics, **together}


@dataclass(frozen=True)
class _Naming:
    """How many communes, wards and special zones are named with a figure, and how many of each there are."""

    named_wards: int
    named: int
    wards: int
    units: int
    level: float

    @cached_property
    def ratio(self) -> Quantity:
        """How much more often a ward is named than another unit, with the interval of a chance process."""
        others = (self.named - self.named_wards, self.units - self.wards)
        found = proportion_ratio_ci(
            self.named_wards, self.wards, *others, level=self.level, estimand="process", independent=True
        )
        return Quantity(float(found.estimate), float(found.lower), float(found.upper), "ratio")

    @property
    def odds_ratio(self) -> float:
        """The odds of being named of wards over those of other units; infinite where only wards are named."""
        others = self.named - self.named_wards
        unnamed_wards, unnamed_others = self.wards - self.named_wards, self.units - self.wards - others
        below = others * unnamed_wards
        return self.named_wards * unnamed_others / below if below else np.inf


def _naming(measured: pd.DataFrame, register: pd.DataFrame, level: float) -> _Naming:
    """Count the units of the register, and those with a figure."""
    units = register[register["level"] == "commune"]
    ward = units["type"] == "phường"
    named = units["place_id"].isin(measured.loc[measured["geo_level"] == "commune", "place_id"])
    return _Naming(int((ward & named).sum()), int(named.sum()), int(ward.sum()), len(units), level)


def _sentences(
    table: pd.DataFrame,
    codes: dict[str, str],
    listed: pd.DataFrame,
    naming: _Naming,
    size: Correlation,
) -> Iterator[Sentence]:
    cells, filled = len(table) * len(codes), int(table["filled"].sum())
    yield Sentence(
        "Of {cells} pairs of a province and a core indicator, {filled} ({share}) have a figure.",
        {"filled": filled, "cells": cells, "share": exactly(filled / cells)},
    )
    dark = list(table.loc[table["filled"] == 0, "place"])
    every = listed.loc[listed["geo_level"] == "province", "place_id"].nunique()
    if dark:
        yield Sentence(
            "{n} province has no core figure: {names}. With pages of every class {every} provinces have one.||"
            "{n} provinces have no core figure: {names}. With pages of every class {every} provinces have one.",
            {"n": len(dark), "names": dark, "every": every},
        )
    middle = exactly(float(table["figures"].median()), "ratio")
    yield Sentence("The median number of figures of a province itself is {middle}.", {"middle": middle})
    silent = list(table.loc[table["figures"] == 0, "place"])
    if silent:
        yield Sentence("Without any figure of their own: {names}.", {"names": silent})
    yield from _ward_sentences(naming)
    if np.isfinite(size.estimate):
        yield Sentence(
            "The rank correlation of a province's population with its number of pages is {rho} (p = {p}, permutation).",
            {"rho": exactly(size.estimate, "ratio"), "p": exactly(size.p, "ratio")},
        )


def _ward_sentences(naming: _Naming) -> Iterator[Sentence]:
    """Yield how many communes are named, and how much more often wards."""
    yield Sentence(
        "{n} of {all} communes, wards and special zones is named with a figure ({share}).||"
        "{n} of {all} communes, wards and special zones are named with a figure ({share}).",
        {"n": naming.named, "all": naming.units, "share": exactly(naming.named / naming.units)},
    )
    if naming.named:
        yield Sentence(
            "Wards are {share} of those named and {all} of the register: a ward is named {times} times as often as "
            "another unit ({ratio:bounds} at level {level}, if naming is taken as chance; odds ratio {odds}).",
            {
                "share": exactly(naming.named_wards / naming.named),
                "all": exactly(naming.wards / naming.units),
                "times": exactly(naming.ratio.value, "ratio"),
                "ratio": naming.ratio,
                "level": exactly(naming.level),
                "odds": exactly(naming.odds_ratio, "ratio"),
            },
        )


def _keys(table: pd.DataFrame, codes: dict[str, str], naming: _Naming, size: Correlation) -> Iterator[KeyNumber]:
    filled = table["filled"].sum() / (len(table) * len(codes))
    dark = int((table["filled"] == 0).sum())
    yield KeyNumber("share_of_cells_filled", filled, filled, filled, "share", 1e-9, "a ratio of complete counts")
    yield KeyNumber("provinces_dark", dark, dark, dark, "count", why="a complete count")
    named = naming.named
    yield KeyNumber("communes_named", named, named, named, "count", why="a complete count")
    if named:
        ratio = naming.ratio
        yield KeyNumber("ward_naming_ratio", ratio.value, ratio.low, ratio.high, "ratio", 1e-6, "an iterative interval")
    rank = size.estimate
    yield KeyNumber("rank_correlation_population_pages", rank, rank, rank, "ratio", 1e-9, "exact ranks")
