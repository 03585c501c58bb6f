"""A connection with the macros and tables of the built-in rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines import rules

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection as the queries see it."""
    connection = duckdb.connect(config={"threads": 1})
    rules.register(connection, rules.load())
    yield connection
    connection.close()
