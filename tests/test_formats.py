"""Formats: chosen by name, refused where they cannot be made, the same bytes everywhere, notebooks left as they are."""

import copy
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import nbformat
import pytest
from report_sample import display, notebook, png, report
from reports_helpers import NOTEBOOKS, SharedTemplate

from reform_analysis import cli
from reform_analysis.display.chart import VECTOR
from reform_analysis.reports import archive, batch, build, document, formats, kernels, ledger, pictures, plan, reproduce
from reform_analysis.reports.progress import Quiet

needs_fork = pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")


def possible() -> list[str]:
    """Return the formats that can be made here: all of them with the extra ``export``."""
    made = []
    for name in formats.FORMATS:
        try:
            formats.check([name])
        except ValueError:
            continue
        made.append(name)
    return made


def test_names_are_the_same_for_batch_files_and_the_command_line() -> None:
    assert list(typing.get_args(formats.Format)) == list(formats.FORMATS)
    help_text = str(typing.get_args(typing.get_type_hints(cli.build, include_extras=True)["formats"])[1].help)
    assert ",".join(formats.FORMATS) in help_text


def test_each_format_makes_the_files_it_promises() -> None:
    files = formats.write(report(), possible(), {})
    assert list(files) == [suffix for name in possible() for suffix in formats.FORMATS[name].suffixes]
    assert all(files.values())
    assert formats.write(report(), [], {}) == {}


@pytest.mark.parametrize("name", ["pdf", "docx"])
def test_a_missing_extra_is_named_with_its_remedy(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda module: None)
    arguments = ["run", str(NOTEBOOKS / "small.ipynb"), "--formats", f"html,{name}", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["reform-analysis", *arguments])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    said = capsys.readouterr().err
    assert f"format {name} needs" in said
    assert "pip install 'reform-analysis[export]'" in said


def test_a_batch_file_that_asks_for_a_missing_extra_builds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.yaml"
    file.write_text(f"title: t\nnotebook: {NOTEBOOKS / 'small.ipynb'}\nformats: [html, pdf]\n")
    reports = batch.load(file)
    assert reports[0].formats == ("html", "pdf")
    monkeypatch.setattr(formats, "find_spec", lambda module: None)
    with pytest.raises(ValueError, match=r"format pdf needs typst and pikepdf; install with"):
        build.build(reports, tmp_path / "out", progress=Quiet())
    assert not (tmp_path / "out").exists()


SAME = """
import sys
sys.path.insert(0, {tests!r})
import hashlib, json, report_sample
from reform_analysis.reports import formats
files = formats.write(report_sample.report(), {names!r}, {{}})
print(json.dumps({{suffix: hashlib.sha256(content).hexdigest() for suffix, content in files.items()}}))
"""


def test_the_same_bytes_in_another_folder_time_zone_language_and_hash_seed(tmp_path: Path) -> None:
    names = possible()
    here = {
        suffix: hashlib.sha256(content).hexdigest() for suffix, content in formats.write(report(), names, {}).items()
    }
    odd = {"TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1700000000"}
    odd |= {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "MPLCONFIGDIR": mpl.get_configdir()}
    code = SAME.format(tests=str(Path(__file__).parent), names=names)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | odd, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == here


def test_vectors_are_taken_out_of_a_notebook_and_into_the_files() -> None:
    plain = notebook("en")
    asked = copy.deepcopy(plain)
    svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="1"><g/></svg>'
    figure = next(output for output in asked["cells"][2]["outputs"] if "image/png" in output["data"])
    figure["data"][VECTOR] = svg
    vectors = pictures.take_vectors(asked)
    assert nbformat.writes(asked) == nbformat.writes(plain)
    files = archive.unpacked(pictures.packed(report("en"), vectors))
    assert list(files) == ["figure-1.png", "figure-1.svg", "captions.csv"]
    root = ElementTree.fromstring(files["figure-1.svg"])
    said = {child.tag.rpartition("}")[2]: child.text for child in root}
    row = next(csv.DictReader(io.StringIO(files["captions.csv"].decode("utf-8-sig"))))
    assert row == {
        "figure": "figure-1",
        "label": "Figure 1",
        "caption": said["title"],
        "alternative_text": said["desc"],
    }
    assert root.get("role") == "img"


def test_a_figure_drawn_by_other_means_has_the_form_it_was_shown_in() -> None:
    shown = notebook("en", cells=[nbformat.v4.new_code_cell("f", outputs=[display({"image/png": png("#111111")})])])
    assert pictures.take_vectors(shown) == {}
    assert list(archive.unpacked(pictures.packed(document.read(shown), {}))) == ["figure-1.png", "captions.csv"]


DRAWN = """
import pandas as pd
from reform_analysis.display.chart import Chart

def paint(figure):
    figure.add_subplot().plot([1, 2])

Chart(paint, "Title", "", "A line.", pd.DataFrame())
"""


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Return a notebook that shows a table and a figure."""
    shown = nbformat.read(NOTEBOOKS / "small.ipynb", as_version=4)
    shown.cells.append(nbformat.v4.new_code_cell(DRAWN))
    path = tmp_path / "drawn.ipynb"
    nbformat.write(shown, path)
    return path


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shared = SharedTemplate()
    monkeypatch.setattr(kernels, "Template", lambda: shared)
    yield
    shared.close()


@needs_fork
def test_a_build_writes_all_formats_and_takes_away_those_no_longer_asked_for(
    drawn: Path, warm: None, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def built(names: list[str]) -> dict[str, bytes]:
        summary = build.build([batch.single(drawn, {}, formats=names)], out, progress=Quiet(), jobs=1)
        assert not summary.failures
        name = batch.single(drawn, {}).name
        return {path.name.removeprefix(name): path.read_bytes() for path in (out / "single").iterdir()}

    everything = built(possible())
    suffixes = {suffix for name in possible() for suffix in formats.FORMATS[name].suffixes}
    assert set(everything) == {".ipynb", *suffixes}
    assert "figure-1.svg" in archive.unpacked(everything[".figures.zip"])
    record = ledger.read(out).done[f"single/{batch.single(drawn, {}).name}"]
    assert set(record["outputs"]) >= set(everything)
    steps = plan.make([batch.single(drawn, {}, formats=possible())], ledger.read(out), out)
    assert [step.reasons for step in steps] == [()]
    fewer = built(["html"])
    assert fewer == {suffix: everything[suffix] for suffix in (".html", ".ipynb")}
    assert all(
        row.agrees for row in reproduce.compare(batch.single(drawn, {}, formats=["figures"]), record["key_numbers"])
    )
