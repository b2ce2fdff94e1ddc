"""Linear facts on unknown counts, and the least and greatest value they leave to a sum or a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import linprog

from reform_analysis.statistics.result import Estimate, FloatArray, check_choice, result

OPERATORS = ("<=", ">=", "==")

# the strictest that HiGHS accepts; its tolerances are absolute, so the facts are scaled to at most 1 first
TOLERANCE = 1e-10

# no rounding is a million million times coarser than printed: beyond this no inflation restores feasibility
LARGEST_INFLATION = 1e12

Coefficients = Mapping[str, float]


@result
class LpBounds(Estimate):
    """Sharp bounds of a sum or a share under printed facts.

    Attributes
    ----------
    feasible : bool
        Whether any set of counts agrees with all facts.
    min_inflation : float
        The smallest common factor on all half-widths that makes the facts agree; NaN where they do already.
    """

    feasible: bool
    min_inflation: float


@dataclass(frozen=True)
class Facts:
    """Printed facts on V named counts: boxes, sums and orders (rows), and shares of one count in another."""

    variables: tuple[str, ...]
    low: FloatArray
    high: FloatArray
    rows: tuple[tuple[FloatArray, str, float], ...]
    shares: tuple[tuple[FloatArray, FloatArray, float, float], ...]

    @cached_property
    def system(self) -> _System:
        """The facts as scaled matrices; several ranges are asked of the same facts."""
        return _system(self)


@dataclass(frozen=True)
class _System:
    """The solver's form: ``A x <= b`` and ``E x = e``, with x divided by `scale`."""

    A: FloatArray
    b: FloatArray
    E: FloatArray
    e: FloatArray
    scale: float


def lp_bounds(
    variables: Sequence[str],
    bounds: Mapping[str, Sequence[float | None]],
    constraints: Sequence[Mapping[str, Any]],
    target: Mapping[str, Any],
    *,
    shares: Sequence[Mapping[str, Any]] = (),
) -> LpBounds:
    """Sharp bounds of a sum, a difference or a share of counts that printed facts only bound.

    Parameters
    ----------
    variables : sequence of str, length V
        Names of the unknown true counts.
    bounds : mapping of str to [low, high]
        The box of each count, both ends closed. None, or a name left out, means 0 below and infinity above.
    constraints : sequence of mappings
        Linear facts ``{"coef": {name: number}, "op": "<=" | ">=" | "==", "rhs": number}``.
    target : mapping
        ``{"num": {name: number}}`` for a sum, with ``"den": {name: number}`` for a share num / den, den > 0.
    shares : sequence of mappings, optional
        Printed shares ``{"part": {name: number}, "total": {name: number}, "low": number, "high": number}``,
        as fractions. As constraints they mean the same; only here does `min_inflation` widen them too.

    Returns
    -------
    LpBounds
        `lower` and `upper`, infinite where the facts leave the target unbounded, NaN where they contradict one
        another; `feasible`; `min_inflation`. Flags: ``infeasible``; ``denominator_may_be_zero`` (the bounds
        then hold over the positive values of the denominator); ``unbounded``.

    Raises
    ------
    ValueError
        If a name is unknown, an operator is not one of three, or a box or share has its ends reversed.

    Notes
    -----
    A sum takes two linear programmes, a share two linear-fractional ones in the form of Charnes and Cooper.
    Interval arithmetic is not used, because it is sharp only where each count occurs once: here a printed share
    ties part to total, and both occur again in the target. All facts are divided by the largest finite bound
    before solving, since the tolerances of the solver are absolute.

    A `min_inflation` near 1 means that rounding alone may explain the contradiction; a large one means
    different definitions.

    References
    ----------
    Charnes A, Cooper WW (1962). Programming with linear fractional functionals. Naval Research Logistics
    Quarterly 9:181-186. doi:10.1002/nav.3800090303

    Examples
    --------
    The share 12.1 of 14.5 million, each rounded to the nearest 0.1 million, when 83 % is printed as well:

    >>> found = lp_bounds(
    ...     ["total", "online"],
    ...     {"total": [14.45, 14.55], "online": [12.05, 12.15]},
    ...     [],
    ...     {"num": {"online": 1}, "den": {"total": 1}},
    ...     shares=[{"part": {"online": 1}, "total": {"total": 1}, "low": 0.825, "high": 0.835}],
    ... )
    >>> round(found.lower, 4), round(found.upper, 4)
    (0.8282, 0.835)
    """
    facts = read_facts(variables, bounds, constraints, shares)
    _check_keys(target, ("num",), "target")
    part = coefficients(facts.variables, target["num"], "target")
    whole = coefficients(facts.variables, target.get("den") or {}, "target")
    feasible = is_feasible(facts)
    lower, upper, flags = np.nan, np.nan, {"infeasible"}
    if feasible:
        lower, upper, flags = target_range(facts, part, whole)
    return LpBounds(
        estimate=lower if lower == upper else np.nan,
        lower=lower,
        upper=upper,
        level=np.nan,
        method="linear_programming" if not whole.any() else "charnes_cooper",
        estimand="descriptive",
        n=len(facts.variables),
        flags=frozenset(flags),
        inputs={"bounds": dict(bounds), "constraints": list(constraints), "target": dict(target)},
        citation="Charnes & Cooper 1962, doi:10.1002/nav.3800090303",
        feasible=feasible,
        min_inflation=np.nan if feasible else smallest_inflation(facts),
    )


