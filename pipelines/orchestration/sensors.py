"""What starts by an event: new clusters, new files, late days, failed runs.

Here: when something is to be done. Not here: the work (`raw_assets`, `derived_assets`) and what goes by the clock (`jobs`).
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.orchestration.jobs import DERIVE_JOB, REFRESH_JOB
from pipelines.orchestration.partitions import CLUSTERS, parts, range_tags, spans
from pipelines.orchestration.raw_assets import LATE_TAG
from pipelines.orchestration.reading import known_clusters, sources_digest
from pipelines.orchestration.resources import LakeResource
from pipelines.orchestration.webhook import WEBHOOK_VARIABLE, post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_RECORDS_A_TICK = 1000


@dg.sensor(
    name="clusters",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Makes partitions for the clusters of the settings and of the lake. Starts no run.",
)
def clusters_sensor(context: dg.SensorEvaluationContext, lake: LakeResource) -> dg.SensorResult:
    """Partitions for clusters that have none; those of a cluster that is gone stay, as its history does."""
    with lake.opened() as opened:
        wanted = known_clusters(opened.lake, opened.settings)
    known = context.instance.get_dynamic_partitions(str(CLUSTERS.name))
    new = [cluster for cluster in wanted if cluster not in known]
    if not new:
        return dg.SensorResult(skip_reason=f"No new cluster; there are {len(known)}.")
    return dg.SensorResult(dynamic_partitions_requests=[CLUSTERS.build_add_request(new)])


@dg.sensor(
    name="new_files",
    job=REFRESH_JOB,
    minimum_interval_seconds=300,
    description="Reads a cluster's sources when a file is new or has changed, and computes yesterday and today.",
)
def new_files_sensor(context: dg.SensorEvaluationContext, lake: LakeResource) -> dg.SensorResult:
    """One run per cluster whose files differ from those of the last tick, in name, size or time."""
    seen: dict[str, str] = json.loads(context.cursor or "{}")
    with lake.opened() as opened:
        clusters = opened.settings.clusters
        found = {name: sources_digest(cluster.sources) for name, cluster in clusters.items()}
    changed = [name for name, digest in found.items() if digest and seen.get(name) != digest]
    today = datetime.now(UTC).date()
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{name}|{found[name]}", tags=range_tags(name, today - timedelta(days=1), today)) for name in changed],
        dynamic_partitions_requests=[CLUSTERS.build_add_request(changed)] if changed else [],
        cursor=json.dumps(found),
        skip_reason=None if changed else "No file is new or has changed.",
    )


@dg.sensor(
    name="late_days",
    job=DERIVE_JOB,
    minimum_interval_seconds=120,
    description="Computes days again that late files have touched, with the day before, whose deliveries look ahead.",
)
def late_days_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One run per stretch of days that reading has reported as late since the last tick."""
    after = int(context.cursor) if context.cursor else None
    wanted = dg.AssetRecordsFilter(dg.AssetKey("audit_events"), after_storage_id=after)
    records = context.instance.fetch_materializations(wanted, limit=_RECORDS_A_TICK, ascending=True).records
    late = {record.partition_key for record in records if record.partition_key and _is_late(record)}
    days = {each for partition_key in late for each in _with_day_before(partition_key)}
    requests = [
        dg.RunRequest(run_key=f"{span.cluster}|{span.days[0]}|{records[-1].storage_id}", tags=range_tags(span.cluster, span.days[0], span.days[-1]))
        for span in spans(f"{cluster}|{day}" for cluster, day in days)
    ]
    cursor = str(records[-1].storage_id) if records else context.cursor
    return dg.SensorResult(run_requests=requests, cursor=cursor, skip_reason=None if requests else "No late day.")


@dg.run_failure_sensor(
    name="failed_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=f"Tells ${WEBHOOK_VARIABLE} about each failed run, as JSON; off while that is not set.",
)
def failed_runs_sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """One POST per failed run."""
    url = os.environ.get(WEBHOOK_VARIABLE, "")
    if not url:
        return dg.SkipReason(f"{WEBHOOK_VARIABLE} is not set.")
    post(url, failure_message(context))
    return None


def failure_message(context: dg.RunFailureSensorContext) -> dict[str, object]:
    """What is told about a failed run: which, of which partitions, and why."""
    run, errors = context.dagster_run, [_message(event) for event in context.get_step_failure_events()]
    return {
        "event": "run_failed",
        "job": run.job_name,
        "run_id": run.run_id,
        "partitions": [tag for name, tag in sorted(run.tags.items()) if "partition" in name],
        "message": context.failure_event.message,
        "errors": errors,
    }


def _message(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    failure = data.user_failure_data.description if data.user_failure_data else None
    return f"{event.step_key}: {failure or (data.error.to_string() if data.error else event.message)}"


def _is_late(record: dg.EventLogRecord) -> bool:
    materialization = record.asset_materialization
    return materialization is not None and (materialization.tags or {}).get(LATE_TAG) == "true"


def _with_day_before(partition_key: str) -> Sequence[tuple[str, date]]:
    cluster, day = parts(partition_key)
    return (cluster, day - timedelta(days=1)), (cluster, day)
