"""Differences and ratios: printed tables, numerical likelihood, other implementations, properties, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from reform_analysis.statistics import proportion_diff_ci, proportion_ratio_ci
from reform_analysis.statistics.contrasts import DIFFERENCES, RATIOS

# Newcombe 1998, Statistics in Medicine 17:873-890, Table II, methods 10, 11 and 6: printed to four decimals
PRINTED = 5e-5
TABLE_II = {
    (56, 70, 48, 80): ((0.0524, 0.3339), (0.0428, 0.3422), (0.0528, 0.3382)),
    (9, 10, 3, 10): ((0.1705, 0.8090), (0.1013, 0.8387), (0.1700, 0.8406)),
    (6, 7, 2, 7): ((0.0582, 0.8062), (-0.0290, 0.8423), (0.0342, 0.8534)),
    (5, 56, 0, 29): ((-0.0381, 0.1926), (-0.0667, 0.2037), (-0.0326, 0.1933)),
    (0, 10, 0, 20): ((-0.1611, 0.2775), (-0.2005, 0.3445), (-0.1658, 0.2844)),
    (0, 10, 0, 10): ((-0.2775, 0.2775), (-0.3445, 0.3445), (-0.2879, 0.2879)),
    (10, 10, 0, 20): ((0.6791, 1.0), (0.6014, 1.0), (0.7156, 1.0)),
    (10, 10, 0, 10): ((0.6075, 1.0), (0.5128, 1.0), (0.6636, 1.0)),
}
COLUMNS = ("newcombe", "newcombe_cc", "miettinen_nurminen")

PROCESS = {"estimand": "process", "independent": True}

group = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def difference(groups: tuple[int, int, int, int], **options: object) -> tuple[float, float]:
    found = proportion_diff_ci(*groups, **PROCESS, **options)
    return found.lower, found.upper


def ratio(groups: tuple[int, int, int, int], **options: object) -> tuple[float, float]:
    found = proportion_ratio_ci(*groups, **PROCESS, **options)
    return found.lower, found.upper


@pytest.mark.parametrize(
    ("groups", "method", "printed"),
    [(g, m, ends) for g, row in TABLE_II.items() for m, ends in zip(COLUMNS, row, strict=True)],
    ids=[f"{'-'.join(map(str, g))}-{m}" for g in TABLE_II for m in COLUMNS],
)
def test_difference_agrees_with_printed_table(
    groups: tuple[int, int, int, int], method: str, printed: tuple[float, float]
) -> None:
    assert difference(groups, method=method) == pytest.approx(printed, abs=PRINTED)


def log_likelihood(p1: float, p2: float, groups: tuple[int, int, int, int]) -> float:
    """Of two binomial counts, with 0 log 0 = 0."""
    k1, n1, k2, n2 = groups
    terms = [(k1, p1), (n1 - k1, 1 - p1), (k2, p2), (n2 - k2, 1 - p2)]
    return sum(count * np.log(max(p, 1e-300)) for count, p in terms if count)


def numerical_score(groups: tuple[int, int, int, int], value: float, kind: str, factor: float) -> float:
    """Squared score statistic at a value, its likelihood maximised by a search instead of a formula."""
    k1, n1, k2, n2 = groups
    if kind == "difference":
        ends, first = (max(0.0, -value), min(1.0, 1 - value)), lambda p2: p2 + value
        distance, weight = k1 / n1 - k2 / n2 - value, 1.0
    else:
        ends, first = (0.0, min(1.0, 1 / value)), lambda p2: p2 * value
        distance, weight = k1 / n1 - value * k2 / n2, value**2
    # a search finds the maximum of a flat function to the square root of the precision only
    found = minimize_scalar(
        lambda p2: -log_likelihood(first(p2), p2, groups), bounds=ends, method="bounded", options={"xatol": 1e-12}
    )
    p2 = min(max(float(found.x), 0.0), 1.0)
    p1 = first(p2)
    variance = (p1 * (1 - p1) / n1 + weight * p2 * (1 - p2) / n2) * factor
    return distance**2 / variance


def unbiased(groups: tuple[int, int, int, int]) -> float:
    return (groups[1] + groups[3]) / (groups[1] + groups[3] - 1)


@settings(max_examples=40)
@given(group, group, st.sampled_from([0.8, 0.95, 0.99]))
def test_difference_limits_are_just_not_rejected(one: tuple[int, int], two: tuple[int, int], level: float) -> None:
    groups = (*one, *two)
    for end in difference(groups, method="miettinen_nurminen", level=level):
        if abs(end) < 1:
            score = numerical_score(groups, end, "difference", unbiased(groups))
            assert score == pytest.approx(norm.isf((1 - level) / 2) ** 2, rel=1e-4)


@settings(max_examples=40)
@given(group, group, st.sampled_from(["koopman", "miettinen_nurminen"]), st.sampled_from([0.8, 0.95, 0.99]))
def test_ratio_limits_are_just_not_rejected(
    one: tuple[int, int], two: tuple[int, int], method: str, level: float
) -> None:
    groups = (*one, *two)
    factor = unbiased(groups) if method == "miettinen_nurminen" else 1.0
    for end in ratio(groups, method=method, level=level):
        if 0 < end < np.inf:
            score = numerical_score(groups, end, "ratio", factor)
            assert score == pytest.approx(norm.isf((1 - level) / 2) ** 2, rel=1e-4)


@pytest.mark.parametrize("groups", [(8, 15, 4, 15), (56, 70, 48, 80), (3, 400, 9, 300)])
def test_koopman_agrees_with_statsmodels_away_from_one(groups: tuple[int, int, int, int]) -> None:
    other = confint_proportions_2indep(*groups, method="score", compare="ratio", correction=False)
    # its root search stops at this relative accuracy
    assert ratio(groups) == pytest.approx(other, rel=1e-5)


def test_newcombe_agrees_with_statsmodels() -> None:
    other = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    assert difference((56, 70, 48, 80)) == pytest.approx(other, abs=1e-12)


def test_katz_is_the_normal_interval_of_the_logarithm() -> None:
    se = (1 / 29 - 1 / 55 + 1 / 9 - 1 / 11) ** 0.5
    centre = np.log(29 / 55 / (9 / 11))
    half = norm.isf(0.05) * se
    assert ratio((29, 55, 9, 11), method="katz_log", level=0.9) == pytest.approx(
        (np.exp(centre - half), np.exp(centre + half)), rel=1e-12
    )


EDGES = {
    "first zero": ((0, 10, 3, 10), 0.0, (0.0, None)),
    "second zero": ((3, 10, 0, 10), np.nan, (None, np.inf)),
    "both zero": ((0, 10, 0, 10), np.nan, (0.0, np.inf)),
    "no trials": ((0, 0, 3, 10), np.nan, (0.0, np.inf)),
}


@pytest.mark.parametrize("method", ["koopman", "miettinen_nurminen"])
@pytest.mark.parametrize("name", EDGES)
def test_ratio_at_the_edges(name: str, method: str) -> None:
    groups, estimate, ends = EDGES[name]
    found = proportion_ratio_ci(*groups, method=method, **PROCESS)
    assert found.estimate == pytest.approx(estimate, nan_ok=True)
    for got, want in zip((found.lower, found.upper), ends, strict=True):
        assert got == want if want is not None else 0 < got < np.inf


@pytest.mark.parametrize("groups", [(0, 10, 3, 10), (3, 10, 0, 10), (0, 10, 0, 10)])
def test_katz_knows_nothing_of_zero_cells(groups: tuple[int, int, int, int]) -> None:
    assert np.isnan(ratio(groups, method="katz_log")).all()


def test_ratio_of_two_full_groups_is_finite_and_real() -> None:
    lower, upper = ratio((10, 10, 10, 10))
    assert lower < 1 < upper
    assert lower == pytest.approx(1 / upper, rel=1e-9)


@pytest.mark.parametrize("method", sorted(DIFFERENCES))
@given(one=group, two=group, level=st.floats(0.6, 0.99))
def test_difference_holds_the_estimate_and_mirrors(
    method: str, one: tuple[int, int], two: tuple[int, int], level: float
) -> None:
    lower, upper = difference((*one, *two), method=method, level=level)
    assert -1 <= lower <= one[0] / one[1] - two[0] / two[1] <= upper <= 1
    assert difference((*two, *one), method=method, level=level) == pytest.approx((-upper, -lower), abs=1e-7)


@pytest.mark.parametrize("method", sorted(DIFFERENCES))
@given(one=group, two=group)
def test_difference_widens_with_level_and_narrows_with_n(
    method: str, one: tuple[int, int], two: tuple[int, int]
) -> None:
    lower, upper = difference((*one, *two), method=method)
    wider = difference((*one, *two), method=method, level=0.99)
    assert wider[1] - wider[0] > upper - lower
    more = difference(tuple(5 * count for count in (*one, *two)), method=method)
    assert more[1] - more[0] < upper - lower


@pytest.mark.parametrize("method", sorted(RATIOS))
@given(one=group, two=group)
def test_ratio_of_swapped_groups_is_the_inverse(method: str, one: tuple[int, int], two: tuple[int, int]) -> None:
    lower, upper = ratio((*one, *two), method=method)
    swapped = ratio((*two, *one), method=method)
    if lower > 0 and upper < np.inf:
        assert lower <= one[0] / one[1] / (two[0] / two[1]) <= upper
        assert swapped == pytest.approx((1 / upper, 1 / lower), rel=1e-7)


@pytest.mark.parametrize("function", [proportion_diff_ci, proportion_ratio_ci])
def test_arrays_give_what_single_groups_give(function: object) -> None:
    rows = np.array([(56, 70, 48, 80), (0, 10, 3, 10), (5, 56, 0, 29)])
    together = function(*rows.T, method="miettinen_nurminen", **PROCESS)
    alone = [function(*row, method="miettinen_nurminen", **PROCESS) for row in rows]
    assert together.lower == pytest.approx([each.lower for each in alone], abs=1e-12)
    assert together.upper == pytest.approx([each.upper for each in alone], abs=1e-9)


@pytest.mark.parametrize("function", [proportion_diff_ci, proportion_ratio_ci])
@pytest.mark.parametrize("options", [{}, PROCESS], ids=["descriptive", "process"])
def test_missing_counts_give_nan_and_are_counted(function: object, options: dict[str, object]) -> None:
    found = function([3, None], 10, [4, 0], [10, 0], **options)
    assert np.isnan([found.estimate[1], found.lower[1], found.upper[1]]).all()
    assert not np.isnan(found.lower[0])
    assert found.n_missing == 1


def test_millions_of_trials_stay_accurate() -> None:
    n = 14_500_000
    p1, p2 = 12.1 / 14.5, 0.747
    half = norm.isf(0.025) * ((p1 * (1 - p1) + p2 * (1 - p2)) / n) ** 0.5
    for method in DIFFERENCES:
        ends = difference((12_100_000, n, 10_831_500, n), method=method)
        assert ends == pytest.approx((p1 - p2 - half, p1 - p2 + half), abs=2e-7)


@pytest.mark.parametrize(("function", "widest"), [(proportion_diff_ci, (-1, 1)), (proportion_ratio_ci, (0, np.inf))])
@pytest.mark.parametrize("options", [{}, PROCESS], ids=["descriptive", "process"])
def test_a_group_without_trials_leaves_everything_open(
    function: object, widest: tuple[float, float], options: dict[str, object]
) -> None:
    found = function(0, 0, 3, 10, **options)
    assert np.isnan(found.estimate)
    assert (found.lower, found.upper) == widest
    assert "no_data" in found.flags


@pytest.mark.parametrize(("function", "value"), [(proportion_diff_ci, 0.25), (proportion_ratio_ci, 1.5)])
def test_complete_counts_have_no_sampling_interval_by_default(function: object, value: float) -> None:
    found = function(3, 4, 1, 2)
    assert (found.estimate, found.lower, found.upper) == (value, value, value)
    assert found.flags == {"census"}


@pytest.mark.parametrize("function", [proportion_diff_ci, proportion_ratio_ci])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimand": "process"}, "needs independent samples; got independent=False"),
        ({"level": 95}, "did you mean 0.95"),
        ({"method": "score"}, "method must be one of .*miettinen_nurminen"),
        ({"estimand": "sample"}, "estimand must be one of"),
    ],
    ids=["dependent", "level", "method", "estimand"],
)
def test_wrong_options_are_refused(function: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(3, 10, 4, 10, **options)


@pytest.mark.parametrize("function", [proportion_diff_ci, proportion_ratio_ci])
@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ((11, 10, 4, 10), "k1 must not exceed n1"),
        ((3, 10, 14, 10), "k2 must not exceed n2"),
        ((-3, 10, 4, 10), "k1 must be at least 0"),
        ((3, 10, 4, -10), "n2 must be at least 0"),
    ],
    ids=["first", "second", "negative", "negative n"],
)
def test_wrong_counts_are_refused(function: object, groups: tuple[int, int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(*groups, **PROCESS)
