"""The index of an output folder: complete, the same whatever the order, harmless whatever the records hold."""

import html.parser
import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reform_analysis.display.positions import TILES
from reform_analysis.evidence import files, schema, store
from reform_analysis.evidence.resolve import RULES
from reform_analysis.reports import ledger, movements, reads, site

ORDINARY = {"size": 1, "mtime_ns": 1, "sha256": "0"}


def number(name="share_online", value=0.5, low=0.4, high=0.6, unit="share", tolerance=0.0):
    return {"name": name, "value": value, "low": low, "high": high, "unit": unit, "tolerance": tolerance, "why": "w"}


def record(report="national/one", status="ok", *, place="Việt Nam", language="en", **more):
    failed = status in ledger.FAILED
    return {
        "report": report,
        "status": status,
        "message": "",
        "title": "Digital services",
        "notebook": "04_digital_services",
        "given": {"language": language},
        "parameters": {"place": place, "as_of": "2025-10-31", "language": language},
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": 1.0,
        "outputs": {".failure.html": ORDINARY} if failed else {".html": ORDINARY, ".ipynb": ORDINARY},
        "key_numbers": [] if failed else [number()],
        "previous": None,
    } | more


def profile(place, status="ok", *, language="vi", **more):
    own = {"report": f"provinces/{site.fold(place)}-{language}", "title": "Hồ sơ địa phương"}
    return record(status=status, place=place, language=language, **own | {"notebook": "06_place_profile"} | more)


def book(*records, asked=()):
    made = ledger.Ledger(Path(ledger.NAME))
    for one in records:
        made.take(one)
    made.asked = dict(asked)
    return made


class Reader(html.parser.HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text outside of scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.within = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.within.append(tag)

    def handle_endtag(self, tag):
        if tag in self.within:
            del self.within[len(self.within) - 1 - self.within[::-1].index(tag) :]

    def handle_data(self, data):
        if not {"script", "style"} & set(self.within):
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def read(*records, **more):
    return Reader(site.page(book(*records, **more)))


def rows(page):
    return [attributes for attributes in page.all("li") if "data-key" in attributes]


# what a reader types -> the place meant
TYPED = [
    ("lao cai", "Lào Cai"),
    ("ha noi", "Hà Nội"),
    ("dak lak", "Đắk Lắk"),
    ("ho chi minh", "Hồ Chí Minh"),
    ("hue", "Huế"),
    ("sa pa lao cai", "Sa Pa, Lào Cai"),
]


@pytest.mark.parametrize(("typed", "place"), TYPED, ids=[typed for typed, _ in TYPED])
def test_search_key_holds_the_words_without_marks(typed, place):
    (row,) = rows(read(profile(place)))
    assert all(f" {word}" in row["data-key"] for word in typed.split())
    assert row["data-place"] == place


@given(st.text())
def test_search_key_is_words_that_a_script_can_look_for(text):
    (row,) = rows(read(record(title=text, message=text)))
    key = row["data-key"]
    assert key.isascii()
    assert key == " " + " ".join(key.split())


@given(st.permutations([profile("Huế"), profile("Hà Nội"), record(), record("b/two", "failed"), record("c/x")]))
@settings(max_examples=20)
def test_index_does_not_depend_on_the_order_of_building(records):
    assert site.page(book(*records)) == site.page(book(*records[::-1]))


def test_index_does_not_depend_on_times():
    outputs = {".html": ORDINARY | {"mtime_ns": 2}, ".ipynb": ORDINARY}
    later = record(started="2027-01-01T00:00:00+00:00", seconds=9.0, peak_mb=9.0, outputs=outputs)
    assert site.page(book(later)) == site.page(book(record()))


NASTY = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\" autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp;",
    "\x1b[31mred\x1b[0m \x00\x07\x9f",
    "right \u202e to left \u2067 here",
    "half \udc80 pair \ufffe",
]


