"""YAML of objects, turned into lines of JSON: the same however it is laid out and cut."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources import Framing, detect
from pipelines.sources.yaml_documents import holds_objects, json_lines
from tests.ingest.logs import event, pod

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ingest.logs import Json

_HOSTILE = pod(
    metadata={
        "name": "-dash",
        "annotations": {
            "a": "line 1\n- item\nkind: Pod\n\nitems:\n---\n",
            "b": "yes",
            "c": "2026-11-23T07:04:08Z",
            "d": " # no comment",
            "e": "\u00e9\u2028",
        },
    },
    spec={"containers": [{"name": "x", "command": ["sh", "-c", "echo 'a: b' | tr -d '\\n'\n\n  - x\n"], "args": [[], {}], "tty": True, "n": 1.5}]},
)
_OBJECTS = [pod(), event(), _HOSTILE, event(message="x" * 300)]


def _list(items: list[Json], **other: str) -> str:
    return yaml.dump({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}} | other)


_LAYOUTS: dict[str, Callable[[list[Json]], str]] = {
    "kubectl": _list,
    "must-gather": lambda items: "---\n" + _list(items, kind="PodList"),
    "indented": lambda items: "apiVersion: v1\nitems:\n" + "".join(f"  {line}\n" for line in yaml.dump(items).splitlines()) + "kind: List\n",
    "documents": lambda items: yaml.dump_all(items, explicit_start=True),
    "with comments": lambda items: "# a\n" + "---\n# b\n".join(map(yaml.dump, items)),
    "sequence": yaml.dump,
    "lists": lambda items: "".join("---\n" + _list([item]) for item in items),
    "Windows": lambda items: _list(items).replace("\n", "\r\n"),
}


def _lines(text: str, piece_bytes: int = 1 << 20) -> list[str]:
    data = text.encode()
    return b"".join(json_lines(data[start : start + piece_bytes] for start in range(0, len(data), piece_bytes))).decode().split("\n")[:-1]


@pytest.mark.parametrize("layout", _LAYOUTS)
@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(_OBJECTS).map(deepcopy), min_size=1, max_size=4), st.integers(1, 5_000))
def test_each_object_is_a_line_of_json(layout: str, objects: list[Json], piece_bytes: int) -> None:
    text = _LAYOUTS[layout](objects)
    assert holds_objects(text.encode())
    assert [json.loads(line) for line in _lines(text, piece_bytes)] == objects


def test_events_of_a_typed_list_say_no_kind() -> None:
    text = _list([{key: value for key, value in event().items() if key not in {"kind", "apiVersion"}}], kind="EventList")
    found = detect(text.encode())
    assert found is not None
    assert (found.shape.name, len(_lines(text))) == ("object_lines", 1)


def test_what_is_told_by_its_first_bytes() -> None:
    found = detect(_list([pod()]).encode())
    assert found is not None
    assert (found.shape.name, found.framing) == ("object_lines", Framing.YAML)


@pytest.mark.parametrize(
    "text",
    [
        "kind: Policy\napiVersion: audit.k8s.io/v1\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a-manifest\n",
        _list([{"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"uid": "x"}}]),
        "replicas: 3\nimage:\n  tag: v1\n",
        "kind: Pod of text\nuid: x\n",
        "I1123 started: yes\n  uid: x\nkind: Pod\n",
    ],
)
def test_other_yaml_and_text_is_not_even_parsed(text: str) -> None:
    assert not holds_objects(text.encode())
    assert detect(text.encode()) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &a [x]\nb: *a\n", "an alias"),
        ("a: [\n", "did not find expected node content"),
        ("a: !!python/object/apply:os.system [true]\n", "could not determine a constructor"),
        ("a: " + "[" * 2000, "exceeded maximum nesting depth"),
        ("a: .nan\n", "ValueError"),
        ("a: \\ud800\nsecret: hunter2\n: :", "YAML that cannot be read"),
        ("a: " + "x" * (9 << 20) + "\n", "YAML of more than"),
    ],
)
def test_what_cannot_be_read_is_a_line_that_says_so_and_no_more(text: str, problem: str) -> None:
    lines = _lines(f"---\nkind: Pod\n---\n{text}\n---\nkind: Node\n")
    assert (lines[0], lines[2:]) == ('{"kind":"Pod"}', ['{"kind":"Node"}'])
    assert problem in lines[1]
    assert "lines 4 to" in lines[1]
    assert "hunter2" not in lines[1]
