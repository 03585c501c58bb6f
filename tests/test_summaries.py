"""Summaries: size, numbers and small tables of a partition."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lake_schema import TABLES
from pipelines.summaries import summarize
from tests.raw_rows import START, put_source

if TYPE_CHECKING:
    from pipelines.lake import Lake


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_files_has_a_summary_of_nothing(lake: Lake, table: str) -> None:
    summary = summarize(lake, "c", table, START, START + timedelta(days=1))
    assert (summary.rows, summary.files, summary.numbers, summary.tables) == (0, 0, {}, {})
    assert summary.url == f"{lake.url}/{table}"


def test_rows_and_files_of_the_asked_hours_are_counted(lake: Lake) -> None:
    put_source(lake, "c", "s", [START, START + timedelta(minutes=1), START + timedelta(hours=1)])
    one = summarize(lake, "c", "audit_events", START, START + timedelta(hours=1))
    both = summarize(lake, "c", "audit_events", START, START + timedelta(hours=2))
    assert (one.rows, one.files, both.rows, both.files) == (2, 1, 3, 2)
    assert both.size_bytes > one.size_bytes


def test_the_url_is_the_folder_of_all_files(lake: Lake) -> None:
    put_source(lake, "c", "s", [START, START + timedelta(hours=1)])
    summary = summarize(lake, "c", "audit_events", START, START + timedelta(days=1))
    assert summary.url == f"{lake.url}/audit_events/cluster=c/date={START:%Y-%m-%d}"


def test_numbers_and_tables_come_from_their_files(lake: Lake) -> None:
    put_source(lake, "c", "s", [START])
    summary = summarize(lake, "c", "sources", START, START + timedelta(days=1))
    assert summary.numbers["lines"] == 1
    ((title, rows),) = summary.tables.items()
    assert title.startswith("The account of the sources")
    assert [row["file"] for row in rows] == ["s"]
