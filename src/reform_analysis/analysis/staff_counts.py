"""Notebook 03, how many staff a commune has, by definition of staff.

*Staff* is a word of several counts: cadres and civil servants; those with public employees (teachers included where a
whole commune is meant); posts, which are places and not people. They are shown apart and never compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.bounded import bounded, middle
from reform_analysis.analysis.figures import Figure, records
from reform_analysis.analysis.series import REFORM_DAY, same_thing
from reform_analysis.evidence.interval import Interval, interval_ratio

DEFINITION_LABELS = {
    "staff": "Cadres and civil servants",
    "printed": "Cadres and civil servants, mean as printed",
    "one": "Cadres and civil servants of one commune",
    "posts": "Posts assigned or needed",
    "norm": "Temporary norm of posts",
    "offices": "Offices, public employees included",
    "everyone": "Everyone paid, teachers included",
}

# definition -> indicator, scopes, breakdowns; a mean needs no number of communes
_DEFINED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "staff": ("commune_staff", ("",), ("",)),
    "printed": ("staff_per_commune", ("",), ("",)),
    "posts": ("staff_quota", ("commune_tier",), ("assigned", "required")),
    "norm": ("staff_per_commune_norm", ("",), ("",)),
    "offices": ("commune_staff_all_public", ("offices_only", "offices_only+with_part_time"), ("",)),
    "everyone": ("commune_staff_all_public", ("", "with_part_time"), ("",)),
}
_LEVELS = ("country", "province", "commune")
_MEANS = ("printed", "norm")
_STRICT = ("staff", "printed", "posts", "norm")

# The register's populations sum to about a tenth more than other totals (some provinces count temporary residents).
POPULATION_DOUBT = 0.10

PERIOD_LABELS = {"before": "before the reform", "after": "since the reform"}
FORM_LABELS = {
    "slope": "Cadres and civil servants a commune, before and since the reform",
    "dots": "Staff or posts a commune, latest figure of each place",
    "people": "people or posts a commune",
    "staff": "people a commune",
}
UNKNOWN_LABELS = {
    "staff": "No count of the people or posts of communes had been published for this date by a source of this class.",
}
LACK_LABELS = {
    "now": "No count of the cadres and civil servants of all communes since the reform is known for this date.",
    "base": "No count of the staff of all communes before the reform is known: neither is the change in numbers.",
}


def per_commune(
    figures: pd.DataFrame,
    *,
    before: pd.DataFrame,
    base: pd.DataFrame,
    provinces: pd.DataFrame,
    staff_definition: str = "strict",
    population_source: str = "resolution_202",
    place: str = "Việt Nam",
) -> Answer:
    """Return staff and posts per commune by definition and place, and the change since before the reform (03.Q3).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    before
        Those of before July, by sources of the class asked for.
    base
        National counts of before July by sources of any class: without them nothing could be compared.
    provinces
        Register of provinces, with numbers of communes before and after.
    staff_definition
        ``strict``: cadres and civil servants, and posts; ``as printed``: also counts with public employees.
    population_source
        ``resolution_202``, or ``none`` for no rate per head.
    place
        Gets a sentence of its own where it is not the country.

    Notes
    -----
    The number of communes is exact (register), so the bounds are those of the count. District staff moved down are in
    the count of 2025 and not in that of 2024: the difference is no cut, and is not called one.
    """
    counts = [before, figures]
    if len(same_thing(figures, "commune_staff", place_id="VN")):
        counts.append(same_thing(base, "commune_staff", place_id="VN"))
    known = [figure for figure in records(*counts) if figure.geo_level in _LEVELS and figure.status != "disputed"]
    communes = _communes(provinces)
    wanted = _STRICT if staff_definition == "strict" else tuple(_DEFINED)
    rows = [row for key in wanted for row in _ratios(known, key, communes)]
    if not rows:
        return not_known("03.Q3", UNKNOWN_LABELS["staff"])
    table = _latest(pd.DataFrame(rows))
    counted = table[(table["key"] == "staff") & (table["place_id"] == "VN")]
    return Answer(
        "03.Q3",
        table,
        sentences=(
            *_national_sentences(table, counted, provinces, population_source),
            *_local_sentences(table),
            *_own_sentences(table, place),
        ),
        key_numbers=tuple(_staff_keys(counted)),
        caption="Staff and posts a commune, by definition",
        columns={
            "definition": "Definition",
            "place": "Place",
            "date": "Date",
            "people": "People or posts",
            "communes": "Communes",
            "estimate": "A commune",
            "reliability": "Class",
        },
        units={"people": "count", "communes": "count", "estimate": "ratio"},
        notes="Before July 2025 divided by the old communes, since then by the new ones. Rows of different "
        "definitions may not be compared. Population figures, where used, are good to about a tenth.",
        forms=tuple(_staff_forms(table)),
    )


def _ratios(known: list[Figure], key: str, communes: dict[str, tuple[int, int]]) -> Iterator[dict[str, object]]:
    """Yield one row a figure of one definition, divided by the communes it covers."""
    indicator, scopes, breakdowns = _DEFINED[key]
    alike: dict[tuple[str, pd.Timestamp, float, float], list[Figure]] = {}
    for figure in known:
        if figure.indicator == indicator and figure.scope in scopes and figure.breakdown in breakdowns:
            alike.setdefault((figure.place_id, figure.period_end, figure.low, figure.high), []).append(figure)
    for (place_id, day, low, high), figures in alike.items():
        level = figures[0].geo_level
        before, now = communes.get(place_id, (0, 0))
        units = 1 if key in _MEANS or level == "commune" else before if day < pd.Timestamp(REFORM_DAY) else now
        ratio = interval_ratio(Interval(low, high), Interval(units, units))
        definition = "one" if key == "staff" and level == "commune" else key
        yield {
            "key": definition,
            "definition": DEFINITION_LABELS[definition],
            "place": figures[0].place_name,
            "place_id": place_id,
            "date": day.date(),
            **(bounded("people", np.nan, np.nan) if key in _MEANS else bounded("people", low, high)),
            "communes": np.nan if key in _MEANS else units,
            "estimate": middle(ratio.low, ratio.high),
            "low": ratio.low,
            "high": ratio.high,
            "interval": "rounding",
            "reliability": min(figure.reliability for figure in figures),
            "observations": " ".join(figure.observation_id for figure in figures),
        }


def _communes(provinces: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return how many commune-level units each place had before the reform, and has since."""
    names = ("n_units_before", "n_units")
    before, now = (provinces[name].fillna(0).astype(int).tolist() for name in names)
    units = dict(zip(provinces["place_id"], zip(before, now, strict=True), strict=True))
    return {**units, "VN": (sum(before), sum(now))}


