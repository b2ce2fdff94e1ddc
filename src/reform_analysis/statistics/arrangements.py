"""Arrangements of units: all of them where these are few, else a seeded sample, and the p-values they give."""

from collections.abc import Iterator
from itertools import combinations
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

Orders = NDArray[np.int64]
Seed = int | np.random.Generator

CITATION = "Phipson and Smyth 2010, doi:10.2202/1544-6115.1585"

# all orders of nine units; beyond, a sample of them
MOST_ENUMERATED = factorial(9)
RESAMPLES = 99_999

# arrangements that tie with the observed one differ from it by rounding only
TIE = 1e-12

# indices held in memory at once
_CHUNK = 2_000_000


def orders(n: int, *, exact: bool, seed: Seed) -> tuple[Iterator[Orders], bool]:
    """Return all orders of n units in blocks, or drawn ones, and whether they are all."""
    if exact and factorial(n) <= MOST_ENUMERATED:
        return iter([_permutations(n)]), True
    return _shuffles(n, np.random.default_rng(seed)), False


def divisions(n: int, m: int, *, exact: bool, seed: Seed) -> tuple[Iterator[Orders], bool]:
    """Return orders of n units whose first m form a group: each group once, or drawn; and whether they are all."""
    if exact and comb(n, m) <= MOST_ENUMERATED:
        return _divisions(n, m), True
    return _shuffles(n, np.random.default_rng(seed)), False


def p_value(reached: NDArray[np.bool_], is_all: bool) -> float:
    """Return the share of arrangements that reach the observed one, which counts as drawn if they are a sample."""
    b, m = int(np.sum(reached)), len(reached)
    return b / m if is_all else (b + 1) / (m + 1)


def method_name(statistic: str, is_all: bool) -> str:
    """Return the name of the test with how its arrangements were found."""
    return f"{statistic}, {'exact' if is_all else 'monte_carlo'}"


def _permutations(n: int) -> Orders:
    """All orders of 0 to n - 1, one a row."""
    rows = np.zeros((1, 1), dtype=np.int64)
    for unit in range(1, n):
        rows = np.concatenate([np.insert(rows, place, unit, axis=1) for place in range(unit + 1)])
    return rows


def _divisions(n: int, m: int) -> Iterator[Orders]:
    """Orders with each group of m among the first, in blocks that fit in memory."""
    groups = np.array(list(combinations(range(n), m)), dtype=np.int64)
    for start in range(0, len(groups), max(1, _CHUNK // n)):
        block = groups[start : start + max(1, _CHUNK // n)]
        outside = np.ones((len(block), n), dtype=bool)
        np.put_along_axis(outside, block, False, axis=1)
        yield np.hstack([block, np.nonzero(outside)[1].reshape(len(block), n - m)])


def _shuffles(n: int, rng: np.random.Generator) -> Iterator[Orders]:
    """Drawn orders, in blocks that fit in memory."""
    block = max(1, _CHUNK // n)
    for start in range(0, RESAMPLES, block):
        yield rng.permuted(np.tile(np.arange(n), (min(block, RESAMPLES - start), 1)), axis=1)
