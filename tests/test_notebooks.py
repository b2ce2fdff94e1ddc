"""Notebooks are prose and calls: thin, executed in order, held to their parameters, without typed results."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

import reform_analysis as ra
from reform_analysis.reports import parameters
from reform_analysis.reports.attempt import key_numbers
from reform_analysis.reports.cells import parameter_lines

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORBIDDEN = (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.comprehension, ast.With)
# numbers that are names or dates, not results
NAMES = (
    r"\b(\d{1,2} )?(January|February|March|April|May|June|July|August|September|October|November|December)( 2025)?\b"
)
ALSO = r"\b(2024|2025|2026|766|HC3|34 provinces)\b|(Decrees?|Resolution|[Nn]otice|[Dd]ispatch) \d+(/\S+)?( and \d+)?"

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def test_notebook_is_thin(path):
    code = cells(path, "code")
    lines = [[line for line in cell.source.splitlines() if line.strip()] for cell in code]
    body = [one for one, cell in zip(lines, code, strict=True) if "parameters" not in cell.metadata.get("tags", [])]
    assert len(code) <= 15
    assert sum(map(len, body)) <= 40
    assert max(map(len, body)) <= 6
    for cell in code:
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, FORBIDDEN)]
        assert not re.search(r"[\"'][^\"']*[/\\][^\"']*[\"']", cell.source), "a path belongs in the library"


def test_parameters_are_those_of_the_library(path):
    fields = parameters.model_of(path).model_fields
    lines = {line.name: line for line in parameter_lines(path)}
    assert list(lines) == list(fields)
    [cell] = [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    meanings = dict(re.findall(r"^(\w+): .*?  # (.+)$", cell.source, flags=re.MULTILINE))
    for name, field in fields.items():
        assert lines[name].default == field.default
        assert meanings[name] == field.description


def test_order_of_cells(path):
    ids = [cell["id"] for cell in nbformat.read(path, as_version=4).cells]
    assert ids[:3] == ["title", "parameters", "import"]
    assert ids[-3:] == ["limits", "sources", "colophon"]
    assert len(ids) == len(set(ids))


def test_every_code_cell_was_run_in_order(path):
    assert [cell.execution_count for cell in cells(path, "code")] == list(range(1, len(cells(path, "code")) + 1))
    outputs = [output for cell in cells(path, "code") for output in cell.outputs]
    assert not [output for output in outputs if output.output_type in ("error", "stream")]


def test_only_the_colophon_is_left_out_of_comparison(path):
    ignored = [cell["id"] for cell in cells(path, "code") if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert ignored == ["colophon"]


def test_names_of_the_package_are_public(path):
    used = {name for cell in cells(path, "code") for name in re.findall(r"\bra\.(\w+)", cell.source)}
    assert used <= set(ra.__all__)


def test_no_result_is_typed_into_prose(path):
    for cell in cells(path, "markdown"):
        text = re.sub(r"^## \d+\.", "", cell.source, flags=re.MULTILINE)
        text = re.sub(ALSO, "", re.sub(NAMES, "", text))
        assert not re.search(r"\d", text), f"{cell['id']}: {re.search(r'.{0,40}[0-9].{0,20}', text).group()}"


def test_every_question_is_asked_and_answered(path):
    code = [cell for cell in cells(path, "code") if re.fullmatch(r"q\d+", cell["id"])]
    texts = {cell["id"] for cell in cells(path, "markdown")}
    assert {f"{cell['id']}-text" for cell in code} <= texts
    shown = sum(cell.source.count("reader.show(") for cell in code)
    assert nbformat.read(path, as_version=4).metadata["reform_analysis"]["expects"] == {"answers": shown}


def test_key_numbers_are_the_expected_ones(path):
    expected = json.loads((ROOT / "reports" / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))
    numbers = {number["name"]: number for number in key_numbers(nbformat.read(path, as_version=4))}
    assert set(numbers) == set(expected)
    for name, wanted in expected.items():
        for end in ("value", "low", "high"):
            got = numbers[name][end]
            if wanted[end] is None:
                assert got is None
            else:
                assert abs(got - wanted[end]) <= wanted["tolerance"]


def test_no_causal_words(path):
    words = r"\b(caus(ed?|es|ing)|because of the reform|thanks to|due to the reform|impact|effects? of the reform on)\b"
    for cell in cells(path, "markdown"):
        found = re.search(words, cell.source)
        assert not found or "no effect" in cell.source.lower() or cell["id"] == "limits", found
