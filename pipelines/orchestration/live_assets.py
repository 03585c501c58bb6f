"""Live clusters: one step per cluster that lists (and watches) what its API server has.

Here: that step, its job and its schedule. Its rows are part of the raw tables, so the refresh after it computes what they change. Not here: reading
the cluster (`pipelines.ingest.live`).

This module has no `from __future__ import annotations`: Dagster reads the annotations, and must find classes there.
"""

from collections.abc import Iterator
from datetime import UTC

import dagster as dg

from pipelines.config import Cluster
from pipelines.errors import ConfigError
from pipelines.orchestration.building import RETRY_POLICY, final_errors
from pipelines.orchestration.partitions import CLUSTERS, CLUSTERS_NAME
from pipelines.orchestration.reporting import SNAPSHOT_CHECK, snapshot_check, snapshot_metadata
from pipelines.orchestration.resources import LakeResource
from pipelines.orchestration.specs import LIVE_SNAPSHOT

# Not the pool of reading files: a watch holds its place for long while it hardly does anything.
LIVE_POOL = "live"


@dg.asset(
    name=LIVE_SNAPSHOT,
    group_name="logs",
    kinds={"kubernetes", "json"},
    description="Events, pods, nodes, claims and workloads as a cluster's API server shows them, for clusters with `live` in `lorgnette.yaml`. "
    "Straight into the raw tables `k8s_events`, `objects` and `sources`.",
    partitions_def=CLUSTERS,
    retry_policy=RETRY_POLICY,
    pool=LIVE_POOL,
    check_specs=[dg.AssetCheckSpec(SNAPSHOT_CHECK, asset=LIVE_SNAPSHOT, description="Everything that was asked for could be read.")],
)
def live_snapshot(context: dg.AssetExecutionContext, lake: LakeResource) -> Iterator[dg.MaterializeResult[None]]:
    """Read one cluster."""
    # The client is slow to import, and most code locations have no live cluster.
    from pipelines.ingest.live import snapshot

    with final_errors(), lake.opened() as opened:
        live = opened.settings.clusters.get(context.partition_key, Cluster()).live
        if live is None:
            raise ConfigError(
                f"{context.partition_key} is not to be read live", where="clusters", remedy="Give it `live: {context: …}` in lorgnette.yaml."
            )
        report = snapshot(opened.lake, context.partition_key, live, opened.settings)
    for told in report.problems:
        context.log.warning(f"{told.target}: {told.problem} {told.remedy or ''}")
    yield dg.MaterializeResult(metadata=snapshot_metadata(report), check_results=[snapshot_check(report)])


SNAPSHOT_JOB = dg.define_asset_job("snapshot", dg.AssetSelection.assets(LIVE_SNAPSHOT), description="Read a live cluster.")


@dg.schedule(
    cron_schedule="0 * * * *",
    job=SNAPSHOT_JOB,
    execution_timezone="UTC",
    description="Each hour, before the refresh: a snapshot of each cluster that has `live` in the settings.",
)
def hourly_snapshot(context: dg.ScheduleEvaluationContext, lake: LakeResource) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per cluster."""
    due_at = context.scheduled_execution_time.astimezone(UTC)
    with lake.opened() as opened:
        clusters = [name for name, cluster in opened.settings.clusters.items() if cluster.live]
    context.instance.add_dynamic_partitions(CLUSTERS_NAME, clusters)
    if not clusters:
        yield dg.SkipReason("No cluster is to be read live: give one `live: {context: …}` in lorgnette.yaml.")
    for cluster in clusters:
        # Not the tag of refreshes: a watch must not keep the cluster's refresh waiting.
        yield dg.RunRequest(run_key=f"{cluster}|{due_at:%Y-%m-%dT%H}", partition_key=cluster, tags={"lorgnette/live": cluster})
