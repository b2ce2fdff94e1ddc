"""Broken and hostile input, a little of it each time: `tools/fuzz.py` makes it, and more for longer."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "fuzz.py"
# inputs for each reader; those of `data add` take half a second each
COUNTS = {"figure": 300, "add": 2, "batch": 60, "value": 150, "notebook": 100, "ledger": 40, "cache": 20}


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("target", COUNTS)
def test_every_reader_reads_or_refuses(fuzz: ModuleType, target: str) -> None:
    tally = fuzz.run(target, seed=0, count=COUNTS[target])
    assert tally.findings == []
    assert tally.inputs == tally.read + tally.refused == COUNTS[target]
    assert tally.refused


def test_every_reader_is_given_its_share(fuzz: ModuleType) -> None:
    assert list(fuzz.TARGETS) == list(COUNTS)


class _Broken:
    """A reader that does what none may: it falls over, or never comes to an end."""

    seeds = (b"x",)

    def __init__(self, folder: Path) -> None:
        self.calls = 0

    def take(self, data: bytes, chance: object) -> None:
        self.calls += 1
        if self.calls == 1:
            raise KeyError("what a user never should see")
        while self.calls == 2:
            pass


def test_findings_are_found_and_can_be_made_again(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fuzz.TARGETS, "broken", _Broken)
    monkeypatch.setattr(fuzz, "LONGEST_SECONDS", 0.1)
    tally = fuzz.run("broken", seed=7, count=3)
    assert [finding.partition(": ")[0] for finding in tally.findings[:2]] == [
        "--seed 7 --target broken --only 0",
        "--seed 7 --target broken --only 1",
    ]
    assert "KeyError" in tally.findings[0]
    assert "it does not end" in tally.findings[1]
    assert tally.read == 1


def test_an_input_depends_on_its_number_alone(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    class Seen(_Broken):
        def take(self, data: bytes, chance: object) -> None:
            seen.append(data)

    monkeypatch.setitem(fuzz.TARGETS, "seen", Seen)
    fuzz.run("seen", seed=1, count=4)
    fuzz.run("seen", seed=1, count=1, first=3)
    assert seen[3] == seen[4]
