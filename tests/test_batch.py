"""Batch files: what they ask for, and the line of everything that is wrong in them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports_helpers import NOTEBOOKS, PROJECT

from reform_analysis.reports import batch, yamlfile

SMALL = f"notebook: {NOTEBOOKS / 'small.ipynb'}"


def _load(folder: Path, text: str, name: str = "b.yaml") -> list[batch.Report]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return batch.load(path)


def test_matrix_less_exclude_plus_include(tmp_path: Path) -> None:
    reports = _load(
        tmp_path,
        f"""
title: t
{SMALL}
matrix:
  word: [one, two]
  number: [1, 2]
exclude:
  - {{word: two, number: 1}}
include:
  - {{word: three, mode: none}}
parameters: {{mode: fine}}
limits: {{minutes: 2}}
""",
    )
    assert [tuple(report.given.items()) for report in reports] == [
        (("mode", "fine"), ("word", "one"), ("number", 1)),
        (("mode", "fine"), ("word", "one"), ("number", 2)),
        (("mode", "fine"), ("word", "two"), ("number", 2)),
        (("mode", "none"), ("word", "three")),
    ]
    assert reports[0].parameters == {"word": "one", "number": 1, "mode": "fine"}
    assert {(report.limits.minutes, report.limits.memory_mb) for report in reports} == {(2.0, 2048)}


WRONG = [
    pytest.param("title: t\nnotebok: x", "line 2: key 'notebok' is unknown; known keys: title, notebook", id="key"),
    pytest.param("notebook: x", "line 1: key 'title' is missing", id="missing key"),
    pytest.param("title: t\nnotebook: x\nformats:\n  - docm", "line 4: formats.0: input should be 'html'", id="format"),
    pytest.param(
        f"title: t\n{SMALL}\nlimits:\n  minutes: 0", "line 4: limits.minutes: input should be greater", id="0"
    ),
    pytest.param(
        f"title: t\n{SMALL}\nlimits: {{hours: 1}}", "key 'limits.hours' is unknown; known keys: minutes", id="h"
    ),
    pytest.param("title: t\nnotebook: nonesuch", "line 2: notebook 'nonesuch' is unknown", id="notebook"),
    pytest.param(
        f"title: t\n{SMALL}\nmatrix:\n  wrd: [a]", "line 4: small: parameter 'wrd' is unknown; did you", id="name"
    ),
    pytest.param(f"title: t\n{SMALL}\nmatrix:\n  number: [1, a]", "line 4: small: number: input should be", id="type"),
    pytest.param(f"title: t\n{SMALL}\nparameters:\n  number: x", "line 4: small: number", id="parameter"),
    pytest.param(f"title: t\n{SMALL}\nmatrix:\n  word: every town", "line 4: matrix word must be a list", id="query"),
    pytest.param(
        f"title: t\n{SMALL}\nmatrix:\n  word: []", "line 4: matrix word must be a list with values", id="empty"
    ),
    pytest.param(
        f"title: t\n{SMALL}\nmatrix:\n  word: [a]\nexclude:\n  - word: b", "line 6: this exclude match", id="ex"
    ),
    pytest.param(f"title: t\n{SMALL}\nmatrix:\n  word: [a, a]", "is asked for twice", id="twice"),
    pytest.param(f"title: t\n{SMALL}\ntitle: u", "line 3: key 'title' stands twice", id="key twice"),
    pytest.param(f"title: &a t\n{SMALL}\nparameters:\n  word: *a", "anchors and aliases are not supported", id="alias"),
    pytest.param("title: [", "not valid YAML", id="not YAML"),
    pytest.param("", "b.yaml is empty", id="empty file"),
    pytest.param("- a", "b.yaml, line 1", id="a list"),
    pytest.param(
        "title: !!python/object:os.system {}", "line 1: tags such as tag:yaml.org,2002:python/object:os", id="code"
    ),
    pytest.param("title: !!binary aGk=", "line 1: tags such as tag:yaml.org,2002:binary are not", id="binary"),
    pytest.param("title: t\nnotebook: !!timestamp x", "line 2: tags such as", id="timestamp"),
    pytest.param("title: t\n? [a]\n: b", "line 2: a key must be a word; got a list or mapping", id="list as a key"),
    pytest.param("title: !!bool x", "line 1: value 'x' must be text, a number or true or false", id="no truth value"),
    pytest.param("title: !!int ''", "line 1: value '' must be text, a number", id="no number"),
    pytest.param(f"title: t\n{SMALL}\nparameters:\n  number: 0b_", "line 4: value '0b_' must be", id="no digits"),
    pytest.param(f"title: t\n{SMALL}\nparameters:\n  number: {'9' * 5000}", "line 4: value '9999", id="5,000 digits"),
    pytest.param(f"title: {'[' * 5000}", "b.yaml", id="nested deeply"),
    pytest.param(f"title: t\nnotebook: {'x' * 10_000}", "line 2: notebook 'xxx", id="long name"),
    pytest.param("title: t\nnotebook: []", "line 2: the batch asks for no report", id="no notebook"),
    pytest.param(
        f"title: t\n{SMALL}\nmatrix: {{word: [a]}}\nexclude: [{{word: a}}]", "asks for no report", id="all excluded"
    ),
    pytest.param(
        f"title: t\n{SMALL}\nmatrix:\n" + "".join(f"  k{n}: {list(range(100))}\n" for n in range(9)),
        "line 3: a batch must ask for at most 100,000 reports; got 1,000,000,000,000,000,000",
        id="too many",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_faults_are_told_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"b\.yaml") as caught:
        _load(tmp_path, text)
    assert message in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 5") as caught:
        _load(tmp_path, f"title: t\n{SMALL}\nmatrix:\n  wrd: [a]\n  number: [x]")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["b.yaml, line 4", "b.yaml, line 5"]


def test_absent_file_and_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="must exist"):
        batch.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("title: Việt".encode("utf-16"))
    with pytest.raises(ValueError, match="must be UTF-8"):
        batch.load(tmp_path / "latin.yaml")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("b") / "b.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(ValueError, match=r"b\.yaml"):
        batch.load(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Lào Cai", "lao-cai"), ("Đắk Lắk", "dak-lak"), ("../../etc/passwd", "etc-passwd"), ("a\0b\u202e", "a-b")],
)
def test_slugs_are_ascii(text: str, expected: str) -> None:
    assert batch.slug(text) == expected


@given(st.dictionaries(st.sampled_from(["word", "place", "n"]), st.text(max_size=400) | st.integers() | st.booleans()))
def test_names_are_safe_file_names_and_differ_with_the_parameters(values: dict) -> None:
    name = batch.report_name("06_place_profile", values)
    assert name.isascii()
    assert len(name) < 100
    assert not set(name) & set('/\\:*?"<>| \0.')
    assert name != batch.report_name("06_place_profile", values | {"more": "x"})


def test_adding_a_default_keeps_names(tmp_path: Path) -> None:
    one, other = (_load(tmp_path, f"title: t\n{SMALL}\nparameters: {{word: a}}") for _ in range(2))
    assert one[0].name == other[0].name == batch.report_name("small", {"word": "a"})


def test_dates_stay_text() -> None:
    assert yamlfile.scalar("2025-08-31") == "2025-08-31"
    assert yamlfile.scalar("0.9") == 0.9
    assert yamlfile.scalar("a: [") == "a: ["


@pytest.mark.parametrize("text", ["", "!!bool x", "!!int ''", "0b_", "9" * 5000, "&a [*a]", "[" * 5000, "!!set {a}"])
def test_what_is_no_plain_value_stays_text(text: str) -> None:
    assert yamlfile.scalar(text) == text


def test_every_province_is_34() -> None:
    assert len(batch.provinces()) == 34
    assert "Lào Cai" in batch.provinces()


@pytest.mark.parametrize("name", ["national", "reviews", "provinces"])
def test_standard_batches_are_valid(name: str) -> None:
    path = PROJECT / "reports" / f"{name}.yaml"
    wanted = yamlfile.load(path)[0]["notebook"]
    stems = [wanted] if isinstance(wanted, str) else wanted
    missing = [stem for stem in stems if not (PROJECT / "notebooks" / f"{stem}.ipynb").is_file()]
    if missing:
        pytest.skip(f"notebook {missing[0]} is not there yet")
    reports = batch.load(path)
    batch.refuse_twins(reports)
    assert len(reports) >= 9


@pytest.mark.parametrize(
    "name",
    [
        "...yaml",
        "..yaml",
        ".yaml",
        "<script>.yaml",
        "=cmd.yaml",
        "a\nb.yaml",
        "a\u202eb.yaml",
        "a .yaml",
        f"{'x' * 90}.yaml",
    ],
)
def test_names_of_batch_files_are_those_of_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name of a batch file must be"):
        _load(tmp_path, f"title: t\n{SMALL}", name)
    assert _load(tmp_path, f"title: t\n{SMALL}", "Đợt 1.yaml")[0].id.startswith("Đợt 1/small-")


def test_two_batches_of_one_name_are_refused() -> None:
    twin = batch.single(NOTEBOOKS / "small.ipynb", {})
    with pytest.raises(ValueError, match="asked for twice"):
        batch.refuse_twins([twin, twin])
