"""Lorenz curves and the share of the largest units, of known values and of values known within bounds.

Vocabulary: the *box* is the set of all values within their bounds; a *levelled* vector has every value as near
to one common height as its bounds allow.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_non_negative,
    as_numbers,
    check_not_empty,
    check_part,
    check_same_length,
    result,
)

CITATION = "Marshall, Olkin and Arnold 2011, doi:10.1007/978-0-387-68276-1"


@result
class Lorenz(Estimate):
    """A Lorenz curve: what part of the total the smallest units hold.

    Attributes
    ----------
    population : (N + 1,) array
        Share of the units, from the smallest up: 0, 1/N, ..., 1. `estimate`, `lower` and `upper` are the shares
        of the total that these hold.
    """

    population: FloatArray


def lorenz_curve(x: ArrayLike) -> Lorenz:
    """Return the Lorenz curve of the values of all units.

    Parameters
    ----------
    x : (N,) array
        Values at least 0, one a unit; a missing value makes the curve NaN: bound it with `lorenz_bounds`.

    Returns
    -------
    Lorenz
        The curve; `lower` and `upper` equal it. NaN if all values are 0.

    Raises
    ------
    ValueError
        For no value, or a negative or infinite one.

    Notes
    -----
    The mean of the curve's trapezia below the diagonal is half the Gini index.

    References
    ----------
    Lorenz 1905, doi:10.2307/2276207.

    Examples
    --------
    By hand: of 10, the smallest unit holds 1, the two smallest 4.

    >>> lorenz_curve([3, 6, 1]).estimate.tolist()
    [0.0, 0.1, 0.4, 1.0]
    """
    values = np.atleast_1d(as_non_negative("x", x))
    check_not_empty("x", values)
    held = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    curve = held / (held[-1] if held[-1] > 0 else np.nan)
    return Lorenz(
        estimate=curve,
        lower=curve,
        upper=curve,
        population=np.linspace(0, 1, len(values) + 1),
        flags=box_flags(values, values) | {"census"},
        inputs={"x": x},
        citation="Lorenz 1905, doi:10.2307/2276207",
        **_certain(values),
    )


def lorenz_bounds(lo: ArrayLike, hi: ArrayLike) -> Lorenz:
    """Return the lowest and the highest that each point of the Lorenz curve can be.

    Parameters
    ----------
    lo, hi : (N,) array
        Bounds of the units' values, at least 0; upper bounds may be infinite. A missing bound makes the curve NaN.

    Returns
    -------
    Lorenz
        Pointwise sharp bounds; no single set of values need reach them at all points. `estimate` is NaN.

    Raises
    ------
    ValueError
        For no unit, unequal lengths, negative bounds or a lower bound above its upper.

    Notes
    -----
    See `top_share_bounds`: the smallest units hold what the largest leave.

    References
    ----------
    Marshall, Olkin and Arnold 2011, doi:10.1007/978-0-387-68276-1, chapter 1 (majorisation).

    Examples
    --------
    By hand: 1 and something between 1 and 3; the smaller holds between 1/4 and 1/2.

    >>> curve = lorenz_bounds([1, 1], [1, 3])
    >>> curve.lower.tolist(), curve.upper.tolist()
    ([0.0, 0.25, 1.0], [0.0, 0.5, 1.0])
    """
    low, high = box(lo, hi)
    least = _least_top_shares(low, high)
    most = np.array([_most_top_share(low, high, m) for m in range(len(low) + 1)])
    return Lorenz(
        estimate=np.full(len(low) + 1, np.nan),
        lower=1 - most[::-1],
        upper=1 - least[::-1],
        population=np.linspace(0, 1, len(low) + 1),
        flags=box_flags(low, high),
        inputs={"lo": lo, "hi": hi},
        citation=CITATION,
        **_certain(low + high),
    )


def top_share(x: ArrayLike, *, m: int) -> Estimate:
    """Return the share of the total that the m largest units hold.

    Parameters
    ----------
    x : (N,) array
        Values at least 0, one a unit; a missing value makes the share NaN.
    m : int
        Number of units, from 0 to N.

    Returns
    -------
    Estimate
        Share in [0, 1]; `lower` and `upper` equal it. NaN if all values are 0.

    Raises
    ------
    ValueError
        For no value, a negative or infinite one, or m outside 0 to N.

    Notes
    -----
    The share of a census; for values known within bounds see `top_share_bounds`.

    References
    ----------
    Lorenz 1905, doi:10.2307/2276207.

    Examples
    --------
    By hand: the larger two of 1, 3 and 6 hold nine tenths.

    >>> top_share([3, 6, 1], m=2).estimate
    0.9
    """
    bounds = top_share_bounds(x, x, m=m)
    return Estimate(
        **{name: getattr(bounds, name) for name in ("lower", "upper", "level", "method", "n", "n_missing")},
        estimate=bounds.lower,
        estimand="descriptive",
        flags=bounds.flags | {"census"},
        inputs={"x": x, "m": m},
        citation="Lorenz 1905, doi:10.2307/2276207",
    )


def top_share_bounds(lo: ArrayLike, hi: ArrayLike, *, m: int) -> Estimate:
    """Return the least and the most that the m largest units can hold of the total.

    Parameters
    ----------
    lo, hi : (N,) array
        Bounds of the units' values, at least 0; upper bounds may be infinite. A missing bound makes both NaN.
    m : int
        Number of units, from 0 to N.

    Returns
    -------
    Estimate
        Sharp bounds in [0, 1]; `estimate` is NaN, because the bounds single out no value.

    Raises
    ------
    ValueError
        For no unit, unequal lengths, negative bounds, a lower bound above its upper, or m outside 0 to N.

    Notes
    -----
    Most: some m units at their upper ends, the others at their lower; which m, by Dinkelbach's iteration. Least:
    at a levelled vector, which all others of its sum majorise; between two neighbouring ends of bounds the share
    is monotone in the height, so that trying each end suffices.

    References
    ----------
    Dinkelbach 1967, doi:10.1287/mnsc.13.7.492 (ratios).
    Marshall, Olkin and Arnold 2011, doi:10.1007/978-0-387-68276-1, chapter 1 (majorisation).

    Examples
    --------
    By hand: 2 to 4 against 1 and 1.

    >>> bounds = top_share_bounds([2, 1, 1], [4, 1, 1], m=1)
    >>> print(f"{bounds.lower:.3f} {bounds.upper:.3f}")
    0.500 0.667
    """
    low, high = box(lo, hi)
    if not 0 <= m <= len(low):
        raise ValueError(f"m must be in 0 to {len(low)}, the number of units; got {m}")
    return Estimate(
        estimate=np.nan,
        lower=float(_least_top_shares(low, high)[m]),
        upper=float(_most_top_share(low, high, m)),
        flags=box_flags(low, high),
        inputs={"lo": lo, "hi": hi, "m": m},
        citation=CITATION,
        **_certain(low + high),
    )


def box(lo: ArrayLike, hi: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return checked bounds of non-negative values; upper ones may be infinite."""
    low, high = np.atleast_1d(as_non_negative("lo", lo)), np.atleast_1d(as_numbers("hi", hi, infinite=True))
    check_same_length(lo=low, hi=high)
    check_not_empty("lo", low)
    check_part("lo", low, "hi", high)
    return low, high


