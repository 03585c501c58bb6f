"""Requests that only the user's rules look at: reads, and what connects to an object (`pods/exec`, `services/proxy`).

Here: which of them the rules ask for, so that nobody else's log is searched for them, and which rules they are for. Not here: the
translation of `match` (`pipelines.rules.compile`), and the rows (`sql/timeline/_asked_requests.sql`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WRITES = ("create", "update", "patch", "delete", "deletecollection")
# Requests to these are of many verbs: exec by WebSocket is a get.
_CONNECTS = {"attach", "exec", "log", "portforward", "proxy"}


def asked(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, str | None]]:
    """What the rules ask for beside writes: `verb`, `resource` and `subresource` (`""`: none), each null for any."""
    found: list[dict[str, str | None]] = []
    for match in (rule["match"] for rule in rules if _is_of_requests(rule["match"]) and _names_reads(rule["match"])):
        verbs = [verb for verb in _named(match, "verb") if verb not in ("", *_WRITES)]
        resources = [None if name is None else name.split(".")[0] for name in _named(match, "resource")]
        subresources = _named(match, "subresource")
        found += [
            {"verb": verb, "resource": resource, "subresource": subresource}
            for verb in verbs
            for resource in resources
            for subresource in subresources
        ]
    return found


def narrowed(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule, held to writes if it names neither a verb nor a subresource that connects: nobody means every read by leaving the verb out."""
    match = rule["match"]
    return dict(rule) if not _is_of_requests(match) or _names_reads(match) else {**rule, "match": {**match, "verb": [None, *_WRITES]}}


def _is_of_requests(match: Mapping[str, Any]) -> bool:
    return "origin" not in match or "audit" in _named(match, "origin")


def _names_reads(match: Mapping[str, Any]) -> bool:
    return "verb" in match or ("subresource" in match and set(_named(match, "subresource")) <= _CONNECTS)


def _named(match: Mapping[str, Any], column: str) -> list[str | None]:
    """The words that `match` has for a column, `""` for its null; a null for whatever else it may be."""
    if column not in match:
        return [None]
    wanted = match[column]
    listed = wanted if isinstance(wanted, list) else [wanted]
    return [each if isinstance(each, str) else "" if each is None else None for each in listed]
