"""Notebook 01, do the figures add up: how many tests fail, and by how much."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.audit_rows import exactly
from reform_analysis.analysis.place_known import words_of
from reform_analysis.evidence.interval import Interval, interval_ratio

KIND_LABELS = {
    "sum": "Totals, from their parts",
    "share": "Shares, from their counts",
    "rate": "Rates, from their counts",
    "complement": "Shares that should make 100",
    "register": "Units, against the register",
}
OUTCOME_LABELS = {
    "": "agrees",
    "truncation": "agrees if cut, not rounded",
    "rounding": "last digit off by less than one",
    "hedge": "agrees if the hedge is read loosely",
    "date": "perhaps of different days",
    "definition": "perhaps another definition",
    "hard": "no rounding explains it",
}
DIFFERENCE_LABELS = {
    "large": "Differences of more than 1% between printed and computed",
    "small": "Differences of up to 1% between printed and computed",
}
# differences above and below are drawn apart
_LARGE = 0.01

NOTHING_LABELS = {
    "untested": "No page prints parts and totals, or numbers of units, that could be tested for this date, place, "
    "topic and class of sources.",
    "agree": "All tests agree: no printed figure differs from what the figures beside it, or the register, allow.",
}


def add_up(checks: pd.DataFrame, *, min_reliability: str = "C") -> Answer:
    """Return how many tests agree, by kind of test and most harmless reading (01.Q3).

    Parameters
    ----------
    checks
        As `audit_checks.checks` gives them.
    min_reliability
        The class down to which other answers read: failures are counted above and below it.

    Notes
    -----
    A share is compared both as rounded and as cut after its last digit; where only the second fits, the outcome says
    so. A test is one figure held against one identity, so that a figure can be tested twice.
    """
    if checks.empty:
        return not_known("01.Q3", NOTHING_LABELS["untested"])
    table = _outcomes(checks)
    return Answer(
        "01.Q3",
        table,
        sentences=tuple(_sentences(checks, min_reliability)),
        key_numbers=tuple(_keys(checks)),
        caption="Tests by kind and outcome",
        columns={
            "kind": "What is tested",
            "outcome": "Outcome",
            "estimate": "Tests",
            "share": "Share of the kind",
        },
        units={"estimate": "count", "share": "share"},
        notes="Every test that the pages allow; complete counts, no interval.",
        forms=(
            Form(
                "stacked_bars",
                "Tests of printed totals, shares and numbers of units, by outcome",
                {"label": "kind", "series": "outcome", "x_label": "tests"},
            ),
        ),
    )


def _outcomes(checks: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind and outcome, in the order of the labels."""
    counted = checks.groupby(["kind", "severity"]).size()
    kinds, outcomes = (
        [code for code in labels if code in counted.index.get_level_values(name)]
        for name, labels in (("kind", KIND_LABELS), ("severity", OUTCOME_LABELS))
    )
    every = pd.MultiIndex.from_product([kinds, outcomes], names=["kind", "severity"])
    table = counted.reindex(every, fill_value=0).rename("estimate").reset_index()
    table["share"] = table["estimate"] / table.groupby("kind")["estimate"].transform("sum")
    # the first kind with every outcome, so that bars are stacked and keyed in one order
    table = table[(table["estimate"] > 0) | (table["kind"] == kinds[0])]
    words = {"kind": table["kind"].map(KIND_LABELS), "outcome": table["severity"].map(OUTCOME_LABELS)}
    return table.assign(**words)[["kind", "outcome", "estimate", "share"]]


def _sentences(checks: pd.DataFrame, min_reliability: str) -> Iterator[Sentence]:
    inside, register = checks[checks["kind"] != "register"], checks[checks["kind"] == "register"]
    if len(inside):
        failed = inside["severity"] != ""
        yield Sentence(
            "Inside reports {n} test of sums and shares is possible, of which {failed} fails.||"
            "Inside reports {n} tests of sums and shares are possible, of which {failed} fail ({share}).",
            {"n": len(inside), "failed": int(failed.sum()), "share": exactly(failed.mean())},
        )
        hard, cut = (int((inside["severity"] == code).sum()) for code in ("hard", "truncation"))
        if failed.any():
            yield Sentence(
                "Explained by no rounding and no other definition: {hard}; fitting if the figure was cut after its "
                "last digit: {cut}.",
                {"hard": hard, "cut": cut},
            )
        good = inside["reliability"] <= min_reliability
        if good.any() and not good.all():
            yield Sentence(
                "Tests that fail: {failed} of {n} on pages of class {letter} or better ({share}), {other} of {rest} "
                "with others ({least}).",
                {
                    "failed": int(failed[good].sum()),
                    "n": int(good.sum()),
                    "share": exactly(failed[good].mean()),
                    "letter": min_reliability,
                    "other": int(failed[~good].sum()),
                    "rest": int((~good).sum()),
                    "least": exactly(failed[~good].mean()),
                },
            )
    if len(register):
        yield Sentence(
            "Printed numbers of units that differ from the register of provinces: {failed} of {n}.",
            {"n": len(register), "failed": int((register["severity"] != "").sum())},
        )


