"""The register of places is whole and consistent, and names find the unit they mean."""

import csv
import json
import random
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from anyascii import anyascii
from hypothesis import given
from hypothesis import strategies as st

from reform_analysis.evidence.places import LEVELS, Places
from reform_analysis.evidence.spelling import normalise

RAW = Path(__file__).parents[1] / "data" / "raw"


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(RAW / name, dtype=str, keep_default_na=False)


PLACES, ALIASES, PROVINCES, CONCORDANCE = map(read, ("places.csv", "aliases.csv", "provinces.csv", "concordance.csv"))
REGISTER = Places(PLACES, ALIASES)
COMMUNES = PLACES[PLACES["level"] == "commune"]

# communes of one province whose names differ by a mark only: without marks nobody can tell them apart
TWINS = {"ba to", "cam giang", "dong tien", "loc thanh", "my tho", "son ha", "tan thanh", "thanh an", "van lang"}


def found_or_told(register: Places, name: str) -> str:
    """The id found, or the text of the error."""
    try:
        return register.place_id_of(name)
    except ValueError as error:
        return str(error)


def is_twin(name: str) -> bool:
    return normalise(name) in TWINS


class TestRegister:
    def test_ids_are_unique(self):
        assert PLACES["place_id"].is_unique

    @pytest.mark.parametrize("level", LEVELS)
    def test_ids_have_the_form_of_their_level(self, level):
        forms = {
            "country": "VN",
            "province": r"\d{2}",
            "commune": r"\d{5}",
            "former_province": r"old-\d{2}",
            "ministry": "min-[a-z-]+",
        }
        ids = PLACES.loc[PLACES["level"] == level, "place_id"]
        assert len(ids)
        assert ids.str.fullmatch(forms[level]).all()

    def test_every_level_is_known(self):
        assert set(PLACES["level"]) == set(LEVELS)

    def test_numbers_are_those_of_the_reform(self):
        counts = PLACES["level"].value_counts()
        assert (counts["province"], counts["commune"], counts["former_province"]) == (34, 3321, 63)

    def test_types_are_those_of_1_july_2025(self):
        assert COMMUNES["type"].value_counts().to_dict() == {"xã": 2621, "phường": 687, "đặc khu": 13}
        cities = PLACES[(PLACES["level"] == "province") & (PLACES["type"] == "thành phố")]["name"]
        assert set(cities) == {"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"}

    def test_every_commune_lies_in_a_province_that_exists(self):
        assert set(COMMUNES["province_id"]) == set(PROVINCES["place_id"])

    def test_a_name_is_unique_in_its_province(self):
        assert not COMMUNES.duplicated(["name", "province_id"]).any()

    def test_plain_names_are_the_names_without_marks(self):
        assert (PLACES["name"].map(anyascii) == PLACES["name_ascii"]).all()
        assert (PLACES["name"].map(lambda name: unicodedata.normalize("NFC", name)) == PLACES["name"]).all()

    def test_units_of_the_reform_begin_and_former_provinces_end_with_it(self):
        units = PLACES[PLACES["level"].isin(["province", "commune"])]
        assert set(units["valid_from"]) == {"2025-07-01"}
        assert set(units["valid_to"]) == {""}
        assert set(PLACES.loc[PLACES["level"] == "former_province", "valid_to"]) == {"2025-06-30"}

    def test_units_of_the_reform_name_their_law(self):
        assert set(PLACES.loc[PLACES["level"] == "province", "legal_source"]) == {"Resolution 202/2025/QH15"}
        by_province = COMMUNES.groupby("province_id")["legal_source"].agg(["nunique", "first"])
        assert (by_province["nunique"] == 1).all()
        assert by_province["first"].is_unique
        assert by_province["first"].str.fullmatch(r"Resolution 16[5-8]\d/NQ-UBTVQH15").all()

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("places.csv", ["place_id"]),
            ("provinces.csv", ["place_id"]),
            ("aliases.csv", ["alias", "place_id"]),
            ("concordance.csv", ["old_id", "new_id"]),
            ("covariates.csv", ["place_id", "index", "year"]),
            ("place_changes.csv", ["place_id", "valid_from", "column"]),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_tables_are_sorted_by_a_unique_key_and_refer_to_the_register(self, name, key):
        table = read(name)
        keys = list(table[key].itertuples(index=False, name=None))
        assert keys == sorted(set(keys))
        column = {"concordance.csv": "old_id"}.get(name, "place_id")
        assert set(table[column]) <= set(PLACES["place_id"])
        assert "\r" not in (RAW / name).read_bytes().decode()

    def test_changes_start_from_the_register(self):
        changes = read("place_changes.csv")
        later = changes[changes["valid_from"] > "2025-07-01"]
        for change in later.itertuples():
            assert getattr(REGISTER.by_id[change.place_id], change.column) == change.was
        assert (changes["was"] != changes["now"]).all()
        assert (changes["legal_source"] != "").all()


