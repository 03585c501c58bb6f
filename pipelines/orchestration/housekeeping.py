"""What is done once a day: the report and retention.

Here: an asset and a job with settings of their own. Not here: when they run (`jobs`). This module has no `from __future__ import
annotations`: Dagster reads the classes of settings off the functions' annotations, and must not find strings there.
"""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from pipelines.lake.retention import expire
from pipelines.orchestration.building import RETRY_POLICY, final_errors
from pipelines.orchestration.raw_assets import INGEST_POOL
from pipelines.orchestration.resources import LakeResource


class ReportConfig(dg.Config):
    """Where the report goes.

    Args:
        out: The HTML file.
    """

    out: str = "report.html"


class RetentionConfig(dg.Config):
    """How retention goes about it.

    Args:
        dry_run: Only say what would be removed.
        now: The moment that days are counted back from, in ISO 8601 with its offset; the run's own if left out.
    """

    dry_run: bool = False
    now: str = ""


@dg.asset(
    name="report",
    group_name="report",
    kinds={"html"},
    deps=[dg.AssetDep(name) for name in ("slo_daily", "api_calls_minutely", "phase_stats_hourly", "error_clusters_daily", "diagnoses", "deliveries")],
    description="One HTML file over all clusters that opens offline: SLO board, long tail, error clusters, the slowest pods.",
    retry_policy=RETRY_POLICY,
)
def report_asset(context: dg.AssetExecutionContext, config: ReportConfig, lake: LakeResource) -> dg.MaterializeResult[None]:
    """Write the report."""
    from pipelines.reports.html import write_report

    with final_errors(), lake.opened() as opened:
        clusters = opened.lake.clusters()
        Path(config.out).parent.mkdir(parents=True, exist_ok=True)
        written = Path(write_report(opened.lake, clusters, Path(config.out)))
    context.log.info(f"The report of {', '.join(clusters)} is {written}")
    return dg.MaterializeResult(
        metadata={"report": dg.MetadataValue.path(written.absolute()), "clusters": len(clusters), "size_bytes": written.stat().st_size}
    )


@dg.op(retry_policy=RETRY_POLICY, pool=INGEST_POOL, out=dg.Out(dg.Nothing))
def remove_expired(context: dg.OpExecutionContext, config: RetentionConfig, lake: LakeResource) -> None:
    """Remove raw partitions that are older than `retention_days`; nothing if that is not set."""
    now = datetime.fromisoformat(config.now) if config.now else datetime.now(UTC)
    with final_errors(), lake.opened() as opened:
        days = opened.settings.retention_days
        for cluster in opened.lake.clusters() if days else []:
            expired = expire(opened.lake, cluster, {"raw": days or 0}, now, dry_run=config.dry_run)
            context.log.info(
                f"{cluster}: {'would remove' if config.dry_run else 'removed'} {expired.files or 'nothing'}, {expired.size_bytes:,} bytes"
            )


@dg.job(description="Remove raw partitions that are older than `retention_days`.")
def retention() -> None:
    """Remove what is old."""
    remove_expired()
