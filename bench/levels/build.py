"""Lakes of the whole log and of its lowered versions.

Here: reading a recorded log's lines, writing a lowered one, and deriving everything from it. Not here: the policies (`policy`, `variants`) and what is compared (`compare`).
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import zstandard

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

CLUSTER = "c"
_TABLES = ("pods", "hyper_events", "voices", "log_gaps", "coverage", "diagnoses", "verdicts", "deliveries")


def lines_of(folder: Path) -> Iterator[bytes]:
    """The lines of all audit files of a folder, file by file in the order of their rotation."""
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        if path.suffix == ".zst":
            data = zstandard.ZstdDecompressor().decompress(data)
        elif path.suffix == ".gz":
            data = gzip.decompress(data)
        yield from data.splitlines(keepends=True)


def derive(folder: Path, lines: Iterable[bytes], beside: Sequence[Path] = (), tables: Sequence[str] | None = _TABLES) -> Lake:
    """A lake of these lines, and of the files beside them.

    Args:
        folder: Made for the log and the lake.
        lines: The audit log.
        beside: Feeds of Events.
        tables: What is derived; everything if None.
    """
    folder.mkdir(parents=True)
    (folder / "audit.log").write_bytes(b"".join(lines))
    lake = Lake.open(str(folder / "lake"))
    ingest(lake, CLUSTER, [str(folder / "audit.log"), *map(str, beside)], Settings())
    refresh(lake, CLUSTER, settings=Settings(), tables=tables)
    return lake


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    found: list[dict[str, Any]] = lake.read(table, CLUSTER).to_pylist()
    return found
