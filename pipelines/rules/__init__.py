"""Rules are data: the YAML files here say which rows become which HyperEvents, phases, codes and objectives.

Here: loading the rules (built-in, then the user's), and registering the macros and tables that `sql/` calls. Not here: the
translation of `match` (`compile`) and the queries themselves.
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from pipelines.rules.compile import case_macro, extract_macro
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

HYPER_EVENT_COLUMNS = ("origin", "kind", "fact", "resource", "subresource", "verb", "code", "reason", "value", "message")
DIAGNOSIS_COLUMNS = ("operation", "subject", "detail", "reason", "message", "code", "actor")
RULE_SETS = ("hyper_events", "phases", "diagnosis", "error_codes", "objectives", "settings")

_TEXT = pa.string()
_REAL = pa.float64()
_WHOLE = pa.int64()
_TEXTS = pa.list_(pa.string())
_TABLES: dict[str, tuple[str, dict[str, pa.DataType]]] = {
    "phase_rules": ("phases", {"kind": _TEXT, "phase": _TEXT, "owner": _TEXT, "per": _TEXT, "start": _TEXTS, "end": _TEXTS, "errors": _TEXTS}),
    "error_codes": ("error_codes", {"error_code": _TEXT, "stage": _TEXT, "fault": _TEXT, "tier": _WHOLE, "weight": _WHOLE, "advice": _TEXT}),
    "objectives": ("objectives", {"kind": _TEXT, "objective": _TEXT, "target": _REAL}),
    "diagnosis_yields": ("diagnosis", {"rule": _TEXT, "error_code": _TEXT, "detail": _TEXT, "fault": _TEXT}),
    "delivery_settings": ("settings", {"settle_s": _REAL, "track_create_s": _REAL, "track_delete_s": _REAL}),
}


def load(extra: Mapping[str, Sequence[Path]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """All rules by rule set: the user's first, so that they win, then the built-in ones.

    Args:
        extra: Rule files of the user, by rule set.

    Raises:
        RuleError: if a file is no list of rules.
    """
    builtin = files(__package__)
    return {
        name: [rule for path in (extra or {}).get(name, ()) for rule in _parse(path.read_text(encoding="utf-8"), str(path))]
        + _parse((builtin / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")
        for name in RULE_SETS
    }


def _parse(text: str, path: str) -> list[dict[str, Any]]:
    try:
        rules = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise RuleError.bad_file(path, str(error)) from error
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise RuleError.bad_file(path, "it must be a list of rules")
    return rules


def digest(rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A digest of all rules, for the fingerprint of what was computed with them."""
    return hashlib.blake2b(json.dumps(rules, sort_keys=True).encode(), digest_size=16).hexdigest()


def register(con: duckdb.DuckDBPyConnection, rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Registers every macro and rule table on `con`.

    Raises:
        RuleError: if a rule names an unknown column or an expression that is not allowed.
    """
    con.execute((files(__package__) / "macros.sql").read_text(encoding="utf-8"))
    hyper_rules = rules["hyper_events"]
    con.execute(case_macro(con, "hyper_event_rule", HYPER_EVENT_COLUMNS, hyper_rules))
    con.execute(extract_macro("hyper_event_detail", {r["rule"]: r["detail"] for r in hyper_rules if "detail" in r}))
    _table(con, "hyper_event_yields", _hyper_event_yields(hyper_rules), {"rule": _TEXT, "operation": _TEXT, "subject": _TEXT, "severity": _TEXT})
    diagnosis = rules["diagnosis"]
    con.execute(case_macro(con, "diagnosis_rule", DIAGNOSIS_COLUMNS, diagnosis))
    con.execute(extract_macro("diagnosis_extract", {r["rule"]: r["extract"] for r in diagnosis if "extract" in r}))
    for table, (rule_set, columns) in _TABLES.items():
        _table(con, table, rules[rule_set], columns)
    _table(
        con,
        "objective_limits",
        _objective_limits(rules["objectives"]),
        {"kind": _TEXT, "objective": _TEXT, "applies_to": _TEXT, "namespace": _TEXT, "limit_s": _REAL},
    )


def _hyper_event_yields(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"rule": rule["rule"], "operation": operation, "subject": rule.get("subject"), "severity": rule.get("severity", "info")}
        for rule in rules
        for operation in ([rule["operation"]] if isinstance(rule["operation"], str) else rule["operation"])
    ]


def _objective_limits(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per objective and what it applies to; `namespace` is set in the rows that override."""
    limits = [
        {"kind": r["kind"], "objective": r["objective"], "applies_to": applies_to, "limit_s": limit_s}
        for r in rules
        for applies_to, limit_s in r["limits"].items()
    ]
    overrides = [
        {"kind": r["kind"], "objective": r["objective"], "namespace": name, "limit_s": limit_s}
        for r in rules
        for name, limit_s in r.get("namespaces", {}).items()
    ]
    return limits + overrides


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, pa.DataType]) -> None:
    """A temporary table of rules; a value that a rule leaves out is null."""
    data = pa.table({column: pa.array([row.get(column) for row in rows], type=type_) for column, type_ in columns.items()})
    con.register("rule_rows", data)
    con.execute(f'create or replace temp table "{name}" as select * from rule_rows')  # noqa: S608 - a name of this module
    con.unregister("rule_rows")
