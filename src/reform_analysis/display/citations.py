"""Source notes: which number a source has in a report, in order of first citation."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def source_of(observation_id: str) -> str:
    """Return the source of an observation: ``laodong-3fa2c1.07`` is the seventh figure of ``laodong-3fa2c1``."""
    return observation_id.rsplit(".", 1)[0]


class Citations:
    """The numbered sources of one report.

    Notes
    -----
    Numbers are given at first citation and never change, so that running a cell again gives the same notes.
    """

    def __init__(self, sources: pd.DataFrame) -> None:
        """Begin with no source cited; ``sources`` is the table of sources, one ``source_id`` a row."""
        self._sources = sources.set_index("source_id", drop=False)
        self._numbers: dict[str, int] = {}

    def numbers(self, observations: Iterable[str]) -> tuple[int, ...]:
        """Return the note numbers behind observations, rising, giving new ones where needed.

        Raises
        ------
        ValueError
            If an observation names a source that the table lacks.
        """
        cited = list(dict.fromkeys(source_of(item) for item in observations))
        unknown = [source for source in cited if source not in self._sources.index]
        if unknown:
            raise ValueError(
                f"observations must come from the table of sources; got {', '.join(unknown[:5])}. "
                "Add the source to data/raw/sources.csv or correct the observation_id."
            )
        for source in cited:
            self._numbers.setdefault(source, len(self._numbers) + 1)
        return tuple(sorted(self._numbers[source] for source in cited))

    @property
    def cited(self) -> pd.DataFrame:
        """The sources cited so far, one a row, with their ``note`` number first."""
        frame = self._sources.loc[list(self._numbers)].reset_index(drop=True)
        frame.insert(0, "note_number", range(1, len(frame) + 1))
        return frame


def split_ids(cell: object) -> list[str]:
    """Return the observation ids in a table's cell, where they are joined by spaces."""
    return cell.split() if isinstance(cell, str) else []


def number_ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return rising numbers as runs: 1, 3, 4, 5 is (1, 1), (3, 5); runs of two stay apart."""
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and n == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return [part for a, b in runs for part in ([(a, a), (b, b)] if b == a + 1 else [(a, b)])]


def note_words(numbers: Iterable[int]) -> str:
    """Return note numbers as text: ``1, 3–5``."""
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in number_ranges(numbers))
