"""Every query that HTTP asks is one that the door answers, over a lake that holds nothing too, and opens no file outside of its window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lake_schema import TABLES
from pipelines import sql_files
from pipelines.serving.door import Door
from pipelines.serving.http.reading import Reading, Window
from pipelines.serving.http.statements import SERIES, parameters, statement, tables
from pipelines.serving.scope import EVERYTHING, Scope
from tests.raw_rows import START, at, put_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.lake import Lake

NAMES = sorted(path.stem for path in (sql_files.folder() / "serving").glob("*.sql") if not path.stem.startswith("_"))
REPORTS = [
    "explain_deliveries",
    "explain_verdicts",
    "explain_diagnoses",
    "waterfall_phases",
    "waterfall_milestones",
    "long_tail",
    "coverage",
    "extent",
]
VALUES: dict[str, Any] = {
    "length": "hour",
    "scope": "cluster",
    "dimension": "node",
    "kind": "pod_create",
    "delivery_ids": ["x"],
    "noted": False,
    "before_at": None,
}
NUMBERS = {"rows", "values", "codes", "resource_version"}


def value(name: str) -> object:
    if name in VALUES:
        return VALUES[name]
    return 5 if name in NUMBERS else datetime(2026, 11, 23, tzinfo=UTC) if name.endswith("_at") else None


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with Door(str(tmp_path_factory.mktemp("nothing")), workers=1) as found:
        yield found


@pytest.mark.parametrize("name", [*NAMES, *REPORTS])
def test_it_is_answered_over_an_empty_lake(door: Door, name: str) -> None:
    reading = Reading(door, EVERYTHING, Window(at(0), at(1)))
    for series in SERIES if "series" in statement(name) else ["hour"]:
        wanted = parameters(statement(name, series)) - reading.window.values().keys()
        found = reading.result(name, series=series, **{each: value(each) for each in wanted})
        assert not found.is_cut
        assert found.table.num_rows in {0, 1}


def test_every_table_with_an_instant_is_held_to_the_window() -> None:
    for name in NAMES:
        text = statement(name)
        for table in tables(name) - set(SERIES.values()):
            assert (TABLES[table].instant is None) == (f"narrow_{table} as not materialized (select * from {table})" in text)  # noqa: S608 - a text to look for


def test_a_damaged_file_outside_of_the_window_is_not_opened(lake: Lake) -> None:
    paths = put_source(lake, "a", "s", [at(0), at(5)])
    lake_path = lake.native(paths[-1])
    with open(lake_path, "wb") as file:  # noqa: PTH123 - a native path
        file.write(b"no Parquet")
    with Door(lake.url, workers=1) as door:
        reading = Reading(door, EVERYTHING, Window(at(0), at(1)))
        assert reading.result("raw_audit", audit_id="x").table.num_rows == 0


@pytest.mark.parametrize("scope", [EVERYTHING, Scope(("sample",), ("edge", "ml"), may_read_bodies=False)])
def test_naming_fewer_partitions_changes_no_answer(sample_lake: Lake, scope: Scope) -> None:
    window = Window(START + timedelta(minutes=4), START + timedelta(minutes=20))
    with Door(sample_lake.url, workers=1) as door:
        for name, series in (
            ("search", "hour"),
            ("fail_causes", "hour"),
            ("error_matrix", "hour"),
            ("long_tail", "hour"),
            ("slo_board", "minute"),
            ("slo_board", "month"),
        ):
            text = statement(name, series)
            params = {each: value(each) for each in parameters(text) - window.values().keys()}
            params |= {key: at for key, at in window.values().items() if key in parameters(text)}
            whole = door.query(text, params, scope).table
            assert door.query(text, params, scope, (window.from_at, window.to_at)).table == whole
            assert whole.num_rows or scope is not EVERYTHING
