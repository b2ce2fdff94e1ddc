"""Bounds as columns of a table: a number, its middle and its ends."""

from __future__ import annotations

import math


def middle(low: float, high: float) -> float:
    """Return the middle of two bounds; NaN where one is open, for then no middle is known."""
    return (low + high) / 2 if math.isfinite(low) and math.isfinite(high) else math.nan


def bounded(name: str, low: float, high: float) -> dict[str, float]:
    """Return a number and its bounds as columns ``name``, ``name_low`` and ``name_high``."""
    return {name: middle(low, high), f"{name}_low": low, f"{name}_high": high}
