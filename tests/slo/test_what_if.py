"""What another limit would change: exactly what a refresh under that limit changes, and the lake stays as it is."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import Settings
from pipelines.lake import Lake
from pipelines.refresh import refresh
from pipelines.slo import Change, Query, standings, what_if

if TYPE_CHECKING:
    from pathlib import Path

_TIGHTER = """
objectives:
  - {kind: pod_create, objective: wall, limit: 30, target: 0.9}
  - {kind: pod_create, objective: platform, target: 0.9, limits: {unbounded: null, large: 1800, complex: 600, typical: 8}}
  - {kind: pod_create, objective: sig_startup, limit: 2.5, target: 0.9}
  - {kind: pod_delete, objective: 10m, limit: 20, target: 0.9}
  - {kind: api_call, objective: mutating, limit: 0.1, target: 0.9}
"""
_LOOSER = """
objectives:
  - {kind: pod_create, objective: wall, limit: 1000}
  - {kind: pod_create, objective: platform, limit: 600}
  - {kind: pod_create, objective: sig_startup, limit: 60}
"""
# What the standing of an objective follows from.
_JUDGED = ("deliveries", "verdicts", "diagnoses", "slo_minutely", "api_calls_minutely")


def _rebuilt(lake_path: Path, folder: Path, rules: str) -> tuple[Lake, Settings]:
    """A copy of the lake, refreshed under other rules."""
    shutil.copytree(lake_path, folder / "rebuilt")
    (folder / "objectives.yaml").write_text(rules)
    settings = Settings(objectives=folder / "objectives.yaml")
    lake = Lake.open(folder / "rebuilt", cache_folder=folder / "cache")
    refresh(lake, "sample", settings=settings, tables=_JUDGED)
    return lake, settings


def _verdicts(lake: Lake) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(row["kind"], row["objective"], row["delivery_id"]): row for row in lake.read("verdicts", "sample").to_pylist()}


@pytest.mark.parametrize(
    ("rules", "changes", "target"),
    [
        (
            _TIGHTER,
            [
                "pod_create/wall=30s",
                "pod_create/platform/typical=8s",
                "pod_create/sig_startup=2500ms",
                "pod_delete/10m=20s",
                "api_call/mutating=100ms",
            ],
            0.9,
        ),
        (_LOOSER, ["pod_create/wall=1000s", "pod_create/platform=10m", "pod_create/sig_startup=1m"], None),
    ],
    ids=["tighter", "looser"],
)
def test_it_is_what_a_refresh_would_say(lake_path: Path, sample: Lake, tmp_path: Path, rules: str, changes: list[str], target: float | None) -> None:
    rebuilt, settings = _rebuilt(lake_path, tmp_path, rules)
    expected = {(row["kind"], row["objective"]): row for row in standings(rebuilt, settings, Query("sample"))}
    before, after = _verdicts(sample), _verdicts(rebuilt)
    found = what_if(sample, Settings(), Query("sample"), [Change.parsed(each) for each in changes], target)
    assert len(found) == len(changes)
    for each in found:
        assert each.changed == expected[each.kind, each.objective]
        keys = [key for key in before.keys() | after.keys() if key[:2] == (each.kind, each.objective)]
        flips = Counter(
            f"{_verdict(before.get(key))} → {_verdict(after.get(key))}" for key in keys if _verdict(before.get(key)) != _verdict(after.get(key))
        )
        assert each.flips == flips
        codes = Counter(
            row["error_code"] for key in keys if (row := after.get(key)) and row["verdict"] == "FAIL" and row["error_code"] != "NamespaceTerminating"
        )
        assert [row["changed"] for row in each.top_codes] == sorted(codes.values(), reverse=True)[:5]
        assert all(codes[row["error_code"]] == row["changed"] for row in each.top_codes)
        assert each.stored is not None
        assert each.rejudged < each.stored["total"] or each.kind == "api_call"


def _verdict(row: dict[str, Any] | None) -> str:
    return row["verdict"] if row else "none"


def test_the_lake_stays_as_it_is_and_the_limits_in_force_change_nothing(lake_path: Path, sample: Lake) -> None:
    before = {path: path.stat().st_mtime_ns for path in lake_path.rglob("*.parquet")}
    (found,) = what_if(sample, Settings(), Query("sample"), [Change("pod_create", "sig_startup", None, 5.0)])
    assert (found.flips, found.changed) == ({}, found.stored)
    assert {path: path.stat().st_mtime_ns for path in lake_path.rglob("*.parquet")} == before


def test_one_namespace(sample: Lake) -> None:
    changes = [Change("pod_create", "wall", None, 30.0)]
    (whole,) = what_if(sample, Settings(), Query("sample"), changes)
    (part,) = what_if(sample, Settings(), Query("sample", namespace="ops"), changes)
    assert whole.changed is not None
    assert part.changed is not None
    assert (part.changed["scope_value"], part.changed["total"]) == ("ops", 120)
    assert 0 < sum(part.flips.values()) < sum(whole.flips.values())
    assert part.changed["fail"] < whole.changed["fail"]
