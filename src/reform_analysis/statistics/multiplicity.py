"""Several tests on one table: p-values adjusted for their number."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control

from reform_analysis.statistics.result import FloatArray, as_non_negative, check_not_empty, check_part, result

CITATION = "Holm 1979; Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x"


@result
class AdjustedPValues:
    """P-values adjusted for their number; NaN stays NaN.

    Attributes
    ----------
    holm : (M,) array
        For hypotheses stated beforehand: the chance of any false rejection is held.
    bh : (M,) array
        For screens: the expected share of false among all rejections is held.
    n, n_missing : int
        P-values that count, and missing ones, which do not.
    citation : str
        The publications of the methods.
    """

    holm: FloatArray
    bh: FloatArray
    n: int
    n_missing: int
    citation: str


def adjust_pvalues(p: ArrayLike) -> AdjustedPValues:
    """Return p-values adjusted by Holm and by Benjamini and Hochberg.

    Parameters
    ----------
    p : (M,) array
        P-values in [0, 1]; missing ones stay missing and do not count.

    Returns
    -------
    AdjustedPValues
        Both adjustments, in the order of the input.

    Raises
    ------
    ValueError
        For no p-value, or one outside [0, 1].

    Notes
    -----
    Holm: the largest so far of (m - i + 1) p_(i). A test that could not be done is no test: statsmodels'
    `multipletests` counts it for Holm and returns only NaN for Benjamini and Hochberg.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6: 65-70.
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x, procedure 1.

    Examples
    --------
    R's p.adjust gives .03, .04, NA, .04 and .03, .03, NA, .04.

    >>> adjusted = adjust_pvalues([0.01, 0.02, None, 0.04])
    >>> adjusted.holm.round(9).tolist(), adjusted.bh.round(9).tolist()
    ([0.03, 0.04, nan, 0.04], [0.03, 0.03, nan, 0.04])
    """
    values = np.atleast_1d(as_non_negative("p", p))
    check_not_empty("p", values)
    check_part("p", values, "1", np.ones(len(values)))
    tested = ~np.isnan(values)
    holm, bh = np.full(len(values), np.nan), np.full(len(values), np.nan)
    if tested.any():
        holm[tested] = _holm(values[tested])
        bh[tested] = false_discovery_control(values[tested], method="bh")
    return AdjustedPValues(holm=holm, bh=bh, n=int(tested.sum()), n_missing=int(np.sum(~tested)), citation=CITATION)


def _holm(p: FloatArray) -> FloatArray:
    """Step-down adjustment, at most 1."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, stepped)
    return adjusted
