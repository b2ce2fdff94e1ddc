"""The index in a real Chromium: accessible, quick, whole at every width, on paper and without its script."""

import statistics

import browser
import pytest
from test_site import number, profile, record

from reform_analysis.display.positions import TILES
from reform_analysis.evidence import store
from reform_analysis.reports import ledger, site

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
chromium = browser.chromium
pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# what a press of a key costs until the page stands again, in milliseconds, for each letter typed
KEYSTROKES = """async text => {
    const field = document.getElementById('words'), times = [];
    for (let length = 1; length <= text.length; length++) {
        field.value = text.slice(0, length);
        const start = performance.now();
        field.dispatchEvent(new InputEvent('input', {bubbles: true}));
        document.body.getBoundingClientRect();
        times.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
    }
    return times;
}"""


def records():
    """Every kind of record: profiles in two languages, changes, failures, what does not apply."""
    numbers = [number(), number("dossiers_a_day", 121212, 119696, 122727, "dossiers a day"), number("n"), number("m")]
    before = {"status": "ok", "key_numbers": [number(value=0.45), number("dossiers_a_day", 1e5, 9e4, 1.1e5)]}
    for language in site.LANGUAGES:
        yield record(f"national/4-{language}", language=language, key_numbers=numbers, previous=before)
    for _, _, place in TILES.values():
        for language in ("en", "vi"):
            yield profile(
                place, "failed" if place == "Huế" else "ok", language=language, message="KeyError: " + "x" * 90
            )
    yield record("reviews/a", "not applicable", message="No figure was published by 15 July 2025.", key_numbers=[])
    yield record("reviews/b", "timeout", message="<b>the time limit</b>\nwas reached", previous=before)
    parameters = {"place": "Sa Pa, Lào Cai", "as_of": "2025-07-31", "language": "fr"}
    yield record("reviews/c", parameters=parameters, key_numbers=[])


def written(folder, made, name=site.NAME):
    """Write the index of some records; return its address."""
    kept = ledger.Ledger(folder / ledger.NAME)
    for one in made:
        kept.take(one)
    (folder / name).write_text(site.page(kept), encoding="utf-8")
    return (folder / name).as_uri()


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    (folder / "provinces").mkdir()
    (folder / "provinces" / "lao cai-vi.html").write_text("<title>the profile</title>")
    return written(folder, records())


def shown(page):
    return page.locator(".reports > li:visible").count()


# each width and each scheme at least once: contrast depends on the one, sizes of targets on the other
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (768, "dark"), (1440, "light")])
def test_index_breaks_no_rule_of_accessibility(chromium, index, width, scheme):
    with browser.opened(chromium, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(index)
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        found = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_index_fits_complains_of_nothing_and_fetches_nothing(chromium, index, width, scheme):
    complaints, asked = [], []
    with browser.opened(chromium, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(index)
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        assert page.evaluate(OVERFLOW) <= 0
        cut = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
        assert page.locator(".tiles:visible li > *").evaluate_all(cut) == []
        assert page.locator(".tiles:visible li").count() == len(TILES)
    assert complaints == []
    assert asked == [index]


def test_keyboard_alone_reaches_everything(chromium, index):
    with browser.opened(chromium, viewport={"width": 1440, "height": 900}) as page:
        page.goto(index)
        stops = "a[href], summary, button, select, input[type=search], .scroll, [name=profiles]:checked"
        wanted = page.locator(stops).evaluate_all("all => all.filter(one => one.checkVisibility()).length")
        seen = set()
        for _ in range(wanted):
            page.keyboard.press("Tab")
            seen.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        assert len(seen) == wanted
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body")


def test_map_leads_to_a_profile_in_the_chosen_language(chromium, index):
    with browser.opened(chromium) as page:
        page.goto(index)
        assert page.locator(".tiles:visible").get_attribute("aria-label") == "Profiles in English"
        page.locator("[name=profiles]:checked").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator(".tiles:visible").get_attribute("aria-label") == "Profiles in Tiếng Việt"
        page.locator(".tiles:visible a", has_text="Lào Cai").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/lao%20cai-vi.html")
        assert page.title() == "the profile"


# what is typed and chosen -> how many reports are left
ASKED = [
    ("lao cai", {}, 3),
    ("  LÀO   Cai ", {}, 3),
    ("lào cai vi", {}, 1),
    ("dossiers", {}, 3),
    ("time limit", {}, 1),
    ("ao cai", {}, 0),
    ("北", {}, 0),
    ("", {"language": "vi"}, 35),
    ("", {"language": "vi", "status": "failed"}, 1),
    ("hue", {"language": "en", "topic": "Place profile"}, 1),
    ("", {"date": "2025-07-31"}, 1),
    ("", {"place": "Hà Nội"}, 2),
]


@pytest.mark.parametrize(("typed", "chosen", "left"), ASKED)
def test_search_and_filters_find_reports(chromium, index, typed, chosen, left):
    with browser.opened(chromium) as page:
        page.goto(index)
        everything = shown(page)
        page.locator("#words").press_sequentially(typed)
        for name, value in chosen.items():
            page.locator(f"#{name}").select_option(value)
        assert shown(page) == left
        assert page.locator("#found").inner_text() == f"{left} of {everything} reports"
        page.locator("#words").press("Enter")
        assert shown(page) == left
        page.get_by_role("button", name="Clear").click()
        page.wait_for_function("document.querySelectorAll('.reports > li[hidden]').length === 0")


def test_script_and_search_keys_fold_every_place_alike(chromium, index):
    names = sorted(set(store.table("places")["name"]))
    with browser.opened(chromium) as page:
        page.goto(index)
        folded = page.evaluate("names => names.map(name => fold(name).join(' '))", names)
    assert dict(zip(names, folded, strict=True)) == {name: " ".join(site._words(name)) for name in names}


def test_a_thousand_reports_filter_within_a_blink(chromium, tmp_path):
    many = [one | {"report": f"batch{n}/{one['report'].partition('/')[2]}"} for n in range(14) for one in records()]
    address = written(tmp_path, many)
    with browser.opened(chromium, viewport={"width": 1440, "height": 900}) as page:
        page.goto(address)
        assert shown(page) == len(many) > 1000
        times = [
            time for text in ("lao cai vi", "dossiers a day", "ha noi") for time in page.evaluate(KEYSTROKES, text)
        ]
        assert shown(page) == 28
    # the typical keystroke: on a machine that also runs other tests, single ones wait for their turn
    assert statistics.median(times) < 50


def test_printed_index_has_every_report_and_no_controls(chromium, index):
    with browser.opened(chromium, viewport={"width": 718, "height": 1000}) as page:
        page.goto(index)
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(OVERFLOW) <= 0
        assert page.locator("form:visible, nav:visible, fieldset:visible").count() == 0
        assert shown(page) == len(list(records()))


def test_index_is_whole_without_its_script(chromium, index):
    with browser.opened(chromium, java_script_enabled=False) as page:
        page.goto(index)
        assert page.locator("form:visible").count() == 0
        assert shown(page) == len(list(records()))
