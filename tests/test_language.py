"""Numbers, sentences and translations: what a reader of each language sees."""

import datetime
import math
import re
import unicodedata

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reform_analysis.analysis.answer import Quantity, Sentence
from reform_analysis.display import language as lang
from reform_analysis.display import prose
from reform_analysis.display.caption import label_words
from reform_analysis.display.catalogue import LIBRARY_DOMAIN, LIBRARY_LOCALE, catalogue_path, known_texts, plural_index
from reform_analysis.display.formats import quantity
from reform_analysis.display.wording import messages_in_code

NAN, INF = math.nan, math.inf
TRANSLATED = ("fr", "vi")


@pytest.mark.parametrize(
    ("x", "decimals", "en", "fr", "vi"),
    [
        (1234.5, 1, "1,234.5", "1\u202f234,5", "1.234,5"),
        (3321, None, "3,321", "3\u202f321", "3.321"),
        (136261 / 3321, None, "41.0", "41,0", "41,0"),
        (3.0217, None, "3.02", "3,02", "3,02"),
        (-54, None, "−54", "−54", "−54"),
        (-0.001, 1, "0.0", "0,0", "0,0"),
        (NAN, None, "not known", "inconnu", "không rõ"),
    ],
)
def test_number(x, decimals, en, fr, vi):
    got = [lang.number(x, language=language, decimals=decimals) for language in lang.LANGUAGES]
    assert got == [en, fr, vi]


QUANTITIES = [
    (
        "share",
        Quantity(12.1 / 14.5, 12.05 / 14.55, 12.15 / 14.45, "share"),
        "83.4% (82.8 to 84.1%)",
        "83,4\u00a0% (82,8 à 84,1\u00a0%)",
        "83,4% (82,8 đến 84,1%)",
    ),
    (
        "million",
        Quantity(14.5e6, 14.45e6, 14.55e6),
        "14.5 million (14.45 to 14.55 million)",
        "14,5 millions (14,45 à 14,55 millions)",
        "14,5 triệu (14,45 đến 14,55 triệu)",
    ),
    ("one and a half", Quantity(1.5e6, 1.5e6, 1.5e6), "1.5 million", "1,5 million", "1,5 triệu"),
    ("exact million", Quantity(6738123, 6738123, 6738123), "6,738,123", "6\u202f738\u202f123", "6.738.123"),
    ("open above", Quantity(6.6e6, 6.6e6, INF), "at least 6.6 million", "au moins 6,6 millions", "ít nhất 6,6 triệu"),
    ("open below", Quantity(NAN, -INF, 0.4, "share"), "at most 40%", "au plus 40\u00a0%", "nhiều nhất 40%"),
    ("bounds alone", Quantity(NAN, 0.858, 0.875, "share"), "85.8 to 87.5%", "85,8 à 87,5\u00a0%", "85,8 đến 87,5%"),
    ("unknown", Quantity(NAN, NAN, NAN), "not known", "inconnu", "không rõ"),
    ("no bounds", Quantity(44, NAN, NAN), "44", "44", "44"),
    ("whole bounds", Quantity(NAN, 32984, 39746), "32,984 to 39,746", "32\u202f984 à 39\u202f746", "32.984 đến 39.746"),
    (
        "percent",
        Quantity(56, 55.5, 56.5, "percent"),
        "56% (55.5 to 56.5%)",
        "56\u00a0% (55,5 à 56,5\u00a0%)",
        "56% (55,5 đến 56,5%)",
    ),
    (
        "money",
        Quantity(3119e9, 3119e9, 3119e9, "VND"),
        "3,119 billion VND",
        "3\u202f119 milliards de VND",
        "3.119 tỷ đồng",
    ),
    (
        "money a head",
        Quantity(1.05e9, 1.043e9, 1.061e9, "VND"),
        "1.05 billion VND (1.043 to 1.061 billion VND)",
        "1,05 milliard de VND (1,043 à 1,061 milliard de VND)",
        "1,05 tỷ đồng (1,043 đến 1,061 tỷ đồng)",
    ),
    (
        "billion VND",
        Quantity(10321.5, 10321.5, 10321.5, "billion VND"),
        "10,321.5 billion VND",
        "10\u202f321,5 milliards de VND",
        "10.321,5 tỷ đồng",
    ),
    ("days", Quantity(1, 1, 1, "days"), "1 day", "1 jour", "1 ngày"),
    ("near all", Quantity(55293 / 55309, 55293 / 55309, 55293 / 55309, "share"), "99.97%", "99,97\u00a0%", "99,97%"),
    ("nearly nothing", Quantity(0.00021, 0.00021, 0.00021, "share"), "0.02%", "0,02\u00a0%", "0,02%"),
    ("wider than itself", Quantity(5.3, 0.2, 40.1), "5 (0 to 41)", "5 (0 à 41)", "5 (0 đến 41)"),
]


