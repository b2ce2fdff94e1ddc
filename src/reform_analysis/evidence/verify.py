"""Do the sources print the figures? Each coded figure looked up in the text of its source, where the user has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

OUTCOMES = ("cited_paragraph", "elsewhere", "not_found", "no_text")


def verify(observations: pd.DataFrame, sources: pd.DataFrame, directory: Path) -> pd.DataFrame:
    """Return for each figure whether the text of its source prints it.

    Parameters
    ----------
    observations, sources
        As processed.
    directory
        Folder of UTF-8 text files, one a source; a file belongs to the source whose address stands in it, whose
        title is one of its lines, or whose id (or last six characters of it) stands in the file's name.

    Returns
    -------
    DataFrame
        ``observation_id``, ``figure``, ``locator``, ``file`` and ``outcome``: ``cited_paragraph`` (the paragraph that
        the locator names prints it), ``elsewhere`` (another paragraph does), ``not_found``, ``no_text`` (no file for
        the source). A paragraph is a non-empty line, counted from 1.

    Raises
    ------
    FileNotFoundError
        If ``directory`` is no folder with text files.
    """
    files = sorted(directory.glob("*.txt")) if directory.is_dir() else []
    if not files:
        raise FileNotFoundError(f"{directory} must be a folder with text files (*.txt), one a source; none was found")
    texts = match({file.name: file.read_text(encoding="utf-8") for file in files}, sources)
    rows = []
    for row in observations[["observation_id", "source_id", "figure", "locator"]].itertuples(index=False):
        file, paragraphs = texts.get(row.source_id, ("", []))
        rows.append((row.observation_id, row.figure, row.locator, file, _outcome(row.figure, row.locator, paragraphs)))
    return pd.DataFrame(rows, columns=["observation_id", "figure", "locator", "file", "outcome"])


def match(texts: Mapping[str, str], sources: pd.DataFrame) -> dict[str, tuple[str, list[str]]]:
    """Return for each source with a text the file's name and its paragraphs, in one form of spaces and case."""
    matched = {}
    for name, text in texts.items():
        lines = {plain(line) for line in text.splitlines()}
        for row in sources.itertuples(index=False):
            tail = row.source_id.rsplit("-", 1)[-1]
            if (
                (row.url and row.url in text)
                or plain(row.title) in lines
                or row.source_id in name
                or f"_{tail}" in name
            ):
                matched[row.source_id] = (name, [plain(line) for line in text.splitlines() if line.strip()])
    return matched


def plain(text: str) -> str:
    """Return text in lower case with every run of spaces, no-break and thin ones too, as one space."""
    return re.sub(r"\s+", " ", text).strip().casefold()


def _outcome(figure: str, locator: str, paragraphs: list[str]) -> str:
    if not paragraphs:
        return "no_text"
    # digits around would make another number of it: 34 is not printed by 1 340
    phrase = re.compile(rf"(?<![\d.,]){re.escape(plain(figure))}(?!\d|[.,]\d)")
    number = re.search(r"\d+", locator)
    cited = int(number.group()) - 1 if number else -1
    if 0 <= cited < len(paragraphs) and phrase.search(paragraphs[cited]):
        return "cited_paragraph"
    return "elsewhere" if any(phrase.search(paragraph) for paragraph in paragraphs) else "not_found"
