"""What starts by an event: new clusters, new files, late days, failed runs.

Here: when something is to be done. Not here: the work (`raw_assets`, `derived_assets`) and what goes by the clock (`jobs`).
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.orchestration.jobs import REFRESH_JOB
from pipelines.orchestration.partitions import CLUSTERS, CLUSTERS_NAME, Span, key, range_tags, spans
from pipelines.orchestration.reading import days_digests, known_clusters, sources_digest
from pipelines.orchestration.resources import LakeResource, first_day, first_recent_day
from pipelines.orchestration.steps import days_touched
from pipelines.orchestration.webhook import WEBHOOK_VARIABLE, Message, post
from pipelines.sql_files import load

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    known = context.instance.get_dynamic_partitions(CLUSTERS_NAME)
    new = [cluster for cluster in wanted if cluster not in known]
    if not new:
        return dg.SensorResult(skip_reason=f"No new cluster; there are {len(known)}.")
    return dg.SensorResult(dynamic_partitions_requests=[CLUSTERS.build_add_request(new)])


@dg.sensor(
    name="new_files",
    job=REFRESH_JOB,
    minimum_interval_seconds=300,
    description="Reads a cluster's sources when a file is new or has changed, and computes the same days as the hourly refresh.",
)
def new_files_sensor(context: dg.SensorEvaluationContext, lake: LakeResource) -> dg.SensorResult:
    """One run per cluster whose files differ from those of the last tick, in name, size or time."""
    seen: dict[str, str] = json.loads(context.cursor or "{}")
    today = datetime.now(UTC).date()
    with lake.opened() as opened:
        clusters = opened.settings.clusters
        found = {name: sources_digest(cluster.sources, name, today, opened.lake.url) for name, cluster in clusters.items()}
    changed = [name for name, digest in found.items() if digest and seen.get(name) != digest]
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{name}|{found[name]}", tags=range_tags(name, first_recent_day(today), today)) for name in changed],
        dynamic_partitions_requests=[CLUSTERS.build_add_request(changed)] if changed else [],
        cursor=json.dumps(found),
        skip_reason=None if changed else "No file is new or has changed.",
    )


@dg.sensor(
    name="late_days",
    job=REFRESH_JOB,
    minimum_interval_seconds=300,
    description="Computes earlier days again when what was read of them changes, with the days around them that look there.",
)
def late_days_sensor(context: dg.SensorEvaluationContext, lake: LakeResource) -> dg.SensorResult:
    """One run per cluster and stretch of days before the hourly ones whose raw files differ from those of the last tick."""
    seen: dict[str, dict[str, str]] = json.loads(context.cursor or "{}")
    with lake.opened() as opened:
        found = {cluster: days_digests(opened.lake, cluster) for cluster in known_clusters(opened.lake, opened.settings)}
    today = datetime.now(UTC).date()
    recent = first_recent_day(today)
    late = [
        (cluster, date.fromisoformat(day))
        for cluster, days in found.items()
        for day, digest in days.items()
        if seen.get(cluster, {}).get(day) != digest and date.fromisoformat(day) < recent
    ]
    marker = hashlib.blake2b(json.dumps(found, sort_keys=True).encode(), digest_size=8).hexdigest()
    requests = [
        dg.RunRequest(run_key=f"{span.cluster}|{span.days[0]}|{marker}", tags=range_tags(span.cluster, span.days[0], span.days[-1]))
        for span in _touched(late, today)
    ]
    return dg.SensorResult(run_requests=requests, cursor=json.dumps(found), skip_reason=None if requests else "No earlier day has changed.")


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


def failure_message(context: dg.RunFailureSensorContext) -> Message:
    """What is told about a failed run: which, of which partitions, and why."""
    run, errors = context.dagster_run, [_message(event) for event in context.get_step_failure_events()]
    return {
        "event": "run_failed",
        "job": run.job_name,
        "run_id": run.run_id,
        "partitions": [tag for name, tag in sorted(run.tags.items()) if "partition" in name],
        "message": context.failure_event.message or "",
        "errors": errors,
    }


def _message(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    failure = data.user_failure_data.description if data.user_failure_data else None
    return f"{event.step_key}: {failure or (data.error.to_string() if data.error else event.message)}"


def _touched(late: Sequence[tuple[str, date]], today: date) -> list[Span]:
    """The days that can change with the given ones, as far as they have partitions, as few stretches as possible."""
    before, after = days_touched(load())
    oldest = first_day()
    days = {(cluster, day + timedelta(days=offset)) for cluster, day in late for offset in range(-before, after + 1)}
    return spans(key(cluster, day) for cluster, day in days if oldest <= day <= today)
