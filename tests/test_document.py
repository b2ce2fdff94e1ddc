"""An executed notebook as a document: numbers, names to link to, what shows an answer, what stands under the title."""

import base64
from typing import Any

import nbformat
import pytest

from reform_analysis.reports import document, record
from reform_analysis.reports.blocks import Answer, Block, Code, Figure, Heading, Html, Message, Prose, Table

PNG = base64.b64encode(b"picture").decode()
TABLE = (
    '<table><caption>Rates</caption><tr><td>5<sup><a href="#source-7">7</a>, <a href="#source-2">2</a></sup></table>'
)


def shown(data: dict[str, Any], **about: Any) -> Any:
    return nbformat.v4.new_output("display_data", data=data, metadata=about)


def answer(text: str = "Said.") -> Any:
    return shown({record.ANSWER: {}, "text/markdown": text, "text/plain": text})


def table(html: str = TABLE) -> Any:
    return shown({"text/html": html, "text/plain": "plain"})


def figure(**about: Any) -> Any:
    return shown({"image/png": PNG, "text/plain": "plain"}, **about)


def read(*parts: Any, **noted: Any) -> document.Document:
    """Read a notebook of prose (text) and cells with outputs (lists)."""
    cells = [
        nbformat.v4.new_markdown_cell(part)
        if isinstance(part, str)
        else nbformat.v4.new_code_cell("code", outputs=part, execution_count=number)
        for number, part in enumerate(parts)
    ]
    return document.read(nbformat.v4.new_notebook(cells=cells, metadata={"reform_analysis": noted} if noted else {}))


def outcome(output: Any) -> Any:
    """Return the blocks of one output."""
    return read([output]).blocks[1:]


@pytest.mark.parametrize(
    ("output", "block"),
    [
        (nbformat.v4.new_output("stream", name="stderr", text="x"), Message("stderr", "x")),
        (nbformat.v4.new_output("error", ename="E", evalue="", traceback=["a", "b"]), Message("error", "a\nb")),
        (shown({"text/plain": "x"}), Message("result", "x")),
        (shown({"text/markdown": "*x*", "text/plain": "x"}), Prose("*x*")),
        (answer(), Answer("Said.")),
        (table(), Table(1, "Table 1", "Rates", TABLE, (2, 7))),
        (table("<table></table>"), Table(1, "Table 1", "", "<table></table>", ())),
        (
            figure(**{"image/png": {"alt": "A", "title": "T", "width": 6, "height": 3}}),
            Figure(1, "Figure 1", "T", "A", "image/png", PNG, 6, 3),
        ),
        (figure(alt="A"), Figure(1, "Figure 1", "", "A", "image/png", PNG, None, None)),
        (shown({"text/html": "<p>x</p>", "text/plain": "x"}), Html("html", "<p>x</p>")),
        (shown({"text/html": '<p class="key-number">x</p>'}), Html("key-number", '<p class="key-number">x</p>')),
        (shown({"text/html": "<p>x</p>", record.NOT_APPLICABLE: {}}), Html("not-applicable", "<p>x</p>")),
    ],
    ids=[
        "stream",
        "error",
        "text",
        "markdown",
        "answer",
        "table",
        "bare table",
        "figure",
        "described by the output",
        "html",
        "key number",
        "not applicable",
    ],
)
def test_an_output_is_a_block(output: Any, block: Block) -> None:
    assert outcome(output) == (block,)


def test_what_no_reader_sees_is_no_block() -> None:
    assert outcome(shown({record.KEY_NUMBER: {"name": "n"}})) == ()


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["Figure 1", "Table 1", "Table 2", "Figure 2"]),
        ("fr", ["Figure 1", "Tableau 1", "Tableau 2", "Figure 2"]),
        ("vi", ["Hình 1", "Bảng 1", "Bảng 2", "Hình 2"]),
    ],
)
def test_figures_and_tables_are_numbered_through_the_document(language: str, labels: list[str]) -> None:
    made = read("# T", [figure(), table()], "text", [table(), figure()], parameters={"language": language})
    numbered = [block for block in made.blocks if isinstance(block, Figure | Table)]
    assert [block.label for block in numbered] == labels
    assert [block.id for block in numbered] == ["figure-1", "table-1", "table-2", "figure-2"]


