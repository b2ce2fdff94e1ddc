"""A version is prepared whole or refused with reasons; what is published works away from the checkout."""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import reform_analysis as ra
from reform_analysis.reports import ledger

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))
import drift  # noqa: E402
import metadata  # noqa: E402
import release  # noqa: E402

CHANGELOG = "# Changes\n\n## 0.2.0 (unreleased)\n\n### Data\n\n- A figure.\n\n## 0.1.0 (2026-01-01)\n\n- First.\n"
SOURCES = ["pyproject.toml", "metadata.toml", metadata.VERSION_FILE]


def _git(folder, *arguments):
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path):
    """A repository with the files that decide on a release, at version 0.1.0."""
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    version = tmp_path / metadata.VERSION_FILE
    version.write_text(metadata.VERSION_LINE.sub('__version__ = "0.1.0"', version.read_text(encoding="utf-8")))
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_a.ipynb").write_text('["reform-analysis: 0.1.0\\n"]')
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_a_well_prepared_tree_has_no_problems(project):
    assert release.problems(project, "0.2.0") == []


@pytest.mark.parametrize(
    ("version", "edit", "message"),
    [
        ("", None, "VERSION must be three numbers such as 0.2.0; got ''"),
        ("0.2.0rc1", None, "got '0.2.0rc1'"),
        ("0.0.9", None, "must not be below the current 0.1.0; got 0.0.9"),
        ("0.3.0", None, "must begin with a section `## 0.3.0 \\(unreleased\\)`"),
        ("0.2.0", ("CHANGELOG.md", "# Changes\n\n## 0.2.0 (unreleased)\n\n### Data\n"), "it has no item"),
        ("0.2.0", ("src/reform_analysis/new.py", ""), "the tree must be clean; .* src/reform_analysis/new.py"),
        ("0.2.0", ("pyproject.toml", None), "commit or discard pyproject.toml"),
    ],
    ids=["none", "not three numbers", "lower", "no section", "empty section", "new file", "changed file"],
)
def test_a_version_is_refused_with_the_reason(project, version, edit, message):
    if edit:
        file, text = edit
        path = project / file
        path.write_text(path.read_text(encoding="utf-8") + "\n" if text is None else text, encoding="utf-8")
    found = release.problems(project, version)
    with pytest.raises(ValueError, match=message):
        raise ValueError("\n".join(found))


def test_a_copy_without_git_is_refused(project):
    shutil.rmtree(project / ".git")
    assert release.problems(project, "0.2.0") == [
        "a release is prepared in the git repository; this is a copy without its history"
    ]


def test_a_tagged_version_is_refused_and_the_command_says_so(project, capsys):
    _git(project, "tag", "v0.2.0")
    assert release.main("0.2.0", project) == 2
    assert "release: version 0.2.0 is already tagged" in capsys.readouterr().err


@pytest.fixture
def without_runs(monkeypatch):
    """Keep what a release runs in other processes, in place of running it."""
    runs = []
    monkeypatch.setattr(release, "_python", lambda root, *arguments: runs.append(arguments))
    return runs


