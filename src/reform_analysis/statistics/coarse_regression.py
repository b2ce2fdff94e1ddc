"""Regressions of an outcome that is known only within bounds."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.special import log_ndtr
from scipy.stats import norm

from reform_analysis.statistics.design import Covariates, Design, design
from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_numbers,
    check_level,
    check_part,
    check_same_length,
    result,
)

CITATION_BOUNDS = "Beresteanu and Molinari 2008, doi:10.1111/j.1468-0262.2008.00859.x"
CITATION_LIKELIHOOD = "Stewart 1983, doi:10.2307/2297773"

# log-likelihood, gradient, negative Hessian
_Surface = tuple[float, FloatArray, FloatArray]
# coefficients, standard errors, sigma, log-likelihood
_Fit = tuple[FloatArray, FloatArray, float, float]

_STEPS = 200
_STEP_TOLERANCE = 1e-12


@result
class CoefficientBounds(Estimate):
    """Sharp bounds of each coefficient; `estimate` is NaN, because the bounds single out no value.

    Attributes
    ----------
    names : tuple of str
        Names of the coefficients, the intercept first.
    """

    names: tuple[str, ...]


@result
class IntervalRegression(Estimate):
    """Coefficients of a normal regression of an outcome within bounds; arrays follow `names`.

    Attributes
    ----------
    names : tuple of str
        Names of the coefficients, the intercept first.
    se : (P,) array
        Standard errors from the observed information.
    sigma : float
        Standard deviation of the outcome around its mean, in units of the outcome.
    loglik : float
        Log-likelihood.
    """

    names: tuple[str, ...]
    se: FloatArray
    sigma: float
    loglik: float


def ols_interval_bounds(
    y_lo: ArrayLike, y_hi: ArrayLike, X: Covariates, *, intercept: bool = True
) -> CoefficientBounds:
    """Return the least and the most that each least-squares coefficient can be.

    Parameters
    ----------
    y_lo, y_hi : (N,) array
        Bounds of the outcome; infinite ends are allowed. Rows with a missing value are left out and counted.
    X : mapping of (N,) arrays, (N, P) array or (N,) array
        Covariates.
    intercept : bool
        Whether to add a constant, first.

    Returns
    -------
    CoefficientBounds
        Bounds of each coefficient alone: no single outcome need reach several of them.

    Raises
    ------
    ValueError
        For no row, unequal lengths, a lower bound above its upper, collinear columns or fewer rows than columns.

    Notes
    -----
    Each coefficient is linear in y, with the weights (X'X)^-1 X'. It is greatest where y takes its upper end
    under a positive weight and its lower end under a negative one.

    References
    ----------
    Beresteanu and Molinari 2008, doi:10.1111/j.1468-0262.2008.00859.x (best linear prediction).

    Examples
    --------
    By hand: the slope between two points, (0, 0 to 1) and (1, 2 to 3).

    >>> bounds = ols_interval_bounds([0, 2], [1, 3], {"x": [0, 1]})
    >>> bounds.lower.round(9).tolist(), bounds.upper.round(9).tolist()
    ([0.0, 1.0], [1.0, 3.0])
    """
    rows = _bounded_rows(y_lo, y_hi, X, intercept)
    low, high = rows.outcomes
    weights = np.asarray(np.linalg.pinv(rows.X), dtype=float)
    # a unit without weight says nothing, even where its bound is infinite
    weights[np.abs(weights) <= 1e-14 * np.abs(weights).max(axis=1, keepdims=True)] = 0
    return CoefficientBounds(
        lower=_weighted(weights, low, high),
        upper=_weighted(weights, high, low),
        level=np.nan,
        method="vertices",
        citation=CITATION_BOUNDS,
        **_common(rows, {"y_lo": y_lo, "y_hi": y_hi, "X": X}),
    )


def interval_regression(
    y_lo: ArrayLike, y_hi: ArrayLike, X: Covariates, *, intercept: bool = True, level: float = 0.95
) -> IntervalRegression:
    """Return the normal regression of an outcome known within bounds, by maximum likelihood.

    Parameters
    ----------
    y_lo, y_hi : (N,) array
        Bounds of the outcome, equal where it is exact, infinite where one side is open. Rows with a missing value
        are left out and counted.
    X, intercept
        As for `ols_interval_bounds`.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    IntervalRegression
        Coefficients with normal intervals. All NaN, flag ``no_finite_fit``, where some line passes through all
        bounds: then the likelihood rises as sigma falls to 0.

    Raises
    ------
    ValueError
        As `ols_interval_bounds`, and for a level outside (0, 1).

    Notes
    -----
    log-likelihood: sum of log(Phi((hi - xb) / sigma) - Phi((lo - xb) / sigma)), the log density for an exact
    outcome. It is concave in (b / sigma, 1 / sigma), where Newton's steps are taken. Assumes that bounds say
    nothing but where the outcome lies: `ols_interval_bounds` needs no such assumption.

    References
    ----------
    Stewart 1983, doi:10.2307/2297773 (grouped dependent variable).
    Burridge 1981, Journal of the Royal Statistical Society B 43: 41-45 (concavity).

    Examples
    --------
    Seven provinces' rounded percentages; survreg of the R package survival gives 66.484, 10.201, sigma 4.197.

    >>> low, high = [82.5, 90, 70, 95.5, 60.5, 99, 74], [83.5, 91, 77, 96.5, 61.5, 100, 75]
    >>> fit = interval_regression(low, high, {"x": [1, 2, 0.5, 3, 0.2, 3.5, 0.8]})
    >>> fit.estimate.round(3).tolist(), round(fit.sigma, 3)
    ([66.484, 10.201], 4.197)
    """
    level = check_level(level)
    rows = _bounded_rows(y_lo, y_hi, X, intercept)
    low, high = rows.outcomes
    finite = not _passes_through(low, high, rows.X)
    fit = _maximum(low, high, rows.X) if finite else None
    params, se, sigma, loglik = fit or (*np.full((2, rows.X.shape[1]), np.nan), np.nan, np.nan)
    margin = norm.isf((1 - level) / 2) * se
    common = _common(rows, {"y_lo": y_lo, "y_hi": y_hi, "X": X})
    common |= {"estimate": params, "flags": rows.flags | (set() if fit else {"no_finite_fit"})}
    return IntervalRegression(
        lower=params - margin,
        upper=params + margin,
        level=level,
        method="interval regression",
        citation=CITATION_LIKELIHOOD,
        se=se,
        sigma=sigma,
        loglik=loglik,
        **common,
    )


def _bounded_rows(y_lo: ArrayLike, y_hi: ArrayLike, X: Covariates, intercept: bool) -> Design:
    """The complete rows of an outcome within bounds."""
    low = np.atleast_1d(as_numbers("y_lo", y_lo, infinite=True))
    high = np.atleast_1d(as_numbers("y_hi", y_hi, infinite=True))
    check_same_length(y_lo=low, y_hi=high)
    check_part("y_lo", low, "y_hi", high)
    return design({"y_lo": low, "y_hi": high}, X, intercept=intercept)


def _common(rows: Design, inputs: dict[str, Any]) -> dict[str, Any]:
    """The fields of both results."""
    return {
        "estimate": np.full(rows.X.shape[1], np.nan),
        "estimand": "descriptive",
        "n": len(rows.X),
        "n_missing": rows.n_missing,
        "flags": rows.flags,
        "inputs": inputs,
        "names": rows.names,
    }


def _weighted(weights: FloatArray, at_negative: FloatArray, at_positive: FloatArray) -> FloatArray:
    """Sums of weights times outcomes, one outcome under negative weights, another under positive."""
    outcome = np.where(weights < 0, at_positive, at_negative)
    return np.sum(np.where(weights == 0, 0.0, weights * np.where(weights == 0, 0.0, outcome)), axis=1)


def _middles(low: FloatArray, high: FloatArray) -> FloatArray:
    """Middles of the bounds; the finite end where the other is infinite, else 0."""
    left, right = np.where(np.isfinite(low), low, high), np.where(np.isfinite(high), high, low)
    return np.where(np.isfinite(left), (np.where(np.isfinite(left), left, 0) + right) / 2, 0.0)


def _passes_through(low: FloatArray, high: FloatArray, X: FloatArray) -> bool:
    """Whether some line meets all exact outcomes and runs strictly inside all other bounds."""
    exact = low == high
    q, _ = np.linalg.qr(X)
    near = q @ (q.T @ _middles(low, high))
    left, right = low - near, high - near
    ends = np.concatenate([left, right])
    scale = float(np.max(np.abs(ends[np.isfinite(ends)]), initial=0.0)) or 1.0
    above, below = np.isfinite(high) & ~exact, np.isfinite(low) & ~exact
    # unknown: coefficients, and the least distance from a bound
    sides = np.vstack([q[above], -q[below]])
    found = linprog(
        np.append(np.zeros(X.shape[1]), -1.0),
        A_ub=np.column_stack([sides, np.ones(len(sides))]),
        b_ub=np.concatenate([right[above], -left[below]]) / scale,
        A_eq=np.column_stack([q[exact], np.zeros(exact.sum())]),
        b_eq=left[exact] / scale,
        bounds=[(None, None)] * X.shape[1] + [(None, 1.0)],
        method="highs",
    )
    # a distance within the solver's tolerance is none
    return bool(found.status == 0 and found.x[-1] > 1e-7)


def _maximum(low: FloatArray, high: FloatArray, X: FloatArray) -> _Fit | None:
    """Newton's ascent in (b / sigma, 1 / sigma) on orthogonal columns and a scaled outcome; None if it diverges."""
    q, r = np.linalg.qr(X)
    middle = _middles(low, high)
    scale = float(np.max(np.abs(middle), initial=0.0)) or 1.0
    start = q.T @ middle / scale
    precision = 1 / np.sqrt(np.mean((middle / scale - q @ start) ** 2) + 1e-4)
    point = np.append(start, 1.0) * precision
    surface = _surface(point, low / scale, high / scale, q)
    for _ in range(_STEPS):
        height, gradient, information = surface
        curvatures = np.linalg.eigvalsh(information)
        if curvatures[0] <= 1e-13 * curvatures[-1]:
            return None
        step = np.linalg.solve(information, gradient)
        while point[-1] + step[-1] <= 0:
            step /= 2
        while (surface := _surface(point + step, low / scale, high / scale, q))[0] < height - 1e-12 * abs(height):
            step /= 2
        point = point + step
        if np.max(np.abs(step)) <= _STEP_TOLERANCE * np.max(np.abs(point)):
            return _in_units_of_outcome(point, surface, r, scale, int(np.sum(low == high)))
    return None


def _in_units_of_outcome(point: FloatArray, surface: _Surface, r: FloatArray, scale: float, n_exact: int) -> _Fit:
    """Coefficients, standard errors, sigma and log-likelihood from the point where the ascent ended."""
    ratio, precision = point[:-1] / point[-1], point[-1]
    jacobian = np.column_stack([np.eye(len(ratio)), -ratio]) / precision
    back = np.linalg.solve(r, jacobian) * scale
    covariance = back @ np.linalg.solve(surface[2], back.T)
    loglik = surface[0] - n_exact * np.log(scale)
    return np.linalg.solve(r, ratio) * scale, np.sqrt(np.diag(covariance)), float(scale / precision), float(loglik)


def _surface(point: FloatArray, low: FloatArray, high: FloatArray, X: FloatArray) -> _Surface:
    """Log-likelihood, gradient and negative Hessian at (b / sigma, 1 / sigma)."""
    exact = low == high
    terms = [_exact_terms(point, low[exact], X[exact]), _interval_terms(point, low[~exact], high[~exact], X[~exact])]
    height, gradient, information = (sum(parts) for parts in zip(*terms, strict=True))
    return float(height), np.asarray(gradient), np.asarray(information)


def _exact_terms(point: FloatArray, y: FloatArray, X: FloatArray) -> _Surface:
    """The part of exact outcomes: normal densities."""
    inner = np.column_stack([-X, y])
    z = inner @ point
    information = inner.T @ inner
    information[-1, -1] += len(y) / point[-1] ** 2
    gradient = -inner.T @ z
    gradient[-1] += len(y) / point[-1]
    return float(len(y) * np.log(point[-1]) + norm.logpdf(z).sum()), gradient, information


def _interval_terms(point: FloatArray, low: FloatArray, high: FloatArray, X: FloatArray) -> _Surface:
    """The part of outcomes within bounds: normal probabilities; an infinite end has no slope."""
    ends, slopes = [], []
    for bound in (low, high):
        inner = np.column_stack([-X, np.where(np.isfinite(bound), bound, 0.0)])
        ends.append(np.where(np.isfinite(bound), inner @ point, bound))
        slopes.append(inner)
    log_p = _log_probability(*ends)
    # density over probability at either end; at an infinite one both are 0
    at_low, at_high = (np.exp(norm.logpdf(end) - log_p)[:, None] for end in ends)
    z_low, z_high = (np.where(np.isfinite(end), end, 0.0)[:, None] for end in ends)
    # the scores first, then their squares: in narrow bounds both densities are huge and nearly equal
    scores = at_high * slopes[1] - at_low * slopes[0]
    information = scores.T @ scores
    information += slopes[1].T @ (z_high * at_high * slopes[1]) - slopes[0].T @ (z_low * at_low * slopes[0])
    return float(log_p.sum()), scores.sum(axis=0), information


def _log_probability(low: FloatArray, high: FloatArray) -> FloatArray:
    """log(Phi(high) - Phi(low)), from whichever tail keeps the digits."""
    flipped = low + high > 0
    lower, upper = np.where(flipped, -high, low), np.where(flipped, -low, high)
    return log_ndtr(upper) + np.log(-np.expm1(log_ndtr(lower) - log_ndtr(upper)))
