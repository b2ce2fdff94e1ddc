"""Inputs of a reference case as arguments of a public function, and its results as values that JSON knows."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# what any case may carry for its readers or by the ground rules of the methods, whether its function has it or not
COMMON = {"labels", "estimand", "level", "seed"}


def plain(value: Any) -> Any:
    """A value of the file without its spelling of infinity, which JSON lacks."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    return float(value) if value in ("inf", "-inf") else value


def arguments(function: Callable[..., Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs by name, less the common ones that the function does not take."""
    taken = inspect.signature(function).parameters
    return {name: value for name, value in inputs.items() if name in taken or name not in COMMON}


def listed(value: Any) -> Any:
    """A result without tuples, sets, ranges and numpy: lists, numbers, text, None."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {name: listed(entry) for name, entry in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    return [listed(entry) for entry in value] if isinstance(value, list | tuple | range) else value