def _latest(table: pd.DataFrame) -> pd.DataFrame:
    """Order the rows and mark what the figures draw: the latest of each place, and the national ends."""
    order = {key: rank for rank, key in enumerate(DEFINITION_LABELS)}
    ranked = table.assign(
        rank=table["key"].map(order), is_country=table["place_id"] == "VN", width=table["high"] - table["low"]
    )
    # of two counts of one day the more exact stands last
    keys = ["rank", "is_country", "place", "date", "width"]
    ranked = ranked.sort_values(keys, ascending=[True, False, True, True, False])
    after = ranked["date"] >= REFORM_DAY
    is_latest = ~ranked.duplicated(["key", "place_id"], keep="last")
    both = ranked["is_country"] & ranked["key"].isin(["staff", "printed"])
    first = ~ranked[both & ~after].duplicated(["key"], keep="last")
    last = ~ranked[both & after].duplicated(["key"], keep="last")
    ends = first.reindex(ranked.index, fill_value=False) | last.reindex(ranked.index, fill_value=False)
    paired = ranked[ends].groupby("key")["date"].transform("nunique") == 2
    marked = ranked.assign(
        is_dot=is_latest & (after | (ranked["key"] == "norm")),
        is_end=paired.reindex(ranked.index, fill_value=False),
        period=np.where(after, PERIOD_LABELS["after"], PERIOD_LABELS["before"]),
        year=[day.year for day in ranked["date"]],
    )
    return marked.drop(columns=["rank", "is_country", "width"]).reset_index(drop=True)


def _staff_forms(table: pd.DataFrame) -> Iterator[Form]:
    options: dict[str, object] = {"label": "definition", "x": "year", "y_label": FORM_LABELS["staff"], "unit": "ratio"}
    yield Form("slope", FORM_LABELS["slope"], options, rows="is_end")
    options = {
        "label": "place",
        "by": "definition",
        "x_label": FORM_LABELS["people"],
        "unit": "ratio",
        "from_zero": True,
    }
    yield Form("interval_dots", FORM_LABELS["dots"], options, rows="is_dot")


def _each(row: pd.Series) -> Quantity:
    return Quantity(row["estimate"], row["low"], row["high"], "ratio")


def _people(row: pd.Series) -> Quantity:
    return Quantity(row["people"], row["people_low"], row["people_high"])


def _over(a: Interval, b: Interval, unit: str = "ratio") -> Quantity:
    """Return one count over another as a quantity."""
    ratio = interval_ratio(a, b)
    return Quantity(middle(ratio.low, ratio.high), ratio.low, ratio.high, unit)


def _bounds(row: pd.Series, name: str) -> Interval:
    return Interval(row[f"{name}_low"], row[f"{name}_high"])


