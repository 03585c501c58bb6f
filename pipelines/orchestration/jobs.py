"""Jobs and their schedules: the hourly refresh, the daily report, retention.

Here: what runs when. Not here: what starts by an event (`sensors`), and the work itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from lake_schema import TABLES
from pipelines.lake.retention import expire
from pipelines.orchestration.building import RETRY_POLICY, final_errors
from pipelines.orchestration.partitions import CLUSTERS, range_tags
from pipelines.orchestration.raw_assets import INGEST_POOL
from pipelines.orchestration.reading import known_clusters
from pipelines.orchestration.resources import LakeResource
from pipelines.orchestration.specs import RAW_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

_DERIVED = dg.AssetSelection.groups(*dict.fromkeys(table.zone for table in TABLES.values() if table.zone != "raw"))
_RAW = dg.AssetSelection.assets(*RAW_TABLES)
_BOTH = _RAW | _DERIVED

REFRESH_JOB = dg.define_asset_job("refresh", _BOTH, description="Read what is new, and compute the given days of a cluster.")
DERIVE_JOB = dg.define_asset_job("derive", _DERIVED, description="Compute the given days of a cluster from what was read.")
REPORT_JOB = dg.define_asset_job("daily_report", dg.AssetSelection.assets("report"), description="Write the HTML report of all clusters.")


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
    deps=[dg.AssetDep(name) for name in ("slo_daily", "phase_stats_hourly", "error_clusters_daily", "diagnoses", "deliveries")],
    description="One HTML file over all clusters that opens offline: SLO board, long tail, error clusters, the slowest pods.",
    retry_policy=RETRY_POLICY,
)
def report_asset(context: dg.AssetExecutionContext, config: ReportConfig, lake: LakeResource) -> dg.MaterializeResult[None]:
    """Write the report."""
    from pipelines.reports import write_report

    with lake.opened() as opened, final_errors():
        clusters = opened.lake.clusters()
        Path(config.out).parent.mkdir(parents=True, exist_ok=True)
        written = Path(write_report(opened.lake, clusters, Path(config.out)))
    context.log.info(f"The report of {', '.join(clusters)} is {written}")
    return dg.MaterializeResult(metadata={"report": dg.MetadataValue.path(written.absolute()), "clusters": len(clusters), "size_bytes": written.stat().st_size})


@dg.op(retry_policy=RETRY_POLICY, pool=INGEST_POOL, out=dg.Out(dg.Nothing))
def remove_expired(context: dg.OpExecutionContext, config: RetentionConfig, lake: LakeResource) -> None:
    """Remove raw partitions that are older than `retention_days`; nothing if that is not set."""
    now = datetime.fromisoformat(config.now) if config.now else datetime.now(UTC)
    with lake.opened() as opened, final_errors():
        days = opened.settings.retention_days
        for cluster in opened.lake.clusters() if days else []:
            expired = expire(opened.lake, cluster, {"raw": days or 0}, now, dry_run=config.dry_run)
            context.log.info(f"{cluster}: {'would remove' if config.dry_run else 'removed'} {expired.files or 'nothing'}, {expired.size_bytes:,} bytes")


@dg.job(description="Remove raw partitions that are older than `retention_days`.")
def retention() -> None:
    """Remove what is old."""
    remove_expired()


@dg.schedule(cron_schedule="10 * * * *", job=REFRESH_JOB, execution_timezone="UTC", description="Each hour: yesterday and today of each cluster, one run per cluster.")
def hourly_refresh(context: dg.ScheduleEvaluationContext, lake: LakeResource) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per cluster; a run reads first, then computes both days."""
    today = context.scheduled_execution_time.astimezone(UTC).date()
    with lake.opened() as opened:
        clusters = known_clusters(opened.lake, opened.settings)
    context.instance.add_dynamic_partitions(str(CLUSTERS.name), clusters)
    if not clusters:
        yield dg.SkipReason("No cluster yet: list one under `clusters` in lorgnette.yaml, or fill the lake by `lorgnette ingest`.")
    for cluster in clusters:
        yield dg.RunRequest(run_key=f"{cluster}|{context.scheduled_execution_time:%Y-%m-%dT%H}", tags=range_tags(cluster, today - timedelta(days=1), today))


@dg.schedule(cron_schedule="30 6 * * *", job=REPORT_JOB, execution_timezone="UTC", description="Each morning: the report, as `reports/<day>.html`.")
def daily_report(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One report a day."""
    day = context.scheduled_execution_time.astimezone(UTC).date().isoformat()
    return dg.RunRequest(run_key=day, run_config=dg.RunConfig(ops={"report": ReportConfig(out=f"reports/{day}.html")}))


@dg.schedule(cron_schedule="0 3 * * *", job=retention, execution_timezone="UTC", description="Each night: remove what is older than `retention_days`.")
def nightly_retention(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One removal a day, counted back from when it was due."""
    due = context.scheduled_execution_time.astimezone(UTC)
    return dg.RunRequest(run_key=due.date().isoformat(), run_config=dg.RunConfig(ops={"remove_expired": RetentionConfig(now=due.isoformat())}))