@pytest.mark.parametrize(
    "nasty", NASTY, ids=["script", "image", "quotes", "template", "entities", "control", "turn", "half"]
)
@pytest.mark.parametrize("status", ["ok", "not applicable", "failed", "unheard of"])
def test_nothing_in_a_record_becomes_markup(status, nasty):
    def page_with(text):
        bad = record(
            f"b/{text}",
            status,
            place=text,
            language=text,
            title=text,
            message=text,
            notebook=text,
            given={text: text},
            key_numbers=[number(text, unit=text)],
            previous={"status": text, "key_numbers": [number(text, unit=text, value=0.41), number(f"other {text}")]},
        )
        return site.page(book(bad, record(notebook=text)))

    text = page_with(nasty)
    page, harmless = Reader(text), Reader(page_with("words"))
    assert [(tag, attributes.keys()) for tag, attributes in page.elements] == [
        (tag, attributes.keys()) for tag, attributes in harmless.elements
    ]
    shown = page.text.lower().count(site.visible(nasty).lower())
    assert shown == harmless.text.lower().count("words") > 3
    assert not site._UNSEEN.search(text)
    text.encode()


def test_page_lets_only_its_own_script_run_and_fetches_nothing():
    page = read(record())
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'")
    assert "script-src 'sha256-" in policy
    addresses = [one.get("href", one.get("src", "")) for tag in ("a", "link", "img", "script") for one in page.all(tag)]
    assert not [address for address in addresses if ":" in address and address != "data:,"]


# ending of an output -> name of the link, and address
OFFERED = [
    ({".html": {}, ".pdf": {}, ".docx": {}, ".ipynb": {}}, ["HTML", "PDF", "DOCX", "Notebook"]),
    ({".ipynb": {}, ".data.csv": {"path": "data/a b-0123456789ab.csv"}}, ["Notebook", "Data (CSV)"]),
    ({".failed.ipynb": {}, ".failure.html": {}}, ["What failed", "Notebook as far as it got"]),
    ({".html": {}, ".new": {}}, ["HTML", "NEW"]),
    ({}, []),
]


@pytest.mark.parametrize(("outputs", "names"), OFFERED, ids=["formats", "data", "failure", "unknown", "nothing"])
def test_files_are_offered_pages_first(outputs, names):
    (entry,) = [site._entry(record("b/né", outputs=outputs))]
    assert [name for name, _ in entry.files] == names
    paths = [site.quote(ledger.file_of("b/né", ending, one)) for ending, one in outputs.items()]
    assert sorted(address for _, address in entry.files) == sorted(paths)
    assert all(address.isascii() and " " not in address for _, address in entry.files)
    assert entry.href == (entry.files[0][1] if names else "")


@pytest.mark.parametrize("status", [*ledger.DONE[1:], *ledger.FAILED])
def test_failures_and_what_does_not_apply_stand_with_their_reason(status):
    page = read(record("b/x", status, message="The reason is long.", key_numbers=[]), record())
    assert page.text.count("The reason is long.") == 2
    assert f"2 reports: 1 ok, 1 {status}." in " ".join(page.text.split())
    assert {row["data-status"] for row in rows(page)} == {"ok", status}


def test_a_message_as_long_as_a_table_is_cut():
    (entry,) = [site._entry(record("b/x", "failed", message="x" * 10_000))]
    assert entry.message == "x" * site._LONGEST + "…"


BEFORE = {"status": "ok", "key_numbers": [number()]}
# previous state, present numbers -> name, before, after, difference of what is told
MOVED = [
    pytest.param(None, [number()], [], id="first build"),
    pytest.param(BEFORE, [number()], [], id="the same"),
    pytest.param(BEFORE, [number(value=0.51, tolerance=0.02)], [], id="within the tolerance"),
    pytest.param(
        BEFORE,
        [number(value=0.52)],
        [("share online", "50% (40 to 60%)", "52% (40 to 60%)", "+2 percentage points")],
        id="value",
    ),
    pytest.param(
        BEFORE,
        [number(low=0.3)],
        [("share online", "50% (40 to 60%)", "50% (30 to 60%)", "bounds only")],
        id="bounds",
    ),
    pytest.param(
        BEFORE,
        [number("new")],
        [("new", "none", "50% (40 to 60%)", "new"), ("share online", "50% (40 to 60%)", "none", "gone")],
        id="one for another",
    ),
    pytest.param(
        BEFORE,
        [number(value=None, low=None, high=None)],
        [("share online", "50% (40 to 60%)", "not known", "no longer known")],
        id="not known",
    ),
    pytest.param(BEFORE, [number(unit="ratio")], [], id="unit alone moves no number"),
    pytest.param(
        {"status": "ok", "key_numbers": [number("n", 10, 10, 10, "communes")]},
        [number("n", 7, 5, 9, "communes")],
        [("n", "10 communes", "7 (5 to 9) communes", "−3 communes")],
        id="counts",
    ),
    pytest.param(
        {"status": "ok", "key_numbers": [number("n", 10, 10, None, "communes")]},
        [number("n", 10, 10, 10, "communes")],
        [("n", "at least 10 communes", "10 communes", "bounds only")],
        id="one bound",
    ),
    pytest.param(BEFORE, [], [], id="nothing to compare"),
]


