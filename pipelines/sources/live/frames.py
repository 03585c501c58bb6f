"""What an API server sends, as lines of `watch_frames` with the time of arrival; every byte of an object stays as it came.

Here: pages of Lists and frames of watches taken apart. Items are found one by one by the C decoder of `json`, so that a List of any length costs
no more memory than its text: 170 MB/s, while loading it whole takes several times its size in memory. Not here: asking (`api`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.sources.live.failures import ApiFailureError

if TYPE_CHECKING:
    from datetime import datetime

    from pipelines.sources.live.resources import Resource

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
# Text that is no UTF-8 must reach the quarantine as it is.
_CODEC = ("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a List.

    Args:
        resource_version: Where a watch goes on from.
        continue_token: Asks for the next page; empty on the last one.
        names: Name by UID of the items.
        lines: The items, a line each.
    """

    resource_version: str
    continue_token: str
    names: dict[str, str]
    lines: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a watch: what it says beside its object."""

    type: str
    resource_version: str | None
    failure: ApiFailureError | None


def read_page(body: bytes, resource: Resource, observed_at: datetime) -> Page:
    """Take a page apart.

    Raises:
        ValueError: It is no List, or not a whole one.
    """
    text = body.decode(*_CODEC)
    kind = f'"kind":{json.dumps(resource.kind)},"apiVersion":{json.dumps(resource.api_version)}'
    start = f'{{"observed_at":"{_text(observed_at)}","type":"LISTED","object":{{'
    names: dict[str, str] = {}
    lines: list[str] = []

    def item(raw: str, value: dict[str, Any]) -> None:
        metadata = value.get("metadata") or {}
        names[str(metadata.get("uid"))] = str(metadata.get("name"))
        inner = raw[1:].replace("\n", " ")
        # The items of a typed List say no kind: the List does.
        lines.append(f"{start}{inner}}}\n" if "kind" in value else f"{start}{kind}{',' if value else ''}{inner}}}\n")

    metadata = _Reader(text).list_metadata(item)
    return Page(str(metadata.get("resourceVersion") or ""), str(metadata.get("continue") or ""), names, "".join(lines).encode(*_CODEC))


def read_frame(line: bytes) -> Frame:
    """Look into a frame.

    Raises:
        ValueError: It is no frame of a watch.
    """
    value = json.loads(line.decode(*_CODEC))
    told = value.get("object") if isinstance(value, dict) else None
    if not isinstance(told, dict):
        message = "not a frame of a watch"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is the text
    if value.get("type") == "ERROR":
        retry_after_s = (told.get("details") or {}).get("retryAfterSeconds")
        return Frame("ERROR", None, ApiFailureError(told.get("code"), str(told.get("message")), retry_after_s))
    return Frame(str(value.get("type")), (told.get("metadata") or {}).get("resourceVersion"), None)


def stamped(line: bytes, observed_at: datetime) -> bytes:
    """A frame with its time of arrival."""
    return f'{{"observed_at":"{_text(observed_at)}",'.encode() + line.lstrip().removeprefix(b"{") + b"\n"


def deleted(body: str, observed_at: datetime) -> bytes:
    """The frame that a watch would have sent about an object that is gone, given its last known state."""
    return f'{{"observed_at":"{_text(observed_at)}","type":"DELETED","object":{body}}}\n'.encode()


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class _Reader:
    """A walk over the first level of a List, which decodes one item at a time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def list_metadata(self, item: Any) -> dict[str, Any]:  # noqa: ANN401 - a callable of two
        """The List's own metadata; each item is handed on as it is written and as a value."""
        metadata: object = None
        items_seen = False
        self._take("{")
        while True:
            key = self._value()
            self._take(":")
            if key == "items":
                items_seen = True
                self._items(item)
            elif key == "metadata":
                metadata = self._value()
            else:
                self._value()
            if self._next() != ",":
                break
            self._at += 1
        self._take("}")
        if self._next() or not items_seen or not isinstance(metadata, dict):
            raise _no_list()
        return metadata

    def _items(self, item: Any) -> None:  # noqa: ANN401
        if self._next() != "[":
            # An empty List may say null.
            if self._value() is not None:
                raise _no_list()
            return
        self._at += 1
        while self._next() != "]":
            start = self._at
            value = self._value()
            if not isinstance(value, dict):
                raise _no_list()
            item(self._text[start : self._at], value)
            if self._next() == ",":
                self._at += 1
        self._at += 1

    def _value(self) -> object:
        self._next()
        value, self._at = _DECODER.raw_decode(self._text, self._at)
        return value

    def _next(self) -> str:
        """The next character that is no white space; empty at the end."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> None:
        if self._next() != wanted:
            raise _no_list()
        self._at += 1


def _no_list() -> ValueError:
    return ValueError("not a whole List")
