"""What a JSON patch is read to say holds for any object once the patch is applied to it, by a library of its own."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonpatch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.stats.json_patches import as_merge

_KEYED = {"conditions": "type", "containerStatuses": "name", "containers": "name", "schedulingGates": "name"}
_SCALARS = st.one_of(st.text("ab/~é", max_size=3), st.integers(0, 3), st.booleans())
_WORDS = st.lists(st.sampled_from("pqrst"), unique=True, max_size=3)


_KINDS = ("test", "replace", "remove", "insert", "insert", "add", "key", "key")


def _elements(key: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    element = st.fixed_dictionaries({key: st.sampled_from("ABCDE")}, optional={"status": _SCALARS, "more": st.fixed_dictionaries({"x": _SCALARS})})
    return st.lists(element, unique_by=lambda each: each[key], max_size=3)


_PODS = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries({"labels": st.dictionaries(st.text("ab/~", max_size=2), _SCALARS, max_size=3), "finalizers": _WORDS}),
        "spec": st.fixed_dictionaries({"nodeName": _SCALARS, "containers": _elements("name"), "schedulingGates": _elements("name")}),
        "status": st.fixed_dictionaries({"phase": _SCALARS, "conditions": _elements("type"), "containerStatuses": _elements("name")}),
    }
)


def _pointer(path: tuple[Any, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    """The paths of everything below the parts of an object."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if len(path) > 1 else []) + [place for key, each in inner for place in _places(each, (*path, key))]


def _at(body: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401 - JSON
    for part in path:
        body = body[part]
    return body


def _new_value(draw: st.DrawFn, body: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401 - JSON
    """What may stand at a path of an object: lists stay lists of what is told apart by its key."""
    names = [part for part in path if part in _KEYED or part == "finalizers"]
    if not names:
        return draw(_SCALARS)
    name, below = names[-1], len(path) - 1 - path.index(names[-1])
    held = _at(body, path[: path.index(name) + 1]) if below else []
    if name == "finalizers":
        return draw(st.sampled_from("uvwxyz").filter(lambda word: word not in held)) if below else draw(_WORDS)
    taken = {each.get(_KEYED[name]) for each in held if isinstance(each, dict)}
    if below == 1:
        return {_KEYED[name]: draw(st.sampled_from([*"ABCDEFGHI"]).filter(lambda key: key not in taken)), "status": draw(_SCALARS)}
    return draw(_elements(_KEYED[name])) if not below else draw(_SCALARS)


def _is_key(path: tuple[Any, ...]) -> bool:
    """Whether it is what an element of a list is told apart by: nobody renames these."""
    return len(path) == 4 and path[1] in _KEYED and path[3] == _KEYED[path[1]]


@st.composite
def _patched(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    """A patch that fits an object, what it makes of it, and the names of the containers before."""
    body = draw(_PODS)
    containers = [each["name"] for each in body["spec"]["containers"]]
    operations: list[dict[str, Any]] = []
    focus = draw(st.sampled_from([*_KEYED, "finalizers"]))
    for _ in range(draw(st.integers(1, 8))):
        places = [path for path in _places(body) if not _is_key(path)]
        # Places in one list are where it gets hard.
        path, kind = draw(st.sampled_from([each for each in places if each[1] == focus] * 5 + places)), draw(st.sampled_from(_KINDS))
        held = _at(body, path)
        if kind == "key" and isinstance(held, dict) and len(path) == 3 and path[1] in _KEYED:
            operation = {"op": "test", "path": _pointer((*path, _KEYED[path[1]])), "value": held[_KEYED[path[1]]]}
        elif kind == "insert" and isinstance(_at(body, path[:-1]), list):
            place = draw(st.sampled_from([path[-1], "-"]))
            operation = {"op": "add", "path": _pointer((*path[:-1], place)), "value": _new_value(draw, body, (*path[:-1], place))}
        elif kind == "add" and isinstance(held, dict) and len(path) != 3:
            operation = {"op": "add", "path": _pointer((*path, "new/~")), "value": draw(_SCALARS)}
        elif kind == "remove":
            operation = {"op": "remove", "path": _pointer(path)}
        elif kind == "replace":
            operation = {"op": "replace", "path": _pointer(path), "value": _new_value(draw, body, path)}
        else:
            operation = {"op": "test", "path": _pointer(path), "value": copy.deepcopy(held)}
        operations.append(operation)
        body = jsonpatch.apply_patch(body, [operation])
    return operations, body, containers


def _holds(said: Any, body: Any, name: str = "") -> bool:  # noqa: ANN401 - JSON
    """Whether everything that is said is so."""
    if name in _KEYED and isinstance(said, list):
        held = {each.get(_KEYED[name]): each for each in body or []}
        return all(
            each[_KEYED[name]] not in held if "$patch" in each else _KEYED[name] in each and _holds(each, held.get(each[_KEYED[name]]))
            for each in said
        )
    if name == "finalizers" and isinstance(said, list):
        return set(said) <= set(body or [])
    if not isinstance(said, dict):
        return bool(said == body)
    deleted = {key.partition("/")[2]: words for key, words in said.items() if key.startswith("$deleteFromPrimitiveList/")}
    plain = {key: value for key, value in said.items() if not key.startswith("$")}
    return (
        isinstance(body, dict)
        and all(not set(words) & set(body.get(key, [])) for key, words in deleted.items())
        and all(key not in body if value is None else _holds(value, body.get(key), key) for key, value in plain.items())
    )


def test_a_place_has_its_name_only_as_long_as_nothing_before_it_moved() -> None:
    operations = [
        {"op": "remove", "path": "/spec/containers/1"},
        *({"op": "replace", "path": f"/spec/containers/{place}/image", "value": "x"} for place in (0, 1)),
    ]
    assert json.loads(as_merge(json.dumps(operations), ["a", "b", "c"]) or "") == {"spec": {"containers": [{"name": "a", "image": "x"}]}}


@settings(max_examples=300, deadline=None)
@given(_patched())
def test_what_a_patch_says_holds_once_it_is_applied(patched: tuple[list[dict[str, Any]], dict[str, Any], list[str]]) -> None:
    operations, body, containers = patched
    merged = as_merge(json.dumps(operations), containers)
    assert merged is not None
    assert _holds(json.loads(merged), body)
