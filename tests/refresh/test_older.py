"""Files are taken for whole only when each is known to have every column of today, of today's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake_schema import TABLES
from pipelines.refresh.older import Columns

if TYPE_CHECKING:
    from pathlib import Path

_TABLE = TABLES["pods"]
_WHOLE = _TABLE.arrow_schema()
_OTHER_TYPE = pa.schema([field.with_type(pa.int32()) if field.name == "resource_version" else field for field in _WHOLE])


@pytest.mark.parametrize(
    ("schemas", "are_whole"),
    [
        ([_WHOLE], True),
        ([_WHOLE, pa.schema(reversed(list(_WHOLE)))], True),
        ([_WHOLE.append(pa.field("of_tomorrow", pa.string()))], True),
        ([_WHOLE, pa.schema([field for field in _WHOLE if field.name != "images"])], False),
        ([_OTHER_TYPE, _WHOLE], False),
        ([_WHOLE] * 65, False),
    ],
    ids=["whole", "another order", "one more", "one column lacks", "another type", "too many to look at"],
)
def test_files_are_whole(tmp_path: Path, schemas: list[pa.Schema], are_whole: bool) -> None:  # noqa: FBT001 - a parameter
    paths = [str(tmp_path / f"{number}.parquet") for number in range(len(schemas))]
    for path, schema in zip(paths, schemas, strict=True):
        pq.write_table(schema.empty_table(), path)
    columns = Columns()
    with duckdb.connect() as con:
        assert [columns.are_whole(con, _TABLE, paths) for _ in range(2)] == [are_whole] * 2
        if are_whole:
            assert con.execute(_TABLE.duckdb_files("$1", are_whole=True), [paths]).description == con.execute(_TABLE.duckdb_empty()).description


def test_nobody_looks_at_files_of_a_bucket() -> None:
    with duckdb.connect() as con:
        assert not Columns().are_whole(con, _TABLE, ["s3://bucket/lake/pods/data.parquet"])
