"""What Dagster has to know about reading a cluster's sources: what is configured, whether it changed, and which days changed by it.

No dagster in here. Not here: reading itself (`pipelines.ingest`).
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.config import FILE_NAME, Cluster, Settings, Source, load
from pipelines.ingest import NothingInSpanError, ingest
from pipelines.ingest.configured import selection_of, wanted_span
from pipelines.lake.layout import parse_path
from pipelines.sources import discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.ingest import IngestReport
    from pipelines.ingest.configured import Days
    from pipelines.lake import Lake

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


def read_sources(lake: Lake, cluster: str, settings: Settings, today: date, days: Days | None = None) -> list[IngestReport]:
    """Read the configured sources of a cluster; one that has none, because the command line filled it, is left as it is.

    Args:
        lake: The lake.
        cluster: The cluster's name.
        settings: All settings.
        today: The day that `last_days` of a source are counted back from.
        days: The first and the last day that are to be computed.

    Raises:
        InputError: A source holds nothing that can be read.
        LorgnetteError: The lake cannot be written.
    """
    reports = []
    for source in settings.clusters[cluster].sources if cluster in settings.clusters else []:
        selection = selection_of(source, wanted_span(source, today, days))
        try:
            reports.append(ingest(lake, cluster, source.paths, settings, shape=source.shape, selection=selection))
        except NothingInSpanError as error:
            # A quiet day, or one before the cluster was: its tables are empty, which is no fault.
            reports.append(error.report)
    return reports


def sources_digest(sources: Sequence[Source], cluster: str, today: date, lake_url: str = "") -> str:
    """A digest of the names, sizes and times (or ETags) of all files of some sources that a run would look at; no byte of them is read."""
    apart = [lake_url] if lake_url else []
    found = [
        each
        for source in sources
        for each in discover(source.paths, selection_of(source, wanted_span(source, today)), cluster=cluster, apart=apart).files
    ]
    lines = sorted(f"{each.uri}\t{each.version}" for each in found if each.problem is None)
    return _digest(lines) if lines else ""


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
