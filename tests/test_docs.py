"""What the pages say is so: their commands and examples run and print what is shown, and generated pages are fresh.

A fence `console` is run in a copy of the checkout, one shell a page; `python` and `pycon` in one namespace a page. A
comment on the line before says otherwise: `<!-- slow -->`, `<!-- not run: REASON -->`, `<!-- file: NAME -->`.
"""

import doctest
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from reform_analysis.reports import batch, formats, readme, shipped

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"(?:<!-- ([^>]*) -->\n)?^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
LIKE_SHOWN = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

spec = importlib.util.spec_from_file_location("docs", ROOT / "tools" / "docs.py")
docs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(docs)


@dataclass(frozen=True)
class Fence:
    """A block of a page: what it is, what stands in it, and what the comment before it says."""

    kind: str
    text: str
    comment: str

    @property
    def commands(self):
        """Pairs of a command and the output shown below it."""
        blocks = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [block.partition("\n")[::2] for block in blocks]


def fences(page):
    # a comment in a list is indented as its fence is
    text = re.sub(r"^ +(<!-- [^>]* -->)$", r"\1", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [Fence(kind, textwrap.dedent(body), comment or "") for comment, _, kind, body in FENCE.findall(text)]


def with_fences(*kinds):
    return [page for page in PAGES if any(fence.kind in kinds for fence in fences(page))]


def name_of(page):
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout, and the environment in which its commands are found."""
    for name in shipped.names(ROOT):
        (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / "copy" / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for program, call in {"python": "", "reform-analysis": " -m reform_analysis"}.items():
        (programs / program).write_text(f'#!/bin/sh\nexec "{sys.executable}"{call} "$@"\n')
        (programs / program).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return tmp_path / "copy", os.environ | {"PATH": path, "PYTHONPATH": str(tmp_path / "copy" / "src")}


def run_commands(page, checkout, *, slow):
    """Run the commands of a page in one shell; compare what each prints with what the page shows."""
    folder, environment = checkout
    wanted, script = [], ["set -eu"]
    for fence in fences(page):
        if fence.comment.startswith("file: "):
            (folder / fence.comment[6:]).parent.mkdir(parents=True, exist_ok=True)
            (folder / fence.comment[6:]).write_text(fence.text, encoding="utf-8")
        elif fence.kind == "console" and (not fence.comment or (slow and fence.comment == "slow")):
            for command, shown in fence.commands:
                wanted.append((command, shown))
                script += ["echo '@@@'", command]
    done = subprocess.run(
        ["sh", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    printed = done.stdout.split("@@@\n")[1:]
    assert done.returncode == 0, f"{wanted[len(printed) - 1][0]}\n{printed[-1]}"
    for (command, shown), got in zip(wanted, printed, strict=True):
        assert not shown or doctest.OutputChecker().check_output(shown, got, LIKE_SHOWN), f"{command}\n{got}"


@pytest.mark.parametrize("page", with_fences("console"), ids=name_of)
def test_commands_print_what_is_shown(page, checkout):
    run_commands(page, checkout, slow=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(fence.comment == "slow" for fence in fences(page))], ids=name_of
)
def test_slow_commands_print_what_is_shown(page, checkout):
    run_commands(page, checkout, slow=True)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_not_run_are_few_and_say_why(page):
    reasons = [fence.comment for fence in fences(page) if fence.comment.startswith("not run")]
    assert len(reasons) <= 2
    assert all(len(reason.removeprefix("not run: ")) > 5 for reason in reasons)
    if reasons:
        pytest.skip("; ".join(reasons))


def test_every_fence_is_of_a_known_kind():
    known = re.compile(r"slow|not run: .+|file: \S+|")
    for page in PAGES:
        for fence in fences(page):
            assert fence.kind in ("console", "python", "pycon", "csv", "yaml", "text"), (name_of(page), fence)
            assert known.fullmatch(fence.comment), (name_of(page), fence.comment)
            assert fence.kind != "console" or fence.commands, (name_of(page), fence)
            assert fence.kind not in ("csv", "text") or fence.comment, (name_of(page), fence)
            # a comment is not seen, so the words around must name the file
            assert f"`{fence.comment[6:]}`" in page.read_text(encoding="utf-8") or fence.comment[:6] != "file: "


@pytest.mark.parametrize("page", with_fences("python", "pycon"), ids=name_of)
def test_examples_run(page):
    names = {}
    for fence in fences(page):
        if fence.kind == "python":
            exec(compile(fence.text, name_of(page), "exec"), names)
        elif fence.kind == "pycon":
            test = doctest.DocTestParser().get_doctest(fence.text, names, name_of(page), None, None)
            told = []
            assert (
                not doctest.DocTestRunner(optionflags=LIKE_SHOWN).run(test, out=told.append, clear_globs=False).failed
            ), told
            names.update(test.globs)


@pytest.mark.parametrize(("path", "text"), docs.pages().items(), ids=lambda value: getattr(value, "stem", ""))
def test_reference_is_fresh(path, text):
    assert path.read_text(encoding="utf-8") == text, "run `make docs`"


def test_run_times_are_of_the_notebooks():
    # their values are those of one machine and one build
    text = readme.parts((ROOT / "README.md").read_text(encoding="utf-8"))["run_times"]
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == [path.stem for path in readme.notebooks(ROOT)]


def test_batch_files_are_described_whole():
    text = (ROOT / "docs" / "reference" / "batch-files.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert described == {*batch.BatchFile.model_fields, *formats.FORMATS}


def test_every_page_is_on_the_map():
    start = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)#]+)", start)}
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - linked == {ROOT / "docs" / "README.md"}
