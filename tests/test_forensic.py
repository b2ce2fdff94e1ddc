import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reform_analysis.evidence.forensic import (
    complement_shares,
    independent_reports,
    sum_of_parts,
    terminal_digit_test,
)
from reform_analysis.evidence.grim import grim_mean, grim_percent, percent_count_set
from reform_analysis.evidence.interval import MISSING, Interval


def as_printed(k, n, decimals):
    """100 k / n rounded half up, in exact arithmetic."""
    scaled = math.floor(Fraction(100 * k * 10**decimals, n) + Fraction(1, 2))
    return f"{scaled // 10**decimals}" + (f".{scaled % 10**decimals:0{decimals}d}" if decimals else "")


@given(st.integers(1, 10**5), st.data(), st.integers(0, 3))
def test_a_percentage_computed_from_counts_is_always_possible(n, data, decimals):
    k = data.draw(st.integers(0, n))
    percent = as_printed(k, n, decimals)
    assert k in percent_count_set(percent, n=n).k
    found = grim_percent([percent], n=n, k=k)
    assert found.consistent == found.k_consistent == (True,)


@given(st.integers(1, 400), st.integers(0, 10**4))
def test_the_set_is_what_enumeration_gives(n, hundredths):
    percent = f"{hundredths / 100:.2f}"
    low, high = Fraction(2 * hundredths - 1, 200), Fraction(2 * hundredths + 1, 200)
    assert list(percent_count_set(percent, n=n).k) == [k for k in range(n + 1) if low <= Fraction(100 * k, n) <= high]


@given(st.integers(0, 10**4), st.integers(0, 10**6))
def test_large_totals_allow_every_percentage(hundredths, extra):
    found = percent_count_set(f"{hundredths / 100:.2f}", n=10**4 + extra)
    assert found.k
    assert not found.informative


@pytest.mark.parametrize(
    ("percent", "n", "rounding", "k"),
    [
        pytest.param("98.9", 4684, "nearest", [4631, 4632, 4633, 4634], id="rounded"),
        pytest.param("1.7", 4684, "nearest", list(range(78, 82)), id="77 of 4,684 is not 1.7 %"),
        pytest.param("50", 3, "nearest", [], id="no half of three"),
        pytest.param("12.5", 8, "nearest", [1], id="exact"),
        pytest.param("33", 3, "truncate", [1], id="a third, truncated"),
        pytest.param("66", 3, "truncate", [2], id="two thirds, truncated"),
        pytest.param("66", 3, "nearest", [], id="two thirds are not 66 when rounded"),
        pytest.param("49", 2, "truncate", [], id="truncation excludes its upper end"),
        pytest.param("5", 0, "nearest", [], id="nothing to be a part of"),
        pytest.param("0", 1000, "nearest", [0, 1, 2, 3, 4, 5], id="no negative count"),
        pytest.param("100", 1000, "nearest", [995, 996, 997, 998, 999, 1000], id="no count over the total"),
        pytest.param("99,99 %", 4473, "nearest", [], id="comma and sign"),
        pytest.param(Interval(70, 77), 10, "nearest", [7], id="interval of a qualified figure"),
    ],
)
def test_percent_count_set(percent, n, rounding, k):
    assert list(percent_count_set(percent, n=n, rounding=rounding).k) == k


@pytest.mark.parametrize(
    ("values", "options", "consistent"),
    [
        pytest.param(["50"], {"n": (3, 3)}, (False,), id="one total"),
        pytest.param(["50"], {"n": (3, 4)}, (True,), id="some total fits"),
        pytest.param(["59.71"], {"n": (10, 531269)}, (True,), id="a large total always fits"),
        pytest.param(["125"], {"n": 4}, (False,), id="over the whole"),
        pytest.param(["125"], {"n": 4, "max_percent": None}, (True,), id="growth rates have no cap"),
    ],
)
def test_grim_percent(values, options, consistent):
    assert grim_percent(values, **options).consistent == consistent


def test_a_printed_count_is_held_against_its_percentage():
    assert grim_percent(["98.1"], n=73544, k=72591).k_consistent == (False,)
    assert grim_percent(["98.7"], n=73544, k=72591).k_consistent == (True,)
    assert grim_percent(["98.7"], n=73544).k_consistent is None


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60))
def test_a_mean_of_whole_numbers_is_always_possible(numbers):
    mean = Fraction(sum(numbers), len(numbers))
    printed = f"{math.floor(mean * 100 + Fraction(1, 2)) / 100:.2f}"
    assert grim_mean([printed], n=len(numbers)).consistent == (True,)


