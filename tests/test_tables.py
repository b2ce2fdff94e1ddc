"""Tables, statements and the list of sources: what they say, and that strangers' texts do no harm."""

import datetime
import io
import math
from html.parser import HTMLParser

import pandas as pd
import pytest

from reform_analysis.analysis.answer import Answer, Quantity, Sentence
from reform_analysis.display import tables
from reform_analysis.display.citations import note_words

SOURCES = pd.DataFrame(
    [
        (
            "press-aaaaaa",
            "Hồ sơ <b>trực tuyến</b>",
            "Báo Một",
            "2025-10-28",
            "https://example.org/a?b=1&c=2",
            "B",
            "original",
        ),
        ("agency-bbbbbb", "Second", "Agency", None, "javascript:alert(1)", "D", "translation"),
        ("law-cccccc", None, "Gazette", "2025-06-12", "https://example.org/law", "A", "excerpt"),
    ],
    columns=["source_id", "title", "publisher", "published", "url", "reliability", "read_as"],
)
RATES = pd.DataFrame(
    {
        "series": ["Government Office", "<script>alert(1)</script> & 5 % $_{x}"],
        "start": [datetime.date(2025, 7, 1), datetime.date(2025, 8, 1)],
        "end": ["2025-07-31", "2025-08-19"],
        "estimate": [109_500.0, 88_000.0],
        "low": [108_000.0, 87_000.0],
        "high": [111_000.0, math.inf],
        "share": [0.834, 0.747],
        "share_low": [0.828, 0.747],
        "share_high": [0.841, 0.747],
        "cost": [1.05e9, 2e9],
        "is_kept": [True, False],
        "observations": ["press-aaaaaa.01 agency-bbbbbb.02", "agency-bbbbbb.03"],
    }
)


def table(language="en", **keywords):
    return tables.show(RATES, **{"language": language, "caption": "Estimate", **keywords})


class Reader(HTMLParser):
    """Collect tags with their attributes, and the text of each cell."""

    def __init__(self):
        super().__init__()
        self.tags, self.cells = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th", "caption", "li"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize(
    ("language", "cells"),
    [
        (
            "en",
            [
                "1\u00a0Jul\u00a02025",
                "31\u00a0Jul\u00a02025",
                "109,500 (108,000 to 111,000)",
                "83.4 (82.8 to 84.1)",
                "1.05",
                "yes",
            ],
        ),
        (
            "fr",
            [
                "1er\u00a0juil.\u00a02025",
                "31\u00a0juil.\u00a02025",
                "109\u202f500 (108\u202f000 à 111\u202f000)",
                "83,4 (82,8 à 84,1)",
                "1,05",
                "oui",
            ],
        ),
        ("vi", ["1/7/2025", "31/7/2025", "109.500 (108.000 đến 111.000)", "83,4 (82,8 đến 84,1)", "1,05", "có"]),
    ],
)
def test_cells_are_written_in_the_readers_language(language, cells):
    shown = table(language, units={"share": "share", "cost": "VND"})
    assert [cell.text for cell in shown.rows[0][1:]] == cells


def test_headers_carry_units_and_bounds_have_no_column_of_their_own():
    shown = table(units={"share": "share", "cost": "VND"})
    assert shown.headers == ("Series", "From", "To", "Estimate", "Share (%)", "Cost (billion VND)", "Is kept")


def test_open_bounds_and_missing_numbers_are_said():
    assert table().rows[1][3].text == "88,000 (at least 87,000)"
    unknown = tables.show(RATES.assign(estimate=math.nan, low=math.nan, high=math.nan), language="en", caption="c")
    assert unknown.rows[0][3].text == "not known"


def test_columns_choose_order_and_headers():
    shown = table(columns={"estimate": "Dossiers a day", "series": "Series"})
    assert shown.headers == ("Dossiers a day", "Series")
    assert shown.rows[0][0].text == "109,500 (108,000 to 111,000)"


def test_bounds_without_an_estimate_are_a_range():
    shown = tables.show(RATES[["series", "low", "high"]].head(1), language="en", caption="c")
    assert shown.headers == ("Series", "Range")
    assert shown.rows[0][1].text == "108,000 to 111,000"