def _keys(checks: pd.DataFrame) -> Iterator[KeyNumber]:
    for name, kinds in (("identity", list(KIND_LABELS)[:-1]), ("register", ["register"])):
        chosen = checks[checks["kind"].isin(kinds)]
        for what, count in (("tests", len(chosen)), ("failures", int((chosen["severity"] != "").sum()))):
            yield KeyNumber(f"{name}_{what}", count, count, count, "count", why="a complete count")


def misfits(checks: pd.DataFrame, register: pd.DataFrame, codebook: pd.DataFrame, *, language: str = "en") -> Answer:
    """Return the figures that differ from what others allow, and by how much (01.Q3).

    Parameters
    ----------
    checks
        As `audit_checks.checks` gives them.
    register, codebook
        All places, and the indicators.
    language
        Which labels of the codebook are shown.

    Notes
    -----
    The difference is relative, printed over computed less one, since dossiers, tasks and percent stand side by side.
    Both bounds of both sides enter (`interval_ratio`).
    """
    failed = checks[checks["severity"] != ""]
    if failed.empty:
        return not_known("01.Q3", NOTHING_LABELS["untested" if checks.empty else "agree"])
    table = _differences(failed, register, words_of(codebook, language))
    return Answer(
        "01.Q3",
        table,
        sentences=tuple(_misfit_sentences(table)),
        key_numbers=tuple(_misfit_keys(table)),
        caption="Figures that differ from what others allow",
        columns={
            "what": "Figure",
            "date": "Date",
            "printed": "Printed",
            "computed": "Computed",
            "estimate": "Difference",
            "outcome": "Most harmless reading",
            "reliability": "Lowest class",
        },
        units={"printed": "ratio", "computed": "ratio", "estimate": "share"},
        notes="Computed from the figures printed beside it, or read in the register. Which of them is wrong is not "
        "known. Percent as printed.",
        # both on one axis would hide all but the largest
        forms=tuple(
            Form(
                "interval_dots",
                DIFFERENCE_LABELS[size],
                {"label": "what", "unit": "share", "x_label": "printed over computed, less one", "reference": 0.0}
                | {"sort": False},
                rows=f"abs(estimate) {sign} {_LARGE}",
            )
            for size, sign in (("large", ">"), ("small", "<="))
        ),
    )


def _differences(failed: pd.DataFrame, register: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return one row a failed test, the largest difference first."""
    # two identities that compute the same from other parts tell one story
    first = failed["observation_ids"].str.split().str[0]
    failed = failed[~failed.assign(first=first).duplicated(["first", "expected_low", "expected_high"])]
    where = failed["place_id"].map(register.set_index("place_id")["name"])
    names_of = failed["indicator"].map(names)
    # the country goes without its name, which languages spell differently
    what = names_of.where(failed["place_id"] == "VN", where + " – " + names_of)
    ratios = [
        interval_ratio(Interval(low, high), Interval(from_, to))
        for low, high, from_, to in failed[["low", "high", "expected_low", "expected_high"]].to_numpy()
    ]
    table = pd.DataFrame(
        {
            "what": what,
            "date": failed["period_end"].dt.date,
            "printed": (failed["low"] + failed["high"]) / 2,
            "printed_low": failed["low"],
            "printed_high": failed["high"],
            "computed": (failed["expected_low"] + failed["expected_high"]) / 2,
            "computed_low": failed["expected_low"],
            "computed_high": failed["expected_high"],
            "estimate": [(ratio.low + ratio.high) / 2 - 1 for ratio in ratios],
            "low": [ratio.low - 1 for ratio in ratios],
            "high": [ratio.high - 1 for ratio in ratios],
            "interval": "rounding",
            "outcome": failed["severity"].map(OUTCOME_LABELS),
            "reliability": failed["reliability"],
            "observations": failed["observation_ids"],
        }
    )
    return table.sort_values("estimate", key=np.abs, ascending=False, ignore_index=True)


def _misfit_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    top, middle = table.iloc[0], float(table["estimate"].abs().median())
    yield Sentence(
        "The largest difference is that of {what}, printed as {printed} where {computed} is computed.",
        {
            "what": top["what"],
            "printed": _number(top, "printed"),
            "computed": _number(top, "computed"),
        },
    )
    if len(table) > 2:
        yield Sentence(
            "Half of the {n} differences are smaller than {share} of the computed figure.",
            {"n": len(table), "share": exactly(middle)},
        )


def _number(row: pd.Series, name: str) -> Quantity:
    return Quantity(row[name], row[f"{name}_low"], row[f"{name}_high"], "ratio")


def _misfit_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    middle = float(table["estimate"].abs().median())
    yield KeyNumber("median_misfit", middle, middle, middle, "share", 1e-9, "a ratio of printed figures")
