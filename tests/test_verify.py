"""Looking figures up in the texts of their sources."""

import pandas as pd
import pytest

from reform_analysis.evidence.verify import verify

SOURCES = pd.DataFrame(
    {
        "source_id": ["a-111111", "b-222222", "c-333333", "d-444444"],
        "title": ["By address", "By Title Alone", "By name", "Absent"],
        "url": ["https://a.example/1", "", "", "https://d.example/4"],
    }
)
TEXTS = {
    "first.txt": "Head\n\nSome 1 340 cases and plus de 6,6\u202fmillions\nSource: https://a.example/1\n",
    "second.txt": "By Title Alone\nIn all 34 provinces\n",
    "c-333333.txt": "One\nTwo 12,5 %\n",
}
CASES = {
    "cited paragraph": ("a-111111", "plus de 6,6 millions", "paragraph 2", "cited_paragraph"),
    "case and spaces do not matter": ("a-111111", "Plus  de 6,6 millions", "paragraph 2", "cited_paragraph"),
    "another paragraph": ("a-111111", "plus de 6,6 millions", "paragraph 1", "elsewhere"),
    "part of another number": ("a-111111", "340", "paragraph 2", "cited_paragraph"),
    "start of another number": ("a-111111", "6", "paragraph 2", "not_found"),
    "by title": ("b-222222", "34", "paragraph 2", "cited_paragraph"),
    "by name": ("c-333333", "12,5 %", "paragraph 2", "cited_paragraph"),
    "decimals cut off": ("c-333333", "12", "paragraph 2", "not_found"),
    "no paragraph named": ("c-333333", "12,5 %", "excerpt", "elsewhere"),
    "no text": ("d-444444", "1", "paragraph 1", "no_text"),
}


@pytest.mark.parametrize(("source", "figure", "locator", "outcome"), CASES.values(), ids=CASES)
def test_outcomes(tmp_path, source, figure, locator, outcome):
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    row = {"observation_id": f"{source}.01", "source_id": source, "figure": figure, "locator": locator}
    found = verify(pd.DataFrame([row]), SOURCES, tmp_path)
    assert found["outcome"].tolist() == [outcome]


def test_a_folder_without_texts_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must be a folder with text files \(\*\.txt\)"):
        verify(pd.DataFrame(columns=["observation_id", "source_id", "figure", "locator"]), SOURCES, tmp_path)
