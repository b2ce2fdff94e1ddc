"""Notebook 07, rules: what the choice among conflicting figures does to a headline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.decentralisation_tasks import KIND_LABELS
from reform_analysis.evidence.resolve import RULES, first_choices

# rules that pick one figure; all and range pick none
PICKING = tuple(rule for rule in RULES if rule not in ("all", "range"))

RULE_LABELS = {
    "latest": "Latest",
    "official": "Best class",
    "precise": "Most precise",
    "first": "First",
    "lowest": "Lowest",
    "highest": "Highest",
}
TITLE_LABELS = {"ranges": "Range of headline figures over the rules, in percent of the middle"}
UNKNOWN_LABELS = {"none": "No headline figure had been published twice for this date by sources of this class."}


class Headline(NamedTuple):
    """A figure that a reader would quote: which rows compete for it."""

    indicator: str
    start: str
    end: str
    scopes: tuple[str, ...] = ("",)


HEADLINE_LABELS = {
    "unpaid": "leavers unpaid, around 30 September",
    "properties": "surplus properties left, end of August to end of September",
    "dossiers": "dossiers since 1 July, late August",
    "staff": "commune staff before the reform",
    "paid_october": "leavers paid, mid-October",
    "paid_june": "leavers paid, end of June",
    "local": "local share of tasks, printed or from counts",
}
# the days are those between which pages speak of the same moment, give or take their own dating
HEADLINES = {
    "unpaid": Headline("benefits_unpaid_count", "2025-08-31", "2025-09-30"),
    "properties": Headline("properties_surplus", "2025-08-31", "2025-09-30"),
    "dossiers": Headline("applications_received", "2025-08-19", "2025-08-23", ("", "home_affairs_series")),
    "staff": Headline("commune_staff", "2024-12-31", "2025-06-30"),
    "paid_october": Headline("benefits_paid_count", "2025-10-09", "2025-10-15"),
    "paid_june": Headline("benefits_paid_count", "2025-06-30", "2025-06-30"),
}


def rule_ranges(history: pd.DataFrame, local_share: Answer) -> Answer:
    """Return what each rule gives for headline figures that were published more than once (07.Q2).

    Parameters
    ----------
    history
        Published figures since before the reform, of every class, every value kept.
    local_share
        The answer on the local share of tasks (`decentralisation.local_share`), whose counts compete with the print.

    Notes
    -----
    All figures of a headline are put to one rule as if they were of one thing and day, which is what quoting any one
    of them does. The spread is half the range over the middle of the range.
    """
    rows = [row for key, headline in HEADLINES.items() if (row := _ranged(key, headline, history)) is not None]
    rows += _local(local_share)
    if not rows:
        return not_known("07.Q2", UNKNOWN_LABELS["none"])
    table = pd.DataFrame(rows).sort_values("spread", ascending=False, kind="stable", ignore_index=True)
    return Answer(
        "07.Q2",
        table,
        sentences=tuple(_sentences(table)),
        key_numbers=tuple(_keys(table)),
        caption="Headline figures under each rule",
        columns={"headline": "Headline", "n": "Figures", **RULE_LABELS, "spread": "Half range over middle"},
        units={"n": "count", "spread": "share"},
        notes="Shares in percent. Rules: latest or first by date of publication, the best class of source, the "
        "narrowest bounds, the lowest or highest value. Pages of every class compete, because conflicts lie there. "
        "Nobody printed the middle; it only serves to compare ranges. Figures are of the country.",
        forms=(
            Form(
                "range_bars",
                TITLE_LABELS["ranges"],
                {
                    "label": "headline",
                    "low": "lowest",
                    "high": "highest",
                    "middle": "official",
                    "relative": True,
                    "unit": "by row",
                    "notes": "Stroke: the figure of the best class of source.",
                },
            ),
        ),
    )


def _ranged(key: str, headline: Headline, history: pd.DataFrame) -> dict[str, object] | None:
    """Return what each rule picks for a headline; None where fewer than two figures compete."""
    days = history["period_end"].between(headline.start, headline.end)
    keep = (history["indicator"] == headline.indicator) & history["scope"].isin(headline.scopes)
    rows = history[keep & days & (history["breakdown"] == "") & (history["place_id"] == "VN")]
    rows = rows[rows["value"].notna()]
    if rows["value"].nunique() < 2:
        return None
    picked = {rule: float(rows["value"].iloc[row]) for rule, row in first_choices(rows, PICKING).items()}
    unit = "percent" if rows["unit"].iloc[0] == "percent" else "count"
    return _row(key, picked, unit, " ".join(rows["observation_id"]))


def _row(key: str, picked: dict[str, float], unit: str, ids: str) -> dict[str, object]:
    low, high = picked["lowest"], picked["highest"]
    return {
        "key": key,
        "headline": HEADLINE_LABELS[key],
        "n": len(ids.split()),
        **picked,
        "spread": (high - low) / (high + low),
        "unit": unit,
        "observations": ids,
    }


def _local(answer: Answer) -> Iterator[dict[str, object]]:
    """Yield the local share of tasks: printed figures and those that printed counts give."""
    table = answer.table
    if table.empty:
        return
    usable = table[table["kind"] != KIND_LABELS["chance"]]
    shares = usable["estimate"] * 100
    if len(shares) > 1:
        # counts have no publication to order them by: only the ends and the print are shown
        printed = shares[usable["kind"] == KIND_LABELS["printed"]]
        official = float(printed.iloc[-1]) if len(printed) else float("nan")
        picked = dict.fromkeys(PICKING, float("nan"))
        picked |= {"official": official, "lowest": float(shares.min()), "highest": float(shares.max())}
        ids = " ".join(dict.fromkeys(" ".join(usable["observations"]).split()))
        yield _row("local", picked, "percent", ids)


def _sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    for row in table.to_dict("records"):
        yield Sentence(
            "{headline}: from {low} to {high} as the rule is chosen, {spread} either side of the middle.",
            {
                "headline": row["headline"],
                "low": Quantity(row["lowest"], row["lowest"], row["lowest"], row["unit"]),
                "high": Quantity(row["highest"], row["highest"], row["highest"], row["unit"]),
                "spread": Quantity(row["spread"], row["spread"], row["spread"], "share"),
            },
        )


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for row in table.itertuples():
        name = f"range_{row.key}"
        yield KeyNumber(name, row.spread, row.spread, row.spread, "half range over middle", 1e-9, "a quotient")
