"""A JSON patch as the merge patch that says the same, as far as the patch alone tells it.

A list of operations names elements of lists by their place, which means something only beside the object. What stays: values that the patch puts somewhere, elements that it adds
or replaces whole or names by a `test`, and what it removes after testing that it is there. Here: `as_merge` and its registration. Not here: what follows from a patch (`sql/timeline`).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from duckdb.func import SPECIAL

if TYPE_CHECKING:
    import duckdb

NAME = "json_patch_as_merge"

Json = Any
_PARTS = ("metadata", "spec", "status")
# Lists whose elements are named by place, with the key that tells them apart; None for plain words.
_KEYS = {
    "conditions": "type",
    "containerStatuses": "name",
    "initContainerStatuses": "name",
    "ephemeralContainerStatuses": "name",
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "schedulingGates": "name",
    "finalizers": None,
}
_UNKNOWN = object()


class _Elements:
    """What is known of a list: elements by place, elements that are somewhere, and those that were taken out."""

    def __init__(self) -> None:
        self.at: dict[int, Json] = {}
        self.written: set[int] = set()
        self.appended: list[Json] = []
        self.removed: list[Json] = []
        # From this place on elements are not where they were in the object.
        self.first_moved: float = math.inf

    def apply(self, op: str, path: list[str], value: Json) -> None:
        place = int(path[0]) if path[0].isascii() and path[0].isdigit() else None
        if place is not None and op != "test" and (op != "add" or len(path) > 1):
            # What was put last has a place too, which nobody knows.
            self.appended = [item for item in self.appended if not _may_be(self.at.get(place, _UNKNOWN), item)]
        if len(path) > 1:
            self._set_field(op, place, path, value)
        elif place is None:
            self.appended += [value] if op == "add" and value is not _UNKNOWN else []
        elif op == "add":
            self._shift(place, 1)
            self._set(place, value, is_written=True)
        elif op == "remove":
            self.removed += [self.at[place]] if place in self.at else []
            self._shift(place, -1)
        else:
            self._set(place, value, is_written=op == "replace")

    def value(self, path: list[str]) -> Json:
        found = self.at.get(int(path[0]), _UNKNOWN) if path[0].isascii() and path[0].isdigit() else _UNKNOWN
        return found if len(path) == 1 else _UNKNOWN

    def _set(self, place: int, value: Json, *, is_written: bool) -> None:
        if value is _UNKNOWN:
            self.at.pop(place, None)
        else:
            self.at[place] = value
        if is_written:
            self.written.add(place)

    def _set_field(self, op: str, place: int | None, path: list[str], value: Json) -> None:
        if place is None:
            return
        element = self.at.get(place, {})
        if len(path) > 2 or value is _UNKNOWN or op == "remove" or not isinstance(element, dict):  # noqa: PLR2004 - a place and a field
            # Something inside of a value changes: what was known of that value no longer holds.
            self.at[place] = {k: v for k, v in element.items() if k != path[1]} if isinstance(element, dict) else element
            return
        self.at[place] = {**element, path[1]: value}
        self.written |= {place} if op != "test" else set()

    def _shift(self, place: int, by: int) -> None:
        self.first_moved = min(self.first_moved, place)
        taken = place if by < 0 else None
        self.at = {at + by * (at >= place): item for at, item in self.at.items() if at != taken}
        self.written = {at + by * (at >= place) for at in self.written if at != taken}


def _may_be(known: Json, item: Json) -> bool:
    """Whether an element of which something is known may be this one."""
    if known is _UNKNOWN or not isinstance(known, dict) or not isinstance(item, dict):
        return known is _UNKNOWN or bool(known == item)
    return all(item.get(name) == value for name, value in known.items())


def as_merge(patch: str, container_names: list[str] | None = None) -> str | None:
    """The merge patch as JSON text; None if the text is no JSON patch.

    Args:
        patch: A JSON array of operations.
        container_names: The names of the pod's containers in their order, if they are known.
    """
    try:
        operations = json.loads(patch)
    except ValueError:
        return None
    if not isinstance(operations, list) or not all(isinstance(each, dict) and isinstance(each.get("path"), str) for each in operations):
        return None
    known: dict[str, Json] = {}
    for each in operations:
        _apply(known, each)
    said = {part: _said(body, container_names) for part, body in known.items() if part in _PARTS}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def _apply(known: dict[str, Json], operation: dict[str, Json]) -> None:
    op, path, value = operation.get("op"), _path(operation["path"]), operation.get("value")
    if op in {"move", "copy"}:
        source = _path(str(operation.get("from", "")))
        value = _value(known, source)
        if op == "move":
            _change(known, "remove", source, None)
        op = "add"
    if op in {"add", "replace", "test", "remove"}:
        _change(known, op, path, value)


def _path(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _elements(known: dict[str, Json], path: list[str]) -> _Elements | None:
    """The list that a path leads into, if it is one of those that are followed."""
    if len(path) < 3 or path[0] not in _PARTS or path[1] not in _KEYS:  # noqa: PLR2004 - a part, a list and a place
        return None
    held = known.setdefault(path[0], {}).setdefault(path[1], _Elements()) if isinstance(known.get(path[0], {}), dict) else None
    if isinstance(held, list):
        # It was given whole before: from here on its elements are known by their places.
        whole, held = held, _Elements()
        held.at, held.written, held.first_moved = dict(enumerate(whole)), set(range(len(whole))), 0
        known[path[0]][path[1]] = held
    return held if isinstance(held, _Elements) else None


def _value(known: dict[str, Json], path: list[str]) -> Json:
    elements = _elements(known, path)
    if elements is not None:
        return elements.value(path[2:])
    body: Json = known
    for part in path:
        if not isinstance(body, dict) or part not in body:
            return _UNKNOWN
        body = body[part]
    return _UNKNOWN if isinstance(body, _Elements) else body


def _change(known: dict[str, Json], op: str, path: list[str], value: Json) -> None:
    elements = _elements(known, path)
    if elements is not None:
        elements.apply(op, path[2:], value)
    elif op != "test" or path == ["metadata", "uid"]:
        _put(known, path, None if op == "remove" else value)


def _put(known: dict[str, Json], path: list[str], value: Json) -> None:
    body: Json = known
    for part in path[:-1]:
        body = body.setdefault(part, {})
        if not isinstance(body, dict):
            return
    if value is _UNKNOWN:
        body.pop(path[-1], None)
    elif path:
        body[path[-1]] = value


def _said(body: Json, container_names: list[str] | None) -> Json:
    if not isinstance(body, dict):
        return body
    said: dict[str, Json] = {}
    for name, value in body.items():
        if isinstance(value, _Elements):
            said |= _said_of_list(name, value, container_names if name == "containers" else None)
        else:
            said[name] = value
    return said


def _said_of_list(name: str, held: _Elements, names: list[str] | None) -> dict[str, Json]:
    key = _KEYS[name]
    if key is None:
        words = [item for place, item in sorted(held.at.items()) if place in held.written] + held.appended
        taken = [item for item in held.removed if item not in words]
        return ({name: words} if words else {}) | ({f"$deleteFromPrimitiveList/{name}": taken} if taken else {})
    named = [
        ({key: names[place]} | item if names and place < min(len(names), held.first_moved) else item)
        for place, item in sorted(held.at.items())
        if place in held.written and isinstance(item, dict)
    ]
    gone = [{"$patch": "delete", key: item[key]} for item in held.removed if isinstance(item, dict) and key in item]
    return {name: [item for item in named + held.appended if isinstance(item, dict) and key in item] + gone}


def register_json_patches(con: duckdb.DuckDBPyConnection) -> None:
    """Add `json_patch_as_merge(patch varchar, container_names varchar[]) -> varchar` to a connection."""
    known = con.execute("select 1 from duckdb_functions() where function_name = $name", {"name": NAME}).fetchall()
    if not known:
        con.create_function(NAME, as_merge, ["VARCHAR", "VARCHAR[]"], "VARCHAR", null_handling=SPECIAL)
