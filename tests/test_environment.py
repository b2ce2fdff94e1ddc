"""pyproject.toml, requirements.lock and environment.yml name the same packages at agreeing versions."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("environment", ROOT / "tools" / "environment.py")
environment = importlib.util.module_from_spec(spec)
spec.loader.exec_module(environment)

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = [Requirement(line) for line in environment.locked(LOCK)]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = [
    Requirement(text)
    for texts in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for text in texts
    if not text.startswith("reform-analysis")
]


@pytest.mark.parametrize("direct", DIRECT, ids=str)
def test_the_lock_satisfies_the_project(direct):
    versions = [
        str(one.specifier).removeprefix("==")
        for one in LOCKED
        if canonicalize_name(one.name) == canonicalize_name(direct.name)
    ]
    assert versions
    assert all(direct.specifier.contains(version) for version in versions)


def test_every_locked_package_has_one_version_and_a_hash():
    assert all(str(one.specifier).startswith("==") for one in LOCKED)
    blocks = [block for block in LOCK.split("\n") if "==" in block and not block.startswith((" ", "#"))]
    assert LOCK.count("--hash=sha256:") >= len(blocks) == len(LOCKED)


def test_environment_is_the_lock():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert text == environment.environment(LOCK)
    pip = yaml.safe_load(text)["dependencies"][-1]["pip"]
    assert [str(Requirement(line)) for line in pip[:-1]] == [str(one) for one in LOCKED]
    assert pip[-1] == "-e ."


def test_binder_can_read_the_python_version():
    # repo2docker takes the version from this form alone, and the local package from the last line of pip
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    [version] = [re.fullmatch(r"python=(\d+\.\d+)", one) for one in dependencies if str(one).startswith("python")]
    assert version
    assert SpecifierSet(PROJECT["requires-python"]).contains(version[1])
    assert not [name for name in ("postBuild", "binder", ".binder") if (ROOT / name).exists()]


def test_required_packages_are_direct():
    required = {"jupyterlab", "pandas", "matplotlib", "seaborn", "statsmodels", "papermill", "pytest", "nbval"}
    assert required <= {one.name for one in DIRECT}
