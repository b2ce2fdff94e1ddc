"""The place that a reader asked for, found in the register by its name."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

# codes that tell most of what a reader would want to know of a place, by topic: what coverage is counted in
CORE_CODES = {
    "digital_services": (
        "applications_received",
        "applications_received_online",
        "online_share",
        "applications_resolved",
        "on_time_rate",
        "applications_in_process",
        "applications_overdue",
        "procedures_on_portal",
        "procedures_fully_online",
        "service_quality_index",
        "service_rank",
    ),
    "decentralisation": ("procedures_commune_level", "procedures_province_level"),
    "staffing": (
        "commune_staff",
        "staff_quota",
        "staff_surplus",
        "staff_shortage",
        "leave_decided",
        "benefits_paid_count",
    ),
    "organisation": ("provincial_agencies", "service_centres"),
    "finance": ("properties_surplus",),
}

UNKNOWN_LABELS = {
    "country": "This profile is of one place: choose a province or a commune.",
}


# levels whose places are named alone
_WHOLE = ("country", "province")


class Chosen(NamedTuple):
    """A place of the register; a province is its own province."""

    place_id: str
    name: str
    level: str
    province_id: str
    province: str

    @property
    def is_commune(self) -> bool:
        """Whether the place is a commune, ward or special zone."""
        return self.level == "commune"

    @property
    def is_country(self) -> bool:
        """Whether the reader asked for the whole country."""
        return self.level == "country"


def chosen_place(place: str, register: pd.DataFrame) -> Chosen:
    """Return a place by the name a reader gave: the country, a province, or ``commune, province``.

    Parameters
    ----------
    place
        Name as in the register.
    register
        All places, as ``ra.places()`` gives them.

    Raises
    ------
    ValueError
        If the register has no such place.
    """
    name, _, province = place.partition(", ")
    homes = [row["place_id"] for row in _named(register, province) if row["level"] == "province"] if province else []
    found = [
        row
        for row in _named(register, name)
        if (row["level"] == "commune" and row["province_id"] in homes if province else row["level"] in _WHOLE)
    ]
    if not found:
        raise ValueError(
            f"place must be Việt Nam, a province, or 'commune, province' of the register; got {place!r}. "
            f"`ra.places()` lists the names."
        )
    row = found[0]
    home = row["place_id"] if row["level"] != "commune" else row["province_id"]
    return Chosen(row["place_id"], name, row["level"], home, "" if row["level"] == "country" else province or name)


def _named(register: pd.DataFrame, name: str) -> list[dict]:
    """Return the places of a name."""
    rows = np.flatnonzero(register["name"].to_numpy() == name)
    columns = ("place_id", "level", "province_id")
    values = zip(*(register[column].array[rows].tolist() for column in columns), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in values]
