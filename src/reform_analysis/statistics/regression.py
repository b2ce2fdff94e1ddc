"""Cross-section regressions over few units, with standard errors that survive few units.

The 34 provinces are the population: p-values speak of exchangeable units, not of a sample.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from reform_analysis.statistics.design import Covariates, Design, design, leverages
from reform_analysis.statistics.logistic import logistic_fit
from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_counts,
    as_non_negative,
    as_numbers,
    check_level,
    check_part,
    check_same_length,
    result,
)

CITATION_HC3 = "MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7"
CITATION_QUASI = "Wedderburn 1974, doi:10.1093/biomet/61.3.439"
CITATION_FRACTIONAL = "Papke and Wooldridge 1996, doi:10.1002/(SICI)1099-1255(199611)11:6<619::AID-JAE418>3.0.CO;2-1"

# a unit that determines a coefficient alone has no residual to judge it by
_FULL_LEVERAGE = 1 - 1e-9


@result
class Regression(Estimate):
    """Coefficients with standard errors, t values and intervals; arrays follow `names`, the intercept first.

    Attributes
    ----------
    names : tuple of str
        Names of the coefficients.
    se, t, p : (P,) array
        Standard errors, t values and two-sided p-values.
    df : int
        Degrees of freedom of the t distribution.
    """

    names: tuple[str, ...]
    se: FloatArray
    t: FloatArray
    p: FloatArray
    df: int


@result
class QuasiBinomial(Regression):
    """A logistic regression with estimated dispersion.

    Attributes
    ----------
    dispersion : float
        Pearson's chi-square over its degrees of freedom; 1 for binomial noise alone.
    """

    dispersion: float


@result
class RobustLogit(Regression):
    """A logistic regression with robust standard errors; `se`, `t`, `p` and the interval use HC3.

    Attributes
    ----------
    se_hc0, se_hc3 : (P,) array
        Sandwich standard errors without and with the correction for leverage.
    """

    se_hc0: FloatArray
    se_hc3: FloatArray


def ols_hc3(y: ArrayLike, X: Covariates, *, intercept: bool = True, level: float = 0.95) -> Regression:
    """Return the least-squares coefficients with HC3 standard errors.

    Parameters
    ----------
    y : (N,) array
        Outcome; rows with a missing value are left out and counted.
    X : mapping of (N,) arrays, (N, P) array or (N,) array
        Covariates, at most one for ten units (else flag ``many_covariates``).
    intercept : bool
        Whether to add a constant, first.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    Regression
        Coefficients in units of y per unit of x. Standard errors are NaN, flag ``leverage_one``, where a unit
        determines a coefficient alone.

    Raises
    ------
    ValueError
        For no row, unequal lengths, collinear columns, fewer rows than columns or a level outside (0, 1).

    Notes
    -----
    Variance (X'X)^-1 sum x x' e^2 / (1 - h)^2 (X'X)^-1 and t with n - p degrees of freedom. statsmodels' default
    for HC3 is the normal, too short for 34 units, and it prints a finite standard error at leverage 1.

    References
    ----------
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7.
    Long and Ervin 2000, doi:10.1080/00031305.2000.10474549 (HC3 for small samples).

    Examples
    --------
    By hand: a slope of 1 through (0, 0), (1, 2), (2, 2) with residuals -1/3, 2/3, -1/3.

    >>> fit = ols_hc3([0, 2, 2], {"x": [0, 1, 2]})
    >>> fit.names, fit.estimate.round(6).tolist(), fit.df
    (('intercept', 'x'), [0.333333, 1.0], 1)
    """
    level = check_level(level)
    rows = design({"y": np.atleast_1d(as_numbers("y", y))}, X, intercept=intercept)
    (outcome,) = rows.outcomes
    q, r = np.linalg.qr(rows.X)
    params = np.linalg.solve(r, q.T @ outcome)
    h = leverages(rows.X)
    se = _sandwich_se(rows.X, np.linalg.inv(r.T @ r), outcome - rows.X @ params, h)
    full = bool((h >= _FULL_LEVERAGE).any())
    common = _common(rows, params, se, level, full, {"y": y, "X": X})
    return Regression(method="least squares, HC3", citation=CITATION_HC3, **common)


def quasi_binomial(
    k: ArrayLike, n: ArrayLike, X: Covariates, *, intercept: bool = True, level: float = 0.95
) -> QuasiBinomial:
    """Return the logistic regression of proportions with estimated dispersion.

    Parameters
    ----------
    k : (N,) array
        Successes of each unit, whole numbers; rows with a missing value or no trial are left out and counted.
    n : (N,) array
        Trials of each unit.
    X, intercept, level
        As for `ols_hc3`.

    Returns
    -------
    QuasiBinomial
        Log odds ratios per unit of x. All NaN, flag ``separation``, where a covariate tells units with all
        successes from units with none, so that no finite fit exists.

    Raises
    ------
    ValueError
        For counts that are negative, not whole or above their trials, and as `ols_hc3`.

    Notes
    -----
    The dispersion is Pearson's chi-square over n - p. statsmodels gives it from proportions with ``var_weights``;
    its two-column form and ``freq_weights`` count trials as units: some thirty times too small.

    References
    ----------
    Wedderburn 1974, doi:10.1093/biomet/61.3.439.

    Examples
    --------
    By hand: without covariates the fit is the pooled share, here logit(1/2) = 0; chi-square 2 (0.3^2) 10 / .25.

    >>> fit = quasi_binomial([2, 8], [10, 10], {})
    >>> print(f"{abs(fit.estimate[0]):.6f} {fit.dispersion:.4f}")
    0.000000 7.2000
    """
    level = check_level(level)
    rows, share, trials = _binomial_rows(k, n, X, intercept)
    params, mu = logistic_fit(rows.X, share, trials)
    df = len(share) - rows.X.shape[1]
    chi_square = np.sum(trials * (share - mu) ** 2 / (mu * (1 - mu)))
    dispersion = float(chi_square / df) if df > 0 else np.nan
    se = np.sqrt(dispersion * np.diag(_bread(rows.X, trials * mu * (1 - mu))))
    common = _common(rows, params, se, level, False, {"k": k, "n": n, "X": X})
    return QuasiBinomial(method="quasi-binomial", citation=CITATION_QUASI, dispersion=dispersion, **common)


def glm_robust(
    k: ArrayLike, n: ArrayLike, X: Covariates, *, intercept: bool = True, level: float = 0.95
) -> RobustLogit:
    """Return the logistic regression of proportions with sandwich standard errors.

    Parameters
    ----------
    k : (N,) array
        Successes of each unit, whole numbers; rows with a missing value or no trial are left out and counted.
    n : (N,) array
        Trials of each unit.
    X, intercept, level
        As for `ols_hc3`.

    Returns
    -------
    RobustLogit
        Log odds ratios per unit of x. All NaN, flag ``separation``, where no finite fit exists; HC3 is NaN, flag
        ``leverage_one``, where a unit determines a coefficient alone.

    Raises
    ------
    ValueError
        As `quasi_binomial`.

    Notes
    -----
    Bread (X'WX)^-1, meat sum x x' e^2 / (1 - h)^2 with e = n (y - mu) and the leverages h of the weighted fit; HC0
    is without 1 - h. Written by hand: statsmodels' ``GLM.fit(cov_type="HC3")`` silently returns HC0.

    References
    ----------
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7.
    Zeileis 2006, doi:10.18637/jss.v016.i09 (sandwich estimators of generalised linear models).

    Examples
    --------
    By hand: two units around logit(1/2) = 0, errors -3 and 3, weights 2.5 each: sqrt(2 * 3^2) / 5.

    >>> fit = glm_robust([2, 8], [10, 10], {})
    >>> print(f"{fit.se_hc0[0]:.4f} {fit.se_hc3[0]:.4f}")
    0.8485 1.6971
    """
    level = check_level(level)
    rows, share, trials = _binomial_rows(k, n, X, intercept)
    fields = _robust_fields(rows, share, trials, level, {"k": k, "n": n, "X": X})
    return RobustLogit(method="binomial, HC3", citation=CITATION_HC3, **fields)


def fractional_logit(y: ArrayLike, X: Covariates, *, intercept: bool = True, level: float = 0.95) -> RobustLogit:
    """Return the fractional logit regression of shares, 0 and 1 included.

    Parameters
    ----------
    y : (N,) array
        Shares in [0, 1], whose denominators are unknown; rows with a missing value are left out and counted.
    X, intercept, level
        As for `ols_hc3`.

    Returns
    -------
    RobustLogit
        Log odds ratios per unit of x; NaN and flags as for `glm_robust`.

    Raises
    ------
    ValueError
        For a share outside [0, 1], and as `ols_hc3`.

    Notes
    -----
    Quasi-likelihood of the logistic mean, with sandwich standard errors, because the variance of a printed share
    is unknown. Unlike log odds it needs no correction at 0 and 1.

    References
    ----------
    Papke and Wooldridge 1996, doi:10.1002/(SICI)1099-1255(199611)11:6<619::AID-JAE418>3.0.CO;2-1, equation 5.

    Examples
    --------
    By hand: without covariates the fit is the mean share.

    >>> fit = fractional_logit([0.2, 1.0, 0.3, 0.5], {})
    >>> print(f"{abs(fit.estimate[0]):.6f}")
    0.000000
    """
    level = check_level(level)
    shares = np.atleast_1d(as_non_negative("y", y))
    check_part("y", shares, "1", np.ones(len(shares)))
    rows = design({"y": shares}, X, intercept=intercept)
    (share,) = rows.outcomes
    fields = _robust_fields(rows, share, np.ones(len(share)), level, {"y": y, "X": X})
    return RobustLogit(method="fractional logit, HC3", citation=CITATION_FRACTIONAL, **fields)


def _binomial_rows(k: ArrayLike, n: ArrayLike, X: Covariates, intercept: bool) -> tuple[Design, FloatArray, FloatArray]:
    """The complete rows with trials, as shares and trials."""
    successes, trials = np.atleast_1d(as_counts("k", k)), np.atleast_1d(as_counts("n", n))
    check_same_length(k=successes, n=trials)
    check_part("k", successes, "n", trials)
    rows = design({"k": successes, "n": np.where(trials > 0, trials, np.nan)}, X, intercept=intercept)
    return rows, rows.outcomes[0] / rows.outcomes[1], rows.outcomes[1]


def _robust_fields(
    rows: Design, share: FloatArray, trials: FloatArray, level: float, inputs: dict[str, Any]
) -> dict[str, Any]:
    """The fields of a logistic fit with both sandwiches."""
    params, mu = logistic_fit(rows.X, share, trials)
    if np.isnan(params).any():
        return _common(rows, params, params, level, False, inputs) | {"se_hc0": params, "se_hc3": params}
    weights = trials * mu * (1 - mu)
    h = leverages(np.sqrt(weights)[:, None] * rows.X)
    error, bread = trials * (share - mu), _bread(rows.X, weights)
    hc0 = _sandwich_se(rows.X, bread, error, np.zeros(len(h)))
    hc3 = _sandwich_se(rows.X, bread, error, h)
    full = bool((h >= _FULL_LEVERAGE).any())
    return _common(rows, params, hc3, level, full, inputs) | {"se_hc0": hc0, "se_hc3": hc3}


def _bread(X: FloatArray, weights: FloatArray) -> FloatArray:
    """(X'WX)^-1; NaN where the weights are."""
    if np.isnan(weights).any():
        return np.full((X.shape[1], X.shape[1]), np.nan)
    return np.asarray(np.linalg.inv(X.T @ (weights[:, None] * X)), dtype=float)


def _sandwich_se(X: FloatArray, bread: FloatArray, error: FloatArray, h: FloatArray) -> FloatArray:
    """Standard errors with errors over 1 - h; NaN where a leverage is full."""
    if (h >= _FULL_LEVERAGE).any():
        return np.full(X.shape[1], np.nan)
    scores = X * (error / (1 - h))[:, None]
    return np.asarray(np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread)), dtype=float)


def _common(
    rows: Design, params: FloatArray, se: FloatArray, level: float, full: bool, inputs: dict[str, Any]
) -> dict[str, Any]:
    """The fields of every regression: t with n - p degrees of freedom."""
    df = len(rows.X) - len(params)
    raised = {"leverage_one": full, "separation": bool(np.isnan(params).any())}
    with np.errstate(divide="ignore", invalid="ignore"):
        t = params / se
    margin = student.isf((1 - level) / 2, df) * se if df > 0 else np.full(len(params), np.nan)
    return {
        "estimate": params,
        "lower": params - margin,
        "upper": params + margin,
        "level": level,
        "estimand": "descriptive",
        "n": len(rows.X),
        "n_missing": rows.n_missing,
        "flags": rows.flags | {flag for flag, is_raised in raised.items() if is_raised},
        "inputs": inputs,
        "names": rows.names,
        "se": se,
        "t": t,
        "p": 2 * student.sf(np.abs(t), df) if df > 0 else np.full(len(params), np.nan),
        "df": df,
    }
