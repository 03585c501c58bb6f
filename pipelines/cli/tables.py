"""What can be asked about: the lake's tables and the rules, as tables.

Here: turning `lake_schema` and the rules into rows. Not here: printing (`commands`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake_schema import TABLES
from pipelines.errors import UsageError
from pipelines.refresh import rules_in_force

if TYPE_CHECKING:
    from pipelines.config import Settings

_NAMES = ("rule", "fact", "phase", "error_code", "objective")


def describe_tables() -> pa.Table:
    """One row per table: what one of its rows is, and its columns."""
    rows = [
        {"table": table.name, "zone": table.zone, "one_row_is": table.description, "columns": ", ".join(table.column_names)}
        for table in TABLES.values()
    ]
    return pa.Table.from_pylist(rows)


def describe_columns(name: str) -> pa.Table:
    """One row per column of a table.

    Raises:
        UsageError: There is no such table.
    """
    table = TABLES.get(name.lower())
    if table is None:
        raise UsageError(f"There is no table {name}", remedy=f"The tables are {', '.join(TABLES)}.")
    return pa.Table.from_pylist([{"column": column.name, "type": column.duckdb_type, "description": column.description} for column in table.columns])


def describe_rules(rule_set: str | None, settings: Settings, cluster: str | None) -> pa.Table:
    """One row per rule: its set, its name, and the rest of it as JSON.

    Raises:
        UsageError: There is no such rule set.
    """
    loaded = rules_in_force(settings, cluster)
    if rule_set is not None and rule_set not in loaded:
        raise UsageError(f"There is no rule set {rule_set}", remedy=f"The rule sets are {', '.join(loaded)}.")
    rows = [_row(name, rule) for name, rules in loaded.items() for rule in rules if rule_set in {None, name}]
    return pa.Table.from_pylist(rows, pa.schema([("rule_set", pa.string()), ("name", pa.string()), ("rule", pa.string())]))


def _row(rule_set: str, rule: dict[str, Any]) -> dict[str, str | None]:
    name = next((str(rule[key]) for key in _NAMES if key in rule), None)
    rest = {key: value for key, value in rule.items() if value != name}
    return {"rule_set": rule_set, "name": name, "rule": json.dumps(rest, ensure_ascii=False, default=str)}
