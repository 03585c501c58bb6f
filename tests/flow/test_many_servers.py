"""The log of several API servers, each with a clock of its own: how far these are apart is found from what happened in order."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.levels.build import lines_of
from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SAMPLE = Path(__file__).parents[2] / "sample" / "audit"
_LINES = 9_000
_NOISE_MS = 50.0
_BY_REQUEST: Callable[[dict[str, Any]], str] = lambda event: event["auditID"]  # noqa: E731 - a constant of two
_BY_USER: Callable[[dict[str, Any]], str] = lambda event: event["user"]["username"]  # noqa: E731


def _written(folder: Path, skews_s: Sequence[float], key: Callable[[dict[str, Any]], str], *, is_merged: bool) -> list[str]:
    """One file per server, its own times moved by its clock's skew; or the lines of all in one file, as AKS stores them."""
    files: list[list[bytes]] = [[] for _ in skews_s]
    for line in islice(lines_of(_SAMPLE), _LINES):
        event = json.loads(line)
        server = int(hashlib.sha256(key(event).encode()).hexdigest(), 16) % len(skews_s)
        for name in ("requestReceivedTimestamp", "stageTimestamp"):
            moved = datetime.fromisoformat(event[name]) + timedelta(seconds=skews_s[server])
            event[name] = f"{moved:%Y-%m-%dT%H:%M:%S.%f}Z"
        if is_merged:
            event = {"category": "kube-audit", "properties": {"log": json.dumps(event), "pod": f"kube-apiserver-{server}"}}
        files[0 if is_merged else server].append(json.dumps(event, separators=(",", ":")).encode() + b"\n")
    paths = []
    for number, lines in enumerate(files):
        path = folder / f"master-{number}" / "audit.log"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"".join(lines))
        paths.append(str(path))
    return paths


def _measures(folder: Path, skews_s: Sequence[float], key: Callable[[dict[str, Any]], str], *, is_merged: bool) -> dict[tuple[str, str], float]:
    paths = _written(folder, skews_s, key, is_merged=is_merged)
    lake = Lake.open(str(folder / "lake"))
    ingest(lake, "c", paths, Settings())
    refresh(lake, "c", settings=Settings())
    names = {f"kube-apiserver-{number}" if is_merged else path: str(number) for number, path in enumerate(paths)}
    quality = lake.read("data_quality_hourly", "c").to_pylist()
    busiest = max((row for row in quality if row["measure"] == "audit_rows" and row["scope"] == "cluster"), key=lambda row: row["value"])["bucket_at"]
    return {(row["measure"], names.get(row["scope_value"], row["scope_value"])): row["value"] for row in quality if row["bucket_at"] == busiest}


def _deliveries(folder: Path, files: Sequence[Sequence[bytes]]) -> list[dict[str, Any]]:
    folder.mkdir()
    paths = [folder / f"{number}.log" for number in range(len(files))]
    for path, lines in zip(paths, files, strict=True):
        path.write_bytes(b"".join(lines))
    lake = Lake.open(str(folder / "lake"))
    ingest(lake, "c", [str(path) for path in paths], Settings())
    refresh(lake, "c", settings=Settings(), tables=["pods", "hyper_events", "coverage", "diagnoses", "verdicts", "deliveries"])
    return lake.read("deliveries", "c").to_pylist()  # type: ignore[no-any-return] # of pyarrow


def test_disorder_overlaps_and_copies_change_nothing(tmp_path: Path) -> None:
    lines = list(islice(lines_of(_SAMPLE), _LINES // 2))
    second: Callable[[bytes], str] = lambda line: json.loads(line)["stageTimestamp"][:19]  # noqa: E731
    shuffled = sorted(lines, key=lambda line: (second(line), hashlib.sha256(line).digest()))
    whole = _deliveries(tmp_path / "whole", [lines])
    assert _deliveries(tmp_path / "parts", [shuffled[:3_000], shuffled[2_000:], lines[1_000:2_500]]) == whole


@pytest.mark.parametrize(
    ("skews_s", "key", "is_merged"),
    [((0.0, 0.0, 0.0), _BY_REQUEST, False), ((0.0, 3.0, -40.0), _BY_REQUEST, True), ((3.0, 0.0, -40.0), _BY_USER, False)],
    ids=["untouched", "by request, in one file", "by user"],
)
def test_each_clock_is_found_within_the_stated_error(
    tmp_path: Path, skews_s: tuple[float, ...], key: Callable[[dict[str, Any]], str], *, is_merged: bool
) -> None:
    measures = _measures(tmp_path, skews_s, key, is_merged=is_merged)
    for number, skew_s in enumerate(skews_s):
        found, error = measures["clock_skew_ms", str(number)], measures["clock_skew_uncertainty_ms", str(number)]
        assert abs(found - 1000 * skew_s) <= error + _NOISE_MS
        assert error <= _NOISE_MS
    for node in ("n1", "n2", "n3"):
        assert abs(measures["clock_skew_ms", node]) <= _NOISE_MS
    assert (measures["negative_phases", "c"] > 0) == any(skews_s)
