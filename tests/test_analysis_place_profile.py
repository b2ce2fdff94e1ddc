"""Notebook 06's answers: peers and shares by hand on small frames; every place, date and rule on the real data."""

import numpy as np
import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.analysis import place_profile
from reform_analysis.analysis.chosen_place import CORE_CODES, chosen_place
from reform_analysis.analysis.peers import choose_peers
from reform_analysis.analysis.place_agreement import VERDICT_LABELS, expected_bounds
from reform_analysis.analysis.place_standing import GROUP_LABELS
from reform_analysis.analysis.place_words import breakdown_words, scope_words
from reform_analysis.display.language import say
from reform_analysis.evidence.resolve import RULES

# a sample in the ordinary run, all of them in the slow one
EVERY_RULE = [
    pytest.param(rule, marks=() if rule in ("range", "latest", "lowest") else pytest.mark.slow) for rule in RULES
]
PROVINCES = pd.DataFrame(
    {
        "place_id": ["01", "02", "03"],
        "name": ["Aa", "Bb", "Cc"],
        "region": ["north", "north", "south"],
        "population": [1_000_000, 1_100_000, 9_000_000],
        "area_km2": [1000.0, 1200.0, 9000.0],
        "n_units": [100, 110, 20],
        "n_units_before": [300, 330, 90],
        "n_communes": [90, 100, 10],
        "n_wards": [10, 10, 10],
        "n_special_zones": [0, 0, 0],
    }
)


@pytest.fixture(scope="module")
def real():
    return {
        "figures": ra.load(),
        "provinces": ra.places(level="province"),
        "register": ra.places(),
        "codebook": ra.codebook(),
        "findings": ra.audit(),
        "norm": ra.load(indicator="staff_per_commune_norm", phase="window+baseline"),
    }


def profile(real, place, figures=None, *, language="en", **options):
    """Return all answers on one place."""
    known = real["figures"] if figures is None else figures
    registers = real["provinces"], real["register"]
    return [
        place_profile.coverage(known, *registers, real["codebook"], place=place, language=language, **options),
        place_profile.printed(
            known, real["findings"], real["register"], real["codebook"], place=place, language=language
        ),
        place_profile.size(*registers, real["norm"], place=place, **options),
        place_profile.standing(known, *registers, place=place, **options),
        place_profile.agreement(
            known, real["findings"], real["register"], real["codebook"], place=place, language=language
        ),
        place_profile.communes(known, *registers, place=place),
    ]


def check(answers):
    """Hold each answer to what every answer must be."""
    for answer in answers:
        assert (answer.unknown is not None) or answer.sentences
        for sentence in (*answer.sentences, *([answer.unknown] if answer.unknown else [])):
            assert say(sentence, "en")
        for form in answer.forms:
            rows = answer.table.query(form.rows) if form.rows else answer.table
            assert len(rows)
        names = [number.name for number in answer.key_numbers]
        assert len(names) == len(set(names))
        if {"estimate", "low", "high"} <= set(answer.table):
            known = answer.table[answer.table["estimate"].notna()]
            assert (known["low"] <= known["estimate"] + 1e-9).all()
            assert (known["estimate"] <= known["high"] + 1e-9).all()


@pytest.mark.parametrize(
    ("peers", "wanted"),
    [("nearest5", ["Bb", "Cc"]), ("region", ["Bb"]), ("all", ["Bb", "Cc"])],
    ids=["nearest first", "same region only", "all, nearest first"],
)
def test_peers(peers, wanted):
    assert choose_peers(PROVINCES, "01", peers=peers) == wanted


def test_peers_without_population_ignore_it():
    moved = PROVINCES.assign(population=[1, 10**9, 2])
    assert choose_peers(moved, "01", population_source="none") == choose_peers(
        PROVINCES, "01", population_source="none"
    )


def test_peers_do_not_depend_on_the_spread_of_a_measure(real):
    provinces = real["provinces"]
    stretched = provinces.assign(area_km2=provinces["area_km2"] ** 4)
    for province_id in provinces["place_id"]:
        assert choose_peers(stretched, province_id) == choose_peers(provinces, province_id)


def test_unknown_peers_are_refused():
    with pytest.raises(ValueError, match="nearest5, region, all"):
        choose_peers(PROVINCES, "01", peers="best")


@pytest.mark.parametrize(
    ("place", "level", "province"),
    [
        ("Việt Nam", "country", ""),
        ("Lào Cai", "province", "Lào Cai"),
        ("Thường Tín, Hà Nội", "commune", "Hà Nội"),
    ],
)
def test_chosen_place(real, place, level, province):
    chosen = chosen_place(place, real["register"])
    assert (chosen.level, chosen.province) == (level, province)


