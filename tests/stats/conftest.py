"""A connection with everything that `sql/tail` calls, shared by the tests of a session: they only create and replace temporary tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines import stats

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set timezone = 'UTC'").fetchall()
        stats.register(connection)
        yield connection
