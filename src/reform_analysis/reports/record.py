"""What a report records about itself: its colophon, its key numbers, and that it does not apply.

Public as ``ra.report``. Everything here works the same in JupyterLab, under nbval and in a batch, and holds no
time, host name or path, so that the same inputs give the same bytes.
"""

from __future__ import annotations

import html
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from IPython.display import display

from reform_analysis import __version__
from reform_analysis.display.catalogue import translate
from reform_analysis.reports import cells, project, reads

# one shown answer: its question, whether it is known, and what it says
ANSWER = "application/vnd.reform-analysis.answer+json"
KEY_NUMBER = "application/vnd.reform-analysis.key-number+json"
NOT_APPLICABLE = "application/vnd.reform-analysis.not-applicable+json"
# how the build tells a worker without a checkout which lock the report is built under
LOCK_VARIABLE = "REFORM_ANALYSIS_LOCK"


COLOPHON_LABELS = ("Parameters", "Data read (SHA-256)", "Lock file (SHA-256)", "reform-analysis", "Python")


class NotApplicable(Exception):  # noqa: N818 - an outcome, not an error
    """Ends a report that the data cannot answer for this place or date; the build records the reason."""

    def _render_traceback_(self) -> list[str]:
        """Show the reason alone where IPython would print a traceback."""
        return [f"Not applicable: {self}"]


def not_applicable(reason: str) -> None:
    """End the report here as "not applicable", a proper outcome with its reason.

    Parameters
    ----------
    reason
        One sentence for the reader: what is not known, and why.

    Raises
    ------
    NotApplicable
        Always; the cells below do not run.
    """
    body = f'<p class="not-applicable"><strong>{html.escape(reason)}</strong></p>'
    display({NOT_APPLICABLE: {"reason": reason}, "text/html": body, "text/plain": reason}, raw=True)
    raise NotApplicable(reason)


def key_number(
    name: str,
    value: float,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str,
    tolerance: float = 0.0,
    why: str = "exact arithmetic on printed figures",
) -> None:
    """Register a headline number, to be compared when the report is reproduced.

    Parameters
    ----------
    name
        Name, unique in the notebook, such as ``online_share``.
    value, low, high
        The number and its bounds, in base units; bounds may be missing.
    unit
        Unit of all three.
    tolerance
        Largest absolute difference from a rerun that still counts as the same number.
    why
        Reason for that tolerance.

    Raises
    ------
    ValueError
        The name is empty, or the bounds do not contain the value.
    """
    record = key_record(name, value, low, high, unit=unit, tolerance=tolerance, why=why)
    known, low_known, high_known = record["value"], record["low"], record["high"]
    bounds = f" [{_short(low_known)}, {_short(high_known)}]" if low is not None or high is not None else ""
    line = f"{name} = {_short(known)}{bounds} {unit}"
    body = f'<p class="key-number"><code>{html.escape(line)}</code></p>'
    display({KEY_NUMBER: record, "text/html": body, "text/plain": line}, raw=True)


def key_record(
    name: str,
    value: float,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str,
    tolerance: float = 0.0,
    why: str = "exact arithmetic on printed figures",
) -> dict[str, Any]:
    """Return what is kept of a key number; `key_number` says what each argument means."""
    if not name:
        raise ValueError("name of a key number must not be empty; give it one that is unique in the notebook")
    numbers = {"value": _plain(value), "low": _plain(low), "high": _plain(high)}
    known, least, most = numbers["value"], numbers["low"], numbers["high"]
    if known is not None and not ((least is None or least <= known) and (most is None or known <= most)):
        raise ValueError(f"key number {name!r} must lie in its bounds; got {value} in [{low}, {high}]")
    return {"name": name, **numbers, "unit": unit, "tolerance": float(tolerance), "why": why}


def _plain(number: float | None) -> float | None:
    """Return a number JSON can hold: infinities and NaN mean "not known" and become None."""
    return None if number is None or not math.isfinite(number) else float(number)


def _short(number: float | None) -> str:
    """Write a number for the one-line form; full precision stays in the record."""
    return "not known" if number is None else f"{number:.6g}"


@dataclass(frozen=True)
class Colophon:
    """What a report was made from, as rows of label and value."""

    rows: tuple[tuple[str, str], ...]
    title: str = "Colophon"

    def __str__(self) -> str:
        """Return one line a row."""
        return "\n".join(f"{label}: {value}" for label, value in self.rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return a table with a header cell a row."""
        body = "".join(
            f'<tr><th scope="row">{html.escape(label)}</th><td><code>{html.escape(value)}</code></td></tr>'
            for label, value in self.rows
        )
        return f'<table class="colophon"><caption>{html.escape(self.title)}</caption><tbody>{body}</tbody></table>'


def colophon() -> Colophon:
    """Return what this report was made from: parameters, data read, lock, versions.

    Returns
    -------
    Colophon
        Hashes in place of dates and commits: equal inputs give an equal colophon. The data's hash covers the rows
        this report read and no others.
    """
    used = _parameters_in_use()
    values = (
        ", ".join(f"{name}={value!r}" for name, value in used.items()) or "none",
        data_hash(),
        os.environ.get(LOCK_VARIABLE) or project.lock_hash(),
        __version__,
        ".".join(map(str, sys.version_info[:3])),
    )
    language = used.get("language", "en")
    labels = [translate(label, language) for label in COLOPHON_LABELS]
    return Colophon(tuple(zip(labels, values, strict=True)), translate("Colophon", language))


def _parameters_in_use() -> dict[str, Any]:
    """Return the values, in the notebook's own namespace, of the names that notebooks take as parameters."""
    from IPython.core.getipython import get_ipython

    from reform_analysis.reports.parameters import FIELDS

    shell = get_ipython()
    names: Mapping[str, Any] = shell.user_ns if shell else {}
    simple = (str, int, float, bool, list)
    return {name: names[name] for name in FIELDS if isinstance(names.get(name), simple)}


def data_hash() -> str:
    """Return the short hash of the data read so far, whatever the order of reading."""
    read = reads.taken()
    return cells.digest(read)[:16] if read else "none read"
