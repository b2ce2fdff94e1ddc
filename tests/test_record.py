"""What a report records about itself, in a kernel and out of one."""

import math
from typing import Any

import pytest

from reform_analysis.reports import record


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(record, "display", lambda data, raw: found.append(data))
    return found


def test_key_number_is_recorded_in_full_and_shown_in_short(shown: list[dict[str, Any]]) -> None:
    record.key_number("share", 1 / 3, 0.3, math.inf, unit="share", tolerance=1e-9, why="a quotient")
    assert shown[0][record.KEY_NUMBER] == {
        "name": "share",
        "value": 1 / 3,
        "low": 0.3,
        "high": None,
        "unit": "share",
        "tolerance": 1e-9,
        "why": "a quotient",
    }
    assert shown[0]["text/plain"].startswith("share = 0.333333 [0.3, not known] share")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 1.0), "must not be empty"),
        (("x", 2.0, 0.0, 1.0), r"must lie in its bounds; got 2.0 in \[0.0, 1.0\]"),
        (("x", 2.0, 3.0), "must lie in its bounds"),
    ],
)
def test_impossible_key_numbers_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record.key_number(*arguments, unit="count")


def test_not_applicable_says_why_and_ends(shown: list[dict[str, Any]]) -> None:
    with pytest.raises(record.NotApplicable, match="no figures") as caught:
        record.not_applicable("no figures for <here>")
    assert shown[0][record.NOT_APPLICABLE] == {"reason": "no figures for <here>"}
    assert "&lt;here&gt;" in shown[0]["text/html"]
    assert caught.value._render_traceback_() == ["Not applicable: no figures for <here>"]


def test_colophon_has_a_plain_and_an_html_form_and_nothing_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(record.LOCK_VARIABLE, "abc<")
    made = record.colophon()
    assert "Lock file (SHA-256): abc<" in str(made)
    assert "<code>abc&lt;</code>" in made._repr_html_()
    assert str(made) == repr(made) == str(record.colophon())
    assert "/" not in str(made)
