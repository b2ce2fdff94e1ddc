"""Association of an outcome with one covariate given others, tested by permutation (Freedman and Lane)."""

import numpy as np
from numpy.typing import ArrayLike

from reform_analysis.statistics.arrangements import TIE, Seed, method_name, orders, p_value
from reform_analysis.statistics.design import Covariates, design
from reform_analysis.statistics.result import SEED, FloatArray, as_numbers, result

CITATION = "Freedman and Lane 1983, doi:10.1080/07350015.1983.10509354"


@result
class PartialAssociation:
    """A partial association with its permutation p-value.

    Attributes
    ----------
    t : float
        t value of x in the regression of y on x and z.
    p : float
        Two-sided p-value.
    method : str
        ``"Freedman-Lane"``, and ``"exact"`` or ``"monte_carlo"``.
    arrangements : int
        Number of arrangements behind `p`.
    df : int
        Residual degrees of freedom of the regression.
    n, n_missing : int
        Complete rows, and incomplete ones left out.
    flags : frozenset of str
        ``constant`` where z leaves nothing of y to explain.
    citation : str
        The publication of the method.
    """

    t: float
    p: float
    method: str
    arrangements: int
    df: int
    n: int
    n_missing: int
    flags: frozenset[str]
    citation: str


def freedman_lane(
    y: ArrayLike,
    x: ArrayLike,
    z: Covariates,
    *,
    exact: bool = True,
    seed: Seed = SEED,
) -> PartialAssociation:
    """Return the association of y with x given z, with a permutation p-value.

    Parameters
    ----------
    y, x : (N,) array
        Outcome and the covariate of interest; rows with a missing value are left out and counted.
    z : mapping of (N,) arrays, (N, Q) array or (N,) array
        The other covariates; a constant is always added.
    exact : bool
        Whether to try all arrangements where there are at most 9 rows; else 99,999 are drawn.
    seed : int or Generator
        Source of the drawn arrangements.

    Returns
    -------
    PartialAssociation
        t value of x in the full model, and two-sided p-value by its absolute size.

    Raises
    ------
    ValueError
        For unequal lengths, collinear covariates or no residual degree of freedom.

    Notes
    -----
    The residuals of y on z are permuted, because under the hypothesis these, not y, are exchangeable. What z
    explains drops out of the full model, so that only the residuals need be refitted.

    References
    ----------
    Freedman and Lane 1983, doi:10.1080/07350015.1983.10509354.

    Examples
    --------
    By hand: with a constant only, all 24 orders of four; the observed one and its reverse reach |t|.

    >>> print(f"{freedman_lane([1, 2, 3, 5], [1, 2, 3, 4], {}).p:.4f}")
    0.0833
    """
    outcome, covariate = np.atleast_1d(as_numbers("y", y)), np.atleast_1d(as_numbers("x", x))
    rows = design({"y": outcome, "x": covariate}, z, intercept=True)
    outcome, covariate = rows.outcomes
    n, df = len(outcome), len(outcome) - rows.X.shape[1] - 1
    if df < 1:
        raise ValueError(f"y must have more complete rows than coefficients; got {n} rows, {n - df} coefficients")
    q, _ = np.linalg.qr(rows.X)
    beside, residual = covariate - q @ (q.T @ covariate), outcome - q @ (q.T @ outcome)
    if np.linalg.norm(beside) <= 1e-10 * np.linalg.norm(covariate):
        raise ValueError("x must not be a linear combination of z; got one. Leave out one of them")
    constant = bool(np.linalg.norm(residual) <= 1e-12 * np.linalg.norm(outcome))
    direction = beside / np.linalg.norm(beside)
    r = float(_partial_correlations(residual[None, :], q, direction)[0])
    blocks, is_all = orders(n, exact=exact, seed=seed)
    found = np.concatenate([_partial_correlations(residual[shuffled], q, direction) for shuffled in blocks])
    return PartialAssociation(
        t=np.nan if constant else _t_value(r, df),
        p=np.nan if constant else p_value(np.abs(found) >= abs(r) - TIE, is_all),
        method=method_name("Freedman-Lane", is_all),
        arrangements=len(found),
        df=df,
        n=n,
        n_missing=rows.n_missing,
        flags=rows.flags | ({"constant"} if constant else set()),
        citation=CITATION,
    )


def _partial_correlations(residuals: FloatArray, q: FloatArray, direction: FloatArray) -> FloatArray:
    """Correlation of each row of residuals with x, both beside z; 0 where z takes up the whole row.

    |t| rises with it, and unlike t it stays finite, so that ties can be told from rounding.
    """
    beside = residuals - (residuals @ q) @ q.T
    length = np.linalg.norm(beside, axis=1)
    empty = length <= TIE * np.linalg.norm(residuals, axis=1)
    return np.asarray(np.where(empty, 0.0, beside @ direction / np.where(empty, 1.0, length)))


def _t_value(r: float, df: int) -> float:
    """t value of a partial correlation; infinite for a perfect one."""
    return float(r * np.sqrt(df / (1 - r**2))) if abs(r) < 1 - TIE else float(np.copysign(np.inf, r))