class TestProvinces:
    def test_every_province_has_its_row(self):
        assert list(PROVINCES["place_id"]) == list(PLACES.loc[PLACES["level"] == "province", "place_id"])

    @pytest.mark.parametrize(
        ("column", "total"),
        [
            ("n_communes", 2621),
            ("n_wards", 687),
            ("n_special_zones", 13),
            ("n_units", 3321),
            ("n_units_before", 10035),
            ("population", 113_571_926),
        ],
    )
    def test_sums(self, column, total):
        assert PROVINCES[column].astype(int).sum() == total

    @pytest.mark.parametrize(
        ("column", "unit"), [("n_communes", "xã"), ("n_wards", "phường"), ("n_special_zones", "đặc khu")]
    )
    def test_counts_agree_with_the_register(self, column, unit):
        counted = COMMUNES[COMMUNES["type"] == unit].groupby("province_id").size()
        assert (counted.reindex(PROVINCES["place_id"], fill_value=0).to_numpy() == PROVINCES[column].astype(int)).all()

    def test_every_population_carries_its_caution(self):
        assert PROVINCES["population_caution"].str.contains("113.6 million").all()

    def test_merged_and_unmerged_provinces_have_different_cautions(self):
        parts = CONCORDANCE["new_id"].value_counts()
        alone = PROVINCES["place_id"].map(parts) == 1
        assert (PROVINCES["population_caution"].str.startswith("Province not merged") == alone).all()
        assert alone.sum() == 11


class TestConcordance:
    def test_63_former_provinces_become_34(self):
        assert set(CONCORDANCE["old_id"]) == set(PLACES.loc[PLACES["level"] == "former_province", "place_id"])
        assert set(CONCORDANCE["new_id"]) == set(PROVINCES["place_id"])
        assert CONCORDANCE["old_id"].is_unique

    def test_it_agrees_with_the_register(self):
        for row in CONCORDANCE.itertuples():
            assert REGISTER.by_id[row.old_id].province_id == row.new_id

    def test_each_province_keeps_the_code_of_one_of_its_parts(self):
        assert set("old-" + CONCORDANCE["new_id"]) <= set(CONCORDANCE["old_id"])


def test_geometry_holds_the_34_provinces():
    geometry = json.loads((RAW / "provinces.geojson").read_text(encoding="utf-8"))
    names = {feature["id"]: feature["properties"]["name_vi"] for feature in geometry["features"]}
    assert names == PLACES[PLACES["level"] == "province"].set_index("place_id")["name"].to_dict()


@pytest.mark.parametrize(
    ("written", "place_id"),
    [
        ("Hà Nội", "01"),
        ("HÀ NỘI", "01"),
        (unicodedata.normalize("NFD", "Hà Nội"), "01"),
        ("Hanoi", "01"),
        ("Hanoï", "01"),
        ("Ha Noi City", "01"),
        ("TP.HCM", "79"),
        ("TP. Hồ Chí Minh", "79"),
        ("Thành phố Hồ Chí Minh", "79"),
        ("Ho Chi Minh City", "79"),
        ("Hô-Chi-Minh-Ville", "79"),
        ("HCMC", "79"),
        ("Saigon", "79"),
        ("Saïgon", "79"),
        ("phường Sài Gòn", "26740"),
        ("Lào Cai", "15"),
        ("tỉnh Lào Cai", "15"),
        ("Lao Cai Province", "15"),
        ("province de Lào Cai", "15"),
        ("phường Lào Cai", "02647"),
        ("Lào Cai (trước sáp nhập)", "old-10"),
        ("Lào Cai (former)", "old-10"),
        ("tỉnh Bình Dương", "old-74"),
        ("Bình Dương, Hồ Chí Minh", "25760"),
        ("Thừa Thiên - Huế", "old-46"),
        ("Bà Rịa–Vũng Tàu", "old-77"),
        ("Đắc Lắc", "66"),
        ("Daklak", "66"),
        ("Xa Dung", "03208"),
        ("xã Xa Dung", "03208"),
        ("Xã Xa Dung, tỉnh Điện Biên", "03208"),
        ("Hoà Bình, Phú Thọ", "04795"),
        ("Quy Nhơn, Bình Định", "21583"),
        ("P. 1 Bảo Lộc", "24823"),
        ("Ea M’Droh, Đắk Lắk", "24286"),
        ("đặc khu Phú Quốc", "31078"),
        ("Phu Quoc special zone", "31078"),
        ("Việt Nam", "VN"),
        ("Vietnam", "VN"),
        ("34 tỉnh, thành phố", "VN"),
        ("Bộ Văn hoá, Thể thao và Du lịch", "min-van-hoa-the-thao-va-du-lich"),
        ("Ministry of Home Affairs", "min-noi-vu"),
        ("ministère de l’Intérieur", "min-noi-vu"),
        ("Bộ, ngành trung ương", "min-bo-nganh-trung-uong"),
        ("old-74", "old-74"),
        ("00004", "00004"),
    ],
)
def test_spellings_find_their_place(written, place_id):
    assert REGISTER.place_id_of(written) == place_id


