"""Reference cases of bounds, proportions, rates and cumulative series, as calls of the public functions.

Intervals of the reference file are for the process estimand wherever the function offers both, and its groups are
independent samples unless a case says otherwise.
"""

from collections.abc import Callable, Mapping
from typing import Any

from reference_inputs import arguments

from reform_analysis import statistics

Inputs = Mapping[str, Any]


def _ends(found: statistics.Estimate, **more: object) -> dict[str, Any]:
    """Estimate and ends of a result, and what else the case looks at."""
    fields = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper, **more}
    return {"flags": found.flags, **fields}


def _process(function: Callable[..., statistics.Estimate], *extra: str) -> Callable[[Inputs], dict[str, Any]]:
    """A case that passes its inputs on by name and reads further fields of the result."""

    def case(inputs: Inputs) -> dict[str, Any]:
        found = function(**arguments(function, {"estimand": "process", **inputs}))
        return _ends(found, **{name: getattr(found, name) for name in extra})

    return case


def _contrast(function: Callable[..., statistics.Estimate]) -> Callable[[Inputs], dict[str, Any]]:
    """A case that compares two independent groups."""
    return lambda inputs: _process(function)({"independent": True, **inputs})


def _lp_bounds(inputs: Inputs) -> dict[str, Any]:
    found = statistics.lp_bounds(**arguments(statistics.lp_bounds, {"constraints": [], **inputs}))
    return _ends(found, feasible=found.feasible, min_inflation=found.min_inflation)


def _imbens_manski(inputs: Inputs) -> dict[str, Any]:
    found = statistics.imbens_manski_ci(**arguments(statistics.imbens_manski_ci, {"estimand": "process", **inputs}))
    return {"c": found.c, "ci_lower": found.lower, "ci_upper": found.upper, "flags": found.flags}


def _poisson(inputs: Inputs) -> dict[str, Any]:
    found = statistics.poisson_rate_ci(**arguments(statistics.poisson_rate_ci, {"estimand": "process", **inputs}))
    return _ends(found, rate=found.estimate)


def _selection(inputs: Inputs) -> dict[str, Any]:
    return _ends(statistics.selection_bounds(**arguments(statistics.selection_bounds, inputs)))


def _hypergeometric(inputs: Inputs) -> dict[str, Any]:
    found = statistics.hypergeometric_ci(**arguments(statistics.hypergeometric_ci, inputs))
    return _ends(found, M_lower=found.M_lower, M_upper=found.M_upper)


def _decumulate(inputs: Inputs) -> dict[str, Any]:
    found = statistics.decumulate(**arguments(statistics.decumulate, inputs))
    names = ("period_total", "period_part", "period_share", "rate_per_day", "last_rate_minus_previous", "days")
    return {
        **{name: getattr(found, name) for name in names},
        "feasible": found.feasible,
        "min_inflation": found.min_inflation,
        "acceleration": found.acceleration,
        "flags": found.flags,
    }


def _monotone(inputs: Inputs) -> dict[str, Any]:
    found = statistics.monotone_series(**arguments(statistics.monotone_series, inputs))
    return {"violations": found.violations, "max_gap": found.max_gap}


def _trend(inputs: Inputs) -> dict[str, Any]:
    found = statistics.trend_test(**arguments(statistics.trend_test, inputs))
    return {"tau": found.tau, "p": found.p, "flags": found.flags}


CASES: dict[str, Callable[[Inputs], dict[str, Any]]] = {
    "lp_bounds": _lp_bounds,
    "worst_case_bounds": _process(statistics.worst_case_bounds, "se_lower", "se_upper"),
    "selection_bounds": _selection,
    "imbens_manski_ci": _imbens_manski,
    "proportion_ci": _process(statistics.proportion_ci),
    "proportion_ci_coarse": _process(statistics.proportion_ci_coarse, "k_min", "k_max"),
    "proportion_diff_ci": _contrast(statistics.proportion_diff_ci),
    "proportion_ratio_ci": _contrast(statistics.proportion_ratio_ci),
    "poisson_rate_ci": _poisson,
    "decumulate": _decumulate,
    "monotone_series": _monotone,
    "trend_test": _trend,
    "multinomial_ci": _process(statistics.multinomial_ci),
    "hypergeometric_ci": _hypergeometric,
}
