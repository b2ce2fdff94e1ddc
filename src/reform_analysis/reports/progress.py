"""What a build shows while it runs: a bar on a terminal, plain lines elsewhere, events as JSON, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

# what does not print and yet belongs into a message: ends of lines, and the spaces inside numbers
_SPACES = "\n\u00a0\u2007\u2009\u202f"
_LONGEST = 2000


class Progress(Protocol):
    """What a build tells."""

    def start(self, total: int, cached: int, seconds: float) -> None:
        """Begin with so many reports, so many up to date; the rest may take so long on one core."""

    def running(self, names: list[str]) -> None:
        """Name the reports that are being made."""

    def done(self, name: str, status: str, seconds: float, message: str) -> None:
        """Tell that one report is finished."""

    def stop(self, counts: Mapping[str, int]) -> None:
        """End, with the number of reports by status."""


class Quiet:
    """Shows nothing."""

    def start(self, total: int, cached: int, seconds: float) -> None:
        """Show nothing."""

    def running(self, names: list[str]) -> None:
        """Show nothing."""

    def done(self, name: str, status: str, seconds: float, message: str) -> None:
        """Show nothing."""

    def stop(self, counts: Mapping[str, int]) -> None:
        """Show nothing."""


class Lines:
    """One plain line a report, for logs."""

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream."""
        self._stream = stream
        self._left = self._total = 0

    def start(self, total: int, cached: int, seconds: float) -> None:
        """Say how much there is to do."""
        self._total, self._left = total, total - cached
        reports = f"{total} report{'s' * (total != 1)}"
        self._say(f"{reports}, {cached} up to date, {self._left} to build")

    def running(self, names: list[str]) -> None:
        """Say nothing: a log needs no names of what has not ended."""

    def done(self, name: str, status: str, seconds: float, message: str) -> None:
        """Say which report is finished, and what went wrong."""
        self._left -= 1
        tail = f": {visible(message.splitlines()[0])}" if message else ""
        self._say(f"[{self._total - self._left}/{self._total}] {status} {name} ({seconds:.1f} s){tail}")

    def stop(self, counts: Mapping[str, int]) -> None:
        """Say the counts."""
        self._say(in_words(counts))

    def _say(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


class Events:
    """One JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream."""
        self._stream = stream

    def start(self, total: int, cached: int, seconds: float) -> None:
        """Write the event ``start``."""
        self._write({"event": "start", "reports": total, "cached": cached})

    def running(self, names: list[str]) -> None:
        """Write nothing: the event ``done`` says all."""

    def done(self, name: str, status: str, seconds: float, message: str) -> None:
        """Write the event ``done``."""
        self._write({"event": "done", "report": name, "status": status, "seconds": seconds, "message": message})

    def stop(self, counts: Mapping[str, int]) -> None:
        """Write the event ``stop``."""
        self._write({"event": "stop", "counts": dict(counts)})

    def _write(self, event: dict[str, Any]) -> None:
        self._stream.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._stream.flush()


class Bar:
    """One bar for the whole batch: remaining time, counts by status, what is running."""

    def __init__(self, stream: TextIO, *, jobs: int) -> None:
        """Draw on a terminal; the remaining time supposes so many reports at a time."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as RichProgress

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.description}"),
        )
        self._bar = RichProgress(*columns, console=Console(file=stream, highlight=False), transient=True)
        self._counts: Counter[str] = Counter()
        self._jobs, self._expected, self._begun = jobs, 0.0, time.monotonic()

    def start(self, total: int, cached: int, seconds: float) -> None:
        """Show the bar, the reports that are up to date already filled in."""
        self._counts["cached"] = cached
        self._todo, self._expected = total - cached, seconds / self._jobs
        self._task = self._bar.add_task("", total=total, completed=cached, left="")
        self._bar.start()

    def running(self, names: list[str]) -> None:
        """Show counts, remaining time and names."""
        names = [name.rsplit("/", 1)[-1] for name in names]
        self._bar.update(self._task, description=f"{in_words(self._counts)} | {', '.join(names)}", left=self._left())

    def done(self, name: str, status: str, seconds: float, message: str) -> None:
        """Fill the bar by one; a failure stays on the screen."""
        self._counts[status] += 1
        self._bar.advance(self._task)
        if status not in ("ok", "not applicable"):
            first = visible(message.splitlines()[0]) if message else ""
            self._bar.console.print(f"{status} {name}: {first}", markup=False)

    def stop(self, counts: Mapping[str, int]) -> None:
        """Take the bar away and leave the counts."""
        self._bar.stop()
        self._bar.console.print(in_words(counts), markup=False)

    def _left(self) -> str:
        """Return the remaining time: by this build's pace once it has one, before that by earlier run times."""
        done = sum(self._counts.values()) - self._counts["cached"]
        spent = time.monotonic() - self._begun
        expected = spent / done * (self._todo - done) if done else self._expected - spent
        return f"{max(expected, 0) / 60:.0f} min left" if expected > 90 else f"{max(expected, 0):.0f} s left"


def visible(text: str) -> str:
    r"""Return text with each character that does not show as its code, and lines cut where nobody reads on.

    Examples
    --------
    >>> visible("Lào Cai\x1b[2J")
    'Lào Cai\\x1b[2J'
    """
    lines = [
        line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line):,} characters)"
        for line in text.split("\n")
    ]
    return "".join(
        letter if letter.isprintable() or letter in _SPACES else ascii(letter)[1:-1] for letter in "\n".join(lines)
    )


def in_words(counts: Mapping[str, int]) -> str:
    """Write counts by status, leaving out what did not occur.

    Examples
    --------
    >>> in_words({"cached": 2, "ok": 1, "failed": 0})
    '2 up to date, 1 ok'
    """
    words = {"cached": "up to date"}
    return (
        ", ".join(f"{number} {words.get(name, name)}" for name, number in counts.items() if number) or "nothing to do"
    )


def choose(*, quiet: bool, as_json: bool, jobs: int) -> Progress:
    """Return the display that suits the options and where the output goes."""
    if quiet:
        return Quiet()
    if as_json:
        return Events(sys.stdout)
    return Bar(sys.stderr, jobs=jobs) if sys.stderr.isatty() else Lines(sys.stderr)
