"""The words of notebooks and of the library: collected, translated, and checked for agreement.

A notebook is written in English. Its markdown is cut into paragraphs, each its own identifier in the catalogue
``notebooks/locale/<language>/LC_MESSAGES/<notebook>.po``; the library's sentences and labels, and the captions that
notebooks hand to it, live in the library's catalogue. A paragraph that changes loses its translation; a test says so.
"""

from __future__ import annotations

import copy
import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from reform_analysis.display.catalogue import (
    LANGUAGES,
    LIBRARY_DOMAIN,
    LIBRARY_LOCALE,
    PLURAL_MARK,
    catalogue_path,
    check_language,
    known_texts,
    read_catalogue,
)
from reform_analysis.display.wording import messages_in_code

# Headers carry a date; a fixed one keeps a rewrite of unchanged texts unchanged.
_NO_DATE = datetime.datetime(2025, 11, 1, tzinfo=datetime.UTC)

_TRANSLATORS = "The reform-analysis contributors"

_PACKAGE = Path(__file__).parents[1]
NOTEBOOKS = Path(__file__).parents[3] / "notebooks"

_FENCE = re.compile(r"(^```.*?^```[^\n]*$)", re.MULTILINE | re.DOTALL)
_GAP = re.compile(r"(\n[ \t]*\n\s*)")
_LINK = re.compile(r"\]\(([^)]*)\)")
_CODE = re.compile(r"`([^`]*)`")


def paragraphs(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a markdown text, in order, and whether each is a paragraph to translate."""
    for block in _FENCE.split(markdown):
        if block.startswith("```"):
            yield block, False
            continue
        for piece in _GAP.split(block):
            # A rule, a spacer or a lone picture has no letters to translate.
            if piece:
                yield piece, bool(re.search(r"[^\W\d_]", piece))


def _cells(notebook: Any, kind: str) -> Iterator[str]:
    """Yield the sources of a notebook's cells of one kind."""
    return (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == kind)


def extract_messages(notebooks: Iterable[Any]) -> Catalog:
    """Return the catalogue of every paragraph in the markdown cells of notebooks, untranslated.

    Parameters
    ----------
    notebooks
        Notebooks as nbformat reads them.
    """
    catalogue = Catalog(fuzzy=False)
    for notebook in notebooks:
        for source in _cells(notebook, "markdown"):
            for piece, is_text in paragraphs(source):
                if is_text:
                    catalogue.add(piece.strip())
    return catalogue


def extract_library_messages(package: Path = _PACKAGE, notebooks: Iterable[Any] = ()) -> Catalog:
    """Return the catalogue of the texts in the library's code and in the code cells of notebooks, untranslated."""
    catalogue = Catalog(fuzzy=False)
    for path in sorted(package.rglob("*.py")):
        for text in messages_in_code(path.read_text(encoding="utf-8")):
            _add(catalogue, text, path.relative_to(package).as_posix())
    for notebook in notebooks:
        for source in _cells(notebook, "code"):
            for text in messages_in_code(source):
                _add(catalogue, text, "notebooks")
    return catalogue


def _add(catalogue: Catalog, text: str, place: str) -> None:
    """Add one text, singular and plural apart, with the file that holds it (no line: lines move at every edit)."""
    forms = tuple(text.split(PLURAL_MARK))
    catalogue.add(forms if len(forms) > 1 else text, locations=[(place, 0)])


def _merged(wanted: Catalog, path: Path, language: str) -> Catalog:
    """Return the wanted texts with the translations that exist; texts no longer used are left out."""
    old = read_catalogue(path, language)
    merged = Catalog(
        locale=language,
        domain=path.stem,
        fuzzy=False,
        project="reform-analysis",
        version="0",
        msgid_bugs_address=_TRANSLATORS,
        last_translator=_TRANSLATORS,
        language_team=_TRANSLATORS,
        header_comment=f"# {path.stem}: {Locale(language).english_name} texts of reform-analysis",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
    )
    for message in wanted:
        if message.id:
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            known = old.get(key)
            # a text that gained or lost its plural is translated anew
            string = known.string if known and isinstance(known.id, str) == isinstance(message.id, str) else ""
            merged.add(message.id, string, message.locations)
    return merged


def _write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue sorted by text, without dates or line numbers, so that a rewrite changes nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, sort_output=True, include_lineno=False)


