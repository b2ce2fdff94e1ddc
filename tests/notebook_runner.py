"""Runs a notebook's cells in this process, for tests that need many runs and no kernel."""

import ast
from unittest import mock

import nbformat

from reform_analysis.reports import parameters, report
from reform_analysis.reports.record import ANSWER, NotApplicable


def run(path, *, draw, **given):
    """Return the answers' records of a notebook run with the given parameters; show everything, draw on demand."""
    values = parameters.validate(path, given)
    answers, namespace = [], {}

    def show(shown, **_):
        if isinstance(shown, dict):
            if ANSWER in shown:
                answers.append(shown[ANSWER])
        elif hasattr(shown, "alt"):
            assert shown.alt
            assert shown.image() if draw else True
        else:
            assert getattr(shown, "_repr_html_", getattr(shown, "_repr_markdown_", None))()
            assert repr(shown)

    with mock.patch.object(report, "display", show):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            try:
                _execute(cell.source, namespace, show)
            except NotApplicable as outcome:
                answers.append({"question": "all", "status": "not applicable", "says": [str(outcome)]})
                break
            if "parameters" in cell.metadata.get("tags", []):
                namespace.update(values)
    return answers


def _execute(source, namespace, show):
    """Run a cell and show its last expression, as a notebook does."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), namespace)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
        if value is not None:
            show(value)
