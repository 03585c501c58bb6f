"""What Dagster has to know about reading a cluster's sources: what is configured, whether it changed, and which days changed by it.

No dagster in here. Not here: reading itself (`pipelines.ingest`).
"""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec

from pipelines.config import FILE_NAME, Cluster, Settings, Source, load
from pipelines.ingest import ingest
from pipelines.lake.layout import parse_path
from pipelines.sources import discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.ingest import IngestReport
    from pipelines.lake import Lake
    from pipelines.sources import Found

SAMPLE = Path(__file__).parents[2] / "sample"
SAMPLE_CLUSTER = "sample"
SAMPLE_DAY = date(2026, 11, 23)


def config_path(path: str) -> Path | None:
    """The settings file: the given one, else `lorgnette.yaml` of the working folder; None if there is none."""
    if path:
        return Path(path)
    return Path(FILE_NAME) if Path(FILE_NAME).exists() else None


def settings_or_sample(path: str) -> Settings:
    """The settings; with no file at all, the sample logs of a checkout as the only cluster.

    Raises:
        ConfigError: The file is missing or not understood.
    """
    chosen = config_path(path)
    settings = load(chosen)
    if chosen is None and not settings.clusters and SAMPLE.is_dir():
        return settings.model_copy(update={"clusters": {SAMPLE_CLUSTER: Cluster(sources=[Source(paths=[str(SAMPLE)])])}})
    return settings


def known_clusters(lake: Lake, settings: Settings) -> list[str]:
    """The clusters that the settings name, then those that only the lake has."""
    return list(dict.fromkeys([*settings.clusters, *lake.clusters()]))


def read_sources(lake: Lake, cluster: str, settings: Settings) -> list[IngestReport]:
    """Read the configured sources of a cluster; one that has none, because the command line filled it, is left as it is.

    Raises:
        InputError: A source holds nothing that can be read.
        LorgnetteError: The lake cannot be written.
    """
    sources = settings.clusters[cluster].sources if cluster in settings.clusters else []
    return [ingest(lake, cluster, source.paths, settings, shape=source.shape) for source in sources]


def sources_digest(sources: Sequence[Source]) -> str:
    """A digest of the names, sizes and times (or ETags) of all files of some sources; no byte of them is read."""
    found = [each for source in sources for each in discover(source.paths)]
    lines = sorted(f"{each.uri}\t{each.size_bytes}\t{_version(each)}" for each in found if each.problem is None)
    return _digest(lines) if lines else ""


def _version(file: Found) -> str:
    if "://" not in file.uri:
        try:
            return str(os.stat(file.uri).st_mtime_ns)  # noqa: PTH116 - one call per file of a large folder
        except FileNotFoundError:  # Rotated away since the folder was listed.
            return ""
    filesystem, path = fsspec.core.url_to_fs(file.uri)
    info = filesystem.info(path)
    return str(info.get("ETag") or info.get("LastModified") or info.get("mtime") or "")


def days_digests(lake: Lake, cluster: str) -> dict[str, str]:
    """By day a digest of its committed raw files; their names hold the digest of what they were read from."""
    paths_of: dict[str, list[str]] = {}
    for path in sorted(lake.committed_paths(cluster)):
        if day := _day_of(path):
            paths_of.setdefault(day.isoformat(), []).append(path)
    return {day: _digest(paths) for day, paths in sorted(paths_of.items())}


def _digest(lines: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def _day_of(path: str) -> date | None:
    parsed = parse_path(path)
    return parsed[2].date() if parsed is not None and parsed[2] is not None else None
