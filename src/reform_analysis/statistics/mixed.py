"""The binomial-normal model: proportions of units whose logits vary normally, fitted to the counts themselves.

Vocabulary: the logit of unit i is ``mu + tau * z_i`` with z standard normal; its *mode* is the z at which the
unit's integrand is highest, and *offsets* are logits counted from the one at the mode.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit, logit, logsumexp
from scipy.stats import binomtest, norm

from reform_analysis.statistics.heterogeneity import few_units
from reform_analysis.statistics.pooling import complete_counts
from reform_analysis.statistics.result import Estimate, FloatArray, check_level, result

# what stays unknown where no finite maximum exists
_MODEL_FIELDS = ("mu", "se", "ci_lower", "ci_upper", "tau2", "prop_median", "prop_mean", "pi_lower", "pi_upper")

CITATION = "Stijnen, Hamza and Özdemir 2010, doi:10.1002/sim.4040"

# nodes across a unit's integrand: a tenth of its width apart, and as close as a large tau makes its flanks steep
_LEAST_NODES, _MOST_NODES, _NODES_PER_TAU = 161, 1601, 25
# the integrand is left where it has fallen by this much on the log scale, and never beyond what the normal leaves
_DROP = 40.0
_FARTHEST = np.sqrt(2 * _DROP)

# spreads of the logits at which the climb starts, besides the spread seen in the data
_START_SPREADS = (0.05, 0.5, 2.0)
_CLIMB_STEPS = 100
_MODE_STEPS = 200
_STEP_TOLERANCE = 1e-11
# where so small a part of a step still goes downhill, gradient and height are both rounding
_LEAST_SHARE = 1e-3

# trapezium over +-10 standard deviations: exact to double precision for spreads up to 50
_Z_GRID = np.linspace(-10, 10, 4001)


@result
class MixedProportion(Estimate):
    """Proportion of the typical unit and its spread, by maximum likelihood.

    `estimate` is `prop_median`; `lower` and `upper` are its Wald interval, or the fallback where the model
    cannot be estimated.

    Attributes
    ----------
    estimable : bool
        Whether a finite maximum exists; False where each unit has all or no successes.
    mu, se : float
        Mean of the logits and its standard error from the Hessian in (mu, standard deviation).
    ci_lower, ci_upper : float
        Wald interval of `mu`, logit scale.
    tau2 : float
        Variance of the logits between units; NaN for a single unit.
    prop_median : float
        Proportion of the median unit, expit(mu).
    prop_mean : float
        Mean of the units' proportions.
    pi_lower, pi_upper : float
        Prediction interval of a further unit's proportion; not worth printing below three units.
    fallback_lower, fallback_upper : float
        Clopper-Pearson interval of the summed counts, only where the model is not estimable.
    """

    estimable: bool
    mu: float
    se: float
    ci_lower: float
    ci_upper: float
    tau2: float
    prop_median: float
    prop_mean: float
    pi_lower: float
    pi_upper: float
    fallback_lower: float
    fallback_upper: float


class _Fit(NamedTuple):
    """A point of the likelihood surface: height, gradient and Hessian in (mu, tau)."""

    mu: float
    tau: float
    height: float
    gradient: FloatArray
    hessian: FloatArray


def pool_glmm(k: ArrayLike, n: ArrayLike, *, level: float = 0.95, selected: bool = False) -> MixedProportion:
    """Return the pooled proportion of independent units under the binomial-normal model.

    Parameters
    ----------
    k : (K,) array
        Successes of each unit, whole numbers; pairs with a missing value or no trial are left out and counted.
    n : (K,) array
        Trials of each unit.
    level : float
        Confidence level in (0, 1).
    selected : bool
        Whether units entered because of their result; flags the pool as a summary of what gets reported.

    Returns
    -------
    MixedProportion
        Proportions in [0, 1], and the model's parameters on the logit scale. A variance that vanishes gives the
        ordinary logistic fit; a single unit its own proportion.

    Raises
    ------
    ValueError
        For counts that are negative, not whole or above their trials, unequal lengths, no unit with trials, or
        a level outside (0, 1).

    Notes
    -----
    k_i ~ Bin(n_i, expit(mu + tau z_i)). Maximum likelihood by adaptive quadrature and Newton steps from several
    starts, with analytic derivatives. The quadrature is the trapezium rule over the reach of each unit's
    integrand: it agrees with adaptive Gauss-Hermite, and keeps its digits where that loses them, in units with
    k = n in the millions beside a large tau. The default for proportions: unlike pooled logits it needs no
    0.5 added at 0 or 100 %. Without a unit strictly between 0 and 100 % the likelihood has no finite maximum;
    then only the summed counts speak, by Clopper-Pearson. Written by hand: statsmodels has no maximum likelihood
    fit of this model.

    References
    ----------
    Stijnen, Hamza and Özdemir 2010, doi:10.1002/sim.4040 (binomial-normal model).

    Examples
    --------
    Hyperdynamic therapy after cerebral vasospasm (Pritz 1997; metadat `dat.pritz1997`): metafor's `rma.glmm` and
    lme4's `glmer` give 1.3766 (standard error .2884) and tau2 .5893.

    >>> k = [16, 10, 4, 43, 10, 25, 13, 12, 22, 4, 5, 18, 58, 6]
    >>> n = [17, 12, 8, 58, 10, 42, 14, 12, 41, 5, 6, 23, 68, 10]
    >>> typical = pool_glmm(k, n)
    >>> print(f"{typical.mu:.4f} ({typical.se:.4f}), tau2 {typical.tau2:.4f}")
    1.3766 (0.2884), tau2 0.5893
    """
    level = check_level(level)
    successes, trials, n_missing, flags = complete_counts(k, n)
    flags |= few_units(len(trials)) | ({"selected"} if selected else set())
    common: dict[str, Any] = {
        "level": level,
        "method": "binomial-normal maximum likelihood",
        "estimand": "process",
        "n": len(trials),
        "n_missing": n_missing,
        "inputs": {"k": k, "n": n},
        "citation": CITATION,
    }
    if ((successes == 0) | (successes == trials)).all():
        return _not_estimable(successes, trials, flags | {"not_estimable"}, common)
    fit = _logistic(successes, trials) if len(trials) == 1 else _maximum(successes, trials)
    return _estimable(fit, len(trials), flags, common)


def _not_estimable(
    successes: FloatArray, trials: FloatArray, flags: frozenset[str], common: Mapping[str, Any]
) -> MixedProportion:
    """The result without a model: Clopper-Pearson on the sums."""
    sums = binomtest(int(successes.sum()), int(trials.sum()))
    ends = sums.proportion_ci(common["level"], method="exact")
    lower, upper = float(ends.low), float(ends.high)
    unknown: dict[str, Any] = dict.fromkeys(_MODEL_FIELDS, np.nan)
    return MixedProportion(
        estimable=False,
        estimate=np.nan,
        lower=lower,
        upper=upper,
        fallback_lower=lower,
        fallback_upper=upper,
        flags=flags,
        **unknown,
        **common,
    )


def _estimable(fit: _Fit, n: int, flags: frozenset[str], common: Mapping[str, Any]) -> MixedProportion:
    """The result of a finite maximum."""
    tau2 = fit.tau**2 if n > 1 else np.nan
    se = float(np.sqrt(_variance_of_mu(fit)))
    z = float(norm.isf((1 - common["level"]) / 2))
    predicted = z * np.sqrt(se**2 + tau2)
    ends = fit.mu - z * se, fit.mu + z * se
    return MixedProportion(
        estimable=True,
        estimate=float(expit(fit.mu)),
        lower=float(expit(ends[0])),
        upper=float(expit(ends[1])),
        flags=flags | _not_converged(fit),
        mu=fit.mu,
        se=se,
        ci_lower=ends[0],
        ci_upper=ends[1],
        tau2=tau2,
        prop_median=float(expit(fit.mu)),
        prop_mean=_mean_proportion(fit.mu, fit.tau) if n > 1 else np.nan,
        pi_lower=float(expit(fit.mu - predicted)),
        pi_upper=float(expit(fit.mu + predicted)),
        fallback_lower=np.nan,
        fallback_upper=np.nan,
        **common,
    )


def _maximum(successes: FloatArray, trials: FloatArray) -> _Fit:
    """The highest point that the climbs reach; the ordinary logistic fit where no spread is any higher."""
    even = _logistic(successes, trials)
    logits = logit((successes + 0.5) / (trials + 1))
    starts = [(even.mu, spread) for spread in _START_SPREADS] + [(float(logits.mean()), float(logits.std()) + 0.05)]
    best = max((_climb(successes, trials, mu, tau) for mu, tau in starts), key=lambda fit: fit.height)
    # heights are sums of K rounded terms; a gain below their noise is none
    noise = 1e-12 * (len(trials) + abs(even.height))
    return best if best.height > even.height + noise else even


def _logistic(successes: FloatArray, trials: FloatArray) -> _Fit:
    """The fit without spread: one proportion for all units."""
    return _surface(successes, trials, float(logit(successes.sum() / trials.sum())), 0.0)


def _climb(successes: FloatArray, trials: FloatArray, mu: float, tau: float) -> _Fit:
    """Newton's ascent with absolute curvatures, so that it leaves saddles, and halved steps."""
    here = _surface(successes, trials, mu, tau)
    for _ in range(_CLIMB_STEPS):
        curvature, axes = np.linalg.eigh(here.hessian)
        step = axes @ (axes.T @ here.gradient / np.maximum(np.abs(curvature), 1e-8))
        # a logit moves at most by 2 at once: beyond, the quadratic picture is not trusted
        step /= max(1.0, float(np.max(np.abs(step))) / 2)
        there = _surface(successes, trials, here.mu + step[0], here.tau + step[1])
        noise, share = 1e-12 * (len(trials) + abs(here.height)), 1.0
        while there.height < here.height - noise and share > _LEAST_SHARE:
            share /= 2
            there = _surface(successes, trials, here.mu + share * step[0], here.tau + share * step[1])
        here = max(here, there, key=lambda fit: fit.height) if share <= _LEAST_SHARE else there
        if share <= _LEAST_SHARE or np.max(np.abs(step)) < _STEP_TOLERANCE:
            break
    return here._replace(tau=abs(here.tau))


