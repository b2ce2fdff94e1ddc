"""What a build shows: plain lines in a log, JSON for programs, one bar on a terminal, nothing when quiet."""

import io
import json
import sys

import pytest

from reform_analysis.reports import progress


def _play(display: progress.Progress) -> None:
    display.start(3, 1, 20.0)
    display.running(["b/one", "b/two"])
    display.done("b/one", "ok", 1.25, "")
    display.running(["b/two"])
    display.done("b/two", "failed", 2.0, "KeyError: [x]\nmore")
    display.stop({"cached": 1, "ok": 1, "failed": 1})


def test_lines() -> None:
    out = io.StringIO()
    _play(progress.Lines(out))
    assert out.getvalue().splitlines() == [
        "3 reports, 1 up to date, 2 to build",
        "[2/3] ok b/one (1.2 s)",
        "[3/3] failed b/two (2.0 s): KeyError: [x]",
        "1 up to date, 1 ok, 1 failed",
    ]


def test_events() -> None:
    out = io.StringIO()
    _play(progress.Events(out))
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["start", "done", "done", "stop"]
    assert events[2] == {
        "event": "done",
        "report": "b/two",
        "status": "failed",
        "seconds": 2.0,
        "message": "KeyError: [x]\nmore",
    }


def test_bar_names_what_runs_counts_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    bar = progress.Bar(out, jobs=2)
    bar.start(3, 1, 20.0)
    bar.running(["b/one", "b/two"])
    bar._bar.refresh()
    assert "one, two" in out.getvalue()
    assert "10 s left" in out.getvalue()
    assert "1 up to date" in out.getvalue()
    bar.done("b/two", "failed", 2.0, "KeyError: [x]\nmore")
    bar.stop({"cached": 1, "failed": 1})
    assert "failed b/two: KeyError: [x]" in out.getvalue()
    assert out.getvalue().endswith("1 up to date, 1 failed\n")


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    _play(progress.Quiet())
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"quiet": True, "as_json": True}, progress.Quiet),
        ({"quiet": False, "as_json": True}, progress.Events),
        ({"quiet": False, "as_json": False}, progress.Lines),
    ],
)
def test_choice(options: dict, kind: type) -> None:
    assert isinstance(progress.choose(jobs=1, **options), kind)


def test_bar_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert isinstance(progress.choose(quiet=False, as_json=False, jobs=1), progress.Bar)


def test_counts_of_nothing() -> None:
    assert progress.in_words({}) == "nothing to do"
