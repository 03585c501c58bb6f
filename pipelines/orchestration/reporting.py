"""From summaries and check results to what Dagster shows of a partition.

Here: pure translations. Not here: computing them (`pipelines.summaries`, `pipelines.checks`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.checks import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipelines.checks import CheckResult
    from pipelines.errors import LorgnetteError
    from pipelines.ingest.live import SnapshotReport
    from pipelines.summaries import Summary

Metadata = dict[str, Any]
SNAPSHOT_CHECK = "complete"
_SHOWN_FAILURES = 3
# Below it two decimals would show zero.
_SMALL = 0.005


def partition_metadata(summary: Summary) -> Metadata:
    """The metadata of one partition: its size, its numbers (which Dagster plots over the days) and its small tables."""
    return {
        "dagster/row_count": summary.rows,
        "dagster/uri": summary.url,
        "files": summary.files,
        "size_bytes": summary.size_bytes,
        "open_rows": summary.open_rows,
        **{name: dg.MetadataValue.float(value) for name, value in summary.numbers.items()},
        **{title: dg.MetadataValue.md(markdown(rows)) for title, rows in summary.tables.items()},
    }


def check_results(table: str, results: Iterable[CheckResult]) -> list[dg.AssetCheckResult]:
    """One result per check of a table, over all partitions that a step has built."""
    by_name: dict[str, list[CheckResult]] = {check.name: [] for check in checks(table)}
    for result in results:
        by_name[result.check.name].append(result)
    return [_check_result(table, name, found) for name, found in by_name.items() if found]


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a Markdown table; numbers to the right."""
    names = list(rows[0])
    ruler = [("---:" if isinstance(rows[0][name], int | float) else "---") for name in names]
    lines = [names, ruler, *([_cell(row[name]) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def snapshot_metadata(report: SnapshotReport) -> Metadata:
    """The metadata of a snapshot of a live cluster: what it added, and what became of each resource."""
    counts = ("items", "pages", "frames", "restarts", "retries")
    rows = [
        {"resource": str(told.target), **{name: getattr(told, name) for name in counts}, "note": told.problem or told.note} for told in report.told
    ]
    return {
        "new_rows": report.kept,
        "unchanged": report.unchanged,
        "quarantined": report.quarantined,
        "clock_correction_s": dg.MetadataValue.float(report.correction_s),
        "server": f"{report.server} {report.version}".strip(),
        "sources": ", ".join(source.uri for source in report.sources),
        "resources": dg.MetadataValue.md(markdown(rows)),
    }


def snapshot_check(report: SnapshotReport) -> dg.AssetCheckResult:
    """Whether everything that was asked of a live cluster could be read; else what could not, and what to do."""
    rows = [{"resource": str(told.target), "problem": told.problem, "remedy": told.remedy} for told in report.problems]
    return dg.AssetCheckResult(
        passed=report.is_clean,
        check_name=SNAPSHOT_CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": dg.MetadataValue.md(markdown(rows))} if rows else {},
    )


def failure(error: LorgnetteError) -> dg.Failure:
    """An error that trying again does not mend: Dagster shows its three parts and gives up at once."""
    metadata = {name: text for name, text in (("where", error.where), ("remedy", error.remedy)) if text}
    return dg.Failure(description=str(error), metadata=metadata, allow_retries=False)


def _check_result(table: str, name: str, found: Sequence[CheckResult]) -> dg.AssetCheckResult:
    failed = [result for result in found if not result.passed]
    failed_rows = sum(result.failed_rows for result in found)
    metadata: Metadata = {"failed_rows": failed_rows, "partitions": len(found)}
    for result in failed[:_SHOWN_FAILURES]:
        metadata[f"{result.cluster} {result.from_at:%Y-%m-%d}"] = dg.MetadataValue.md(markdown(result.sample))
    return dg.AssetCheckResult(
        passed=not failed,
        asset_key=table,
        check_name=name,
        severity=dg.AssetCheckSeverity.WARN if found[0].check.severity == "warning" else dg.AssetCheckSeverity.ERROR,
        description=f"{failed_rows} rows in {len(failed)} of {len(found)} partitions break it." if failed else None,
        metadata=metadata,
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}" if value == 0 or abs(value) >= _SMALL else f"{value:.1e}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value).replace("|", "\\|").replace("\n", " ")
