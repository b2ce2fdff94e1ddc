"""Loaders: filters, errors that list known names, the core figures, and what a process asked for."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import reform_analysis as ra
from reform_analysis.evidence import directory, store

SHARED = Path(__file__).resolve().parents[2] / "shared"
# Words that stand for numbers in the core articles.
WORDS = {"quatre": 4, "six": 6, "première": 1}


@pytest.fixture(scope="module")
def everything():
    return ra.load(phase="all", min_reliability="D")


FILTERS = {
    "topic": ({"topic": "staffing"}, lambda f: (f["topic"] == "staffing").all()),
    "one indicator": ({"indicator": "online_share"}, lambda f: set(f["indicator"]) == {"online_share"}),
    "two indicators": (
        {"indicator": ["wards", "communes_rural"]},
        lambda f: set(f["indicator"]) == {"wards", "communes_rural"},
    ),
    "place alone is that place": ({"place": "Lào Cai"}, lambda f: set(f["place_name"]) == {"Lào Cai"}),
    "alias": ({"place": "Ha Noi"}, lambda f: set(f["place_id"]) == {"01"}),
    "communes of a province": (
        {"place": "Hà Nội", "geo_level": "commune"},
        lambda f: set(f["province_id"]) == {"01"} and set(f["geo_level"]) == {"commune"},
    ),
    "provinces of the country": (
        {"place": "Việt Nam", "geo_level": "province"},
        lambda f: set(f["geo_level"]) == {"province"} and f["place_id"].nunique() > 2,
    ),
    "a commune by name and province": ({"place": "Thường Tín, Hà Nội"}, lambda f: f["place_id"].nunique() == 1),
    "start": ({"start": "2025-10-01"}, lambda f: f["period_end"].min() >= pd.Timestamp("2025-10-01")),
    "as_of includes its day": ({"as_of": "2025-09-15"}, lambda f: f["period_end"].max() == pd.Timestamp("2025-09-15")),
    "reliability": ({"min_reliability": "B"}, lambda f: set(f["reliability"]) <= {"A", "B"}),
    "default is the window": ({}, lambda f: set(f["phase"]) == {"window"}),
    "baseline too": ({"phase": "window+baseline"}, lambda f: set(f["phase"]) == {"window", "baseline"}),
}


@pytest.mark.parametrize(("arguments", "holds"), FILTERS.values(), ids=FILTERS)
def test_filters(arguments, holds):
    frame = ra.load(**arguments)
    assert len(frame) > 0
    assert holds(frame)


MISTAKES = {
    "place": ({"place": "Lao Kai"}, "place 'Lao Kai' is unknown; did you mean 'Lào Cai'"),
    "topic": ({"topic": "digital"}, "topic 'digital' is unknown; did you mean 'digital_services'"),
    "indicator": ({"indicator": "online_shar"}, "did you mean 'online_share'"),
    "level": ({"geo_level": "city"}, "geo_level 'city' is unknown; known: country, province"),
    "date": ({"as_of": "31/10/2025"}, "as_of must be a date as YYYY-MM-DD; got '31/10/2025'"),
    "reliability": ({"min_reliability": "E"}, "min_reliability 'E' is unknown; known: A, B, C, D"),
    "phase": ({"phase": "during"}, "phase 'during' is unknown; known: baseline, window"),
    "bounds": ({"bounds": "firm"}, "bounds must be 'soft' or 'hard'; got 'firm'"),
    "rule": ({"rule": "average"}, "rule"),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        ra.load(**arguments)


def test_hard_bounds_contain_soft_bounds_contain_the_value(everything):
    numeric = everything[everything["value"].notna()]
    inside = (numeric["hard_low"] <= numeric["low"]) & (numeric["low"] <= numeric["value"])
    inside &= (numeric["value"] <= numeric["high"]) & (numeric["high"] <= numeric["hard_high"])
    assert numeric[~inside]["observation_id"].tolist() == []
    hard = ra.load(phase="all", min_reliability="D", bounds="hard")
    np.testing.assert_array_equal(hard["low"], everything["hard_low"])


def test_every_figure_has_source_locator_period_and_bounds(everything):
    assert everything["source_id"].isin(ra.sources()["source_id"]).all()
    assert (everything["locator"] != "").all()
    assert everything["period_end"].notna().all()
    without = everything[everything["low"].isna() | everything["high"].isna()]
    assert set(without["kind"]) <= {"deadline"}


def core_figures():
    path = SHARED / "evidence" / "seeds.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.is_file() else []


@pytest.mark.skipif(not core_figures(), reason="needs ../shared/evidence/seeds.csv beside the checkout")
def test_core_figures_are_all_there(everything):
    log = store.table("coding_log")
    log = log[log["file"] == "seeds.csv"].set_index("line")["observation_id"]
    rows = everything.set_index("observation_id")
    for line, core in enumerate(core_figures(), start=2):
        row = rows.loc[log[line]]
        assert row["locator"] == f"paragraph {core['paragraph']}"
        assert row["qualifier"] == core["qualifier"]
        assert row["figure"].split()[-1] in core["figure_as_reported"]
        if core["value"]:
            assert row["value"] == float(core["value"])
        else:
            assert np.isnan(row["value"])
            assert row["kind"] == "deadline"
        if core["period_end"]:
            assert f"{row['period_end']:%Y-%m-%d}" == core["period_end"]
        name = core["geo_name"].split(",")[0] if core["geo_level"] == "commune" else core["geo_name"]
        assert row["place_name"] in (name, "Hà Nội")


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="needs ../shared/seeds beside the checkout")
def test_core_figures_stand_in_their_articles(everything):
    from reform_analysis.evidence.verify import verify

    found = verify(everything, ra.sources(), SHARED / "seeds")
    texts = found[found["outcome"] != "no_text"]
    assert len(texts) == 115
    assert texts[texts["outcome"] != "cited_paragraph"]["observation_id"].tolist() == []


def test_reads_are_recorded_once():
    store.reads.clear()
    ra.load("finance", as_of="2025-10-31")
    ra.load("finance", as_of="2025-10-31")
    ra.codebook()
    functions = [read.function for read in store.reads]
    assert functions == ["load", "codebook"]
    assert ("as_of", "2025-10-31") in store.reads[0].arguments


def test_loaded_frames_are_the_readers_own():
    frame = ra.load("finance")
    frame["value"] = 0.0
    assert (ra.load("finance")["value"] != 0).any()


def test_places_and_concordance():
    provinces = ra.places(level="province")
    assert len(provinces) == 34
    assert provinces["n_units"].sum() == 3321
    assert ra.concordance()["new_name"].notna().all()
    with pytest.raises(ValueError, match="level must be one of commune, country"):
        ra.places(level="district")


def test_directives_known_by_a_day():
    assert len(ra.directives(as_of="2025-08-10")) < len(ra.directives(as_of="2025-08-11"))
    assert set(ra.directives()["recurrence"]) > {"once"}


def test_data_directory_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"REFORM_ANALYSIS_DATA names .* holds no data"):
        directory.data_directory()
    (tmp_path / "processed").mkdir()
    assert directory.data_directory() == tmp_path
    with pytest.raises(FileNotFoundError, match=r"observations\.csv is missing; run `reform-analysis data build`"):
        ra.load()


def test_loading_needs_neither_pandera_nor_matplotlib():
    code = (
        "import sys, reform_analysis as ra; ra.load(); "
        "print([m for m in ('pandera', 'matplotlib', 'rapidfuzz', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[]"
