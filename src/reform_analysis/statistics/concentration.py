"""How far a total is concentrated in few units: the Herfindahl-Hirschman index and its bounds."""

import numpy as np
from numpy.typing import ArrayLike

from reform_analysis.statistics.result import (
    Estimate,
    as_non_negative,
    check_not_empty,
    result,
)

CITATION = "Rhoades 1993, The Herfindahl-Hirschman Index, Federal Reserve Bulletin 79: 188-189"

# shares are sums of decimals: what exceeds a bound by less than this is rounding
_ROUNDING = 1e-9


@result
class Concentration(Estimate):
    """Herfindahl-Hirschman index of a complete set of units.

    Attributes
    ----------
    hhi_10000 : float
        The index of shares in percent, as competition authorities print it.
    effective_number : float
        Number of equal units that would be as concentrated.
    normalised : float
        The index stretched from [1/N, 1] to [0, 1]; NaN for one unit.
    """

    hhi_10000: float
    effective_number: float
    normalised: float


def hhi(x: ArrayLike) -> Concentration:
    """Return the Herfindahl-Hirschman index of the values of all units.

    Parameters
    ----------
    x : (N,) array
        Values or shares at least 0, one a unit; their scale does not matter. A missing value makes the index NaN:
        bound it with `hhi_bounds`.

    Returns
    -------
    Concentration
        Index in [1/N, 1] and its other forms; `lower` and `upper` equal it. NaN if all values are 0.

    Raises
    ------
    ValueError
        For no value, or a negative or infinite one.

    Notes
    -----
    The sum of squared shares. It depends on the number of units: compare the normalised form between sets of
    different size.

    References
    ----------
    Rhoades 1993, The Herfindahl-Hirschman Index, Federal Reserve Bulletin 79: 188-189.

    Examples
    --------
    Four firms with 30, 30, 20 and 20 percent: the United States Department of Justice prints 2,600.

    >>> round(hhi([30, 30, 20, 20]).hhi_10000)
    2600
    """
    values = np.atleast_1d(as_non_negative("x", x))
    check_not_empty("x", values)
    n, missing = len(values), int(np.isnan(values).sum())
    flags = {"missing_input"} if missing else set() if values.any() else {"all_zero"}
    index = np.nan if flags else float(np.sum((values / values.sum()) ** 2))
    return Concentration(
        estimate=index,
        lower=index,
        upper=index,
        level=np.nan,
        method="plain",
        estimand="descriptive",
        n=n,
        n_missing=missing,
        flags=frozenset(flags | {"census"}),
        inputs={"x": x},
        citation=CITATION,
        hhi_10000=1e4 * index,
        effective_number=1 / index,
        normalised=(index - 1 / n) / (1 - 1 / n) if n > 1 else np.nan,
    )


def hhi_bounds(known: ArrayLike, remainder_units: int, *, cap: float | None = None) -> Estimate:
    """Return the bounds of the index when only the shares of some units are published.

    Parameters
    ----------
    known : (K,) array
        Published shares, fractions that sum to at most 1.
    remainder_units : int
        Number of the other units.
    cap : float, optional
        The most that one of these can hold, such as the smallest published share of a list of the largest;
        by default one unit may hold the whole remainder.

    Returns
    -------
    Estimate
        Sharp bounds of the index; `estimate` is NaN, because the bounds single out no value.

    Raises
    ------
    ValueError
        For missing, negative or infinite shares, shares that sum to more than 1, a negative number of units, or a
        remainder that the other units cannot hold.

    Notes
    -----
    Least: the remainder R even over the m units, R^2 / m. Greatest: packed into floor(R / cap) units at the cap
    and one with the rest.

    References
    ----------
    Rhoades 1993, The Herfindahl-Hirschman Index, Federal Reserve Bulletin 79: 188-189.

    Examples
    --------
    By hand: .14 for the known; .4 even over 31 units, or four units at the cap.

    >>> bounds = hhi_bounds([0.3, 0.2, 0.1], 31, cap=0.1)
    >>> print(f"{bounds.lower:.4f} {bounds.upper:.4f}")
    0.1452 0.1800
    """
    shares = np.atleast_1d(as_non_negative("known", known))
    if np.isnan(shares).any():
        raise ValueError("known must hold no missing share; count the unit among remainder_units instead")
    remainder = 1 - float(shares.sum())
    if remainder < -_ROUNDING:
        raise ValueError(f"known must sum to at most 1; got {1 - remainder:g}. Give fractions, not percent")
    remainder = 0.0 if remainder < _ROUNDING else remainder
    largest = remainder if cap is None else float(cap)
    if remainder_units < 0 or not remainder <= remainder_units * largest + _ROUNDING:
        raise ValueError(
            f"remainder_units times cap must hold the remainder of {remainder:g}; "
            f"got remainder_units = {remainder_units}, cap = {cap}"
        )
    even = remainder**2 / remainder_units if remainder else 0.0
    full = np.floor(remainder / largest) if remainder else 0.0
    rest = max(0.0, remainder - full * largest)
    published = float(np.sum(shares**2))
    return Estimate(
        estimate=np.nan,
        lower=published + even,
        upper=float(published + full * largest**2 + rest**2),
        level=np.nan,
        method="even and packed remainder",
        estimand="descriptive",
        n=len(shares) + remainder_units,
        n_missing=remainder_units,
        inputs={"known": known, "remainder_units": remainder_units, "cap": cap},
        citation=CITATION,
    )
