"""The provinces that a place is shown beside: the nearest in size, those of its region, or all."""

from __future__ import annotations

import numpy as np
import pandas as pd

# logarithms, since provinces differ by factors; each scaled to unit variance over the provinces
_SIZES = ("population", "area_km2", "n_units", "ratio")


def choose_peers(
    provinces: pd.DataFrame, province_id: str, *, peers: str = "nearest5", population_source: str = "resolution_202"
) -> list[str]:
    """Return the names of a province's peers, the nearest first.

    Parameters
    ----------
    provinces
        The provinces of the register.
    province_id
        The province; a commune's peers are those of its province.
    peers
        ``nearest5`` (in population, area, new units and old units per new unit), ``region`` or ``all``.
    population_source
        ``none`` leaves the population out of the distance.

    Raises
    ------
    ValueError
        If ``peers`` is unknown.

    Notes
    -----
    Euclidean distance of the four logarithms, each divided by its standard deviation over all provinces: size and
    structure only, nothing that was published about services, so that the choice of peers cannot flatter.
    """
    known = ("nearest5", "region", "all")
    if peers not in known:
        raise ValueError(f"peers must be one of {', '.join(known)}; got {peers!r}.")
    sizes = provinces.assign(ratio=provinces["n_units_before"] / provinces["n_units"]).set_index("place_id")
    columns = [name for name in _SIZES if name != "population" or population_source != "none"]
    logs = np.log(sizes[columns].astype(float))
    scaled = (logs - logs.mean()) / logs.std()
    distance = ((scaled - scaled.loc[province_id]) ** 2).sum(axis=1).drop(province_id).sort_values(kind="stable")
    if peers == "region":
        region = sizes["region"]
        distance = distance[region[distance.index] == region[province_id]]
    near = distance.index[:5] if peers == "nearest5" else distance.index
    return list(sizes["name"][near])
