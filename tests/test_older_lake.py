"""A lake that an older version wrote: whatever reads it gives null where its files lack a column, and coverage says so."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest

from lake_schema import TABLES
from pipelines.checks import check_table
from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from pipelines.refresh.engine import stale_partitions
from pipelines.serving.door import Door
from pipelines.serving.limits import Limits
from pipelines.serving.views import views_sql
from tests.ingest.logs import audit, pod
from tests.raw_rows import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Rows = list[tuple[Any, ...]]

# The columns of raw tables that have never been absent: one that is added later must be nullable, or files without it could not be read.
_OF_OLD = {
    "audit_events": {"cluster", "source_id", "source_line", "stage_at", "is_dry_run", "is_truncated"},
    "k8s_events": {"cluster", "source_id", "source_line", "partition_at", "origin", "is_deleted", "count"},
    "objects": {"cluster", "source_id", "source_line", "item", "origin", "observed_at", "kind", "uid", "is_deleted", "body"},
    "custom_records": {"cluster", "source_id", "source_line", "records", "recorded_at", "uncertainty_ms", "kind", "body"},
}


@pytest.mark.parametrize("table", _OF_OLD)
def test_columns_that_raw_tables_gain_are_nullable(table: str) -> None:
    assert {column.name for column in TABLES[table].columns if not column.nullable} <= _OF_OLD[table]


def _log(folder: Path) -> Path:
    path = folder / "audit.log"
    lines = [
        audit(),
        audit(auditID="b", verb="create", requestURI="/api/v1/namespaces/shop/pods", objectRef={"subresource": None}, responseStatus={"code": 201}),
        audit(auditID="c", responseObject=pod(metadata={"resourceVersion": "101"}), stageTimestamp="2026-11-23T08:17:10.634512Z"),
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two hours, of today."""
    folder = tmp_path_factory.mktemp("built")
    lake = Lake.open(folder / "lake", cache_folder=folder / "cache")
    ingest(lake, "a", [str(_log(folder))], Settings())
    refresh(lake, "a", settings=Settings())
    lake.close()
    return folder / "lake"


@pytest.fixture
def older(built: Path, tmp_path: Path) -> Lake:
    """The same; the raw files of the second hour lack `server`, derived files lack a column each."""
    shutil.copytree(built, tmp_path / "lake")
    lake = Lake.open(tmp_path / "lake", cache_folder=tmp_path / "cache")
    for file in lake.files("audit_events"):
        if file.path.split("/")[3] == "hour=08":
            _drop(tmp_path / "lake" / file.path, "server")
    for table, column in (("pods", "ips"), ("coverage", "missing")):
        _drop(tmp_path / "lake" / lake.files(table)[0].path, column)
    return lake


def _drop(path: Path, column: str) -> None:
    """Write a file again without a column, as an older version would have."""
    data = pq.read_table(path, partitioning=None)
    pq.write_table(data.drop_columns([column]).replace_schema_metadata(data.schema.metadata), path)


@pytest.fixture
def askers(older: Lake) -> Iterator[dict[str, Callable[[str], Rows]]]:
    """All that answer SQL: the door, which `lorgnette sql`, `serve` and MCP ask, and the views for any DuckDB."""
    with Door(older.url, Limits(), workers=1) as door, duckdb.connect() as con:
        con.execute(views_sql(older))
        yield {
            "door": lambda sql: [tuple(row.values()) for row in door.query(sql).table.to_pylist()],
            "views": lambda sql: con.execute(sql).fetchall(),
        }


@pytest.mark.parametrize("asker", ["door", "views"])
def test_readers_give_null_for_what_a_file_lacks(askers: dict[str, Callable[[str], Rows]], asker: str) -> None:
    ask = askers[asker]
    assert ask("select hour(stage_at), count(*), count(server) from audit_events group by 1 order by 1") == [(7, 2, 2), (8, 1, 0)]
    assert ask("select count(*) > 0, count(missing) < count(*) from coverage") == [(True, True)]
    assert len(ask("select * from pods")) == 2


def test_a_lake_all_of_whose_files_lack_a_column_is_read_too(older: Lake, tmp_path: Path) -> None:
    for file in older.files("audit_events"):
        path = tmp_path / "lake" / file.path
        if "server" in pq.read_schema(path).names:
            _drop(path, "server")
    with duckdb.connect() as con:
        con.execute(views_sql(older))
        assert con.execute("select count(*), count(server) from audit_events").fetchall() == [(3, 0)]
    assert older.read("audit_events", "a", columns=["server"])["server"].to_pylist() == [None] * 3


def test_a_refresh_computes_it_and_names_what_is_absent_by_the_hour(older: Lake, tmp_path: Path) -> None:
    refresh(older, "a", settings=Settings(), force=True)
    rows = [row for row in older.read("coverage", "a").to_pylist() if row["fact"] == "columns"]
    (row,) = rows
    assert (row["bucket_at"].hour, row["is_covered"]) == (8, False)
    assert row["missing"] == "files that an older version wrote lack audit_events.server: ingest their sources again"
    assert "ips" in pq.read_schema(tmp_path / "lake" / older.files("pods")[0].path).names
    assert not [result for result in check_table(older, "a", "audit_events", at(0), at(2)) if not result.passed]
    assert sum(table.built for table in stale_partitions(older, "a", Settings()).values()) == 0
