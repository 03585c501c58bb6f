"""Headers of SQL files: what they say, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lake_schema import TABLES, Grain
from pipelines.errors import LorgnetteError
from pipelines.sql_files import Input, load
from tests.refresh.sql_folder import graph, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_header_says_what_a_file_needs(tmp_path: Path) -> None:
    write(tmp_path, "_stage", "audit_events[-1h, +1h]", "select 1")
    write(tmp_path, "coverage", "pods[ -168h , 24h ],\n--   k8s_events, _stage, error_codes\n-- Note: no input.", "select 1;\n")
    file = graph(tmp_path).files["coverage"]
    assert file.inputs == (Input("pods", -168, 24), Input("k8s_events"))
    assert (file.stages, file.rule_tables, file.grain, file.path) == (("_stage",), ("error_codes",), Grain.HOUR, "sql/timeline/coverage.sql")
    assert file.text.endswith("select 1")


def test_a_table_reads_what_its_stages_read_in_the_widest_window(tmp_path: Path) -> None:
    write(tmp_path, "_first", "pods[-168h, 0h], audit_events", "select watermark_at from params")
    write(tmp_path, "_second", "_first, pods[0h, +2h]", "select 2")
    write(tmp_path, "coverage", "_second, _first", "select 3")
    found = graph(tmp_path)
    assert found.inputs("coverage") == (Input("audit_events"), Input("pods", -168, 2))
    assert [file.name for file in found.closure("coverage")] == ["_first", "_second", "coverage"]
    assert found.uses_watermark("coverage")


def test_tables_that_look_ahead_wait_for_a_later_pass(tmp_path: Path) -> None:
    write(tmp_path, "hyper_events", "audit_events[0h, +1h]", "select 1")
    write(tmp_path, "coverage", "hyper_events", "select 1")
    write(tmp_path, "deliveries", "hyper_events[0h, +24h], coverage[-5h, 0h]", "select 1", "delivery")
    write(tmp_path, "slo_daily", "deliveries[-72h, 0h]", "select 1", "slo")
    assert graph(tmp_path).passes() == [["hyper_events", "coverage"], ["deliveries", "slo_daily"]]


def test_stages_of_raw_tables_alone_serve_all_passes(tmp_path: Path) -> None:
    write(tmp_path, "_raw", "audit_events[0h, +1h], _deeper", "select 1")
    write(tmp_path, "_deeper", "objects", "select 1")
    write(tmp_path, "_once", "audit_events", "select 1")
    write(tmp_path, "_derived", "hyper_events, _raw", "select 1")
    write(tmp_path, "hyper_events", "_raw, _once", "select 1")
    write(tmp_path, "coverage", "hyper_events[0h, +1h], _raw, _derived", "select 1")
    write(tmp_path, "slo_daily", "coverage[0h, +1h], _derived", "select 1", "slo")
    assert graph(tmp_path).lasting() == {"_raw", "_deeper"}


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("coverage", "pods[0h]", "cannot read the inputs"),
        ("coverage", "pods[1h, 2h]", "leaves out the refreshed hours"),
        ("coverage", "_nowhere", "the stage _nowhere does not exist"),
        ("coverage", "objectives[0h, 1h]", "no table of the lake"),
        ("coverage", "slo_hourly, coverage", "in a circle"),
        ("_stage", "_stage", "stages need each other in a circle"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, name: str, inputs: str, message: str) -> None:
    write(tmp_path, name, inputs, "select 1")
    with pytest.raises(LorgnetteError, match=message) as caught:
        graph(tmp_path)
    assert caught.value.where == f"sql/timeline/{name}.sql"


def test_a_wrong_grain_or_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "coverage", "pods", "select 1")
    path = tmp_path / "timeline" / "coverage.sql"
    path.write_text(path.read_text().replace("grain: hour", "grain: day"))
    with pytest.raises(LorgnetteError, match="grain is day, but lake_schema says hour"):
        graph(tmp_path)
    path.rename(tmp_path / "timeline" / "covverage.sql")
    with pytest.raises(LorgnetteError, match="covverage is no table"):
        graph(tmp_path)


def test_every_derived_table_has_its_sql_file() -> None:
    derived = {name for name, table in TABLES.items() if table.zone != "raw"}
    assert set(load().tables()) == derived


def test_each_file_is_in_the_folder_of_its_zone() -> None:
    files = load().files
    assert {name: files[name].path.split("/")[1] for name in load().tables()} == {name: TABLES[name].zone for name in load().tables()}
