"""How unevenly a total is spread over units: the entropy indices of Theil."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from reform_analysis.statistics.inequality import units, value_flags
from reform_analysis.statistics.result import result

CITATION = "Shorrocks 1980, doi:10.2307/1913126"


@result
class Theil:
    """Theil's two entropy indices.

    Attributes
    ----------
    theil_t, theil_l : float
        Index T (sensitive to the top) and index L (sensitive to the bottom; infinite where a value is 0).
    estimand : str
        ``"descriptive"``: a census value.
    n, n_missing : int
        Units, and how many of them are missing; one missing value makes the indices NaN.
    flags : frozenset of str
        ``missing_input``, ``all_zero``.
    citation : str
        The publication of the method.
    """

    theil_t: float
    theil_l: float
    estimand: str
    n: int
    n_missing: int
    flags: frozenset[str]
    citation: str


def theil(x: ArrayLike) -> Theil:
    """Return Theil's indices T and L of the values of all units.

    Parameters
    ----------
    x : (N,) array
        Values at least 0, one a unit; a missing value makes the indices NaN.

    Returns
    -------
    Theil
        T = mean(r ln r) and L = mean(-ln r) with r = x / mean; both at least 0, NaN if all values are 0.

    Raises
    ------
    ValueError
        For no value, or a negative or infinite one.

    Notes
    -----
    0 ln 0 counts as 0 in T; a single 0 makes L infinite. Unlike the Gini index both split exactly into a part
    within and a part between groups of units.

    References
    ----------
    Shorrocks 1980, doi:10.2307/1913126 (decomposable indices).

    Examples
    --------
    The upper end of T is ln N, where one of N units holds all.

    >>> bool(np.isclose(theil([0, 0, 0, 8]).theil_t, np.log(4)))
    True
    """
    values = units("x", x)
    flags = value_flags(values)
    relative = np.full(len(values), np.nan) if flags else values / values.mean()
    positive = np.where(relative == 0, 1.0, relative)
    return Theil(
        theil_t=float(np.mean(xlogy(relative, relative))),
        theil_l=float("inf") if (relative == 0).any() else float(-np.mean(np.log(positive))),
        estimand="descriptive",
        n=len(values),
        n_missing=int(np.isnan(values).sum()),
        flags=flags | {"census"},
        citation=CITATION,
    )
