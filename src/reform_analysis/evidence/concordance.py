"""Values of the 63 former provinces carried over to the 34 provinces of 1 July 2025, with their bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

RULES = ("population", "equal", "range")
_Limits = tuple[float, float]


def carry_over(
    values: Mapping[str, float],
    concordance: pd.DataFrame,
    *,
    weights: Mapping[str, float] | None = None,
    rule: str = "equal",
    limits: _Limits | None = None,
) -> pd.DataFrame:
    """Return an index of the former provinces as estimate and bounds for the provinces they became.

    Parameters
    ----------
    values : mapping of str to float
        Value of each former province by its ``old-`` id (a dict or a Series): a mean, score or rate, never a
        count. NaN, or an absent id, means not published.
    concordance : DataFrame
        Columns ``old_id`` and ``new_id``; whole former provinces only, as in ``concordance.csv``.
    weights : mapping of str to float, optional
        Population of each former province, > 0. Required by the rule "population", refused by the others.
    rule : {"equal", "population", "range"}
        What the estimate is: the plain mean of the parts, their population-weighted mean, or none.
    limits : tuple of float, optional
        Lowest and highest value the index can take. A part without a figure is then anywhere between them.

    Returns
    -------
    DataFrame
        One row a province, sorted by ``place_id``: ``place_id``, ``estimate``, ``low``, ``high`` (units of the
        index), ``n_parts`` former provinces, ``n_missing`` of them without a value, and ``rule``: "exact"
        where the province was not merged. With a part missing, ``estimate`` is NaN, and so are the bounds
        unless `limits` are given.

    Raises
    ------
    ValueError
        If the rule is unknown, weights and rule do not belong together, a weight is missing or not positive, an
        id is no former province, or a value lies outside `limits`.

    Notes
    -----
    The value of a merged province is a mean of its parts under weights nobody published. Whatever they are, it
    lies between the least and the greatest part, and each end is reached by some weights: ``[low, high]`` is
    sharp. A mean under one choice of weights, the usual way, hides that; it is given beside the bounds, not
    instead of them. The evidence has no populations of the former provinces, so "equal" is the default; the
    digital transformation index of 2024 was published for the 34 provinces by that same rule.

    References
    ----------
    Manski CF. Partial Identification of Probability Distributions. Springer 2003.
    doi:10.1007/b97478

    Examples
    --------
    PAPI 2024 totals of Lào Cai (old-10) and Yên Bái (old-15), and of Cao Bằng, which was not merged:

    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"old_id": ["old-04", "old-10", "old-15"], "new_id": ["04", "15", "15"]})
    >>> carried = carry_over({"old-04": 41.3325, "old-10": 41.7489, "old-15": 41.9391}, pairs)
    >>> carried[["place_id", "estimate", "low", "high", "rule"]]
      place_id  estimate      low     high   rule
    0       04   41.3325  41.3325  41.3325  exact
    1       15   41.8440  41.7489  41.9391  equal
    """
    import pandas as pd

    parts = _parts(concordance)
    known = {place_id: float(value) for place_id, value in values.items() if not math.isnan(float(value))}
    _check_values(known, set(values.keys()), parts, limits)
    shares = _weights(weights, rule, parts)
    rows = [
        {
            "place_id": new_id,
            "estimate": _estimate(old_ids, known, shares),
            **_bounds(old_ids, known, limits),
            "n_parts": len(old_ids),
            "n_missing": sum(old_id not in known for old_id in old_ids),
            "rule": rule if len(old_ids) > 1 else "exact",
        }
        for new_id, old_ids in sorted(parts.items())
    ]
    return pd.DataFrame(rows)


def _parts(concordance: pd.DataFrame) -> dict[str, list[str]]:
    """Former provinces of each province."""
    parts: dict[str, list[str]] = {}
    for old_id, new_id in zip(concordance["old_id"].tolist(), concordance["new_id"].tolist(), strict=True):
        parts.setdefault(new_id, []).append(old_id)
    return parts


def _check_values(
    known: Mapping[str, float], given: set[str], parts: Mapping[str, list[str]], limits: _Limits | None
) -> None:
    """Refuse ids that would be dropped silently, and values that the limits exclude."""
    former = {old_id for old_ids in parts.values() for old_id in old_ids}
    if strangers := sorted(given - former):
        raise ValueError(
            f"values must be of former provinces of the concordance; got {', '.join(strangers)}. "
            "Former provinces have ids such as old-10"
        )
    if limits:
        for place_id, value in sorted(known.items()):
            if not limits[0] <= value <= limits[1]:
                raise ValueError(f"values must be in limits {limits}; got {value} for {place_id}. Correct one of them")


def _weights(
    weights: Mapping[str, float] | None, rule: str, parts: Mapping[str, list[str]]
) -> Mapping[str, float] | None:
    """Weight of each former province; None where the rule gives no estimate for a merged province."""
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}; got {rule!r}")
    if (weights is not None) != (rule == "population"):
        raise ValueError(
            f"weights must be given with rule 'population' and with no other; got rule {rule!r} "
            f"{'with' if weights is not None else 'without'} weights"
        )
    former = [old_id for old_ids in parts.values() for old_id in old_ids]
    if weights is None:
        return dict.fromkeys(former, 1.0) if rule == "equal" else None
    for old_id in former:
        if not weights.get(old_id, math.nan) > 0:
            raise ValueError(f"weights must be > 0 for each former province; got {weights.get(old_id)} for {old_id}")
    return weights


def _estimate(old_ids: list[str], known: Mapping[str, float], shares: Mapping[str, float] | None) -> float:
    """Weighted mean of the parts; the value itself where there is one; NaN where one is missing."""
    if any(old_id not in known for old_id in old_ids):
        return math.nan
    if len(old_ids) == 1:
        return known[old_ids[0]]
    if shares is None:
        return math.nan
    total = math.fsum(shares[old_id] for old_id in old_ids)
    mean = math.fsum(shares[old_id] * known[old_id] for old_id in old_ids) / total
    # rounding in floating point must not push the mean of equal parts past them
    return min(max(mean, min(known[old_id] for old_id in old_ids)), max(known[old_id] for old_id in old_ids))


def _bounds(old_ids: list[str], known: Mapping[str, float], limits: _Limits | None) -> dict[str, float]:
    """Least and greatest value that some weights of the parts give."""
    found = [known[old_id] for old_id in old_ids if old_id in known]
    if len(found) < len(old_ids):
        found = [*found, *limits] if limits else [math.nan]
    return {"low": min(found), "high": max(found)}
