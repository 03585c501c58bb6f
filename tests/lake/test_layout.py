"""Paths of the lake: as deep as the grain, any cluster's name, and back again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_schema import TABLES, Grain
from pipelines.errors import LorgnetteError
from pipelines.lake.layout import bucket_end, bucket_start, parse_path, partition_path

AT = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("hyper_events", "hyper_events/cluster=prod/date=2026-02-28/hour=23/data.parquet"),
        ("slo_daily", "slo_daily/cluster=prod/date=2026-02-28/data.parquet"),
        ("sources", "sources/cluster=prod/data.parquet"),
    ],
)
def test_a_path_is_as_deep_as_the_grain(table: str, path: str) -> None:
    assert partition_path(TABLES[table], "prod", AT) == path


def test_the_hour_of_a_path_is_utc() -> None:
    local = datetime(2026, 3, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert partition_path(TABLES["pods"], "c", local).endswith("date=2026-03-01/hour=00/data.parquet")


@given(cluster=st.text(min_size=1, max_size=16), at=st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)))
def test_a_path_names_what_it_was_made_of(cluster: str, at: datetime) -> None:
    try:
        path = partition_path(TABLES["pods"], cluster, at)
    except LorgnetteError:
        assert not cluster.isprintable() or cluster != cluster.strip()
        return
    assert parse_path(path) == ("pods", cluster, bucket_start(Grain.HOUR, at))
    assert path.count("/") == 4


@pytest.mark.parametrize("cluster", ["", " ", "a\nb", "x" * 201, " a"])
def test_a_name_that_cannot_be_a_folder_is_refused(cluster: str) -> None:
    with pytest.raises(LorgnetteError, match="cannot be the name of a cluster"):
        partition_path(TABLES["pods"], cluster, AT)


@pytest.mark.parametrize(
    "path",
    [
        "pods/cluster=c/date=2026-02-28/hour=24/data.parquet",
        "pods/cluster=c/date=2026-02-28/data.parquet",
        "pods/cluster=c/date=2026-02-28/hour=23/.data.parquet.host.1.aside",
        "pods/date=2026-02-28/hour=23/data.parquet",
        "no_such_table/cluster=c/date=2026-02-28/hour=23/data.parquet",
        "pods/data.parquet",
    ],
)
def test_what_is_no_file_of_a_table_is_ignored(path: str) -> None:
    assert parse_path(path) is None


def test_buckets_follow_the_calendar() -> None:
    assert bucket_end(Grain.MONTH, bucket_start(Grain.MONTH, AT)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert bucket_end(Grain.DAY, bucket_start(Grain.DAY, AT)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert bucket_start(Grain.HOUR, AT) == datetime(2026, 2, 28, 23, tzinfo=UTC)