def _surface(successes: FloatArray, trials: FloatArray, mu: float, tau: float) -> _Fit:
    """Log-likelihood above the saturated model's, with gradient and Hessian by Louis's identity."""
    z, posterior, log_units = _quadrature(successes, trials, mu, tau)
    logits = mu + tau * z
    p, q = expit(logits), expit(-logits)
    # k q - (n - k) p, not k - n p: with millions of trials the latter loses the digits that matter
    residual = successes[:, None] * q - (trials - successes)[:, None] * p
    scores = np.stack([residual, residual * z])
    mean_scores = np.sum(posterior * scores, axis=2)
    information = posterior * trials[:, None] * p * q
    fisher = [[np.sum(information), np.sum(information * z)], [np.sum(information * z), np.sum(information * z**2)]]
    squares = np.einsum("ij,aij,bij->ab", posterior, scores, scores) - mean_scores @ mean_scores.T
    return _Fit(mu, tau, float(np.sum(log_units)), mean_scores.sum(axis=1), squares - np.array(fisher))


def _quadrature(
    successes: FloatArray, trials: FloatArray, mu: float, tau: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Nodes (K, nodes), their posterior weights, and log-likelihoods above the saturated."""
    modes = _modes(successes, trials, mu, tau)
    at_mode = mu + tau * modes
    width = 1 / np.sqrt(1 + tau**2 * trials * expit(at_mode) * expit(-at_mode))

    def height(z: FloatArray) -> FloatArray:
        """Log of the integrand above that of the binomial part at the mode."""
        offsets = tau * (z - modes[:, None])
        change = _loglik_change(successes[:, None], trials[:, None], at_mode[:, None], offsets)
        return np.asarray(change - z**2 / 2)

    left, right = (_reach(height, modes, side * width) for side in (-1, 1))
    nodes = np.linspace(0, 1, int(np.clip(_NODES_PER_TAU * abs(tau), _LEAST_NODES, _MOST_NODES)))
    z = left[:, None] + (right - left)[:, None] * nodes
    terms = height(z) + np.log((right - left) * nodes[1] / np.sqrt(2 * np.pi))[:, None]
    log_units = logsumexp(terms, axis=1)
    return z, np.exp(terms - log_units[:, None]), log_units + _above_saturated(successes, trials, at_mode)


def _reach(height: Callable[[FloatArray], FloatArray], modes: FloatArray, width: FloatArray) -> FloatArray:
    """Where each integrand has dropped from its mode on one side: nine widths, doubled until that is enough."""
    top = height(modes[:, None])[:, 0]
    reach = np.clip(9 * width, -_FARTHEST, _FARTHEST)
    while ((height((modes + reach)[:, None])[:, 0] > top - _DROP) & (np.abs(reach) < _FARTHEST)).any():
        short = height((modes + reach)[:, None])[:, 0] > top - _DROP
        reach = np.where(short, np.clip(2 * reach, -_FARTHEST, _FARTHEST), reach)
    return modes + reach


def _modes(successes: FloatArray, trials: FloatArray, mu: float, tau: float) -> FloatArray:
    """Where each unit's integrand is highest: Newton's method, kept inside a shrinking bracket."""
    failures = trials - successes
    low, high = -abs(tau) * failures, abs(tau) * successes
    share = (successes + 0.5) / (trials + 1)
    information = trials * share * (1 - share)
    z = tau * information / (1 + tau**2 * information) * (logit(share) - mu)
    for _ in range(_MODE_STEPS):
        p, q = expit(mu + tau * z), expit(-mu - tau * z)
        slope = tau * (successes * q - failures * p) - z
        low, high = np.where(slope > 0, z, low), np.where(slope > 0, high, z)
        moved = z + slope / (1 + tau**2 * trials * p * q)
        moved = np.where((moved < low) | (moved > high), (low + high) / 2, moved)
        done = np.abs(moved - z) <= 1e-15 * (1 + np.abs(z))
        z = moved
        if done.all():
            break
    return z


def _loglik_change(successes: FloatArray, trials: FloatArray, logits: FloatArray, offsets: FloatArray) -> FloatArray:
    """Binomial log-likelihood at the logits plus offsets, less that at the logits, without cancellation."""
    # count the rarer outcome, whose share is at most one half
    rare = np.where(logits > 0, trials - successes, successes)
    steps = np.where(logits > 0, -offsets, offsets)
    share, log_share, log_rest = expit(-np.abs(logits)), log_expit(-np.abs(logits)), log_expit(np.abs(logits))
    near = np.log1p(share * np.expm1(np.clip(steps, -1, 1)))
    growth = np.where(np.abs(steps) < 1, near, np.logaddexp(log_share + steps, log_rest))
    return rare * steps - trials * growth


def _above_saturated(successes: FloatArray, trials: FloatArray, logits: FloatArray) -> FloatArray:
    """Binomial log-likelihood at the logits less that at the observed shares, at most 0."""
    inside = (successes > 0) & (successes < trials)
    observed = logit(np.where(inside, successes / trials, 0.5))
    at_end = successes * log_expit(logits) + (trials - successes) * log_expit(-logits)
    return np.where(inside, _loglik_change(successes, trials, observed, logits - observed), at_end)


def _not_converged(fit: _Fit) -> frozenset[str]:
    """The flag of a climb that ended where a Newton step would still move the estimates."""
    free = slice(0, 2 if fit.tau > 0 else 1)
    step = np.linalg.solve(fit.hessian[free, free], fit.gradient[free])
    return frozenset({"not_converged"}) if np.max(np.abs(step)) > 1e-6 else frozenset()


def _variance_of_mu(fit: _Fit) -> float:
    """Inverse of the negative Hessian at (mu, mu); without spread the two parameters are orthogonal."""
    (mu_mu, mu_tau), (_, tau_tau) = fit.hessian
    return float(-1 / (mu_mu - (mu_tau**2 / tau_tau if fit.tau > 0 else 0.0)))


def _mean_proportion(mu: float, tau: float) -> float:
    """Integral of expit(mu + tau z) over the standard normal."""
    return float(np.sum(expit(mu + tau * _Z_GRID) * norm.pdf(_Z_GRID)) * (_Z_GRID[1] - _Z_GRID[0]))
