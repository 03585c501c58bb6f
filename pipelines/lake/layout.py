"""Where a table's files are: the paths of the lake, and back from a path to what it names.

Here: pure functions over names and instants. Not here: anything that touches a disk or a bucket (`storage`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from lake_schema import TABLES, Grain
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from lake_schema import Table

DATA_FILE = "data.parquet"
_CLUSTER_KEY = "cluster="
_MAX_CLUSTER_BYTES = 200
_PARTS_BEFORE_BUCKET = 2
_BUCKET_FORMATS = {
    Grain.HOUR: "date=%Y-%m-%d/hour=%H",
    Grain.DAY: "date=%Y-%m-%d",
    Grain.MONTH: "month=%Y-%m",
}


@dataclass(frozen=True, slots=True, order=True)
class LakeFile:
    """One Parquet file of the lake.

    Args:
        path: Relative to the lake, with `/`.
        table: The table's name.
        cluster: The cluster's name, decoded.
        bucket_at: Start of the partition in UTC; None for tables of the grain `source`.
        size_bytes: Size as listed.
        version: Modification time or ETag as listed: with the size it tells a replaced file from the old one.
    """

    path: str
    table: str
    cluster: str
    bucket_at: datetime | None
    size_bytes: int
    version: str

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def cluster_folder(cluster: str) -> str:
    """The folder of a cluster, `cluster=<percent-encoded name>`.

    Raises:
        UsageError: The name is empty, too long or holds control characters.
    """
    if not cluster or len(quote(cluster, safe="")) > _MAX_CLUSTER_BYTES or not cluster.isprintable() or cluster != cluster.strip():
        raise UsageError(
            f"{cluster!r} cannot be the name of a cluster",
            remedy="Use a name of 1 to 200 printable characters without spaces around it, such as prod-eu-1.",
        )
    return _CLUSTER_KEY + quote(cluster, safe="")


def table_folder(table: str, cluster: str | None = None) -> str:
    """The folder of a table, or of one cluster's part of it."""
    return table if cluster is None else f"{table}/{cluster_folder(cluster)}"


def partition_path(table: Table, cluster: str, bucket_at: datetime | None, file_name: str = DATA_FILE) -> str:
    """The path of a file: as deep as the table's grain.

    Args:
        table: The table.
        cluster: The cluster's name.
        bucket_at: Any instant inside the partition; None for the grain `source`.
        file_name: The file's own name.
    """
    folder = table_folder(table.name, cluster)
    if table.grain is Grain.SOURCE:
        return f"{folder}/{file_name}"
    if bucket_at is None:
        message = f"a file of {table.name} needs the instant of its partition"
        raise ValueError(message)
    return f"{folder}/{bucket_at.astimezone(UTC).strftime(_BUCKET_FORMATS[table.grain])}/{file_name}"


def bucket_folders(table: Table, cluster: str, window: tuple[datetime, datetime], most: int) -> list[str] | None:
    """The folders of the partitions that a stretch of time (its end exclusive) touches, there or not; None if there are more than `most`."""
    from_at, to_at = window
    if table.grain is Grain.SOURCE:
        return None
    found: list[str] = []
    at = bucket_start(table.grain, from_at)
    while at < to_at:
        if len(found) == most:
            return None
        found.append(f"{table_folder(table.name, cluster)}/{at.strftime(_BUCKET_FORMATS[table.grain])}")
        at = bucket_end(table.grain, at)
    return found


def parse_path(path: str) -> tuple[str, str, datetime | None] | None:
    """What a relative path names: (table, cluster, bucket_at); None if it is no file of a known table."""
    parts = path.split("/")
    table = TABLES.get(parts[0])
    if (
        table is None
        or len(parts) <= _PARTS_BEFORE_BUCKET
        or not parts[1].startswith(_CLUSTER_KEY)
        or not parts[-1].endswith(".parquet")
        or parts[-1].startswith(".")
    ):
        return None
    bucket = "/".join(parts[_PARTS_BEFORE_BUCKET:-1])
    cluster = unquote(parts[1].removeprefix(_CLUSTER_KEY))
    if table.grain is Grain.SOURCE:
        return None if bucket else (table.name, cluster, None)
    bucket_at = _bucket_of(table.grain, bucket)
    return None if bucket_at is None else (table.name, cluster, bucket_at)


@cache
def _bucket_of(grain: Grain, folders: str) -> datetime | None:
    """The partition that folders name; cached, since all tables of a lake have the same few thousand."""
    try:
        return datetime.strptime(folders, _BUCKET_FORMATS[grain]).replace(tzinfo=UTC)
    except ValueError:
        return None


def bucket_start(grain: Grain, instant: datetime) -> datetime:
    """The start of the partition that an instant lies in."""
    hour = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if grain is Grain.HOUR:
        return hour
    day = hour.replace(hour=0)
    return day if grain is Grain.DAY else day.replace(day=1)


def bucket_end(grain: Grain, bucket_at: datetime) -> datetime:
    """The end (exclusive) of the partition that starts at `bucket_at`."""
    if grain is Grain.HOUR:
        return bucket_at + timedelta(hours=1)
    if grain is Grain.DAY:
        return bucket_at + timedelta(days=1)
    return (bucket_at + timedelta(days=32)).replace(day=1)
