"""Answers to the research questions: published figures in, tables and computed sentences out.

One module a notebook; each public function answers one question and returns an `Answer`.
"""

from importlib import import_module as _import_module

__all__ = [
    "decentralisation",
    "digital_services",
    "directives",
    "evidence_audit",
    "place_profile",
    "resources",
    "staffing",
    "synthesis",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"analysis has no {name!r}; it offers {', '.join(__all__)}")
    return _import_module(f".{name}", __name__)
