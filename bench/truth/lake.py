"""The built lake, read as plain Parquet files: no code of the product stands between it and the truth.

Here: one table of one cluster as a Polars frame. Not here: what is compared with what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl

from lake_schema import TABLES

if TYPE_CHECKING:
    from pathlib import Path


class TableMissingError(Exception):
    """The lake has no file of a table for a cluster."""


@dataclass(frozen=True, slots=True)
class Lake:
    """A folder that `refresh` has built."""

    folder: Path

    def clusters(self) -> list[str]:
        """The clusters for which a source was read."""
        return sorted(path.name.removeprefix("cluster=") for path in (self.folder / "sources").glob("cluster=*"))

    def table(self, name: str, cluster: str) -> pl.DataFrame:
        """One table of one cluster, with the schema of `lake_schema`.

        Raises:
            TableMissingError: The lake holds no such file.
        """
        files = sorted((self.folder / name / f"cluster={quote(cluster, safe='')}").rglob("*.parquet"))
        if not files:
            msg = f"{self.folder} holds no {name} of cluster {cluster}: ingest the run's sources and refresh the lake first"
            raise TableMissingError(msg)
        frames = [pl.read_parquet(file, hive_partitioning=False) for file in files]
        return pl.concat(frames).select(TABLES[name].column_names)
