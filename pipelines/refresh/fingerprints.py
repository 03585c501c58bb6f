"""Whether a partition is stale: its fingerprint then and now.

Here: pure functions over `Partitions` and the SQL graph. A fingerprint has two halves, `<own and later hours>-<earlier hours>`: when
retention has taken earlier hours away, only the first half is compared. Not here: what is done about it (`engine`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from lake_schema import TABLES
from pipelines.lake import bucket_end
from pipelines.refresh.partitions import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.refresh.partitions import Partition, Partitions
    from pipelines.sql_files import Input, SqlGraph

_MICROSECOND = timedelta(microseconds=1)


class State(StrEnum):
    """What a refresh has to do about a partition."""

    FRESH = "fresh"
    STALE = "stale"
    FROZEN = "frozen"
    """What it is made of was removed by retention: it stays as it is."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one table is made, apart from its inputs.

    Args:
        table: The table's name.
        inputs: What it reads, with windows.
        digest: Of the SQL, the rules, the schema and the version.
        uses_watermark: Whether the SQL looks at the watermark.
    """

    table: str
    inputs: tuple[Input, ...]
    digest: str
    uses_watermark: bool

    def window_end(self, bucket_at: datetime) -> datetime:
        """The end (exclusive) of the widest window of a partition."""
        return bucket_end(TABLES[self.table].grain, bucket_at) + HOUR * max((each.last_hour for each in self.inputs), default=0)


def recipe(graph: SqlGraph, table: str, rules_digest: str, version: str) -> Recipe:
    """The recipe of a table."""
    parts = [rules_digest, version, str(TABLES[table].arrow_schema()), str(TABLES[table].sort_key)]
    parts += [part for file in graph.closure(table) for part in (file.name, file.text)]
    return Recipe(table, graph.inputs(table), _digest_of(part.encode() for part in parts), graph.uses_watermark(table))


def state(recipe: Recipe, partitions: Partitions, bucket_at: datetime) -> State:
    """Whether a partition has to be computed."""
    built = partitions.get(recipe.table, bucket_at)
    end = bucket_end(TABLES[recipe.table].grain, bucket_at)
    if built is None:
        return State.FROZEN if _gone(recipe, partitions, bucket_at, end) else State.STALE
    if _gone(recipe, partitions, bucket_at, recipe.window_end(bucket_at)):
        return State.FROZEN
    footer = built.footer
    if footer.get("watermark", "") not in ("", watermark_key(recipe, partitions.watermark_at, bucket_at)):
        return State.STALE
    return State.FRESH if _is_same(recipe, partitions, bucket_at, footer) else State.STALE


def reach(recipe: Recipe, bucket_at: datetime, rows_reach_at: datetime | None, *, is_known: bool) -> datetime:
    """The last instant that a partition depends on.

    Args:
        recipe: The table's recipe.
        bucket_at: The partition.
        rows_reach_at: The latest instant that one of its rows depends on.
        is_known: Whether the SQL says it at all; if not, the whole window counts.
    """
    window_end = recipe.window_end(bucket_at) - _MICROSECOND
    if not is_known:
        return window_end
    # A row can first show in the hour after its own, so that hour always counts.
    floor = bucket_end(TABLES[recipe.table].grain, bucket_at) + HOUR - _MICROSECOND
    return min(max(rows_reach_at or floor, floor), window_end)


def watermark_key(recipe: Recipe, watermark_at: datetime | None, bucket_at: datetime) -> str:
    """The watermark as far as a partition can feel it: never later than the end of its window."""
    return min(watermark_at, recipe.window_end(bucket_at)).isoformat() if watermark_at else ""


def fingerprint(recipe: Recipe, partitions: Partitions, bucket_at: datetime, reach_at: datetime) -> str:
    """The digest of everything that a partition is made of, up to `reach_at`."""
    end = bucket_end(TABLES[recipe.table].grain, bucket_at)
    own: list[bytes] = [recipe.digest.encode()]
    earlier: list[bytes] = []
    for each in recipe.inputs:
        last = min(end + HOUR * each.last_hour, reach_at + _MICROSECOND)
        own += [each.table.encode(), *_contents(partitions.between(each.table, bucket_at, last))]
        if each.first_hour < 0:
            found = partitions.between(each.table, bucket_at + HOUR * each.first_hour, bucket_at)
            earlier += [each.table.encode(), *_contents(entry for entry in found if entry[0] < bucket_at)]
    return f"{_digest_of(own)}-{_digest_of(earlier)}"


def _digest_of(parts: Iterable[bytes]) -> str:
    # Table names and SQL hold no zero byte and the contents all have one length, so the parts cannot run into each other.
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).hexdigest()


def _is_same(recipe: Recipe, partitions: Partitions, bucket_at: datetime, footer: dict[str, str]) -> bool:
    old, reach_at = footer.get("fingerprint", ""), footer.get("reach", "")
    if not old or not reach_at:
        return False
    new = fingerprint(recipe, partitions, bucket_at, datetime.fromisoformat(reach_at))
    if old == new:
        return True
    first_hour = min((each.first_hour for each in recipe.inputs), default=0)
    return old.partition("-")[0] == new.partition("-")[0] and _gone(recipe, partitions, bucket_at + HOUR * first_hour, bucket_at)


def _gone(recipe: Recipe, partitions: Partitions, from_at: datetime, to_at: datetime) -> bool:
    return any(partitions.gone_between(each.table, from_at, to_at) for each in recipe.inputs)


def _contents(found: Iterable[tuple[datetime, Partition]]) -> list[bytes]:
    # An empty partition and a missing one say the same, so that a later watermark does not make earlier hours stale.
    return [partition.content for _, partition in found if partition.content]
