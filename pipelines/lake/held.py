"""Which files may hold a text: columns of files that are kept in memory, so that finding one object among thousands of files opens few.

Here: `Held`, what is looked for, and `KeptColumns`, which are bounded in size. A file is only left out if none of its values holds the text; the
query itself decides on the rows of the others. Not here: those rows (`datasets`).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    import pyarrow as pa
    import pyarrow.dataset as ds

    from pipelines.lake.layout import LakeFile

_MOST_BYTES = 128 * 1024 * 1024


class Held(NamedTuple):
    """A text that a value of one of a table's columns holds, in every row that matters."""

    table: str
    columns: tuple[str, ...]
    text: str


class KeptColumns:
    """The values of columns of text, as one string per file: those that were looked at last, up to a total size."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Begin with none."""
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[LakeFile, tuple[str, ...]], pl.Series] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        return self._size

    def that_may_hold(self, files: Mapping[LakeFile, ds.Fragment], held: Held) -> list[LakeFile]:
        """The files that may hold a text, in their order."""
        import polars as pl

        if not files or not _is_writable(held.text):
            return []
        listed = list(files)
        # Polars searches 17 MB in a millisecond, `in` of Python in ten.
        values = pl.concat([self._values(file, files[file], held.columns) for file in listed], rechunk=False)
        return [listed[place] for place in values.str.contains(held.text, literal=True).arg_true()]

    def _values(self, file: LakeFile, fragment: ds.Fragment, columns: tuple[str, ...]) -> pl.Series:
        import polars as pl

        if (kept := self._kept.get((file, columns))) is not None:
            self._kept.move_to_end((file, columns))
            return kept
        read = fragment.to_table(columns=list(columns))
        characters = b"".join(_characters(chunk) for name in columns for chunk in read[name].chunks)
        values = pl.Series([characters.decode()])
        self._kept[file, columns] = values
        self._size += len(characters)
        while self._size > self._most:
            self._size -= self._kept.popitem(last=False)[1].str.len_bytes()[0]
        return values


def _characters(chunk: pa.Array) -> bytes:
    """All values in a row; a text that is only there across two of them is a file opened in vain, and no error."""
    characters = chunk.buffers()[2]
    return b"" if characters is None else characters.to_pybytes()


def _is_writable(text: str) -> bool:
    """Whether a text can stand in a file at all: half of a pair of surrogates cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
