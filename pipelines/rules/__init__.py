"""Rules are data: the YAML files here say which rows become which HyperEvents, phases, codes and objectives.

Here: loading the rules (built-in, then the user's), and registering the macros and tables that `sql/` calls. Not here: the
translation of `match` (`compile`) and the queries themselves.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from pipelines.rules import body_facts, objectives, openslo, requests
from pipelines.rules.compile import case_macro, extract_macro, list_macro
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

HYPER_EVENT_COLUMNS = ("origin", "kind", "fact", "resource", "subresource", "verb", "code", "reason", "value", "message", "api_group")
DIAGNOSIS_COLUMNS = ("operation", "subject", "detail", "reason", "message", "code", "actor")
Rule = dict[str, Any]
Rules = dict[str, list[Rule]]

RULE_SETS = ("hyper_events", "facts", "phases", "diagnosis", "error_codes", "objectives", "settings")

# What a rule names: a rule of the user with the same name takes its place.
_KEYS = {"error_codes": ("error_code",), "phases": ("kind", "phase")}

# Keys of an objective that only `lorgnette slo` looks at.
_SHOWN_ONLY = {"display_name", "window", "alerts"}

_TEXT = pa.string()
_REAL = pa.float64()
_WHOLE = pa.int64()
_TEXTS = pa.list_(pa.string())
_TABLES: dict[str, tuple[str, dict[str, pa.DataType]]] = {
    "phase_rules": ("phases", {"kind": _TEXT, "phase": _TEXT, "owner": _TEXT, "per": _TEXT, "start": _TEXTS, "end": _TEXTS, "errors": _TEXTS}),
    "error_codes": ("error_codes", {"error_code": _TEXT, "stage": _TEXT, "fault": _TEXT, "tier": _WHOLE, "weight": _WHOLE, "advice": _TEXT}),
    "diagnosis_yields": ("diagnosis", {"rule": _TEXT, "error_code": _TEXT, "detail": _TEXT, "fault": _TEXT}),
    "delivery_settings": (
        "settings",
        {"settle_s": _REAL, "track_create_s": _REAL, "track_delete_s": _REAL, "track_upgrade_s": _REAL, "track_bind_s": _REAL},
    ),
}


def load(files_of_user: Sequence[Path] = (), *, settle_s: float | None = None) -> Rules:
    """All rules by rule set: the user's first, so that they win, then the built-in ones.

    Args:
        files_of_user: YAML files that map rule sets (`hyper_events`, `facts`, `diagnosis`, `phases`, `error_codes`, `objectives`) to rules.
        settle_s: How long a delivery must hold; the built-in time if left out.

    Raises:
        RuleError: if a file is no such mapping.
    """
    rules: Rules = {name: [*builtin] for name, builtin in _builtin().items()}
    for path in reversed(list(files_of_user)):
        for name, own in own_rules(path).items():
            if name == "objectives":
                rules[name] = objectives.merged(own, rules[name], str(path))
            else:
                rules[name] = _merged(own, rules[name], _KEYS.get(name, ()))
    if settle_s is not None:
        rules["settings"] = [rules["settings"][0] | {"settle_s": settle_s}]
    return rules


@cache
def _builtin() -> Rules:
    folder = files(__package__)
    return {name: _rules(_parse((folder / f"{name}.yaml").read_text(encoding="utf-8"), name), name) for name in RULE_SETS}


def builtin_expressions() -> frozenset[str]:
    """The SQL expressions of the built-in rules: tests check them once for all, so that no command has to."""
    return frozenset(rule["match"]["where"] for rules in _builtin().values() for rule in rules if "where" in rule.get("match", {}))


def own_rules(path: Path) -> Rules:
    """The rule sets of one file of the user: rules as ours are written, or OpenSLO documents."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RuleError.bad_file(str(path), error.strerror or "it cannot be opened") from error
    documents = _documents(text, str(path))
    if openslo.is_openslo(documents):
        return {"objectives": openslo.read(documents, str(path))}
    content = documents[0] if len(documents) == 1 else None
    if not isinstance(content, dict) or not set(content) <= set(RULE_SETS):
        raise RuleError.bad_file(str(path), f"it must map {', '.join(RULE_SETS)} to lists of rules")
    return {name: _rules(rules, str(path)) for name, rules in content.items()}


def _merged(own: list[Rule], others: list[Rule], key: tuple[str, ...]) -> list[Rule]:
    """The user's rules before the others; one that names the same thing takes its place."""
    named = {tuple(rule.get(column) for column in key) for rule in own} if key else set()
    return own + [rule for rule in others if not key or tuple(rule.get(column) for column in key) not in named]


