"""What Dagster shows of a table before it is built: description, group, columns, dependencies, checks.

Everything follows from `lake_schema`, the headers of the SQL files and `pipelines.checks`. Not here: how a table is built.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import dagster as dg

from lake_schema import TABLES
from pipelines.checks import checks
from pipelines.orchestration.partitions import cluster_mapping, mapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lake_schema import Column, Table
    from pipelines.sql_files import SqlGraph

SOURCE_FILES = "source_files"
LIVE_SNAPSHOT = "live_snapshot"
RAW_TABLES = tuple(name for name, table in TABLES.items() if table.zone == "raw")
GROUPS = {
    "raw": "what the sources say, row by row",
    "timeline": "one fact per row",
    "delivery": "deliveries, their phases and verdicts",
    "diagnosis": "why",
    "slo": "how well",
    "tail": "where the time and the errors gather",
    "quality": "how far to trust it",
}


def source_files() -> dg.AssetSpec:
    """The log files themselves: not ours to make, but where everything starts."""
    return dg.AssetSpec(
        SOURCE_FILES,
        description="The audit logs, Events and objects that `lorgnette.yaml` names as the sources of each cluster. Others write them.",
        group_name="logs",
        kinds={"kubernetes", "json"},
    )


def raw_spec(name: str) -> dg.AssetSpec:
    """A table that reading fills."""
    # A live cluster has no audit log.
    live = [] if name == "audit_events" else [dg.AssetDep(LIVE_SNAPSHOT, partition_mapping=cluster_mapping())]
    return _spec(TABLES[name], [dg.AssetDep(SOURCE_FILES), *live], code_version=None)


def derived_spec(name: str, graph: SqlGraph, rules_digest: str) -> dg.AssetSpec:
    """A table that SQL computes; it depends on what the SQL's header names, stages resolved."""
    deps = [dg.AssetDep(each.table, partition_mapping=mapping(each)) for each in graph.inputs(name)]
    return _spec(TABLES[name], deps, code_version=_code_version(name, graph, rules_digest))


def check_specs(name: str) -> list[dg.AssetCheckSpec]:
    """The checks of a table."""
    return [
        dg.AssetCheckSpec(
            check.name,
            asset=name,
            description=check.description,
            blocking=check.is_blocking,
            metadata={"sql": dg.MetadataValue.md(f"```sql\n{check.query}\n```")},
        )
        for check in checks(name)
    ]


def _spec(table: Table, deps: Sequence[dg.AssetDep], *, code_version: str | None) -> dg.AssetSpec:
    return dg.AssetSpec(
        table.name,
        deps=deps,
        description=f"{table.description}\n\n*{table.zone}: {GROUPS[table.zone]}. One file per {table.grain}.*",
        group_name=table.zone,
        code_version=code_version,
        kinds={"parquet"} if table.zone == "raw" else {"duckdb", "parquet"},
        tags={"lorgnette/zone": table.zone, "lorgnette/grain": table.grain.value},
        metadata={
            "dagster/table_name": table.name,
            "dagster/column_schema": dg.TableSchema(
                columns=[_column(table, column) for column in table.columns],
                constraints=dg.TableConstraints(other=[f"primary key ({', '.join(table.primary_key)})"]),
            ),
        },
    )


def _column(table: Table, column: Column) -> dg.TableColumn:
    constraints = dg.TableColumnConstraints(
        nullable=column.nullable,
        unique=table.primary_key == (column.name,),
        other=[column.check] if column.check else [],
    )
    return dg.TableColumn(column.name, column.duckdb_type, column.description, constraints)


def _code_version(name: str, graph: SqlGraph, rules_digest: str) -> str:
    """A digest of the SQL of a table, of its stages and of the built-in rules: when it changes, Dagster marks what is there as outdated."""
    digest = hashlib.blake2b(rules_digest.encode(), digest_size=6)
    for file in graph.closure(name):
        digest.update(file.text.encode())
    return digest.hexdigest()
