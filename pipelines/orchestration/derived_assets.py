"""The derived tables: each step refreshes the tables that share its work, over the days that it was asked for.

Here: one multi-asset per step. Not here: which tables are a step (`steps`), and refreshing (`pipelines.refresh`).

This module has no `from __future__ import annotations`: Dagster reads the steps' annotations, and must not find strings there.
"""

from collections.abc import Iterator

import dagster as dg

import pipelines.rules
from pipelines.orchestration.building import RETRY_POLICY, final_errors, report_tables
from pipelines.orchestration.partitions import BACKFILL_POLICY, spans
from pipelines.orchestration.resources import LakeResource, OpenLake
from pipelines.orchestration.specs import check_specs, derived_spec
from pipelines.orchestration.steps import steps
from pipelines.refresh import refresh
from pipelines.sql_files import SqlGraph

REFRESH_POOL = "refresh"


def derived_assets(graph: SqlGraph, partitions_def: dg.MultiPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """One multi-asset per step."""
    rules_digest = pipelines.rules.digest(pipelines.rules.load())
    return [_step([derived_spec(name, graph, rules_digest) for name in names], graph, partitions_def) for names in steps(graph)]


def _step(specs: list[dg.AssetSpec], graph: SqlGraph, partitions_def: dg.MultiPartitionsDefinition) -> dg.AssetsDefinition:
    names = [spec.key.to_user_string() for spec in specs]

    @dg.multi_asset(
        name=f"refresh_{'_and_'.join(names)}",
        specs=specs,
        check_specs=[check for name in names for check in check_specs(name)],
        partitions_def=partitions_def,
        backfill_policy=BACKFILL_POLICY,
        retry_policy=RETRY_POLICY,
        pool=REFRESH_POOL,
        can_subset=True,
    )
    def refresh_tables(context: dg.AssetExecutionContext, lake: LakeResource) -> Iterator[dg.MaterializeResult[None]]:
        selected = [name for name in names if dg.AssetKey(name) in context.selected_asset_keys]
        with final_errors(), lake.opened() as opened:
            _refresh(context, opened, graph, selected)
            yield from report_tables(context, opened, selected)

    return refresh_tables


def _refresh(context: dg.AssetExecutionContext, opened: OpenLake, graph: SqlGraph, tables: list[str]) -> None:
    for span in spans(map(str, context.partition_keys)):
        report = refresh(opened.lake, span.cluster, from_at=span.from_at, to_at=span.to_at, tables=tables, settings=opened.settings, graph=graph)
        for name, table in report.tables.items():
            frozen = f", {table.frozen} kept because retention took what they are made of" if table.frozen else ""
            context.log.info(f"{span.cluster} {name}: {table.built} of {table.checked} partitions built, {table.rows:,} rows{frozen}")