def box_flags(low: FloatArray, high: FloatArray) -> frozenset[str]:
    """What a reader of bounds has to know: missing ends, nothing to share, ends that are never reached."""
    raised = {
        "missing_input": bool(np.isnan(low + high).any()),
        "all_zero": not high.any(),
        "unbounded": bool(np.isinf(high).any()),
    }
    return frozenset(flag for flag, is_raised in raised.items() if is_raised)


def levelled(low: FloatArray, high: FloatArray) -> Iterator[FloatArray]:
    """The levelled vectors at all finite ends of the box, those of sum 0 left out."""
    ends = np.unique(np.concatenate([low, high[np.isfinite(high)]]))
    candidates = (np.clip(height, low, high) for height in ends)
    return (values for values in candidates if values.any())


def _certain(values: FloatArray) -> dict[str, Any]:
    """The fields that all results of this module share."""
    return {
        "level": np.nan,
        "method": "box",
        "estimand": "descriptive",
        "n": len(values),
        "n_missing": int(np.isnan(values).sum()),
    }


def _top_shares(values: FloatArray) -> FloatArray:
    """Shares of the 0, 1, ..., N largest values."""
    tops = np.concatenate([[0.0], np.cumsum(np.sort(values)[::-1])])
    return tops / (tops[-1] if tops[-1] > 0 else np.nan)


def _least_top_shares(low: FloatArray, high: FloatArray) -> FloatArray:
    """The least that the 0, 1, ..., N largest can hold."""
    if box_flags(low, high) & {"missing_input", "all_zero"}:
        return np.full(len(low) + 1, np.nan)
    return np.min([_top_shares(values) for values in levelled(low, high)], axis=0)


def _most_top_share(low: FloatArray, high: FloatArray, m: int) -> float:
    """The most that m units can hold: Dinkelbach's iteration over sets of m units."""
    if box_flags(low, high) & {"missing_input", "all_zero"}:
        return np.nan
    if m == 0 or np.isinf(high).any():
        return float(m > 0)
    share = 0.0
    while True:
        # a unit in the set brings (1 - share) of its upper end and spares its lower end outside
        gain = (1 - share) * high + share * low
        chosen = np.argsort(gain, kind="stable")[::-1][:m]
        inside = high[chosen].sum()
        better = float(inside / (inside + low.sum() - low[chosen].sum()))
        if better <= share * (1 + 1e-15):
            return share
        share = better
