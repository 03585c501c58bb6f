"""The lake's tables as Arrow datasets, for a process that answers many queries.

Here: `Datasets`, which lists anew for each dataset and keeps what it knows of files that are still the same: what their paths promise,
and their footers. Not here: who may see which rows (`pipelines.serving`).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from lake_schema import TABLES
from pipelines.lake.cuts import GROUPS, cut_out
from pipelines.lake.footers import LEDGER
from pipelines.lake.held import Held, KeptColumns
from pipelines.lake.lake import Lake
from pipelines.lake.layout import bucket_end

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pipelines.lake.cuts import Cut
    from pipelines.lake.layout import LakeFile

_MOST_KNOWN = 100_000

Window: TypeAlias = tuple[datetime, datetime]


class _Last(NamedTuple):
    """What was found for some windows in lists that are the very same as long as nothing has changed."""

    windows: tuple[Window, ...]
    lists: list[list[LakeFile]]
    found: dict[LakeFile, ds.Fragment]

    def is_of(self, windows: Sequence[Window], lists: list[list[LakeFile]]) -> bool:
        return self.windows == tuple(windows) and all(mine is other for mine, other in zip(self.lists, lists, strict=True))


class Datasets:
    """Datasets of one lake; for one thread."""

    def __init__(self, url: str) -> None:
        self._lake = Lake.open(url, keeps_listings=True)
        self._filesystem, self._root = self._lake.arrow()
        self._format = ds.ParquetFileFormat()
        self._columns = KeptColumns()
        self._fragments: dict[tuple[str, str], dict[LakeFile, ds.Fragment]] = {}
        self._last: dict[tuple[str, str], _Last] = {}
        self._last_ledger: tuple[list[list[LakeFile]], pa.Table] | None = None

    def dataset(
        self,
        table: str,
        clusters: Sequence[str] | None = None,
        without: Collection[str] = (),
        windows: Sequence[Window] | None = None,
    ) -> ds.Dataset:
        """What a reader may see of a table, as a dataset of the files that are there now.

        Each file carries what its path promises, so that a filter on `cluster` or on the table's instant skips files unopened.

        Args:
            table: The table's name.
            clusters: Only these clusters; all that the ledger knows if left out.
            without: Columns that are left out.
            windows: Only partitions that one of these stretches of time (their ends exclusive) touches; all if None.
        """
        if table == LEDGER:
            return ds.dataset(self._ledger(self._lake.clusters() if clusters is None else clusters).drop_columns(list(without)))
        fragments = list(self._files(table, clusters, windows).values())
        schema = pa.schema([field for field in TABLES[table].arrow_schema() if field.name not in without])
        return ds.FileSystemDataset(fragments, schema, self._format, self._filesystem)

    def cut(self, cut: Cut, clusters: Sequence[str] | None, columns: Collection[str], windows: Sequence[Window] | None) -> Iterator[pa.Table]:
        """The rows of a table that matter; those of a rare cut in parts, the newest files first, so that whoever has enough can stop.

        Args:
            cut: Which rows.
            clusters: As `dataset`.
            columns: Which columns.
            windows: As `dataset`, where the cut says nothing.

        Raises:
            OSError: A file was removed since it was listed, or is damaged.
        """
        found = self._files(cut.table, clusters, windows if cut.windows is None else cut.windows)
        for files in self._newest_first(found, cut) if cut.is_rare else (list(found),):
            yield cut_out([self._lake.content(file.path) for file in files], TABLES[cut.table], cut, columns)

    def hours_holding(self, held: Held, clusters: Sequence[str] | None, windows: Sequence[Window] | None) -> list[datetime]:
        """When the partitions begin that may hold a text, the newest first."""
        found = self._columns.that_may_hold(self._files(held.table, clusters, windows), held)
        return sorted({file.bucket_at for file in found if file.bucket_at is not None}, reverse=True)

    def _newest_first(self, files: Mapping[LakeFile, ds.Fragment], cut: Cut) -> Iterator[list[LakeFile]]:
        """The files that may hold rows of a cut, by whole hours, the newest first, each time more; at least once none."""
        columns, texts = tuple(name for name, _ in cut.keys), {text for _, values in cut.keys for text in values}
        wanted = [*(Held(cut.table, columns, text) for text in texts), *(Held(cut.table, (name,), part) for name, part in cut.parts)]
        holding = {file for held in wanted for file in self._columns.that_may_hold(files, held)}
        hours = sorted({file.bucket_at for file in holding if file.bucket_at is not None}, reverse=True)
        for first, end in GROUPS:
            if first < max(1, len(hours)):
                yield [file for file in files if file in holding and file.bucket_at in hours[first:end]]

    def close(self) -> None:
        """Close the lake."""
        self._lake.close()

    def _files(self, table: str, clusters: Sequence[str] | None, windows: Sequence[Window] | None) -> dict[LakeFile, ds.Fragment]:
        return {
            file: each
            for cluster in (self._lake.clusters() if clusters is None else clusters)
            for file, each in self._of_cluster(table, cluster, windows).items()
        }

    def _ledger(self, clusters: Sequence[str]) -> pa.Table:
        """The ledger, which has a file for each source: thousands of them."""
        lists = [self._lake.files(LEDGER, cluster) for cluster in clusters]
        if self._last_ledger is None or self._last_ledger[0] != lists:
            rows = [self._lake.read(LEDGER, cluster) for cluster in clusters]
            self._last_ledger = (lists, pa.concat_tables([TABLES[LEDGER].arrow_schema().empty_table(), *rows]))
        return self._last_ledger[1]

    def _of_cluster(self, table: str, cluster: str, windows: Sequence[Window] | None) -> dict[LakeFile, ds.Fragment]:
        """The files of a cluster's table; those that are as they were before come with what was read of them."""
        known = self._fragments.get((table, cluster), {})
        if windows is None:
            found = {file: known.get(file) or self._fragment(file) for file in self._lake.visible_files(table, cluster)}
            self._fragments[table, cluster] = found
            return found
        lists = [self._lake.visible_files(table, cluster, window) for window in windows]
        if (last := self._last.get((table, cluster))) is not None and last.is_of(windows, lists):
            return last.found
        files = {file for window, listed in zip(windows, lists, strict=True) for file in listed if touches(file, window)}
        found = {file: known.get(file) or self._fragment(file) for file in sorted(files, key=attrgetter("path"))}
        self._last[table, cluster] = _Last(tuple(windows), lists, found)
        # Versions of files that are gone stay among what is known until a listing of all of them.
        self._fragments[table, cluster] = found if len(known) > _MOST_KNOWN else known | found
        return found

    def _fragment(self, file: LakeFile) -> ds.Fragment:
        promise = _promise(file.table, file.cluster, file.bucket_at)
        return self._format.make_fragment(f"{self._root}/{file.path}", self._filesystem, partition_expression=promise)


def touches(file: LakeFile, window: Window) -> bool:
    """Whether a file may hold something of a stretch of time; one without an instant always may."""
    from_at, to_at = window
    return file.bucket_at is None or (file.bucket_at < to_at and bucket_end(TABLES[file.table].grain, file.bucket_at) > from_at)


@lru_cache(maxsize=100_000)
def _promise(name: str, cluster: str, bucket_at: datetime | None) -> pc.Expression:
    """What holds for every row of a file: its cluster, and the hours of its instant."""
    table = TABLES[name]
    promise = pc.field("cluster") == cluster
    if bucket_at is None or table.instant is None:
        return promise
    first, last = (pa.scalar(at, pa.timestamp("us", tz="UTC")) for at in (bucket_at, bucket_end(table.grain, bucket_at)))
    return promise & (pc.field(table.instant) >= first) & (pc.field(table.instant) < last)
