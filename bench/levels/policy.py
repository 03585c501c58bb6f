"""An audit policy, applied to lines that were logged at a higher level: what the API server would have written under that policy.

Here: `Policy`, with the rules' meaning as in kube-apiserver (the first rule that matches decides; no match means not logged). It can only take away. Not here: which policies there are (`variants`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]

_LEVELS = ("None", "Metadata", "Request", "RequestResponse")
_BODIES = {"Metadata": ("requestObject", "responseObject"), "Request": ("responseObject",), "RequestResponse": ()}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as its YAML says it.

    Args:
        rules: The rules in their order.
        omit_stages: Stages that no rule logs.
        omit_managed_fields: Whether bodies come without `metadata.managedFields`.
    """

    rules: tuple[Json, ...]
    omit_stages: frozenset[str]
    omit_managed_fields: bool

    @classmethod
    def read(cls, path: Path) -> Policy:
        """The policy of a file."""
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(tuple(body["rules"]), frozenset(body.get("omitStages", ())), body.get("omitManagedFields", False))

    def lowered(self, event: Json) -> Json | None:
        """The audit event as this policy would have logged it; None if it would not have."""
        rule = next((rule for rule in self.rules if _matches(rule, event)), {"level": "None"})
        level = min(rule["level"], event["level"], key=_LEVELS.index)
        if level == "None" or event["stage"] in self.omit_stages.union(rule.get("omitStages", ())):
            return None
        kept = {name: value for name, value in event.items() if name not in _BODIES[level]} | {"level": level}
        if rule.get("omitManagedFields", self.omit_managed_fields):
            kept |= {name: _without_managed_fields(kept[name]) for name in ("requestObject", "responseObject") if name in kept}
        return kept


def _matches(rule: Json, event: Json) -> bool:
    # Who asks is who was impersonated, if anybody was.
    user = event.get("impersonatedUser") or event.get("user") or {}
    if rule.get("users") and user.get("username") not in rule["users"]:
        return False
    if rule.get("userGroups") and not set(rule["userGroups"]) & set(user.get("groups") or ()):
        return False
    if rule.get("verbs") and event["verb"] not in rule["verbs"]:
        return False
    if rule.get("namespaces") or rule.get("resources"):
        return _matches_resource(rule, event.get("objectRef"))
    if rule.get("nonResourceURLs"):
        return event.get("objectRef") is None and any(
            _matches_path(pattern, urlsplit(event["requestURI"]).path) for pattern in rule["nonResourceURLs"]
        )
    return True


def _matches_resource(rule: Json, target: Json | None) -> bool:
    if target is None or (rule.get("namespaces") and target.get("namespace", "") not in rule["namespaces"]):
        return False
    groups = rule.get("resources") or []
    return not groups or any(_matches_group(group, target) for group in groups)


def _matches_group(group: Json, target: Json) -> bool:
    if group.get("group", "") != target.get("apiGroup", ""):
        return False
    names = group.get("resourceNames")
    if not group.get("resources"):
        return True
    resource, subresource = target.get("resource", ""), target.get("subresource", "")
    wanted = {"*", f"{resource}/*", f"{resource}/{subresource}" if subresource else resource}
    wanted |= {f"*/{subresource}"} if subresource else set()
    return bool(wanted & set(group["resources"])) and (not names or target.get("name", "") in names)


def _matches_path(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _without_managed_fields(body: Any) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(body, dict):
        return body
    metadata = body.get("metadata")
    cut = {**body, "metadata": {k: v for k, v in metadata.items() if k != "managedFields"}} if isinstance(metadata, dict) else body
    return {**cut, "items": [_without_managed_fields(item) for item in body["items"]]} if isinstance(body.get("items"), list) else cut
