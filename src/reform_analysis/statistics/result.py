"""What the functions of this room return, and the checks of arguments that they share.

Vocabulary: a *result* is any frozen dataclass made by `result`; an *estimate* is the result that holds one
quantity, or an array of like quantities, with its lower and upper end.
"""

import dataclasses
import re
from collections.abc import Collection, Mapping
from html import escape
from typing import Any, TypeVar, dataclass_transform

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Values = float | FloatArray

# the day to which the first evidence runs; a fixed seed makes every simulated number repeatable
SEED = 20251031

ESTIMANDS = ("descriptive", "process")

# more values than these are counted, not spelt out, where a result is shown
SHOWN_VALUES = 8

T = TypeVar("T")


def _shown(value: object) -> str:
    """One field's value as short text."""
    if isinstance(value, np.ndarray):
        return _shown(value.tolist())
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1e5 else f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_shown(entry)}" for key, entry in value.items())
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, list | tuple):
        entries = [_shown(entry) for entry in value[:SHOWN_VALUES]]
        more = [f"... ({len(value)} values)"] if len(value) > SHOWN_VALUES else []
        return f"[{', '.join(entries + more)}]"
    return str(value)


def _fields(instance: Any) -> dict[str, str]:
    """The fields worth showing, by name in words; empty ones are left out."""
    values = {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}
    shown = {name.replace("_", " "): _shown(value) for name, value in values.items() if value is not None}
    if not values.get("n_missing"):
        shown.pop("n missing", None)
    return {name: text for name, text in shown.items() if text}


def _text(instance: object) -> str:
    """The result on one line: class, then each field."""
    fields = _fields(instance)
    return f"{type(instance).__name__}: " + "; ".join(f"{name} {text}" for name, text in fields.items())


def _html(instance: object) -> str:
    """The result as a table with a caption and a header for each row."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for name, text in _fields(instance).items()
    )
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(instance).__name__).capitalize()
    return f"<table><caption>{escape(words)}</caption><tbody>{rows}</tbody></table>"


@dataclass_transform(frozen_default=True, kw_only_default=True)
def result(cls: type[T]) -> type[T]:
    """Make a class of annotated fields a frozen, keyword-only dataclass that shows itself as text and HTML.

    Parameters
    ----------
    cls : type
        A class with annotated fields. A result that has more to tell than `Estimate` extends it by fields,
        never by methods.

    Returns
    -------
    type
        The dataclass, with ``str(...)`` as one short text and ``_repr_html_`` as a table for Jupyter.

    Notes
    -----
    Frozen, because a number that was computed from inputs must not drift away from them afterwards.

    Examples
    --------
    >>> @result
    ... class Tally:
    ...     done: int
    ...     tasks: int
    >>> print(Tally(done=72, tasks=90))
    Tally: done 72; tasks 90
    """
    made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    made.__str__ = _text  # type: ignore[method-assign]
    made._repr_html_ = _html  # type: ignore[attr-defined]
    return made


@result
class Estimate:
    """A quantity with its lower and upper end, and what is needed to judge them.

    Attributes
    ----------
    estimate : float or (K,) array
        The estimate; NaN where there are no data or where the data do not identify a single value.
    lower, upper : float or (K,) array
        The ends of the interval, in the unit of the estimate.
    level : float
        Confidence level in (0, 1); NaN for an interval that holds with certainty.
    method : str
        Name of the method, as the function was asked for it.
    estimand : str
        ``"descriptive"`` (what a complete count would give) or ``"process"`` (the propensity behind it).
    n : int, float or (K,) array
        What the estimate rests on: trials for proportions, units for pooled values.
    n_missing : int
        Inputs that were missing: they gave NaN or were left out, as `flags` says.
    flags : frozenset of str
        Short codes of what a reader has to be told.
    inputs : mapping
        The data the function was given.
    citation : str
        The publication of the method.
    """

    estimate: Values
    lower: Values
    upper: Values
    level: float
    method: str
    estimand: str
    n: int | Values
    n_missing: int = 0
    flags: frozenset[str] = frozenset()
    inputs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    citation: str = ""


def check_level(level: float) -> float:
    """Return the confidence level as a float; ValueError unless it lies strictly between 0 and 1."""
    if not 0 < level < 1:
        hint = f"; did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise ValueError(f"level must be in (0, 1); got {level}{hint}")
    return float(level)


def check_choice(name: str, value: str, known: Collection[str]) -> str:
    """Return the value; ValueError that lists the known ones unless it is among them."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}; got {value!r}")
    return value