@pytest.mark.parametrize(
    ("written", "options", "place_id"),
    [
        ("Lào Cai", {"level": "commune"}, "02647"),
        ("Lào Cai", {"level": "former_province"}, "old-10"),
        ("Xuân Hòa", {"province": "75"}, "26446"),
        ("Xuân Hòa", {"province": "TP. Hồ Chí Minh"}, "27139"),
        ("Quy Nhơn", {"province": "Bình Định"}, "21583"),
        ("Quy Nhơn", {"province": "Bình Định (trước sáp nhập)"}, "21583"),
    ],
)
def test_level_and_province_narrow_the_search(written, options, place_id):
    assert REGISTER.place_id_of(written, **options) == place_id


@pytest.mark.parametrize(
    ("written", "options", "message"),
    [
        ("Lao Kai", {}, r"place 'Lao Kai' is unknown; did you mean 'Lào Cai'\?$"),
        ("Thường Tính", {}, r"did you mean 'Thường Tín, Hà Nội'\?$"),
        ("Sa Pa, Hà Nội", {}, r"did you mean 'Sa Pa, Lào Cai'\?$"),
        ("huyện Thường Tín", {}, "did you mean 'Thường Tín, Hà Nội'"),
        ("Bình Dương", {"level": "province"}, r"unknown as a province; did you mean .*'Bình Dương \(trước sáp nhập\)'"),
        ("Sơn La", {"province": "Hà Nộy"}, r"'Hà Nộy' is unknown as a province; did you mean 'Hà Nội'\?$"),
        ("", {}, "lists all names"),
        ("zzzzzz", {}, "lists all names"),
        ("Lào Cai", {"level": "district"}, "level must be one of country, province, .*; got 'district'"),
    ],
)
def test_unknown_names_are_refused_with_a_suggestion(written, options, message):
    with pytest.raises(ValueError, match=message):
        REGISTER.find(written, **options)


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("Xuân Hòa", ["Xuân Hòa, Đồng Nai", "Xuân Hòa, Phú Thọ", "Xuân Hòa, Hồ Chí Minh"]),
        ("Hà Nam", ["Hà Nam, Ninh Bình", "Hà Nam (trước sáp nhập)"]),
        ("Ba To, Quảng Ngãi", ["Ba Tô, Quảng Ngãi", "Ba Tơ, Quảng Ngãi"]),
    ],
)
def test_ambiguous_names_list_the_candidates_and_each_is_found(written, listed):
    with pytest.raises(ValueError, match="is ambiguous") as caught:
        REGISTER.find(written)
    candidates = str(caught.value).split("one of: ")[1].split("; ")
    assert set(listed) <= set(candidates)
    assert len({REGISTER.place_id_of(candidate) for candidate in candidates}) == len(candidates)


def test_twins_are_the_names_that_lose_their_difference_without_marks():
    keys = COMMUNES["name"].map(normalise) + COMMUNES["province_id"]
    assert set(COMMUNES.loc[keys.duplicated(keep=False), "name"].map(normalise)) == TWINS


@given(place=st.sampled_from(list(REGISTER.by_id.values())))
def test_each_place_is_found_by_its_label(place):
    assert REGISTER.find(REGISTER.label(place)) == place


PREFIXES = {
    "xã": ["xã ", "Xã ", "X. ", "commune de ", "Commune of "],
    "phường": ["phường ", "P. ", "P.", "Ward of ", "quartier de "],
    "đặc khu": ["đặc khu ", "Special zone of "],
    "tỉnh": ["tỉnh ", "Tỉnh ", "province de "],
    "thành phố": ["TP. ", "TP ", "Thành phố ", "ville de "],
}
SUFFIXES = {
    "xã": [" commune"],
    "phường": [" Ward"],
    "đặc khu": [" special zone"],
    "tỉnh": [" Province"],
    "thành phố": [" City"],
}


def moved_tone(name: str) -> str:
    """The other habit of placing tone marks: Hòa, Hoà."""
    for old, new in zip(
        ("òa", "óa", "ỏa", "õa", "ọa", "ủy", "úy"), ("oà", "oá", "oả", "oã", "oạ", "uỷ", "uý"), strict=True
    ):
        name = name.replace(old, new)
    return name


