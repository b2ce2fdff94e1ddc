"""References: the report, its data and the software, and just the sources that the report lists."""

import dataclasses
import json
import re
from html import escape

import pytest
from report_sample import HOSTILE, notebook, report

from reform_analysis.display.citations import Citations
from reform_analysis.display.sources import sources_list
from reform_analysis.evidence import store
from reform_analysis.reports import bibliography, document

AUTHOR = "The reform-analysis contributors (2026). "
# language -> how the report, the data and the software are cited after their author and year
LINES = {
    "en": [
        "T. Huế, figures up to 31 October 2025. Made with reform-analysis {v}.",
        "{d}. Version {v} [data set].",
        "reform-analysis. Version {v} [computer software].",
    ],
    "fr": [
        "T. Huế, chiffres jusqu’au 31 octobre 2025. Établi avec reform-analysis {v}.",
        "{d}. Version {v} [jeu de données].",
        "reform-analysis. Version {v} [logiciel].",
    ],
    "vi": [
        "T. Huế, số liệu đến ngày 31 tháng 10 năm 2025. Lập bằng reform-analysis {v}.",
        "{d}. Phiên bản {v} [bộ dữ liệu].",
        "reform-analysis. Phiên bản {v} [phần mềm].",
    ],
}


def works(language="en", released="2026-11-25"):
    shown = report(language)
    return bibliography.own_works("T", shown.facts, shown.command, language, released)


@pytest.mark.parametrize("language", LINES)
def test_how_to_cite_in_the_reader_s_language(language):
    made = works(language)
    said = {"v": made[2].version, "d": made[1].title}
    assert [work.line(language) for work in made] == [AUTHOR + line.format(**said) for line in LINES[language]]


def test_without_a_day_or_facts_nothing_is_made_up():
    made = bibliography.own_works("T", (), "run x", "en", "")
    assert made[0].line("en") == f"The reform-analysis contributors. T. Made with reform-analysis {made[0].version}."


def test_the_section_stands_near_the_end_of_a_report_that_a_build_made():
    blocks = report("vi").blocks
    last = next(index for index, block in enumerate(blocks) if getattr(block, "id", "") == "how-to-cite")
    heading, section = blocks[last : last + 2]
    assert heading.text == "Cách trích dẫn"
    assert all(block.kind == "colophon" for block in blocks[last + 2 :] if isinstance(block, document.Html))
    assert all(escape(work.line("vi")) in section.html for work in report("vi").works)
    plain = notebook("vi")
    del plain["metadata"]["reform_analysis"]["notebook"]
    assert document.read(plain).works == ()
    assert not any(getattr(block, "id", "") == "how-to-cite" for block in document.read(plain).blocks)


def with_sources(rows):
    """Return the sample report, citing the sources of these rows of the table of sources."""
    sources = store.table("sources")
    cited = Citations(sources)
    for place in rows:
        cited.numbers([f"{sources['source_id'][place]}.01"])
    shown = report("en")
    listed = document.Html("sources", sources_list(cited, language="en")._repr_html_())
    kept = [block for block in shown.blocks if getattr(block, "kind", "") != "sources"]
    return dataclasses.replace(shown, blocks=(*kept, listed)), [sources["source_id"][place] for place in rows]


def test_every_source_listed_is_in_each_file_in_order():
    shown, ids = with_sources([5, 2, 40, 11])
    own = [work.id for work in shown.works]
    bib, ris, csl = (content.decode() for content in bibliography.files(shown))
    assert re.findall(r"^@\w+\{([^,]+),$", bib, flags=re.MULTILINE) == own + ids
    assert re.findall(r"^ID  - (.+)$", ris, flags=re.MULTILINE) == own + ids
    items = json.loads(csl)
    assert [item["id"] for item in items] == own + ids
    assert [item["type"] for item in items[:4]] == ["report", "dataset", "software", "webpage"]
    assert re.findall(r"^@(\w+)", bib, flags=re.MULTILINE)[:4] == ["report", "dataset", "software", "online"]
    assert re.findall(r"^TY  - (\w+)", ris, flags=re.MULTILINE)[:4] == ["RPRT", "DATA", "COMP", "ELEC"]
    assert "nan" not in bib.lower().split("@online")[1]


def test_a_report_without_a_list_cites_itself_only():
    shown = dataclasses.replace(report("en"), blocks=())
    assert len(json.loads(bibliography.files(shown)[2])) == 3


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_ends_no_entry(title):
    shown = report("en")
    work = dataclasses.replace(shown.works[0], title=title)
    bib, _, csl = (text.decode() for text in bibliography.files(dataclasses.replace(shown, works=(work,))))
    bare = re.sub(r"\\.", "", bib)
    assert bare.count("{") == bare.count("}")
    assert len(re.findall(r"^@", bib, flags=re.MULTILINE)) == 1
    assert json.loads(csl)[0]["title"].startswith(title)


def test_a_work_s_key_follows_its_command():
    shown = report("en")
    other = bibliography.own_works("T", shown.facts, "run other", "en", "")
    assert works()[0].id != other[0].id
    assert re.fullmatch(r"report-[0-9a-f]{6}", other[0].id)