def test_units_of_rows():
    rows = pd.DataFrame({"what": ["a", "b"], "estimate": [0.5, 2e9], "unit": ["share", "VND"]})
    shown = tables.show(rows, language="en", caption="c")
    assert [row[1].text for row in shown.rows] == ["50%", "2 billion VND"]
    assert shown.headers == ("What", "Estimate")


def test_years_are_not_grouped():
    shown = tables.show(pd.DataFrame({"year": [2025], "n": [3321]}), language="en", caption="c")
    assert [cell.text for cell in shown.rows[0]] == ["2025", "3,321"]


def test_html_is_accessible():
    reader = read(table(sources=tables.Citations(SOURCES))._repr_html_())
    tags = [tag for tag, _ in reader.tags]
    assert tags[:4] == ["table", "caption", "thead", "tr"]
    assert dict(reader.tags[0][1])["lang"] == "en"
    heads = [attributes["scope"] for tag, attributes in reader.tags if tag == "th"]
    assert heads == ["col"] * 7 + ["row"] * 2
    links = [attributes for tag, attributes in reader.tags if tag == "a"]
    assert [link["href"] for link in links] == ["#source-1", "#source-2", "#source-2"]
    assert links[0]["aria-label"] == "source note 1"


def test_numbers_stand_to_the_right():
    reader = read(table()._repr_html_())
    sides = [attributes["style"].split(";")[0] for tag, attributes in reader.tags if tag == "td"]
    assert sides[:6] == ["text-align:left"] * 2 + ["text-align:right"] * 3 + ["text-align:left"]


def test_texts_of_strangers_do_not_become_markup():
    html = table()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    latex = table().to_latex()
    assert r"\& 5 \% \$\_\{x\}" in latex
    statement = tables.statements(Answer("q", RATES, (Sentence("{s}", {"s": "<b>*x*</b> [a](b) `c`"}),)), "en")
    assert statement._repr_markdown_() == r"&lt;b&gt;\*x\*&lt;/b&gt; \[a\](b) \`c\`"


def test_plain_text():
    shown = tables.show(
        RATES[["series", "estimate", "low", "high", "observations"]].head(1),
        language="en",
        caption="Counts",
        sources=tables.Citations(SOURCES),
        notes="A note.",
    )
    assert repr(shown).splitlines() == [
        "Counts",
        "Series                                        Estimate",
        "------------------------------------------------------",
        "Government Office [1, 2]  109,500 (108,000 to 111,000)",
        "In brackets: bounds of figures as printed (rounding and wording), not sampling error.",
        "A note.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["rounding", "rounding"], "bounds of figures as printed"),
        (["sampling", "sampling"], "90% sampling intervals"),
        (["model", "model"], "90% intervals of the model"),
        (["rounding", "sampling"], "the column of bounds says which"),
    ],
    ids=lambda kinds: "-".join(kinds) if isinstance(kinds, list) else "",
)
def test_note_says_what_the_bounds_are(kinds, said):
    shown = tables.show(RATES.assign(interval=kinds), language="en", caption="c", level=0.9)
    assert said in shown.notes[0]
    assert ("Kind of bounds" in shown.headers) == (len(set(kinds)) > 1)


def test_csv_gives_back_the_table():
    shown = table()
    again = pd.read_csv(io.StringIO(shown.to_csv()))
    pd.testing.assert_frame_equal(again[["estimate", "low", "high"]], RATES[["estimate", "low", "high"]])
    assert "\r" not in shown.to_csv()


def test_latex_has_caption_label_rules_and_thin_spaces():
    latex = table("fr").to_latex("tab:rates")
    for part in (
        r"\caption{Estimation}",
        r"\label{tab:rates}",
        r"\begin{tabular}{lllrrrl}",
        r"\toprule",
        r"\bottomrule",
        r"109\,500",
    ):
        assert part in latex
    assert r"\label" not in table().to_latex()


def test_columns_that_do_not_exist_are_named():
    with pytest.raises(ValueError, match="column rate must be in the table; got series, start"):
        table(columns=["rate"])


