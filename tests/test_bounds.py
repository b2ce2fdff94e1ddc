"""Bounds without assumptions and the interval around them: definitions, limits, properties, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from reform_analysis.statistics import imbens_manski_ci, selection_bounds, worst_case_bounds

count = st.integers(0, 30)
share = st.floats(0, 1)


@given(count, count, st.integers(0, 12))
def test_worst_case_is_the_range_over_every_completion(success: int, failure: int, missing: int) -> None:
    found = worst_case_bounds(success, failure, missing)
    n = success + failure + missing
    if n == 0:
        assert (found.lower, found.upper) == (0, 1)
        return
    completions = [(success + late) / n for late in range(missing + 1)]
    assert (found.lower, found.upper) == (min(completions), max(completions))


def test_worst_case_identifies_a_rate_only_without_missing() -> None:
    assert worst_case_bounds(3, 1, 0).estimate == 0.75
    assert np.isnan(worst_case_bounds(3, 1, 1).estimate)


def test_standard_errors_belong_to_the_process() -> None:
    process = worst_case_bounds(654, 17, 222, estimand="process")
    lower = 654 / 893
    assert process.se_lower == pytest.approx((lower * (1 - lower) / 893) ** 0.5, rel=1e-14)
    descriptive = worst_case_bounds(654, 17, 222)
    assert np.isnan([descriptive.se_lower, descriptive.se_upper]).all()


def test_no_units_leave_the_rate_open() -> None:
    found = worst_case_bounds(0, 0, 0, estimand="process")
    assert np.isnan([found.estimate, found.se_lower, found.se_upper]).all()
    assert (found.lower, found.upper, found.flags) == (0, 1, {"no_data"})


def test_missing_input_gives_nan_and_is_counted() -> None:
    found = worst_case_bounds([3, None, 5], 1, [0, 2, None])
    assert np.isnan(found.lower).tolist() == [False, True, True]
    assert found.n_missing == 2
    assert found.flags == {"missing_input"}


@given(share, st.integers(0, 50), st.integers(0, 50))
def test_selection_is_reached_by_silent_units_at_zero_and_one(mean: float, m: int, silent: int) -> None:
    found = selection_bounds(mean, m, m + silent)
    if m + silent:
        extremes = [(m * mean + silent * value) / (m + silent) for value in (0.0, 1.0)]
        assert (found.lower, found.upper) == pytest.approx(tuple(extremes), abs=1e-12)
        assert found.upper - found.lower == pytest.approx(silent / (m + silent), abs=1e-12)


def test_selection_with_everyone_reporting_is_the_mean() -> None:
    found = selection_bounds(0.3, 34, 34)
    assert (found.estimate, found.lower, found.upper) == (0.3, 0.3, 0.3)


@pytest.mark.parametrize("mean", [0.9, None])
@pytest.mark.parametrize("units", [0, 3321])
def test_nobody_reporting_leaves_the_mean_open(mean: float | None, units: int) -> None:
    found = selection_bounds(mean, 0, units)
    assert np.isnan(found.estimate)
    assert (found.lower, found.upper, found.flags) == (0, 1, {"no_data"})


def test_missing_mean_of_reporting_units_gives_nan() -> None:
    found = selection_bounds(None, 37, 3321)
    assert np.isnan([found.estimate, found.lower, found.upper]).all()
    assert (found.n_missing, found.flags) == (1, {"missing_input"})


def solved(c: float, width: float, se: float, level: float) -> float:
    """What Imbens and Manski's equation leaves over at c."""
    return norm.cdf(c + width / se) - norm.cdf(-c) - level


@given(st.floats(0, 0.5), st.floats(1e-4, 0.2), st.floats(1e-4, 0.2), st.floats(0.5, 0.999))
def test_c_solves_the_equation(width: float, se_lower: float, se_upper: float, level: float) -> None:
    found = imbens_manski_ci(0.2, 0.2 + width, se_lower, se_upper, level=level, estimand="process")
    assert solved(found.c, found.inputs["upper"] - 0.2, max(se_lower, se_upper), level) == pytest.approx(0, abs=1e-9)
    assert found.lower == pytest.approx(0.2 - found.c * se_lower, abs=1e-12)
    assert found.upper == pytest.approx(0.2 + width + found.c * se_upper, abs=1e-12)


def test_c_falls_from_two_sided_to_one_sided() -> None:
    c = imbens_manski_ci(0.0, [0, 0.01, 0.02, 0.05, 1.0], 0.02, 0.02, level=0.9, estimand="process").c
    assert (np.diff(c) < 0).all()
    assert c[0] == pytest.approx(norm.ppf(0.95), abs=1e-10)
    assert c[-1] == pytest.approx(norm.ppf(0.9), abs=1e-10)


def test_crossed_bounds_count_as_width_zero() -> None:
    found = imbens_manski_ci(0.62, 0.60, 0.02, 0.01, estimand="process")
    assert "crossed" in found.flags
    assert found.c == pytest.approx(norm.ppf(0.975), abs=1e-10)
    assert found.lower == pytest.approx(0.62 - found.c * 0.02, abs=1e-12)
    assert found.upper == pytest.approx(0.60 + found.c * 0.01, abs=1e-12)


@pytest.mark.parametrize("upper", [0.4, 0.7], ids=["point", "wide"])
def test_without_sampling_error_the_bounds_stand(upper: float) -> None:
    found = imbens_manski_ci(0.4, upper, 0, 0, estimand="process")
    assert (found.lower, found.upper) == (0.4, upper)


def test_one_end_without_sampling_error_stands_alone() -> None:
    found = imbens_manski_ci(0.4, 0.7, 0, 0.02, estimand="process")
    assert found.lower == 0.4
    assert found.upper == pytest.approx(0.7 + norm.ppf(0.95) * 0.02, abs=1e-10)


def test_complete_counts_keep_their_bounds_by_default() -> None:
    found = imbens_manski_ci(0.4, 0.7, 0.02, 0.02)
    assert (found.lower, found.upper) == (0.4, 0.7)
    assert found.flags == {"census"}
    assert np.isnan([found.c, found.level]).all()


def test_missing_bounds_give_nan_and_are_counted() -> None:
    found = imbens_manski_ci([0.4, None], 0.7, 0.02, 0.02, estimand="process")
    assert np.isnan([found.lower[1], found.c[1]]).all()
    assert found.n_missing == 1


ERRORS = {
    "negative": (lambda: worst_case_bounds(-1, 0, 3), "success must be at least 0; got -1"),
    "fraction": (lambda: worst_case_bounds(1, 0.5, 3), "failure must be whole numbers"),
    "estimand": (lambda: worst_case_bounds(1, 1, 1, estimand="x"), "estimand must be one of"),
    "too many": (lambda: selection_bounds(0.5, 38, 37), "m must not exceed N; got m = 38, N = 37"),
    "percent": (lambda: selection_bounds(98.5, 37, 3321), "mean_reported must not exceed 1; got"),
    "below zero": (lambda: selection_bounds(-0.1, 37, 3321), "mean_reported must be at least 0"),
    "level": (lambda: imbens_manski_ci(0, 1, 0, 0, level=95), "did you mean 0.95"),
    "standard error": (lambda: imbens_manski_ci(0, 1, -0.1, 0), "se_lower must be at least 0; got -0.1"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_input_is_refused(name: str) -> None:
    call, message = ERRORS[name]
    with pytest.raises(ValueError, match=message):
        call()
