"""Jobs and their schedules: the hourly refresh, the daily report, retention.

Here: what runs when. Not here: what starts by an event (`sensors`), and the work itself.

This module has no `from __future__ import annotations`: Dagster reads the schedules' annotations, and must find classes there.
"""

from collections.abc import Iterator
from datetime import UTC

import dagster as dg

from lake_schema import TABLES
from pipelines.orchestration.housekeeping import ReportConfig, RetentionConfig, retention
from pipelines.orchestration.partitions import CLUSTERS_NAME, range_tags
from pipelines.orchestration.reading import known_clusters
from pipelines.orchestration.resources import LakeResource, first_recent_day
from pipelines.orchestration.specs import RAW_TABLES

_DERIVED = dg.AssetSelection.groups(*dict.fromkeys(table.zone for table in TABLES.values() if table.zone != "raw"))
_RAW = dg.AssetSelection.assets(*RAW_TABLES)

REFRESH_JOB = dg.define_asset_job("refresh", _RAW | _DERIVED, description="Read what is new, and compute the given days of a cluster.")
REPORT_JOB = dg.define_asset_job("daily_report", dg.AssetSelection.assets("report"), description="Write the HTML report of all clusters.")


@dg.schedule(
    cron_schedule="10 * * * *",
    job=REFRESH_JOB,
    execution_timezone="UTC",
    description="Each hour: today and the days before that look ahead into it, one run per cluster.",
)
def hourly_refresh(context: dg.ScheduleEvaluationContext, lake: LakeResource) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per cluster; a run reads first, then computes all of its days."""
    due_at = context.scheduled_execution_time.astimezone(UTC)
    with lake.opened() as opened:
        clusters = known_clusters(opened.lake, opened.settings)
    context.instance.add_dynamic_partitions(CLUSTERS_NAME, clusters)
    if not clusters:
        yield dg.SkipReason("No cluster yet: list one under `clusters` in lorgnette.yaml, or fill the lake by `lorgnette ingest`.")
    for cluster in clusters:
        yield dg.RunRequest(run_key=f"{cluster}|{due_at:%Y-%m-%dT%H}", tags=range_tags(cluster, first_recent_day(due_at.date()), due_at.date()))


@dg.schedule(cron_schedule="30 6 * * *", job=REPORT_JOB, execution_timezone="UTC", description="Each morning: the report, as `reports/<day>.html`.")
def daily_report(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One report a day."""
    day = context.scheduled_execution_time.astimezone(UTC).date().isoformat()
    return dg.RunRequest(run_key=day, run_config=dg.RunConfig(ops={"report": ReportConfig(out=f"reports/{day}.html")}))


@dg.schedule(
    cron_schedule="0 3 * * *", job=retention, execution_timezone="UTC", description="Each night: remove what is older than `retention_days`."
)
def nightly_retention(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One removal a day, counted back from when it was due."""
    due = context.scheduled_execution_time.astimezone(UTC)
    return dg.RunRequest(run_key=due.date().isoformat(), run_config=dg.RunConfig(ops={"remove_expired": RetentionConfig(now=due.isoformat())}))
