"""Refreshing: what is stale is built, what is not is left alone, and the way there never shows in the result."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake_schema import TABLES
from pipelines.config import Cluster, Settings
from pipelines.errors import LorgnetteError
from pipelines.lake import Lake
from pipelines.refresh import refresh, rules_in_force, stale_partitions
from tests.raw_rows import at, put_ledger, put_source
from tests.refresh.sql_folder import graph, select, small_flow, write

if TYPE_CHECKING:
    from pipelines.refresh import RefreshReport
    from pipelines.sql_files import SqlGraph

SETTINGS = Settings()
DERIVED = ("coverage", "slo_hourly", "slo_daily")


@pytest.fixture
def flow(tmp_path: Path) -> SqlGraph:
    return small_flow(tmp_path / "sql")


def run(lake: Lake, flow: SqlGraph, **options: object) -> RefreshReport:
    return refresh(lake, "c", settings=SETTINGS, graph=flow, **options)  # type: ignore[arg-type]


def built(report: RefreshReport) -> dict[str, int]:
    return {name: table.built for name, table in report.tables.items() if table.built}


def all_bytes(lake: Lake) -> dict[str, bytes]:
    return {file.path: Path(lake.native(file.path)).read_bytes() for table in DERIVED for file in lake.files(table)}


def test_every_hour_from_the_one_before_the_first_to_the_last_is_built(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0), at(0.5), at(3)])
    report = run(lake, flow)
    assert built(report) == {"coverage": 5, "slo_hourly": 5, "slo_daily": 1}
    assert [file.bucket_at for file in lake.files("coverage", "c")] == [at(hour) for hour in range(-1, 4)]
    assert lake.read("coverage", "c")["rows_seen"].to_pylist() == [2, 1]
    assert report.watermark_at == at(3)


def test_an_hour_without_rows_is_a_file_without_rows(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0), at(2)])
    run(lake, flow)
    assert lake.footer(lake.partition_path("coverage", "c", at(1)))["rows"] == "0"


def test_a_second_run_does_nothing_and_changes_no_byte(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(hour / 2) for hour in range(12)])
    run(lake, flow)
    before = all_bytes(lake)
    assert built(run(lake, flow)) == {}
    assert all_bytes(lake) == before
    assert built(run(lake, flow, force=True)) == {"coverage": 7, "slo_hourly": 7, "slo_daily": 1}
    assert all_bytes(lake) == before


def test_a_late_source_makes_only_its_hours_and_what_reads_them_stale(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(hour) for hour in range(10)])
    run(lake, flow)
    put_source(lake, "c", "late", [at(4.5)])
    assert built(run(lake, flow)) == {"coverage": 1, "slo_hourly": 3, "slo_daily": 1}


def test_the_same_rows_from_another_file_stop_at_the_first_table(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(hour) for hour in range(5)])
    run(lake, flow)
    put_source(lake, "c", "s", [at(hour) for hour in range(5)], digest="d2")
    assert built(run(lake, flow)) == {"coverage": 5}


def test_an_open_row_is_built_again_when_the_watermark_moves_inside_its_window(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0), at(1), at(2), at(3)])
    run(lake, flow)
    put_source(lake, "c", "later", [at(3.5)])
    # Hours 1, 2 and 3 see the new row; hour 0 was settled.
    assert built(run(lake, flow)) == {"coverage": 1, "slo_hourly": 3, "slo_daily": 1}
    assert lake.read("slo_hourly")["pending"].to_pylist() == [0, 1, 1, 1]


def test_changed_sql_builds_that_table_and_what_changes_by_it(lake: Lake, tmp_path: Path, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(hour) for hour in range(3)])
    run(lake, flow)
    stage = tmp_path / "sql" / "timeline" / "_events.sql"
    stage.write_text(stage.read_text() + "-- the same rows in other words\n")
    assert built(run(lake, graph(tmp_path / "sql"))) == {"coverage": 4}
    stage.write_text(stage.read_text().replace("from audit_events", "from audit_events where extract(hour from stage_at) <> 8"))
    assert built(run(lake, graph(tmp_path / "sql"))) == {"coverage": 4, "slo_hourly": 2, "slo_daily": 1}


def test_limits_and_names_narrow_what_is_built(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(hour) for hour in range(6)])
    assert built(run(lake, flow, from_at=at(2), to_at=at(4), tables=["coverage"])) == {"coverage": 2}
    assert built(run(lake, flow, from_at=at(2.5), to_at=at(4))) == {"slo_hourly": 2, "slo_daily": 1}
    with pytest.raises(LorgnetteError, match="No such derived table: nonsense"):
        run(lake, flow, tables=["nonsense"])


def test_a_gap_of_more_than_a_week_is_not_filled(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0), at(24 * 5), at(24 * 15)])
    report = run(lake, flow, tables=["coverage"])
    assert built(report) == {"coverage": 1 + 24 * 5 + 1 + 2}


def test_what_retention_took_is_no_change(lake: Lake, flow: SqlGraph) -> None:
    paths = put_source(lake, "c", "s", [at(hour) for hour in range(4)])
    run(lake, flow)
    before = all_bytes(lake)
    lake.delete(paths[0])
    report = run(lake, flow)
    assert (built(report), report.frozen) == ({}, 1)
    assert all_bytes(lake) == before


def test_hours_gone_before_they_were_built_are_not_built_empty(lake: Lake, flow: SqlGraph) -> None:
    paths = put_source(lake, "c", "s", [at(hour) for hour in range(4)])
    lake.delete(paths[0])
    run(lake, flow)
    assert [file.bucket_at for file in lake.files("coverage", "c")] == [at(-1), at(1), at(2), at(3)]


def test_rows_outside_the_asked_hours_are_cut_off(lake: Lake, tmp_path: Path) -> None:
    text = select("coverage", "from range(-30, 30) as r(h), params", cluster="cluster", bucket_at="from_at + to_hours(h::int)", fact="'x'")
    write(tmp_path / "sql", "coverage", "audit_events", text)
    put_source(lake, "c", "s", [at(0)])
    assert run(lake, graph(tmp_path / "sql")).tables["coverage"].rows == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select nonsense from audit_events", "nonsense"),
        ("selec 1", "syntax error"),
        ("select 1 as surprise", "lacks .*bucket_at.* has surprise"),
        (select("coverage", "from audit_events", bucket_at="stage_at"), "coverage.cluster must not be null"),
        (select("coverage", "from audit_events", cluster="cluster"), "coverage.bucket_at decides"),
    ],
)
def test_an_error_names_the_file(lake: Lake, tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path / "sql", "coverage", "audit_events", text.replace("'' as \"cluster\"", 'null as "cluster"'))
    put_source(lake, "c", "s", [at(0)])
    with pytest.raises(LorgnetteError, match=message) as caught:
        run(lake, graph(tmp_path / "sql"))
    assert "sql/timeline/coverage.sql" in (caught.value.where or "")


def test_a_missing_partition_is_built_again(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(hour) for hour in range(4)])
    run(lake, flow)
    before = all_bytes(lake)
    lake.delete(lake.partition_path("coverage", "c", at(2)))
    assert built(run(lake, flow)) == {"coverage": 1}
    assert all_bytes(lake) == before


def test_stale_partitions_are_counted_without_building_them(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0)])
    assert {name: (table.checked, table.built) for name, table in stale_partitions(lake, "c", SETTINGS, flow).items()} == {
        "coverage": (2, 2),
        "slo_hourly": (2, 2),
        "slo_daily": (1, 1),
    }
    assert lake.files("coverage") == []
    run(lake, flow)
    assert not any(table.built for table in stale_partitions(lake, "c", SETTINGS, flow).values())


def test_a_cluster_without_sources_has_nothing_to_do(lake: Lake, flow: SqlGraph) -> None:
    put_ledger(lake, "c", "s", [], "d", [])
    report = run(lake, flow)
    assert (report.built, report.watermark_at) == (0, None)


def test_clusters_do_not_mix(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0)])
    put_source(lake, "d", "s", [at(0), at(0.1)])
    run(lake, flow)
    assert lake.read("coverage")["rows_seen"].to_pylist() == [1]


def test_progress_ends_with_everything(lake: Lake, flow: SqlGraph) -> None:
    put_source(lake, "c", "s", [at(0), at(30)])
    seen: list[tuple[str, int, int]] = []
    run(lake, flow, progress=lambda *event: seen.append(event))
    assert seen[-1][1] == seen[-1][2] == sum(done - before for (_, done, _), (_, before, _) in zip(seen, [("", 0, 0), *seen], strict=False))


def test_a_crash_on_the_way_is_made_good_by_the_next_run(lake: Lake, flow: SqlGraph, tmp_path: Path) -> None:
    put_source(lake, "c", "s", [at(hour) for hour in range(6)])
    child = os.fork()
    if child == 0:
        steps = iter(range(4))
        refresh(lake, "c", settings=SETTINGS, graph=flow, progress=lambda *_: next(steps, None) == 1 and os._exit(9))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    run(lake, flow)
    other = Lake.open(tmp_path / "other")
    put_source(other, "c", "s", [at(hour) for hour in range(6)])
    run(other, flow)
    assert all_bytes(lake) == all_bytes(other)


@settings(max_examples=15, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(st.lists(st.integers(0, 27 * 60), max_size=6), min_size=1, max_size=5), names=st.permutations(range(5)))
def test_part_by_part_equals_one_rebuild(tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], names: list[int]) -> None:
    folder = tmp_path_factory.mktemp("flow")
    flow = small_flow(folder / "sql")
    step, whole = Lake.open(folder / "step"), Lake.open(folder / "whole")
    for name, minutes in zip(names, parts, strict=False):
        put_source(step, "c", f"s{name}", [at(minute / 60) for minute in minutes])
        put_source(whole, "c", f"s{name}", [at(minute / 60) for minute in minutes])
        run(step, flow)
    run(whole, flow)
    assert {table: step.read(table).to_pylist() for table in DERIVED} == {table: whole.read(table).to_pylist() for table in DERIVED}
    shared = all_bytes(whole)
    assert {path: data for path, data in all_bytes(step).items() if path in shared} == shared
    assert TABLES.keys() >= set(DERIVED)


def test_rules_of_a_cluster_win_over_common_ones_and_make_its_tables_stale(lake: Lake, flow: SqlGraph, tmp_path: Path) -> None:
    limit = "objectives: [{{kind: pod_create, objective: wall, target: {target}, limits: {{long_running: 1}}}}]"
    (tmp_path / "common.yaml").write_text(limit.format(target=0.5))
    (tmp_path / "own.yaml").write_text(limit.format(target=0.9))
    changed = Settings(objectives=tmp_path / "common.yaml", clusters={"c": Cluster(objectives=tmp_path / "own.yaml")})
    targets = [
        {rule["target"] for rule in rules_in_force(changed, name)["objectives"] if (rule["kind"], rule["objective"]) == ("pod_create", "wall")}
        for name in ("c", "d")
    ]
    assert targets == [{0.9}, {0.5}]
    put_source(lake, "c", "s", [at(0)])
    run(lake, flow)
    assert refresh(lake, "c", settings=changed, graph=flow).built == 5
    assert refresh(lake, "c", settings=changed, graph=flow).built == 0


def test_a_lake_on_s3_gives_the_same_bytes(lake: Lake, flow: SqlGraph, bucket: str) -> None:
    remote = Lake.open(f"{bucket}/lake")
    for each in (lake, remote):
        put_source(each, "c", "s", [at(hour / 2) for hour in range(6)])
        assert run(each, flow).built == 9
        assert run(each, flow).built == 0
    for table in DERIVED:
        assert remote.read(table) == lake.read(table)
        assert [remote.footer(file.path) for file in remote.files(table)] == [lake.footer(file.path) for file in lake.files(table)]


def test_files_replaced_after_they_were_listed_are_met_by_a_second_try(lake: Lake, flow: SqlGraph) -> None:
    paths = put_source(lake, "c", "s", [at(0), at(20)])
    tries: list[int] = []

    def reread(_: str, done: int, __: int) -> None:
        # An ingest in another process, right between the listing and the reading of the second day's file.
        tries.append(done)
        if Path(lake.native(paths[0])).exists():
            put_source(lake, "c", "s", [at(0), at(20), at(20.5)], digest="d2")
            for path in paths:
                lake.delete(path)

    run(lake, flow, progress=reread)
    assert tries.count(tries[0]) == 2
    assert lake.read("coverage")["rows_seen"].to_pylist() == [1, 2]