def update(*, notebooks: Path = NOTEBOOKS, package: Path = _PACKAGE) -> None:
    """Bring every catalogue up to date: add texts that are new, keep translations, drop texts no longer used."""
    import nbformat

    read = {path.stem: nbformat.read(path, as_version=4) for path in sorted(notebooks.glob("[0-9]*.ipynb"))}
    library = extract_library_messages(package, read.values())
    for language in LANGUAGES[1:]:
        library_path = catalogue_path(package / LIBRARY_LOCALE.relative_to(_PACKAGE), language, LIBRARY_DOMAIN)
        _write(_merged(library, library_path, language), library_path)
        for stem, notebook in read.items():
            path = catalogue_path(notebooks / "locale", language, stem)
            _write(_merged(extract_messages([notebook]), path, language), path)


@cache
def _prose(directory: Path, language: str, stem: str | None) -> dict[str, tuple[str, ...]]:
    """Return the translated paragraphs of one notebook, or of all, read once a process."""
    folder = directory / language / "LC_MESSAGES"
    paths = sorted(folder.glob("*.po")) if stem is None else [folder / f"{stem}.po"]
    return {text: forms for path in paths for text, forms in known_texts(path, language).items()}


def translate_notebook(
    notebook: Any, language: str, *, stem: str | None = None, locale: Path = NOTEBOOKS / "locale"
) -> Any:
    """Return a copy of a notebook with its markdown in the reader's language; code cells stay as they are.

    Parameters
    ----------
    notebook
        A notebook as nbformat reads it; it is not changed.
    language
        ``"en"`` returns a plain copy.
    stem
        File name of the notebook without its ending, which names its catalogue; None looks in all catalogues.
    locale
        Directory of the catalogues.

    Raises
    ------
    ValueError
        If ``language`` is unknown.

    Notes
    -----
    By paragraph, not by cell: a cell of five paragraphs of which one was edited keeps four translations. A paragraph
    without translation stays in English.
    """
    translated = copy.deepcopy(notebook)
    if check_language(language) == "en":
        return translated
    texts = _prose(Path(locale), language, stem)
    for cell in translated["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = "".join(
                piece.replace(piece.strip(), texts.get(piece.strip(), (piece.strip(),))[0]) if is_text else piece
                for piece, is_text in paragraphs(cell["source"])
            )
    return translated


def _skeleton(text: str) -> dict[str, object]:
    """Return what a translation must keep of a text: placeholders, code, links, emphasis, headings and list marks."""
    outside_code = _CODE.sub("", text)
    return {
        "placeholders": {name for _, name, _, _ in Formatter().parse(outside_code) if name is not None},
        "code": Counter(_CODE.findall(text)),
        "links": Counter(_LINK.findall(text)),
        "emphasis": text.count("**"),
        "headings": re.findall(r"^#+ ", text, re.MULTILINE),
        "list items": len(re.findall(r"^\s*(?:[-*]|\d+\.) ", text, re.MULTILINE)),
        "table cells": outside_code.count("|") if "\n|" in f"\n{text}" else 0,
    }


def disagreements(text: str, translation: str) -> list[str]:
    """Return what a translation lost or added beside words: ``["placeholders", "links"]``; empty where all agree."""
    try:
        wanted, got = _skeleton(text), _skeleton(translation)
    except ValueError as problem:  # a lone brace
        return [str(problem)]
    return [name for name in wanted if wanted[name] != got[name]]
