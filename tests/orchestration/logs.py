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
DAY_BEFORE = RECORDED - timedelta(days=1)
CLUSTERS = ("east", "west")
_SAMPLE = REPOSITORY / "sample" / "audit" / "audit-2026-11-23T07-05-37.770.log.zst"
_LINES = 3000
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


def write_day(folder: Path, cluster: str, day: date, log: bytes) -> Path:
    """Write the log of a cluster's day; the file is named as kube-apiserver rotates."""
    path = folder / cluster / f"audit-{day}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(renamed(shifted(log, timedelta(days=(day - RECORDED).days)), f"{cluster}/{day}"))
    return path


def write_logs(folder: Path, days: tuple[date, ...] = (DAY_BEFORE, RECORDED), log: bytes | None = None) -> None:
    """Write all days of both clusters."""
    for cluster in CLUSTERS:
        for day in days:
            write_day(folder, cluster, day, log if log is not None else sample_lines())


def write_config(folder: Path) -> Path:
    """Write `lorgnette.yaml` with both clusters and a lake beside it."""
    path = folder / "lorgnette.yaml"
    clusters = "".join(f"  {cluster}:\n    sources: [{{paths: ['{folder}/logs/{cluster}']}}]\n" for cluster in CLUSTERS)
    path.write_text(f"lake: {folder}/lake\nclusters:\n{clusters}", encoding="utf-8")
    return path
