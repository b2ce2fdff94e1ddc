"""Notebook 06, size: what the register says of a place, and where its province stands among all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.answer import Answer, KeyNumber, Quantity, Sentence, not_known
from reform_analysis.analysis.chosen_place import UNKNOWN_LABELS, Chosen, chosen_place
from reform_analysis.analysis.peers import choose_peers

MEASURE_LABELS = {
    "residents": "Residents per commune",
    "area": "Square kilometres per commune",
    "ratio": "Old units per new unit",
    "units": "Commune-level units",
}

TITLE_LABELS = {"strips": "Where the province stands among all provinces"}

REGION_LABELS = {
    "Trung du và miền núi phía Bắc": "northern midlands and mountains",
    "Đồng bằng sông Hồng": "Red River Delta",
    "Bắc Trung Bộ": "North Central Coast",
    "Duyên hải Nam Trung Bộ và Tây Nguyên": "South Central Coast and Central Highlands",
    "Đông Nam Bộ": "South-East",
    "Đồng bằng sông Cửu Long": "Mekong Delta",
}

KIND_LABELS = {"xã": "commune", "phường": "ward", "đặc khu": "special zone"}


def size(
    provinces: pd.DataFrame,
    register: pd.DataFrame,
    norm: pd.DataFrame,
    *,
    place: str,
    peers: str = "nearest5",
    population_source: str = "resolution_202",
) -> Answer:
    """Return how large a province's communes are beside those of its peers (06.Q2).

    Parameters
    ----------
    provinces, register
        The provinces, and all places, of the register.
    norm
        Figures of the norm of posts per commune; the national one is used.
    place
        A province, or ``commune, province``: then its province is shown.
    peers
        ``nearest5``, ``region`` or ``all``.
    population_source
        ``none`` leaves out what needs the population.

    Notes
    -----
    The register is complete, and exact up to its populations, which sum to about a tenth more than other totals: the
    order of places with close values means nothing. Posts are those of the norm, not people in post.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        return not_known("06.Q2", UNKNOWN_LABELS["country"])
    sizes = _sizes(provinces, population_source)
    beside = choose_peers(provinces, chosen.province_id, peers=peers, population_source=population_source)
    table = sizes.set_index("place").loc[[chosen.province, *beside]].reset_index()
    columns = {"place": "Province", **{name: MEASURE_LABELS[name] for name in MEASURE_LABELS if name in table}}
    return Answer(
        "06.Q2",
        table,
        sentences=(
            *_identity(chosen, provinces, register, population_source),
            *_stand(sizes, chosen),
            *_posts(sizes, chosen, norm),
            *([Sentence("Peers, the nearest first: {peers}.", {"peers": beside})] if peers == "nearest5" else ()),
        ),
        key_numbers=tuple(_keys(sizes, chosen)),
        caption="Size of communes in the province and its peers, the nearest first",
        columns=columns,
        units={name: "ratio" if name == "ratio" else "count" for name in columns if name != "place"},
        notes="Register of provinces. Populations are figures of Resolution 202/2025/QH15 and of lists; they are good "
        "to about a tenth, so close ranks say nothing. Peers are near in size and structure, not in what was printed.",
    )


class Strips(NamedTuple):
    """Data and options of the figure of sizes: one line of dots a measure."""

    sizes: Answer
    options: dict[str, object]


