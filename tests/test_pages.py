"""Built pages in a real Chromium: accessible, they fit, fetch nothing, complain of nothing, a keyboard reaches all."""

import contextlib
import itertools
from pathlib import Path

import browser
import pytest

from reform_analysis.reports import batch, build, failures
from reform_analysis.reports.progress import Quiet

chromium = browser.chromium
pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
LANGUAGES = ("en", "fr", "vi")
# name of the page -> the notebook, and the parameters it is built with; together all kinds of content
BUILT = {
    "en": ("05_resources_and_directives", {}),
    "fr": ("02_decentralisation", {"language": "fr"}),
    "vi": ("06_place_profile", {"language": "vi", "place": "Lào Cai"}),
}
# no source of class A printed anything about dossiers of this province by then
NOT_APPLICABLE = (
    "04_digital_services",
    {"language": "fr", "place": "Sơn La", "as_of": "2025-07-03", "min_reliability": "A"},
)
NAMES = (*BUILT, "not applicable", "failure")
NATIONAL = {
    f"{stem}-{language}": (stem, {"language": language})
    for stem, language in itertools.product((path.stem for path in sorted(NOTEBOOKS.glob("0*.ipynb"))), LANGUAGES)
}
WIDTHS = (320, 768, 1440)
SCHEMES = ("light", "dark")
# a page of A4 at 96 dots an inch, less margins of 1.8 centimetres
PRINTED = 658
# a report that a journal's submission system and a slow line take without trouble
LARGEST = 600_000

# rules for success criteria of levels A and AA up to WCAG 2.2, and what axe-core holds to be good practice
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
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
# boxes of the page that lie over the one before them
OVERLAP = """() => {
    const boxes = [...document.querySelectorAll('body > *, main > *, header > *')].filter(one => one.offsetHeight);
    return boxes.flatMap(one => {
        const next = one.nextElementSibling;
        if (!next || !next.offsetHeight || getComputedStyle(one).display.startsWith('inline')) return [];
        const [above, below] = [one.getBoundingClientRect(), next.getBoundingClientRect()];
        const apart = above.bottom <= below.top + 1 || above.right <= below.left + 1 || below.right <= above.left + 1;
        return apart ? [] : [one.outerHTML.slice(0, 60) + next.outerHTML.slice(0, 60)];
    });
}"""
STOPS = """() => [...document.querySelectorAll('a[href], button, summary, [tabindex="0"]')]
    .filter(one => one.checkVisibility()).length"""
FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    window.stops = window.stops || new Set();
    const first = one !== document.body && !window.stops.has(one);
    window.stops.add(one);
    return [first, style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2, one.outerHTML.slice(0, 60)];
}"""
LOST = "() => [...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash)).length"
PAPER = "() => getComputedStyle(document.body).backgroundColor"


def _made(reports, folder):
    """Build reports; return where the page of each lies."""
    summary = build.build(list(reports.values()), folder, progress=Quiet(), jobs=2)
    assert not summary.failures
    return {name: folder / f"{report.id}.html" for name, report in reports.items()}, summary


def _report(stem, given):
    return batch.single(NOTEBOOKS / f"{stem}.ipynb", given)


@pytest.fixture(scope="module")
def files(tmp_path_factory, chromium):
    """File of each page by its name: a report a language, one that does not apply, and one of a failure."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {name: _report(*asked) for name, asked in (BUILT | {"not applicable": NOT_APPLICABLE}).items()}
    made, summary = _made(reports, folder)
    assert summary.counts["not applicable"] == 1
    made["failure"] = folder / "failure.html"
    broken = {"cell": 3, "source": "1 / 0", "traceback": ["ZeroDivisionError: division by zero"]}
    made["failure"].write_text(failures.page(reports["en"], "failed", "ZeroDivisionError: division by zero", broken))
    return made


@pytest.fixture(scope="module")
def national(tmp_path_factory, chromium):
    """File of each report of the standard batch."""
    reports = {name: _report(*asked) for name, asked in NATIONAL.items()}
    return _made(reports, tmp_path_factory.mktemp("national"))[0]


@contextlib.contextmanager
def _opened(chromium, path, **options):
    """Yield a page that is open, asks for nothing outside and complains of nothing."""
    complaints = []
    with browser.opened(chromium, **options) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        yield page
    assert complaints == []


