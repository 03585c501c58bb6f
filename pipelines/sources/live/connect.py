"""From a kubeconfig's context, or a pod's own service account, to a client that is logged in.

Everything about credentials (certificates, tokens, exec plugins, their renewal) is the official client's. Here: `connect`. Not here: asking (`api`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import ConfigException, list_kube_config_contexts, load_incluster_config, load_kube_config

from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.config import Live

_BROKEN = (ConfigException, yaml.YAMLError, OSError, KeyError, TypeError)


def connect(live: Live, connections: int) -> ApiClient:
    """A client for the API server that the settings name.

    Args:
        live: Which context of which kubeconfig.
        connections: How many are open at a time.

    Raises:
        ConfigError: There is no such context or kubeconfig, or it cannot be used.
    """
    configuration = Configuration()
    # Waiting is done here, where it can be ended and counted.
    configuration.retries = False
    configuration.keep_alive = True
    configuration.connection_pool_maxsize = connections
    path = _kubeconfig(live)
    if path is None and live.context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
        _in_cluster(configuration)
    else:
        _by_kubeconfig(configuration, live, path)
    return ApiClient(configuration)


def _kubeconfig(live: Live) -> str | None:
    """The kubeconfig's path (or several, as `$KUBECONFIG` may name); None if there is none."""
    if live.kubeconfig is not None:
        return str(live.kubeconfig)
    default = Path("~/.kube/config").expanduser()
    return os.environ.get("KUBECONFIG") or (str(default) if default.exists() else None)


def _in_cluster(configuration: Configuration) -> None:
    try:
        load_incluster_config(configuration)
    except ConfigException as error:
        raise ConfigError(
            f"The pod's service account cannot be used: {error}",
            remedy="Let the pod mount its service account's token (`automountServiceAccountToken`), or give --kubeconfig.",
        ) from error


def _by_kubeconfig(configuration: Configuration, live: Live, path: str | None) -> None:
    if path is None or not any(Path(each).expanduser().exists() for each in path.split(os.pathsep) if each):
        raise ConfigError(
            "There is no kubeconfig", where=path, remedy="Give one by --kubeconfig or $KUBECONFIG; in a pod the service account is used."
        )
    try:
        load_kube_config(path, live.context, configuration, persist_config=False)
    except _BROKEN as error:
        contexts = _contexts(path)
        if live.context is not None and contexts and live.context not in contexts:
            raise ConfigError(f"There is no context {live.context}", where=path, remedy=f"It has {', '.join(contexts)}.") from error
        raise ConfigError(
            f"The kubeconfig cannot be used: {error}", where=path, remedy="Try the same context with `kubectl get pods`, or give another --context."
        ) from error


def _contexts(path: str) -> list[str]:
    try:
        return [str(context["name"]) for context in list_kube_config_contexts(path)[0]]
    except _BROKEN:
        return []
