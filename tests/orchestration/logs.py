"""Logs of two clusters over two days, made from a slice of the sample: moved in time, and with UIDs of their own.

Not here: the sample itself, and moving it (`tests.shifted`).
"""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING

import zstandard

from tests.conftest import REPOSITORY
from tests.shifted import shifted

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = date(2026, 11, 23)
RECORDED_HOUR = 7
DAY_BEFORE = RECORDED - timedelta(days=1)
CLUSTERS = ("east", "west")
_SAMPLE = REPOSITORY / "sample" / "audit" / "audit-2026-11-23T07-05-37.770.log.zst"
_LINES = 2000
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def sample_lines(first: int = 0, count: int = _LINES) -> bytes:
    """Some lines of the sample's first file."""
    with _SAMPLE.open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file).read()
    return b"".join(text.splitlines(keepends=True)[first : first + count])


def renamed(log: bytes, seed: str) -> bytes:
    """The log with every UUID replaced by one of the same log, day and cluster: the same pods cannot live twice."""
    space = uuid.uuid5(uuid.NAMESPACE_URL, seed)
    known: dict[bytes, bytes] = {}

    def other(match: re.Match[bytes]) -> bytes:
        if match[0] not in known:
            known[match[0]] = str(uuid.uuid5(space, match[0].decode())).encode()
        return known[match[0]]

    return _UUID.sub(other, log)


def write_day(folder: Path, cluster: str, day: date, log: bytes, hour: int = RECORDED_HOUR) -> Path:
    """Write the log of a cluster's day as if it had begun in that hour; the file is named as kube-apiserver rotates."""
    path = folder / cluster / f"audit-{day}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    moved = shifted(log, timedelta(days=(day - RECORDED).days, hours=hour - RECORDED_HOUR))
    path.write_bytes(renamed(moved, f"{cluster}/{day}"))
    return path


def write_logs(folder: Path) -> None:
    """Write both days of both clusters, close to the midnight between them: few hours lie in between."""
    log = sample_lines()
    for cluster in CLUSTERS:
        write_day(folder, cluster, DAY_BEFORE, log, hour=23)
        write_day(folder, cluster, RECORDED, log, hour=1)


def write_config(folder: Path) -> Path:
    """Write `lorgnette.yaml` with both clusters and a lake beside it."""
    path = folder / "lorgnette.yaml"
    clusters = "".join(f"  {cluster}:\n    sources: [{{paths: ['{folder}/logs/{cluster}']}}]\n" for cluster in CLUSTERS)
    path.write_text(f"lake: {folder}/lake\nclusters:\n{clusters}", encoding="utf-8")
    return path
