"""Statistics of coarsened, cumulative and few figures: arrays in, frozen dataclasses out.

Names load on first use, so that a caller of one function does not pay for the others.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

_MODULES = {
    "result": ("Estimate",),
    # what printed figures leave possible
    "linear": ("lp_bounds",),
    "bounds": ("imbens_manski_ci", "selection_bounds", "worst_case_bounds"),
    # proportions, rates and series
    "proportions": ("proportion_ci",),
    "coarsening": ("proportion_ci_coarse",),
    "contrasts": ("proportion_diff_ci", "proportion_ratio_ci"),
    "compositions": ("hypergeometric_ci", "multinomial_ci"),
    "rates": ("poisson_rate_ci", "trend_test"),
    "series": ("monotone_series",),
    "cumulative": ("decumulate",),
    # many places at once
    "pooling": ("pool", "pool_proportions"),
    "heterogeneity": ("tau2_ci",),
    "mixed": ("pool_glmm",),
    "comparison": ("funnel_limits", "funnel_overdispersion"),
    "ranks": ("rank_intervals", "rank_proportions"),
    "inequality": ("gini", "gini_bootstrap", "gini_weighted"),
    "inequality_bounds": ("gini_bounds",),
    "lorenz": ("lorenz_bounds", "lorenz_curve", "top_share", "top_share_bounds"),
    "entropy": ("theil",),
    "concentration": ("hhi", "hhi_bounds"),
    # associations between places' values
    "regression": ("fractional_logit", "glm_robust", "ols_hc3", "quasi_binomial"),
    "coarse_regression": ("interval_regression", "ols_interval_bounds"),
    "permutation": ("permutation_correlation", "permutation_two_sample", "spearman"),
    "partial_association": ("freedman_lane",),
    "multiplicity": ("adjust_pvalues",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> _Any:
    if name not in _HOMES:
        raise AttributeError(f"reform_analysis.statistics has no {name!r}; it offers {', '.join(__all__)}")
    value = getattr(_import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
