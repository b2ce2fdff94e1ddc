"""Notebook 01, every test of sums: identities inside reports, and numbers of units against the register."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pandas as pd

from reform_analysis.analysis.audit_rows import narrowed
from reform_analysis.evidence import store
from reform_analysis.evidence.coherence import identity_checks

# indicator and breakdown -> number of the register's row that it must equal
_REGISTER: dict[tuple[str, str], Callable[[Mapping[str, float]], float]] = {
    ("commune_units", ""): lambda row: row["n_units"],
    ("commune_units", "communes_and_wards"): lambda row: row["n_communes"] + row["n_wards"],
    ("communes_rural", ""): lambda row: row["n_communes"],
    ("wards", ""): lambda row: row["n_wards"],
    ("special_zones", ""): lambda row: row["n_special_zones"],
    ("commune_units_before", ""): lambda row: row["n_units_before"],
    ("commune_units_reduced", ""): lambda row: row["n_units_before"] - row["n_units"],
}
_COLUMNS = [
    "kind",
    "observation_ids",
    "place_id",
    "indicator",
    "period_end",
    "expected_low",
    "expected_high",
    "low",
    "high",
    "gap",
    "severity",
    "reliability",
]
_PRINTED = ["observation_id", "place_id", "indicator", "breakdown", "period_end", "low", "high"]


def checks(
    listed: pd.DataFrame,
    register: pd.DataFrame,
    provinces: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    topic: str = "all",
) -> pd.DataFrame:
    """Return every test of an identity and against the register that the figures allow, passed or failed.

    Parameters
    ----------
    listed
        Figures of every class of source, every value kept: a rule that picks one would hide what does not add up.
    register, provinces
        All places, and the provinces with their numbers of units.
    place, topic
        Whose figures, and of what.

    Returns
    -------
    DataFrame
        One test a row: kind (share, sum, rate, complement, register), observation_ids (the tested figure first),
        place_id, indicator, period_end, expected_low, expected_high, low, high, gap, severity (empty where the figures
        agree), reliability (the lowest class among the figures).
    """
    rows = narrowed(listed, register, place=place, topic=topic)
    tests = identity_checks(rows, store.identities()).rename(columns={"relation": "kind"})
    against = _against_register(rows, provinces)
    letter = dict(zip(rows["observation_id"], rows["reliability"], strict=True))
    for frame in (tests, against):
        frame["reliability"] = [max(letter[one] for one in ids.split()) for ids in frame["observation_ids"]]
    # an empty frame would change the types of the other
    found = [frame[_COLUMNS] for frame in (tests, against) if len(frame)]
    return pd.concat(found, ignore_index=True) if found else tests.reindex(columns=_COLUMNS)


def _against_register(rows: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Return the tests of printed numbers of units; the country's must be the sums over the provinces."""
    counts = provinces.set_index("place_id")[["n_communes", "n_wards", "n_special_zones", "n_units", "n_units_before"]]
    counts = counts.astype(float)
    counts.loc["VN"] = counts.sum(min_count=len(counts))
    register = counts.to_dict("index")
    chosen = rows.loc[(rows["scope"] == "") & rows["place_id"].isin(counts.index) & rows["low"].notna(), _PRINTED]
    printed = chosen[chosen["indicator"].isin({indicator for indicator, _ in _REGISTER})].to_dict("records")
    found = []
    for thing, number in _REGISTER.items():
        for row in (row for row in printed if (row["indicator"], row["breakdown"]) == thing):
            expected = number(register[row["place_id"]])
            gap = max(row["low"] - expected, expected - row["high"], 0.0)
            ends = {"expected_low": expected, "expected_high": expected, "gap": gap}
            known = {"kind": "register", "observation_ids": row["observation_id"], **ends}
            if not math.isnan(expected):
                found.append({**row, **known, "severity": "hard" if gap > 0 else ""})
    return pd.DataFrame(found, columns=[name for name in _COLUMNS if name != "reliability"])