@pytest.mark.parametrize(("previous", "numbers", "told"), MOVED)
def test_key_numbers_that_moved(previous, numbers, told):
    found = movements.of(record(key_numbers=numbers, previous=previous))
    assert [(one.label, one.before, one.after, one.difference) for one in found] == told
    page = read(record(key_numbers=numbers, previous=previous))
    assert ("What changed" in page.text) == bool(told)
    assert all(text in page.text for row in told for text in row)


def test_reports_that_differ_in_language_tell_a_change_once():
    moved = [number(value=0.55)]
    languages = [record(f"b/{code}", language=code, key_numbers=moved, previous=BEFORE) for code in site.LANGUAGES]
    other = record("b/other", place="Huế", key_numbers=moved, previous=BEFORE)
    page = read(*languages, other)
    assert page.text.count("1 key number moved") == 2


def test_a_change_of_status_is_told():
    page = read(record(previous={"status": "timeout", "key_numbers": []}))
    assert "timeout before, ok now" in " ".join(page.text.split())


# attempts at one report in turn: key, status, value -> value and status that the last is compared with
OK, FAIL = "ok", "failed"
HISTORIES = [
    ([("a", OK, 1)], None),
    ([("a", OK, 1), ("a", OK, 1)], None),
    ([("a", OK, 1), ("b", OK, 2)], (OK, 1)),
    ([("a", OK, 1), ("b", OK, 2), ("b", OK, 2)], (OK, 1)),
    ([("a", OK, 1), ("b", FAIL, 0), ("c", OK, 3)], (FAIL, 1)),
    ([("a", OK, 1), ("b", FAIL, 0), ("b", OK, 2)], (OK, 1)),
    ([("a", OK, 1), ("b", FAIL, 0), ("b", FAIL, 0), ("b", OK, 2)], (OK, 1)),
    ([("a", OK, 1), ("b", OK, 2), ("c", OK, 3)], (OK, 2)),
    ([("a", FAIL, 0), ("b", OK, 1)], (FAIL, None)),
]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    HISTORIES,
    ids=["-".join(key + status[0] for key, status, _ in one) for one, _ in HISTORIES],
)
def test_a_report_is_compared_with_its_last_results_from_other_inputs(attempts, expected):
    kept = ledger.Ledger(Path())
    for key, status, value in attempts:
        numbers = [number(value=value, low=None, high=None)] if status == OK else []
        before = kept.before("b/x", {"code": key}, status)
        kept.take(record("b/x", status, key={"code": key}, key_numbers=numbers, previous=before))
    found = kept.last["b/x"]["previous"]
    if expected is None:
        assert found is None
    else:
        assert (found["status"], next((one["value"] for one in found["key_numbers"]), None)) == expected


def test_only_what_a_batch_still_asks_for_is_listed_and_what_is_not_built_is_counted():
    asked = {"b": ["b/two", "b/three"]}
    page = read(record("b/one"), record("b/two"), record("single/x"), asked=asked)
    addresses = {link["href"] for link in page.all("a")}
    assert {"b/two.html", "single/x.html"} <= addresses
    assert "b/one.html" not in addresses
    assert "3 reports: 2 ok, 1 not built yet." in " ".join(page.text.split())


def test_an_empty_folder_has_an_index():
    page = read()
    assert "0 reports." in " ".join(page.text.split())
    assert rows(page) == []


def test_records_of_earlier_versions_are_listed():
    old = {name: value for name, value in record().items() if name not in ("title", "parameters", "previous")}
    page = read(old)
    assert "Digital services" in page.text
    assert rows(page)[0]["data-language"] == "en"


