"""Rates of events, and whether the rates of successive periods trend."""

from math import comb, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainccinv, gammaincinv

from reform_analysis.statistics.result import (
    Estimate,
    FloatArray,
    as_counts,
    as_non_negative,
    as_numbers,
    check_choice,
    check_estimand,
    check_level,
    check_not_empty,
    data_flags,
    result,
    share_or,
    unpack,
)

# with four periods even a perfect order has p = 1/12, so no test could find a trend
FEWEST_PERIODS = 5


@result
class TrendTest:
    """Exact test of a monotone trend over periods.

    Attributes
    ----------
    tau : float
        Kendall's tau-b between the order of the periods and their rates; NaN with fewer than five periods.
    p : float
        Exact two-sided p-value.
    n, n_missing : int
        Periods, and those among them without a rate.
    method : str
        Name of the test.
    flags : frozenset of str
        ``few_periods``, ``constant``, ``ties``, ``missing_input``.
    inputs : mapping
        The data the function was given.
    citation : str
        The publication of the method.
    """

    tau: float
    p: float
    n: int
    n_missing: int
    method: str
    flags: frozenset[str]
    inputs: dict[str, ArrayLike]
    citation: str


def poisson_rate_ci(
    count: ArrayLike,
    exposure: ArrayLike,
    *,
    method: str = "exact",
    level: float = 0.95,
    estimand: str = "descriptive",
) -> Estimate:
    """Rate of events per unit of exposure, with its interval.

    Parameters
    ----------
    count : int or (K,) array of int
        Events. NaN or None gives NaN.
    exposure : float or (K,) array
        What the events are counted against (days, communes, persons), at least 0; it broadcasts.
    method : {"exact"}
        Formula of the interval.
    level : float
        Confidence level in (0, 1).
    estimand : {"descriptive", "process"}
        "descriptive": all events were counted, so the interval is the rate itself, flag ``census``.

    Returns
    -------
    Estimate
        Events per unit of exposure. Exposure 0: estimate NaN, interval [0, inf], flag ``no_data``.

    Raises
    ------
    ValueError
        If a count is negative or not whole, an exposure is negative, there are events at exposure 0, the level
        is outside (0, 1), or a name is unknown.

    Notes
    -----
    Garwood's limits hold their level for every rate, with lower 0 at count 0. Mid-p limits are not offered; those
    of statsmodels (``midp-c``) put the *lower* limit above 0 where nothing happened.

    References
    ----------
    Garwood F (1936). Biometrika 28:437-442. doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    Three events in ten, as R 4.2.2 gives them, ``poisson.test(3, 10)``:

    >>> found = poisson_rate_ci(3, 10, estimand="process")
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.062, 0.877)
    """
    check_choice("method", method, ("exact",))
    check_level(level)
    events, base = np.broadcast_arrays(as_counts("count", count), as_non_negative("exposure", exposure))
    if ((base == 0) & (events > 0)).any():
        raise ValueError("exposure must be above 0 where there are events; got events at exposure 0")
    rate = share_or(events, base, np.nan)
    census = check_estimand(estimand) == "descriptive"
    lower, upper = (rate, rate) if census else _garwood(events, base, 1 - level)
    missing = np.isnan(events + base)
    empty = (base == 0) & ~missing
    return Estimate(
        estimate=unpack(rate),
        lower=unpack(np.where(empty, 0.0, lower)),
        upper=unpack(np.where(empty, np.inf, upper)),
        level=np.nan if census else level,
        method="census" if census else method,
        estimand=estimand,
        n=unpack(events),
        n_missing=int(missing.sum()),
        flags=data_flags(np.where(missing, np.nan, base), census=census),
        inputs={"count": count, "exposure": exposure},
        citation="" if census else "Garwood 1936, doi:10.1093/biomet/28.3-4.437",
    )


