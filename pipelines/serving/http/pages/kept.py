"""What was shown already, by its ETag: as long as no partition that a page reads has changed, it is not asked for again.

An ETag holds what is asked, by whom, and the fingerprints of what was read, so that a page can only be found by who may see it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

_MOST_BYTES = 16 * 1024 * 1024
_MOST_FEW = 1000
_T = TypeVar("_T")


class KeptFew(Generic[_T]):
    """Small things that were asked for last, by their ETag; for what several pages in a row need. Any thread may ask."""

    def __init__(self, most: int = _MOST_FEW) -> None:
        """Begin with none."""
        self._most = most
        self._kept: OrderedDict[str, _T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, etag: str) -> _T | None:
        """One of them; None if it is not kept."""
        with self._lock:
            return self._kept.get(etag)

    def put(self, etag: str, thing: _T) -> None:
        """Keep one; the oldest goes."""
        with self._lock:
            self._kept[etag] = thing
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


class KeptPages:
    """The pages that were shown last, up to a total size. Any thread may ask."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Begin with none."""
        self._most = most_bytes
        self._size = 0
        self._pages: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, etag: str) -> bytes | None:
        """A page; None if it is not kept."""
        with self._lock:
            if etag in self._pages:
                self._pages.move_to_end(etag)
            return self._pages.get(etag)

    def put(self, etag: str, page: bytes) -> None:
        """Keep a page; those that were not looked at for longest go."""
        with self._lock:
            self._size += len(page) - len(self._pages.pop(etag, b""))
            self._pages[etag] = page
            while self._size > self._most:
                self._size -= len(self._pages.popitem(last=False)[1])
