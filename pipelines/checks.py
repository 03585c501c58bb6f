"""Is what the lake holds sound? Queries over a cluster and a stretch of time that must return no rows.

Each table is held to its schema (`primary_key`, `not_null`, `values`) and to its files `sql/checks/<table>__<name>.sql`. Here:
`check_names` and `check_table`. Not here: who calls them (the command line, Dagster), and how far the *input* can be trusted
(`data_quality_hourly`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lake_schema import TABLES
from pipelines.partition_queries import Stretch, explained, queries, read_again, rows, views

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from lake_schema import Table
    from pipelines.lake import Lake

SAMPLE_ROWS = 10
_BLOCKING = frozenset({"primary_key", "accounting"})


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one table.

    Args:
        table: The table.
        name: Unique within the table.
        description: What must hold.
        severity: `error` if results are wrong where it fails, `warning` if they are weaker.
        is_blocking: Whether nothing that is made from the table can be right where it fails.
        inputs: The tables that it reads.
        query: A SELECT of the rows that break it.
    """

    table: str
    name: str
    description: str
    severity: str
    is_blocking: bool
    inputs: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Args:
        check: The check.
        cluster: The cluster.
        from_at: Start of the stretch that was looked at.
        to_at: Its end (exclusive).
        failed_rows: Rows that break it.
        sample: The first of them.
    """

    check: Check
    cluster: str
    from_at: datetime
    to_at: datetime
    failed_rows: int
    sample: list[dict[str, Any]]

    @property
    def passed(self) -> bool:
        """Whether no row breaks it."""
        return self.failed_rows == 0


@cache
def checks(table: str) -> tuple[Check, ...]:
    """The checks of a table: those of its schema, then those of its SQL files."""
    files = queries("checks").get(table, ())
    return (
        *_schema_checks(TABLES[table]),
        *(Check(table, file.name, file.description, file.severity, file.name in _BLOCKING, file.inputs, file.text) for file in files),
    )


def check_table(lake: Lake, cluster: str, table: str, from_at: datetime, to_at: datetime, *, memory_limit: str = "1GB") -> list[CheckResult]:
    """Run all checks of a table over the partitions that the hours from `from_at` to `to_at` (exclusive) touch.

    Raises:
        LorgnetteError: A file of the lake is damaged, or a check's SQL fails.
    """
    wanted = checks(table)
    inputs = dict.fromkeys(each for check in wanted for each in check.inputs)

    def run() -> list[CheckResult]:
        with views(lake, Stretch(cluster, from_at, to_at), inputs, memory_limit) as con:
            return [CheckResult(check, cluster, from_at, to_at, *_offenders(con, check)) for check in wanted]

    return read_again(run)


def _offenders(con: duckdb.DuckDBPyConnection, check: Check) -> tuple[int, list[dict[str, Any]]]:
    with explained(f"check {check.table}.{check.name}"):
        con.execute(f"create or replace temp table _offenders as {check.query}")
    counted = con.execute("select count(*) from _offenders").fetchone()
    failed = counted[0] if counted else 0
    return failed, rows(con, "select * from _offenders limit $sample", {"sample": SAMPLE_ROWS}) if failed else []


def _schema_checks(table: Table) -> list[Check]:
    """What the schema promises, as queries. Their identifiers and expressions are lake_schema's own."""
    name, key = table.name, ", ".join(f'"{column}"' for column in table.primary_key)
    unique = f'select {key}, count(*) as "rows" from "{name}" group by {key} having count(*) > 1'  # noqa: S608
    found = [_schema_check(table, "primary_key", f"No two rows have the same {', '.join(table.primary_key)}.", unique)]
    if required := [column.name for column in table.columns if not column.nullable]:
        found.append(
            _schema_check(table, "not_null", f"Never null: {', '.join(required)}.", _broken(table, {each: f'"{each}" is null' for each in required}))
        )
    if ruled := [column.check for column in table.columns if column.check]:
        broken = _broken(table, {each: f"not ({each})" for each in ruled})
        found.append(_schema_check(table, "values", f"Values in their range: {'; '.join(ruled)}.", broken))
    return found


def _schema_check(table: Table, name: str, description: str, query: str) -> Check:
    return Check(table.name, name, description, "error", name in _BLOCKING, (table.name,), query)


def _broken(table: Table, conditions: dict[str, str]) -> str:
    """The keys of the rows where a condition holds, with the names of those that do."""
    key = ", ".join(f'"{column}"' for column in table.primary_key)
    names = ", ".join(f"case when {condition} then '{_quoted(name)}' end" for name, condition in conditions.items())
    broken = f"list_filter([{names}], lambda name: name is not null)"
    return f'select {key}, {broken} as broken from "{table.name}" where {" or ".join(conditions.values())}'  # noqa: S608


def _quoted(text: str) -> str:
    return text.replace("'", "''")
