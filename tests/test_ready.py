"""What one report worked out is ready for the next, worked out by the template itself."""

import importlib
import json
import sys

import matplotlib
import pytest
from reports_helpers import notebook_of
from test_kernels import _job_of

from reform_analysis.reports import kernels, reads, ready

FONT = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"
# a question of each kind, its answer by the function behind, and one that is none
QUESTIONS = {
    "strings": ("Đắk Lắk", FONT, 9.5, 192.0),
    "code": "ready = 1",
    "prose": "*ready*",
    "reads": ('{"arguments": {"topic": "staffing"}, "function": "load"}', "now"),
}
WRONG = {"strings": ["only text"], "code": [1], "prose": 1, "reads": ["{", ""]}


@pytest.fixture(autouse=True)
def empty_memos():
    for memo in ready.memos().values():
        memo.clear()


def plain(value):
    return getattr(value, "picture", value)


def test_each_kind_of_question_is_tried():
    assert set(QUESTIONS) == set(WRONG) == set(ready.memos())


@pytest.mark.parametrize("kind", QUESTIONS)
def test_what_two_reports_asked_for_is_ready_and_not_before(kind):
    memo, asked = ready.memos()[kind], QUESTIONS[kind]
    before = ready.Ready()
    answer = memo[asked]
    needs = json.loads(before.since())
    needs["modules"] = []
    assert needs == {"modules": []} | {name: [] for name in QUESTIONS} | {kind: json.loads(json.dumps([asked]))}
    memo.clear()
    preparation = ready.Preparation()
    preparation.take(needs)
    assert asked not in memo
    preparation.take(needs)
    assert str(plain(memo.get(asked))) == str(plain(answer))


def test_installed_modules_are_told_and_a_notebooks_own_are_not(monkeypatch, tmp_path):
    (tmp_path / "helper_of_a_notebook.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("tabnanny", "helper_of_a_notebook"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    before = ready.Ready()
    for name in ("tabnanny", "helper_of_a_notebook"):
        importlib.import_module(name)
    assert json.loads(before.since())["modules"] == ["tabnanny"]


def test_nothing_new_is_nothing_to_tell():
    assert ready.Ready().since() == b""


@pytest.mark.parametrize("kind", WRONG)
def test_a_question_that_is_none_harms_nobody(kind):
    preparation = ready.Preparation()
    needs = {"modules": ["no_such_module", "this.is.none"]} | {name: [] for name in QUESTIONS} | {kind: [WRONG[kind]]}
    for _ in range(3):
        preparation.take(needs)
    assert list(ready.memos()[kind]) == []


def test_a_memo_filled_with_what_json_cannot_hold_is_not_told():
    before = ready.Ready()
    ready.memos()["code"][object()] = ""
    assert before.since() == b""


def test_a_look_at_the_rows_is_no_reading():
    before = list(sys.modules[reads._STORE].reads) if reads._STORE in sys.modules else []
    reads.repeated[QUESTIONS["reads"]]
    assert sys.modules[reads._STORE].reads == before


SPOIL = """
import numpy as np
from reform_analysis.display import canvas
asked = canvas._Asked("spoilt", {font!r}, 9.5, 192.0)
{spoil}
print(canvas.strings[asked].picture.sum())
"""
SPOILS = {
    "answer": "canvas.strings[asked] = canvas._String(1, 1, 0, np.zeros((1, 1), np.uint8), 0, 0)",
    "function": "canvas.strings._function = lambda asked: canvas._String(1, 1, 0, np.zeros((1, 1), np.uint8), 0, 0)",
}


@pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")
@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_what_a_report_spoils_is_not_taken_over(spoil):
    def printed(template, code):
        outcome = template.make(_job_of(SPOIL.format(font=FONT, spoil=code)))
        return int(notebook_of(outcome.files)["cells"][0]["outputs"][0]["text"][0])

    with kernels.Template() as template:
        assert printed(template, spoil) == 0
        honest = printed(template, "")
        assert honest > 0
        # asked for twice, it is ready
        assert printed(template, "canvas.strings._function = None") == honest


@pytest.mark.skipif(not kernels.can_fork(), reason="warm processes exist on Linux only")
def test_what_the_template_does_without_a_notebook_can_import():
    code = "import sys\nbefore = 'rfc3987_syntax' in sys.modules\nimport rfc3987_syntax\nprint(before)"
    with kernels.Template() as template:
        outcome = template.make(_job_of(code))
    assert outcome.status == "ok"
    assert notebook_of(outcome.files)["cells"][0]["outputs"][0]["text"] == ["False\n"]
