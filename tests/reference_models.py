"""Reference cases of pooling, comparison, inequality and regression: case names and inputs onto public functions."""

from collections.abc import Callable, Mapping
from typing import Any

from reference_inputs import arguments

from reform_analysis.statistics.coarse_regression import interval_regression, ols_interval_bounds
from reform_analysis.statistics.comparison import funnel_limits, funnel_overdispersion
from reform_analysis.statistics.concentration import hhi, hhi_bounds
from reform_analysis.statistics.entropy import theil
from reform_analysis.statistics.heterogeneity import tau2_ci
from reform_analysis.statistics.inequality import gini, gini_bootstrap, gini_weighted
from reform_analysis.statistics.inequality_bounds import gini_bounds
from reform_analysis.statistics.mixed import pool_glmm
from reform_analysis.statistics.multiplicity import adjust_pvalues
from reform_analysis.statistics.partial_association import freedman_lane
from reform_analysis.statistics.permutation import permutation_correlation, permutation_two_sample, spearman
from reform_analysis.statistics.pooling import pool, pool_proportions
from reform_analysis.statistics.ranks import rank_intervals, rank_proportions
from reform_analysis.statistics.regression import fractional_logit, glm_robust, ols_hc3, quasi_binomial

# names in the reference file that differ from the fields of the results
POOLED = {"mu": "estimate", "ci_lower": "lower", "ci_upper": "upper", "k": "n"}
ON_SHARE_SCALE = {
    "prop": "estimate",
    "prop_ci_lower": "lower",
    "prop_ci_upper": "upper",
    "prop_pi_lower": "pi_lower",
    "prop_pi_upper": "pi_upper",
}
RENAMED: dict[str, dict[str, str]] = {
    "pool": POOLED,
    "pool_glmm": {"k": "n"},
    "tau2_ci": {"k": "n"},
    "gini": {"gini": "estimate", "gini_unbiased": "unbiased"},
    "gini_weighted": {"gini": "estimate"},
    "hhi": {"hhi": "estimate"},
    "ols_hc3": {"params": "estimate"},
    "quasi_binomial": {"params": "estimate"},
    "glm_robust": {"params": "estimate"},
    "fractional_logit": {"params": "estimate"},
    "interval_regression": {"params": "estimate"},
    "spearman": {"rho": "estimate"},
    "permutation_correlation": {"r": "estimate"},
}


def _fields(result: Any, renamed: Mapping[str, str]) -> dict[str, Any]:
    """All fields of a result, some also under the reference file's names."""
    fields = {name: value for name, value in vars(result).items() if name != "inputs"}
    return fields | {name: fields[field] for name, field in renamed.items()}


def _case(function: Callable[..., Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The case of a function that takes the inputs as they are named."""
    renamed = RENAMED.get(function.__name__, {})
    return lambda inputs: _fields(function(**arguments(function, inputs)), renamed)


def _regression_case(function: Callable[..., Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The case of a regression whose covariates are inputs x and z."""

    def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
        covariates = {name: inputs[name] for name in ("x", "z") if inputs.get(name) is not None}
        others = {name: value for name, value in inputs.items() if name not in ("x", "z")}
        return _fields(function(**{"X": covariates} | arguments(function, others)), RENAMED[function.__name__])

    return run


def _spearman_case(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Spearman's correlation; "permutation" leaves it to the number of pairs whether all orders are tried."""
    named = {**inputs, "p": "exact"} if inputs.get("p") == "permutation" else inputs
    return _case(spearman)(named)


def _pool_proportions_case(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Pooled logits under the plain names, back-transformed ones with a prefix."""
    pooled = pool_proportions(**arguments(pool_proportions, inputs))
    shares = _fields(pooled, ON_SHARE_SCALE)
    return shares | _fields(pooled.logit, POOLED) | {"k": pooled.n, "flags": shares["flags"], "logit": None}


CASES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    **{
        function.__name__: _case(function)
        for function in (
            pool,
            pool_glmm,
            tau2_ci,
            funnel_limits,
            funnel_overdispersion,
            rank_intervals,
            rank_proportions,
            ols_hc3,
            ols_interval_bounds,
            interval_regression,
            permutation_correlation,
            permutation_two_sample,
            freedman_lane,
            adjust_pvalues,
            gini,
            gini_weighted,
            gini_bounds,
            gini_bootstrap,
            theil,
            hhi,
            hhi_bounds,
        )
    },
    **{function.__name__: _regression_case(function) for function in (quasi_binomial, glm_robust, fractional_logit)},
    "pool_proportions": _pool_proportions_case,
    "spearman": _spearman_case,
}
