"""Statistics of coarsened, cumulative and few figures: arrays in, frozen dataclasses out.

Names load on first use, so that a caller of one function does not pay for the others.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

_MODULES = {
    "result": ("Estimate",),
    "bounds": ("imbens_manski_ci", "selection_bounds", "worst_case_bounds"),
    "linear": ("lp_bounds",),
    "cumulative": ("decumulate",),
    "series": ("monotone_series",),
    "rates": ("poisson_rate_ci", "trend_test"),
    "proportions": ("proportion_ci",),
    "coarsening": ("proportion_ci_coarse",),
    "compositions": ("hypergeometric_ci", "multinomial_ci"),
    "contrasts": ("proportion_diff_ci", "proportion_ratio_ci"),
    "pooling": ("pool", "pool_glmm", "pool_proportions", "tau2_ci"),
    "comparison": ("funnel_limits", "funnel_overdispersion", "rank_intervals", "rank_proportions"),
    "inequality": (
        "gini",
        "gini_bootstrap",
        "gini_bounds",
        "gini_weighted",
        "hhi",
        "hhi_bounds",
        "theil",
    ),
    "regression": (
        "fractional_logit",
        "glm_robust",
        "interval_regression",
        "ols_hc3",
        "ols_interval_bounds",
        "quasi_binomial",
    ),
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