def read_facts(
    variables: Sequence[str],
    bounds: Mapping[str, Sequence[float | None]],
    constraints: Sequence[Mapping[str, Any]],
    shares: Sequence[Mapping[str, Any]],
) -> Facts:
    """Check the facts as a caller writes them, and put them in the order of the variables."""
    names = tuple(variables)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"variables must be different names, at least one; got {list(variables)}")
    coefficients(names, dict.fromkeys(bounds, 1.0), "bounds")
    boxes = [_box(name, bounds.get(name, (None, None))) for name in names]
    rows = [_row(names, constraint) for constraint in constraints]
    parts = [_share(names, share) for share in shares]
    low, high = np.array(boxes, dtype=float).T
    return Facts(names, low, high, tuple(rows), tuple(parts))


def coefficients(variables: Sequence[str], by_name: Coefficients, where: str) -> FloatArray:
    """The coefficients in the order of the variables; ValueError for a name that is not among them."""
    unknown = [name for name in by_name if name not in variables]
    if unknown:
        raise ValueError(f"{where} must name the variables {', '.join(variables)}; got {', '.join(unknown)}")
    return np.array([float(by_name.get(name, 0.0)) for name in variables])


def is_feasible(facts: Facts) -> bool:
    """Whether any set of counts agrees with all facts."""
    system = facts.system
    return not np.isnan(_least(np.zeros(len(facts.variables)), system.A, system.b, system.E, system.e))


def sum_range(facts: Facts, weights: FloatArray) -> tuple[float, float]:
    """Least and greatest value of the weighted sum; NaN where no counts agree with the facts."""
    return least_sum(facts, weights), 0.0 - least_sum(facts, -weights)


def least_sum(facts: Facts, weights: FloatArray) -> float:
    """Least value of the weighted sum; NaN where no counts agree with the facts."""
    system = facts.system
    # adding 0 turns the -0.0 of a negated minimum into 0.0
    return float(_least(weights, system.A, system.b, system.E, system.e) * system.scale + 0.0)


def may_be_zero(facts: Facts, least: float) -> bool:
    """Whether a sum whose least value (`least_sum`) is given may be 0 or less, up to what the solver tolerates."""
    return bool(least <= TOLERANCE * facts.system.scale)


def share_range(facts: Facts, part: FloatArray, whole: FloatArray) -> tuple[float, float]:
    """Least and greatest value of part / whole over whole > 0; NaN where there is none.

    Charnes and Cooper: with y = x * t and whole(y) = 1, the quotient of two sums is one sum.
    """
    system = facts.system
    A = np.block([[system.A, -system.b[:, None]], [np.zeros(part.size), -1.0]])
    E = np.block([[system.E, -system.e[:, None]], [whole, 0.0]])
    b, e = np.zeros(len(A)), np.append(np.zeros(len(system.E)), 1.0)
    low, high = (sign * _least(np.append(sign * part, 0.0), A, b, E, e) for sign in (1, -1))
    return float(low + 0.0), float(high + 0.0)


def target_range(facts: Facts, part: FloatArray, whole: FloatArray) -> tuple[float, float, set[str]]:
    """Bounds of the target under facts that agree, and the flags they earn."""
    flags = set()
    if whole.any():
        lower, upper = share_range(facts, part, whole)
        if may_be_zero(facts, least_sum(facts, whole)):
            flags.add("denominator_may_be_zero")
    else:
        lower, upper = sum_range(facts, part)
    if np.isinf([lower, upper]).any():
        flags.add("unbounded")
    return lower, upper, flags


def smallest_inflation(facts: Facts) -> float:
    """The smallest common factor on all half-widths that makes the facts agree; infinity where none does."""
    works = 1.0
    while not is_feasible(_inflated(facts, works)):
        works *= 2
        if works > LARGEST_INFLATION:
            return np.inf
    fails = works / 2
    while works - fails > TOLERANCE * works:
        middle = (works + fails) / 2
        if is_feasible(_inflated(facts, middle)):
            works = middle
        else:
            fails = middle
    return works