def check_estimand(estimand: str) -> str:
    """Return the estimand; ValueError unless it is "descriptive" or "process"."""
    return check_choice("estimand", estimand, ESTIMANDS)


def check_independent(independent: bool, caller: str) -> None:
    """Raise ValueError unless the caller has stated that two groups are independent samples."""
    if not independent:
        raise ValueError(
            f"{caller} needs independent samples; got independent=False. Two shares of the same base, or a "
            "place and its province, are not; where the groups share no unit, pass independent=True"
        )


def as_numbers(name: str, values: ArrayLike, *, infinite: bool = False) -> FloatArray:
    """Return the values as floats, None as NaN; ValueError for text and, unless allowed, infinities."""
    try:
        if np.asarray(values).dtype.kind in "US":
            raise ValueError("text")
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers or None; got {values!r}") from error
    if not infinite and np.isinf(numbers).any():
        raise ValueError(f"{name} must be finite; got {_first(numbers, np.isinf(numbers))}")
    return numbers


def as_non_negative(name: str, values: ArrayLike) -> FloatArray:
    """Return the values as floats, None as NaN; ValueError where one is below 0."""
    numbers = as_numbers(name, values)
    if (numbers < 0).any():
        raise ValueError(f"{name} must be at least 0; got {_first(numbers, numbers < 0)}")
    return numbers


def as_counts(name: str, values: ArrayLike) -> FloatArray:
    """Return whole numbers from 0 as floats, None as NaN; ValueError for any other value."""
    numbers = as_non_negative(name, values)
    broken = numbers != np.floor(numbers)
    broken &= ~np.isnan(numbers)
    if broken.any():
        raise ValueError(f"{name} must be whole numbers; got {_first(numbers, broken)}")
    return numbers


def check_part(part_name: str, part: FloatArray, whole_name: str, whole: FloatArray) -> None:
    """Raise ValueError where a part is larger than its whole."""
    parts, wholes = np.broadcast_arrays(part, whole)
    broken = parts > wholes
    if broken.any():
        at = np.argmax(broken.ravel())
        raise ValueError(
            f"{part_name} must not exceed {whole_name}; "
            f"got {part_name} = {parts.ravel()[at]:g}, {whole_name} = {wholes.ravel()[at]:g}"
        )


def check_not_empty(name: str, values: FloatArray) -> None:
    """Raise ValueError where there is not a single value."""
    if values.size == 0:
        raise ValueError(f"{name} must hold at least one value; got none")


def check_same_length(**arrays: FloatArray) -> None:
    """Raise ValueError unless all one-dimensional arrays have the same length."""
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        got = ", ".join(f"{length} of {name}" for name, length in lengths.items())
        raise ValueError(f"{', '.join(arrays)} must have the same length; got {got}")


def as_parts(part_name: str, part: ArrayLike, whole_name: str, whole: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return counts and the counts they are part of, broadcast; ValueError where a part exceeds its whole."""
    parts, wholes = np.broadcast_arrays(as_counts(part_name, part), as_counts(whole_name, whole))
    check_part(part_name, parts, whole_name, wholes)
    return parts, wholes


def share_or(part: FloatArray, whole: FloatArray, empty: Values) -> FloatArray:
    """part / whole, and the given value where the whole is 0."""
    return np.where(whole == 0, empty, part / np.where(whole == 0, 1.0, whole))


def data_flags(n: FloatArray, *, census: bool = False) -> frozenset[str]:
    """Flags for complete counts, for cells without data and for cells with missing input."""
    raised = {"census": census, "no_data": (n == 0).any(), "missing_input": np.isnan(n).any()}
    return frozenset(flag for flag, is_raised in raised.items() if is_raised)


def unpack(values: FloatArray) -> Values:
    """Return an array of no dimension as a float, any other as it is."""
    return float(values) if values.ndim == 0 else values


def _first(values: FloatArray, chosen: NDArray[np.bool_]) -> str:
    """The first chosen value, and where it stands if there are several."""
    if values.ndim == 0:
        return f"{float(values):g}"
    at = int(np.argmax(chosen.ravel()))
    return f"{values.ravel()[at]:g} at position {at}"
