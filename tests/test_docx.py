"""DOCX: headings, captions, heads of tables and alternative texts as word processors know them, and all texts whole."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from report_sample import HOSTILE, ODD, SOURCE_URL, VIETNAMESE, notebook, report

from reform_analysis.reports import document, export

pytest.importorskip("pypandoc", reason="the extra export is not installed")
library = pytest.importorskip("docx", reason="reads the files; of the extra test")

from reform_analysis.reports import docx  # noqa: E402

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module", params=["en", "fr", "vi"])
def made(request):
    return request.param, docx.write(report(request.param))


@pytest.fixture(scope="module")
def file(made):
    return library.Document(io.BytesIO(made[1]))


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_title_and_headings_have_their_styles(made, file):
    shown = report(made[0])
    assert [p.text for p in file.paragraphs if p.style.name == "Title"] == [shown.title]
    headings = [(p.style.name, p.text) for p in file.paragraphs if p.style.name.lower().startswith("heading")]
    assert headings == [(f"Heading {one.level - 1}", one.text) for one in shown.contents]


def test_captions_have_numbers_and_their_style(made, file):
    shown = report(made[0])
    captions = {
        name: [p.text for p in file.paragraphs if p.style.name == name] for name in ("Image Caption", "Table Caption")
    }
    tables = [block for block in shown.blocks if isinstance(block, document.Table)]
    figures = [block for block in shown.blocks if isinstance(block, document.Figure)]
    assert captions["Image Caption"] == [f"{one.label}. {one.caption}" for one in figures]
    assert captions["Table Caption"] == [". ".join(filter(None, (one.label, one.caption))) for one in tables]


def test_pictures_have_their_alternative_text_and_fit_the_page(made, file):
    wanted = [block.alt for block in report(made[0]).blocks if isinstance(block, document.Figure)]
    properties = [shape._inline.docPr for shape in file.inline_shapes]
    assert [one.get("descr") for one in properties] == wanted
    section = file.sections[0]
    between = section.page_width - section.left_margin - section.right_margin
    assert all(0 < shape.width <= between for shape in file.inline_shapes)
    # pandoc gives a picture the whole of its data as a second description
    assert b"base64" not in parts(made[1])["word/document.xml"]


def test_head_rows_repeat_and_rows_have_heads(made, file):
    first, bare, colophon = file.tables
    repeated = [row._tr.find(f"{W}trPr/{W}tblHeader") is not None for row in first.rows]
    assert repeated == [True] + [False] * (len(repeated) - 1)
    looks = [table._tbl.tblPr.find(f"{W}tblLook").get(f"{W}firstColumn") for table in (first, bare, colophon)]
    assert looks == ["1", "0", "1"]


def test_texts_are_whole_whatever_they_hold(made, file):
    language, _ = made
    said = [p.text for p in file.paragraphs] + [
        cell.text for table in file.tables for row in table.rows for cell in row.cells
    ]
    text = re.sub(r"\s+", " ", "\n".join(said))
    for wanted in (VIETNAMESE, *HOSTILE, export.WORDS[language]["contents"], "reform-analysis run 03_staffing"):
        assert wanted in text
    colon = "Lieu : Huế" if language == "fr" else ": Huế"
    assert colon in text
    assert "secret_call" not in text


def test_a_notebook_of_somebody_else_is_no_failure():
    content = docx.write(document.read(notebook("fr", cells=ODD)))
    assert "root:" not in "".join(part.decode(errors="replace") for part in parts(content).values())
    assert {"1", "in", "x"} <= {text.strip() for text in texts_of(library.Document(io.BytesIO(content)))}


def texts_of(opened):
    return [text.text or "" for text in opened.element.iter(f"{W}t")]


def test_language_and_links(made):
    language, content = made
    inside = parts(content)
    assert f'w:lang w:val="{language}"'.encode() in inside["word/styles.xml"].replace(
        b' w:eastAsia="zh-CN" w:bidi="ar-SA"', b""
    )
    relations = ElementTree.fromstring(inside["word/_rels/document.xml.rels"])
    assert SOURCE_URL in {one.get("Target") for one in relations}
    marks = set(re.findall(rb'w:bookmarkStart [^>]*w:name="([^"]+)"', inside["word/document.xml"]))
    anchors = set(re.findall(rb'w:anchor="([^"]+)"', inside["word/document.xml"]))
    assert {b"source-1", b"table-1", b"figure-1"} <= anchors <= marks


def test_no_time_is_in_the_file(made):
    with zipfile.ZipFile(io.BytesIO(made[1])) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"dcterms:created" not in parts(made[1])["docProps/core.xml"]


def test_pages_are_a4_with_numbers(file):
    section = file.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert "PAGE" in section.footer._element.xml
