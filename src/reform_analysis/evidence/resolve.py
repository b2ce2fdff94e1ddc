"""One figure out of several sources, by a named rule; never an average of them.

Vocabulary: sources of one *family* repeat one report or wire and count once; two figures are *for one thing* when
indicator, scope, breakdown, place and period agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..statistics.result import result
from .interval import MISSING, Interval

RULES = ("all", "range", "latest", "official", "precise", "first", "lowest", "highest")
ONE_THING = ["indicator", "scope", "breakdown", "place_id", "period_start", "period_end"]


@dataclass(frozen=True)
class Source:
    """One source's figure for a thing.

    Parameters
    ----------
    id : str
        Name of the source or observation.
    interval : Interval
        The values that its printed figure stands for.
    family : str
        Report or wire behind it; its own id where that is not known.
    definition_match : bool
        Whether it counts by the definition asked for.
    tier : int
        1 issuing ministry or statute, 2 government portal or state agency, 3 other press.
    published : str or None
        ISO 8601 date of publication.
    """

    id: str
    interval: Interval
    family: str | None = None
    definition_match: bool = True
    tier: int = 3
    published: str | None = None


@result
class Agreement:
    """What several sources for one thing have in common.

    Parameters
    ----------
    status : str
        "compatible" if one value satisfies all sources, else "conflict".
    intersection : Interval or None
        The values that satisfy all sources.
    hull : Interval
        From the least to the greatest value that any source allows.
    best_overlap : tuple of Interval
        The values backed by most families; several where they tie.
    best_overlap_support, n_independent : int
        How many families back them, and how many there are.
    """

    status: str
    intersection: Interval | None
    hull: Interval
    best_overlap: tuple[Interval, ...]
    best_overlap_support: int
    n_independent: int


@result
class Choice:
    """The source chosen for a thing, and the ends over all sources of its definition.

    Parameters
    ----------
    best : str or None
        Id of the source; None if none has the definition.
    low, high : float
        Least and greatest value over the sources of the definition; NaN if there is none.
    """

    best: str | None
    low: float
    high: float


def resolve_conflict(sources: Sequence[Source]) -> Agreement:
    """Return whether sources for one thing agree, and if not, which values most families back.

    Parameters
    ----------
    sources : sequence of Source, shape (K,)
        At least one; ends of intervals count as closed.

    Raises
    ------
    ValueError
        If there is no source, or one has no figure.

    Notes
    -----
    Fault-tolerant intersection rather than an average: one of two disjoint figures is wrong or counts another thing,
    and their mean would be a number that nobody printed.

    References
    ----------
    Marzullo (1990), doi:10.1145/128733.128735.

    Examples
    --------
    People paid by 28 October 2025: 146,836 twice in one wire, 146,847 in another.

    >>> found = resolve_conflict([Source("a", Interval(146836, 146836), "x"),
    ...     Source("b", Interval(146836, 146836), "x"), Source("c", Interval(146847, 146847), "y")])
    >>> found.status, found.best_overlap_support, found.n_independent
    ('conflict', 1, 2)
    """
    if not sources or any(source.interval.is_missing for source in sources):
        raise ValueError("every source needs a figure, and there must be one; leave sources without figures out.")
    low = max(source.interval.low for source in sources)
    high = min(source.interval.high for source in sources)
    hull = MISSING
    for source in sources:
        hull = hull.hull(source.interval)
    overlap, support = _best_overlap(sources)
    return Agreement(
        status="compatible" if low <= high else "conflict",
        intersection=Interval(low, high) if low <= high else None,
        hull=hull,
        best_overlap=overlap,
        best_overlap_support=support,
        n_independent=len({source.family or source.id for source in sources}),
    )


def choose_figure(sources: Sequence[Source]) -> Choice:
    """Return the best source by definition, tier, precision and date, with the ends over its definition.

    Parameters
    ----------
    sources : sequence of Source, shape (K,)
        Figures for one thing.

    Notes
    -----
    In this order: definition match, lower tier, narrower interval, later publication, id. Definition goes first,
    since the most official figure of another thing is still the wrong figure.

    Examples
    --------
    >>> choose_figure([Source("press", Interval(6.5e6, 6.7e6), tier=3),
    ...                Source("agency", Interval(6.6e6, 6.7e6), tier=2)]).best
    'agency'
    """
    matching = [source for source in sources if source.definition_match and not source.interval.is_missing]
    if not matching:
        return Choice(best=None, low=math.nan, high=math.nan)
    latest_first = sorted(sorted(matching, key=lambda s: s.id), key=lambda s: s.published or "", reverse=True)
    return Choice(
        best=min(latest_first, key=lambda s: (s.tier, s.interval.width)).id,
        low=min(source.interval.low for source in matching),
        high=max(source.interval.high for source in matching),
    )


def resolve(observations: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return one row for each thing, chosen among its figures by a named rule.

    Parameters
    ----------
    observations : DataFrame
        Processed observations.
    rule : {"all", "range", "latest", "official", "precise", "first", "lowest", "highest"}
        all: every row. official: best reliability. latest, first: by date of publication, undated sources last.
        precise: narrowest bounds. lowest, highest: by value. range: the official row with bounds widened to the
        ends over all sources. Ties go to the better reliability, then the later publication, then the id.

    Returns
    -------
    DataFrame
        Rows in their order, with `n_sources` (sources that print a figure for the thing) and `chosen_over` (ids of
        the rows not chosen, joined by spaces).

    Raises
    ------
    ValueError
        If the rule is unknown.

    Notes
    -----
    Only figures of one indicator, scope, breakdown, place and period compete. Documents and deadlines never do.
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}; got {rule!r}. Use a known rule.")
    thing = _things(observations)
    n_sources = observations["source_id"].groupby(thing).transform("nunique").to_numpy()
    framed = observations.assign(n_sources=n_sources, chosen_over="")
    if rule == "all":
        return framed
    order = np.lexsort([*reversed([*_preference(observations, rule), *_ties(observations)]), thing])
    ranked = thing[order]
    is_chosen = np.r_[True, ranked[1:] != ranked[:-1]] if len(ranked) else np.zeros(0, dtype=bool)
    chosen = np.sort(order[is_chosen])
    others = pd.Series(observations["observation_id"].to_numpy()[order[~is_chosen]])
    passed_over = others.groupby(ranked[~is_chosen]).agg(" ".join).to_dict()
    resolved = framed.iloc[chosen].reset_index(drop=True)
    resolved["chosen_over"] = [passed_over.get(one, "") for one in thing[chosen]]
    return _with_range(resolved, observations, thing, thing[chosen]) if rule == "range" else resolved


def _things(observations: pd.DataFrame) -> np.ndarray:
    """A number for each row, equal where the rows are figures for one thing."""
    thing = observations.groupby(ONE_THING, dropna=False, sort=False).ngroup().to_numpy()
    # several documents or deadlines of one day are several things
    single = observations["kind"].isin(["document", "deadline"]).to_numpy()
    return np.where(single, len(observations) + np.arange(len(observations)), thing)


def first_choices(observations: pd.DataFrame, rules: Sequence[str]) -> dict[str, int]:
    """Position of the row that each rule picks, as if all rows, one or more, were figures for one thing."""
    ties = _ties(observations)
    return {rule: int(np.lexsort([*reversed([*_preference(observations, rule), *ties])])[0]) for rule in rules}


def _preference(observations: pd.DataFrame, rule: str) -> list[np.ndarray]:
    """What decides under a rule before the ties, the smallest value winning; missing values come last."""
    if rule in ("lowest", "highest"):
        value = observations["value"].to_numpy(dtype=float)
        return [value if rule == "lowest" else -value]
    if rule in ("latest", "first"):
        days = _days(observations)
        return [days if rule == "first" else -days]
    return [(observations["high"] - observations["low"]).to_numpy(dtype=float)] if rule == "precise" else []


def _ties(observations: pd.DataFrame) -> list[np.ndarray]:
    """What decides where a rule does not: the better reliability, the later publication, the id."""
    reliability, ids = (pd.factorize(observations[name], sort=True)[0] for name in ("reliability", "observation_id"))
    return [reliability, -_days(observations), ids]


def _days(observations: pd.DataFrame) -> np.ndarray:
    """Days of publication as numbers, NaN where not known."""
    return (observations["published"] - pd.Timestamp(0)).dt.days.to_numpy(dtype=float)


def _with_range(
    resolved: pd.DataFrame, observations: pd.DataFrame, thing: np.ndarray, chosen: np.ndarray
) -> pd.DataFrame:
    """Rows with bounds widened to the ends over all figures for their thing."""
    resolved = resolved.copy()
    for end, opened, least in (("low", "low_open", True), ("high", "high_open", False)):
        frame = observations[[end, opened]].assign(thing=thing)
        # at equal ends the closed one wins, as it includes the end
        frame = frame.sort_values([end, opened], ascending=[least, True], na_position="last", kind="stable")
        ends = frame.drop_duplicates("thing").set_index("thing").loc[chosen]
        resolved[end], resolved[opened] = ends[end].to_numpy(), ends[opened].to_numpy()
    for end, pick in (("hard_low", "min"), ("hard_high", "max")):
        resolved[end] = observations[end].groupby(thing).agg(pick).loc[chosen].to_numpy()
    several = resolved["chosen_over"] != ""
    resolved.loc[several, "qualifier"] = "between"
    return resolved


def _best_overlap(sources: Sequence[Source]) -> tuple[tuple[Interval, ...], int]:
    """The stretches backed by most families, and by how many."""
    by_family: dict[str, list[Interval]] = {}
    for source in sources:
        by_family.setdefault(source.family or source.id, []).append(source.interval)
    ends = sorted({end for source in sources for end in (source.interval.low, source.interval.high)})
    # every end, and a point inside each gap between neighbours: support is constant in between
    points = [p for a, b in zip(ends, ends[1:] + ends[-1:], strict=True) for p in ((a, a), (a, b))][:-1]
    support = [sum(any(i.low <= a and b <= i.high for i in held) for held in by_family.values()) for a, b in points]
    best = max(support)
    stretches: list[Interval] = []
    for (a, b), backed in zip(points, support, strict=True):
        if backed == best and stretches and stretches[-1].high == a:
            stretches[-1] = Interval(stretches[-1].low, b)
        elif backed == best:
            stretches.append(Interval(a, b))
    return tuple(stretches), best
