"""Raw to processed: every fault is found with its place; corrections are guarded; the rebuild is the same bytes."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from reform_analysis.evidence import checksums, clean, files
from reform_analysis.evidence.directory import data_directory
from reform_analysis.evidence.schema import DataError, Problem, processed_tables, raw_tables
from reform_analysis.evidence.validate import RawTable


@pytest.fixture(scope="module")
def raw():
    return files.read_raw()


def with_cell(raw, table, row, column, value):
    """Return the raw tables with one cell changed."""
    frame = raw[table].frame.copy()
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return {**raw, table: replace(raw[table], frame=frame)}


FAULTS = {
    "unknown qualifier": ("observations", "qualifier", "exactly", "must be one of exact, more_than"),
    "unknown indicator": ("observations", "indicator", "online_shar", "did you mean 'online_share'"),
    "unknown place": ("observations", "place_id", "99", "must be a place_id of places.csv; got '99'"),
    "unknown source": ("observations", "source_id", "nowhere-000000", "must be a source_id of sources.csv"),
    "no date": ("observations", "period_end", "", "must not be empty"),
    "wrong date": ("observations", "period_end", "2025-13-01", "must be a date as YYYY-MM-DD; got '2025-13-01'"),
    "start after end": ("observations", "period_start", "2031-01-01", "must not be after period_end"),
    "words for a value": ("observations", "value", "many", "must be a plain number"),
    "figure of another number": ("observations", "figure", "17", "17"),
    "figure against coder": ("observations", "value", "123456789", "123456789"),
    "unknown code in a list": ("indicators", "not_comparable_with", "wards wardz", "got 'wardz'; did you mean 'wards'"),
    "unknown class": ("sources", "reliability", "E", "must be one of A, B, C, D; got 'E'"),
    "bad address": ("sources", "url", "www.example.org", "must match https"),
}


@pytest.mark.parametrize(("table", "column", "value", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_file_line_and_column(raw, table, column, value, message):
    row = int((raw[table].frame.get("figure", pd.Series("8", index=raw[table].frame.index)) == "8").idxmax())
    with pytest.raises(DataError) as caught:
        clean.build(with_cell(raw, table, row, column, value))
    file, line = raw[table].where[row]
    assert any(
        (p.file, p.line, p.column) == (file, line, column) or p.column == "figure" for p in caught.value.problems
    )
    assert message in str(caught.value)


def test_a_figure_in_words_needs_the_coders_reading(raw):
    row = int((raw["observations"].frame["value"] == "8").idxmax())
    broken = with_cell(with_cell(raw, "observations", row, "figure", "a great many"), "observations", row, "value", "")
    with pytest.raises(DataError, match="a great many"):
        clean.build(broken)


def test_all_faults_are_reported_at_once(raw):
    broken = with_cell(with_cell(raw, "observations", 0, "place_id", "99"), "sources", 0, "kind", "gossip")
    with pytest.raises(DataError, match="2 problems") as caught:
        clean.build(broken)
    assert {problem.file for problem in caught.value.problems} == {raw["observations"].where[0][0], "raw/sources.csv"}


def test_a_repeated_key_is_a_fault(raw):
    table = raw["indicators"]
    doubled = RawTable(
        table.table, pd.concat([table.frame, table.frame[:1]]), [*table.where, ("raw/indicators.csv", 999)]
    )
    with pytest.raises(DataError, match=r"raw/indicators.csv:999:code: code must be unique"):
        clean.build({**raw, "indicators": doubled})


def correction(raw, **cells):
    row = {"table": "sources", "key": raw["sources"].frame.loc[0, "source_id"], "column": "publisher"}
    row |= {"was": raw["sources"].frame.loc[0, "publisher"], "now": "Mended", "reason": "test", "added": "2025-11-01"}
    table = raw["corrections"]
    frame = pd.DataFrame([row | cells], columns=table.table.names, dtype="str")
    return {**raw, "corrections": RawTable(table.table, frame, [("raw/corrections.csv", 2)])}


def test_a_correction_applies_while_the_raw_value_matches(raw):
    built = clean.build(correction(raw))
    assert "Mended" in set(built["sources"]["publisher"])
    with pytest.raises(DataError, match=r"must equal the raw value .* review the correction"):
        clean.build(correction(raw, was="something else"))
    with pytest.raises(DataError, match="must name a row and column of sources"):
        clean.build(correction(raw, key="nowhere-000000"))
    with pytest.raises(DataError, match="must name a table; got 'sauces'"):
        clean.build(correction(raw, table="sauces"))


def test_processed_files_are_what_the_raw_files_give():
    from reform_analysis.evidence import build

    folder = data_directory() / "processed"
    made = build.contents()
    stale = [name for name, content in made.items() if (folder / name).read_bytes() != content]
    assert stale == []
    assert sorted(made) == sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", sorted(processed_tables()))
def test_processed_files_round_trip(name):
    declared = processed_tables()[name]
    path = data_directory() / "processed" / f"{name}.csv"
    assert files.to_csv(files.read_processed(path, declared), declared) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(raw_tables()))
def test_raw_files_are_sorted_by_key(name, raw):
    key = list(raw_tables()[name].key)
    for file in dict.fromkeys(file for file, _ in raw[name].where):
        rows = raw[name].frame[[where[0] == file for where in raw[name].where]]
        keys = clean.typed(rows, raw_tables()[name])[key]
        assert keys.equals(keys.sort_values(key, kind="stable"))


BROKEN_FILES = {
    "other columns": (b"a,b\n1,2\n", "columns must be"),
    "not UTF-8": ("source_id,título\n".encode("latin-1"), "must be UTF-8; byte"),
    "ragged": (b"code,topic\nx\n", "line 2 must have 2 cells on one line; got 1"),
    "empty": (b"", "got an empty file"),
    "line break in a cell": (b'code,topic\n"x\ny",z\n', "line 2 must have 2 cells on one line"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_broken_files_are_named(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        files.read_text(path, ["code", "topic"])


def test_problems_are_sorted_and_counted():
    error = DataError([Problem("b.csv", 2, "x", "must be y"), Problem("a.csv", 9, "x", "must be z")])
    assert str(error).splitlines() == [
        "2 problems in the data; nothing was written",
        "a.csv:9:x: must be z",
        "b.csv:2:x: must be y",
    ]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(b"before")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left on device; nothing was written"):
        files.replace_files({path: b"after", tmp_path / "u.csv": b"after"})
    assert path.read_bytes() == b"before"


DAMAGED = {
    "cut": b"place_id,name\n0",
    "other columns": b"a,b\n1,2\n",
    "ragged": None,
    "not UTF-8": b"\xff\xfe",
    "empty": b"",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_processed_file_is_named_with_what_to_do(tmp_path, content):
    path = tmp_path / "places.csv"
    whole = (data_directory() / "processed" / "places.csv").read_bytes()
    path.write_bytes(whole.replace(b"\n", b"\n,,,,,,,,,,,,,,", 2) if content is None else content)
    with pytest.raises(ValueError, match=r"places\.csv must .*[Rr]un"):
        files.read_processed(path, processed_tables()["places"])


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the data that the test may damage."""
    shutil.copytree(data_directory(), tmp_path / "data")
    monkeypatch.setenv("REFORM_ANALYSIS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["sources.csv", pytest.param("datapackage.json", marks=pytest.mark.slow)])
def test_damaged_processed_files_are_made_again_and_it_is_said(copied, name):
    assert checksums.mend() == []
    path = copied / "processed" / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    said = f"processed/{name} had changed since `data build` and was made again from data/raw"
    assert checksums.mend() == [said]
    assert path.read_bytes() == whole
    assert checksums.mend() == []


def test_damage_that_cannot_be_mended_is_told(copied):
    (copied / "processed" / "places.csv").unlink()
    shutil.rmtree(copied / "raw")
    with pytest.raises(ValueError, match=r"processed/places\.csv must be as published; .* Reinstall"):
        checksums.mend()
