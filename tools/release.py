"""Prepare a version: `make release VERSION=x.y.z` dates the changelog, sets the version, builds what is published.

Metadata, data package and the notebooks' colophons then name the version. Nothing is published, committed or tagged;
the last lines say how. A second run gives the same bytes.
"""

import datetime
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import metadata

ROOT = metadata.ROOT
# what a release writes, and may find changed by its own earlier run
WRITTEN = {
    metadata.VERSION_FILE,
    *("metadata.toml", "CHANGELOG.md", "CITATION.cff", ".zenodo.json", "codemeta.json"),
    "data/processed/datapackage.json",
}
SECTION = re.compile(r"^## (?P<version>\S+) \((?P<date>[^)]+)\)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
NEXT = """\
dist/ holds what is to be published. What remains to be done by hand:

  make test check                          every test and check on this version
  git commit --all --message "Version {version}"
  git tag --annotate v{version} --message "Version {version}"
  git push --follow-tags
  data package and source archive to the data archive, source archive and wheel to the package index;
  the DOI that the archive gives into metadata.toml as `doi`, then `make metadata`
"""


def problems(root: Path, version: str) -> list[str]:
    """Return why this version cannot be prepared now, each with what to do."""
    found = []
    current = metadata.sources(root)["version"]
    if not (root / ".git").exists():
        return ["a release is prepared in the git repository; this is a copy without its history"]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return [f"VERSION must be three numbers such as 0.2.0; got {version!r}"]
    if _numbers(version) < _numbers(current):
        found.append(f"VERSION must not be below the current {current}; got {version}")
    if _git(root, "tag", "--list", f"v{version}"):
        found.append(f"version {version} is already tagged; choose the next, as docs/explanation/versioning.md says")
    if foreign := _foreign(root):
        found.append(f"the tree must be clean; commit or discard {', '.join(foreign)}")
    newest = SECTION.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if newest is None or newest["version"] != version:
        found.append(f"CHANGELOG.md must begin with a section `## {version} (unreleased)`; write what changed")
    elif "\n- " not in newest["text"]:
        found.append(f"the section {version} of CHANGELOG.md must say what changed; it has no item")
    return found


def prepare(root: Path, version: str, today: datetime.date) -> datetime.date:
    """Write version, date and metadata, and the data package; return the day of the version, today's for a new one.

    Raises
    ------
    ValueError
        The changelog gives a date that is none; or data or results are not what their sources give.
    """
    changelog = root / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    text = text.replace(f"## {version} (unreleased)", f"## {version} ({today})", 1)
    changelog.write_text(text, encoding="utf-8")
    released = datetime.date.fromisoformat(text.partition(f"## {version} (")[2].partition(")")[0])
    _set(root / metadata.VERSION_FILE, metadata.VERSION_LINE, f'__version__ = "{version}"')
    _set(root / "metadata.toml", re.compile(r"^released = .*$", re.MULTILINE), f"released = {released}")
    metadata.write(root)
    _python(root, "-m", "reform_analysis", "data", "build")
    stale = [
        path for path in _notebooks(root) if f"reform-analysis: {version}\\n" not in path.read_text(encoding="utf-8")
    ]
    if stale:
        _python(root, "tools/notebooks.py", *map(str, stale))
    if foreign := _foreign(root):
        raise ValueError(
            "a release must change no data and no results, but what was committed is not what the sources give: "
            f"look at {', '.join(foreign)}, and commit them first"
        )
    return released


def build(root: Path, version: str, released: datetime.date) -> list[Path]:
    """Build data package, source archive and wheel into dist/; the same tree gives the same bytes."""
    midnight = datetime.datetime.combine(released, datetime.time(), datetime.UTC)
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(midnight.timestamp()))}
    dist = root / "dist"
    # the wheel is made from the source archive, which proves that the archive is whole
    offline = ["--no-build-isolation", "--offline", "--no-create-gitignore", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "uv", "build", *offline, "--python", sys.executable, "--out-dir", dist, root],
        env=environment,
        check=True,
    )
    stem = f"reform_analysis-{version}"
    data = dist / _data_name(version)
    _zip(data, root, released)
    return [data, dist / f"{stem}.tar.gz", dist / f"{stem}-py3-none-any.whl"]


def _zip(path: Path, root: Path, released: datetime.date) -> None:
    """Write the data package as a zip file: the tables, their licences and how to cite them."""
    processed = root / "data" / "processed"
    licences = [root / "LICENSES" / f"{name}.txt" for name in ("CC-BY-4.0", "CC-BY-SA-4.0")]
    files = {file.name: file for file in [*processed.iterdir(), *licences, root / "CITATION.cff"]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", (released.year, released.month, released.day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _data_name(version: str) -> str:
    """Return the file name of the data package."""
    return f"reform-analysis-data-{version}.zip"


def _set(path: Path, line: re.Pattern[str], new: str) -> None:
    """Replace one line of a file."""
    text, count = line.subn(new, path.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{path.name} must hold one line like `{new}`; got {count}")
    path.write_text(text, encoding="utf-8")


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers, to compare."""
    return tuple(map(int, version.split(".")))


def _notebooks(root: Path) -> list[Path]:
    """Return the committed notebooks."""
    return sorted((root / "notebooks").glob("*.ipynb"))


def _foreign(root: Path) -> list[str]:
    """Return the files that differ from the last commit, new ones included, and are none that a release writes."""
    changed = {line[3:] for line in _git(root, "status", "--porcelain", "--untracked-files=all").splitlines()}
    return sorted(changed - WRITTEN - {path.relative_to(root).as_posix() for path in _notebooks(root)})


def _python(root: Path, *arguments: str) -> None:
    """Run Python with this checkout's package; the installed one may be another's."""
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    subprocess.run([sys.executable, *arguments], cwd=root, env=environment, stdout=subprocess.DEVNULL, check=True)


def _git(root: Path, *arguments: str) -> str:
    """Return what git says."""
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def main(version: str, root: Path = ROOT) -> int:
    """Prepare a version, or say why not; return the exit code."""
    found = problems(root, version)
    if found:
        print(*(f"release: {problem}" for problem in found), sep="\n", file=sys.stderr)
        return 2
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch else datetime.datetime.now(datetime.UTC)
    try:
        released = prepare(root, version, now.date())
    except ValueError as error:
        print(f"release: {error}", file=sys.stderr)
        return 2
    for path in build(root, version, released):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  dist/{path.name}")
    print(NEXT.format(version=version, data=_data_name(version)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
