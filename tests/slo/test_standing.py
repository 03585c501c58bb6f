"""How objectives stand: the same numbers as the SLO tables, over the right stretch of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import Settings
from pipelines.errors import LorgnetteError
from pipelines.refresh.partitions import Partitions
from pipelines.rules.objectives import Alert, Objective
from pipelines.slo import Query, standings
from pipelines.slo.standing import is_firing, limits_in_words, span_of
from pipelines.sql_files import load

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.lake import Lake

_SAME = (
    "total",
    "success",
    "fail",
    "kill",
    "pending",
    "success_rate",
    "good_minutes",
    "minutes",
    "budget_left",
    "burn_rate_5m",
    "burn_rate_1h",
    "burn_rate_3d",
)


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SAME}


@pytest.mark.parametrize(("table", "window"), [("slo_monthly", "1M"), ("slo_daily", "1d")])
@pytest.mark.parametrize("namespace", [None, "ops"])
def test_the_numbers_are_those_of_the_month_and_of_the_day(sample: Lake, tmp_path: Path, table: str, window: str, namespace: str | None) -> None:
    file = tmp_path / "objectives.yaml"
    keys = [
        ("pod_create", "wall"),
        ("pod_create", "platform"),
        ("pod_create", "sig_startup"),
        ("pod_delete", "10m"),
        ("api_call", "mutating"),
        ("api_call", "read"),
    ]
    file.write_text("objectives:\n" + "".join(f"  - {{kind: {kind}, objective: {name}, window: {window}}}\n" for kind, name in keys))
    found = {
        (row["kind"], row["objective"]): _numbers(row) for row in standings(sample, Settings(objectives=file), Query("sample", namespace=namespace))
    }
    scope, value = ("namespace", namespace) if namespace else ("cluster", "sample")
    stored = [row for row in sample.read(table, "sample").to_pylist() if (row["scope"], row["scope_value"]) == (scope, value)]
    expected = {(row["kind"], row["objective"]): _numbers(row) for row in stored}
    assert found == {key: pytest.approx(row) for key, row in expected.items()}
    assert len(found) == (10 if namespace is None else 6)


def test_hours_that_were_asked_for(sample: Lake) -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    before = standings(sample, Settings(), Query("sample", day, day + timedelta(hours=7)))
    assert before == [], "the sample starts at 07:02"
    rows = standings(sample, Settings(), Query("sample", day + timedelta(hours=7), day + timedelta(hours=7, minutes=1)))
    assert {row["to_at"] for row in rows} == {day + timedelta(hours=8)}
    with pytest.raises(LorgnetteError, match="no time from"):
        standings(sample, Settings(), Query("sample", day, day))


def test_a_cluster_of_which_nothing_was_read(sample: Lake) -> None:
    with pytest.raises(LorgnetteError, match="Nothing has been read"):
        standings(sample, Settings(), Query("elsewhere"))


@pytest.mark.parametrize(
    ("window", "watermark", "from_at"),
    [
        ("1M", "2026-11-23T07:27:00", "2026-11-01"),
        ("1Q", "2026-11-23T07:27:00", "2026-10-01"),
        ("1Q", "2027-03-31T23:59:59", "2027-01-01"),
        ("1Y", "2026-11-23T07:27:00", "2026-01-01"),
        ("1d", "2026-11-23T07:27:00", "2026-11-23"),
        ("28d", "2026-11-23T07:27:00", "2026-10-27"),
    ],
)
def test_a_window_in_utc(sample: Lake, window: str, watermark: str, from_at: str) -> None:
    partitions = Partitions(sample, "sample", load())
    partitions.watermark_at = datetime.fromisoformat(watermark).replace(tzinfo=UTC)
    span = span_of(Objective(kind="k", objective="o", window=window), partitions, Query("sample"))
    assert span.from_at == datetime.fromisoformat(from_at).replace(tzinfo=UTC)
    assert span.to_at > partitions.watermark_at >= span.to_at - timedelta(hours=1)


@pytest.mark.parametrize(("op", "fires"), [("gte", True), ("gt", False), ("lte", True), ("lt", False)])
def test_an_alert_fires_at_its_burn_rate(op: str, *, fires: bool) -> None:
    alert = Alert.model_validate({"name": "fast", "window": "1h", "burn_rate": 14.4, "op": op})
    assert is_firing(alert, {"burn_rate_1h": 14.4}) is fires
    assert not is_firing(alert, {"burn_rate_1h": None}), "nothing was decided in this hour"


def test_limits_in_one_line() -> None:
    assert limits_in_words(Objective(kind="k", objective="o", limits={"all": 5})) == "5 s"
    told = Objective(kind="k", objective="o", limits={"big": None, "small": 90}, namespaces={"batch": 900}, workload_kinds={"Job": 900})
    assert limits_in_words(told) == "none big, 90 s small, 900 s batch Job"