def _box(name: str, ends: Sequence[float | None]) -> tuple[float, float]:
    """The box of one count; an end that is not printed is 0 below and infinity above."""
    if len(ends) != 2:
        raise ValueError(f"bounds must be [low, high]; got {list(ends)} for {name}")
    low, high = (0.0 if ends[0] is None else float(ends[0])), (np.inf if ends[1] is None else float(ends[1]))
    if not low <= high:
        raise ValueError(f"bounds must be [low, high] with low <= high; got {list(ends)} for {name}")
    return low, high


def _check_keys(fact: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    """ValueError for a fact that lacks one of its entries."""
    if not set(keys) <= set(fact):
        raise ValueError(f"{where} must hold {', '.join(keys)}; got {', '.join(fact) or 'nothing'}")


def _row(variables: Sequence[str], constraint: Mapping[str, Any]) -> tuple[FloatArray, str, float]:
    """One linear fact: its coefficients, its operator and its right-hand side."""
    _check_keys(constraint, ("coef", "op", "rhs"), "a constraint")
    row = coefficients(variables, constraint["coef"], "constraints")
    return row, check_choice("op", constraint["op"], OPERATORS), float(constraint["rhs"])


def _share(variables: Sequence[str], share: Mapping[str, Any]) -> tuple[FloatArray, FloatArray, float, float]:
    """One printed share: the part's and the total's coefficients and the share's ends."""
    _check_keys(share, ("part", "total", "low", "high"), "a share")
    low, high = float(share["low"]), float(share["high"])
    if not low <= high:
        raise ValueError(f"shares must have low <= high; got low = {low:g}, high = {high:g}")
    part, total = (coefficients(variables, share[side], "shares") for side in ("part", "total"))
    return part, total, low, high


def _inflated(facts: Facts, factor: float) -> Facts:
    """The same facts with every half-width multiplied; a count never falls below 0 by it."""
    low, high = facts.low.copy(), facts.high.copy()
    boxed = np.isfinite(low) & np.isfinite(high)
    low[boxed], high[boxed] = _widened(facts.low[boxed], facts.high[boxed], factor)
    low = np.where(facts.low >= 0, np.maximum(low, 0.0), low)
    shares = tuple((part, total, *_widened(lo, hi, factor)) for part, total, lo, hi in facts.shares)
    return Facts(facts.variables, low, high, facts.rows, shares)


def _widened(low: Any, high: Any, factor: float) -> tuple[Any, Any]:
    """An interval with its half-width multiplied."""
    centre, half = (low + high) / 2, (high - low) / 2
    return centre - factor * half, centre + factor * half


def _system(facts: Facts) -> _System:
    """The facts as scaled matrices."""
    identity = np.eye(len(facts.variables))
    finite = [value for value in (*facts.low, *facts.high) if np.isfinite(value) and value]
    scale = max((abs(value) for value in finite), default=1.0)
    inequalities = [(identity[i], high) for i, high in enumerate(facts.high) if np.isfinite(high)]
    inequalities += [(-identity[i], -low) for i, low in enumerate(facts.low) if np.isfinite(low)]
    inequalities += [(row, rhs) for row, op, rhs in facts.rows if op == "<="]
    inequalities += [(-row, -rhs) for row, op, rhs in facts.rows if op == ">="]
    inequalities += [(part - high * total, 0.0) for part, total, low, high in facts.shares]
    inequalities += [(low * total - part, 0.0) for part, total, low, high in facts.shares]
    equalities = [(row, rhs) for row, op, rhs in facts.rows if op == "=="]
    A, b = _stacked(inequalities, len(facts.variables))
    E, e = _stacked(equalities, len(facts.variables))
    return _System(A, b / scale, E, e / scale, scale)


def _stacked(rows: Sequence[tuple[FloatArray, float]], width: int) -> tuple[FloatArray, FloatArray]:
    """Rows and right-hand sides as one matrix and one vector, also where there are none."""
    matrix = np.array([row for row, _ in rows], dtype=float).reshape(len(rows), width)
    return matrix, np.array([rhs for _, rhs in rows], dtype=float)


def _least(objective: FloatArray, A: FloatArray, b: FloatArray, E: FloatArray, e: FloatArray) -> float:
    """Minimum of the objective; minus infinity where it is unbounded, NaN where nothing is feasible."""
    options = {"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE}
    found = linprog(objective, A, b, E, e, bounds=(None, None), method="highs", options=options)
    answers = {0: found.fun, 2: np.nan, 3: -np.inf}
    if found.status not in answers:
        raise ValueError(f"the facts must be solvable; the solver stopped: {found.message}. Rescale the units")
    return float(answers[found.status])
