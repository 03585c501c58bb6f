"""What was asked for already, by its ETag: as long as no partition that it was read from has changed, it is not asked for again.

An ETag holds what is asked, by whom, and the fingerprints of what was read, so that a thing can only be found by who may see it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Kept(Generic[_T]):
    """The things that were asked for last, up to a total size. Any thread may ask.

    Args:
        most: The total size.
        size_of: The size of one; each counts as one if left out.
    """

    def __init__(self, most: int, size_of: Callable[[_T], int] = lambda _: 1) -> None:
        self._most, self._size_of = most, size_of
        self._size = 0
        self._things: OrderedDict[str, _T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, etag: str) -> _T | None:
        """One of them; None if it is not kept."""
        with self._lock:
            if etag in self._things:
                self._things.move_to_end(etag)
            return self._things.get(etag)

    def put(self, etag: str, thing: _T) -> None:
        """Keep one; those that were not asked for for longest go."""
        with self._lock:
            if etag in self._things:
                self._size -= self._size_of(self._things.pop(etag))
            self._things[etag] = thing
            self._size += self._size_of(thing)
            while self._size > self._most:
                self._size -= self._size_of(self._things.popitem(last=False)[1])
