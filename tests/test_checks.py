"""Checks: each finds what it is for, and says where."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from lake_schema import TABLES
from pipelines.checks import SAMPLE_ROWS, check_table, checks
from pipelines.errors import LorgnetteError
from pipelines.partition_queries import queries
from tests.raw_rows import START, at, put_ledger, put_source

if TYPE_CHECKING:
    from pipelines.checks import CheckResult
    from pipelines.lake import Lake

_BLANKS: dict[pa.DataType, object] = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0, pa.bool_(): False, pa.list_(pa.string()): []}


def put(lake: Lake, table: str, *rows: dict[str, Any]) -> None:
    """Write rows of one partition; what they leave out is the least that the schema allows."""
    schema = TABLES[table].arrow_schema()
    blanks = {column.name: None if column.nullable else _BLANKS.get(column.type, START) for column in TABLES[table].columns} | {"cluster": "c"}
    data = pa.Table.from_pylist([blanks | row for row in rows], schema=pa.schema([field.with_nullable(True) for field in schema]))  # noqa: FBT003
    bucket = START if TABLES[table].instant else None
    lake.write(lake.partition_path(table, "c", bucket, "data.parquet"), data, data.schema)


def failed(lake: Lake, table: str) -> dict[str, CheckResult]:
    results = check_table(lake, "c", table, START, START + timedelta(hours=1))
    assert [result.check.name for result in results] == [check.name for check in checks(table)]
    return {result.check.name: result for result in results if not result.passed}


@pytest.mark.parametrize("table", TABLES)
def test_a_lake_without_rows_has_nothing_wrong(lake: Lake, table: str) -> None:
    assert failed(lake, table) == {}


def test_every_check_file_belongs_to_a_table() -> None:
    assert {file.name for table in TABLES for file in queries("checks").get(table, ())} == {
        path.stem.partition("__")[2] for path in (Path(__file__).parents[1] / "sql" / "checks").glob("*.sql")
    }


def test_two_rows_with_one_key(lake: Lake) -> None:
    put(lake, "verdicts", *[{"delivery_id": "d", "objective": "wall", "verdict": "SUCCESS", "decided_at": START}] * 2)
    (found,) = failed(lake, "verdicts").values()
    assert (found.check.name, found.failed_rows, found.check.is_blocking) == ("primary_key", 1, True)
    assert found.sample == [{"delivery_id": "d", "objective": "wall", "rows": 2}]


def test_a_null_where_there_must_be_none(lake: Lake) -> None:
    put(lake, "quarantine", {"source_id": "s", "line": 1, "reason": None, "raw": None})
    put_ledger(lake, "c", "s", [], "d", [])
    found = failed(lake, "quarantine")["not_null"]
    assert found.sample == [{"source_id": "s", "line": 1, "broken": ["reason", "raw"]}]


def test_a_rate_above_one_and_a_count_below_zero(lake: Lake) -> None:
    put(lake, "error_clusters_hourly", {"bucket_at": START, "rate": 1.5, "failures": -1, "exposure": 2})
    found = failed(lake, "error_clusters_hourly")["values"]
    assert found.sample[0]["broken"] == ["failures >= 0", "rate between 0 and 1"]


def test_a_null_rate_is_no_rate_and_breaks_nothing(lake: Lake) -> None:
    put(lake, "error_clusters_hourly", {"bucket_at": START, "rate": None})
    assert failed(lake, "error_clusters_hourly") == {}


def test_lines_that_are_not_accounted_for(lake: Lake) -> None:
    put(lake, "sources", {"source_id": "s", "lines": 10, "kept": 4, "filtered": 3, "duplicates": 1, "quarantined": 1, "is_complete": True})
    (found,) = failed(lake, "sources").values()
    assert (found.check.name, found.sample[0]["lines"]) == ("accounting", 10)


def test_a_source_that_ended_early_is_only_a_warning(lake: Lake) -> None:
    put(lake, "sources", {"source_id": "s", "is_complete": False, "problem": "cut short"})
    (found,) = failed(lake, "sources").values()
    assert (found.check.name, found.check.severity, found.sample[0]["problem"]) == ("complete", "warning", "cut short")


def test_a_watermark_that_moved_back(lake: Lake) -> None:
    put_ledger(lake, "c", "s", [], "d", [at(0.5)])
    schema = TABLES["slo_hourly"].arrow_schema()
    lake.write(lake.partition_path("slo_hourly", "c", START), schema.empty_table(), schema, {"watermark": at(0.9).isoformat()})
    (found,) = failed(lake, "sources").values()
    assert (found.check.name, found.sample[0]["table_name"]) == ("watermark_monotonic", "slo_hourly")


def test_a_raw_row_of_a_line_that_its_source_does_not_have(lake: Lake) -> None:
    put_source(lake, "c", "s", [at(0.1), at(0.2)])
    assert failed(lake, "audit_events") == {}
    paths = [file.path for file in lake.files("audit_events", "c")]
    put_ledger(lake, "c", "s", paths, "d1", [at(0.1)])
    (found,) = failed(lake, "audit_events").values()
    assert (found.check.name, found.sample[0]["source_line"]) == ("from_a_known_source", 2)


def test_a_delivery_that_nobody_judged(lake: Lake) -> None:
    put(
        lake,
        "deliveries",
        {"delivery_id": "judged", "started_at": START, "total_s": 3.0, "platform_s": 1.0, "user_s": 1.5, "queue_s": 0.5},
        {"delivery_id": "forgotten", "started_at": START},
        {"delivery_id": "static", "started_at": START, "is_static": True},
        {"delivery_id": "refused", "started_at": START, "error_code": "NamespaceTerminating"},
    )
    put(lake, "verdicts", {"delivery_id": "judged", "objective": "wall", "delivery_started_at": START})
    (found,) = failed(lake, "deliveries").values()
    assert (found.check.name, [row["delivery_id"] for row in found.sample]) == ("judged", ["forgotten"])


def test_a_verdict_and_a_diagnosis_of_no_delivery(lake: Lake) -> None:
    put(lake, "verdicts", {"delivery_id": "v", "objective": "wall"})
    put(lake, "diagnoses", {"delivery_id": "d", "moment": "final"})
    (found,) = failed(lake, "deliveries").values()
    assert found.check.name == "of_every_verdict"
    assert sorted((row["table_name"], row["delivery_id"]) for row in found.sample) == [("diagnoses", "d"), ("verdicts", "v")]


def test_times_that_do_not_add_up(lake: Lake) -> None:
    put(lake, "deliveries", {"delivery_id": "d", "is_static": True, "total_s": 3.0, "platform_s": 1.0, "user_s": 1.0, "queue_s": 0.5})
    assert set(failed(lake, "deliveries")) == {"time_adds_up"}


def test_a_phase_outside_its_delivery(lake: Lake) -> None:
    put(lake, "deliveries", {"delivery_id": "d", "started_at": at(0.1), "judged_until_at": at(0.2)})
    inside = {"delivery_id": "d", "phase": "schedule", "started_at": at(0.1), "ended_at": at(0.2)}
    put(
        lake,
        "phases",
        inside,
        inside | {"phase": "late", "ended_at": at(0.3)},
        inside | {"phase": "nearly", "started_at": at(0.1) - timedelta(milliseconds=900), "uncertainty_ms": 1000.0},
        inside | {"phase": "skewed", "started_at": at(0), "is_clock_skewed": True},
        inside | {"delivery_id": "gone", "phase": "orphan"},
    )
    (found,) = failed(lake, "phase_stats_hourly").values()
    assert sorted(row["phase"] for row in found.sample) == ["late", "orphan"]


def test_a_phase_that_ends_before_it_starts(lake: Lake) -> None:
    put(lake, "phases", {"delivery_id": "d", "phase": "sandbox", "started_at": at(0.2), "ended_at": at(0.1)})
    assert set(failed(lake, "phases")) == {"forward"}


def test_verdicts_that_are_pending_and_decided(lake: Lake) -> None:
    put(
        lake,
        "verdicts",
        {"delivery_id": "a", "verdict": "PENDING", "decided_at": START},
        {"delivery_id": "b", "verdict": "FAIL", "decided_at": None},
        {"delivery_id": "c", "verdict": "PENDING"},
    )
    (found,) = failed(lake, "verdicts").values()
    assert [row["delivery_id"] for row in found.sample] == ["a", "b"]


def slo_row(**values: object) -> dict[str, Any]:
    return {"bucket_at": START, "kind": "pod_create", "objective": "wall", "scope": "cluster", "scope_value": "c"} | values


def test_verdicts_that_do_not_add_up_to_the_total(lake: Lake) -> None:
    put(lake, "slo_minutely", slo_row(total=10, success=5, fail=2, kill=1, pending=1, fail_user=2))
    (found,) = failed(lake, "slo_minutely").values()
    assert (found.check.name, found.sample[0]["total"]) == ("adds_up", 10)


def test_a_benign_fail_is_in_the_total_only(lake: Lake) -> None:
    put(lake, "slo_minutely", slo_row(total=3, success=2))
    put(lake, "verdicts", {"delivery_id": "d", "kind": "pod_create", "objective": "wall", "verdict": "FAIL", "error_code": "NamespaceTerminating"})
    assert failed(lake, "slo_minutely") == {}


def test_fails_by_fault_that_do_not_add_up(lake: Lake) -> None:
    put(lake, "slo_minutely", slo_row(total=1, fail=1))
    assert set(failed(lake, "slo_minutely")) == {"adds_up"}


@pytest.mark.parametrize(("table", "finer"), [("slo_hourly", "slo_minutely"), ("slo_daily", "slo_hourly")])
def test_an_hour_or_a_day_that_is_not_the_sum_of_its_parts(lake: Lake, table: str, finer: str) -> None:
    put(lake, finer, slo_row(total=2, success=2))
    start = START.replace(hour=0) if table == "slo_daily" else START
    put(lake, table, slo_row(bucket_at=start, total=3, success=3))
    (found,) = failed(lake, table).values()
    assert found.check.name.startswith("sums_its_")
    assert found.sample[0]["total"] == 3


def test_a_month_that_is_not_the_sum_of_its_days(lake: Lake) -> None:
    month_at = START.replace(day=1, hour=0)
    put(lake, "slo_daily", slo_row(bucket_at=START.replace(hour=0), total=3, success=3))
    put(lake, "slo_monthly", slo_row(bucket_at=month_at, total=2, success=2))
    assert set(failed(lake, "slo_monthly")) == {"sums_its_days"}
    # Another day of the month may hold the rest: a stretch of one hour cannot tell, one of the whole month can.
    put(lake, "slo_monthly", slo_row(bucket_at=month_at, total=4, success=4))
    assert failed(lake, "slo_monthly") == {}
    whole = check_table(lake, "c", "slo_monthly", month_at, month_at + timedelta(days=31))
    assert [result.check.name for result in whole if not result.passed] == ["sums_its_days"]


def test_a_day_of_api_calls_that_is_not_the_sum_of_its_minutes(lake: Lake) -> None:
    put(
        lake,
        "api_calls_minutely",
        {"bucket_at": START, "verb": "get", "count": 2, "timed": 2, "limit_s": 1.0, "within_limit": 1, "p99_s": 2.0, "good": False},
    )
    put(lake, "slo_daily", slo_row(bucket_at=START.replace(hour=0), kind="api_call", objective="read", total=2, success=2))
    (found,) = failed(lake, "slo_daily").values()
    assert (found.check.name, found.sample[0]["objective"]) == ("sums_its_api_calls", "read")


def test_more_good_minutes_than_minutes(lake: Lake) -> None:
    put(lake, "slo_daily", slo_row(bucket_at=START.replace(hour=0), good_minutes=2, minutes=1))
    put(lake, "slo_hourly", slo_row())
    assert set(failed(lake, "slo_daily")) == {"good_minutes"}


@pytest.mark.parametrize("wrong", [{"p50_s": 2.0}, {"good": False}, {"timed": 2}])
def test_api_calls_that_contradict_themselves(lake: Lake, wrong: dict[str, Any]) -> None:
    right = {"bucket_at": START, "count": 1, "timed": 1, "p50_s": 1.0, "p99_s": 1.0, "max_s": 1.0, "limit_s": 1.0, "within_limit": 1, "good": True}
    put(lake, "api_calls_minutely", right)
    assert failed(lake, "api_calls_minutely") == {}
    put(lake, "api_calls_minutely", right | wrong)
    assert set(failed(lake, "api_calls_minutely")) == {"ordered"}


def test_percentiles_out_of_order(lake: Lake) -> None:
    put(lake, "phase_stats_hourly", {"bucket_at": START, "phase": "a", "min_s": 1.0, "p50_s": 3.0, "p90_s": 2.0, "max_s": 4.0})
    assert set(failed(lake, "phase_stats_hourly")) == {"ordered"}
    put(lake, "phase_stats_hourly", {"bucket_at": START, "phase": "a", "min_s": 1.0, "p50_s": 3.0, "max_s": 4.0})
    assert failed(lake, "phase_stats_hourly") == {}


@pytest.mark.parametrize("table", ["error_clusters_hourly", "error_clusters_daily"])
def test_more_failures_than_deliveries(lake: Lake, table: str) -> None:
    put(lake, table, {"bucket_at": START, "failures": 3, "exposure": 2})
    assert set(failed(lake, table)) == {"within_exposure"}


def test_quarantined_lines_that_are_missing(lake: Lake) -> None:
    put(lake, "sources", {"source_id": "s", "lines": 2, "quarantined": 2, "is_complete": True})
    put(lake, "quarantine", {"source_id": "s", "line": 1})
    assert set(failed(lake, "quarantine")) == {"counted"}


def test_only_a_few_of_many_rows_are_shown(lake: Lake) -> None:
    put(lake, "verdicts", *[{"delivery_id": f"{number:03}", "verdict": "FAIL"} for number in range(50)])
    (found,) = failed(lake, "verdicts").values()
    assert (found.failed_rows, len(found.sample)) == (50, SAMPLE_ROWS)


def test_other_hours_and_clusters_are_not_looked_at(lake: Lake) -> None:
    put(lake, "verdicts", {"delivery_id": "a", "verdict": "FAIL"})
    assert all(result.passed for result in check_table(lake, "c", "verdicts", at(1), at(2)))
    assert all(result.passed for result in check_table(lake, "other", "verdicts", START, at(1)))


def test_a_damaged_file_is_named(lake: Lake) -> None:
    put(lake, "verdicts", {"delivery_id": "a", "verdict": "FAIL"})
    (file,) = lake.files("verdicts", "c")
    Path(lake.native(file.path)).write_bytes(b"PAR1 no more")
    with pytest.raises(LorgnetteError, match="verdicts"):
        check_table(lake, "c", "verdicts", START, at(1))


@pytest.mark.parametrize("name", ["nonsense__check", "verdicts_check"])
def test_a_file_that_belongs_to_no_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / f"{name}.sql").write_text("-- A check.\n-- inputs: verdicts\nselect 1\n")
    with pytest.raises(LorgnetteError, match="no table of lake_schema"):
        queries("checks", tmp_path)
