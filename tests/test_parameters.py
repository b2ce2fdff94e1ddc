"""Parameters: each value checked before anything runs, and each notebook's cell held to its model."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.translators import translate_parameters

from reform_analysis.reports import cells, parameters

PROJECT = Path(__file__).parents[1]
STAFFING = Path("03_staffing.ipynb")
PLAIN = st.recursive(
    st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
COMMITTED = [path for path in sorted((PROJECT / "notebooks").glob("*.ipynb")) if path.stem in parameters.NOTEBOOKS]

REFUSED = [
    pytest.param({"lvel": 0.9}, "'lvel' is unknown; did you mean 'level'", id="misspelt name"),
    pytest.param({"zzz": 1}, "It takes: place, as_of", id="unknown name lists the known"),
    pytest.param({"level": 95}, "level: input should be less than or equal to 0.99; got 95", id="percent for share"),
    pytest.param({"level": "0.95"}, "level: input should be a valid number; got '0.95'", id="text for number"),
    pytest.param({"level": float("inf")}, "level: input should be a finite number; got inf", id="infinite"),
    pytest.param({"place": "\ud800"}, "place: must be text that UTF-8 can hold", id="half a character"),
    pytest.param({"seed": 1.5}, "seed: input should be a valid integer", id="fraction for whole number"),
    pytest.param({"seed": True}, "seed: input should be a valid integer", id="truth value for number"),
    pytest.param({"as_of": "31/10/2025"}, "as_of: must be a date as YYYY-MM-DD; got '31/10/2025'", id="date order"),
    pytest.param({"as_of": "2025-02-30"}, "as_of: must be a date", id="no such day"),
    pytest.param({"as_of": "2025-07-02"}, "as_of must lie in 2025-07-03 .. 2025-10-31; got 2025-07-02", id="too early"),
    pytest.param({"as_of": "2025-11-01"}, 'need phase="all"', id="after the window"),
    pytest.param({"as_of": "2026-02-01", "phase": "all"}, "2025-07-03 .. 2026-01-31", id="after the follow-up"),
    pytest.param({"language": "de"}, "language: input should be 'en', 'fr' or 'vi'; got 'de'", id="language"),
    pytest.param({"rule": "median"}, "rule: input should be 'all'", id="rule"),
    pytest.param({"place": "Lao Kai"}, "did you mean 'Lào Cai'", id="place"),
    pytest.param({"exclude_places": "Hà Nội"}, "exclude_places: input should be a valid list", id="one for a list"),
    pytest.param({"place": None}, "place: input should be a valid string; got None", id="nothing"),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSED)
def test_wrong_parameters_are_refused_with_what_to_do(wrong: dict, message: str) -> None:
    with pytest.raises(ValueError, match="03_staffing: ") as caught:
        parameters.validate(STAFFING, wrong)
    assert message in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"level.*;.*'lvel'") as caught:
        parameters.validate(STAFFING, {"level": 2, "lvel": 1})
    assert "level" in str(caught.value)


@pytest.mark.parametrize("stem", parameters.NOTEBOOKS)
def test_defaults_are_valid_and_explained(stem: str) -> None:
    model = parameters.model_of(Path(f"{stem}.ipynb"))
    assert set(parameters.SHARED) <= set(parameters.validate(Path(f"{stem}.ipynb"), {}))
    for row in parameters.describe(model):
        assert row["meaning"], f"{row['name']} needs a meaning"
        assert row["allowed"], f"{row['name']} needs its allowed values"


def test_every_definition_is_used() -> None:
    used = {name for extra in parameters.NOTEBOOKS.values() for name in extra} | set(parameters.SHARED)
    assert used == set(parameters.FIELDS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Lào Cai", "Lào Cai"), ("Lao Cai", "Lào Cai"), ("Việt Nam", "Việt Nam"), ("Thường Tín", "Thường Tín, Hà Nội")],
)
def test_places_get_the_registers_spelling(written: str, meant: str) -> None:
    assert parameters.validate(STAFFING, {"place": written})["place"] == meant


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_level_is_taken_in_its_range_only(level: float) -> None:
    _, problems = parameters.check(STAFFING, {"level": level})
    assert (problems == []) == (0.80 <= level <= 0.99)


@given(
    st.dictionaries(st.text(max_size=9), st.recursive(st.none() | st.booleans() | st.text() | st.floats(), st.lists))
)
def test_nothing_but_a_message_comes_of_nonsense(nonsense: dict) -> None:
    full, problems = parameters.check(STAFFING, nonsense)
    assert bool(full) != bool(problems)


def test_own_notebook_takes_what_its_cell_declares(tmp_path: Path) -> None:
    notebook = _notebook(tmp_path, "place: str = 'Huế'  # where\nn: int = 3\nnames: list[str] = ['a']")
    assert parameters.validate(notebook, {"n": 4}) == {"place": "Huế", "n": 4, "names": ["a"]}
    with pytest.raises(ValueError, match="n: input should be a valid integer; got 'x'"):
        parameters.validate(notebook, {"n": "x"})


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("n = 3", "must be `name: type = literal`"),
        ("n: int", "must be `name: type = literal`"),
        ("n: int = 3 + len('a')", "must be `name: type = literal`"),
        ("n: complex = 3", "type must be one of str, int"),
    ],
    ids=["no type", "no value", "computed", "type"],
)
def test_parameters_cell_must_be_annotated_literals(tmp_path: Path, cell: str, message: str) -> None:
    with pytest.raises(ValueError, match="parameters cell, line 1") as caught:
        parameters.model_of(_notebook(tmp_path, cell))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("x: = 1", "line 1 must be Python; invalid syntax"),
        ("n: int = 1\nx: str = 'a'\0", "must be Python"),
        (f"x: list = {'[' * 300}{']' * 300}", "must be Python; too many nested"),
        (f"n: int = {'9' * 5000}", "must be Python; Exceeds the limit"),
        ("x: list = {[]: 1}", "line 1 must be `name: type = literal`"),
        ("n: int = 'a'", "n: input should be a valid integer; got 'a'"),
        ("x: list = [b'a']", "x: input should be"),
        ("_n: int = 1", "'_n' cannot name a parameter"),
        ("model_config: int = 1", "'model_config' cannot name a parameter"),
    ],
    ids=["syntax", "NUL", "nested", "5,000 digits", "list as key", "wrong type", "bytes", "private", "taken"],
)
def test_broken_parameters_cell_is_told_with_its_place(tmp_path: Path, cell: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"own\.ipynb, parameters cell") as caught:
        parameters.model_of(_notebook(tmp_path, cell))
    assert message in str(caught.value)


BROKEN = {
    "no JSON": "[" * 100_000,
    "no format": "{}",
    "cells of no kind": '{"nbformat": 4, "cells": {}}',
    "number for a cell": '{"nbformat": 4, "cells": [1]}',
    "cell without source": '{"nbformat": 4, "cells": [{"cell_type": "code"}]}',
    "number in a source": '{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a", 1]}]}',
    "list for metadata": '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "metadata": []}]}',
    "number for tags": '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "metadata": {"tags": 3}}]}',
    "metadata of no kind": '{"nbformat": 4, "cells": [], "metadata": []}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_notebook_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"own\.ipynb.* must be "):
        cells.content_hashes(path)


@given(st.dictionaries(st.sampled_from(["word", "number", "names"]), PLAIN, min_size=1))
def test_parameters_reach_the_code_as_values_only(values: dict) -> None:
    """What Papermill writes above a notebook's code is assignments of literals that give the values back."""
    statements = ast.parse(translate_parameters("python3", "python", values, "parameters")).body
    assert [type(statement) for statement in statements] == [ast.Assign] * len(values)
    got = {statement.targets[0].id: ast.literal_eval(statement.value) for statement in statements}
    assert got == values


@pytest.mark.skipif(not COMMITTED, reason="no notebook is committed yet")
@pytest.mark.parametrize("notebook", COMMITTED, ids=lambda path: path.stem)
def test_parameters_cell_agrees_with_the_model(notebook: Path) -> None:
    declared = {line.name: line for line in cells.parameter_lines(notebook)}
    model = parameters.model_of(notebook)
    assert list(declared) == list(model.model_fields)
    for name, field in model.model_fields.items():
        assert declared[name].default == field.default, name
    parameters.validate(notebook, {name: line.default for name, line in declared.items()})


def _notebook(folder: Path, cell: str) -> Path:
    import nbformat

    path = folder / "own.ipynb"
    tagged = nbformat.v4.new_code_cell(cell, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[tagged]), path)
    return path
