"""Asking an API server, through the official client: one request, one answer with its bytes as they came.

Here: `Api`, and what each kind of refusal is. Not here: pages (`lists`), frames (`watches`) and waiting.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import urllib3
from kubernetes import client as kubernetes_client
from kubernetes.client import ApiException

from pipelines.sources.live.failures import ApiFailureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubernetes.client import ApiClient

    from pipelines.sources.live.clock import Clock
    from pipelines.sources.live.resources import Target

_CONNECT_S = 10.0
# The server ends a List after a minute itself.
_READ_S = 90.0
_APIS = {"": "CoreV1Api", "apps": "AppsV1Api", "batch": "BatchV1Api", "events.k8s.io": "EventsV1Api"}
_PIECE_BYTES = 256 * 1024
_SHOWN_BYTES = 300


class Api:
    """An API server.

    Args:
        client: How to reach it, and as whom.
        clock: Learns the server's time from each answer.
    """

    def __init__(self, client: ApiClient, clock: Clock) -> None:
        self._client = client
        self._client.user_agent = f"lorgnette/{_version()}"
        self.clock = clock

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self._client.configuration.host)

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def version(self) -> str:
        """The server's version; empty if it does not tell. This needs no rights, so it shows whether the server can be reached at all.

        Raises:
            ApiFailureError: There is no answer, or the credentials are not accepted.
        """
        try:
            body = self._read(kubernetes_client.VersionApi(self._client).get_code, {})
        except ApiFailureError as failure:
            if failure.is_forbidden or failure.is_not_served:
                return ""
            raise
        try:
            return str(json.loads(body).get("gitVersion", ""))
        except (ValueError, AttributeError) as error:
            raise ApiFailureError(None, "the answer is not that of a Kubernetes API server") from error

    def page(self, target: Target, **parameters: object) -> bytes:
        """One page of a List.

        Raises:
            ApiFailureError: There is no whole answer.
        """
        return self._read(_method(self._client, target), parameters, *_namespace(target))

    @contextmanager
    def watch(self, target: Target, resource_version: str, timeout_s: int) -> Iterator[urllib3.HTTPResponse]:
        """A watch under way, to be read by `pieces`.

        Raises:
            ApiFailureError: The server refuses.
        """
        parameters = {"watch": True, "allow_watch_bookmarks": True, "resource_version": resource_version, "timeout_seconds": timeout_s}
        response = self._answer(_method(self._client, target), parameters, timeout_s + _READ_S, *_namespace(target))
        try:
            yield response
        finally:
            # What is left unread would be taken for the next answer.
            response.close()

    def _read(self, method: Callable[..., Any], parameters: dict[str, Any], *arguments: str) -> bytes:
        response = self._answer(method, parameters, _READ_S, *arguments)
        try:
            return b"".join(pieces(response))
        finally:
            response.release_conn()

    def _answer(self, method: Callable[..., Any], parameters: dict[str, Any], read_s: float, *arguments: str) -> urllib3.HTTPResponse:
        sent_s = self.clock.local_s()
        try:
            response: urllib3.HTTPResponse = method(*arguments, **parameters, _preload_content=False, _request_timeout=(_CONNECT_S, read_s))
        except ApiException as error:
            raise _failure(error) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ApiFailureError(None, _said(error)) from error
        self.clock.learn(response.headers.get("Date"), sent_s, self.clock.local_s())
        return response


def pieces(response: urllib3.HTTPResponse) -> Iterator[bytes]:
    """The bytes of an answer as they come.

    Raises:
        ApiFailureError: It ends early.
    """
    try:
        yield from response.stream(_PIECE_BYTES)
    # A connection that another thread ends says so in all of these ways.
    except (urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError) as error:
        raise ApiFailureError(None, f"the connection was lost: {_said(error)}") from error


def _method(client: ApiClient, target: Target) -> Callable[..., Any]:
    """The client's method that lists a resource; with `watch` it watches it."""
    resource = target.resource
    name = "list_" + ("namespaced_" if target.namespace else "") + re.sub(r"(?<!^)(?=[A-Z])", "_", resource.kind).lower()
    if resource.is_namespaced and not target.namespace:
        name += "_for_all_namespaces"
    method: Callable[..., Any] = getattr(getattr(kubernetes_client, _APIS[resource.group])(client), name)
    return method


def _namespace(target: Target) -> tuple[str, ...]:
    return (target.namespace,) if target.namespace else ()


def _failure(error: ApiException) -> ApiFailureError:
    if not error.status:
        # The client hands on a failed TLS handshake so.
        return ApiFailureError(None, str(error.reason).replace("\n", ": "))
    after = (error.headers or {}).get("Retry-After", "")
    return ApiFailureError(error.status, _message(error), float(after) if after.isdigit() else None)


def _message(error: ApiException) -> str:
    """What the server's Status says; else what the answer says."""
    try:
        told = json.loads(error.body or "")
    except ValueError:
        told = None
    if isinstance(told, dict) and told.get("message"):
        return str(told["message"])
    return f"HTTP {error.status} {error.reason}: {(error.body or '')[:_SHOWN_BYTES]}".strip(": ")


def _said(error: Exception) -> str:
    """An error in one line, without the pool that urllib3 names first."""
    return re.sub(r"^<[^>]*>: |^\w*Connection\w*\([^)]*\): ", "", str(error).replace("\n", " ")) or type(error).__name__


def _version() -> str:
    try:
        return version("lorgnette")
    except PackageNotFoundError:
        return "0"
