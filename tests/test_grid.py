"""Every notebook runs for places, dates, languages and rules of every kind, without an error or a warning."""

from itertools import product
from pathlib import Path

import pytest
from notebook_runner import run

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
# the country; provinces with much, some, little and no data, merged and not; communes with figures
PLACES = (
    "Việt Nam",
    "Hà Nội",
    "Lào Cai",
    "Cao Bằng",
    "Tuyên Quang",
    "Đồng Tháp",
    "Thường Tín, Hà Nội",
    "Cửa Nam, Hà Nội",
)
DATES = ("2025-07-03", "2025-08-15", "2025-09-15", "2025-10-31")
LANGUAGES = ("en", "fr", "vi")
RULES = ("all", "range", "latest", "official", "precise", "first", "lowest", "highest")


def sample():
    """Yield a few runs of each notebook that together meet every place, date, language and rule."""
    for shift, path in enumerate(NOTEBOOKS):
        for step in range(4):
            at = shift + 2 * step
            yield path, PLACES[at % 8], DATES[(step + shift) % 4], LANGUAGES[at % 3], RULES[(at + step) % 8]


def checked(answers):
    """Require that a report answers, or says why it does not."""
    assert answers
    assert all(answer["status"] in ("answered", "not known", "not applicable") for answer in answers)
    assert all(answer["says"] for answer in answers if answer["status"] != "answered")
    names = [number["name"] for answer in answers for number in answer.get("key_numbers", [])]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("path", "place", "as_of", "language", "rule"), list(sample()), ids=lambda value: getattr(value, "stem", value)
)
def test_a_sample_of_the_grid(path, place, as_of, language, rule):
    checked(run(path, draw=True, place=place, as_of=as_of, language=language, rule=rule))


STRICT = [
    {"min_reliability": "A"},
    {"min_reliability": "D", "phase": "all"},
    {"bounds": "hard"},
    {"phase": "window+baseline"},
]


@pytest.mark.parametrize("given", STRICT, ids=str)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_other_parameters(path, given):
    checked(run(path, draw=False, **given))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_whole_grid(path):
    for count, (place, as_of, rule) in enumerate(product(PLACES, DATES, RULES)):
        checked(run(path, draw=False, place=place, as_of=as_of, rule=rule, language=LANGUAGES[count % 3]))
