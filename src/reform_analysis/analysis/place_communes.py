"""Notebook 06, communes: what is known of a commune's load, or of the communes of a province."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.chosen_place import UNKNOWN_LABELS, Chosen, chosen_place
from reform_analysis.analysis.digital_load import load_by_place
from reform_analysis.analysis.digital_rows import last_of, national
from reform_analysis.analysis.place_known import measurements
from reform_analysis.analysis.series import REFORM_DAY

TITLE_LABELS = {
    "strip": "Dossiers a day in the commune and in the other communes with a count",
    "dots": "Dossiers a day in the communes of the province that printed a count",
}
REFERENCE_LABELS = {"mean": "average of all communes"}
UNKNOWN_HERE_LABELS = {
    "commune": "No dated count of dossiers since 1 July was found for {place}.",
    "province": "Communes of {province} with a figure: {n} of {units}; none with a dated count of dossiers.",
}
MEASURE_LABELS = {"a_day": "dossiers a day, all kinds"}


def communes(figures: pd.DataFrame, provinces: pd.DataFrame, register: pd.DataFrame, *, place: str) -> Answer:
    """Return dossiers a day of a commune beside the others known, or of a province's communes (06.Q5).

    Parameters
    ----------
    figures
        Published figures of all topics and places.
    provinces, register
        The provinces, and all places.
    place
        ``commune, province``, or a province.

    Notes
    -----
    The communes with figures were praised or visited; they stand for no others, so no order is told. Counts with and
    without certification of copies differ several times over and are not told apart by most pages.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        return not_known("06.Q5", UNKNOWN_LABELS["country"])
    local = measurements(figures[figures["geo_level"] == "commune"])
    # a count without an upper end gives no rate
    counts = local[(local["topic"] == "digital_services") & np.isfinite(local["high"])]
    names = local[local["province_id"] == chosen.province_id]["place_name"].nunique()
    units = int(provinces.set_index("place_id").loc[chosen.province_id, "n_units"])
    values = {"place": chosen.name, "province": chosen.province, "n": names, "units": units}
    known = load_by_place(counts, provinces).table
    own = known[known["place_id" if chosen.is_commune else "province_id"] == chosen.place_id] if len(known) else known
    if own.empty:
        return not_known("06.Q5", UNKNOWN_HERE_LABELS["commune" if chosen.is_commune else "province"], **values)
    table = known if chosen.is_commune else own
    table = table.assign(province=table["province_id"].map(provinces.set_index("place_id")["name"]))
    mean = _mean(figures, int(provinces["n_units"].sum()))
    shown = _for_strip(table, chosen) if chosen.is_commune else table
    return Answer(
        "06.Q5",
        shown,
        sentences=tuple(_sentences(known, own, chosen, mean, values)),
        key_numbers=tuple(_keys(own)),
        caption="Dossiers received a day by commune, the latest count of each",
        columns={
            "place": "Commune",
            "province": "Province",
            "end": "To",
            "days": "Days",
            "a_day": "Dossiers a day",
            "reliability": "Class",
        },
        units={"days": "count", "a_day": "count"},
        notes="Communes are known because they were praised or visited: no sample, no ranking. Whether certification "
        "of copies is counted can change a count several times over.",
        forms=(_form(chosen, mean),),
    )


def _mean(figures: pd.DataFrame, units: int) -> Quantity | None:
    """Return dossiers a day of the average commune of the country, None where no count of communes is known."""
    report = last_of(national(figures, "applications_received", scope="commune_tier", start=REFORM_DAY))
    if report is None:
        return None
    share = ((report.date - REFORM_DAY).days + 1) * units
    return Quantity(report.estimate / share, report.low / share, report.high / share)


def _for_strip(table: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """Return the communes with names that no two share, the chosen one first."""
    shared = table["place"].duplicated(keep=False)
    label = table["place"].where(~shared, table["place"] + ", " + table["province"])
    is_own = table["place_id"] == chosen.place_id
    return table.assign(
        label=label.where(~is_own, chosen.name), measure=MEASURE_LABELS["a_day"], is_other=~is_own
    ).sort_values(["is_other", "province", "place"], kind="stable")


def _form(chosen: Chosen, mean: Quantity | None) -> Form:
    if chosen.is_commune:
        one = {"measure": "measure", "label": "label", "x": "a_day", "highlight": chosen.name}
        return Form("strips", TITLE_LABELS["strip"], one)
    options: dict[str, object] = {
        "label": "place",
        "x": "a_day",
        "low": "a_day_low",
        "high": "a_day_high",
        "from_zero": True,
    }
    reference = {} if mean is None else {"reference": mean.value, "reference_label": REFERENCE_LABELS["mean"]}
    return Form("interval_dots", TITLE_LABELS["dots"], {**options, "x_label": MEASURE_LABELS["a_day"], **reference})


def _sentences(
    known: pd.DataFrame, own: pd.DataFrame, chosen: Chosen, mean: Quantity | None, values: dict
) -> Iterator[Sentence]:
    if not chosen.is_commune:
        yield Sentence(
            "{n} commune of {province}'s {units} has figures.||{n} communes of {province}'s {units} have figures.",
            values,
        )
    for row in own.to_dict("records"):
        rate = Quantity(row["a_day"], row["a_day_low"], row["a_day_high"])
        yield Sentence(
            "{place}: {rate} dossiers a day to {end}.", {"place": row["place"], "rate": rate, "end": row["end"]}
        )
    low, median, high = (round(float(known["a_day"].quantile(q))) for q in (0.25, 0.5, 0.75))
    if chosen.is_commune and len(known) > 1:
        yield Sentence(
            "{n} communes of the country have a count; half of them lie between {low} and {high} dossiers a day, the "
            "middle one at {median}.",
            {"n": len(known), "low": low, "median": median, "high": high},
        )
    if mean is not None:
        yield Sentence("The average of all communes of the country was {mean} dossiers a day.", {"mean": mean})


def _keys(own: pd.DataFrame) -> Iterator[KeyNumber]:
    count = float(len(own))
    yield KeyNumber("communes_with_a_count", count, count, count, "communes")
