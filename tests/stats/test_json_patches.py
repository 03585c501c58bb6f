"""What a JSON patch says by itself, as a merge patch: never more than it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipelines.stats.json_patches import as_merge

_CASES: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
    (
        "a condition that is added",
        [{"op": "add", "path": "/status/conditions/-", "value": {"type": "A", "status": "True"}}],
        {"status": {"conditions": [{"type": "A", "status": "True"}]}},
    ),
    (
        "a condition by its place is known by a test",
        [
            {"op": "test", "path": "/status/conditions/1/type", "value": "Ready"},
            {"op": "replace", "path": "/status/conditions/1/status", "value": "True"},
        ],
        {"status": {"conditions": [{"type": "Ready", "status": "True"}]}},
    ),
    ("a place alone says nothing", [{"op": "replace", "path": "/status/conditions/1/status", "value": "True"}], {"status": {"conditions": []}}),
    (
        "a place moves with what is put before it",
        [
            {"op": "test", "path": "/status/conditions/0/type", "value": "Ready"},
            {"op": "add", "path": "/status/conditions/0", "value": {"type": "New", "status": "True"}},
            {"op": "replace", "path": "/status/conditions/1/status", "value": "False"},
        ],
        {"status": {"conditions": [{"type": "New", "status": "True"}, {"type": "Ready", "status": "False"}]}},
    ),
    (
        "a tested finalizer is removed",
        [{"op": "test", "path": "/metadata/finalizers/0", "value": "x/y"}, {"op": "remove", "path": "/metadata/finalizers/0"}],
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x/y"]}},
    ),
    ("some finalizer is removed", [{"op": "remove", "path": "/metadata/finalizers/0"}], {"metadata": {}}),
    ("all finalizers are removed", [{"op": "remove", "path": "/metadata/finalizers"}], {"metadata": {"finalizers": None}}),
    ("escaped keys", [{"op": "add", "path": "/metadata/annotations/a~1b~0c", "value": "v"}], {"metadata": {"annotations": {"a/b~c": "v"}}}),
    ("the UID by a test", [{"op": "test", "path": "/metadata/uid", "value": "u"}], {"metadata": {"uid": "u"}}),
    (
        "a container by its place",
        [{"op": "replace", "path": "/spec/containers/1/image", "value": "i:2"}],
        {"spec": {"containers": [{"name": "side", "image": "i:2"}]}},
    ),
    ("a copy of what is not known", [{"op": "copy", "from": "/status/phase", "path": "/status/reason"}], {"status": {}}),
    (
        "a move of what is known",
        [{"op": "add", "path": "/status/reason", "value": "r"}, {"op": "move", "from": "/status/reason", "path": "/status/message"}],
        {"status": {"reason": None, "message": "r"}},
    ),
    (
        "a tested gate is removed",
        [{"op": "test", "path": "/spec/schedulingGates/0", "value": {"name": "g"}}, {"op": "remove", "path": "/spec/schedulingGates/0"}],
        {"spec": {"schedulingGates": [{"$patch": "delete", "name": "g"}]}},
    ),
    ("other parts are left aside", [{"op": "add", "path": "/data/a", "value": 1}], {}),
]


@pytest.mark.parametrize(("patch", "said"), [case[1:] for case in _CASES], ids=[case[0] for case in _CASES])
def test_a_patch_says(patch: list[dict[str, Any]], said: dict[str, Any]) -> None:
    merged = as_merge(json.dumps(patch), ["app", "side"])
    assert merged is not None
    assert json.loads(merged) == said


@pytest.mark.parametrize("text", ["{}", "not JSON", "[1]", '[{"op": "add"}]', '{"metadata": {}}'])
def test_what_is_no_json_patch_says_nothing(text: str) -> None:
    assert as_merge(text) is None
