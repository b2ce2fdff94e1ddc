"""Notebook 03, surplus and shortage of commune staff side by side, place by place.

*Short* and *over* are gross: posts that lack a person and people who lack a post, in different communes or fields.
Need is defined by each place, so places are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.bounded import bounded
from reform_analysis.analysis.series import core
from reform_analysis.evidence.interval import MISSING, Interval

# column -> indicator, scopes and breakdowns of the figures behind it
_PARTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "short": ("staff_shortage", ("", "commune_tier"), ("",)),
    "over": ("staff_surplus", ("", "commune_tier"), ("",)),
    "staff": ("commune_staff", ("",), ("",)),
    "professional": ("commune_staff_component", ("",), ("professional_divisions",)),
    "posts": ("staff_quota", ("commune_tier",), ("assigned",)),
    "required": ("staff_quota", ("commune_tier",), ("required",)),
    "printed": ("staff_redundant", ("commune_tier",), ("",)),
    "communes_short": ("communes_by_staffing", ("",), ("below_quota",)),
    "communes_level": ("communes_by_staffing", ("",), ("at_quota",)),
    "communes_over": ("communes_by_staffing", ("",), ("above_quota",)),
}
# a surplus that its own page's numbers do not give
_DISPUTED = "disputed_over"
_GROSS = ("short", "over", "communes_short", "communes_over")

CHART_LABELS = {
    "title": "Commune staff short and over, by place",
    "left_label": "short",
    "right_label": "over",
    "x_label": "people or posts",
}
UNKNOWN_LABELS = {
    "match": "No count of communes short of staff, or over their posts, had been published for this date by a source "
    "of this class.",
}


def match(figures: pd.DataFrame, *, place: str = "Việt Nam") -> Answer:
    """Return gross shortage, gross surplus and net of commune staff by place (03.Q4).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    place
        Where nothing is known of it, a sentence says so.

    Notes
    -----
    A place's row rests on the one page that prints either side most exactly, the later of two alike; figures of
    other pages are not mixed in. The net is over less short, and beside it staff less posts where both are printed:
    the two need not agree.
    """
    rows = [row for row in map(_place_row, _pages(figures)) if row is not None]
    if not rows:
        return not_known("03.Q4", UNKNOWN_LABELS["match"])
    table = _one_a_place(pd.DataFrame(rows))
    both = table[table["short"].notna() & table["over"].notna()]
    return Answer(
        "03.Q4",
        table,
        sentences=(*_match_sentences(table, both), *_no_match(table, place)),
        key_numbers=tuple(_match_keys(both)),
        caption="Commune staff short and over",
        columns={
            "place": "Place",
            "date": "Date",
            "short": "Short",
            "over": "Over",
            "net": "Over less short",
            "net_posts": "Staff less posts",
            "communes_short": "Communes short",
            "communes_level": "Communes level",
            "communes_over": "Communes over",
        },
        units=dict.fromkeys(
            ("short", "over", "net", "net_posts", "communes_short", "communes_level", "communes_over"), "count"
        ),
        notes="Need is defined by each place (posts, job positions or quota): places may not be compared. What is not "
        "known was not printed.",
        forms=tuple(_match_forms(table)),
    )


def _one_a_place(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the most exact page of each place, provinces first."""
    width = sum((rows[f"{name}_high"] - rows[f"{name}_low"]).fillna(0) for name in _GROSS)
    sides = rows[list(_GROSS)].notna().sum(axis=1)
    ranked = rows.assign(width=width, sides=-sides, day=pd.to_datetime(rows["date"]))
    ranked = ranked.sort_values(["sides", "width", "day"], ascending=[True, True, False], kind="stable")
    kept = ranked.drop_duplicates("place_id").drop(columns=["width", "sides", "day"])
    return kept.sort_values(["is_province", "place"], ascending=[False, True], ignore_index=True)


def _match_forms(table: pd.DataFrame) -> Iterator[Form]:
    drawn = table["is_province"] & (table["short"].notna() | table["over"].notna())
    if drawn.any():
        options = {"label": "place", "left": "short", "right": "over"}
        options |= {key: CHART_LABELS[key] for key in ("left_label", "right_label", "x_label")}
        yield Form("mirrored_bars", CHART_LABELS["title"], options, rows="is_province and (short >= 0 or over >= 0)")


