"""Run one case of the reference file: the case's method name and inputs in, plain numbers out.

Each part of the package brings a table ``CASES`` from method names to functions of the inputs.
"""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

Case = Callable[[Mapping[str, Any]], dict[str, Any]]

sys.path.insert(0, str(Path(__file__).parent))

METHODS: dict[str, Case] = {}
for part in ("reference_bounds", "reference_models", "reference_evidence"):
    if importlib.util.find_spec(part):
        METHODS.update(import_module(part).CASES)


def run_reference(method: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the package computes for one case, under the keys of the reference file."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(sorted(METHODS))}; got {method!r}")
    return METHODS[method](inputs)