@given(
    place=st.sampled_from([unit for unit in REGISTER.by_id.values() if unit.level in ("province", "commune")]),
    seed=st.integers(0, 2**16),
)
def test_any_case_mark_and_prefix_finds_the_same_place(place, seed):
    choose = random.Random(seed).choice
    name = choose([str.upper, str.lower, str.title, moved_tone, str])(place.name)
    if not is_twin(place.name):
        name = choose([anyascii, str])(name)
    name = choose([lambda text: unicodedata.normalize("NFD", text), lambda text: text.replace(" ", "  "), str])(name)
    name = choose(["", *PREFIXES[place.type]]) + name
    if name.lower().startswith(place.name[:2].lower()):
        name += choose(["", *SUFFIXES[place.type]])
    province = REGISTER.by_id[place.province_id].name
    tail = choose([f", {province}", f", tỉnh {anyascii(province)}"]) if place.level == "commune" else ""
    assert REGISTER.find(name + tail) == place


@given(st.text())
def test_a_key_is_its_own_key_or_still_holds_a_unit_word(name):
    key = normalise(name)
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert len(normalise(key)) <= len(key)


@given(st.text(max_size=30))
def test_any_text_gives_a_place_or_an_error_that_says_what_to_do(name):
    outcome = found_or_told(REGISTER, name)
    assert outcome in REGISTER.by_id or "is unknown" in outcome or "is ambiguous" in outcome


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("15", "2025-06-30", "Yên Bái"),
        ("15", "2025-07-01", "Lào Cai"),
        ("24", "2025-06-30", "Bắc Giang"),
        ("24", "2025-10-31", "Bắc Ninh"),
        ("44", "2025-01-01", "Quảng Bình"),
        ("91", "2025-07-01", "An Giang"),
    ],
)
def test_a_code_means_what_it_meant_on_the_day(code, day, name):
    assert REGISTER.by_code(code, on=day).name == name


@pytest.mark.parametrize("code", ["02", "99", "00004", "VN", "old-15"])
def test_codes_without_a_province_are_refused(code):
    with pytest.raises(ValueError, match=f"code must be that of a province on 2025-07-01; got '{code}'"):
        REGISTER.by_code(code, on="2025-07-01")


def test_reused_codes_are_those_that_the_module_names():
    old, new = (
        PLACES[PLACES["level"] == level].set_index("place_id")["name"] for level in ("former_province", "province")
    )
    reused = [code for code, name in new.items() if old[f"old-{code}"] != name]
    assert reused == [
        "15",
        "24",
        "44",
        "52",
        "80",
        "82",
        "91",
    ]


def test_children_and_province_go_down_and_up():
    country = REGISTER.find("VN")
    provinces = REGISTER.children(country)
    communes = [commune for province in provinces for commune in REGISTER.children(province)]
    assert (len(provinces), len(communes)) == (34, 3321)
    assert all(REGISTER.province_of(commune).place_id == commune.province_id for commune in communes)
    assert REGISTER.children(communes[0]) == ()
    assert REGISTER.province_of(country) is None
    assert REGISTER.province_of(REGISTER.find("tỉnh Bình Dương")).name == "Hồ Chí Minh"


def test_a_former_province_has_no_list_of_communes():
    with pytest.raises(ValueError, match=r"got 'Bình Dương \(trước sáp nhập\)'. Ask for 'Hồ Chí Minh'"):
        REGISTER.children(REGISTER.by_id["old-74"])


def test_covariates_are_complete_where_the_note_says_so():
    covariates = read("covariates.csv")
    assert not covariates.duplicated(["place_id", "index", "year"]).any()
    old = covariates[covariates["place_id"].str.startswith("old-")]
    papi = old[old["index"] == "PAPI_total"].groupby("year").size().to_dict()
    assert papi == {"2021": 60, "2022": 61, "2023": 61, "2024": 61}
    assert (old["index"] == "PCI").sum() == 63 + 12
    assert (covariates.loc[covariates["value"] == "", "note"] != "").all()


def test_aliases_are_needed():
    bare = Places(PLACES, ALIASES.iloc[:0])
    idle = [row.alias for row in ALIASES.itertuples() if found_or_told(bare, row.alias) == row.place_id]
    assert not idle


def test_raw_files_are_minimal_csv():
    for name in (
        "places.csv",
        "provinces.csv",
        "aliases.csv",
        "concordance.csv",
        "covariates.csv",
        "place_changes.csv",
    ):
        text = (RAW / name).read_text(encoding="utf-8")
        rows = list(csv.reader(text.splitlines()))
        assert len({len(row) for row in rows}) == 1, name
