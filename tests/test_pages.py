"""Built pages in a real Chromium: they fit, fetch nothing, complain of nothing, and a keyboard reaches everything."""

from pathlib import Path

import browser
import pytest

from reform_analysis.reports import batch, build, failures
from reform_analysis.reports.progress import Quiet

chromium = browser.chromium
pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
# name of the page -> the notebook, and the parameters it is built with
BUILT = {
    "en": ("04_digital_services", {}),
    "fr": ("02_decentralisation", {"language": "fr"}),
    "vi": ("06_place_profile", {"language": "vi", "place": "Lào Cai"}),
}
WIDTHS = (320, 768, 1440)
# a page of A4 at 96 dots an inch, less margins of a centimetre
PRINTED = 718

UNDESCRIBED = """() => [...document.querySelectorAll('img, [role=img], [role=region]')]
    .filter(one => !(one.alt || one.ariaLabel || '').trim()).map(one => one.outerHTML.slice(0, 80))"""
# words of headings and header cells that stand on more than one line; a range has one rectangle a line
BROKEN = """() => [...document.querySelectorAll('th, h1, h2, h3')].flatMap(cell => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [], range = document.createRange();
    while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/[^\\s-–]+/g)) {
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(lines => lines.top)).size > 1) broken.push(word[0]);
    }
    return broken;
})"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ON_WIDE = "() => document.activeElement.matches('.scroll') && document.activeElement.scrollWidth > innerWidth"
# ratio of contrast of page and text (WCAG 2.2, section 1.4.3), for opaque colours as here
CONTRAST = """() => {
    const style = getComputedStyle(document.body);
    const [one, other] = [style.color, style.backgroundColor].map(colour => colour.match(/\\d+/g).slice(0, 3)
        .map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0));
    return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), other];
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory, chromium):
    """Address of each page by its name: a report a language, and the page of a report that failed."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {name: batch.single(NOTEBOOKS / f"{stem}.ipynb", given) for name, (stem, given) in BUILT.items()}
    summary = build.build(list(reports.values()), folder, progress=Quiet(), jobs=2)
    assert not summary.failures
    made = {name: folder / f"{report.id}.html" for name, report in reports.items()}
    made["failure"] = folder / "failure.html"
    broken = {"cell": 3, "source": "1 / 0", "traceback": ["ZeroDivisionError: division by zero"]}
    made["failure"].write_text(failures.page(reports["en"], "failed", "ZeroDivisionError: division by zero", broken))
    return {name: path.as_uri() for name, path in made.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*BUILT, "failure"])
def test_page_fits_fetches_nothing_and_is_described(chromium, pages, name, width, scheme):
    complaints = []
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with browser.opened(chromium, **options) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(pages[name])
        assert page.evaluate(OVERFLOW) <= 0
        assert page.evaluate(BROKEN) == []
        assert page.evaluate(UNDESCRIBED) == []
        contrast, ground = page.evaluate(CONTRAST)
        assert contrast >= 7
        assert (ground < 0.2) == (scheme == "dark")
        assert page.locator("html").get_attribute("lang") == (name if name in BUILT else "en")
        assert page.locator("h1").count() == 1
    assert complaints == []


@pytest.mark.parametrize("name", BUILT)
def test_keyboard_unfolds_code_and_moves_wide_tables(chromium, pages, name):
    with browser.opened(chromium, viewport={"width": 320, "height": 800}) as page:
        page.goto(pages[name])
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("one => [one.tagName, getComputedStyle(one).outlineStyle]") == ["SUMMARY", "solid"]
        page.keyboard.press("Enter")
        assert page.locator("details").first.get_attribute("open") is not None
        assert page.evaluate(OVERFLOW) <= 0
        for _ in range(page.locator("summary, a, .scroll").count()):
            page.keyboard.press("Tab")
            if page.evaluate(ON_WIDE):
                break
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.activeElement.scrollLeft > 0")


@pytest.mark.parametrize("name", BUILT)
def test_printed_page_is_whole_and_without_code(chromium, pages, name):
    with browser.opened(chromium, viewport={"width": PRINTED, "height": 1000}) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(pages[name])
        assert page.evaluate(OVERFLOW) <= 0
        assert page.locator("details:visible").count() == 0
        assert page.evaluate(CONTRAST)[1] == 1


@pytest.mark.parametrize("name", BUILT)
def test_notes_lead_to_their_source(chromium, pages, name):
    with browser.opened(chromium) as page:
        page.goto(pages[name])
        lost = (
            "() => [...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash)).length"
        )
        assert page.locator("a[href^='#source-']").count() > 0
        assert page.evaluate(lost) == 0
