"""Notebook 04, places: dossiers a day and per 1,000 residents, each kind of count by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.digital_dossiers import SERIES_LABELS
from reform_analysis.analysis.digital_rows import (
    LEVEL_LABELS,
    UNKNOWN_LABELS,
    is_country,
    last_of,
    lowest_classes,
    national,
    of_places,
    own_rows,
    quantity,
    since_reform,
)
from reform_analysis.analysis.series import REFORM_DAY, grouped_points
from reform_analysis.evidence.interval import Interval
from reform_analysis.statistics.cumulative import NATIONAL_DAY

_WHOLE, _COMMUNE = LEVEL_LABELS["province", ""], LEVEL_LABELS["commune", ""]

AXIS_LABELS = {
    "per_head": {"x_label": "dossiers a day per 1,000 residents"},
    "a_day": {"x_label": "dossiers a day"},
    "communes": {"x_label": "dossiers a day in a commune"},
}

HEADING_LABELS = {"per_head": "Dossiers a day per 1,000 residents", "a_day": "Dossiers a day"}


def load_by_place(
    figures: pd.DataFrame,
    provinces: pd.DataFrame,
    *,
    place: str = "Việt Nam",
    tier: str = "all",
    rate_base: str = "calendar",
    population_source: str = "resolution_202",
) -> Answer:
    """Return dossiers a day, and per 1,000 residents, of the places that printed a count (04.Q5).

    Parameters
    ----------
    figures
        Figures of the topic, all places.
    provinces
        The provinces of the register, with population.
    place
        A place whose rate is told as well.
    tier
        ``all``, ``province`` or ``commune``: whose counts.
    rate_base
        ``calendar`` or ``working days``.
    population_source
        ``resolution_202``, or ``none``: then no rate per resident is shown.

    Notes
    -----
    One count a place and kind, the latest since 1 July, divided by its days. Bounds are those of the printed count;
    the population adds an error of about a tenth that they do not hold, so close rates are not compared, and places
    are never ranked across kinds of count. Communes have no published population: dossiers a day only.
    """
    table = _counts(figures, tier, rate_base)
    if table.empty:
        return not_known("04.Q5", UNKNOWN_LABELS["load"])
    per_head = population_source != "none"
    table = _with_population(table, provinces, per_head)
    table["reliability"] = lowest_classes(figures, table["observations"])
    columns = {"place": "Place", "level": "What is counted", "end": "To", "days": "Days", "a_day": "Dossiers a day"}
    per_head_column = {"estimate": HEADING_LABELS["per_head"]} if per_head else {}
    return Answer(
        "04.Q5",
        table,
        sentences=(
            *(_per_head_sentences(table, figures, provinces, rate_base) if per_head else ()),
            *_part_sentences(table),
            *_commune_sentences(table, figures, provinces, rate_base),
            *_own(table, place, provinces, per_head),
        ),
        key_numbers=tuple(_keys(table)),
        caption="Dossiers received a day by place, the latest count of each",
        columns={**columns, **per_head_column, "reliability": "Class"},
        units={"days": "days", "a_day": "count", "estimate": "ratio"},
        notes="Population: figures of Resolution 202/2025/QH15 and of lists for provinces that were not merged; some "
        "count temporary residents, so rates per resident are good to about a tenth, which the bounds do not hold. "
        "Whether certification of copies is counted can change a commune's count several times over. Not a sample, no "
        "ranking.",
        forms=tuple(_forms(per_head)),
    )


def _counts(figures: pd.DataFrame, tier: str, rate_base: str) -> pd.DataFrame:
    """Return the latest count of each place and kind, with its rate a day."""
    counts = of_places(since_reform(figures[figures["indicator"] == "applications_received"]), tier)
    rows = []
    groups = grouped_points(counts, "place_id", "level", "place_name", "province_id")
    for (place_id, level, place, province), series in sorted(groups.items()):
        last = series[max(series)]
        days = _days(last.date, rate_base)
        rows.append(
            {
                "place": place,
                "level": level,
                "place_id": place_id,
                "province_id": province,
                "end": last.date,
                "days": days,
                "a_day": last.estimate / days if np.isfinite(last.estimate) else np.nan,
                "a_day_low": last.low / days,
                "a_day_high": last.high / days,
                "interval": "rounding",
                "observations": last.observations,
            }
        )
    return pd.DataFrame(rows)


def _days(end: date, rate_base: str) -> int:
    """Return the days from 1 July to a date, both included."""
    if rate_base == "working days":
        return int(np.busday_count(REFORM_DAY, end + timedelta(days=1), holidays=[NATIONAL_DAY]))
    return (end - REFORM_DAY).days + 1


def _with_population(table: pd.DataFrame, provinces: pd.DataFrame, per_head: bool) -> pd.DataFrame:
    """Return the table with rates per 1,000 residents of provinces; all unknown where none are wanted."""
    people = table["place_id"].map(provinces.set_index("place_id")["population"] if per_head else {}).astype(float)
    table = table.assign(
        estimate=1000 * table["a_day"] / people,
        low=1000 * table["a_day_low"] / people,
        high=1000 * table["a_day_high"] / people,
        population=people,
    )
    order = list(LEVEL_LABELS.values())
    return table.sort_values(["level", "place"], key=lambda c: c.map(order.index) if c.name == "level" else c)


def _per_head_sentences(
    table: pd.DataFrame, figures: pd.DataFrame, provinces: pd.DataFrame, rate_base: str
) -> Iterator[Sentence]:
    whole = table[(table["level"] == _WHOLE) & table["estimate"].notna()]
    if whole.empty:
        return
    low, high = whole.loc[whole["estimate"].idxmin()], whole.loc[whole["estimate"].idxmax()]
    yield Sentence(
        "{n} province printed a count of the whole place: {low} dossiers a day per 1,000 residents ({lowest}).||{n} "
        "provinces printed a count of the whole place: from {low} dossiers a day per 1,000 residents ({lowest}) to "
        "{high} ({highest}).",
        {"n": len(whole), "low": _rate(low), "lowest": low["place"], "high": _rate(high), "highest": high["place"]},
    )
    low, value, high = (1000 * whole[f"a_day{end}"].sum() / whole["population"].sum() for end in ("_low", "", "_high"))
    together = Quantity(value, low, high, "ratio")
    if len(whole) > 1:
        yield Sentence(
            "Together these provinces received {rate} dossiers a day per 1,000 residents.", {"rate": together}
        )
    everyone = provinces["population"].sum()
    for scope, label in SERIES_LABELS.values():
        report = last_of(national(figures, "applications_received", scope=scope, start=REFORM_DAY))
        if report is not None:
            low, high = (1000 * end / _days(report.date, rate_base) / everyone for end in (report.low, report.high))
            yield Sentence(
                "{series}: {rate} a day per 1,000 residents in the country, to {day}.",
                {"series": label, "rate": quantity(Interval(low, high), "ratio"), "day": report.date},
            )


def _part_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    """Yield how many provinces print a count of a part only."""
    parts = table[~table["level"].isin([_WHOLE, _COMMUNE])]
    if len(parts):
        yield Sentence(
            "{n} count covers only the communes or the bodies of a province; it is not compared with a whole.||{n} "
            "counts cover only the communes or the bodies of a province; they are not compared with whole ones.",
            {"n": len(parts)},
        )


def _commune_sentences(
    table: pd.DataFrame, figures: pd.DataFrame, provinces: pd.DataFrame, rate_base: str
) -> Iterator[Sentence]:
    # under hard bounds an open-ended count ("more than") has no middle
    communes = table[(table["level"] == _COMMUNE) & np.isfinite(table["a_day"])]
    if communes.empty:
        return
    low, median, high = (float(q) for q in np.quantile(communes["a_day"], (0.25, 0.5, 0.75)))
    yield Sentence(
        "{n} commune printed a count: {median} dossiers a day.||{n} communes printed a count; half of them lie between "
        "{low} and {high} dossiers a day, the middle one at {median}.",
        {"n": len(communes), "low": round(low), "median": round(median), "high": round(high)},
    )
    report = last_of(national(figures, "applications_received", scope="commune_tier", start=REFORM_DAY))
    if report is not None:
        days, units = _days(report.date, rate_base), int(provinces["n_units"].sum())
        mean = quantity(Interval(report.low / days / units, report.high / days / units))
        yield Sentence(
            "The average of all {units} communes was {mean} dossiers a day to {day}.",
            {"units": units, "mean": mean, "day": report.date},
        )


def _own(table: pd.DataFrame, place: str, provinces: pd.DataFrame, per_head: bool) -> Iterator[Sentence]:
    """Yield the rate of the place a reader asked for, or that none is known."""
    if is_country(place):
        return
    name = place.split(",")[0]
    own = own_rows(table, place, provinces)
    if own.empty:
        yield Sentence("For {place} no count of dossiers since 1 July was found.", {"place": name})
    for _, row in own.iterrows():
        values = {
            "place": name,
            "level": row["level"],
            "a_day": Quantity(row["a_day"], row["a_day_low"], row["a_day_high"]),
            "rate": _rate(row),
            "end": row["end"],
        }
        if per_head and row["level"] != _COMMUNE:
            yield Sentence("{place} ({level}): {a_day} dossiers a day to {end}, {rate} per 1,000 residents.", values)
        else:
            yield Sentence("{place} ({level}): {a_day} dossiers a day to {end}.", values)


def _rate(row: pd.Series) -> Quantity:
    return Quantity(row["estimate"], row["low"], row["high"], "ratio")


def _forms(per_head: bool) -> Iterator[Form]:
    if per_head:
        yield Form(
            "interval_dots",
            title=HEADING_LABELS["per_head"],
            options={"label": "place", "by": "level", "unit": "ratio", "from_zero": True, **AXIS_LABELS["per_head"]},
            rows="population.notna()",
        )
    else:
        yield Form(
            "interval_dots",
            title=HEADING_LABELS["a_day"],
            options={
                "label": "place",
                "by": "level",
                "x": "a_day",
                "low": "a_day_low",
                "high": "a_day_high",
                "from_zero": True,
                **AXIS_LABELS["a_day"],
            },
            rows=f"level != '{_COMMUNE}'",
        )
    yield Form(
        "ecdf",
        title="How the reported communes' dossiers a day are spread",
        options={"x": "a_day", "log": True, "unit": "count", **AXIS_LABELS["communes"]},
        rows=f"level == '{_COMMUNE}'",
    )


def _keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    for level, name in ((_WHOLE, "provinces"), (_COMMUNE, "communes")):
        rows = table[(table["level"] == level) & table["a_day"].notna()]
        if len(rows):
            low, value, high = (float(rows[f"a_day{end}"].median()) for end in ("_low", "", "_high"))
            yield KeyNumber(f"median_dossiers_a_day_{name}", value, low, high, "dossiers a day")
    whole = table[(table["level"] == _WHOLE) & table["estimate"].notna()]
    if len(whole):
        low, value, high = (float(whole[end].median()) for end in ("low", "estimate", "high"))
        yield KeyNumber("median_dossiers_a_day_per_1000", value, low, high, "dossiers a day per 1,000 residents")
