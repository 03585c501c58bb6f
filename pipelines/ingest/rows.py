"""Rows that were chosen from a table and not copied yet: bodies are long, and each choice in turn (a table's rows, no repeats, an hour, an order) would copy them all.

Here: `Rows`. Not here: what is chosen (`source_run`, `raw_files`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LONGEST = "body"
# Of a table of which less than this share is wanted, the wanted rows are copied, so that the rest does not stay in memory.
_KEPT_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table.

    Args:
        table: All rows, wanted or not.
        places: Where the wanted ones are, in ascending order.
    """

    table: pa.Table
    places: NDArray[np.int64]

    @classmethod
    def of(cls, table: pa.Table, is_wanted: pa.ChunkedArray | None = None) -> Rows:
        """All rows of a table, or those that are wanted."""
        return cls(table, np.arange(table.num_rows) if is_wanted is None else np.flatnonzero(is_wanted.to_numpy()))

    def __len__(self) -> int:
        return len(self.places)

    @property
    def _is_whole(self) -> bool:
        return bool(len(self.places) == self.table.num_rows)

    def column(self, name: str) -> pa.ChunkedArray:
        """The values of one column."""
        return self.table[name] if self._is_whole else self.table[name].take(pa.array(self.places))

    def only(self, mask: NDArray[np.bool_]) -> Rows:
        """Those of the rows that a mask names."""
        return self if mask.all() else replace(self, places=self.places[mask])

    def with_column(self, name: str, values: pa.ChunkedArray | pa.Array) -> Rows:
        """The rows with one column more, or another one in its place; the values are those of all rows of the table."""
        at = self.table.column_names.index(name) if name in self.table.column_names else self.table.num_columns
        table = self.table.set_column(at, name, values) if at < self.table.num_columns else self.table.append_column(name, values)
        return replace(self, table=table)

    def select(self, names: Sequence[str]) -> Rows:
        """The rows with these columns only."""
        return replace(self, table=self.table.select(list(names)))

    def taken(self) -> pa.Table:
        """The rows as a table of their own."""
        return self.table if self._is_whole else self.table.take(pa.array(self.places))

    def held(self) -> Rows:
        """The rows as they may wait for a while, without holding much else."""
        return self if self._share() >= _KEPT_SHARE else Rows.of(self.taken())

    @property
    def held_bytes(self) -> int:
        """The bytes of all that is held for their sake."""
        return int(self.table.nbytes)

    def _share(self) -> float:
        if self._is_whole or not self.table.num_rows:
            return 1.0
        if _LONGEST not in self.table.column_names:
            return len(self) / int(self.table.num_rows)
        lengths = pc.fill_null(pc.binary_length(self.table[_LONGEST]), 0).to_numpy()
        return float(lengths[self.places].sum() / max(lengths.sum(), 1))


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of several tables with the same columns, one after the other."""
    starts = np.cumsum([0, *(part.table.num_rows for part in parts[:-1])])
    places = [part.places + start for part, start in zip(parts, starts, strict=True)]
    return Rows(pa.concat_tables([part.table for part in parts]), np.concatenate(places))
