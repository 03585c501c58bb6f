"""An API server over real HTTP that answers Lists and watches as Kubernetes documents them, and fails on demand.

Here: `ApiServer`. What it holds is given by the tests. Not here: objects made by hand (`objects`).
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import yaml

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Answer = Callable[["Handler"], None]

Body = dict[str, Any]

PATHS = {
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "namespaces": "/api/v1/namespaces",
    "persistentvolumes": "/api/v1/persistentvolumes",
    "persistentvolumeclaims": "/api/v1/persistentvolumeclaims",
    "replicationcontrollers": "/api/v1/replicationcontrollers",
    "events": "/api/v1/events",
    "replicasets.apps": "/apis/apps/v1/replicasets",
    "deployments.apps": "/apis/apps/v1/deployments",
    "statefulsets.apps": "/apis/apps/v1/statefulsets",
    "daemonsets.apps": "/apis/apps/v1/daemonsets",
    "jobs.batch": "/apis/batch/v1/jobs",
    "cronjobs.batch": "/apis/batch/v1/cronjobs",
    "events.events.k8s.io": "/apis/events.k8s.io/v1/events",
}
_KINDS = {"pods": "Pod", "nodes": "Node", "namespaces": "Namespace", "events": "Event", "events.events.k8s.io": "Event"}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at_s: float

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch", "").lower() == "true"


class ApiServer(ThreadingHTTPServer):
    """A server on a free port of the loopback. Use it as a context manager.

    Attributes:
        lists: The objects of each resource, as its List shows them.
        frames: What each resource's watch sends, in order; those with a version after the asked one.
        version: The version of all Lists.
        scripts: By path, or path and `?watch`, what to answer instead, request by request; None is the usual answer.
        forbidden: Paths that are answered by 403.
        ignores_limit: Whether Lists come whole whatever was asked for.
        date: The `Date` header, if it is not the true one.
        requests: What was asked.
    """

    daemon_threads = True

    def __init__(self, token: str | None = None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        self.token = token
        self.lists: dict[str, list[Body]] = {name: [] for name in PATHS}
        self.frames: dict[str, list[Body]] = {}
        self.version = 1000
        self.scripts: dict[str, deque[Answer | None]] = {}
        self.forbidden: set[str] = set()
        self.ignores_limit = False
        self.date: Callable[[], str] | None = None
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error of the server's."""

    def script(self, path: str, *answers: Answer | None) -> None:
        self.scripts[path] = deque(answers)

    def asked(self, resource: str, *, is_watch: bool = False) -> list[Request]:
        return [request for request in self.requests if request.path == PATHS[resource] and request.is_watch == is_watch]

    def kubeconfig(self, folder: Path, context: str = "test", **cluster: object) -> Path:
        """Write a kubeconfig with one context for this server."""
        path = folder / "kubeconfig"
        user = {"token": self.token} if self.token else {}
        parts = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": "c", "cluster": {"server": self.url, **cluster}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        }
        path.write_text(yaml.safe_dump(parts), encoding="utf-8")
        return path


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ApiServer

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.server.date() if self.server.date and timestamp is None else super().date_time_string(timestamp)

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        request = Request(split.path, {name: values[-1] for name, values in parse_qs(split.query).items()}, dict(self.headers), time.monotonic())
        self.server.requests.append(request)
        script = self.server.scripts.get(split.path + ("?watch" if request.is_watch else ""))
        answer = script.popleft() if script else None
        if self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            status(401, "Unauthorized")(self)
        elif answer is not None:
            answer(self)
        elif split.path == "/version/":
            self.send(200, {"major": "1", "minor": "36", "gitVersion": "v1.36.2"})
        else:
            self._collection(request)

    def _collection(self, request: Request) -> None:
        namespace, resource = _named(request.path)
        if request.path in self.server.forbidden:
            where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            verb = "watch" if request.is_watch else "list"
            status(403, f'{resource} is forbidden: User "u" cannot {verb} resource "{resource}" in API group "" {where}')(self)
        elif resource is None or resource not in self.server.lists:
            status(404, "the server could not find the requested resource")(self)
        elif request.is_watch:
            self.watch(self._frames(resource, namespace, int(request.query["resourceVersion"])), float(request.query["timeoutSeconds"]))
        else:
            self.send(200, self._page(resource, namespace, request.query))

    def _frames(self, resource: str, namespace: str | None, after: int) -> list[Body]:
        frames = self.server.frames.get(resource, [])
        return [frame for frame in frames if int(frame["object"]["metadata"]["resourceVersion"]) > after and _is_in(frame["object"], namespace)]

    def _page(self, resource: str, namespace: str | None, query: dict[str, str]) -> Body:
        objects = [each for each in self.server.lists[resource] if _is_in(each, namespace)]
        start = int(base64.b64decode(query["continue"])) if "continue" in query else 0
        limit = int(query.get("limit", len(objects) or 1))
        page = objects[start:] if self.server.ignores_limit else objects[start : start + limit]
        metadata: Body = {"resourceVersion": str(self.server.version)}
        if start + len(page) < len(objects):
            metadata |= {
                "continue": base64.b64encode(str(start + len(page)).encode()).decode(),
                "remainingItemCount": len(objects) - start - len(page),
            }
        return list_of(resource, page, metadata)

    def send(self, code: int, body: Body | bytes, **headers: str) -> None:
        """A whole answer."""
        data = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode() + b"\n"
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def start_chunks(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def watch(self, frames: Iterable[Body], hold_s: float) -> None:
        """Send frames, then keep the connection open for some time, then end it in good order."""
        self.start_chunks()
        for frame in frames:
            self.chunk(json.dumps(frame, separators=(",", ":")).encode() + b"\n")
        self.server.closing.wait(hold_s)
        self.chunk(b"")

    def drop(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()


def status(code: int, message: str, **headers: str) -> Answer:
    """A failure in the API's own form."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code}
    return lambda handler: handler.send(code, body, **headers)


def cut_body(resource: str, objects: list[Body], *, has_length: bool) -> Answer:
    """A List that ends in the middle: with the length that it should have had, or as old proxies do, with none."""

    def answer(handler: Handler) -> None:
        data = json.dumps(list_of(resource, objects, {"resourceVersion": "1000"})).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header(*(("Content-Length", str(len(data))) if has_length else ("Connection", "close")))
        handler.end_headers()
        handler.wfile.write(data[: len(data) * 2 // 3])
        handler.drop()

    return answer


def watch_of(frames: Iterable[Body], *, hold_s: float = 0.0) -> Answer:
    """A watch that sends these frames whatever version was asked for."""
    return lambda handler: handler.watch(frames, hold_s)


def dropped_watch(frames: list[Body], cut_of_last: int) -> Answer:
    """A watch whose connection is lost that many bytes before the end of its last frame."""

    def answer(handler: Handler) -> None:
        data = b"".join(json.dumps(frame, separators=(",", ":")).encode() + b"\n" for frame in frames)
        handler.start_chunks()
        handler.chunk(data[:-cut_of_last])
        handler.drop()

    return answer


def expired(version: int = 1) -> Body:
    """The frame that ends a watch whose version is no longer kept."""
    message = f"too old resource version: {version} ({version + 1})"
    told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": "Expired", "code": 410}
    return {"type": "ERROR", "object": told}


def bookmark(kind: str, version: int) -> Body:
    """A frame that only moves the version on."""
    return {
        "type": "BOOKMARK",
        "object": {"kind": kind, "apiVersion": "v1", "metadata": {"resourceVersion": str(version), "creationTimestamp": None}},
    }


def list_of(resource: str, objects: list[Body], metadata: Body) -> Body:
    """A typed List, whose items say no kind."""
    kinds = {"apps": "apps/v1", "batch": "batch/v1", "events.k8s.io": "events.k8s.io/v1"}
    items = [{name: value for name, value in each.items() if name not in {"kind", "apiVersion"}} for each in objects]
    return {
        "kind": f"{_KINDS.get(resource, 'Thing')}List",
        "apiVersion": kinds.get(resource.partition(".")[2], "v1"),
        "metadata": metadata,
        "items": items,
    }


def _named(path: str) -> tuple[str | None, str | None]:
    """The namespace and the resource of a path."""
    before, found, rest = path.partition("/namespaces/")
    namespace, _, plural = rest.partition("/")
    whole = f"{before}/{plural}" if found else path
    return namespace or None, next((name for name, each in PATHS.items() if each == whole), None)


def _is_in(body: Body, namespace: str | None) -> bool:
    return namespace is None or body["metadata"].get("namespace") == namespace