def test_no_rows_are_refused_unless_the_answer_says_why():
    with pytest.raises(ValueError, match="there is nothing to draw"):
        tables.show(RATES.head(0), language="en", caption="c")
    answer = Answer("q", pd.DataFrame(), unknown=Sentence("not known"))
    assert repr(tables.show(answer, language="vi", caption="c")) == "không rõ"


@pytest.mark.parametrize(
    "call",
    [
        lambda: table("de"),
        lambda: tables.statements(Answer("q", RATES), "de"),
        lambda: tables.sources_list(tables.Citations(SOURCES), language="de"),
    ],
)
def test_unknown_language_is_refused(call):
    with pytest.raises(ValueError, match="en, fr, vi"):
        call()


def test_statements():
    values = {"n": Quantity(2, 2, 2), "p": "Việt Nam"}
    answer = Answer(
        "q", RATES, (Sentence("{n} in {p}", values), Sentence("{p}", values)), unknown=Sentence("not known")
    )
    said = tables.statements(answer, "en")
    assert said.texts == ("2 in Viet Nam", "Viet Nam", "not known")
    assert said._repr_markdown_() == "- 2 in Viet Nam\n- Viet Nam\n- not known"


def test_sources_are_numbered_by_first_citation_and_keep_their_number():
    cited = tables.Citations(SOURCES)
    assert cited.numbers(["law-cccccc.01", "press-aaaaaa.01"]) == (1, 2)
    assert cited.numbers(["agency-bbbbbb.01", "law-cccccc.07"]) == (1, 3)
    assert cited.numbers(["law-cccccc.01", "press-aaaaaa.01"]) == (1, 2)
    assert cited.cited["source_id"].tolist() == ["law-cccccc", "press-aaaaaa", "agency-bbbbbb"]


def test_unknown_source_is_named():
    with pytest.raises(ValueError, match="got other-dddddd"):
        tables.Citations(SOURCES).numbers(["other-dddddd.01"])


def test_sources_list():
    cited = tables.Citations(SOURCES)
    cited.numbers(["press-aaaaaa.01", "agency-bbbbbb.01", "law-cccccc.01"])
    shown = tables.sources_list(cited, language="en")
    assert repr(shown).splitlines()[0] == (
        "1. Hồ sơ <b>trực tuyến</b>. Báo Một; 28 October 2025; B: national press or agency. https://example.org/a?b=1&c=2"
    )
    assert "no date printed; read in translation; D: machine translation" in repr(shown)
    html = shown._repr_html_()
    reader = read(html)
    assert [a["id"] for tag, a in reader.tags if tag == "li"] == ["source-1", "source-2", "source-3"]
    assert [a["href"] for tag, a in reader.tags if tag == "a"] == [
        "https://example.org/a?b=1&c=2",
        "https://example.org/law",
    ]
    assert "javascript" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("[slug] hoi-nghi-lan-2", "Hoi nghi lan 2. Agency; no date printed; title taken from the address; read in"),
        ("[slug] Nghi quyet 66/NQ-CP", "Nghi quyet 66/NQ-CP. Agency; no date printed; title taken from the address;"),
        ("[slug] mot-hai (Spanish edition)", "Mot hai (Spanish edition). Agency; no date printed; title taken from"),
        ("Second", "Second. Agency; no date printed; read in"),
    ],
    ids=["hyphens", "words", "edition", "title"],
)
def test_title_that_only_an_address_gives_is_words_and_says_so(title, shown):
    cited = tables.Citations(SOURCES.replace("Second", title))
    cited.numbers(["agency-bbbbbb.01"])
    assert shown in repr(tables.sources_list(cited, language="en"))


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((), ""),
        ((3,), "3"),
        ((1, 2), "1, 2"),
        ((1, 2, 3), "1–3"),
        ((1, 3, 4, 5, 9), "1, 3–5, 9"),
        ((1, 2, 4, 5), "1, 2, 4, 5"),
    ],
)
def test_note_words(numbers, text):
    assert note_words(numbers) == text


def test_table_is_the_same_twice():
    assert table()._repr_html_() == table()._repr_html_()
    assert repr(table()) == repr(table())
