"""Labels that do not run into each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def spread(wanted: Sequence[float] | NDArray[np.float64], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Return positions at least ``gap`` apart, inside [low, high], as near to the wanted ones as that allows.

    Parameters
    ----------
    wanted
        Positions, in any order, shape ``(N,)``.
    gap
        Smallest distance between neighbours.
    low, high
        Ends of the room. Where it is too short for all, labels are spaced evenly over it.

    Notes
    -----
    Least squares under the order of the wanted positions: with ``z = position - rank * gap`` the constraint is that
    ``z`` does not fall, which pooling adjacent violators solves exactly (Barlow, Bartholomew, Bremner & Brunk 1972).

    Examples
    --------
    >>> spread([5.0, 5.2, 9.0], gap=1.0, low=0.0, high=10.0).tolist()
    [4.6, 5.6, 9.0]
    """
    targets = np.asarray(wanted, dtype=float)
    n = len(targets)
    if n and (n - 1) * gap >= high - low:
        even = np.linspace(low, high, n)
        placed = np.empty(n)
        placed[np.argsort(targets, kind="stable")] = even
        return placed
    order = np.argsort(targets, kind="stable")
    blocks: list[list[float]] = []
    for rank, index in enumerate(order):
        blocks.append([targets[index] - rank * gap, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, weight), (last, more) = blocks[-2], blocks.pop()
            blocks[-1] = [(mean * weight + last * more) / (weight + more), weight + more]
    flat = np.repeat([mean for mean, _ in blocks], [int(weight) for _, weight in blocks])
    placed = np.empty(n)
    placed[order] = np.clip(flat, low, high - (n - 1) * gap) + np.arange(n) * gap
    return np.round(placed, 9)
