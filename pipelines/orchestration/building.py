"""What raw and derived assets have in common: after the work, look at each partition, check it, and report both.

Here: `report_tables` and the policies of every step. Not here: the work itself (`raw_assets`, `derived_assets`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.checks import check_table
from pipelines.errors import AccountingError, ConfigError, InputError
from pipelines.orchestration.partitions import spans
from pipelines.orchestration.reporting import check_results, failure, partition_metadata
from pipelines.summaries import summarize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.checks import CheckResult
    from pipelines.orchestration.resources import OpenLake

# A store that is away for a moment is worth a minute or two; a mistake in the settings is not tried again (`final_errors`).
RETRY_POLICY = dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


@contextmanager
def final_errors() -> Iterator[None]:
    """Errors that only a person can mend end the step at once, without retries."""
    try:
        yield
    except (ConfigError, InputError, AccountingError) as error:
        raise failure(error) from error


def report_tables(context: dg.AssetExecutionContext, opened: OpenLake, tables: Iterable[str]) -> Iterator[dg.MaterializeResult[None]]:
    """One materialization per table, with metadata per partition and the results of its checks."""
    for table in tables:
        results = [result for partition_key in sorted(context.partition_keys) for result in _reported(context, opened, table, partition_key)]
        yield dg.MaterializeResult(asset_key=table, check_results=check_results(table, results))


def _reported(context: dg.AssetExecutionContext, opened: OpenLake, table: str, partition_key: str) -> list[CheckResult]:
    (span,) = spans([partition_key])
    limit = opened.settings.memory_limit
    summary = summarize(opened.lake, span.cluster, table, span.from_at, span.to_at, memory_limit=limit)
    context.add_asset_metadata(partition_metadata(summary), asset_key=table, partition_key=partition_key)
    return check_table(opened.lake, span.cluster, table, span.from_at, span.to_at, memory_limit=limit)
