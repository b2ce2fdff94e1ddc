"""Tables as grids, CSV and LaTeX: each cell in its place, and no text that a program would take for a command."""

import csv
import io
import re
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import HOSTILE, VIETNAMESE, report, table

from reform_analysis.reports import archive, grid, latex, markup, tabular

SPANS = """
<table><thead>
<tr><th rowspan="2">Place</th><th colspan="2">Share</th></tr>
<tr><th>from</th><th>to</th></tr>
</thead><tbody>
<tr><th rowspan="2">A</th><td>1</td><td>2</td></tr>
<tr><td colspan="2">3</td></tr>
</tbody></table>
"""


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def one(html):
    return grid.grids(html)[0]


TABLES = [
    pytest.param(SPANS, [["Place", "Share / from", "Share / to"], ["A", "1", "2"], ["A", "3", "3"]], id="spans"),
    pytest.param(
        "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", [["1", "2"], ["3", ""]], id="short row"
    ),
    pytest.param("<table><tr><th>a</th></tr></table>", [["a"]], id="head only"),
    pytest.param(
        "<p>x</p><table><caption>C</caption><tr><td><b>a</b><br>b\n c</td></tr></table>", [["a b c"]], id="marks"
    ),
    pytest.param("<table><tr><td>x<style>td {}</style></td></tr></table>", [["x"]], id="style"),
    pytest.param(pd.DataFrame({"n": [1]}, index=["A"]).to_html(), [["", "n"], ["A", "1"]], id="pandas"),
    pytest.param(
        pd.DataFrame({("s", "a"): [1], ("s", "b"): [2]}).to_html(),
        [["", "s / a", "s / b"], ["0", "1", "2"]],
        id="levels",
    ),
]


@pytest.mark.parametrize(("html", "wanted"), TABLES)
def test_cells_stand_in_their_places(html, wanted):
    assert rows(tabular.to_csv(one(html))) == wanted


def test_notes_have_a_column_of_their_own():
    ranges = '<a href="#source-1">1</a>–<a href="#source-3">3</a>, <a href="#source-7">7</a>'
    shown = one(table(("Huế", "5"), notes=ranges))
    assert rows(tabular.to_csv(shown, notes_header="Notes")) == [
        ["Place", "Number (%)", "Notes"],
        ["Huế", "5", "1–3, 7"],
    ]
    assert r"Huế\hspace{0pt}\textsuperscript{1–3,}\hspace{0pt}\textsuperscript{7} & 5 \\" in latex.table(shown)


def test_a_superscript_without_links_is_no_note():
    assert rows(tabular.to_csv(one("<table><tr><td>km<sup>2</sup></td></tr></table>"))) == [["km2"]]


FORMULAS = [
    pytest.param("=1+1", "'=1+1", id="equals"),
    pytest.param("+cmd|'/c calc'!A0", "'+cmd|'/c calc'!A0", id="plus"),
    pytest.param("-2+3", "'-2+3", id="minus"),
    pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
    pytest.param("-5", "-5", id="negative"),
    pytest.param("-1\u202f234,5 %", "-1\u202f234,5 %", id="negative with groups"),
    pytest.param("+3.2", "+3.2", id="signed"),
    pytest.param("−5 (−6 to −4)", "−5 (−6 to −4)", id="minus sign"),
    pytest.param("- none -", "'- none -", id="dash"),
    pytest.param("", "", id="empty"),
]


@pytest.mark.parametrize(("text", "wanted"), FORMULAS)
def test_no_cell_is_run_as_a_formula(text, wanted):
    assert rows(tabular.to_csv(one(f"<table><tr><th>h</th></tr><tr><td>{text}</td></tr></table>")))[1:] == [[wanted]]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40))
def test_any_text_comes_back_from_csv(text):
    shown = markup.one_line(text)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    got = rows(tabular.to_csv(one(f"<table><tr><td>{escaped}</td><td>x</td></tr></table>")))[0][0]
    assert got in (shown, f"'{shown}")
    assert not re.match(r"[=@]", got)


def test_latex_has_no_command_but_its_own():
    text = latex.table(one(table(*((name, "1") for name in HOSTILE), caption="5% of #1 &amp; \\x")), label="table-1")
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    known = r"\\(?:[#$%&_{}]|text(?:backslash|asciitilde|asciicircum)\{\}|textsuperscript\{|hspace\{0pt\}|endhead|\\)"
    left = re.sub(known, "", body)
    assert "\\" not in left
    assert not re.search(r"[#$%_~^]", left)
    assert left.count("&") == len(HOSTILE)
    assert r"\caption{5\% of \#1 \& \textbackslash{}x}\label{table-1}" in text


def test_columns_wrap_only_where_a_line_is_too_short():
    short = one(table(("A", "1"), ("B", "2")))
    assert short.shares(100) is None
    assert latex.table(short).count(r"\begin{longtable}{lr}") == 1
    long = one(table(("word " * 40, "12.1 (12.05 to 12.15)"), ("B", "2")))
    shares = long.shares(100, gap=2)
    assert sum(shares) == pytest.approx(1)
    # the number and its bounds stay on one line, the text takes the rest
    assert shares[1] * 100 >= len("12.1 (12.05 to 12.15)")
    assert r"p{" in latex.table(long)
    crowded = one(table(("word " * 40, "number " * 40)))
    assert all(share > 0.2 for share in crowded.shares(60))


def test_a_word_keeps_its_line():
    shown = one(table(("an " * 60 + "administratively", "1")))
    assert shown.shares(60)[0] * 60 >= len("administratively")


def test_files_of_a_report():
    files = archive.unpacked(tabular.packed(report("fr")))
    assert list(files) == ["table-1.csv", "table-1.tex", "table-2.csv", "table-2.tex"]
    first = rows(files["table-1.csv"].decode("utf-8-sig"))
    assert first[0] == ["Place", "Number (%)", "Notes de source"]
    assert first[1] == [VIETNAMESE, "−1\u202f234 (1 to 2)", "1"]
    assert files["table-1.csv"].startswith(b"\xef\xbb\xbf")
    assert r"\label{table-1}" in files["table-1.tex"].decode()


def test_archives_of_the_same_files_are_the_same_bytes():
    files = {"b.txt": b"1", "ạ.txt": b"2"}
    packed = archive.packed(files)
    assert archive.unpacked(packed) == files
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert {entry.date_time[0] for entry in opened.infolist()} == {1980}
    assert packed == archive.packed(dict(files))
