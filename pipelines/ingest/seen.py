"""Which keys were met before: 8 bytes each, so that a source of any size can be checked for repeats.

Not here: what a key is made of (`sql/ingest`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SeenKeys:
    """A growing set of 64-bit keys, kept as sorted runs, each at least twice as long as the next."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def first(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of these keys are met for the first time ever; all of them are known afterwards."""
        ordered = np.sort(keys)
        # Mostly all are new, and which of several equal ones came first need not be asked.
        if (ordered[1:] != ordered[:-1]).all() and not self._contains(ordered).any():
            self._add(ordered)
            return np.ones(len(keys), bool)
        distinct, positions = np.unique(keys, return_index=True)
        is_new = ~self._contains(distinct)
        mask = np.zeros(len(keys), bool)
        mask[positions[is_new]] = True
        self._add(distinct[is_new])
        return mask

    def _contains(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        found = np.zeros(len(keys), bool)
        for run in self._runs:
            places = np.searchsorted(run, keys)
            found |= run[np.minimum(places, len(run) - 1)] == keys
        return found

    def _add(self, keys: NDArray[np.uint64]) -> None:
        if not len(keys):
            return
        self._runs.append(keys)
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            shorter = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate((self._runs[-1], shorter)))