def _parse(text: str, path: str) -> object:
    documents = _documents(text, path)
    return documents[0] if documents else None


def _documents(text: str, path: str) -> list[object]:
    try:
        # libyaml reads ten times as fast as Python's own parser, which every command would wait for.
        return list(yaml.load_all(text, yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise RuleError.bad_file(path, str(error)) from error


def _rules(content: object, path: str) -> list[Rule]:
    if not isinstance(content, list) or not all(isinstance(rule, dict) for rule in content):
        raise RuleError.bad_file(path, "a rule set must be a list of rules")
    return content


def _macros() -> str:
    return (files(__package__) / "macros.sql").read_text(encoding="utf-8")


def digest(rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A digest of all rules, for the fingerprint of what was computed with them; what no table depends on is left out."""
    told = {**rules, "objectives": [{key: value for key, value in rule.items() if key not in _SHOWN_ONLY} for rule in rules["objectives"]]}
    return hashlib.blake2b((json.dumps(told, sort_keys=True) + _macros()).encode(), digest_size=16).hexdigest()


def register(con: duckdb.DuckDBPyConnection, rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Registers every macro and rule table on `con`.

    Raises:
        RuleError: if a rule names an unknown column or an expression that is not allowed.
    """
    con.execute(_macros())
    trusted = builtin_expressions()
    hyper_rules = [requests.narrowed(rule) for rule in rules["hyper_events"]]
    con.execute(case_macro(con, "hyper_event_rule", HYPER_EVENT_COLUMNS, [rule for rule in hyper_rules if not _is_custom(rule)], trusted))
    con.execute(list_macro(con, "custom_event_rules", HYPER_EVENT_COLUMNS, [rule for rule in hyper_rules if _is_custom(rule)], trusted))
    _table(con, "wanted_requests", requests.asked(rules["hyper_events"]), {"verb": _TEXT, "resource": _TEXT, "subresource": _TEXT})
    con.execute(body_facts.macro(rules["facts"]))
    _table(con, "wanted_bodies", body_facts.bodies(hyper_rules), {"resource": _TEXT})
    con.execute(extract_macro("hyper_event_detail", {r["rule"]: r["detail"] for r in hyper_rules if "detail" in r}))
    _table(con, "hyper_event_yields", _hyper_event_yields(hyper_rules), {"rule": _TEXT, "operation": _TEXT, "subject": _TEXT, "severity": _TEXT})
    diagnosis = rules["diagnosis"]
    con.execute(case_macro(con, "diagnosis_rule", DIAGNOSIS_COLUMNS, diagnosis, trusted))
    con.execute(extract_macro("diagnosis_extract", {r["rule"]: r["extract"] for r in diagnosis if "extract" in r}))
    for table, (rule_set, columns) in _TABLES.items():
        _table(con, table, rules[rule_set], columns)
    names = {"kind": _TEXT, "objective": _TEXT}
    told = rules["objectives"]
    _table(con, "objectives", objectives.rows(told), names | {"target": _REAL, "minute_target": _REAL, "budget": _TEXT, "window": _TEXT})
    limits = {"applies_to": _TEXT, "namespace": _TEXT, "workload_kind": _TEXT, "limit_s": _REAL}
    _table(con, "objective_limits", objectives.limit_rows(told), names | limits)
    _table(con, "objective_targets", objectives.target_rows(told), names | {"scope": _TEXT, "scope_value": _TEXT, "target": _REAL})


def _is_custom(rule: Mapping[str, Any]) -> bool:
    """Whether all that a rule yields is the user's own vocabulary, so that it takes nothing away from the others."""
    operations = [rule["operation"]] if isinstance(rule["operation"], str) else rule["operation"]
    return all(operation.startswith("custom:") for operation in operations)


def _hyper_event_yields(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"rule": rule["rule"], "operation": operation, "subject": rule.get("subject"), "severity": rule.get("severity", "info")}
        for rule in rules
        for operation in ([rule["operation"]] if isinstance(rule["operation"], str) else rule["operation"])
    ]


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, pa.DataType]) -> None:
    """A table of rules; a value that a rule leaves out is null."""
    data = pa.table({column: pa.array([row.get(column) for row in rows], type=type_) for column, type_ in columns.items()})
    con.register("rule_rows", data)
    con.execute(f'create or replace table "{name}" as select * from rule_rows')  # noqa: S608 - a name of this module
    con.unregister("rule_rows")
