"""Logistic fits of shares: whether a finite one exists, and the fit itself."""

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit, log_expit

from reform_analysis.statistics.result import FloatArray

_STEPS = 200
_STEP_TOLERANCE = 1e-13


def logistic_fit(X: FloatArray, share: FloatArray, trials: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and fitted shares of maximum likelihood; NaN where no finite fit exists.

    Newton's steps on orthogonal columns, halved where the likelihood would fall. Not statsmodels' GLM: the
    numbers agree, but a fit as rich as its data divides by 0 there.
    """
    if is_separated(X, share):
        return np.full(X.shape[1], np.nan), np.full(len(share), np.nan)
    q, r = np.linalg.qr(X)
    params = np.zeros(X.shape[1])
    height = _loglik(q @ params, share, trials)
    for _ in range(_STEPS):
        mu = expit(q @ params)
        information = q.T @ ((trials * mu * (1 - mu))[:, None] * q)
        step = np.linalg.solve(information, q.T @ (trials * (share - mu)))
        while (reached := _loglik(q @ (params + step), share, trials)) < height - 1e-12 * abs(height):
            step /= 2
        params, height = params + step, reached
        if np.max(np.abs(q @ step)) <= _STEP_TOLERANCE * (1 + np.max(np.abs(q @ params))):
            break
    return np.linalg.solve(r, params), expit(q @ params)


def is_separated(X: FloatArray, share: FloatArray) -> bool:
    """Return whether some change of the coefficients moves only shares of 0 and 1, and these only outwards.

    Then, and only then, the likelihood rises without end (Albert and Anderson 1984, doi:10.1093/biomet/71.1.1).
    """
    ends = (share == 0) | (share == 1)
    if not ends.any():
        return False
    columns = X / np.abs(X).max(axis=0)
    outward, inside = np.where(share[ends] == 1, 1.0, -1.0)[:, None] * columns[ends], columns[~ends]
    found = linprog(
        -outward.sum(axis=0),
        A_ub=np.vstack([-outward, outward]),
        b_ub=np.repeat([0.0, 1.0], len(outward)),
        A_eq=inside if len(inside) else None,
        b_eq=np.zeros(len(inside)) if len(inside) else None,
        bounds=(None, None),
        method="highs",
    )
    # at a separation the sum of the outward moves reaches at least 1, else it is 0
    return bool(-found.fun > 0.5)


def _loglik(logits: FloatArray, share: FloatArray, trials: FloatArray) -> float:
    """Binomial log-likelihood without its constant."""
    return float(np.sum(trials * (share * log_expit(logits) + (1 - share) * log_expit(-logits))))
