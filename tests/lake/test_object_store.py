"""A lake on S3: the same behaviour, one PUT per file, and DuckDB reads it through the registered file system."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.errors import LorgnetteError
from pipelines.lake import Lake
from tests.lake.test_lake import PATH, SCHEMA, rows
from tests.raw_rows import START, put_source


def test_a_lake_on_s3_behaves_like_a_local_one(bucket: str) -> None:
    lake = Lake.open(f"{bucket}/lake")
    put_source(lake, "eu/1", "s", [START])
    assert lake.clusters() == ["eu/1"]
    assert lake.read("audit_events", "eu/1").num_rows == 1
    file = lake.write(PATH, rows(1), SCHEMA, {"fingerprint": "old"})
    replaced = lake.write(PATH, rows(2), SCHEMA, {"fingerprint": "new"})
    assert file.version != replaced.version
    assert Lake.open(f"{bucket}/lake").footer(PATH)["fingerprint"] == "new"
    lake.delete(PATH)
    lake.delete(PATH)
    assert lake.files("pods") == []


def test_a_failed_write_leaves_no_object(bucket: str) -> None:
    lake = Lake.open(f"{bucket}/lake")
    with pytest.raises(KeyError), lake.writer(PATH, SCHEMA) as writer:
        writer.write_table(rows(1))
        raise KeyError
    assert lake.files("pods") == []


def test_duckdb_reads_it(bucket: str) -> None:
    lake = Lake.open(f"{bucket}/lake")
    lake.write(PATH, rows(1, 2, 3), SCHEMA)
    with duckdb.connect() as con:
        lake.attach(con)
        assert con.execute("select sum(a) from read_parquet($1)", [[lake.native(PATH)]]).fetchall() == [(6,)]


def test_a_missing_bucket_is_an_error_with_a_remedy(bucket: str) -> None:
    with pytest.raises(LorgnetteError) as caught:
        Lake.open(f"{bucket}-not/lake").write(PATH, rows(1), SCHEMA)
    assert caught.value.remedy