def test_unknown_place_is_refused(real):
    with pytest.raises(ValueError, match="of the register; got 'Atlantis'"):
        chosen_place("Atlantis", real["register"])


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("531,267", 531267, 531267),
        ("96.615 to 96.625", 96.615, 96.625),
        ("at least 4,002", 4002, np.inf),
        ("at most 7", -np.inf, 7),
        ("growth of at most 27,115", np.nan, np.nan),
        ("a value inside its bounds", np.nan, np.nan),
    ],
)
def test_expected_bounds(text, low, high):
    bounds = expected_bounds(text)
    assert np.array_equal([bounds.low, bounds.high], [low, high], equal_nan=True)


def test_core_codes_are_in_the_codebook(real):
    codes = [code for topic in CORE_CODES.values() for code in topic]
    assert len(codes) == len(set(codes)) == 22
    assert set(codes) <= set(real["codebook"]["code"])


def test_every_code_of_a_place_has_words():
    figures = ra.load(phase="all", min_reliability="D")
    local = figures[figures["geo_level"].isin(["province", "commune"])]
    assert not [code for code in local["scope"].unique() if "_" in scope_words(code)]
    assert not [code for code in local["breakdown"].unique() if "_" in breakdown_words(code)]


def test_counts_sharpen_a_hedged_share(real):
    """134,251 of 156,230 lies inside "nearly 86 %"."""
    answer = place_profile.standing(real["figures"], real["provinces"], real["register"], place="Hưng Yên")
    own = answer.table[(answer.table["group"] == GROUP_LABELS["own"]) & (answer.table["key"] == "online")].iloc[0]
    assert own["low"] == pytest.approx(134251 / 156230)
    assert own["high"] == pytest.approx(134251 / 156230)
    assert own["difference_low"] == pytest.approx(own["low"] - own["nation_high"])


def test_a_rate_over_calendar_days_is_told_from_one_over_working_days(real):
    answer = place_profile.agreement(
        real["figures"], real["findings"], real["register"], real["codebook"], place="Hà Nội"
    )
    [rate] = answer.table.loc[answer.table["test"].str.startswith("dossiers a day"), "verdict"]
    assert rate == VERDICT_LABELS["working"]


def test_no_position_below_five_places(real):
    figures = real["figures"]
    few = figures[~figures["place_name"].isin(["Khánh Hòa", "Cần Thơ", "Điện Biên"])]
    said = [
        say(s, "en")
        for s in place_profile.standing(few, real["provinces"], real["register"], place="Hưng Yên").sentences
    ]
    assert not [text for text in said if "for certain" in text]
    assert [text for text in said if "too few for a position" in text]


def test_the_country_gets_a_clear_answer(real):
    for answer in profile(real, "Việt Nam"):
        assert say(answer.unknown, "en") == "This profile is of one place: choose a province or a commune."


def test_a_place_without_figures_is_register_only(real):
    answers = profile(real, "Tuyên Quang", real["figures"].iloc[:0])
    assert say(answers[0].unknown, "en").startswith("Register only")
    assert answers[2].unknown is None


def test_population_source_none_shows_no_residents(real):
    answer = place_profile.size(
        real["provinces"], real["register"], real["norm"], place="Lào Cai", population_source="none"
    )
    assert "residents" not in answer.table
    assert not [sentence for sentence in answer.sentences if "resident" in say(sentence, "en")]


def test_undated_figures_are_hidden_until_asked_for(real):
    figures = real["figures"][real["figures"]["place_id"] == "79"].assign(note="undated", date_precision="approximate")
    asked = (figures, real["findings"], real["register"], real["codebook"])
    assert place_profile.printed(*asked, place="Hồ Chí Minh").unknown is not None
    assert len(place_profile.printed(*asked, place="Hồ Chí Minh", show_undated=True).table) > 0


@pytest.mark.parametrize("place", ["Hà Nội", "Gia Lai", "Tuyên Quang", "Thường Tín, Hà Nội"])
@pytest.mark.parametrize("as_of", ["2025-07-03", "2025-10-31"])
def test_places_at_dates(real, place, as_of):
    check(profile(real, place, ra.load(as_of=as_of)))


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_rules(real, rule):
    check(profile(real, "Hồ Chí Minh", ra.load(rule=rule, bounds="hard", min_reliability="D"), peers="region"))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr", "vi"])
def test_every_province_and_every_commune_with_figures(real, language):
    figures = ra.load(phase="all", min_reliability="D")
    names = real["provinces"].set_index("place_id")["name"]
    local = figures[figures["geo_level"] == "commune"].drop_duplicates("place_id")
    communes = [f"{name}, {names[home]}" for name, home in zip(local["place_name"], local["province_id"], strict=True)]
    for place in [*names, *communes]:
        check(profile(real, place, figures, language=language))