def test_an_answer_knows_what_shows_it_up_to_the_next_answer_or_cell() -> None:
    made = read([table(), answer("a"), figure(), table(), answer("b"), answer("c"), figure()], [table()])
    known = {block.markdown: [one.id for one in block.shown] for block in made.blocks if isinstance(block, Answer)}
    assert known == {"a": ["figure-1", "table-2"], "b": [], "c": ["figure-2"]}


@pytest.mark.parametrize(
    ("headings", "ids"),
    [
        (["## Who says it?"], ["who-says-it"]),
        (["## 1. Ở đây biết được gì?"], ["o-day-biet-duoc-gi"]),
        (["## `rule`, *again*"], ["rule-again"]),
        (["## Same", "## Same", "### Same"], ["same", "same-2", "same-3"]),
        (["## Same 2", "## Same", "## Same"], ["same-2", "same", "same-3"]),
        (["## Figure 1", "## Sources", "## Contents"], ["figure-1-2", "sources-2", "contents-2"]),
        (["## 2025", "## ?"], ["section", "section-2"]),
    ],
    ids=["words", "vietnamese", "marks", "twice", "twice by number", "taken", "no words"],
)
def test_headings_have_stable_names_of_their_own(headings: list[str], ids: list[str]) -> None:
    assert [heading.id for heading in read("# Title", *headings).contents] == ids


def test_prose_is_cut_at_headings_and_code_is_left_alone() -> None:
    made = read("# Title\n\nOne\n\n```\n# no heading\n```\n## Two ##\nThree\n#four")
    assert made.title == "Title"
    assert made.blocks == (
        Heading(1, "Title", "title"),
        Prose("One\n\n```\n# no heading\n```"),
        Heading(2, "Two", "two"),
        Prose("Three\n#four"),
    )
    assert made.body == made.blocks[1:]


@pytest.mark.parametrize("sources", ['<ol class="ra-sources"></ol>', '<p class="ra-sources">None.</p>'])
def test_sources_and_colophon_begin_sections_before_their_cells_code(sources: str) -> None:
    colophon = '<table class="colophon"></table>'
    made = read("# T", [table(sources)], [table(colophon)], parameters={"language": "vi"})
    assert made.body == (
        Heading(2, "Nguồn", "sources"),
        Code("code", 1),
        Html("sources", sources),
        Heading(2, "Thông tin kỹ thuật", "colophon"),
        Code("code", 2),
        Html("colophon", colophon),
    )


def test_how_to_cite_stands_before_the_colophon_and_the_command_after_all() -> None:
    made = read("# T", [table('<table class="colophon"></table>')], notebook="03_staffing")
    assert [heading.id for heading in made.contents] == ["how-to-cite", "colophon"]
    assert made.command == "reform-analysis run 03_staffing"


@pytest.mark.parametrize(
    ("parameters", "facts"),
    [
        ({}, []),
        ({"place": "Huế", "seed": 1}, [("Place", "Huế")]),
        (
            {"language": "fr", "as_of": "2025-09-30", "rule": "latest"},
            [
                ("Chiffres jusqu’au", "30 septembre 2025"),
                ("Si les chiffres divergent", "le dernier"),
                ("Langue", "français"),
            ],
        ),
        ({"language": "vi", "min_reliability": "B"}, [("Nguồn", "hạng A và B"), ("Ngôn ngữ", "tiếng Việt")]),
        ({"rule": "another"}, [("Where figures differ", "another")]),
    ],
    ids=["none", "place", "french", "vietnamese", "without words"],
)
def test_facts_stand_under_the_title(parameters: dict[str, Any], facts: list[tuple[str, str]]) -> None:
    *made, version = read("# T", parameters=parameters).facts
    assert [(fact.label, fact.words) for fact in made] == facts
    assert version.words.startswith("reform-analysis ")


def test_every_value_of_a_fact_has_words() -> None:
    from typing import get_args

    from reform_analysis.reports import facts, parameters

    wanted = {
        (name, value)
        for name in ("phase", "rule", "min_reliability", "bounds")
        for value in get_args(parameters.FIELDS[name][0])
    }
    assert facts._VALUE_LABELS.keys() == wanted


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="language must be one of en, fr, vi"):
        read("# T", parameters={"language": "de"})


def test_data_of_a_figure() -> None:
    assert outcome(figure())[0].data == b"picture"
    assert outcome(shown({"image/svg+xml": "<svg>ế</svg>"}))[0].data == "<svg>ế</svg>".encode()