def strips(
    provinces: pd.DataFrame,
    register: pd.DataFrame,
    *,
    place: str,
    peers: str = "nearest5",
    population_source: str = "resolution_202",
) -> Strips:
    """Return what `charts.strips` draws: all provinces on each measure, the place and its peers marked.

    Parameters
    ----------
    provinces, register, place, peers, population_source
        As in `size`.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        nothing = not_known("06.Q2", UNKNOWN_LABELS["country"])
        return Strips(nothing, {"title": TITLE_LABELS["strips"], "measure": "", "label": "", "highlight": ""})
    beside = choose_peers(provinces, chosen.province_id, peers=peers, population_source=population_source)
    sizes = _sizes(provinces, population_source)
    table = pd.concat(
        [
            pd.DataFrame(
                {
                    "measure": MEASURE_LABELS[name],
                    "place": sizes["place"],
                    "estimate": sizes[name],
                    "unit": "ratio" if name == "ratio" else "count",
                }
            )
            for name in MEASURE_LABELS
            if name in sizes
        ],
        ignore_index=True,
    )
    options: dict[str, object] = {
        "title": TITLE_LABELS["strips"],
        "measure": "measure",
        "label": "place",
        "highlight": chosen.province,
        "peers": beside if peers != "all" else [],
        "unit": "by row",
    }
    return Strips(Answer("06.Q2", table), options)


def _sizes(provinces: pd.DataFrame, population_source: str) -> pd.DataFrame:
    """Return the measures, one row a province."""
    units = provinces["n_units"].astype(float)
    sizes = pd.DataFrame(
        {
            "place": provinces["name"],
            "residents": provinces["population"].astype(float) / units,
            "area": provinces["area_km2"].astype(float) / units,
            "ratio": provinces["n_units_before"].astype(float) / units,
            "units": units,
        }
    )
    return sizes.drop(columns="residents") if population_source == "none" else sizes


def _identity(
    chosen: Chosen, provinces: pd.DataFrame, register: pd.DataFrame, population_source: str
) -> Iterator[Sentence]:
    """Yield what the register says of the place."""
    row = provinces.set_index("place_id").loc[chosen.province_id]
    if chosen.is_commune:
        kind = register.set_index("place_id").loc[chosen.place_id, "type"]
        yield Sentence(
            "{place} ({kind}) is one of the {units} commune-level units of {province}; what follows is about the "
            "province, because the register has no size of communes.",
            {"place": chosen.name, "kind": KIND_LABELS[kind], "units": row["n_units"], "province": chosen.province},
        )
    values = {
        "place": chosen.province,
        "region": REGION_LABELS[row["region"]],
        "units": int(row["n_units"]),
        "communes": int(row["n_communes"]),
        "wards": int(row["n_wards"]),
        "zones": int(row["n_special_zones"]),
        "before": int(row["n_units_before"]),
        "area": round(float(row["area_km2"])),
        "people": int(row["population"]),
    }
    if values["zones"]:
        yield Sentence(
            "{place} ({region}) has {units} commune-level units, {communes} communes, {wards} wards and {zones:#} "
            "special zone, made from {before} old ones, on {area} km².||"
            "{place} ({region}) has {units} commune-level units, {communes} communes, {wards} wards and {zones:#} "
            "special zones, made from {before} old ones, on {area} km².",
            values,
        )
    else:
        yield Sentence(
            "{place} ({region}) has {units} commune-level units, {communes} communes and {wards} wards, made from "
            "{before} old ones, on {area} km².",
            values,
        )
    if population_source != "none":
        yield Sentence("The register gives it {people} residents.", values)


def _stand(sizes: pd.DataFrame, chosen: Chosen) -> Iterator[Sentence]:
    """Yield the place's value of each measure beside the middle province."""
    own = sizes[sizes["place"] == chosen.province].iloc[0]
    for name, words in MEASURE_LABELS.items():
        if name in sizes:
            yield Sentence(
                "{measure}: {value}, rank {rank} of {n} from the largest; the middle of all provinces is {median}.",
                {
                    "measure": words,
                    "value": _figure(own[name]),
                    "rank": int((sizes[name] > own[name]).sum()) + 1,
                    "n": len(sizes),
                    "median": _figure(sizes[name].median()),
                },
            )


def _posts(sizes: pd.DataFrame, chosen: Chosen, norm: pd.DataFrame) -> Iterator[Sentence]:
    """Yield the residents behind a post where every commune has as many posts as the national norm says."""
    printed = norm[(norm["place_id"] == "VN") & (norm["low"] > 0)].tail(1)
    if printed.empty or "residents" not in sizes:
        return
    people = sizes.loc[sizes["place"] == chosen.province, "residents"].item()
    value, low, high = (float(printed[end].item()) for end in ("value", "low", "high"))
    yield Sentence(
        "With {posts} posts a commune, the temporary norm, one post would serve {people} residents.",
        {
            "posts": Quantity(value, low, high),
            "people": Quantity(people / value, people / high, people / low),
        },
    )


def _figure(value: float) -> float:
    """Return a number of the register with no more digits than it deserves."""
    return round(float(value), 2) if value < 10 else float(round(value))


def _keys(sizes: pd.DataFrame, chosen: Chosen) -> Iterator[KeyNumber]:
    own = sizes[sizes["place"] == chosen.province].iloc[0]
    for name, words in MEASURE_LABELS.items():
        if name in sizes:
            value = float(own[name])
            why = "a quotient of two numbers of the register"
            yield KeyNumber(f"size_{name}", value, value, value, words, 1e-9 * value, why)
