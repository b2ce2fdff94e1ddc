"""The checklist holds for this checkout, and each of its checks finds the fault that it is for."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reform_analysis import cli
from reform_analysis.reports import checklist, ledger, outputs, readme, shipped

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The checkout as an archive would hold it: no version control, no build."""
    folder = tmp_path_factory.mktemp("archive")
    for name in shipped.names(ROOT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def look(check, root):
    """Return where a check finds fault."""
    return checklist.CHECKS[check][0](root)[1]


def change(was, now):
    """Return an edit: one piece of text replaced by another."""

    def edit(text):
        assert was in text
        return text.replace(was, now, 1)

    return edit


def hold(text):
    """Return an edit: this text, whatever stood there."""
    return lambda _: text


NOTEBOOK = "notebooks/06_place_profile.ipynb"
HOME = "/home" + "/somebody/data.csv"
TOOL = (ROOT / "tools" / "docs.py").read_text(encoding="utf-8")
# the check, a file, what happens to it, and what the check then names
FAULTS = [
    (
        "cells_in_order",
        NOTEBOOK,
        change('"execution_count": 3', '"execution_count": 9'),
        "06_place_profile.ipynb: cells",
    ),
    ("cells_in_order", NOTEBOOK, change('"output_type": "display_data"', '"output_type": "error"'), "ends in an error"),
    ("no_absolute_paths", "tools/a.py", hold(f'open("{HOME}")\n'), f"tools/a.py:1: {HOME.rpartition('/')[0]}"),
    ("no_absolute_paths", "docs/a.md", hold("C:" + "\\Users\\somebody\n"), "docs/a.md:1: "),
    ("data_checksums", "data/processed/scopes.csv", change("land", "Land"), "scopes.csv: has another SHA-256"),
    ("data_checksums", "data/processed/scopes.csv", hold(None), "scopes.csv: is missing"),
    ("data_checksums", "data/processed/more.csv", hold("a\n"), "more.csv: is not in the data package"),
    ("licence_of_each_file", "REUSE.toml", change('path = "**"', 'path = "src/**"'), "Makefile: no licence"),
    ("licence_of_each_file", "LICENSES/MIT.txt", hold(None), "LICENSES/MIT.txt: is missing"),
    ("no_empty_files", "docs/empty.md", hold(""), "docs/empty.md: is empty"),
    ("no_duplicate_files", "tools/a.py", hold(TOOL), "tools/a.py = tools/docs.py"),
    ("readme_parts", "README.md", change("## Data availability", "## Data"), "no heading 'Data availability'"),
    ("outputs_listed", "README.md", change("| Figure 4.1 |", "| Figure 4.0 |"), "lacks | Figure 4.1 |"),
    ("outputs_listed", "README.md", change("`national/04_", "`nation/04_"), "has | Figure 4.1 |"),
    ("data_described", "README.md", change("| `data/raw/scopes.csv` | ", "| `data/raw/scopes.csv` | 1"), "scopes.csv"),
    (
        "run_times_stated",
        "README.md",
        change("begin run_times", "begin times"),
        "no run time of 03_staffing",
    ),
    ("seeds_stated", "README.md", change("20251031", "1"), "README.md: does not state the seed 20251031"),
    ("seeds_stated", NOTEBOOK, change("seed: int", "sead: int"), "06_place_profile.ipynb: has no parameter seed"),
    ("seeds_stated", "src/reform_analysis/a.py", hold("x = np.random.normal()\n"), "`np.random.normal(` draws"),
    ("seeds_stated", "src/reform_analysis/a.py", hold("x = np.random.default_rng( )\n"), "`default_rng( )` draws"),
    ("environments_agree", "environment.yml", change("pandas==", "pandas==0"), "environment.yml: pandas is 0"),
    (
        "environments_agree",
        "pyproject.toml",
        change('"pandas>=3"', '"polars>=1"'),
        "requirements.lock: polars is missing",
    ),
    ("links_lead_somewhere", "docs/a.md", hold("[a](nowhere.md)\n"), "docs/a.md: nowhere.md"),
    ("links_lead_somewhere", "docs/a.md", hold("[a](README.md#nothing)\n"), "docs/a.md: README.md#nothing"),
]


@pytest.mark.parametrize("check", checklist.CHECKS)
def test_this_checkout_passes(check, copy):
    assert look(check, copy) == []


@pytest.mark.parametrize(
    ("check", "name", "edit", "place"), FAULTS, ids=[f"{n} {one[0]}" for n, one in enumerate(FAULTS)]
)
def test_a_fault_is_found_and_placed(check, name, edit, place, copy):
    path = copy / name
    before = path.read_bytes() if path.is_file() else None
    after = edit(None if before is None else before.decode())
    try:
        path.unlink() if after is None else path.write_text(after, encoding="utf-8")
        where = look(check, copy)
        assert any(place in one for one in where), where
    finally:
        path.unlink() if before is None else path.write_bytes(before)


def test_every_check_is_seen_to_fail():
    assert {one[0] for one in FAULTS} == set(checklist.CHECKS)


def test_what_is_asked_of_a_result(monkeypatch):
    def twelve(root):
        """Hold in every file."""
        return "3 files", [f"f{n}" for n in range(12)]

    monkeypatch.setitem(checklist.CHECKS, "no_empty_files", (twelve, "fill"))
    results = {result.id: result for result in checklist.run(ROOT)}
    assert all(result.must.endswith(".") and result.do for result in results.values())
    lines = str(results["no_empty_files"]).split("\n")
    assert lines[0].startswith("FAILS  no_empty_files")
    assert [line.strip() for line in lines[-3:]] == ["f9", "and 2 more", "To do: fill"]


@pytest.mark.parametrize(("where", "code"), [([], 0), (["README.md"], 1)])
def test_the_command_ends_with_1_where_a_check_fails(where, code, monkeypatch, capsys):
    def passing(root):
        """Hold."""
        return "nothing", where

    monkeypatch.setattr(checklist, "CHECKS", {"passing": (passing, "nothing")})
    monkeypatch.setattr("sys.argv", ["reform-analysis", "checklist"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert capsys.readouterr().out.endswith(f"{1 - code} of 1 checks hold\n")
    monkeypatch.setattr("sys.argv", ["reform-analysis", "checklist", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert json.loads(capsys.readouterr().out)["passed"] is (code == 0)


def test_shipped_files_are_those_under_version_control():
    if not (ROOT / ".git").exists():
        pytest.skip("not under version control")
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    assert shipped.names(ROOT) == sorted({name for name in listed if name and (ROOT / name).is_file()})


def test_what_tools_make_is_what_version_control_ignores():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {one.strip("/") for one in ignored} == shipped.MADE_BY_TOOLS - {".git"} | {"*.pyc", "*.tmp"}


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("**", "a/b.py", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("docs/**", "docs/a/b.md", True),
        ("data/*/x.csv", "data/raw/x.csv", True),
        ("data/*/x.csv", "data/raw/a/x.csv", False),
        ("a.b", "axb", False),
    ],
)
def test_globs_of_reuse(glob, name, matches):
    assert bool(shipped._pattern(glob).fullmatch(name)) is matches


def test_parts_are_filled_and_the_rest_stays(monkeypatch):
    monkeypatch.setitem(readme.WRITERS, "data", lambda root, build: "new")
    text = "before\n<!-- begin data: written -->\nold\n<!-- end data -->\nafter\n"
    filled = readme.filled(text, ROOT, ROOT)
    assert filled == "before\n<!-- begin data: written -->\n\nnew\n\n<!-- end data -->\nafter\n"
    assert readme.filled(filled, ROOT, ROOT) == filled
    with pytest.raises(ValueError, match="part 'dada' is unknown; known: data, run_times"):
        readme.filled(text.replace("data", "dada"), ROOT, ROOT)


def test_run_times_are_those_of_the_last_build(tmp_path, copy):
    def record(notebook, number, seconds):
        return {
            "report": f"national/{notebook}-{number}",
            "status": "ok",
            "notebook": notebook,
            "seconds": seconds,
            "peak_mb": 100.4 + number,
            "key": {"python": "3.11.7 Linux x86_64"},
        }

    book = ledger.read(tmp_path)
    names = [path.stem for path in readme.notebooks(copy)]
    stands = readme.parts((copy / "README.md").read_text(encoding="utf-8"))["run_times"]
    for name in names[1:]:
        book.append(record(name, 0, 30.0))
    assert readme.run_times(copy, tmp_path) == stands
    for number, seconds in enumerate([1.2, 9.0, 4.4]):
        book.append(record(names[0], number, seconds))
    lines = readme.run_times(copy, tmp_path).split("\n")
    assert lines[2] == "| `01_evidence_audit` | 3 | 4.4 | 102 |"
    assert lines[-1] == "All 9 reports one after the other: 195 s. Python 3.11.7 Linux x86_64."


def test_every_figure_and_table_of_the_notebooks_is_listed():
    listed = outputs.listed(ROOT)
    text = "".join(path.read_text(encoding="utf-8") for path in readme.notebooks(ROOT))
    assert sum(one.number.startswith("Figure") for one in listed) == text.count('"image/png": "')
    assert sum(one.number.startswith("Table") for one in listed) == len(
        re.findall(r'<table class=\\"ra-table\\"', text)
    )
    assert len({one.number for one in listed}) == len(listed)
    assert all(one.calls and one.title for one in listed)