def trend_test(period_rates: ArrayLike) -> TrendTest:
    """Exact Kendall test of whether the rates of successive periods rise or fall.

    Parameters
    ----------
    period_rates : (K,) array
        Rates of K >= 5 periods in order of time, each of its own period: never cumulative totals.

    Returns
    -------
    TrendTest
        NaN with fewer than five periods (flag ``few_periods``), with a missing rate (``missing_input``), or where
        all rates are equal (``constant``).

    Raises
    ------
    ValueError
        If there is no rate, or one is not a finite number.

    Notes
    -----
    A cumulative total rises by construction, so a test on totals is void; `decumulate` gives the periods. The
    p-value counts the orders of the observed rates with |S| at least as large, exactly, also where rates tie:
    the inversions of all orders follow a Gaussian multinomial coefficient. No regression on time is offered:
    there is one period after the reform and no series before it.

    References
    ----------
    Kendall MG (1938). Biometrika 30:81-93. doi:10.1093/biomet/30.1-2.81

    Examples
    --------
    A perfect order of five, as R 4.2.2 gives it, ``cor.test(method = "kendall")``: 2 of the 120 orders are as
    extreme.

    >>> found = trend_test([88, 120, 131, 150, 190])
    >>> found.tau, round(found.p, 4)
    (1.0, 0.0167)
    """
    rates = np.atleast_1d(as_numbers("period_rates", period_rates))
    check_not_empty("period_rates", rates)
    n_missing = int(np.isnan(rates).sum())
    ties = np.unique(rates, return_counts=True)[1]
    raised = {
        "few_periods": rates.size < FEWEST_PERIODS,
        "missing_input": n_missing > 0,
        "constant": len(ties) == 1 and not n_missing,
        "ties": bool(ties.max() > 1),
    }
    tau, p = np.nan, np.nan
    if not (raised["few_periods"] or raised["missing_input"] or raised["constant"]):
        tau, p = _kendall(rates, ties.tolist())
    return TrendTest(
        tau=tau,
        p=p,
        n=rates.size,
        n_missing=n_missing,
        method="kendall_exact",
        flags=frozenset(flag for flag, is_raised in raised.items() if is_raised),
        inputs={"period_rates": period_rates},
        citation="Kendall 1938, doi:10.1093/biomet/30.1-2.81",
    )


def _garwood(count: FloatArray, exposure: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Exact Poisson limits: half the chi-square quantiles with 2 count and 2 count + 2 degrees of freedom."""
    low = np.where(count == 0, 0.0, gammaincinv(np.where(count == 0, 1.0, count), alpha / 2))
    return share_or(low, exposure, 0.0), share_or(gammainccinv(count + 1, alpha / 2), exposure, np.inf)


def _kendall(rates: FloatArray, ties: list[int]) -> tuple[float, float]:
    """Tau-b, and the share of the orders of these rates with at least its |concordant - discordant|."""
    pairs = comb(rates.size, 2)
    untied = pairs - sum(comb(size, 2) for size in ties)
    balance = untied - 2 * sum(int((rates[:i] > rates[i]).sum()) for i in range(rates.size))
    orders = _inversions(ties)
    extreme = sum(number for found, number in enumerate(orders) if abs(untied - 2 * found) >= abs(balance))
    return balance / sqrt(pairs * untied), extreme / sum(orders)


def _inversions(ties: list[int]) -> list[int]:
    """How many orders of values with these multiplicities have 0, 1, 2, ... inversions."""
    orders, placed = [1], 0
    for size in ties:
        for i in range(1, size + 1):
            # Gaussian coefficient of placed + size over size, factor by factor: (1 - q^(placed+i)) / (1 - q^i)
            orders = _divided(_multiplied(orders, placed + i), i)
        placed += size
    return orders


def _multiplied(polynomial: list[int], power: int) -> list[int]:
    """The polynomial times 1 - q^power."""
    padded = polynomial + [0] * power
    return [value - (padded[i - power] if i >= power else 0) for i, value in enumerate(padded)]


def _divided(polynomial: list[int], power: int) -> list[int]:
    """The polynomial divided by 1 - q^power, which it must be a multiple of."""
    quotient: list[int] = []
    for i, value in enumerate(polynomial[: len(polynomial) - power]):
        quotient.append(value + (quotient[i - power] if i >= power else 0))
    return quotient