def test_grim_mean_knows_when_it_cannot_fail():
    assert grim_mean(["5.19"], n=28).informative == (True,)
    assert grim_mean(["5.19"], n=100).informative == (False,)
    assert grim_mean(["5.19"], n=0).consistent == (False,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(lambda: percent_count_set("5", n=-1), "n must be a count >= 0; got -1", id="total"),
        pytest.param(lambda: percent_count_set("five", n=1), "printed number such as", id="number"),
        pytest.param(lambda: percent_count_set("5", n=1, rounding="up"), "nearest, truncate", id="rounding"),
        pytest.param(lambda: grim_percent(["5"], n=(5, 4)), "n must rise", id="order"),
        pytest.param(lambda: grim_mean(["5"], n=-1), "n must be a count >= 0", id="mean"),
        pytest.param(lambda: terminal_digit_test([1] * 9), "ten numbers", id="nine digits"),
        pytest.param(lambda: terminal_digit_test([-1] * 10), "ten numbers >= 0", id="negative"),
    ],
)
def test_what_cannot_be_checked_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=6), st.integers(1, 10**6))
def test_parts_that_add_up_pass_and_any_other_total_fails_by_its_distance(parts, off):
    exact = [Interval(part, part) for part in parts]
    total = sum(parts)
    assert sum_of_parts(exact, Interval(total, total)).consistent
    missed = sum_of_parts(exact, Interval(total + off, total + off))
    assert (missed.consistent, missed.gap) == (False, off)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=6))
def test_rounded_parts_of_a_rounded_total_pass(parts):
    def rounded(n):
        nearest = (n + 50) // 100 * 100
        return Interval(nearest - 50, nearest + 50)

    assert sum_of_parts([rounded(part) for part in parts], rounded(sum(parts))).consistent


def test_decimal_parts_are_added_exactly():
    parts = [Interval(x, x) for x in (0.1, 0.2, 15.67)]
    assert sum_of_parts(parts, Interval(15.97, 15.97)).consistent


def test_a_missing_part_leaves_the_sum_open():
    found = sum_of_parts([Interval(1, 1), MISSING], Interval(2, 2))
    assert found.consistent is None
    assert math.isnan(found.gap)


def test_an_unbounded_part_reaches_every_larger_total():
    assert sum_of_parts([Interval(5, math.inf), Interval(1, 1)], Interval(100, 100)).consistent


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=5), st.integers(0, 2))
def test_rounded_shares_of_one_whole_pass(counts, decimals):
    assume(sum(counts))
    shares = [as_printed(count, sum(counts), decimals) for count in counts]
    assert complement_shares(shares).consistent


@pytest.mark.parametrize(
    ("shares", "consistent", "gap"),
    [
        (["33", "33", "33"], True, 0),
        (["33.3", "33.3", "33.3"], True, 0),
        (["44.2", "56.1"], False, 0.2),
        (["59.7", "40.4"], True, 0),
        (["59.71", "40.28"], True, 0),
        (["59.71", "40.27"], False, 0.01),
        ([Interval(70, 77), "25"], True, 0),
    ],
)
def test_complement_shares(shares, consistent, gap):
    found = complement_shares(shares)
    assert (found.consistent, found.gap) == (consistent, gap)


def test_few_figures_give_no_digit_test():
    found = terminal_digit_test([4] * 10)
    assert math.isnan(found.p)
    assert found.flags == {"too_few_figures"}


def test_even_digits_raise_no_suspicion_and_heaped_ones_do():
    assert terminal_digit_test([10] * 10).p == 1
    assert terminal_digit_test([40, *[5] * 9]).p_0_or_5 < 0.001


@given(st.permutations(range(6)))
def test_clusters_do_not_depend_on_the_order_of_rows(order):
    rows = [
        {"id": i, "geo": "VN", "indicator": "x", "value": i % 3, "qualifier": "exact", "period_end": "2025-10-28"}
        for i in order
    ]
    found = independent_reports(rows)
    assert (found.n_reports, found.n_independent) == (6, 3)
    assert {frozenset(cluster) for cluster in found.clusters} == {
        frozenset({0, 3}),
        frozenset({1, 4}),
        frozenset({2, 5}),
    }


def test_a_hedge_makes_another_report():
    row = {"geo": "VN", "indicator": "x", "value": 1, "period_end": "2025-10-28"}
    rows = [row | {"id": 1, "qualifier": "exact"}, row | {"id": 2, "qualifier": "about"}]
    assert independent_reports(rows).n_independent == 2
