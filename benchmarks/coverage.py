"""How often each interval covers the truth, and how often one that ignores rounding does.

`python benchmarks/coverage.py [RUNS]` writes docs/coverage.md. Coverage of counts is summed exactly over all possible
counts; the rest is simulated with a fixed seed. Part of `make bench`.
"""

import sys
from collections.abc import Callable, Iterator
from math import sqrt
from pathlib import Path

import numpy as np
from coverage_sums import AT_LEAST, LEVEL, NEAR, NOTHING, Cell, exact_cells
from scipy.stats import norm

from reform_analysis import statistics
from reform_analysis.evidence.interval import interval_ratio
from reform_analysis.evidence.printed import figure_interval

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
SEED = 20251031
RUNS = 1000


def compositions(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """Shares of a whole: how often all intervals hold at once."""
    for shares in ((0.44, 0.56), (0.7, 0.2, 0.1), (0.9, 0.05, 0.03, 0.02)):
        found = [
            statistics.multinomial_ci(counts, level=LEVEL, estimand="process")
            for counts in rng.multinomial(100, shares, size=runs)
        ]
        covered = [bool(((ci.lower <= shares) & (shares <= ci.upper)).all()) for ci in found]
        yield simulated("All shares of a whole, n = 100", "goodman", "/".join(map(str, shares)), NEAR, covered)


def partial_identification(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """On-time rate of 200 received units, some pending, which are late, half on time, or all on time."""
    table, n, on_time = "On-time rate with pending units, n = 200", 200, 0.9
    for pending in (0.02, 0.25):
        for late, truth_of_pending in (("all late", 0.0), ("half late", 0.5), ("none late", 1.0)):
            chances = [(1 - pending) * on_time, (1 - pending) * (1 - on_time), pending]
            success, failure, missing = rng.multinomial(n, chances, size=runs).T
            truth = chances[0] + pending * truth_of_pending
            column = f"{pending:.0%} pending, {late}"
            ends = statistics.worst_case_bounds(success, failure, missing, estimand="process")
            aware = statistics.imbens_manski_ci(
                ends.lower, ends.upper, ends.se_lower, ends.se_upper, level=LEVEL, estimand="process"
            )
            naive = statistics.proportion_ci(success, success + failure, level=LEVEL, estimand="process")
            yield simulated(table, "imbens_manski", column, NEAR, held(aware, truth))
            yield simulated(table, "wilson on the resolved alone", column, NOTHING, held(naive, truth))


def pooling(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """Random-effects means of K units with unequal variances, and the value of a further unit."""
    for units in (5, 10, 30):
        for tau2 in (0.0, 0.1, 0.5):
            column = f"K = {units}, tau2 = {tau2}"
            covered: dict[str, list[bool]] = {name: [] for name in ("mhk", "hk", "wald", "pi", "q")}
            for _ in range(runs):
                v = np.exp(rng.uniform(np.log(0.02), np.log(0.5), units))
                y = rng.normal(0.3, np.sqrt(v + tau2))
                further = rng.normal(0.3, sqrt(tau2))
                for ci in ("mhk", "hk", "wald"):
                    found = statistics.pool(y, v, ci=ci, level=LEVEL)
                    covered[ci].append(found.lower <= 0.3 <= found.upper)
                    if ci == "mhk":
                        covered["pi"].append(found.pi_lower <= further <= found.pi_upper)
                profile = statistics.tau2_ci(y, v, level=LEVEL)
                covered["q"].append(profile.tau2_lower <= tau2 <= profile.tau2_upper)
            promises = {"mhk": NEAR, "hk": NEAR, "wald": NOTHING}
            for ci, promise in promises.items():
                yield simulated("Pooled mean (REML)", ci, column, promise, covered[ci])
            # the plug-in of an estimated tau2 is known to be short where few units carry it
            pi_promise = NEAR if units >= 10 else NOTHING
            yield simulated("Prediction of a further unit (REML, mhk)", "t, K - 1", column, pi_promise, covered["pi"])
            yield simulated("Variance between units", "Q-profile", column, AT_LEAST, covered["q"])


def mixed_models(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """Median proportion of K units with 50 to 400 trials each, binomial-normal."""
    for units, centre, tau in ((5, 2.2, 0.5), (10, 2.2, 0.5), (30, 2.2, 0.5), (30, 3.5, 0.5), (30, 2.2, 0.0)):
        covered = []
        for _ in range(runs):
            n = rng.integers(50, 400, units)
            k = rng.binomial(n, 1 / (1 + np.exp(-rng.normal(centre, tau, units))))
            found = statistics.pool_glmm(k, n, level=LEVEL)
            covered.append(found.ci_lower <= centre <= found.ci_upper)
        column = f"K = {units}, median {1 / (1 + np.exp(-centre)):.2f}, sd {tau}"
        # Wald limits with an estimated spread are short for few units
        yield simulated("Pooled proportion (GLMM)", "Wald", column, NEAR if units >= 30 else NOTHING, covered)


def ranks_and_inequality(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """Joint rank sets of ten places, and the bootstrap of the Gini index of skewed values."""
    p = np.linspace(0.8, 0.98, 10)
    true_ranks = np.arange(10, 0, -1)
    covered = []
    for _ in range(runs):
        found = statistics.rank_proportions(rng.binomial(300, p), np.full(10, 300), level=LEVEL)
        covered.append(bool(((found.best <= true_ranks) & (true_ranks <= found.worst)).all()))
    yield simulated("Ranks of 10 places", "bonferroni, wilson", "all ranks at once", AT_LEAST, covered)
    truth = 2 * norm.cdf(1 / sqrt(2)) - 1
    for units in (10, 34, 200):
        intervals = [
            statistics.gini_bootstrap(rng.lognormal(0, 1, units), level=LEVEL, resamples=1000, seed=rng)
            for _ in range(runs)
        ]
        covered = [bool(ci.lower <= truth <= ci.upper) for ci in intervals]
        yield simulated("Gini index, lognormal", "percentile bootstrap", f"n = {units}", NOTHING, covered)


def rounded_percentages(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """A process of which only n and a percentage without decimals are printed."""
    table = "Process behind a rounded percentage"
    for n in (100, 2_000, 50_000):
        aware, naive = [], []
        for p in rng.uniform(0.7, 0.99, runs):
            percent = f"{100 * rng.binomial(n, p) / n:.0f}"
            coarse = statistics.proportion_ci_coarse(percent, n, level=LEVEL, estimand="process")
            nearest = statistics.proportion_ci(round(int(percent) * n / 100), n, level=LEVEL, estimand="process")
            aware.append(coarse.lower <= p <= coarse.upper)
            naive.append(nearest.lower <= p <= nearest.upper)
        # at n = 100 every percentage is a whole count, so both are Wilson's interval
        yield simulated(table, "proportion_ci_coarse", f"n = {n}", NEAR if n == 100 else AT_LEAST, aware)
        yield simulated(table, "wilson of the nearest count", f"n = {n}", NOTHING, naive)


def rounded_shares(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """Complete counts in millions, printed to 0.1 million: a share, and a later period's share."""
    covered: dict[tuple[str, str], list[bool]] = {}
    for _ in range(runs):
        T1, T2 = rng.uniform(3e6, 6e6), rng.uniform(10e6, 18e6)
        O1, O2 = T1 * rng.uniform(0.6, 0.9), 0.0
        O2 = O1 + (T2 - T1) * rng.uniform(0.7, 0.95)
        (T1b, T1v), (T2b, T2v), (O1b, O1v), (O2b, O2v) = map(printed, (T1, T2, O1, O2))
        ratio = interval_ratio(O2b, T2b, part_of=True)
        wilson = statistics.proportion_ci(O2v, T2v, level=LEVEL, estimand="process")
        keep(covered, "interval_ratio", "cumulative share", ratio.low <= O2 / T2 <= ratio.high)
        keep(covered, "wilson of the printed counts", "cumulative share", wilson.lower <= O2 / T2 <= wilson.upper)
        truth = (O2 - O1) / (T2 - T1)
        boxes = [[(box.low, box.high) for box in pair] for pair in ((T1b, T2b), (O1b, O2b))]
        share = statistics.decumulate("2025-07-01", ["2025-08-19", "2025-10-28"], *boxes).period_share[1]
        wilson = statistics.proportion_ci(O2v - O1v, T2v - T1v, level=LEVEL, estimand="process")
        keep(covered, "decumulate", "share of the period", share[0] <= truth <= share[1])
        keep(covered, "wilson of the printed counts", "share of the period", wilson.lower <= truth <= wilson.upper)
    for (row, column), hits in covered.items():
        promise = NOTHING if row.startswith("wilson") else AT_LEAST
        yield simulated("Complete counts printed to 0.1 million", row, column, promise, hits)


def printed(value: float) -> tuple[object, float]:
    """The interval and the plain reading of a count as the press prints it."""
    text = f"{value / 1e6:.1f} million"
    plain = round(float(text.split()[0]) * 1e6)
    return figure_interval(text, value=plain, unit="applications", qualifier="exact"), plain


def printing_rules(rng: np.random.Generator, runs: int) -> Iterator[Cell]:
    """What the conventions for a printed figure hold of the true count, when it was rounded as assumed or not."""
    table = "True count behind a figure in millions with one decimal"
    rules: dict[str, Callable[[float], float]] = {
        "rounded to the nearest": lambda x: round(x, 1),
        "cut off": lambda x: int(x * 10) / 10,
    }
    for rule, apply in rules.items():
        truths = rng.uniform(1.1, 9.8, runs)
        for mode in ("soft", "hard"):
            covered = []
            for truth in truths:
                text = f"{apply(truth):.1f} million"
                plain = round(apply(truth) * 1e6)
                box = figure_interval(text, value=plain, unit="applications", qualifier="exact", mode=mode)
                covered.append(box.low <= truth * 1e6 <= box.high)
            keeps = mode == "hard" or rule.startswith("rounded")
            yield simulated(table, f"figure_interval, {mode}", rule, AT_LEAST if keeps else NOTHING, covered)
        yield simulated(table, "the figure taken as exact", rule, NOTHING, [False] * runs)


def keep(covered: dict[tuple[str, str], list[bool]], row: str, column: str, hit: bool) -> None:
    """Note one hit or miss."""
    covered.setdefault((row, column), []).append(bool(hit))


def held(found: statistics.Estimate, truth: float) -> np.ndarray:
    """Whether each interval holds the truth."""
    return (found.lower <= truth) & (truth <= found.upper)


def simulated(table: str, row: str, column: str, promise: str, covered: object) -> Cell:
    """Share of hits with its Monte Carlo standard error under the promised level."""
    hits = np.asarray(covered, dtype=float)
    return Cell(table, row, column, promise, float(hits.mean()), sqrt(LEVEL * (1 - LEVEL) / hits.size))


def simulated_cells(runs: int, seed: int = SEED) -> list[Cell]:
    """Everything simulated; each part has a stream of its own, so that one may change without the others."""
    parts = (
        compositions,
        partial_identification,
        pooling,
        mixed_models,
        ranks_and_inequality,
        rounded_percentages,
        rounded_shares,
        printing_rules,
    )
    streams = np.random.default_rng(seed).spawn(len(parts))
    return [cell for part, rng in zip(parts, streams, strict=True) for cell in part(rng, runs)]


def as_table(cells: list[Cell]) -> str:
    """One table of the page: intervals down, settings across, coverage in percent."""
    columns, rows = (list(dict.fromkeys(getattr(cell, side) for cell in cells)) for side in ("column", "row"))
    at = {(cell.row, cell.column): cell for cell in cells}
    lines = ["| Interval | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for row in rows:
        shown = [f"{100 * at[row, column].coverage:.1f}" if (row, column) in at else "" for column in columns]
        lines.append(f"| {row} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


INTRODUCTION = """\
# Coverage of the intervals

Made by `python benchmarks/coverage.py` with seed {seed}. Each number is how often, in percent, a 95 % interval holds
the truth. Tables marked "exact" are sums over all possible counts; the others are simulated {runs} times, with a
Monte Carlo standard error of {error:.1f} points at 95 %. `tests/test_coverage_simulation.py` holds the methods to their
promises in a shorter run.

Below 95 the interval is too short in that setting; above, it is longer than it need be. Intervals that ignore rounding,
pending units or the spread between places stand beside those that do not: they are what the print alone suggests.
"""


# how to read each table: without numbers, which the table holds
NOTES = {
    "One proportion": "Clopper-Pearson never falls below the level; Wald collapses where on-time rates lie.",
    "Difference of two proportions": "Miettinen-Nurminen stays nearest to the level.",
    "Ratio of two proportions": "Without a success in a group katz_log has no limits, which counts as a miss.",
    "Poisson rate": "Guaranteed, hence long for rare events.",
    "Sample of a finite population": "Over every possible number of units with the attribute.",
    "All shares of a whole, n = 100": "All intervals have to hold at once.",
    "On-time rate with pending units, n = 200": "The rate among the resolved alone answers another question.",
    "Pooled mean (REML)": "The normal interval (wald) is short for few units; mhk and hk use t.",
    "Prediction of a further unit (REML, mhk)": "Short where few units carry the estimate of the spread.",
    "Variance between units": "Long where there is no variance, because its lower limit cannot fall below 0.",
    "Pooled proportion (GLMM)": "Wald limits of the median are short for few units.",
    "Ranks of 10 places": "Bonferroni limits make a wide joint set.",
    "Gini index, lognormal": "Far too short for few, skewed values; a census of provinces needs none.",
    "Process behind a rounded percentage": "The more trials, the more the rounding outweighs the sampling.",
    "Complete counts printed to 0.1 million": "Nothing was sampled: a sampling interval misses the share.",
    "True count behind a figure in millions with one decimal": "Soft bounds assume rounding; hard ones do not.",
}


def page(runs: int) -> str:
    """The whole page."""
    text = [INTRODUCTION.format(seed=SEED, runs=runs, error=100 * sqrt(LEVEL * (1 - LEVEL) / runs))]
    for cells, how in ((exact_cells(), "Exact"), (simulated_cells(runs), "Simulated")):
        for table in dict.fromkeys(cell.table for cell in cells):
            text.append(f"## {table}\n\n{how}. {NOTES[table]}\n")
            text.append(as_table([cell for cell in cells if cell.table == table]) + "\n")
    return "\n".join(text)


if __name__ == "__main__":
    PAGE.write_text(page(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS), encoding="utf-8")
