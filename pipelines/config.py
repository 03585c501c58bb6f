"""`lorgnette.yaml`: what to read, what to leave out, what to hide, and how much of the machine to use.

Here: the settings with their defaults, and `load`. Unknown keys are errors. Environment variables such as `LORGNETTE_LAKE` or
`LORGNETTE_INGEST__THREADS` win over the file. Not here: the rules themselves (`pipelines.rules`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipelines.config_records import Records
from pipelines.config_section import Pattern, Section
from pipelines.errors import ConfigError

FILE_NAME = "lorgnette.yaml"
MIB = 1024 * 1024
_MAX_WORKERS = 4

TRACKED_KINDS = (
    "Pod",
    "Node",
    "Namespace",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ReplicationController",
    "ReplicaSet.apps",
    "Deployment.apps",
    "StatefulSet.apps",
    "DaemonSet.apps",
    "Job.batch",
    "CronJob.batch",
)
TRACKED_RESOURCES = (
    "pods",
    "nodes",
    "namespaces",
    "persistentvolumes",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "events",
    "events.events.k8s.io",
)
# Events are the same objects in both APIs.
LIVE_RESOURCES = TRACKED_RESOURCES[:-1]


def _is_no_pipe(path: str) -> str:
    if path == "-":
        message = "standard input can only be named on the command line"
        raise ValueError(message)
    return path


SourcePath = Annotated[str, AfterValidator(_is_no_pipe)]


class Source(Section):
    """Where one cluster's logs are.

    Args:
        paths: Files, folders (read recursively), globs, or fsspec URLs; `{cluster}` stands for the cluster's name, `%Y`, `%m`, `%d` and `%H` for a date.
        shape: Read the files as this shape instead of telling it from their content.
        include: Globs of which a file must match one: of its name, or with a slash of its path below what `paths` names.
        exclude: Globs of which a file must match none.
        last_days: Only files that may hold something of so many days before today, or of the days that a backfill is for; all if left out.
        lag_hours: How far what lies in a dated folder may be from that date: shippers are late, and folders may be dated in local time.
        storage_options: What fsspec hands to the store's client for this source, such as `profile`, `endpoint_url`, `anon` or `requester_pays` of S3; beside what that reads by itself.
    """

    paths: list[SourcePath] = Field(min_length=1)
    shape: str | None = None
    include: list[str] = Field(default_factory=list)
    exclude: list[str] = Field(default_factory=list)
    last_days: int | None = Field(default=None, ge=1)
    lag_hours: float = Field(default=24.0, ge=0)
    storage_options: dict[str, Any] = Field(default_factory=dict)


def _is_tracked(resource: str) -> str:
    if resource not in LIVE_RESOURCES:
        message = f"must be one of {', '.join(LIVE_RESOURCES)}"
        raise ValueError(message)
    return resource


class Live(Section):
    """Where a cluster's API server is, and what is read from it by `lorgnette snapshot`. Secrets and ConfigMaps never are.

    Args:
        context: A context of the kubeconfig; its current one if left out. In a pod without a kubeconfig its service account.
        kubeconfig: The kubeconfig; `$KUBECONFIG`, else `~/.kube/config` if left out.
        namespaces: Only these namespaces, for who may not read all; what has no namespace is read all the same.
        resources: What is listed and watched, as `resource.group`.
        watch_s: How long to watch after the lists, in seconds; `.inf` until interrupted.
        page_size: Objects per page of a list.
    """

    context: str | None = None
    kubeconfig: Path | None = None
    namespaces: list[str] = Field(default_factory=list)
    resources: list[Annotated[str, AfterValidator(_is_tracked)]] = Field(default_factory=lambda: list(LIVE_RESOURCES), min_length=1)
    watch_s: float = Field(default=0.0, ge=0)
    page_size: int = Field(default=500, ge=1)


class Cluster(Section):
    """One cluster: its sources and what differs for it.

    Args:
        sources: What to read.
        live: Its API server, if it is to be read too.
        objectives: A rule file with objectives of this cluster, or a file of OpenSLO documents; they come before the common ones.
    """

    sources: list[Source] = Field(default_factory=list)
    live: Live | None = None
    objectives: Path | None = None


class Redaction(Section):
    """What is hidden before the first byte is stored. Bodies of Secrets, token requests and token reviews never are stored.

    Args:
        config_maps: Whether bodies of ConfigMaps are never stored either.
        container_env: Whether everything under a key `value` is hidden, such as in container environments; but for taints and tolerations.
        last_applied: Whether annotations that hold a whole object or JSON, such as `kubectl.kubernetes.io/last-applied-configuration`, lose their value.
        tokens: Whether bearer tokens, JSON web tokens, private keys and values that are said to be a token, password or secret (`?token=…`) are hidden
            wherever they show, in URIs too.
        exec_commands: Whether the words of commands in the URIs of `exec` and `attach` are hidden.
        container_commands: Whether `command` and `args` of containers, probes and hooks are hidden; they are what `ps` shows to everyone on the node.
        patterns: Regular expressions (RE2); what they match is hidden in bodies, URIs and messages.
    """

    config_maps: bool = True
    container_env: bool = True
    last_applied: bool = True
    tokens: bool = True
    exec_commands: bool = True
    container_commands: bool = False
    patterns: list[Pattern] = Field(default_factory=list)


class Filters(Section):
    """Which audit events are left out; they are counted as filtered.

    Args:
        stages: Stages that carry nothing that a later one lacks.
        resources: `resource.group`, such as `leases.coordination.k8s.io`.
        users: User names.
    """

    stages: list[str] = Field(default_factory=lambda: ["RequestReceived"])
    resources: list[str] = Field(default_factory=lambda: ["leases.coordination.k8s.io"])
    users: list[str] = Field(default_factory=list)


class Ingest(Section):
    """How much is read at a time, and of what more than the default is kept.

    Args:
        threads: Chunks that are typed side by side; as many as there are cores if left out, up to 4: more than that waits for the decompression.
        chunk_bytes: Bytes of text that are typed at a time.
        max_line_bytes: A longer line goes to the quarantine, cut.
        max_document_bytes: A longer JSON document (a List on one line, pretty-printed output) is refused.
        row_group_bytes: Rows of one table and hour are written when they reach this size.
        buffer_bytes: All rows that wait for being written are kept below this size.
        keep_bodies_of: `resource.group` of more resources whose bodies are kept in `audit_events`; Secrets and tokens never are.
    """

    threads: int | None = Field(default=None, ge=1, le=256)
    chunk_bytes: int = Field(default=24 * MIB, ge=1024, le=256 * MIB)
    max_line_bytes: int = Field(default=64 * MIB, ge=1024, le=1024 * MIB)
    max_document_bytes: int = Field(default=256 * MIB, ge=1024, le=1024 * MIB)
    row_group_bytes: int = Field(default=32 * MIB, ge=1024)
    buffer_bytes: int = Field(default=128 * MIB, ge=1024)
    keep_bodies_of: list[str] = Field(default_factory=list)

    @property
    def worker_count(self) -> int:
        """Chunks that are typed side by side."""
        return self.threads or min(_MAX_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class Settings(BaseSettings):
    """All settings. Everything has a default, so that a run needs no file at all.

    Args:
        lake: Folder or fsspec URL of the lake.
        clusters: Sources by the cluster's name.
        redaction: What is hidden.
        filters: Which audit events are left out.
        ingest: Sizes and limits of reading.
        objectives: A rule file with objectives for all clusters, or a file of OpenSLO documents; a cluster may have its own.
        rules: Rule files of the user; they come before the built-in rules.
        settle_s: How long after its delivery a pod may still break and count as unsettled.
        memory_limit: Memory that a refresh may use, such as `2GB`; the rest spills to disk.
        retention_days: Days after which `lorgnette clean` may remove raw partitions; never if left out.
        records: Logs of your own, by the name that a source's `shape` says.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="LORGNETTE_", env_nested_delimiter="__")

    lake: str = "lake"
    clusters: dict[str, Cluster] = Field(default_factory=dict)
    redaction: Redaction = Field(default_factory=Redaction)
    filters: Filters = Field(default_factory=Filters)
    ingest: Ingest = Field(default_factory=Ingest)
    objectives: Path | None = None
    rules: list[Path] = Field(default_factory=list)
    settle_s: float = Field(default=60.0, ge=0)
    memory_limit: str = Field(default="1500MB", pattern=r"^\d+(\.\d+)?\s*([KMGT]i?B|%)$")
    retention_days: int | None = Field(default=None, ge=1)
    records: dict[str, Records] = Field(default_factory=dict)

    @property
    def own_records(self) -> dict[str, dict[str, Any]]:
        """The mappings of the user's own records as plain data, by their names."""
        return {name: mapping.model_dump() for name, mapping in self.records.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class names the parameters
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what the file says."""
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        path: The file; `lorgnette.yaml` of the working folder, if there is one, when left out.

    Raises:
        ConfigError: The file is missing, is no YAML, or holds a key or value that is not understood.
    """
    chosen = path or Path(FILE_NAME)
    if path is None and not chosen.exists():
        return _validated({}, "the environment")
    return _validated(_parsed(chosen), str(chosen))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"The settings cannot be read: {error.strerror}", where=str(path), remedy="Give the right path to --config, or leave it out."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"The settings are not YAML: {error}", where=str(path), remedy="Mend the file at that place.") from error
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise ConfigError(
            "The settings must be a mapping of keys to values", where=str(path), remedy="Start the file with a key, such as `lake: lake`."
        )
    return {str(key): value for key, value in parsed.items()}


def _validated(values: dict[str, Any], where: str) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = [_explained(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
        raise ConfigError("; ".join(problems), where=where, remedy="Correct or remove these keys.") from error


def _explained(location: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in location)
    return f"`{name}` is not a setting" if kind == "extra_forbidden" else f"`{name}`: {message[:1].lower()}{message[1:]}"