def _national_sentences(
    table: pd.DataFrame, counted: pd.DataFrame, provinces: pd.DataFrame, population_source: str
) -> Iterator[Sentence]:
    now = counted[counted["date"] >= REFORM_DAY].tail(1)
    base = counted[counted["date"] < REFORM_DAY]
    if now.empty:
        yield Sentence(LACK_LABELS["now"])
    for _, row in now.iterrows():
        yield Sentence(
            "On {day} {people} cadres and civil servants worked in {communes} communes: {each} a commune.",
            {"day": row["date"], "people": _people(row), "communes": row["communes"], "each": _each(row)},
        )
        yield from _changes(row, base)
    if len(now) and base.empty:
        yield Sentence(LACK_LABELS["base"])
    if len(now) and len(base):
        yield Sentence(
            "The earlier count comes from {n} page of class {classes}.||The earlier counts come from {n} pages of "
            "class {classes}, and disagree.",
            {"n": len(base), "classes": sorted(set(base["reliability"]))},
        )
    yield from _printed_sentences(table[(table["key"] == "printed") & (table["place_id"] == "VN")])
    if population_source != "none":
        total = float(provinces["population"].sum())
        residents = Interval(total * (1 - POPULATION_DOUBT), total * (1 + POPULATION_DOUBT))
        for _, row in pd.concat([base.tail(1), now]).iterrows():
            yield Sentence(
                "Measured by the present population, that of {day} makes {residents} residents an officer; the "
                "population is good to about a tenth.",
                {"day": row["date"], "residents": _over(residents, _bounds(row, "people"))},
            )


def _changes(now: pd.Series, base: pd.DataFrame) -> Iterator[Sentence]:
    """Compare with each count before the reform; where they differ, the reader sees what that does."""
    for _, row in base.iterrows():
        times = _over(Interval(now["low"], now["high"]), Interval(row["low"], row["high"]))
        left = _over(_bounds(now, "people"), _bounds(row, "people"), "share")
        fewer = Quantity(1 - left.value, 1 - left.high, 1 - left.low, "share")
        yield Sentence(
            "Against {before} people in {communes} communes on {day} that is {times} times as many a commune and "
            "{fewer} fewer in all; staff of the districts moved down are counted only in the later figure.",
            {
                "before": _people(row),
                "communes": row["communes"],
                "day": row["date"],
                "times": times,
                "fewer": fewer,
            },
        )


def _printed_sentences(printed: pd.DataFrame) -> Iterator[Sentence]:
    ends = printed[printed["is_end"]]
    if len(ends) == 2:
        first, last = ends.iloc[0], ends.iloc[1]
        times = _over(Interval(last["low"], last["high"]), Interval(first["low"], first["high"]))
        yield Sentence(
            "The mean printed for {before} was {old} a commune and for {after} {new}: {times} times as many.",
            {
                "before": first["date"],
                "old": _each(first),
                "after": last["date"],
                "new": _each(last),
                "times": times,
            },
        )


LOCAL_LABELS = {
    "staff": "{place}: {each} cadres and civil servants a commune on {day}.",
    "posts": "{place}: {each} posts a commune on {day}.",
    "everyone": "Counts of everyone paid reach {each} a commune ({place}); they include teachers and other public "
    "employees.",
}


def _local_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    local = table[table["is_dot"] & (table["place_id"].str.len() == 2) & (table["place_id"] != "VN")]
    for key in ("staff", "posts"):
        for _, row in local[local["key"] == key].iterrows():
            values = {"place": row["place"], "each": _each(row), "day": row["date"]}
            yield Sentence(LOCAL_LABELS[key], values)
    everyone = local[local["key"] == "everyone"]
    if len(everyone):
        most = everyone.loc[everyone["estimate"].idxmax()]
        yield Sentence(LOCAL_LABELS["everyone"], {"place": most["place"], "each": _each(most)})


def _own_sentences(table: pd.DataFrame, place: str) -> Iterator[Sentence]:
    """Say what is known of a commune, or that nothing is known of the place."""
    name = place.split(",")[0]
    own = table[(table["place"] == name) & table["is_dot"]]
    if name != "Việt Nam" and own.empty:
        yield Sentence("For {place} no count of the staff or posts of its communes was found.", {"place": name})
    for _, row in own[own["place_id"].str.len() == 5].iterrows():
        yield Sentence(
            "{place}: {each} ({definition}).", {"place": name, "each": _each(row), "definition": row["definition"]}
        )


def _staff_keys(counted: pd.DataFrame) -> Iterator[KeyNumber]:
    now = counted[counted["date"] >= REFORM_DAY].tail(1)
    base = counted[counted["date"] < REFORM_DAY].tail(1)
    for name, rows in (("staff_a_commune", now), ("staff_a_commune_before", base)):
        for row in rows.itertuples():
            yield KeyNumber(name, row.estimate, row.low, row.high, "people a commune", 1e-9)
    if len(now) and len(base):
        new, old = (Interval(*rows[["low", "high"]].iloc[0]) for rows in (now, base))
        times = _over(new, old)
        yield KeyNumber("staff_a_commune_times", times.value, times.low, times.high, "ratio", 1e-9)
