"""A small report with everything a report can show, some of it hostile, for the tests of its formats."""

import base64
import io
from typing import Any

import nbformat
from PIL import Image

from reform_analysis.reports import document, record
from reform_analysis.reports.document import Document

# text that a format might take for its own language
HOSTILE = (
    '#panic("x")',
    "*a* _b_ `c` $d$",
    'say "so" \\ end',
    "] ) } <e> @f // g",
    "=1+1",
    "\\input{h} & 5% of #1_2^3~",
    "<script>i</script>",
    "{{ j }} {% k %}",
)
# Vietnamese letters with two marks each, and letters of the same look with none
VIETNAMESE = "Đường lối ở Huế: ẩn, ậm, ẫn, ữ, ợ, ỵ, ặc"
SOURCE_URL = "https://example.org/a?b=1&c=2"


def png(colour: str = "#0072B2") -> str:
    stream = io.BytesIO()
    Image.new("RGB", (60, 30), colour).save(stream, "png")
    return base64.b64encode(stream.getvalue()).decode()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(*rows: tuple[str, str], caption: str = "Counts", notes: str = '<a href="#source-1">1</a>') -> str:
    lines = "".join(
        f'<tr><th scope="row" style="text-align:left">{escaped(name)}<sup> {notes}</sup></th>'
        f'<td style="text-align:right">{escaped(value)}</td></tr>'
        for name, value in rows
    )
    return (
        f'<table class="ra-table"><caption>{caption}</caption><thead><tr><th scope="col">Place</th>'
        '<th scope="col" style="text-align:right">Number (%)</th></tr></thead>'
        f'<tbody>{lines}</tbody><tfoot><tr><td colspan="2">In brackets: bounds.</td></tr></tfoot></table>'
    )


def display(data: dict[str, Any], about: dict[str, Any] | None = None) -> Any:
    return nbformat.v4.new_output("display_data", data=data, metadata=about or {})


def notebook(language: str = "vi", *, cells: list[Any] | None = None) -> Any:
    alt = 'Bars. "Rate" of <places>: 5 \\ 7.'
    outputs = [
        display({record.ANSWER: {"status": "answered"}, "text/markdown": f"- {VIETNAMESE}\n- 5 of 7."}),
        display({"image/png": png()}, {"image/png": {"alt": alt, "title": "Rates", "width": 672, "height": 336}}),
        display({"text/html": table((VIETNAMESE, "−1\u202f234 (1 to 2)"), *((text, "7") for text in HOSTILE))}),
        display({"text/html": f"<table><tr><td>{'x' * 30}</td></tr></table>"}),
    ]
    sources = (
        f'<ol class="ra-sources"><li id="source-1" value="1"><a href="{escaped(SOURCE_URL)}">A source</a>. P.</li></ol>'
    )
    colophon = '<table class="colophon"><caption>Colophon</caption><tr><th>Python</th><td>3.11</td></tr></table>'
    made = [
        nbformat.v4.new_markdown_cell(f"# {VIETNAMESE} &c\n\nSome *words* and `code`."),
        nbformat.v4.new_markdown_cell("## 1. First?\n\nProse with a [link](https://example.org/x).\n\n1. one\n2. two"),
        nbformat.v4.new_code_cell("secret_call()", outputs=outputs, execution_count=1),
        nbformat.v4.new_markdown_cell("### Below\n\n" + "\n\n".join(escaped(text) for text in HOSTILE[:1])),
        nbformat.v4.new_code_cell("s", outputs=[display({"text/html": sources})], execution_count=2),
        nbformat.v4.new_code_cell("c", outputs=[display({"text/html": colophon})], execution_count=3),
    ]
    noted = {
        "notebook": "03_staffing",
        "released": "2026-11-25",
        "parameters": {"language": language, "place": "Huế", "as_of": "2025-10-31"},
    }
    return nbformat.v4.new_notebook(cells=made if cells is None else cells, metadata={"reform_analysis": noted})


def report(language: str = "vi") -> Document:
    return document.read(notebook(language))


# what a notebook of somebody else may hold
ODD = [
    nbformat.v4.new_markdown_cell(
        "#### deep first\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted words\n\n# top again\n\n###### deepest"
    ),
    nbformat.v4.new_code_cell(
        "odd",
        outputs=[
            display({"text/html": "<table></table>"}),
            display({"text/html": "<table><tr><td>x<table><tr><th>in</th><td>ner</td></tr></table></td></tr></table>"}),
            display({"text/html": "<div><p>un<b>closed <img src='/etc/passwd'><a href='javascript:x'>y</a></div></p>"}),
            display(
                {"text/html": '<ul><li id="figure-1">a</li><li>b<ul><li>c</li></ul></li></ul><hr><pre> k\n  l</pre>'}
            ),
            display({"text/html": "<p class='not-applicable'>none</p>", record.NOT_APPLICABLE: {"reason": "none"}}),
            display({"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'}),
            nbformat.v4.new_output("stream", name="stderr", text="\x1b[31mred\x1b[0m \x07 bell\n"),
            nbformat.v4.new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: v"]),
            display({"text/plain": ""}),
        ],
    ),
    nbformat.v4.new_markdown_cell(""),
]