@pytest.mark.parametrize(
    ("q", "en", "fr", "vi"), [case[1:] for case in QUANTITIES], ids=[case[0] for case in QUANTITIES]
)
def test_quantity(q, en, fr, vi):
    assert [quantity(q, language=language) for language in lang.LANGUAGES] == [en, fr, vi]


def test_parts_of_a_quantity():
    q = Quantity(0.83, 0.828, 0.841, "share")
    assert quantity(q, language="en", part="value") == "83%"
    assert quantity(q, language="en", part="bounds") == "82.8 to 84.1%"
    with pytest.raises(ValueError, match="part must be one of both, value, bounds; got 'middle'"):
        quantity(q, language="en", part="middle")


@given(
    low=st.floats(0, 1e7),
    relative=st.floats(1e-6, 2),
    unit=st.sampled_from(["count", "ratio"]),
)
def test_printed_bounds_contain_the_computed_ones(low, relative, unit):
    width = relative * (1 + low)
    high = low + width
    text = quantity(Quantity(NAN, low, high, unit), language="en").replace("\N{MINUS SIGN}", "-")
    factor = 1e6 if "million" in text else 1.0
    first, last = (float(x.replace(",", "")) * factor for x in re.findall(r"-?[\d,]+(?:\.\d+)?", text))
    slack = 1e-6 * max(1.0, high)
    assert first <= low + slack
    assert last >= high - slack
    # Two digits of the width are kept, so each end moves by a fifth of it at most; or four digits of the number.
    fourth = 10.0 ** (math.floor(math.log10(high)) - 3)
    assert last - first <= 1.42 * width + 2 * fourth + slack


@pytest.mark.parametrize(
    ("day", "style", "en", "fr", "vi"),
    [
        (datetime.date(2025, 7, 1), "long", "1 July 2025", "1er juillet 2025", "1 tháng 7 năm 2025"),
        (datetime.date(2025, 10, 28), "long", "28 October 2025", "28 octobre 2025", "28 tháng 10 năm 2025"),
        (datetime.date(2025, 10, 28), "medium", "28 Oct 2025", "28 oct. 2025", "28/10/2025"),
        (datetime.date(2025, 9, 30), "short", "30 Sept", "30 sept.", "30/9"),
        (datetime.date(2025, 8, 1), "month", "August 2025", "août 2025", "tháng 8/2025"),
    ],
)
def test_date(day, style, en, fr, vi):
    assert [lang.date(day, language=language, style=style) for language in lang.LANGUAGES] == [en, fr, vi]


def test_percent_and_money():
    assert lang.percent(0.5, language="fr", decimals=1) == "50,0\u00a0%"
    assert lang.percent(NAN, language="en", decimals=1) == "not known"
    assert lang.money(450_000, language="vi") == "450.000 đồng"


@pytest.mark.parametrize(
    ("template", "values", "language", "expected"),
    [
        ("{place}: {n}", {"place": "Việt Nam", "n": 3321}, "en", "Viet Nam: 3,321"),
        ("{place}: {n}", {"place": "Việt Nam", "n": 3321}, "fr", "Viêt Nam: 3\u202f321"),
        ("{place}: {n}", {"place": "Đắk Lắk", "n": 3321}, "vi", "Đắk Lắk: 3.321"),
        ("{n} day||{n} days", {"n": 1}, "en", "1 day"),
        ("{n} day||{n} days", {"n": Quantity(5, 5, 5)}, "fr", "5 jours"),
        ("{n} day||{n} days", {"n": 5}, "vi", "5 ngày"),
        ("{n:de} dossiers", {"n": Quantity(14.5e6, 14.45e6, 14.55e6)}, "fr", "14,5 millions de dossiers"),
        ("{n:de} dossiers", {"n": 27}, "fr", "27 dossiers"),
        ("{n:d'} habitants", {"n": Quantity(2e6, 2e6, 2e6)}, "fr", "2 millions d'habitants"),
        ("{p:de} et {q:de}", {"p": "An Giang", "q": "Huế"}, "fr", "d'An Giang et de Huế"),
        ("{p:en}, {q:de}", {"p": "Việt Nam", "q": "Việt Nam"}, "fr", "au Viêt Nam, du Viêt Nam"),
        ("{day:medium}", {"day": datetime.date(2025, 10, 28)}, "en", "28 Oct 2025"),
        ("{names}", {"names": ["Huế", "An Giang", "Cà Mau"]}, "en", "Huế, An Giang and Cà Mau"),
        ("{names}", {"names": ("Huế", "An Giang")}, "vi", "Huế và An Giang"),
        ("{s:bounds}", {"s": Quantity(0.83, 0.828, 0.841, "share")}, "en", "82.8 to 84.1%"),
    ],
)
def test_say(template, values, language, expected):
    assert lang.say(Sentence(template, values), language) == expected


