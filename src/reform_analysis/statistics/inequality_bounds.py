"""Sharp bounds of the Gini index when each value is known only within bounds."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from reform_analysis.statistics.inequality import plain_gini
from reform_analysis.statistics.lorenz import box, box_flags, levelled
from reform_analysis.statistics.result import Estimate, FloatArray

CITATION = "Gastwirth 1972, doi:10.2307/1937992"

# gains of the index below this are rounding
_TOLERANCE = 1e-13


def gini_bounds(lo: ArrayLike, hi: ArrayLike) -> Estimate:
    """Return the least and the greatest Gini index that values within the bounds can have.

    Parameters
    ----------
    lo, hi : (N,) array
        Bounds of the units' values, at least 0; an unknown value has bounds 0 and infinity, and a missing bound
        makes both ends NaN.

    Returns
    -------
    Estimate
        Sharp bounds in [0, 1 - 1/N]; `estimate` is NaN, because the bounds single out no value. Where an upper
        end is infinite the upper bound is approached, never reached: flag ``unbounded``.

    Raises
    ------
    ValueError
        For no unit, unequal lengths, negative bounds or a lower bound above its upper.

    Notes
    -----
    Least: a levelled vector clip(c, lo, hi) is majorised by all others of its sum, and between two neighbouring
    ends of bounds its index is monotone in c, so that trying each end as c suffices. Greatest: at a vertex of the
    box. The index is D / (N S) with D the sum of all differences and S the total; for a trial value g the best
    vertex maximises D - g N S (Dinkelbach). With m(t) the number of values at or below t that is the integral of
    (m - g N)(N - m), concave in m, and each unit put at its lower end raises m over one stretch of t: a linear
    programme over an interval matrix, whose vertices are whole. So the 2^N vertices need not be tried.

    References
    ----------
    Gastwirth 1972, doi:10.2307/1937992 (bounds from grouped data).
    Dinkelbach 1967, doi:10.1287/mnsc.13.7.492 (ratios).

    Examples
    --------
    By hand: 1 and something between 1 and 3; equal at best, else 2 / (2 * 4).

    >>> bounds = gini_bounds([1, 1], [1, 3])
    >>> print(f"{bounds.lower:.2f} {bounds.upper:.2f}")
    0.00 0.25
    """
    low, high = box(lo, hi)
    flags = box_flags(low, high)
    known = not flags & {"missing_input", "all_zero"}
    return Estimate(
        estimate=np.nan,
        lower=_least(low, high) if known else np.nan,
        upper=_greatest(low, high) if known else np.nan,
        level=np.nan,
        method="box",
        estimand="descriptive",
        n=len(low),
        n_missing=int(np.isnan(low + high).sum()),
        flags=flags,
        inputs={"lo": lo, "hi": hi},
        citation=CITATION,
    )


def _least(low: FloatArray, high: FloatArray) -> float:
    """The lowest index of a levelled vector."""
    return float(min(plain_gini(values) for values in levelled(low, high)))


def _greatest(low: FloatArray, high: FloatArray) -> float:
    """The highest index of a vertex, by Dinkelbach's iteration; one value without end holds all."""
    if np.isinf(high).any():
        return 1 - 1 / len(low)
    # scipy's tolerances are absolute
    low, high = low / high.max(), high / high.max()
    index = _least(low, high)
    while True:
        vertex = _best_vertex(low, high, index)
        better = float(plain_gini(vertex)) if vertex.any() else index
        if better <= index + _TOLERANCE:
            return index
        index = better


def _best_vertex(low: FloatArray, high: FloatArray, index: float) -> FloatArray:
    """The vertex with the greatest D - index N S: which units to put at their lower ends."""
    n = len(low)
    ends = np.unique(np.concatenate([low, high]))
    start, length = ends[:-1], np.diff(ends)
    covers = (low[None, :] <= start[:, None]) & (high[None, :] > start[:, None])
    stretch, step = np.nonzero(np.arange(n)[None, :] < covers.sum(axis=1)[:, None])
    if not len(stretch):
        return high
    # tangents of the concave reward at each whole number m of values at or below a stretch
    m = (high[None, :] <= start[:, None]).sum(axis=1)[stretch] + step
    slope, height = n - 2 * m - 1 + index * n, (m - index * n) * (n - m)
    rows = np.arange(len(stretch))
    rewards = csr_array((np.ones(len(rows)), (rows, stretch)), shape=(len(rows), len(start)))
    lowered = csr_array(covers[stretch] * -slope[:, None].astype(float))
    used = np.isin(np.arange(len(start)), stretch)
    solved = linprog(
        np.concatenate([np.zeros(n), np.where(used, -length, 0)]),
        A_ub=hstack([lowered, rewards], format="csr"),
        b_ub=height - slope * step,
        bounds=[(0, 1)] * n + [(None, None) if is_used else (0, 0) for is_used in used],
        method="highs-ds",
    )
    return np.where(solved.x[:n] > 0.5, low, high)
