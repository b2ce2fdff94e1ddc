"""Results show themselves, stay frozen, and the shared checks say what must hold."""

import dataclasses
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest

from reform_analysis.statistics import decumulate
from reform_analysis.statistics import result as results


@results.result
class Tally:
    done: int
    share: float
    note: str = ""


def estimate(**changed: object) -> results.Estimate:
    fields = {
        "estimate": 0.5,
        "lower": 0.25,
        "upper": 0.75,
        "level": 0.95,
        "method": "wilson",
        "estimand": "process",
        "n": 4,
    }
    return results.Estimate(**{**fields, **changed})


def test_text_names_every_field_that_holds_something() -> None:
    assert str(Tally(done=72, share=0.8)) == "Tally: done 72; share 0.8"


def test_text_counts_the_values_of_a_long_array() -> None:
    text = str(estimate(estimate=np.arange(20.0)))
    assert "[0, 1, 2, 3, 4, 5, 6, 7, ... (20 values)]" in text


def test_text_shows_large_counts_in_full() -> None:
    assert "estimate 12100000;" in str(estimate(estimate=12_100_000.0))


def test_missing_inputs_are_named_only_where_there_are_some() -> None:
    assert "missing" not in str(estimate())
    assert "n missing 3" in str(estimate(n_missing=3))


def test_html_is_an_accessible_table() -> None:
    table = ElementTree.fromstring(estimate(flags=frozenset({"no_data"}))._repr_html_())
    assert table.tag == "table"
    assert table.find("caption").text == "Estimate"
    heads = table.findall("tbody/tr/th")
    assert {head.get("scope") for head in heads} == {"row"}
    assert [head.text for head in heads][:3] == ["estimate", "lower", "upper"]
    assert len(table.findall("tbody/tr/td")) == len(heads)


def test_caption_names_the_result_in_words() -> None:
    found = decumulate("2025-07-01", ["2025-07-31"], [(1, 1)])
    assert "<caption>Period bounds</caption>" in found._repr_html_()


def test_html_escapes_what_it_shows() -> None:
    html = Tally(done=1, share=1.0, note='<script>"x" & y</script>')._repr_html_()
    assert "<script>" not in html
    assert ElementTree.fromstring(html).findall("tbody/tr/td")[-1].text == '<script>"x" & y</script>'


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'lower'"):
        estimate().lower = 0.0


def test_fields_are_given_by_name() -> None:
    with pytest.raises(TypeError, match="positional argument"):
        Tally(72, 0.8)


CHECKS: dict[str, tuple[Callable[[], object], str]] = {
    "level in percent": (
        lambda: results.check_level(95),
        r"^level must be in \(0, 1\); got 95; did you mean 0\.95\?$",
    ),
    "level one": (lambda: results.check_level(1), r"^level must be in \(0, 1\); got 1$"),
    "level zero": (lambda: results.check_level(0), r"got 0$"),
    "level missing": (lambda: results.check_level(float("nan")), r"got nan$"),
    "estimand": (
        lambda: results.check_estimand("sample"),
        r"estimand must be one of descriptive, process; got 'sample'",
    ),
    "choice": (lambda: results.check_choice("method", "wald", ("a", "b")), r"one of a, b; got 'wald'"),
    "text": (lambda: results.as_numbers("x", ["1"]), r"x must be numbers or None; got \['1'\]"),
    "ragged": (lambda: results.as_numbers("x", [[1], [2, 3]]), r"x must be numbers or None"),
    "infinite": (lambda: results.as_numbers("x", [1, np.inf]), r"x must be finite; got inf at position 1"),
    "negative": (lambda: results.as_counts("k", [1, -2]), r"k must be at least 0; got -2 at position 1"),
    "negative scalar": (lambda: results.as_counts("k", -2), r"k must be at least 0; got -2$"),
    "fraction": (lambda: results.as_counts("k", 1.5), r"k must be whole numbers; got 1\.5"),
    "part": (lambda: results.as_parts("k", [1, 11], "n", 10), r"k must not exceed n; got k = 11, n = 10"),
    "empty": (lambda: results.check_not_empty("x", np.array([])), r"x must hold at least one value; got none"),
    "lengths": (
        lambda: results.check_same_length(k=np.ones(3), n=np.ones(2)),
        r"k, n must have the same length; got 3 of k, 2 of n",
    ),
    "dependent": (lambda: results.check_independent(False, "f"), r"f needs independent samples"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_check_says_what_must_hold(name: str) -> None:
    call, message = CHECKS[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_none_is_missing_and_no_error() -> None:
    assert np.isnan(results.as_counts("k", [3, None])).tolist() == [False, True]
    assert np.isnan(results.as_counts("k", None))


def test_share_of_nothing_is_the_given_value() -> None:
    shares = results.share_or(np.array([0.0, 1.0]), np.array([0.0, 4.0]), np.nan)
    assert np.isnan(shares[0])
    assert shares[1] == 0.25


def test_flags_tell_census_empty_and_missing_apart() -> None:
    assert results.data_flags(np.array([0.0, np.nan]), census=True) == {"census", "no_data", "missing_input"}
    assert results.data_flags(np.array(3.0)) == frozenset()
