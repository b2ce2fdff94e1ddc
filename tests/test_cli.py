"""The command line: exit codes, messages in place of tracebacks, and nothing imported that is not needed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from reports_helpers import NOTEBOOKS, SharedTemplate

from reform_analysis import cli
from reform_analysis.reports import kernels

SMALL = str(NOTEBOOKS / "small.ipynb")
HEAVY = (
    "pandas",
    "numpy",
    "papermill",
    "nbconvert",
    "nbformat",
    "matplotlib",
    "IPython",
    "jupyter_client",
    "rapidfuzz",
)


def _run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reform_analysis", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, env=os.environ | (env or {})
    )


def _main(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process."""
    monkeypatch.setattr(sys, "argv", ["reform-analysis", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return ended.value.code if isinstance(ended.value.code, int) else 0, out, err


BAD = [
    pytest.param(["run", "nonesuch"], "notebook 'nonesuch' is unknown; it must be a path or one of", id="notebook"),
    pytest.param(["run", SMALL, "-p", "wrd=x"], "parameter 'wrd' is unknown; did you mean 'word'", id="name"),
    pytest.param(["run", SMALL, "-p", "number=x"], "number: input should be a valid integer; got 'x'", id="type"),
    pytest.param(["run", SMALL, "-p", "word"], "-p must be name=value; got 'word'", id="no value"),
    pytest.param(["run", SMALL, "--formats", "html,docm"], "format 'docm' is unknown; known: html", id="format"),
    pytest.param(["build", "nonesuch.yaml"], "batch file nonesuch.yaml must exist", id="batch"),
    pytest.param(["data", "add", "nonesuch.csv"], "nonesuch.csv", id="file to add"),
    pytest.param(["data", "trace", "nonesuch"], "nonesuch", id="observation"),
    pytest.param(["data", "verify", "nonesuch"], "nonesuch must be a folder", id="folder"),
    pytest.param(["data", "add", "."], "Is a directory: '.'", id="folder to add"),
    pytest.param(["build", "."], "name of a batch file must be", id="folder for a batch"),
    pytest.param(["data", "add", "x" * 300], "File name too long", id="long name"),
    pytest.param(["run", SMALL, "-p", "word=\udcff"], "word: must be text that UTF-8 can hold", id="byte"),
    pytest.param(["run", "\x1b[2Jx"], "notebook '\\x1b[2Jx' is unknown", id="escape sequence"),
    pytest.param(["run", "x" * 9000], "x... (9,", id="endless name"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_ends_in_one_message_and_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    code, out, err = _main(capsys, monkeypatch, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("reform-analysis: ")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_terminal_can_show_the_answers(encoding: str) -> None:
    done = _run("data", "trace", "baodienbienphu-0a4aaf.01", env={"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, "")
    assert "nearly 80" in done.stdout


@pytest.mark.parametrize("arguments", [["build", "--jobs", "0"], ["build", "--nonesuch"], ["nonesuch"]])
def test_bad_usage_is_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert _main(capsys, monkeypatch, *arguments)[0] == 2


def test_help_names_every_command() -> None:
    shown = _run("--help", env={"TERM": "dumb"}).stdout
    for command in ("build", "run", "plan", "status", "why", "reproduce", "data"):
        assert re.search(rf"\b{command}\b", shown)


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One template for all builds of a test, as starting one takes seconds."""
    shared = SharedTemplate()
    monkeypatch.setattr(kernels, "Template", lambda: shared)
    yield
    shared.close()


@pytest.mark.usefixtures("template")
@pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")
def test_build_plan_status_why_reproduce(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        return _main(capsys, monkeypatch, *arguments)

    batch, out = tmp_path / "b.yaml", ["--out", str(tmp_path / "out")]
    batch.write_text(json.dumps({"title": "t", "notebook": SMALL, "matrix": {"mode": ["fine", "fail", "none"]}}))
    file = str(batch)

    code, said, _ = run("plan", file, *out)
    assert (code, said.count("never built")) == (0, 3)
    assert not (tmp_path / "out").exists()

    code, said, told = run("build", file, *out)
    lines = told.splitlines()
    assert (code, said) == (1, f"reports are in {tmp_path / 'out'}\n")
    assert lines[0] == "3 reports, 0 up to date, 3 to build"
    assert any(re.match(r"failed: b/small-fail-\w{6}: KeyError: 'one'$", line) for line in lines)
    assert lines[-1].endswith(".failure.html")
    assert sorted(path.suffix for path in (tmp_path / "out" / "b").iterdir()) == [".html"] * 3 + [".ipynb"] * 3

    rows = [json.loads(line) for line in run("status", file, *out, "--json")[1].splitlines()]
    assert [row["status"] for row in rows] == ["ok", "failed", "not applicable"]
    assert "last attempt: failed: KeyError: 'one'" in run("why", "small-fail", "--batch", file, *out)[1]
    assert run("why", "small-nonesuch", "--batch", file, *out)[0] == 2

    events = [json.loads(line) for line in run("build", file, *out, "--json", "--only-failed")[1].splitlines()]
    assert [event["event"] for event in events] == ["start", "done", "stop"]
    assert events[-1]["counts"] == {"cached": 0, "failed": 1}

    code, said, _ = run("reproduce", "small-fine", "--batch", file, *out)
    assert (code, said.splitlines()[-1]) == (0, "1 of 1 key numbers agree")


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert _imported(*arguments) == []


def test_build_with_nothing_to_do_imports_nothing_heavy(tmp_path: Path) -> None:
    batch = tmp_path / "b.yaml"
    batch.write_text(json.dumps({"title": "t", "notebook": SMALL}))
    arguments = ["build", str(batch), "--out", str(tmp_path / "out"), "--quiet"]
    assert _run(*arguments).returncode == 0
    assert _imported(*arguments) == []


def _imported(*arguments: str) -> list[str]:
    """Return which of the heavy distributions a command imports."""
    code = f"""
import atexit, sys
sys.argv[0] = "reform-analysis"
atexit.register(lambda: print("IMPORTED", [name for name in {HEAVY!r} if name in sys.modules]))
from reform_analysis.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.rpartition("IMPORTED ")[2].replace("'", '"')))
