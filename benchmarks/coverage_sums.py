"""Coverage of the intervals for counts, summed exactly over all possible counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, hypergeom, norm, poisson

from reform_analysis import statistics

LEVEL = 0.95

# what a method promises of its coverage, at the level of 95 %
AT_LEAST, NEAR, NOTHING = "at least", "near", "nothing"


@dataclass(frozen=True)
class Cell:
    """Coverage of one interval in one setting, with its Monte Carlo standard error (0 where summed exactly)."""

    table: str
    row: str
    column: str
    promise: str
    coverage: float
    error: float = 0.0


PROPORTIONS = {
    "wilson": NEAR,
    "clopper_pearson": AT_LEAST,
    "jeffreys": NEAR,
    "agresti_coull": NEAR,
    "wilson_cc": AT_LEAST,
    "mid_p": NEAR,
}
SMALL_OR_EXTREME = [(10, 0.9), (30, 0.97), (100, 0.99), (1000, 0.995)]
PAIRS = [(10, 10, 0.9, 0.7), (30, 50, 0.95, 0.9), (70, 80, 0.5, 0.4), (100, 40, 0.99, 0.97)]


def proportions() -> Iterator[Cell]:
    """One proportion: exact sums over the counts, and the mean over p between 0.5 and 1 at n = 30."""
    for method, promise in {**PROPORTIONS, "Wald (not offered)": NOTHING}.items():
        for n, p in SMALL_OR_EXTREME:
            lower, upper = limits(np.arange(n + 1), n, method)
            yield Cell("One proportion", method, f"n = {n}, p = {p}", promise, binomial_cover(lower, upper, n, p))
        lower, upper = limits(np.arange(31), 30, method)
        grid = np.linspace(0.5, 1, 1002)[1:-1]
        mean = np.mean([binomial_cover(lower, upper, 30, p) for p in grid])
        yield Cell("One proportion", method, "n = 30, mean over p in 0.5-1", promise, float(mean))


def limits(k: np.ndarray, n: int, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Limits at each count, also of the interval that the package leaves out."""
    if method in PROPORTIONS:
        found = statistics.proportion_ci(k, n, method=method, level=LEVEL, estimand="process")
        return found.lower, found.upper
    half = norm.isf((1 - LEVEL) / 2) * np.sqrt(k / n * (1 - k / n) / n)
    return k / n - half, k / n + half


def binomial_cover(lower: np.ndarray, upper: np.ndarray, n: int, p: float) -> float:
    """Probability that the interval of the count holds p."""
    return float(binom.pmf(np.arange(n + 1), n, p)[(lower <= p) & (p <= upper)].sum())


def contrasts() -> Iterator[Cell]:
    """Differences and ratios of two proportions: exact sums over all pairs of counts."""
    kinds: list[tuple[str, Callable[..., statistics.Estimate], tuple[str, ...], Callable[..., float]]] = [
        (
            "Difference of two proportions",
            statistics.proportion_diff_ci,
            ("newcombe", "newcombe_cc", "miettinen_nurminen"),
            lambda p1, p2: p1 - p2,
        ),
        (
            "Ratio of two proportions",
            statistics.proportion_ratio_ci,
            ("koopman", "miettinen_nurminen", "katz_log"),
            lambda p1, p2: p1 / p2,
        ),
    ]
    for table, function, methods, contrast in kinds:
        for method in methods:
            for n1, n2, p1, p2 in PAIRS:
                k1, k2 = np.meshgrid(np.arange(n1 + 1), np.arange(n2 + 1))
                found = function(k1, n1, k2, n2, method=method, level=LEVEL, estimand="process", independent=True)
                truth = contrast(p1, p2)
                covered = (found.lower <= truth) & (truth <= found.upper)
                chance = binom.pmf(k1, n1, p1) * binom.pmf(k2, n2, p2)
                # without a limit at k = 0 its coverage depends on how often that happens
                promise = NOTHING if method == "katz_log" else NEAR
                yield Cell(table, method, f"{p1} of {n1} v {p2} of {n2}", promise, float(chance[covered].sum()))


def rates() -> Iterator[Cell]:
    """A Poisson rate: exact sums."""
    counts = np.arange(400)
    found = statistics.poisson_rate_ci(counts, 1, level=LEVEL, estimand="process")
    for mean in (0.5, 2, 10, 50):
        covered = (found.lower <= mean) & (mean <= found.upper)
        coverage = float(poisson.pmf(counts, mean)[covered].sum())
        yield Cell("Poisson rate", "exact (Garwood)", f"mean {mean}", AT_LEAST, coverage)


def finite_populations() -> Iterator[Cell]:
    """A random sample of a finite population: exact sums, the worst and the mean number of units."""
    for n, N in [(9, 34), (30, 90), (37, 3321)]:
        found = [statistics.hypergeometric_ci(x, n, N, level=LEVEL) for x in range(n + 1)]
        lower, upper = (np.array([getattr(ci, end) for ci in found]) for end in ("M_lower", "M_upper"))
        M = np.arange(N + 1)[:, None]
        chance = hypergeom.pmf(np.arange(n + 1), N, M, n)
        covered = (chance * ((lower <= M) & (upper >= M))).sum(axis=1)
        for name, value in (("worst", covered.min()), ("mean", covered.mean())):
            yield Cell("Sample of a finite population", name, f"{n} of {N}", AT_LEAST, float(value))


def exact_cells() -> list[Cell]:
    """Everything that is summed and not simulated."""
    return [*proportions(), *contrasts(), *rates(), *finite_populations()]
