"""JSON values that no line end parts: the same lines however they are laid out and however the stream is cut."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.json_values import resync_mark, value_lines

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXT = st.text(st.sampled_from('ab{}[]",\\\n é\u2028'), max_size=8)
_VALUE = st.recursive(
    _TEXT | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=6
)
_OBJECTS = st.lists(st.dictionaries(_TEXT, _VALUE, max_size=3), max_size=6)


def _each(between: str, **options: Any) -> Callable[[list[Any]], str]:  # noqa: ANN401 - of json.dumps
    return lambda objects: between.join(json.dumps(each, **options) for each in objects)


_LAYOUTS: dict[str, Callable[[list[Any]], str]] = {
    "array": json.dumps,
    "compact array": lambda objects: json.dumps(objects, separators=(",", ":"), ensure_ascii=False),
    "pretty array": lambda objects: json.dumps(objects, indent=2),
    "array without indentation": lambda objects: json.dumps(objects, indent=0),
    "array with one per line": lambda objects: "[\n" + _each(",\n")(objects) + "\n]\n",
    "arrays": lambda objects: "\n".join(json.dumps([each]) for each in objects),
    "one after the other": _each(""),
    "pretty": _each("\n", indent=4),
    "pretty, one after the other": _each("", indent=2),
    "Windows": lambda objects: json.dumps(objects, indent=2).replace("\n", "\r\n"),
    "tabs": _each("\n", indent="\t"),
    "text sequence": lambda objects: "".join(f"\x1e{json.dumps(each)}\n" for each in objects),
    "with a byte order mark": lambda objects: "\ufeff" + json.dumps(objects),
    "lines": _each("\n"),
}


def _lines(data: bytes, piece_bytes: int) -> list[bytes]:
    pieces = list(value_lines((data[start : start + piece_bytes] for start in range(0, len(data), piece_bytes)), resync_mark(data)))
    assert all(pieces)
    return b"".join(pieces).split(b"\n")


@pytest.mark.parametrize("layout", _LAYOUTS)
@settings(max_examples=20, deadline=None)
@given(_OBJECTS, st.integers(1, 64))
def test_each_object_is_a_line_of_its_own(layout: str, objects: list[Any], piece_bytes: int) -> None:
    data = _LAYOUTS[layout](objects).encode()
    lines = _lines(data, piece_bytes)
    assert [json.loads(line) for line in lines if line] == objects
    assert b"" not in lines[:-1]


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=60) | st.text(st.sampled_from('{}[]"\\\n ,a'), max_size=60).map(str.encode), st.integers(1, 9))
def test_any_cut_of_anything_gives_the_same_lines(data: bytes, piece_bytes: int) -> None:
    assert _lines(data, piece_bytes) == _lines(data, max(len(data), 1))


@settings(max_examples=20, deadline=None)
@given(_OBJECTS, st.text(st.sampled_from("ab\\ "), min_size=1, max_size=5).filter(str.strip), st.integers(1, 64))
def test_what_stands_between_is_told_as_lines(objects: list[Any], text: str, piece_bytes: int) -> None:
    data = "".join(f"{text}\n{json.dumps(each, indent=1)}\n" for each in objects).encode()
    lines = _lines(data, piece_bytes)
    assert [line.strip() for line in lines[::2] if line] == [text.strip().encode()] * len(objects)
    assert [json.loads(line) for line in lines[1::2]] == objects


@pytest.mark.parametrize("indent", [None, 2])
def test_an_object_that_was_cut_does_not_take_the_next_ones_with_it(indent: int | None) -> None:
    first, *others = (json.dumps(each, indent=indent).encode() for each in ({"a": {"b": ["x", {"c": "y"}]}}, {"d": 'e"{'}, {"f": {"g": 1}}))
    for cut in range(1, len(first)):
        lines = [line for line in _lines(b"\n".join([first, first[:cut], *others]), 7) if line]
        assert [json.loads(line) for line in lines[-2:]] == list(map(json.loads, others)), first[:cut]


def test_a_long_run_of_backslashes_costs_no_time() -> None:
    data = b'{"a":"' + b"\\\\" * 2_000_000 + b'"}{"b":1}'
    assert [len(line) for line in _lines(data, 1 << 20)] == [4_000_008, 7, 0]
