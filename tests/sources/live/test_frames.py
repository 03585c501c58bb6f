"""Pages and frames taken apart: nothing of an object changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.live import RESOURCES
from pipelines.sources.live.frames import deleted, read_frame, read_page, stamped

AT = datetime(2026, 11, 23, 7, 0, 1, 250, tzinfo=UTC)
STAMP = "2026-11-23T07:00:01.000250Z"
PODS = RESOURCES["pods"]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=8).filter(lambda key: key not in {"kind", "apiVersion", "metadata"}), values, max_size=4)
metadata = st.fixed_dictionaries(
    {"resourceVersion": st.integers(1).map(str)}, optional={"continue": st.text(min_size=1), "remainingItemCount": st.integers(0)}
)
pages = st.permutations(["kind", "metadata", "items", "extra"])


@given(st.lists(objects, max_size=5), metadata, pages, st.sampled_from([None, 1, 2]), values, st.booleans())
def test_any_page_in_any_spelling_gives_its_objects_as_they_are(
    items: list[dict[str, object]],
    metadata: dict[str, object],
    order: list[str],
    indent: int | None,
    extra: object,
    ascii_only: bool,  # noqa: FBT001
) -> None:
    parts = {"kind": "PodList", "metadata": metadata, "items": items, "extra": extra}
    text = json.dumps({name: parts[name] for name in order}, indent=indent, ensure_ascii=ascii_only)
    page = read_page(text.encode("utf-8", "surrogatepass" if not ascii_only else "strict"), PODS, AT)
    frames = [json.loads(line) for line in page.lines.split(b"\n") if line]
    assert [frame["object"] for frame in frames] == [{"kind": "Pod", "apiVersion": "v1"} | item for item in items]
    assert {(frame["type"], frame["observed_at"]) for frame in frames} <= {("LISTED", STAMP)}
    assert (page.resource_version, page.continue_token) == (metadata["resourceVersion"], metadata.get("continue", ""))


@given(st.lists(objects, min_size=1, max_size=3), st.data())
def test_no_page_that_was_cut_is_taken_for_a_whole_one(items: list[dict[str, object]], data: st.DataObject) -> None:
    body = json.dumps({"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": items}).encode()
    with pytest.raises(ValueError):  # noqa: PT011 - each parser has words of its own
        read_page(body[: data.draw(st.integers(0, len(body) - 1))], PODS, AT)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"items":[]}', b'{"metadata":{},"items":[1]}', b'{"metadata":{},"items":[]}x', b'{"metadata":{},"items":{}}'],
)
def test_what_is_no_list_is_said_so(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each parser has words of its own
        read_page(body, PODS, AT)


def test_an_item_that_says_its_kind_is_not_told_another() -> None:
    item = {"kind": "Pod", "apiVersion": "v1", "metadata": {"uid": "u", "name": "n"}}
    page = read_page(json.dumps({"kind": "List", "metadata": {}, "items": [item]}).encode(), PODS, AT)
    assert page.lines.count(b'"kind"') == 1
    assert page.names == {"u": "n"}


def test_text_that_is_no_utf_8_stays_what_it_is() -> None:
    body = b'{"metadata":{},"items":[{"metadata":{"uid":"u"},"a":"\xff"}]}'
    assert b'"a":"\xff"' in read_page(body, PODS, AT).lines


def test_numbers_are_not_written_anew() -> None:
    body = b'{"metadata":{},"items":[{"metadata":{"uid":"u"},"a":1.0,"b":12345678901234567890,"c":1e3}]}'
    assert b'"a":1.0,"b":12345678901234567890,"c":1e3' in read_page(body, PODS, AT).lines


def test_a_frame_gets_its_time_of_arrival_and_nothing_else() -> None:
    line = b'{"type":"ADDED","object":{"kind":"Pod","metadata":{"resourceVersion":"7"},"n":1.0}}'
    assert stamped(line, AT) == b'{"observed_at":"' + STAMP.encode() + b'",' + line[1:] + b"\n"
    assert (read_frame(line).type, read_frame(line).resource_version) == ("ADDED", "7")


def test_an_error_frame_tells_its_code_and_how_long_to_wait() -> None:
    told = {"kind": "Status", "code": 429, "message": "slow down", "details": {"retryAfterSeconds": 3}}
    failure = read_frame(json.dumps({"type": "ERROR", "object": told}).encode()).failure
    assert failure is not None
    assert (failure.code, failure.message, failure.retry_after_s) == (429, "slow down", 3)


@pytest.mark.parametrize("line", [b"x", b"[]", b"{}", b'{"type":"ADDED"}', b'{"type":"ADDED","object":1}'])
def test_what_is_no_frame_is_said_so(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each parser has words of its own
        read_frame(line)


def test_what_is_gone_is_told_as_a_watch_would() -> None:
    assert json.loads(deleted('{"kind":"Pod"}', AT)) == {"observed_at": STAMP, "type": "DELETED", "object": {"kind": "Pod"}}