def test_say_names_the_missing_value():
    with pytest.raises(ValueError, match=r"needs a value for \{rate\}; got n"):
        lang.say(Sentence("{n} {rate}", {"n": 1}), "en")


def test_say_refuses_what_it_cannot_write():
    with pytest.raises(ValueError, match="must be a Quantity, number, date, string or list"):
        lang.say(Sentence("{n}", {"n": {1}}), "en")


@pytest.mark.parametrize(
    "call",
    [
        lambda: lang.translate("not known", "de"),
        lambda: lang.number(1, language="de"),
        lambda: lang.percent(1, language="de"),
        lambda: lang.money(1, language="de"),
        lambda: lang.date(datetime.date(2025, 1, 1), language="de"),
        lambda: lang.place_name("Huế", language="de"),
        lambda: lang.say(Sentence("x"), "de"),
        lambda: lang.translate_notebook(nbformat.v4.new_notebook(), "de"),
        lambda: lang.indicator_label("a", codebook=CODEBOOK, language="de"),
    ],
)
def test_unknown_language_lists_the_known_ones(call):
    with pytest.raises(ValueError, match="language must be one of en, fr, vi; got 'de'"):
        call()


CODEBOOK = pd.DataFrame(
    {"code": ["a"], "label_en": ["Dossiers"], "label_fr": ["Dossiers reçus"], "label_vi": ["Hồ sơ"]}
)


def test_indicator_label():
    assert lang.indicator_label("a", codebook=CODEBOOK, language="vi") == "Hồ sơ"
    with pytest.raises(ValueError, match=r"got 'b'\. The codebook begins a"):
        lang.indicator_label("b", codebook=CODEBOOK, language="en")


def test_text_without_translation_stays_english():
    assert lang.translate("No catalogue knows this.", "vi") == "No catalogue knows this."


def notebooks():
    paths = sorted(prose.NOTEBOOKS.glob("[0-9]*.ipynb"))
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}


def message_ids(catalogue):
    return ["||".join(m.id) if isinstance(m.id, tuple) else m.id for m in catalogue if m.id]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_library_is_translated(language):
    wanted = message_ids(prose.extract_library_messages(notebooks=notebooks().values()))
    known = known_texts(catalogue_path(LIBRARY_LOCALE, language, LIBRARY_DOMAIN), language)
    assert len(wanted) > 100
    assert [text for text in wanted if text not in known] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_paragraph_of_the_notebooks_is_translated(language):
    missing = {}
    for stem, notebook in notebooks().items():
        known = known_texts(catalogue_path(prose.NOTEBOOKS / "locale", language, stem), language)
        lacking = [text for text in message_ids(prose.extract_messages([notebook])) if text not in known]
        if lacking:
            missing[stem] = lacking
    assert missing == {}


def texts_of(answer):
    """Return every text that an answer hands to its reader in English."""
    yield from (sentence.template for sentence in answer.sentences)
    if answer.unknown is not None:
        yield answer.unknown.template
    yield from (answer.caption, answer.notes, *answer.columns.values())
    for form in answer.forms:
        yield form.title
        yield from (str(text) for name, text in form.options.items() if name.endswith("_label"))


