"""Places against a common target: which lie outside what chance and the usual spread explain."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, norm

from reform_analysis.statistics.result import (
    FloatArray,
    as_counts,
    as_numbers,
    check_choice,
    check_not_empty,
    check_part,
    check_same_length,
    result,
)

CITATION = "Spiegelhalter 2005, doi:10.1002/sim.1970"

# two and three standard errors, by their usual tail areas
FUNNEL_TAILS = (0.001, 0.025, 0.975, 0.999)
FUNNEL_METHODS = ("exact", "normal")
SCALES = ("pearson", "arcsine")

# a variance between fewer units says nothing
MIN_UNITS = 5


@result
class FunnelLimits:
    """Control limits of a funnel plot.

    Attributes
    ----------
    limits : (K, P) array
        Limit of each unit (row) at each tail probability (column), as a proportion; not clipped to [0, 1].
    target : float
        The proportion around which the funnel stands.
    n : (K,) array
        Trials of each unit.
    p : (P,) array
        Tail probabilities.
    method : str
        ``"exact"`` or ``"normal"``.
    n_missing : int
        Units without trials, whose limits are NaN.
    flags : frozenset of str
        ``no_data`` where a unit has no trial; ``degenerate_target`` at 0 or 1, where nothing can vary.
    citation : str
        The publication of the method.
    """

    limits: FloatArray
    target: float
    n: FloatArray
    p: FloatArray
    method: str
    n_missing: int
    flags: frozenset[str]
    citation: str


@result
class Overdispersion:
    """How much more the units differ than chance explains.

    Attributes
    ----------
    theta : float
        The target, successes over trials of all units.
    z : (K,) array
        Distance of each unit from the target in binomial standard errors; NaN for a unit without data.
    z_winsorised : (K,) array
        The same with both tails pulled in.
    phi_raw, phi : float
        Mean squared `z` before and after winsorising; about 1 where chance explains all.
    tau2 : float
        Variance between units on the scale of the comparison.
    z_adjusted_additive : (K,) array
        Distances with `tau2` added to each unit's variance.
    z_adjusted_multiplicative : (K,) array
        Distances over sqrt(max(1, phi)).
    scale : str
        ``"pearson"`` or ``"arcsine"``.
    n, n_missing : int
        Units used, and units left out for want of data.
    flags : frozenset of str
        ``few_units`` below five units, ``degenerate_target`` at 0 or 1: the spread is then NaN.
    citation : str
        The publication of the method.
    """

    theta: float
    z: FloatArray
    z_winsorised: FloatArray
    phi_raw: float
    phi: float
    tau2: float
    z_adjusted_additive: FloatArray
    z_adjusted_multiplicative: FloatArray
    scale: str
    n: int
    n_missing: int
    flags: frozenset[str]
    citation: str


def funnel_limits(
    target: float,
    n: ArrayLike,
    *,
    p: ArrayLike = FUNNEL_TAILS,
    method: str = "exact",
    phi: float = 1.0,
    tau2: float = 0.0,
) -> FunnelLimits:
    """Return control limits around a target proportion for units of the given sizes.

    Parameters
    ----------
    target : float
        Proportion in [0, 1] around which the funnel stands.
    n : (K,) array
        Trials of each unit; a unit with none, or missing, gives NaN.
    p : (P,) array
        Tail probabilities in (0, 1).
    method : {"exact", "normal"}
        Interpolated binomial quantiles, or the normal approximation with room for overdispersion.
    phi, tau2 : float
        Multiplicative and additive overdispersion, used by ``"normal"`` only.

    Returns
    -------
    FunnelLimits
        Proportions, one row a unit, one column a tail.

    Raises
    ------
    ValueError
        For a target outside [0, 1], tails outside (0, 1), trials that are not whole or negative, an unknown
        method, or overdispersion with the exact method.

    Notes
    -----
    Exact: r is the smallest count with F(r) >= p, the limit (r - alpha) / n with alpha = (F(r) - p) / (F(r) -
    F(r - 1)), which smooths the steps of the binomial. Limits below 0 or above 1 are left for the chart to clip.
    Normal: target + z_p sqrt(phi target (1 - target) / n + tau2).

    References
    ----------
    Spiegelhalter 2005, doi:10.1002/sim.1970, appendix (interpolated limits).

    Examples
    --------
    One trial at one half, by hand: F(0) = .5, so a tail of .5 gives r = 0 and alpha = 0; one of .75 gives r = 1
    and alpha = (1 - .75) / .5.

    >>> funnel_limits(0.5, [1], p=[0.5, 0.75]).limits.tolist()
    [[0.0, 0.5]]
    """
    check_choice("method", method, FUNNEL_METHODS)
    if not 0 <= target <= 1:
        raise ValueError(f"target must be in [0, 1]; got {target}")
    trials, tails = np.atleast_1d(as_counts("n", n)), np.atleast_1d(as_numbers("p", p))
    if not ((tails > 0) & (tails < 1)).all():
        raise ValueError(f"p must be in (0, 1); got {tails.tolist()}")
    if phi < 0 or tau2 < 0:
        raise ValueError(f"phi and tau2 must be at least 0; got phi = {phi}, tau2 = {tau2}")
    if method == "exact" and (phi != 1 or tau2 != 0):
        raise ValueError(f"phi and tau2 need method='normal'; got method='exact', phi = {phi}, tau2 = {tau2}")
    empty = ~(trials > 0)
    sizes = np.where(empty, 1, trials)[:, None]
    if method == "exact":
        limits = _interpolated_quantile(target, sizes, tails) / sizes
    else:
        limits = target + norm.ppf(tails) * np.sqrt(phi * target * (1 - target) / sizes + tau2)
    flags = {"no_data"} if empty.any() else set()
    return FunnelLimits(
        limits=np.where(empty[:, None], np.nan, limits),
        target=float(target),
        n=trials,
        p=tails,
        method=method,
        n_missing=int(empty.sum()),
        flags=frozenset(flags | _degenerate(target)),
        citation=CITATION,
    )


def funnel_overdispersion(k: ArrayLike, n: ArrayLike, *, trim: float = 0.1, scale: str = "pearson") -> Overdispersion:
    """Return the units' distances from the common proportion and how far chance fails to explain them.

    Parameters
    ----------
    k : (K,) array
        Successes of each unit, whole numbers; missing ones are left out and counted.
    n : (K,) array
        Trials of each unit; units without any are left out and counted.
    trim : float
        Share of the units winsorised in each tail, in [0, 0.5).
    scale : {"pearson", "arcsine"}
        Compare proportions, or their arcsine roots.

    Returns
    -------
    Overdispersion
        Distances and spread; with fewer than 5 units, or a target of 0 or 1, the spread is NaN and flagged.

    Raises
    ------
    ValueError
        For counts that are negative, not whole or above their trials, unequal lengths, no unit, a trim outside
        [0, 0.5) or an unknown scale.

    Notes
    -----
    phi is the mean square of the winsorised z; tau2 = max(0, (I phi - (I - 1)) / (sum w - sum w^2 / sum w)) with
    w = 1 / s^2 for I units. With trials in the hundred thousands phi runs into the hundreds, and limits widened
    by sqrt(phi) mean nothing: use the additive z, as a descriptive screen.

    References
    ----------
    Spiegelhalter 2005, doi:10.1002/sim.1970, section on over-dispersion.

    Examples
    --------
    By hand, five units of 50 around one tenth, binomial variance 4.5: phi = (4 + 0 + 4 + 1 + 1) / 4.5 / 5.

    >>> spread = funnel_overdispersion([3, 5, 7, 4, 6], [50] * 5)
    >>> print(f"{spread.theta:.2f} {spread.phi_raw:.4f} {spread.tau2:.2f}")
    0.10 0.4444 0.00
    """
    check_choice("scale", scale, SCALES)
    if not 0 <= trim < 0.5:
        raise ValueError(f"trim must be in [0, 0.5); got {trim}")
    successes, trials = np.atleast_1d(as_counts("k", k)), np.atleast_1d(as_counts("n", n))
    check_same_length(k=successes, n=trials)
    check_not_empty("k", successes)
    check_part("k", successes, "n", trials)
    known = ~np.isnan(successes) & (trials > 0)
    units = int(known.sum())
    theta = float(successes[known].sum() / trials[known].sum()) if units else np.nan
    flags = _degenerate(theta) | ({"few_units"} if units < MIN_UNITS else set())
    distance, s = _distances(np.where(known, successes, np.nan), np.where(known, trials, np.nan), theta, scale)
    z = distance / s
    z_winsorised, phi_raw, phi, tau2 = _spread(z, s, known, trim, usable=not flags)
    return Overdispersion(
        theta=theta,
        z=z,
        z_winsorised=z_winsorised,
        phi_raw=phi_raw,
        phi=phi,
        tau2=tau2,
        z_adjusted_additive=distance / np.sqrt(s**2 + tau2),
        z_adjusted_multiplicative=z / np.sqrt(np.maximum(1, phi)),
        scale=scale,
        n=units,
        n_missing=len(trials) - units,
        flags=frozenset(flags),
        citation=CITATION,
    )


def _interpolated_quantile(target: float, sizes: FloatArray, tails: FloatArray) -> FloatArray:
    """r - alpha: the smallest count r with F(r) >= p, less the share of its step that overshoots p."""
    r = binom.ppf(tails, sizes, target)
    # at 0 and 1 the whole mass is one step, at 0 or at n
    r = np.maximum(r, 0)
    alpha = (binom.cdf(r, sizes, target) - tails) / binom.pmf(r, sizes, target)
    return r - alpha


def _degenerate(target: float) -> set[str]:
    """The flag of a target at which nothing can vary."""
    return set() if 0 < target < 1 else {"degenerate_target"}


def _distances(successes: FloatArray, trials: FloatArray, theta: float, scale: str) -> tuple[FloatArray, FloatArray]:
    """Distances from the target and their standard errors; NaN for a target that nothing can leave."""
    if not 0 < theta < 1:
        return np.full(len(trials), np.nan), np.full(len(trials), np.nan)
    share = successes / trials
    if scale == "arcsine":
        return np.arcsin(np.sqrt(share)) - np.arcsin(np.sqrt(theta)), 1 / (2 * np.sqrt(trials))
    return share - theta, np.sqrt(theta * (1 - theta) / trials)


def _spread(
    z: FloatArray, s: FloatArray, known: NDArray[np.bool_], trim: float, *, usable: bool
) -> tuple[FloatArray, float, float, float]:
    """Winsorised z, mean squares before and after, and the variance between units; NaN unless usable."""
    if not usable:
        return np.full(len(z), np.nan), np.nan, np.nan, np.nan
    pulled = np.clip(z, *np.quantile(z[known], [trim, 1 - trim]))
    phi_raw, phi = float(np.mean(z[known] ** 2)), float(np.mean(pulled[known] ** 2))
    units, w = int(known.sum()), 1 / s[known] ** 2
    tau2 = (units * phi - (units - 1)) / (np.sum(w) - np.sum(w**2) / np.sum(w))
    return pulled, phi_raw, phi, float(max(0.0, tau2))
