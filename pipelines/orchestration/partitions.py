"""Partitions: a cluster and a day. Hours inside a day are the lake's business.

Here: the partitions, which keys make one stretch of time, and which partitions of an input a table reads. Not here: assets.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.sql_files import Input

DAYS_SHOWN = 90
CLUSTER, DAY = "cluster", "day"
CLUSTERS_NAME = "clusters"
CLUSTERS = dg.DynamicPartitionsDefinition(name=CLUSTERS_NAME)
# Not more than three. Dagster puts a table and one that reads its next day into the same run if all that is asked for is less than this
# number, and then may cut that run in two by days, side by side. Four partitions are the least that it would so cut wrongly.
BACKFILL_POLICY = dg.BackfillPolicy.multi_run(max_partitions_per_run=3)
_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one cluster without a gap.

    Args:
        cluster: The cluster's name.
        days: The days, in order.
    """

    cluster: str
    days: tuple[date, ...]

    @property
    def from_at(self) -> datetime:
        """Start of the first day."""
        return day_start(self.days[0])

    @property
    def to_at(self) -> datetime:
        """End (exclusive) of the last day."""
        return day_start(self.days[-1]) + timedelta(days=1)


def partitions(first_day: date) -> dg.MultiPartitionsDefinition:
    """All clusters and all days from `first_day` to today, which counts though it is not over."""
    days = dg.DailyPartitionsDefinition(start_date=first_day.isoformat(), timezone="UTC", end_offset=1)
    return dg.MultiPartitionsDefinition({CLUSTER: CLUSTERS, DAY: days})


def key(cluster: str, day: date) -> dg.MultiPartitionKey:
    """The key of one cluster's day.

    Raises:
        ConfigError: The name cannot be part of a key.
    """
    if "|" in cluster or "..." in cluster:
        raise ConfigError(
            f"{cluster!r} cannot be scheduled", where="clusters", remedy="Name the cluster without `|` and `...`, which Dagster uses itself."
        )
    return dg.MultiPartitionKey({CLUSTER: cluster, DAY: day.isoformat()})


def parts(partition_key: str) -> tuple[str, date]:
    """The cluster and the day of a key."""
    cluster, _, day = partition_key.rpartition("|")
    return cluster, date.fromisoformat(day)


def day_start(day: date) -> datetime:
    """The instant that a day begins at, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def spans(partition_keys: Iterable[str]) -> list[Span]:
    """Keys as few stretches of time as possible: one refresh each."""
    days_of: dict[str, list[date]] = {}
    for cluster, day in sorted(parts(each) for each in partition_keys):
        days_of.setdefault(cluster, []).append(day)
    return [Span(cluster, tuple(run)) for cluster, days in days_of.items() for run in _runs(days)]


def range_tags(cluster: str, first: date, last: date) -> dict[str, str]:
    """The tags that make one run of all days of a cluster from `first` to `last`."""
    return {
        "dagster/asset_partition_range_start": key(cluster, first),
        "dagster/asset_partition_range_end": key(cluster, last),
        # The range alone does not tell Dagster's run queue which cluster it is about.
        "lorgnette/cluster": cluster,
    }


def mapping(source: Input) -> dg.PartitionMapping | None:
    """Which days of an input a day of a table reads, from the window in the SQL header; None for the same day alone."""
    first, last = source.first_hour // _HOURS_A_DAY, -(-source.last_hour // _HOURS_A_DAY)
    if (first, last) == (0, 0):
        return None
    with warnings.catch_warnings():
        # Both are marked beta; nothing else in Dagster says "this day and the next" of two dimensions.
        warnings.simplefilter("ignore", dg.BetaWarning)
        window = dg.TimeWindowPartitionMapping(start_offset=first, end_offset=last, allow_nonexistent_upstream_partitions=True)
        return dg.MultiPartitionMapping(
            {
                CLUSTER: dg.DimensionPartitionMapping(CLUSTER, dg.IdentityPartitionMapping()),
                DAY: dg.DimensionPartitionMapping(DAY, window),
            }
        )


def cluster_mapping() -> dg.PartitionMapping:
    """All days of a cluster read what is partitioned by clusters alone."""
    with warnings.catch_warnings():
        # Marked beta too.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.MultiToSingleDimensionPartitionMapping(CLUSTER)


def _runs(days: Sequence[date]) -> list[list[date]]:
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return found
