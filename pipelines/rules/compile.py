"""Turns rules (data) into DuckDB macros: one CASE with literal patterns in priority order.

Here: the grammar of `match` and its translation. Not here: the rules themselves (the YAML files beside this module), the tables
that rules yield (`pipelines.rules`) and the queries that call the macros (`sql/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.rules.expressions import check_expression
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import duckdb


def literal(value: object) -> str:
    """A SQL literal for a word or a number of a rule file."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


_CODE_CLASSES = {"2xx": "between 200 and 299", "not 2xx": "not between 200 and 299", "5xx": ">= 500"}


def condition(column: str, wanted: object) -> str:
    """The SQL for one entry of `match`: a word, a list, null, `2xx`, `not 2xx`, `5xx` or `{matches: regex}`."""
    match wanted:
        case None:
            return f"{column} is null"
        case [*items]:
            return "(" + " or ".join(condition(column, item) for item in items) + ")"
        case {"matches": pattern}:
            return f"regexp_matches({column}, {literal(pattern)})"
        # As elsewhere in the settings: a resource with its group.
        case str() if column.strip('"') == "resource" and "." in wanted:
            name, _, group = wanted.partition(".")
            return f"({column} = {literal(name)} and api_group = {literal(group)})"
        case str() | int():
            return f"{column} {_CODE_CLASSES.get(str(wanted), f'= {literal(wanted)}')}"
    raise RuleError.bad_match(column, wanted)


def match_expression(con: duckdb.DuckDBPyConnection, rule: Mapping[str, Any], columns: Sequence[str], trusted: Collection[str] = ()) -> str:
    """The SQL condition of a whole rule; each named column must be one of `columns`, and an expression that is not `trusted` is checked.

    Raises:
        RuleError: for an unknown column or an expression that is more than an expression.
    """
    parts = []
    for column, wanted in rule["match"].items():
        if column == "where":
            if str(wanted) not in trusted:
                check_expression(con, wanted, columns, rule["rule"])
            parts.append(f"({wanted})")
        elif column in columns:
            parts.append(condition(f'"{column}"', wanted))
        else:
            raise RuleError.unknown_column(rule["rule"], column, columns)
    return " and ".join(parts) or "true"


def case_macro(
    con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rules: Sequence[Mapping[str, Any]], trusted: Collection[str] = ()
) -> str:
    """`create macro name(columns)` that yields the name of the first rule that matches, or null."""
    whens = "\n".join(f"    when {match_expression(con, rule, columns, trusted)} then {literal(rule['rule'])}" for rule in rules)
    body = f"case\n{whens}\nend" if rules else "null::varchar"
    arguments = ", ".join(f'"{column}"' for column in columns)
    return f"create or replace macro {name}({arguments}) as {body}"


def list_macro(
    con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rules: Sequence[Mapping[str, Any]], trusted: Collection[str] = ()
) -> str:
    """`create macro name(columns)` that yields the names of all rules that match."""
    cases = ", ".join(f"case when {match_expression(con, rule, columns, trusted)} then {literal(rule['rule'])} end" for rule in rules)
    body = f"list_filter([{cases}], lambda rule: rule is not null)" if rules else "[]::varchar[]"
    arguments = ", ".join(f'"{column}"' for column in columns)
    return f"create or replace macro {name}({arguments}) as {body}"


def extract_macro(name: str, patterns: Mapping[str, str]) -> str:
    """`create macro name(rule, message)` that yields the first group of the rule's pattern in the message, or null."""
    whens = "\n".join(
        f"    when {literal(rule)} then nullif(regexp_extract(message, {literal(pattern)}, 1), '')" for rule, pattern in patterns.items()
    )
    body = f"case rule\n{whens}\nend" if patterns else "null::varchar"
    return f"create or replace macro {name}(rule, message) as {body}"
