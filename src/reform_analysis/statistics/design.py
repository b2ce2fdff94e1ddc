"""Design matrices: covariates by name, an intercept, complete rows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reform_analysis.statistics.result import FloatArray, as_numbers, check_not_empty

Covariates = Mapping[str, ArrayLike] | ArrayLike

# more covariates than one for ten units are a search, not a question
UNITS_PER_COVARIATE = 10


class Design(NamedTuple):
    """Complete rows of outcome columns and covariates, with what a result has to say about them."""

    outcomes: list[FloatArray]
    X: FloatArray
    names: tuple[str, ...]
    n_missing: int
    flags: frozenset[str]


def design(outcomes: Mapping[str, FloatArray], X: Covariates, *, intercept: bool) -> Design:
    """Return the complete rows; ValueError for unequal lengths, collinear columns or too few rows.

    `X` is a table of named columns (mapping or data frame), a matrix (N, P) or one column (N,).
    """
    columns = _columns(X)
    first, n = next((name, len(values)) for name, values in outcomes.items())
    check_not_empty(first, np.asarray(next(iter(outcomes.values()))))
    for name, values in {**outcomes, **columns}.items():
        if len(values) != n:
            raise ValueError(f"{name} must have as many rows as {first}; got {len(values)} and {n}")
    if not (columns or intercept):
        raise ValueError("X must hold at least one column where intercept=False; got none")
    matrix = np.column_stack([*([np.ones(n)] if intercept else []), *columns.values()])
    complete = ~np.isnan(np.column_stack([matrix, *outcomes.values()])).any(axis=1)
    names = (*(["intercept"] if intercept else []), *columns)
    _check_rank(matrix[complete], names)
    crowded = len(columns) * UNITS_PER_COVARIATE > complete.sum()
    return Design(
        outcomes=[values[complete] for values in outcomes.values()],
        X=matrix[complete],
        names=names,
        n_missing=int(np.sum(~complete)),
        flags=frozenset({"many_covariates"}) if crowded else frozenset(),
    )


def leverages(X: FloatArray) -> FloatArray:
    """Diagonal of the projection onto the columns."""
    q, _ = np.linalg.qr(X)
    return np.sum(q**2, axis=1)


def _columns(X: Any) -> dict[str, FloatArray]:
    """The covariates by name; unnamed ones become x1, x2, ..."""
    if hasattr(X, "keys"):
        return {str(name): np.atleast_1d(as_numbers(str(name), X[name])) for name in X}
    matrix = as_numbers("X", X)
    if matrix.ndim > 2:
        raise ValueError(f"X must be one column or a matrix; got {matrix.ndim} dimensions")
    columns = matrix.T if matrix.ndim == 2 else [np.atleast_1d(matrix)]
    return {f"x{i}": column for i, column in enumerate(columns, start=1)}


def _check_rank(matrix: FloatArray, names: tuple[str, ...]) -> None:
    """Raise ValueError unless the columns, brought to one length, are independent."""
    rows, width = matrix.shape
    if rows < width:
        raise ValueError(f"X must have at least as many complete rows as columns; got {rows} rows, {width} columns")
    length: NDArray[np.float64] = np.linalg.norm(matrix, axis=0)
    if (length == 0).any() or np.linalg.matrix_rank(matrix / length) < width:
        raise ValueError(f"X must have independent columns; got collinear ones among {', '.join(names)}")
