"""Facts in the bodies of custom resources: rules that say where they stand become one DuckDB macro.

Here: the grammar of the rule set `facts`, and which bodies the user's rules look at. Not here: which bodies are kept
(`pipelines.config`), and the rows that follow (`sql/timeline/_body_facts.sql`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipelines.rules.compile import condition, literal
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PATH = re.compile(r'\$(?:\.(?:\w[\w-]*|"[^"]+"|\*)|\[(?:\d+|\*)\])*')
_TEXTS = ("key", "value", "detail", "reason", "message", "node")
_KEYS = {"fact", "resource", "each", "at", *_TEXTS}
_NO_FACTS = (
    "[]::struct(fact varchar, key varchar, value varchar, detail varchar, reason varchar, message varchar, node varchar, changed_at timestamptz)[]"
)


def macro(rules: Sequence[Mapping[str, Any]]) -> str:
    """`create macro body_facts(resource, api_group, body)` that yields the list of facts in a body.

    Raises:
        RuleError: if a rule says what no fact has, or where nothing can stand.
    """
    told = "".join(f",\n    {_facts_of(rule)}" for rule in rules)
    wanted = "lambda fact: fact.key is not null or fact.value is not null"
    return f"create or replace macro body_facts(resource, api_group, body) as list_filter(flatten([{_NO_FACTS}{told}]), {wanted})"


def bodies(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of which resources the user's rules look at bodies: one row per name, a null for any."""
    looking = [rule["match"] for rule in rules if "body" in _words(rule["match"].get("origin"))]
    return [{"resource": name} for match in looking for name in (_words(match.get("resource")) or [None])]


def refuse_unkept(rules: Sequence[Mapping[str, Any]], kept: Sequence[str]) -> None:
    """Refuse rules about bodies that nobody keeps: they would catch nothing, and nobody would be told.

    Args:
        rules: All rules of the set `hyper_events`.
        kept: `resource.group` of the resources whose bodies the settings keep.

    Raises:
        RuleError: There is one.
    """
    names = {name for each in kept for name in (each, each.split(".")[0])}
    for rule in rules:
        for row in bodies([rule]):
            if row["resource"] is None and not kept:
                raise RuleError.no_bodies(rule["rule"], "any resource", "RESOURCE.GROUP")
            if row["resource"] is not None and row["resource"] not in names:
                raise RuleError.no_bodies(rule["rule"], row["resource"], row["resource"])


def _words(wanted: object) -> list[Any]:
    """The words that one entry of `match` lists; none where it may be others too."""
    listed = wanted if isinstance(wanted, list) else [wanted]
    return listed if all(isinstance(each, str) for each in listed) else []


def _facts_of(rule: Mapping[str, Any]) -> str:
    name = str(rule.get("fact"))
    if unknown := sorted(set(rule) - _KEYS):
        raise RuleError.unknown_column(f"fact {name}", unknown[0], sorted(_KEYS))
    if not isinstance(rule.get("fact"), str) or not ("key" in rule or "value" in rule):
        raise RuleError.bad_fact(name, "it needs a `fact`, and a `key` or a `value`")
    fields = ", ".join(f"'{field}': {_found(name, rule.get(field))}" for field in _TEXTS)
    fact = f"{{'fact': {literal(name)}, {fields}, 'changed_at': try_cast({_found(name, rule.get('at'))} as timestamptz)}}"
    items = f"json_extract(body, {literal(_path(name, rule['each'], is_many=True))})" if "each" in rule else "[body::json]"
    facts = f"list_transform({items}, lambda item: {fact})"
    return f"case when {condition('resource', rule['resource'])} then {facts} end" if "resource" in rule else facts


def _found(name: str, path: object) -> str:
    return "null::varchar" if path is None else f"json_extract_string(item, {literal(_path(name, path, is_many=False))})"


def _path(name: str, path: object, *, is_many: bool) -> str:
    text = str(path)
    if not _PATH.fullmatch(text):
        raise RuleError.bad_fact(name, f"{text!r} is no JSON path such as $.status.phase")
    if ("*" in text) is not is_many:
        how = "names one place: end it with [*] or .*" if is_many else "names several places: only `each` may"
        raise RuleError.bad_fact(name, f"{text!r} {how}")
    return text
