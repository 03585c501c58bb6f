"""The lake's tables: the one place where a column is named.

Here: `TABLES`, every table by its name, in the order of the flow. Types for Arrow, DuckDB and Polars, checks and the data
dictionary derive from it. Not here: how a table is computed (`sql/`) or stored (`pipelines.lake`).
"""

from __future__ import annotations

from lake_schema import (
    api_calls,
    audit_events,
    coverage,
    custom_records,
    data_quality,
    deliveries,
    diagnoses,
    error_clusters,
    hyper_events,
    k8s_events,
    log_gaps,
    objects,
    phase_statistics,
    phases,
    pods,
    quarantine,
    rollouts,
    slo,
    sources,
    verdicts,
    voices,
    workloads,
)
from lake_schema.model import Column, Grain, Table

__all__ = ["TABLES", "Column", "Grain", "Table"]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        sources.TABLE,
        quarantine.TABLE,
        audit_events.TABLE,
        k8s_events.TABLE,
        objects.TABLE,
        custom_records.TABLE,
        pods.TABLE,
        workloads.TABLE,
        hyper_events.TABLE,
        voices.TABLE,
        log_gaps.TABLE,
        coverage.TABLE,
        deliveries.TABLE,
        phases.TABLE,
        verdicts.TABLE,
        diagnoses.TABLE,
        rollouts.TABLE,
        slo.MINUTELY,
        slo.HOURLY,
        api_calls.TABLE,
        slo.DAILY,
        slo.MONTHLY,
        phase_statistics.STATS,
        phase_statistics.SKETCH,
        error_clusters.HOURLY,
        error_clusters.DAILY,
        data_quality.TABLE,
    )
}
