"""The words of notebooks and of the library: collected, translated, and checked for agreement.

A notebook is written in English. Its markdown is cut into paragraphs, each its own identifier in the catalogue
``notebooks/locale/<language>/LC_MESSAGES/<notebook>.po``; the library's sentences and labels, and the captions that
notebooks hand to it, live in the library's catalogue. A paragraph that changes loses its translation; a test says so.
"""

from __future__ import annotations

import ast
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

# Headers carry a date; a fixed one keeps a rewrite of unchanged texts unchanged.
_NO_DATE = datetime.datetime(2025, 11, 1, tzinfo=datetime.UTC)

_TRANSLATORS = "The reform-analysis contributors"

_PACKAGE = Path(__file__).parents[1]
NOTEBOOKS = Path(__file__).parents[3] / "notebooks"

# Calls whose first argument is a text, and arguments that are texts wherever they stand.
_TEXT_CALLS = {"Sentence", "translate", "label", "label_words"}
_TEXT_ARGUMENTS = {"title", "caption", "notes"}
_NAMED_ARGUMENTS = {"marks", "lines"}
_TEXT_ENDINGS = "_label"
# Module-level tables of labels: every text in them is for a reader.
_LABEL_TABLES = re.compile(r".*LABELS$")

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


def _strings(node: ast.expr) -> Iterator[str]:
    """Yield the string constants below a node that stands where a text is expected."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for value in node.elts:
            yield from _strings(value)


def _called_name(call: ast.Call) -> str:
    """Return the last part of the name that is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _names_text(argument: str | None) -> bool:
    """Tell whether an argument of this name is a text for a reader."""
    return argument in _TEXT_ARGUMENTS or (argument or "").endswith(_TEXT_ENDINGS)


def _texts_of_call(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that hold texts for a reader."""
    name = _called_name(call)
    found = call.args[:1] if name in _TEXT_CALLS else call.args[1:2] if name == "Form" else []
    for keyword in call.keywords:
        if (
            _names_text(keyword.arg)
            or (keyword.arg == "kind" and name == "compose")
            or (isinstance(keyword.value, ast.Dict) and keyword.arg == "columns")
        ):
            found.append(keyword.value)
        elif isinstance(keyword.value, ast.Dict) and keyword.arg in _NAMED_ARGUMENTS:
            found += [key for key in keyword.value.keys if key is not None]
    return found


def messages_in_code(source: str) -> Iterator[tuple[str, int]]:
    """Yield the reader's texts in Python code, with their lines.

    Found are the first argument of ``Sentence(...)``, ``translate(...)`` and ``label(...)``, the title of
    ``Form(kind, title)``, the arguments and dictionary entries named ``title``, ``caption``, ``notes``, ``x_label``,
    ``y_label`` and the like, the headers in ``columns={...}``, the names in ``marks={...}`` and ``lines={...}``, and
    the values of tables whose name ends in ``LABELS``.
    """
    for node in ast.walk(ast.parse(source)):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call):
            found = _texts_of_call(node)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found = [value for key, value in pairs if isinstance(key, ast.Constant) and _names_text(str(key.value))]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and _LABEL_TABLES.match(t.id) for t in targets):
                found = [node.value]
        for expression in found:
            for text in _strings(expression):
                # Texts have letters; what is joined by underscores is a code of the data.
                if re.search(r"[^\W\d_]", text) and not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", text):
                    yield text, expression.lineno


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
        for text, _ in messages_in_code(path.read_text(encoding="utf-8")):
            _add(catalogue, text, path.relative_to(package).as_posix())
    for notebook in notebooks:
        for source in _cells(notebook, "code"):
            for text, _ in messages_in_code(source):
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
            merged.add(message.id, known.string if known else "", message.locations)
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
