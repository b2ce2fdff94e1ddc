"""Which figures a reader asked for: filters over processed observations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .schema import codes
from .validate import suggestion

_Mask = npt.NDArray[np.bool_]

# phase asked for -> phases of the rows
_PHASES = {
    "baseline": ("baseline",),
    "window": ("window",),
    "followup": ("followup",),
    "window+baseline": ("baseline", "window"),
    "all": ("baseline", "window", "followup"),
}


def select(
    frame: pd.DataFrame,
    *,
    topic: str | None,
    indicators: Sequence[str] | None,
    place: str | None,
    geo_level: str | None,
    start: str | None,
    as_of: str | None,
    min_reliability: str,
    phase: str,
    known_indicators: Iterable[str],
) -> pd.DataFrame:
    """Return the rows of ``frame`` that meet every condition; `store.load` says what each means."""
    classes = codes("reliabilities")
    good = classes[: classes.index(one_of("min_reliability", min_reliability, classes)) + 1]
    keep = _is_any(frame["reliability"], good) & ~_is_any(frame["status"], ["withdrawn"])
    keep &= _is_any(frame["phase"], _PHASES[one_of("phase", phase, _PHASES)])
    if topic is not None:
        keep &= _is_any(frame["topic"], [one_of("topic", topic, codes("topics"))])
    if indicators is not None:
        known = set(known_indicators)
        keep &= _is_any(frame["indicator"], [one_of("indicator", code, known) for code in indicators])
    if geo_level is not None:
        keep &= _is_any(frame["geo_level"], [one_of("geo_level", geo_level, codes("levels"))])
    if place is not None:
        keep &= _within(frame, place, geo_level)
    if start is not None:
        keep &= (frame["period_end"] >= day(start, "start")).to_numpy()
    if as_of is not None:
        keep &= (frame["period_end"] <= day(as_of, "as_of")).to_numpy()
    return frame[keep].reset_index(drop=True)


def _is_any(column: pd.Series, values: Sequence[str]) -> _Mask:
    """Return whether each row holds one of a few values: comparing arrays costs a quarter of asking pandas."""
    cells = column.to_numpy()
    found = np.zeros(len(cells), dtype=bool)
    for value in values:
        found |= cells == value
    return found


def _within(frame: pd.DataFrame, place: str, geo_level: str | None) -> _Mask:
    """Return whether each row is of ``place``, or, when a level is named, of a place of that level in it."""
    own = _is_any(frame["place_id"], [place])
    if geo_level is None:
        return own
    return own | _is_any(frame["province_id"], [place]) | (place == "VN")


def one_of(name: str, value: str, known: Iterable[str]) -> str:
    """Return ``value`` if known; ValueError lists what is known, or for long lists what is near."""
    known = list(known)
    if value in known:
        return value
    listed = f"known: {', '.join(known)}" if len(known) <= 12 else "`ra.codebook()` lists them"
    raise ValueError(f"{name} {value!r} is unknown{suggestion(str(value), known)}; {listed}")


def day(text: str, name: str) -> pd.Timestamp:
    """Return an ISO date as a time stamp; ValueError if it is none."""
    try:
        return pd.to_datetime(text, format="%Y-%m-%d")
    except (ValueError, TypeError):
        raise ValueError(f"{name} must be a date as YYYY-MM-DD; got {text!r}") from None
