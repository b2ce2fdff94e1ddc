"""Pooled estimates over places: the typical unit, and how far units spread around it."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit
from scipy.stats import chi2, norm, t

from reform_analysis.statistics.heterogeneity import (
    TAU2_ESTIMATORS,
    cochran_q,
    complete_pairs,
    few_units,
    i2_h2,
    weighted_mean,
)
from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_counts,
    check_choice,
    check_level,
    check_not_empty,
    check_part,
    check_same_length,
    result,
)

CITATIONS = {
    "REML": "Viechtbauer 2005, doi:10.3102/10769986030003261",
    "DL": "DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2",
    "PM": "Paule and Mandel 1982, doi:10.6028/jres.087.022",
    "mhk": "Röver, Knapp and Friede 2015, doi:10.1186/s12874-015-0091-1",
    "hk": "Hartung and Knapp 2001, doi:10.1002/sim.1009",
    "wald": "DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2",
}
CI_METHODS = ("mhk", "hk", "wald")
MEASURES = ("logit",)
PI_DF = ("k-1", "k-2", "normal")


@result
class Pooled(Estimate):
    """The mean of the units' true values, and their spread.

    Attributes
    ----------
    se : float
        Standard error of the mean.
    tau2 : float
        Variance between units, in squared units of the estimate; NaN for a single unit.
    Q, Q_p : float
        Test of homogeneity: Cochran's Q and its p-value with n - 1 degrees of freedom.
    I2, H2 : float
        Share of the variance that lies between units (percent), and total over sampling variance.
    pi_lower, pi_upper : float
        Prediction interval: where the true value of a further unit of the same kind is expected. With fewer
        than three units it is too wide to print.
    """

    se: float
    tau2: float
    Q: float
    Q_p: float
    I2: float
    H2: float
    pi_lower: float
    pi_upper: float


@result
class PooledProportion(Estimate):
    """The typical unit's proportion, and where other units are expected.

    Attributes
    ----------
    pi_lower, pi_upper : float
        Prediction interval of a further unit's proportion.
    logit : Pooled
        The same on the logit scale, where the pooling took place.
    """

    pi_lower: float
    pi_upper: float
    logit: Pooled


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau2: str = "REML",
    ci: str = "mhk",
    level: float = 0.95,
    pi_df: str | None = None,
    selected: bool = False,
) -> Pooled:
    """Return the random-effects mean of independent units, with confidence and prediction interval.

    Parameters
    ----------
    yi : (K,) array
        Estimates of the units on a scale where they are roughly normal; pairs with a missing value are left
        out and counted.
    vi : (K,) array
        Their sampling variances, above 0.
    tau2 : {"REML", "DL", "PM"}
        Estimator of the variance between units.
    ci : {"mhk", "hk", "wald"}
        Interval of the mean: Hartung-Knapp never narrower than the plain t interval (default), Hartung-Knapp,
        or normal.
    level : float
        Confidence level in (0, 1).
    pi_df : {"k-1", "k-2", "normal"}, optional
        Quantile of the prediction interval; default ``"normal"`` for the Wald interval, else ``"k-1"``.
    selected : bool
        Whether units entered because of their result; flags the pool as a summary of what gets reported.

    Returns
    -------
    Pooled
        Mean (`estimate`, `lower`, `upper`, `se`) and spread, in the unit of `yi`. A single unit gives its own
        normal interval, and NaN for everything about spread.

    Raises
    ------
    ValueError
        For no complete pair, a variance of 0 or less, unequal lengths, an unknown method or a level outside
        (0, 1).

    Notes
    -----
    With w = 1 / (v + tau2) the mean is sum(w y) / sum(w). I2 is 100 tau2 / (tau2 + s2), from tau2: equal to
    (Q - df) / Q for DL only. The prediction interval, not the confidence interval, describes communes.
    Not for units that overlap, for reprints of one report, or where the national share is asked: that is a ratio
    of sums, not a mean of rates.
    Written by hand: statsmodels' `combine_effects` does not truncate DL at 0, has no REML, no prediction interval
    and fails on a single unit.

    References
    ----------
    Viechtbauer 2005, doi:10.3102/10769986030003261 (REML).
    Röver, Knapp and Friede 2015, doi:10.1186/s12874-015-0091-1 (modified Hartung-Knapp).
    Higgins, Thompson and Spiegelhalter 2009, doi:10.1111/j.1467-985X.2008.00552.x (prediction).

    Examples
    --------
    Bacillus Calmette-Guerin vaccine trials, log risk ratios: metafor's documentation prints tau2 .3132, I2 92.22
    and -.7145 (-1.0669 to -.3622).

    >>> y = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713, -0.3394,
    ...     0.4459, -0.0173]
    >>> v = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]
    >>> mean = pool(y, v, ci="wald")
    >>> print(f"{mean.estimate:.3f} ({mean.lower:.3f} to {mean.upper:.3f}), tau2 {mean.tau2:.3f}, I2 {mean.I2:.1f}")
    -0.715 (-1.067 to -0.362), tau2 0.313, I2 92.2
    """
    level = check_level(level)
    estimator = TAU2_ESTIMATORS[check_choice("tau2", tau2, TAU2_ESTIMATORS)]
    check_choice("ci", ci, CI_METHODS)
    pi_df = check_choice("pi_df", pi_df or ("normal" if ci == "wald" else "k-1"), PI_DF)
    y, v, n_missing = complete_pairs(yi, vi)
    n = len(y)
    variance = estimator(y, v) if n > 1 else np.nan
    centre, se = _mean_and_se(y, v, variance, ci)
    margin = _quantile("k-1" if ci != "wald" and n > 1 else "normal", n, level) * se
    predicted = _quantile(pi_df, n, level) * np.sqrt(se**2 + variance)
    q = cochran_q(y, v)
    i2, h2 = i2_h2(variance, v) if n > 1 else (np.nan, np.nan)
    return Pooled(
        estimate=centre,
        lower=centre - margin,
        upper=centre + margin,
        level=level,
        method=f"{tau2}, {ci}",
        estimand="process",
        n=n,
        n_missing=n_missing,
        flags=few_units(n) | ({"selected"} if selected else set()),
        inputs={"yi": yi, "vi": vi},
        citation=f"{CITATIONS[tau2]}; {CITATIONS[ci]}",
        se=se,
        tau2=variance,
        Q=q,
        Q_p=float(chi2.sf(q, n - 1)) if n > 1 else 1.0,
        I2=i2,
        H2=h2,
        pi_lower=float(centre - predicted),
        pi_upper=float(centre + predicted),
    )


def pool_proportions(
    k: ArrayLike,
    n: ArrayLike,
    *,
    measure: str = "logit",
    tau2: str = "REML",
    ci: str = "mhk",
    level: float = 0.95,
    pi_df: str | None = None,
    selected: bool = False,
) -> PooledProportion:
    """Return the typical unit's proportion, pooled on the logit scale.

    Parameters
    ----------
    k : (K,) array
        Successes of each unit, whole numbers; pairs with a missing value or no trial are left out and counted.
    n : (K,) array
        Trials of each unit.
    measure : {"logit"}
        Scale of the pooling.
    tau2, ci, level, pi_df, selected
        As for `pool`.

    Returns
    -------
    PooledProportion
        Proportions in [0, 1]; field `logit` holds the pooled logit with its spread.

    Raises
    ------
    ValueError
        For counts that are negative, not whole or above their trials, and as `pool`.

    Notes
    -----
    y = log(k / (n - k)), v = 1 / k + 1 / (n - k); 0.5 is added to both counts only where one of them is 0. Near
    100 % that correction drives the answer: flag ``boundary_units``, and `pool_glmm`, which needs none, is the
    better choice. Freeman-Tukey is not offered: its back-transform can reverse the order of pools (Schwarzer et
    al. 2019, doi:10.1002/jrsm.1348).

    References
    ----------
    Stijnen, Hamza and Özdemir 2010, doi:10.1002/sim.4040 (binomial-normal model).

    Examples
    --------
    Hyperdynamic therapy after cerebral vasospasm (Pritz 1997; metadat `dat.pritz1997`): metafor gives
    .757 (.661 to .834).

    >>> k = [16, 10, 4, 43, 10, 25, 13, 12, 22, 4, 5, 18, 58, 6]
    >>> n = [17, 12, 8, 58, 10, 42, 14, 12, 41, 5, 6, 23, 68, 10]
    >>> share = pool_proportions(k, n, ci="wald")
    >>> print(f"{share.estimate:.3f} ({share.lower:.3f} to {share.upper:.3f}) {sorted(share.flags)}")
    0.757 (0.661 to 0.834) ['boundary_units']
    """
    check_choice("measure", measure, MEASURES)
    successes, trials, n_missing, flags = complete_counts(k, n)
    y, v = _logits(successes, trials)
    pooled = pool(y, v, tau2=tau2, ci=ci, level=level, pi_df=pi_df, selected=selected)
    flags |= pooled.flags | ({"boundary_units"} if ((successes == 0) | (successes == trials)).any() else set())
    ends = expit([pooled.estimate, pooled.lower, pooled.upper, pooled.pi_lower, pooled.pi_upper])
    return PooledProportion(
        **dict(zip(("estimate", "lower", "upper", "pi_lower", "pi_upper"), map(float, ends), strict=True)),
        level=pooled.level,
        method=f"{measure}, {pooled.method}",
        estimand="process",
        n=pooled.n,
        n_missing=n_missing,
        flags=flags,
        inputs={"k": k, "n": n},
        citation=pooled.citation,
        logit=replace(pooled, inputs={}),
    )


def complete_counts(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray, int, frozenset[str]]:
    """Return counts, trials, the number of units without data, and the flag that says so; ValueError for none."""
    successes, trials = np.atleast_1d(as_counts("k", k)), np.atleast_1d(as_counts("n", n))
    check_same_length(k=successes, n=trials)
    check_not_empty("k", successes)
    check_part("k", successes, "n", trials)
    informative = ~np.isnan(successes) & (trials > 0)
    if not informative.any():
        raise ValueError(f"k and n must hold at least one unit with trials; got {len(trials)} without")
    flags = frozenset({"no_data"}) if (trials == 0).any() else frozenset()
    return successes[informative], trials[informative], int(np.sum(~informative)), flags


def _logits(successes: FloatArray, trials: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Empirical logits and their variances, corrected by 0.5 where a count is 0."""
    failures = trials - successes
    correction = np.where((successes == 0) | (failures == 0), 0.5, 0.0)
    successes, failures = successes + correction, failures + correction
    return np.log(successes) - np.log(failures), 1 / successes + 1 / failures


def _mean_and_se(y: FloatArray, v: FloatArray, tau2: float, ci: str) -> tuple[float, float]:
    """Weighted mean and its standard error, by Hartung-Knapp's factor unless Wald; one unit keeps its own."""
    if len(y) == 1:
        return float(y[0]), float(np.sqrt(v[0]))
    w = 1 / (v + tau2)
    factor = cochran_q(y, v, tau2) / (len(y) - 1)
    factor = {"wald": 1.0, "hk": factor, "mhk": max(1.0, factor)}[ci]
    return weighted_mean(y, w), float(np.sqrt(factor / np.sum(w)))


def _quantile(df: str, n: int, level: float) -> float:
    """Two-sided quantile: normal, or t with n - 1 or n - 2 degrees of freedom; NaN where none is left."""
    if df == "normal":
        return float(norm.isf((1 - level) / 2))
    degrees = n - int(df[-1])
    return float(t.isf((1 - level) / 2, degrees)) if degrees > 0 else np.nan
