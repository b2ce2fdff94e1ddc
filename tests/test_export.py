"""Pages: self-contained, in the right language, code folded, descriptions of figures kept."""

import base64
import hashlib
import html.parser
import os
import re
import sysconfig
from typing import Any

import nbformat
import pytest

from reform_analysis.reports import document, export, record
from reform_analysis.reports.cells import digest
from reform_analysis.reports.normalise import joined, normalise, steady_text

PNG = "iVBORw0KGgo="


def _page(*outputs: Any, source: str = "1 < 2", language: str = "en", **noted: Any) -> str:
    cells = [nbformat.v4.new_markdown_cell("# Title *here*\n\nText."), nbformat.v4.new_code_cell(source)]
    cells[1].outputs = list(outputs)
    noted = {"parameters": {"language": language}} | noted
    return export.page(document.read(nbformat.v4.new_notebook(cells=cells, metadata={"reform_analysis": noted})))


def _display(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Any:
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata or {})


def test_page_asks_for_nothing_outside() -> None:
    page = _page(_display({"text/html": "<table></table>"}))
    assert not re.findall(r"""(?:src|href)=(?!["']?(?:data:|#))|url\(|@import""", page)


def test_policy_lets_the_page_s_own_script_run_and_no_other() -> None:
    page = _page(_display({"text/html": "<script>alert(1)</script>"}))
    own = base64.b64encode(hashlib.sha256(re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[-1].encode()).digest())
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    assert [part.strip() for part in html.unescape(policy[0]).split(";")] == [
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        f"script-src 'sha256-{own.decode()}'",
    ]


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


def _tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    return tags.seen


@pytest.mark.parametrize(("language", "word"), [("en", "Code"), ("fr", "Code"), ("vi", "Mã lệnh")])
def test_language_title_and_folded_code(language: str, word: str) -> None:
    page = _page(language=language)
    assert f'<html lang="{language}">' in page
    assert "<title>Title here</title>" in page
    assert f'<details class="code"><summary>{word}' in page
    assert [attributes["id"] for tag, attributes in _tags(page) if tag == "button"] == ["all-code"]


def test_title_names_the_place_and_the_end_names_the_command() -> None:
    page = _page(notebook="06_place_profile", parameters={"language": "en", "place": "Huế"})
    assert "<title>Title here – Huế</title>" in page
    assert "<dt>Place</dt><dd>Huế</dd>" in page
    assert "<pre>reform-analysis run 06_place_profile</pre>" in page


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
    page = _page(_display({"image/png": PNG, "text/plain": "<Figure>"}, metadata))
    assert [attributes["alt"] for tag, attributes in _tags(page) if tag == "img"] == [alt]


def test_svg_is_inline_and_described() -> None:
    page = _page(_display({"image/svg+xml": "<svg></svg>"}, {"image/svg+xml": {"alt": "A map"}}))
    assert '<div role="img" aria-label="A map"><svg></svg></div>' in page


def test_figure_has_number_title_and_size() -> None:
    about = {"image/png": {"alt": "A", "title": "Rates < 1", "width": 600, "height": 300}}
    page = _page(_display({"image/png": PNG}, about), language="vi")
    assert '<figure id="figure-1"><figcaption><b>Hình 1</b><span class="drawn">. Rates &lt; 1</span>' in page
    assert f'<img src="data:image/png;base64,{PNG}" alt="A" width="600" height="300">' in page


@pytest.mark.parametrize(
    ("table", "shown"),
    [
        ("<table><caption>Rates</caption></table>", "<table><caption>Table 1. Rates</caption></table>"),
        ('<table class="x"></table>', '<table class="x"><caption>Table 1</caption></table>'),
        (
            "<table><thead><tr><th></th></tr></thead><tbody><tr><th>0</th></tr></tbody></table>",
            '<table><caption>Table 1</caption><thead><tr><th scope="col"></th></tr></thead>'
            '<tbody><tr><th scope="row">0</th></tr></tbody></table>',
        ),
    ],
    ids=["caption", "bare", "of pandas"],
)
def test_tables_are_numbered_and_their_headers_have_scopes(table: str, shown: str) -> None:
    page = _page(_display({"text/html": table}))
    assert f'<div class="scroll" id="table-1" role="region" tabindex="0" aria-label="Table 1">{shown}</div>' in page


def test_answer_points_to_what_shows_it_and_sources_point_back() -> None:
    page = _page(
        _display({record.ANSWER: {}, "text/markdown": "Said."}),
        _display({"image/png": PNG}),
        _display({"text/html": '<table><tr><td><a href="#source-2">2</a></td></tr></table>'}),
        _display({"text/html": '<ol class="ra-sources"><li id="source-1">A.</li>\n<li id="source-2">B.</li></ol>'}),
    )
    assert '<p class="shown"><a href="#figure-1">Figure 1</a>, <a href="#table-1">Table 1</a></p>' in page
    assert '<li id="source-1">A.</li>' in page
    assert '<li id="source-2">B. <span class="cited">Cited in <a href="#table-1">Table 1</a>.</span></li>' in page


def test_text_is_escaped_and_colours_of_a_terminal_become_marks() -> None:
    page = _page(
        _display({"text/plain": "<script>alert(1)</script>"}),
        nbformat.v4.new_output("stream", name="stderr", text="\x1b[31m<b>red</b>\x1b[0m"),
        source="'<script>'",
    )
    assert page.count("<script") == 1
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


STEADY = {
    "cell of a kernel": ("away/ipykernel_71/3081.py:1: UserWarning", "<cell>:1: UserWarning"),
    "cell of a traceback": ("<ipython-input-3-0a1b>:2", "<cell>:2"),
    "folder of a report": ("no file 'away/report-a1b2c3d4/work/x.csv'", "no file '<folder>/x.csv'"),
    "address of an object": ("<object object at 0x7f3a5c0>", "<object object at 0x...>"),
    "installed module": (f"{sysconfig.get_path('purelib')}{os.sep}numpy/core.py:5", "numpy/core.py:5"),
    "standard library": (f"{sysconfig.get_path('stdlib')}{os.sep}json/decoder.py:5", "json/decoder.py:5"),
    "nothing that varies": ("looked at 0xZZ in a report-like work", "looked at 0xZZ in a report-like work"),
}


@pytest.mark.parametrize(("text", "steady"), STEADY.values(), ids=STEADY)
def test_what_varies_from_run_to_run_gets_one_form(text: str, steady: str) -> None:
    assert steady_text(text) == steady
