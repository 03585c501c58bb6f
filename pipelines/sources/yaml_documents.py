"""Kubernetes objects in YAML, as must-gather and `kubectl get -o yaml` write them, turned into one JSON object per line.

The items of a List are cut apart by their indentation and parsed one by one, so that memory is bounded by the largest. Here:
`holds_objects` and `json_lines`. Not here: which objects they are (`sniff`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import ConstructorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KEY = re.compile(rb"^(?:---[^\n]*\n|[ \t]*(?:#[^\n]*)?\n)*(?:- )?[A-Za-z][\w.]*:(?:[ \r\n]|\Z)")
# Manifests have no uid; Events out of a typed List, log entries of GKE and recordings of Sloop say no kind of object.
_UID = re.compile(rb"^ +uid: ", re.MULTILINE)
_TOLD_OTHERWISE = re.compile(rb"^(?:- )?(?:insertId|protoPayload|Data):|^ *(?:- )?(?:involvedObject|regarding):[ \r]*$", re.MULTILINE)
_KINDS = re.compile(rb"^(?:  |- )?kind: (\w+)[ \r]*$", re.MULTILINE)
_INDENTED = re.compile(rb"^items:[ \r]*\n  - ", re.MULTILINE)
_INDENTED_KINDS = re.compile(rb"^(?:    |  - )kind: (\w+)[ \r]*$", re.MULTILINE)
_KINDS_READ = re.compile(
    rb"(?:Event|Pod|Node|Namespace|PersistentVolume|PersistentVolumeClaim|ReplicationController|ReplicaSet|Deployment|StatefulSet|DaemonSet|Job|CronJob)(?:List)?"
)
_LISTS = (b"items:", b"Data:")
# No line starts like this.
_ENDED = b"\0"
# An object that is larger would not have fitted into etcd.
_MAX_BYTES = 8 * 1024 * 1024


def holds_objects(head: bytes) -> bool:
    """Whether the beginning of a file looks like YAML of objects that are read."""
    if not _KEY.match(head):
        return False
    kinds = _INDENTED_KINDS if _INDENTED.search(head) else _KINDS
    is_object = bool(_UID.search(head)) and any(_KINDS_READ.fullmatch(found[1]) for found in kinds.finditer(head))
    return is_object or bool(_TOLD_OTHERWISE.search(head))


def json_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each document, or each item of a List, as a line of JSON.

    What cannot be read becomes a line that says so. Its text is not repeated: what hides secrets in JSON would not find them there.
    """
    cutter = _Cutter()
    for line in _lines(pieces):
        if (unit := cutter.add(line)) is not None:
            yield unit
    if (unit := cutter.cut()) is not None:
        yield unit


class _Loader(yaml.CSafeLoader):
    """Times stay the text that they are, and nothing is said twice: aliases, which Kubernetes never writes, can grow without end."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as the base class has it
        if node in self.constructed_objects:
            raise ConstructorError(None, None, "an alias", node.start_mark)
        return super().construct_object(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest


class _Cutter:
    """Cuts lines into documents and items of Lists; of what a List says around its items nothing is kept."""

    def __init__(self) -> None:
        self._unit: list[bytes] = []
        self._size = 0
        self._line_no = 0
        self._first_no = 1
        self._is_list = False
        self._item_start: bytes | None = None

    def add(self, line: bytes) -> bytes | None:
        """Take in a line; the JSON of what ends before it."""
        self._line_no += 1
        if line.startswith((b"---", b"...")):
            done = self.cut()
            self._is_list, self._item_start = False, None
            return done
        if line.rstrip() in _LISTS:
            self._unit, self._is_list, self._item_start = [], True, None
            return None
        if self._item_start is None and line.lstrip().startswith(b"- ") and (self._is_list or not self._unit):
            self._is_list, self._item_start = True, line[: line.index(b"- ") + 2]
        if self._item_start is not None and line.startswith(self._item_start):
            done = self.cut()
            self._keep(line.replace(b"- ", b"  ", 1))
            return done
        if self._is_list and line[:1].strip(b" #\r\n"):
            done = self.cut()
            self._item_start = _ENDED
            return done
        self._keep(line)
        return None

    def cut(self) -> bytes | None:
        """The JSON of what was kept; None if that was nothing."""
        unit, self._unit, self._size = self._unit, [], 0
        is_something = any(line.strip() and not line.lstrip().startswith(b"#") for line in unit)
        return _json(b"".join(unit), f"lines {self._first_no} to {self._first_no + len(unit) - 1}") if is_something else None

    def _keep(self, line: bytes) -> None:
        self._size += len(line)
        # An object that is larger is refused as a whole.
        if self._item_start != _ENDED and self._size <= _MAX_BYTES + len(line):
            self._first_no = self._first_no if self._unit else self._line_no
            self._unit.append(line)


def _json(text: bytes, place: str) -> bytes:
    try:
        if len(text) > _MAX_BYTES:
            return f"YAML of more than {_MAX_BYTES} bytes, {place}\n".encode()
        value = yaml.load(text, _Loader)  # noqa: S506 - it is safe
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=str).encode() + b"\n"
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        return f"YAML that cannot be read, {place}: {getattr(error, 'problem', None) or type(error).__name__}\n".encode()