def test_a_version_reaches_code_changelog_metadata_data_and_notebooks(project, without_runs):
    released = release.prepare(project, "0.2.0", datetime.date(2026, 3, 4))
    assert released == datetime.date(2026, 3, 4)
    assert "## 0.2.0 (2026-03-04)" in (project / "CHANGELOG.md").read_text(encoding="utf-8")
    source = metadata.sources(project)
    assert (source["version"], source["released"]) == ("0.2.0", released)
    citation = yaml.safe_load((project / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["date-released"]) == ("0.2.0", "2026-03-04")
    notebook = str(project / "notebooks" / "01_a.ipynb")
    assert without_runs == [("-m", "reform_analysis", "data", "build"), ("tools/notebooks.py", notebook)]


def test_a_second_run_changes_nothing_and_keeps_the_day(project, without_runs):
    def texts():
        return {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git/" not in str(path)}

    release.prepare(project, "0.2.0", datetime.date(2026, 3, 4))
    (project / "notebooks" / "01_a.ipynb").write_text('["reform-analysis: 0.2.0\\n"]')
    before = texts()
    assert release.problems(project, "0.2.0") == []
    assert release.prepare(project, "0.2.0", datetime.date(2026, 5, 6)) == datetime.date(2026, 3, 4)
    assert texts() == before
    assert without_runs[2:] == [("-m", "reform_analysis", "data", "build")]


def test_changed_results_stop_a_release(project, monkeypatch):
    expected = project / "reports" / "expected" / "01_a.json"
    expected.parent.mkdir(parents=True)
    monkeypatch.setattr(release, "_python", lambda root, *arguments: expected.write_text("{}"))
    with pytest.raises(ValueError, match=r"must change no data and no results.* look at reports/expected/01_a\.json"):
        release.prepare(project, "0.2.0", datetime.date(2026, 3, 4))


def test_the_day_in_the_changelog_is_the_metadatas():
    newest = release.SECTION.search((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert newest["version"] == ra.__version__ or newest["date"] == "unreleased"
    if newest["date"] != "unreleased":
        assert newest["date"] == metadata.sources()["released"].isoformat()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the wheel installed by pip, as in an environment without the checkout."""
    pytest.importorskip("hatchling", reason="hatchling is not installed; it is in the extra `dev`")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    install = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder / "site"), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return folder / "site"


def test_an_installed_wheel_loads_its_own_data(site, tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import reform_analysis as ra\n"
        "figures = ra.load()\n"
        "assert figures.observation_id[0] in str(ra.trace(figures.observation_id[0]))\n"
        "print(ra.__file__, ra.__version__, len(figures), figures.observation_id[0])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "REFORM_ANALYSIS_DATA"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    figures = ra.load()
    file = site / "reform_analysis" / "__init__.py"
    assert done.stdout.split() == [str(file), ra.__version__, str(len(figures)), figures["observation_id"][0]]


def test_a_wheel_carries_every_processed_file_and_every_licence(site):
    processed = ROOT / "data" / "processed"
    carried = site / "reform_analysis" / "data" / "processed"
    assert {file.name: file.read_bytes() for file in carried.iterdir()} == {
        file.name: file.read_bytes() for file in processed.iterdir()
    }
    (info,) = site.glob("*.dist-info")
    assert {path.name for path in (info / "licenses" / "LICENSES").iterdir()} == {
        path.name for path in (ROOT / "LICENSES").iterdir()
    }


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the git repository")
def test_a_release_of_this_version_builds_the_same_bytes_twice(tmp_path, capsys):
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--no-tags", str(ROOT), str(checkout)], check=True)
    sums = []
    for _ in range(2):
        assert release.main(ra.__version__, checkout) == 0, capsys.readouterr().err
        files = sorted((checkout / "dist").iterdir())
        sums.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    assert sums[0] == sums[1]
    stem = f"reform_analysis-{ra.__version__}"
    data = f"reform-analysis-data-{ra.__version__}"
    assert list(sums[0]) == [f"{data}.zip", f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"]
    with tarfile.open(checkout / "dist" / f"{stem}.tar.gz") as archive:
        assert {f"{stem}/notebooks/03_staffing.ipynb", f"{stem}/codemeta.json"} < set(archive.getnames())
    with zipfile.ZipFile(checkout / "dist" / f"{data}.zip") as archive:
        package = json.loads(archive.read(f"{data}/datapackage.json"))
        assert package["version"] == ra.__version__
        for resource in package["resources"]:
            content = archive.read(f"{data}/{resource['path']}")
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert {f"{data}/CC-BY-4.0.txt", f"{data}/CITATION.cff"} < set(archive.namelist())


@pytest.fixture
def expected(tmp_path):
    folder = tmp_path / "expected"
    folder.mkdir()
    number = {"value": 10.0, "low": 9.0, "high": 11.0, "unit": "count", "tolerance": 0.5, "why": "simulation"}
    (folder / "small.json").write_text(json.dumps({"number": number}))
    return folder


def _book(folder, *records):
    book = ledger.Ledger(folder / ledger.NAME)
    for name, status, value in records:
        numbers = [] if value is None else [{"name": "number", "value": value, "low": 9.0, "high": 11.0}]
        given = {"notebook": "small", "message": "ImportError: gone", "key_numbers": numbers}
        book.take({"report": name, "status": status} | given)
    return book


@pytest.mark.parametrize(
    ("records", "steady", "said"),
    [
        ([("b/en", "ok", 10.5)], True, "Reports: 1 built, 0 failed. Key numbers: 1 compared, 0 moved."),
        ([("b/en", "ok", 10.6)], False, "| b/en | number | 10.0 | 10.6 |"),
        ([("b/en", "ok", None)], False, "| b/en | number | 10.0 | None |"),
        ([("b/en", "ok", 10.0), ("b/fr", "failed", None)], False, "| b/fr | ImportError: gone |"),
        ([], False, "Reports: 0 built"),
    ],
    ids=["within the tolerance", "beyond it", "missing", "failed", "nothing built"],
)
def test_drift_is_what_moves_beyond_the_tolerance(tmp_path, expected, records, steady, said):
    text, holds = drift.report(_book(tmp_path, *records), {}, lock="", expected=expected)
    assert holds is steady
    assert said in text.splitlines() or any(line.startswith(said) for line in text.splitlines())


def test_drift_names_the_packages_that_differ_from_the_lock(tmp_path, expected):
    lock = 'numpy==2.1 \\\n    --hash=sha256:aa\npandas==3.0 ; python_version < "3.12" \\\npandas==3.1 \\\n'
    versions = {"numpy": "2.2", "pandas": "3.1", "unlocked": "1.0"}
    text, _ = drift.report(_book(tmp_path), versions, lock=lock, expected=expected)
    assert [line for line in text.splitlines() if line.startswith("| ")][2:] == ["| numpy | 2.1 | 2.2 |"]


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.stem)
def test_a_workflow_runs_commands_that_exist(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()}
    used = [command.split() for command in commands for command in command.splitlines()]
    assert any(words[0] in ("make", ".ci/run") for words in used)
    for words in used:
        assert words[0] != "make" or words[1] in targets
        assert words[0] != ".ci/run" or os.access(ROOT / ".ci" / "run", os.X_OK)