def _fits(page, width, scheme):
    """Hold a page against what it must be at any width and in both schemes of colours."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(OVERLAP) == []
    assert (page.evaluate(PAPER) == "rgb(255, 255, 255)") == (scheme == "light")


def _violations(page):
    """Return what axe-core finds, rule by rule."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core comes with the extra `test`")
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.parametrize(
    ("name", "language", "width", "scheme"),
    [
        ("en", "en", 1440, "light"),
        ("fr", "fr", 320, "dark"),
        ("vi", "vi", 768, "light"),
        ("not applicable", "fr", 1440, "dark"),
        ("failure", "en", 320, "dark"),
    ],
)
def test_page_is_accessible_fits_and_fetches_nothing(chromium, files, name, language, width, scheme):
    with _opened(chromium, files[name]) as page:
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1
        for at in itertools.product(WIDTHS, SCHEMES):
            _fits(page, *at)
        _fits(page, width, scheme)
        assert _violations(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NATIONAL)
def test_every_national_page_is_accessible_fits_and_fetches_nothing(chromium, national, name):
    assert national[name].stat().st_size < LARGEST
    with _opened(chromium, national[name]) as page:
        for at in itertools.product(WIDTHS, SCHEMES):
            _fits(page, *at)
        for at in ((320, "dark"), (1440, "light")):
            _fits(page, *at)
            assert _violations(page) == []
        page.set_viewport_size({"width": PRINTED, "height": 1000})
        page.emulate_media(media="print")
        assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("name", NAMES)
def test_keyboard_reaches_everything_and_shows_where_it_is(chromium, files, name):
    with browser.opened(chromium, viewport={"width": 1440, "height": 800}) as page:
        page.goto(files[name].as_uri())
        stops = page.evaluate(STOPS)
        for _ in range(stops):
            page.keyboard.press("Tab")
            first, outlined, element = page.evaluate(FOCUS)
            assert first, f"the keyboard comes back to {element} before it was everywhere"
            assert outlined, f"focus cannot be seen on {element}"


def test_keyboard_unfolds_code_one_by_one_and_all_at_once(chromium, files):
    with browser.opened(chromium, viewport={"width": 320, "height": 800}) as page:
        page.goto(files["vi"].as_uri())
        cells = page.locator("details.code")
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("details[open]").count() == 1
        button = page.locator("#all-code")
        button.focus()
        for pressed, unfolded in (("true", cells.count()), ("false", 0)):
            page.keyboard.press("Space")
            assert button.get_attribute("aria-pressed") == pressed
            assert page.locator("details[open]").count() == unfolded
            assert page.evaluate(OVERFLOW) <= 0


def test_keyboard_moves_a_table_that_is_wider_than_the_page(chromium, files):
    with browser.opened(chromium, viewport={"width": 320, "height": 800}) as page:
        page.goto(files["fr"].as_uri())
        page.evaluate("() => [...document.querySelectorAll('.scroll')].find(t => t.scrollWidth > innerWidth).focus()")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.activeElement.scrollLeft > 0")
        assert page.evaluate("() => document.activeElement.matches('.scroll')")


def test_code_unfolds_where_scripts_do_not_run(chromium, files):
    with browser.opened(chromium, java_script_enabled=False) as page:
        page.goto(files["vi"].as_uri())
        assert not page.locator("#all-code").is_visible()
        page.locator("summary").first.press("Enter")
        assert page.locator("details.code > .highlight").first.is_visible()


@pytest.mark.parametrize("name", BUILT)
def test_printed_page_is_whole_and_without_code(chromium, files, name):
    with browser.opened(chromium, viewport={"width": PRINTED, "height": 1000}) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(files[name].as_uri())
        assert page.evaluate(OVERFLOW) <= 0
        assert page.locator("details:visible, button:visible").count() == 0
        assert page.evaluate(PAPER) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", BUILT)
def test_every_reference_leads_somewhere(chromium, files, name):
    with browser.opened(chromium) as page:
        page.goto(files[name].as_uri())
        for kind in ("#source-", "#table-", "#figure-"):
            assert page.locator(f"main a[href^='{kind}']").count() > 0
        assert page.locator("nav a").count() == page.locator("main h2, main h3").count()
        assert page.evaluate(LOST) == 0


@pytest.mark.parametrize("name", BUILT)
def test_page_is_small(files, name):
    assert files[name].stat().st_size < LARGEST
