"""Run one case of the reference file: the case's method name and inputs in, plain numbers out.

Each part of the package brings a table ``CASES`` from method names to functions of the inputs.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# the parts lie beside this file, also where it is imported from elsewhere
sys.path.insert(0, str(Path(__file__).parent))

import reference_bounds
import reference_evidence
import reference_models
from reference_inputs import listed, plain

METHODS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    **reference_bounds.CASES,
    **reference_models.CASES,
    **reference_evidence.CASES,
}


def run_reference(method: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the package computes for one case, under the keys of the reference file."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(sorted(METHODS))}; got {method!r}")
    return dict(listed(METHODS[method](plain(dict(inputs)))))
