"""What one report needed and the next finds ready: modules, strings in figures, code and prose, rows read.

A process forked for a report says at its end what it had to work out; the template works the same out again, by
itself, for all it forks from then on. No result is taken over: a report runs a user's code, and what that did to its
process must not reach another. What one report alone asked for is not worth the work; it is done when a second asks.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import sysconfig
from collections.abc import Mapping
from typing import Any

from reform_analysis.display.memo import Memo

# what a module that is broken, or not meant to be imported by itself, raises
BROKEN = (
    ImportError,
    SyntaxError,
    NameError,
    AttributeError,
    TypeError,
    ValueError,
    RuntimeError,
    LookupError,
    OSError,
)
# loaded before a notebook's shell exists, it never hooks into that shell and figures vanish
_NOT_AHEAD = ("matplotlib_inline",)
# questions remembered, of each kind, until a second report asks
_REMEMBERED = 8192


def memos() -> dict[str, Memo[Any, Any]]:
    """Return by name what keeps results; imported on use, after what the template must import first."""
    from reform_analysis.display.canvas import strings
    from reform_analysis.reports.export import highlighted, rendered
    from reform_analysis.reports.reads import repeated

    return {"strings": strings, "code": highlighted, "prose": rendered, "reads": repeated}


class Ready:
    """What is ready in this process now; in a process forked from it, tells what has come since."""

    def __init__(self) -> None:
        """Take stock."""
        self._modules = set(sys.modules)
        self._asked = {name: set(memo) for name, memo in memos().items()}

    def since(self) -> bytes:
        """Return as JSON which modules were loaded and what was asked since; nothing where JSON cannot hold it.

        Modules are installed ones, in the order of loading: a notebook's own files may change.
        """
        folders = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
        loaded = [
            name
            for name, module in list(sys.modules.items())
            if name not in self._modules
            and not name.startswith(_NOT_AHEAD)
            and str(getattr(getattr(module, "__spec__", None), "origin", None)).startswith(folders)
        ]
        asked = {name: [asked for asked in memo if asked not in self._asked[name]] for name, memo in memos().items()}
        # a notebook can put into a memo what is no question
        with contextlib.suppress(TypeError, ValueError):
            return json.dumps({"modules": loaded} | asked).encode() if loaded or any(asked.values()) else b""
        return b""


class Preparation:
    """Gets ready in the template what reports said they needed."""

    def __init__(self) -> None:
        """Remember no question yet."""
        self._once: dict[str, Memo[Any, None]] = {name: Memo(lambda _: None, size=_REMEMBERED) for name in memos()}

    def take(self, needs: Mapping[str, list[Any]]) -> None:
        """Import modules, and answer ahead what has now been asked for twice."""
        for name in needs["modules"]:
            if name not in sys.modules:
                import_or_leave(name)
        for name, memo in memos().items():
            once = self._once[name]
            for asked in map(_hashable, needs[name]):
                if asked in once and asked not in memo:
                    # what fails here fails in the report as well, which says so
                    with contextlib.suppress(Exception):
                        memo[asked]
                once[asked]


def import_or_leave(name: str) -> None:
    """Import a module, or leave it where it is broken: that is for the notebook that uses it to report."""
    with contextlib.suppress(*BROKEN):
        importlib.import_module(name)


def _hashable(asked: Any) -> Any:
    """Return a question as it was before JSON made its tuple a list."""
    return tuple(asked) if isinstance(asked, list) else asked
