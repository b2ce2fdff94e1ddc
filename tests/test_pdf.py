"""PDF: what PDF/UA-1 asks of a file, as far as a library can see, and all texts whole."""

import io
import itertools
import re

import pytest
from report_sample import HOSTILE, ODD, VIETNAMESE, notebook, report

from reform_analysis.reports import document, export

pytest.importorskip("typst", reason="the extra export is not installed")
pikepdf = pytest.importorskip("pikepdf", reason="the extra export is not installed")
pypdf = pytest.importorskip("pypdf", reason="reads the texts of pages; of the extra test")

from reform_analysis.reports import pdf  # noqa: E402

MARKED = {"BDC", "BMC"}
PAINTS = {"Tj", "TJ", "'", '"', "Do", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "INLINE IMAGE"}


@pytest.fixture(scope="module", params=["en", "fr", "vi"])
def made(request):
    return request.param, pdf.write(report(request.param))


@pytest.fixture
def file(made):
    with pikepdf.open(io.BytesIO(made[1])) as opened:
        yield opened


def elements(element):
    """Yield every element of the tree of tags below one."""
    inner = element.get("/K", [])
    for child in inner if isinstance(inner, pikepdf.Array) else [inner]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def tagged(file, *tags):
    return [element for element in elements(file.Root.StructTreeRoot) if str(element.S) in tags]


def test_file_says_that_it_is_accessible_in_which_language_and_its_title(made, file):
    language, _ = made
    assert bool(file.Root.MarkInfo.Marked)
    assert not bool(file.Root.MarkInfo.get("/Suspects", False))
    assert str(file.Root.Lang) == language
    assert bool(file.Root.ViewerPreferences.DisplayDocTitle)
    with file.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == f"{report(language).title} – Huế"


def test_headings_begin_at_one_and_skip_no_level(file):
    levels = [int(str(element.S)[2:]) for element in tagged(file, *(f"/H{level}" for level in range(1, 7)))]
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels))
    assert set(levels) == {1, 2}


def test_every_figure_has_its_alternative_text(made, file):
    figures = [block for block in report(made[0]).blocks if isinstance(block, document.Figure)]
    assert [str(element.Alt) for element in tagged(file, "/Figure")] == [figure.alt for figure in figures]


def test_a_figure_without_a_description_says_so(made):
    language, _ = made
    blocks = [block for block in report(language).blocks if isinstance(block, document.Figure)]
    bare = document.Figure(1, "F", "", "", blocks[0].mime, blocks[0].content, None, None)
    content = pdf.write(document.Document("t", language, (), (bare,), ""))
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert [str(element.Alt) for element in tagged(opened, "/Figure")] == [export.WORDS[language]["figure"]]


def test_heads_of_columns_and_rows_are_headers_with_their_scope(file):
    first, bare, colophon = tagged(file, "/Table")
    scopes = [[cell_kind(cell) for cell in row.K] for row in tagged_in(first, "/TR")]
    assert scopes[0] == ["/Column", "/Column"]
    assert scopes[1:] == [["/Row", "/TD"]] * (1 + len(HOSTILE))
    assert [cell_kind(cell) for cell in tagged_in(bare, "/TH", "/TD")] == ["/TD"]
    assert [cell_kind(cell) for cell in tagged_in(colophon, "/TH", "/TD")] == ["/Row", "/TD"]


def tagged_in(element, *tags):
    return [inner for inner in elements(element) if str(inner.S) in tags]


def cell_kind(cell):
    """Return a header's scope, or the tag of a plain cell; no list of headers may stand against the scopes."""
    attributes = [one for one in cell.get("/A", []) if str(one.O) == "/Table"]
    assert not any("/Headers" in one for one in attributes)
    return str(attributes[0].Scope) if str(cell.S) == "/TH" else str(cell.S)


def test_nothing_is_painted_outside_of_tags(file):
    for page in file.pages:
        depth, painted = 0, 0
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            depth += (name in MARKED) - (name == "EMC")
            painted += name in PAINTS
            assert depth or name not in PAINTS, f"{name} {operands} is not tagged"
        assert painted


def test_fonts_are_embedded_and_their_letters_known(file):
    fonts = [thing for thing in file.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"]
    whole = [font for font in fonts if font.Subtype == "/Type0"]
    assert whole
    assert all("/ToUnicode" in font for font in whole)
    assert all({"/FontFile2", "/FontFile3"} & set(font.DescendantFonts[0].FontDescriptor.keys()) for font in whole)
    families = {re.sub(r"^/[A-Z]+\+", "", str(font.BaseFont)).split("-")[0] for font in whole}
    assert families <= {"LibertinusSerif", "DejaVuSansMono", "DejaVuSans"}


def test_texts_are_whole_whatever_they_hold(made):
    language, content = made
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    text = re.sub(r"\s+", " ", "\n".join(pages))
    for wanted in (VIETNAMESE, *HOSTILE, export.WORDS[language]["contents"], "reform-analysis run 03_staffing"):
        assert wanted in text
    colon = "Lieu : Huế" if language == "fr" else ": Huế"
    assert colon in text
    assert "secret_call" not in text


def test_links_lead_to_the_source_and_to_the_web(file):
    links = [note for page in file.pages for note in page.get("/Annots", [])]
    assert {str(link.A.URI) for link in links if "/A" in link} == {
        "https://example.org/x",
        "https://example.org/a?b=1&c=2",
    }
    inside = [link for link in links if "/Dest" in link]
    # a note in each row, contents, and the figure and tables that show the answer
    assert len(inside) >= 1 + len(HOSTILE) + 5
    assert all("/Contents" in link for link in links)


def test_a_notebook_of_somebody_else_is_no_failure():
    content = pdf.write(document.read(notebook("fr", cells=ODD)))
    with pikepdf.open(io.BytesIO(content)) as opened:
        levels = [str(element.S) for element in tagged(opened, *(f"/H{level}" for level in range(1, 7)))]
        # the one in Markdown, the one around another and the one within
        assert len(tagged(opened, "/Table")) == 3
        assert [str(element.S) for element in tagged(opened, "/BlockQuote")] == ["/BlockQuote"]
    assert levels[1:4] == ["/H1", "/H2", "/H1"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert all(said in text for said in ("quoted words", "unclosed", "red", "bell", "none"))


def test_missing_glyphs_are_none(file):
    """Character 0 of a font, the empty box, is nowhere in the map of its letters."""
    for font in (thing for thing in file.objects if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing):
        assert b"<0000>" not in font.ToUnicode.read_bytes().split(b"endcodespacerange")[1]
