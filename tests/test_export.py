"""Pages: self-contained, in the right language, code folded, descriptions of figures kept."""

import html.parser
import re
from typing import Any

import nbformat
import pytest

from reform_analysis.reports import export, record
from reform_analysis.reports.cells import digest
from reform_analysis.reports.normalise import joined, normalise

PNG = "iVBORw0KGgo="


def _page(*outputs: Any, source: str = "1 < 2", language: str = "en") -> str:
    cells = [nbformat.v4.new_markdown_cell("# Title *here*\n\nText."), nbformat.v4.new_code_cell(source)]
    cells[1].outputs = list(outputs)
    return export.page(nbformat.v4.new_notebook(cells=cells), language=language)


def _display(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Any:
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata or {})


def test_page_asks_for_nothing_outside() -> None:
    page = _page(_display({"text/html": "<table></table>"}))
    assert not re.findall(r"""(?:src|href)=["']?(?!data:)|url\(|@import|<script""", page)


class _Tags(html.parser.HTMLParser):
    """Collects the tags of a page, and finds those never closed."""

    void = frozenset({"meta", "img", "br", "hr", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("language", "word"), [("en", "Code"), ("fr", "Code"), ("vi", "Mã lệnh"), ("de", "Code")])
def test_language_title_and_folded_code(language: str, word: str) -> None:
    page = _page(language=language)
    assert f'<html lang="{language}">' in page
    assert "<title>Title here</title>" in page
    assert f'<details class="code"><summary>{word}' in page
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []


@pytest.mark.parametrize(
    ("metadata", "alt"),
    [
        ({"image/png": {"alt": 'Rate "of" <places>'}}, 'Rate "of" <places>'),
        ({"alt": "Rate"}, "Rate"),
        ({}, "Figure without a description"),
    ],
    ids=["of the image", "of the output", "none"],
)
def test_description_of_a_figure_is_kept(metadata: dict[str, Any], alt: str) -> None:
    tags = _Tags()
    tags.feed(_page(_display({"image/png": PNG, "text/plain": "<Figure>"}, metadata)))
    assert [attributes["alt"] for tag, attributes in tags.seen if tag == "img"] == [alt]


def test_svg_is_inline_and_described() -> None:
    page = _page(_display({"image/svg+xml": "<svg></svg>"}, {"image/svg+xml": {"alt": "A map"}}))
    assert '<figure role="img" aria-label="A map"><svg></svg></figure>' in page


def test_text_is_escaped_and_colours_of_a_terminal_become_marks() -> None:
    page = _page(
        _display({"text/plain": "<script>alert(1)</script>"}),
        nbformat.v4.new_output("stream", name="stderr", text="\x1b[31m<b>red</b>\x1b[0m"),
        source="'<script>'",
    )
    assert "<script" not in page
    assert '<span class="ansi-red-fg">&lt;b&gt;red&lt;/b&gt;</span>' in page


def test_html_comes_before_other_forms_and_own_types_are_not_shown() -> None:
    page = _page(_display({record.KEY_NUMBER: {"name": "secret"}, "text/html": "<p>shown</p>", "text/plain": "plain"}))
    assert "<p>shown</p>" in page
    assert "secret" not in page
    assert "plain" not in page.split("<main>")[1]


def _stream(name: str, text: str) -> Any:
    return nbformat.v4.new_output("stream", name=name, text=text)


def test_pieces_of_streams_are_joined_between_other_outputs() -> None:
    pieces = [
        _stream("stderr", "a"),
        _stream("stdout", "b"),
        _stream("stderr", "c"),
        _display({}),
        _stream("stdout", "d"),
    ]
    shown = [(output.get("name"), output.get("text")) for output in joined(pieces)]
    assert shown == [("stdout", "b"), ("stderr", "ac"), (None, None), ("stdout", "d")]


def test_what_varies_is_taken_out() -> None:
    metadata = {"papermill": {"duration": 1}, "execution": {"start": "now"}, "tags": []}
    cell = nbformat.v4.new_code_cell("x", metadata=metadata)
    cell.outputs = [_display({"text/plain": "<A at 0x7f12ab34cd>"})]
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {"output_path": "/tmp"}})
    del cell["id"]
    clean = normalise(notebook, {"place": "Huế"})
    assert clean.metadata == {"papermill": {"parameters": {"place": "Huế"}}}
    assert clean.cells[0].metadata == {}
    assert clean.cells[0].id == f"cell-0-{digest('x')[:8]}"
    assert clean.cells[0].outputs[0].data["text/plain"] == "<A at 0x...>"
