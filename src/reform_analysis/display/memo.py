"""Results of a pure function, kept by what it was asked: a cache that can tell what it holds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

Asked = TypeVar("Asked", bound=Hashable)
Result = TypeVar("Result")


class Memo(dict[Asked, Result]):
    """What a function returned, by its one argument; asked for something new, it calls the function.

    `functools.lru_cache` keeps as well, but tells nobody what: here a process can pass on what it was asked, so that
    another does the work ahead.

    Parameters
    ----------
    function
        Its result depends on its argument alone.
    size
        Results kept; the oldest goes first.

    Examples
    --------
    >>> squares = Memo(lambda number: number**2, size=2)
    >>> [squares[2], squares[2], squares[3], squares[4]], list(squares)
    ([4, 4, 9, 16], [3, 4])
    """

    def __init__(self, function: Callable[[Asked], Result], *, size: int) -> None:
        """Keep nothing yet."""
        super().__init__()
        self._function, self._size = function, size

    def __missing__(self, asked: Asked) -> Result:
        """Call the function and keep what it gives."""
        result = self._function(asked)
        if len(self) >= self._size:
            del self[next(iter(self))]
        self[asked] = result
        return result