@pytest.mark.slow
@pytest.mark.parametrize("stem", sorted(notebooks()))
def test_what_a_notebook_says_is_translated(stem, monkeypatch):
    """The extractor reads code; this runs it, so that a text built where the extractor cannot see is found too."""
    from reform_analysis.reports import report

    said = []
    monkeypatch.setattr(report.Reader, "show", lambda reader, answer: said.extend(texts_of(answer)))
    names = {}
    for cell in notebooks()[stem].cells:
        if cell.cell_type == "code" and "colophon" not in cell.source:
            exec(cell.source, names)
    assert len(said) > 10
    for language in TRANSLATED:
        known = known_texts(catalogue_path(LIBRARY_LOCALE, language, LIBRARY_DOMAIN), language)
        assert sorted({text for text in said if text and text not in known and re.search(r"[a-z]{3}", text)}) == []


def catalogues():
    yield from LIBRARY_LOCALE.rglob("*.po")
    yield from (prose.NOTEBOOKS / "locale").rglob("*.po")


@pytest.mark.parametrize("path", sorted(catalogues()), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_translations_keep_placeholders_and_markup(path):
    language = path.parts[-3]
    for text, forms in known_texts(path, language).items():
        english = text.split("||")
        for i, form in enumerate(forms):
            # A singular may say "one" where the plural gives the number.
            models = english if len(english) > 1 else english[:1]
            faults = [prose.disagreements(model, form) for model in models]
            assert [] in faults, f"{form!r} (form {i} of {text!r}): {faults}"


@pytest.mark.parametrize("path", sorted(catalogues()), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_french_has_its_spaces_and_vietnamese_its_marks(path):
    language = path.parts[-3]
    for *_, form in known_texts(path, language).values():
        if language == "fr":
            assert not re.search(r"[^\s\u00a0\u202f][;!?]", form), f"a space before {form!r}"
        elif len(words := re.sub(r"\{[^}]*\}|`[^`]*`", "", form)) > 25:
            marked = any(map(unicodedata.combining, unicodedata.normalize("NFD", words)))
            assert marked, f"no Vietnamese in {form!r}"


@pytest.mark.parametrize(
    ("text", "translation", "lost"),
    [
        ("{n} of {all}", "{n} sur {tout}", ["placeholders"]),
        ("{share} of", "{share:value} de", []),
        ("a **bold** word", "un mot gras", ["emphasis"]),
        ("see [the rows](#rows)", "voir [les lignes](#lignes)", ["links"]),
        ("`place` names", "`lieu` nomme", ["code"]),
        ("## Heading", "Titre", ["headings"]),
        ("- a\n- b", "- a et b", ["list items"]),
        ("| a | b |\n|---|---|", "| a |\n|---|", ["table cells"]),
        ("{n}", "{n", ["expected '}' before end of string"]),
    ],
)
def test_disagreements(text, translation, lost):
    assert prose.disagreements(text, translation) == lost


SOURCE = """
RATE_LABELS = {"a": "First label", "b": 3, "A question?": "Its answer"}
_SERIES = {("a", "b"): "series of a"}
HIGH, LOW = "high", "low"
SERIES_LABELS = {key[0]: words for key, words in _SERIES.items()}
GRADE_LABELS = {grade: grade for grade in (HIGH, LOW)}
other = {"a": "Not a label"}
Sentence("Said {n}" " twice", {"n": 1})
x.show(y, caption="A caption", language="en", columns={"a": "Header"}, notes="A" if z else "B")
steps(a, x_label="dossiers", marks={"Deadline": "2025-08-31"}, label="column", title=None)
compose(p, i, f, kind="Step chart")
Form("steps", "A title", {"x": "date", "y_label": "people"})
sort_values(kind="stable")
def _columns(codes):
    return {"share": "Share filled"}
"""


def test_texts_in_code_are_found():
    upper = "A|A caption|A question?|A title|B|Deadline|First label|Header|Its answer"
    upper += "|Said {n} twice|Share filled|Step chart"
    lower = "dossiers|high|low|people|series of a"
    assert set(messages_in_code(SOURCE)) == {*upper.split("|"), *lower.split("|")}


MARKDOWN = "# Title\n\nA paragraph\non two lines.\n\n```python\nx = 1\n\ny = 2\n```\n\n---\n\n- one\n- two\n"


def test_markdown_is_cut_into_paragraphs_and_nothing_is_lost():
    pieces = list(prose.paragraphs(MARKDOWN))
    assert "".join(piece for piece, _ in pieces) == MARKDOWN
    texts = [piece.strip() for piece, is_text in pieces if is_text]
    assert texts == ["# Title", "A paragraph\non two lines.", "- one\n- two"]


@given(st.text(alphabet="ab# \n`-", max_size=60))
def test_cutting_markdown_never_loses_a_letter(markdown):
    assert "".join(piece for piece, _ in prose.paragraphs(markdown)) == markdown


@pytest.fixture
def project(tmp_path):
    """A project with one notebook and one module, without catalogues."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(MARKDOWN),
            nbformat.v4.new_code_cell('ra.tables.show(a, language=language, caption="Caption here")'),
        ]
    )
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "01_test.ipynb")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "a.py").write_text('Sentence("{n} place||{n} places")', encoding="utf-8")
    prose.update(notebooks=tmp_path / "notebooks", package=tmp_path / "package")
    return tmp_path


def test_update_collects_texts_and_keeps_translations(project):
    path = catalogue_path(project / "notebooks" / "locale", "fr", "01_test")
    assert '"Caption here"' in (project / "package/display/locale/fr/LC_MESSAGES/reform_analysis.po").read_text("utf-8")
    assert 'msgid_plural "{n} places"' in (
        project / "package/display/locale/vi/LC_MESSAGES/reform_analysis.po"
    ).read_text("utf-8")
    written = path.read_text("utf-8").replace('msgid "# Title"\nmsgstr ""', 'msgid "# Title"\nmsgstr "# Titre"')
    path.write_text(written, encoding="utf-8")
    prose.update(notebooks=project / "notebooks", package=project / "package")
    assert path.read_text("utf-8") == written


def test_update_drops_texts_no_longer_used(project):
    (project / "package" / "a.py").write_text("", encoding="utf-8")
    prose.update(notebooks=project / "notebooks", package=project / "package")
    assert "places" not in (project / "package/display/locale/vi/LC_MESSAGES/reform_analysis.po").read_text("utf-8")


def test_notebook_is_translated_by_paragraph(project):
    locale = project / "notebooks" / "locale"
    path = catalogue_path(locale, "fr", "01_test")
    path.write_text(
        path.read_text("utf-8").replace('msgid "# Title"\nmsgstr ""', 'msgid "# Title"\nmsgstr "# Titre"'), "utf-8"
    )
    notebook = nbformat.read(project / "notebooks" / "01_test.ipynb", as_version=4)
    french = lang.translate_notebook(notebook, "fr", stem="01_test", locale=locale)
    assert french.cells[0].source == MARKDOWN.replace("# Title", "# Titre")
    assert french.cells[1] == notebook.cells[1]
    assert notebook.cells[0].source == MARKDOWN
    assert lang.translate_notebook(notebook, "fr", locale=locale) == french
    assert lang.translate_notebook(notebook, "en", stem="01_test", locale=locale) == notebook


def test_update_asks_anew_for_a_text_that_lost_its_plural(project):
    path = project / "package/display/locale/fr/LC_MESSAGES/reform_analysis.po"
    path.write_text(
        path.read_text("utf-8").replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "lieu"\nmsgstr[1] "lieux"'), "utf-8"
    )
    (project / "package" / "a.py").write_text('Sentence("{n} place")', encoding="utf-8")
    prose.update(notebooks=project / "notebooks", package=project / "package")
    assert 'msgid "{n} place"\nmsgstr ""' in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{n} figures of {reports} report||{n} figures of {reports} reports", "8 figures of 1 reports"),
        ("{n} figures of {reports:#} report||{n} figures of {reports:#} reports", "8 figures of 1 report"),
    ],
    ids=["the first decides", "the marked one decides"],
)
def test_which_number_chooses_the_plural(template, said):
    assert lang.say(Sentence(template, {"n": 8, "reports": 1}), "en") == said


@pytest.mark.parametrize(
    ("language", "said"), [("en", "2,236 / 6,545"), ("fr", "2\u202f236 / 6\u202f545"), ("vi", "2.236 / 6.545")]
)
def test_labels_of_analyses_group_digits_as_the_reader_does(language, said):
    assert label_words("2\u202f236 / 6\u202f545", language) == said


@pytest.mark.parametrize(
    ("count", "en", "fr", "vi"), [(0, 1, 0, 0), (1, 0, 0, 0), (1.5, 1, 0, 0), (2, 1, 1, 0), (14.5, 1, 1, 0)]
)
def test_plural(count, en, fr, vi):
    assert [plural_index(count, language) for language in lang.LANGUAGES] == [en, fr, vi]
