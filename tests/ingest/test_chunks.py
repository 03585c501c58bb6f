"""Cutting bytes into chunks and records: any way of cutting gives the same records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import SourceError
from pipelines.ingest.chunks import Chunk, Limits, chunks, records
from pipelines.sources import Framing

_LINES = st.lists(
    st.sampled_from([b'{"a":1}', b"", b"  ", b"\r", '{"b":"é"}'.encode(), b"\xff\xfe", b"x" * 60, b"x" * 61, b'{"c":"' + b"y" * 100 + b'"}']),
    max_size=30,
)


def _all_records(data: bytes, piece_bytes: int, limits: Limits) -> list[tuple[int, str]]:
    """Every record with its number in the file: its text, or why it is none."""
    found: list[tuple[int, str]] = []
    first = 0
    pieces = (data[start : start + piece_bytes] for start in range(0, len(data), piece_bytes))
    for chunk in chunks(pieces, limits):
        result = records(chunk, limits.framing, limits.max_record_bytes)
        numbered = [
            (first + no, line.rstrip("\r\n")) for no, line in zip(result.table["line_no"].to_pylist(), result.table["line"].to_pylist(), strict=True)
        ]
        numbered += [(first + bad.line_no, f"bad: {bad.reason}") for bad in result.bad]
        assert len(numbered) + result.blank == result.count
        found += sorted(numbered)
        first += result.count
    return found


def _expected(data: bytes, max_record_bytes: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for no, line in enumerate(data.split(b"\n")):
        if len(line) > max_record_bytes:
            found.append((no, f"bad: longer than {max_record_bytes} bytes; cut"))
        elif line.strip():
            try:
                found.append((no, line.decode().rstrip("\r\n")))
            except UnicodeDecodeError:
                found.append((no, "bad: not UTF-8"))
    return found


@given(_LINES, st.booleans(), st.integers(1, 64), st.integers(1, 200))
def test_any_cut_gives_the_same_lines(raw_lines: list[bytes], ends_with_newline: bool, piece_bytes: int, chunk_bytes: int) -> None:  # noqa: FBT001
    data = b"\n".join(raw_lines) + (b"\n" if ends_with_newline else b"")
    limits = Limits(Framing.LINES, chunk_bytes, 60, is_refusing=False)
    assert _all_records(data, piece_bytes, limits) == _expected(data, 60)


@given(
    st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.sampled_from("PF"), st.sampled_from(["", "x", "é" * 9, "P F"])), max_size=20),
    st.booleans(),
    st.integers(1, 64),
    st.integers(1, 200),
)
def test_lines_that_a_runtime_split_are_one_record(
    parts: list[tuple[str, str, str]],
    ends_with_newline: bool,  # noqa: FBT001
    piece_bytes: int,
    chunk_bytes: int,
) -> None:
    raw_lines = [f"2026-11-23T07:17:11.{number}Z {stream} {tag} {text}" for number, (stream, tag, text) in enumerate(parts, 1)]
    data = "\n".join(raw_lines).encode() + (b"\n" if ends_with_newline and raw_lines else b"")
    expected: list[str] = []
    is_open = False
    for line, (_, tag, _) in zip(raw_lines, parts, strict=True):
        expected = [*expected[:-1], f"{expected[-1]}\n{line}"] if is_open else [*expected, line]
        is_open = tag == "P"
    found = _all_records(data, piece_bytes, Limits(Framing.CRI_LINES, chunk_bytes, 1000, is_refusing=False))
    assert found == list(enumerate(expected))


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    limits = Limits(Framing.LINES, 10, 100, is_refusing=False)
    assert _all_records(b'\xef\xbb\xbf{"a":1}\n', 4096, limits) == [(0, '{"a":1}')]


def test_only_the_start_of_a_line_that_is_too_long_is_held() -> None:
    pieces = (b"z" * 1_000_000 for _ in range(20))
    limits = Limits(Framing.LINES, 100_000, 2_000_000, is_refusing=False)
    [chunk] = chunks(pieces, limits)
    assert chunk.is_cut
    assert len(chunk.data) < 100_000


def test_what_follows_a_line_that_is_too_long_is_read() -> None:
    limits = Limits(Framing.LINES, 10, 20, is_refusing=False)
    assert _all_records(b"a\n" + b"z" * 100 + b"\nb\n", 7, limits) == [(0, "a"), (1, "bad: longer than 20 bytes; cut"), (2, "b")]


def test_a_document_that_is_too_long_is_refused_with_the_remedy() -> None:
    limits = Limits(Framing.VALUES, 10, 1000, is_refusing=True)
    with pytest.raises(SourceError, match="jq -c"):
        list(chunks([b"{\n" + b" " * 5000], limits))


def test_no_bytes_are_no_records() -> None:
    assert list(chunks([], Limits(Framing.LINES, 10, 10, is_refusing=False))) == []


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    [bad] = records(Chunk(b'{"a":1}\n\xff"b"\n'), Framing.LINES, 100).bad
    assert (bad.line_no, bad.raw) == (1, '\\xff"b"')