def _pages(figures: pd.DataFrame) -> Iterator[list[Any]]:
    """Yield the figures of each place and page, in order of date."""
    usable = core(figures)
    usable = usable[usable["low"].notna() & usable["geo_level"].isin(["province", "commune"])]
    pages: dict[tuple[str, str], list[Any]] = {}
    for figure in usable.sort_values("period_end", kind="stable").itertuples():
        pages.setdefault((figure.place_id, figure.source_id), []).append(figure)
    yield from pages.values()


def _part(page: list[Any], name: str) -> Any | None:
    """Return the last figure of a page that is one of the parts, or None."""
    indicator, scopes, breakdowns = _PARTS[name]
    return next(
        (
            figure
            for figure in reversed(page)
            if figure.indicator == indicator and figure.scope in scopes and figure.breakdown in breakdowns
        ),
        None,
    )


def _place_row(page: list[Any]) -> dict[str, object] | None:
    """Return what a page says of a place, or None where it prints neither side."""
    sound = [figure for figure in page if figure.status != "disputed"]
    parts = {name: _part(sound, name) for name in _PARTS}
    parts[_DISPUTED] = _part([figure for figure in page if figure.status == "disputed"], "over")
    if all(parts[name] is None for name in _GROSS):
        return None
    found = {name: Interval(part.low, part.high) for name, part in parts.items() if part is not None}
    if "short" in found and "over" in found:
        found["net"] = found["over"] - found["short"]
    for people, posts in (("staff", "posts"), ("professional", "required")):
        if people in found and posts in found:
            found["net_posts"] = found[people] - found[posts]
    row: dict[str, object] = {
        "place": page[0].place_name,
        "place_id": page[0].place_id,
        "is_province": page[0].geo_level == "province",
        "date": page[-1].period_end.date(),
    }
    for name in (*_PARTS, _DISPUTED, "net", "net_posts"):
        bounds = found.get(name, MISSING)
        row |= bounded(name, bounds.low, bounds.high)
    used = [part.observation_id for part in parts.values() if part is not None]
    return row | {"interval": "rounding", "observations": " ".join(used)}


def _number(row: pd.Series, name: str) -> Quantity:
    return Quantity(row[name], row[f"{name}_low"], row[f"{name}_high"])


def _match_sentences(table: pd.DataFrame, both: pd.DataFrame) -> Iterator[Sentence]:
    for _, row in both.iterrows():
        values = {name: _number(row, name) for name in ("short", "over", "net")}
        yield Sentence(
            "{place} was {short} short and {over} over at once: a net of {net}.", {"place": row["place"], **values}
        )
        if row["printed"] == row["net"]:
            yield Sentence("In {place} that net is also the number printed as redundant.", {"place": row["place"]})
        if row["net_posts"] == row["net_posts"] and row["net_posts"] != row["net"]:
            yield Sentence(
                "In {place} staff less posts gives {posts}, over less short {net}: the page counts two things.",
                {"place": row["place"], "posts": _number(row, "net_posts"), "net": values["net"]},
            )
    for _, row in table[table[_DISPUTED].notna() & table["net_posts"].notna()].iterrows():
        yield Sentence(
            "{place} prints {printed} over its posts where its own staff less posts is {posts}; the printed number is "
            "left out.",
            {"place": row["place"], "printed": _number(row, _DISPUTED), "posts": _number(row, "net_posts")},
        )
    for _, row in table[table["communes_short"].notna() & table["communes_over"].notna()].iterrows():
        yield Sentence(
            "In {place} {short} communes were short and {over} over at the same time.",
            {"place": row["place"], "short": row["communes_short"], "over": row["communes_over"]},
        )
    if both.empty:
        yield Sentence("No place prints a shortage and a surplus together: what nets out is not known.")
    else:
        yield Sentence("Where both are printed, shortage and surplus stand side by side: a net number hides both.")


def _no_match(table: pd.DataFrame, place: str) -> Iterator[Sentence]:
    name = place.split(",")[0]
    if name != "Việt Nam" and name not in set(table["place"]):
        yield Sentence("For {place} neither a shortage nor a surplus of staff was found.", {"place": name})


def _match_keys(both: pd.DataFrame) -> Iterator[KeyNumber]:
    for row in both[both["is_province"]].itertuples():
        yield KeyNumber(f"net_surplus_{row.place_id}", row.net, row.net_low, row.net_high, "people")
