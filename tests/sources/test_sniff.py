"""Telling by content what a file holds."""

from __future__ import annotations

import json

import pytest

from pipelines.sources import Framing, detect
from pipelines.sources.sniff import first_level
from tests.ingest.logs import audit, compact, event, lines, pod

_EVENT_LIST = {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": [event()]}
_KUBECTL_LIST = {"apiVersion": "v1", "items": [pod()], "kind": "List", "metadata": {}}
_FRAME = {"type": "ADDED", "object": pod()}


@pytest.mark.parametrize(
    ("head", "shape", "framing"),
    [
        (lines(audit()), "audit_lines", Framing.LINES),
        (lines(audit())[:90], "audit_lines", Framing.LINES),
        (b"\xef\xbb\xbf" + lines(audit()), "audit_lines", Framing.LINES),
        (lines(audit(apiVersion="audit.k8s.io/v1beta1")), "audit_lines", Framing.LINES),
        (json.dumps(audit(), sort_keys=True).encode(), "audit_lines", Framing.LINES),
        (lines({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [audit()]}), "audit_batches", Framing.LINES),
        (lines(_FRAME), "watch_frames", Framing.LINES),
        (lines({"observed_at": "2026-11-23T07:02:25Z"} | _FRAME), "watch_frames", Framing.LINES),
        (json.dumps(_FRAME, indent=4).encode(), "watch_frames", Framing.VALUES),
        (lines(event()), "object_lines", Framing.LINES),
        (lines(pod()), "object_lines", Framing.LINES),
        (json.dumps(pod(), indent=2).encode(), "object_lines", Framing.VALUES),
        (lines(_EVENT_LIST), "object_list", Framing.LINES),
        (compact(_EVENT_LIST).encode()[:60], "object_list", Framing.LINES),
        (json.dumps(_KUBECTL_LIST, indent=4).encode(), "object_list", Framing.VALUES),
        (json.dumps(_KUBECTL_LIST, indent=4).encode()[:300], "object_list", Framing.VALUES),
        (b"a broken line\n" + lines(audit(), audit()), "audit_lines", Framing.LINES),
    ],
)
def test_each_shape_is_known_by_its_first_bytes(head: bytes, shape: str, framing: Framing) -> None:
    found = detect(head)
    assert found is not None
    assert (found.shape.name, found.framing) == (shape, framing)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\n\n",
        b"\x00\x01\x02" * 100,
        b"plain text\n",
        b"[1, 2, 3]\n",
        b'{"level":"info","msg":"started"}\n',
        b'{"kind":"Cluster","level":"scenario","at":"2026-11-23T07:24:11Z"}\n',
        b'{"t": 1795417355.6, "m": "HEAD", "p": "/v2/", "c": 200}\n',
        b"apiVersion: audit.k8s.io/v1\nkind: Policy\n",
        b"kind: Pod\nannotations:\n  last: |\n    " + lines(pod()),
        json.dumps({"a": {"b": 1}}, indent=2).encode(),
        b'"kind":"Event","apiVersion":"audit.k8s.io/v1"\n',
    ],
)
def test_anything_else_is_nothing(head: bytes) -> None:
    assert detect(head) is None


def test_only_the_first_level_counts() -> None:
    record = compact({"a": {"kind": "x", "l": [{"b": "}"}]}, 'q"': "v\\", "n": 5, "z": None}).encode()
    assert first_level(record) == {"a": None, 'q\\"': "v\\\\", "n": None, "z": None}