def test_filters_offer_what_tells_reports_apart():
    parameters = [{"as_of": day, "place": place} for day, place in [("2025-07-31", "Huế"), ("2025-10-31", "Đà Nẵng")]]
    entries = [site._entry(record(f"b/{n}", parameters=one)) for n, one in enumerate(parameters)]
    found = site._filters(entries)
    assert {name: [value for value, _ in choices] for name, choices in found.items()} == {
        "Place": ["Đà Nẵng", "Huế"],
        "Date": ["2025-10-31", "2025-07-31"],
    }


def test_map_leads_to_the_profile_of_each_province():
    reports = [profile(name, language=code) for _, _, name in TILES.values() for code in ("en", "vi")]
    page = read(*reports)
    links = [link["href"] for link in page.all("a") if link["href"].startswith("provinces/")]
    assert {site.quote(f"{report['report']}.html") for report in reports} <= set(links)
    for code in ("en", "vi"):
        tiles = site._map([site._entry(one) for one in reports], code)
        assert {(tile.row, tile.column, tile.name) for tile in tiles} == set(TILES.values())
        assert all(tile.profile.place == tile.name and tile.profile.language == code for tile in tiles)
    assert site._map([site._entry(one) for one in reports], "fr") == []


PROFILES = [
    pytest.param([("p/old", OK, "2025-07-31"), ("p/new", OK, "2025-10-31")], "p/new", id="latest"),
    pytest.param([("p/old", OK, "2025-07-31"), ("p/new", FAIL, "2025-10-31")], "p/old", id="one that is there"),
    pytest.param([("p/x", FAIL, "2025-10-31")], "p/x", id="a failure where there is no other"),
]


@pytest.mark.parametrize(("made", "chosen"), PROFILES)
def test_map_prefers_the_latest_profile_that_is_there(made, chosen):
    for order in itertools.permutations(made):
        records = [
            profile("Huế", status, report=name, parameters={"place": "Huế", "as_of": day, "language": "vi"})
            for name, status, day in order
        ]
        tiles = site._map([site._entry(one) for one in records], "vi")
        assert [tile.profile.id for tile in tiles if tile.profile] == [chosen]


def test_index_is_due_when_it_is_absent_or_of_another_time_than_the_ledger(tmp_path):
    assert not site.is_due(tmp_path)
    ledger.Ledger(tmp_path / ledger.NAME).append(record())
    assert site.is_due(tmp_path)
    ledger.write_view(tmp_path, site.NAME, b"index")
    assert not site.is_due(tmp_path)
    for time in (0, 4 * 10**18):
        os.utime(tmp_path / site.NAME, ns=(time, time))
        assert site.is_due(tmp_path)


def test_only_unused_files_of_figures_are_orphans(tmp_path):
    used, unused = (site.data_name("03_staffing", data) for data in (b"used", b"unused"))
    (tmp_path / "data").mkdir()
    for name in (used, unused, "data/of a reader.csv"):
        (tmp_path / name).write_text("")
    kept = book(record(outputs={site.DATA: {"path": used}}), record("b/old", outputs={".html": {}}))
    assert site.orphans(kept, tmp_path) == [tmp_path / unused]


def test_figures_of_a_report_are_the_rows_it_loaded_each_once(monkeypatch):
    monkeypatch.setattr(store, "reads", [])
    loaded = [store.load("staffing"), store.load("staffing", phase="window+baseline"), store.sources()]
    calls = reads.taken()
    lines = reads.rows(calls).decode().splitlines()
    whole = (store.processed_file("observations.csv")).read_text(encoding="utf-8").splitlines()
    assert lines[0] == whole[0]
    assert set(lines) <= set(whole)
    ids = [line.partition(",")[0] for line in lines[1:]]
    assert ids == sorted(set(loaded[0]["observation_id"]) | set(loaded[1]["observation_id"]))
    assert reads.rows(calls[::-1]) == reads.rows(calls)
    assert reads.rows([call for call in calls if call["function"] != "load"]) == b""


@pytest.mark.parametrize("bounds", ["soft", "hard"])
@pytest.mark.parametrize("rule", RULES)
def test_figures_of_a_report_have_the_bounds_it_loaded(rule, bounds):
    options = {"topic": "staffing", "rule": rule, "bounds": bounds, "min_reliability": "D"}
    loaded = store.load(**options).sort_values("observation_id", kind="stable")
    expected = files.to_csv(loaded, schema.processed_tables()["observations"]).encode()
    assert reads.rows([{"function": "load", "arguments": options}]) == expected
