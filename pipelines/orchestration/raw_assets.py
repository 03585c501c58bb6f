"""The raw tables: one step that reads the configured sources of each cluster.

A log file is not cut by days, so the step reads whatever changed, whichever days it was asked for. Other days that this touches are
found by the sensor `late_days`. Here: that step. Not here: reading (`pipelines.ingest`).

This module has no `from __future__ import annotations`: Dagster reads the steps' annotations, and must not find strings there.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from pipelines.ingest import IngestReport, skipped_words
from pipelines.orchestration.building import RETRY_POLICY, final_errors, report_tables
from pipelines.orchestration.partitions import BACKFILL_POLICY, spans
from pipelines.orchestration.reading import read_sources
from pipelines.orchestration.resources import LakeResource
from pipelines.orchestration.specs import RAW_TABLES, check_specs, raw_spec

INGEST_POOL = "ingest"


def raw_assets(partitions_def: dg.MultiPartitionsDefinition) -> dg.AssetsDefinition:
    """The step that reads sources."""

    @dg.multi_asset(
        name="ingest",
        specs=[raw_spec(name) for name in RAW_TABLES],
        check_specs=[check for name in RAW_TABLES for check in check_specs(name)],
        partitions_def=partitions_def,
        backfill_policy=BACKFILL_POLICY,
        retry_policy=RETRY_POLICY,
        pool=INGEST_POOL,
        can_subset=True,
    )
    def ingest(context: dg.AssetExecutionContext, lake: LakeResource) -> Iterator[dg.MaterializeResult[None]]:
        selected = [name for name in RAW_TABLES if dg.AssetKey(name) in context.selected_asset_keys]
        with final_errors(), lake.opened() as opened:
            wanted = spans(map(str, context.partition_keys))
            for cluster in dict.fromkeys(span.cluster for span in wanted):
                days = [day for span in wanted if span.cluster == cluster for day in span.days]
                for report in read_sources(opened.lake, cluster, opened.settings, datetime.now(UTC).date(), (min(days), max(days))):
                    _log(context, report)
            yield from report_tables(context, opened, selected)

    return ingest


def _log(context: dg.AssetExecutionContext, report: IngestReport) -> None:
    context.log.info(
        f"{report.cluster}: {len(report.changed)} of {len(report.sources)} files read anew, {report.lines:,} lines, {report.kept:,} kept"
    )
    if skipped := skipped_words(report):
        context.log.info(f"{report.cluster}: {skipped}")
    for each in report.unreadable:
        context.log.warning(f"{each.uri} cannot be read: {each.problem}. {each.remedy or ''}")
    for source in report.sources:
        if source.problem:
            context.log.warning(f"{source.uri}: {source.problem}")
