"""The settings as the queries of `sql/ingest` read them: the values of `getvariable`.

Not here: the settings' meaning (`pipelines.config`) and the queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.config import TRACKED_KINDS, TRACKED_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.config import Settings

_SENSITIVE_RESOURCES = (
    "secrets",
    "serviceaccounts/token",
    "tokenreviews.authentication.k8s.io",
    "oauthaccesstokens.oauth.openshift.io",
    "oauthauthorizetokens.oauth.openshift.io",
    "oauthclients.oauth.openshift.io",
    "useroauthaccesstokens.oauth.openshift.io",
)
_SENSITIVE_KINDS = ("Secret", "SecretList", "TokenRequest", "TokenReview")
_CONFIG_MAP_KINDS = ("ConfigMap", "ConfigMapList")


def values(settings: Settings) -> dict[str, object]:
    """Name and value of each variable that the queries read, as they are put into their texts."""
    redaction, filters = settings.redaction, settings.filters
    extra = settings.ingest.keep_bodies_of
    return {
        "filtered_stages": _texts(filters.stages),
        "filtered_resources": _texts(filters.resources),
        "filtered_users": _texts(filters.users),
        "tracked_kinds": list(TRACKED_KINDS),
        "kept_resources": [*TRACKED_RESOURCES, *extra],
        "all_bodies_of": _texts(extra),
        "sensitive_resources": [*_SENSITIVE_RESOURCES, *(["configmaps"] if redaction.config_maps else [])],
        "sensitive_line": _sensitive_line(hides_config_maps=redaction.config_maps),
        "hidden_operations": _hidden_operations(hides_commands=redaction.container_commands),
        "embedded_secrets": _embedded_secrets(hides_config_maps=redaction.config_maps),
        "redact_patterns": "|".join(f"(?:{pattern})" for pattern in redaction.patterns),
    }


def switched_off(settings: Settings) -> Iterator[str]:
    """Macros that change nothing, in the place of those that hide what the settings leave."""
    redaction = settings.redaction
    hides = {
        "hide_env": redaction.container_env,
        "hide_annotations": redaction.last_applied,
        "hide_tokens": redaction.tokens,
        "hide_exec": redaction.exec_commands,
        "hide_commands": redaction.container_commands,
        "hide_commands_in_text": redaction.container_commands,
        "hide_patterns": bool(redaction.patterns),
        # No object of the kinds that are always kept can hold another's data.
        "hide_embedded": bool(settings.ingest.keep_bodies_of),
    }
    for name, is_on in hides.items():
        if not is_on:
            yield f"create or replace macro {name}(words) as words"
    for name, is_on in {"holds_commands": redaction.container_commands, "holds_pattern": bool(redaction.patterns)}.items():
        if not is_on:
            yield f"create or replace macro {name}(words) as false"


def _texts(values: list[str]) -> list[str]:
    # An empty list would have no type in DuckDB; nothing is named "".
    return values or [""]


def _sensitive_line(*, hides_config_maps: bool) -> str:
    """A pattern that tells lines, readable or not, that speak of objects which are never stored."""
    kinds = "|".join((*_SENSITIVE_KINDS, *(_CONFIG_MAP_KINDS if hides_config_maps else ())))
    resources = "secrets|tokenreviews" + ("|configmaps" if hides_config_maps else "")
    return rf'"kind"\s*:\s*"(?:{kinds})"|"resource"\s*:\s*"(?:{resources})"|"subresource"\s*:\s*"token"'


def _hidden_operations(*, hides_commands: bool) -> str:
    """A pattern that tells operations of a JSON patch whose value is hidden whole: by their path, or for a text that is an object itself."""
    keys = "value|data|stringData|binaryData|token|password" + ("|command|args" if hides_commands else "")
    return rf'"path":"[^"]*/(?:{keys})(?:/[^"]*)?"|"path":"[^"]*(?:last-applied|last-handled|rio~1applied|k14s\.io~1original)|"value":"(?:\{{|\[\{{|\[\\|H4sI)'


def _embedded_secrets(*, hides_config_maps: bool) -> str:
    """A pattern that tells bodies that hold the data of objects which are never stored."""
    kinds = "|".join((*_SENSITIVE_KINDS, *(_CONFIG_MAP_KINDS if hides_config_maps else ())))
    return rf'"kind":"(?:{kinds})"|"(?:stringData|binaryData)":'
