"""Telling by content what a file holds.

Here: `sniff`, which looks at the first level of the first records only, so that a record of any length costs the same. Not here: the
shapes' own signs (their modules) and decompression.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pipelines.sources.json_values import resync_mark, value_lines
from pipelines.sources.model import Framing
from pipelines.sources.yaml_documents import holds_objects, json_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipelines.sources.model import Keys, Shape

HEAD_BYTES = 1024 * 1024
_MAX_RECORDS = 20
# Parsing YAML takes its time.
_MAX_DOCUMENTS = 3
_OPENINGS = (b"{", b"[", b"\x1e")
# What tells a record lies at its start, and an audit log is told from the first lines of many files.
_MAX_RECORD_BYTES = 4 * 1024
# The last string may be cut.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]:,]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file holds, and how it is cut into records.

    Args:
        shape: What its records are.
        framing: How it is cut.
        mark: What surely starts a record, if it is cut after each JSON object.
    """

    shape: Shape
    framing: Framing
    mark: bytes = b""


def sniff(head: bytes, shapes: Sequence[Shape], *, otherwise: Shape | None = None) -> Detected | None:
    """Tell what a file holds by its first bytes.

    At least half of the first lines must look like one shape: a broken line at the start of a rotated log does no harm, and one line of
    JSON inside a text file says nothing. Where lines part no objects, the first objects must. Wrappers that hold something else than
    others do, such as the text of another program, are none that count.

    Args:
        head: The first bytes.
        shapes: What it may be, in the order in which it is tried.
        otherwise: What it is if nothing tells.
    """
    head = head[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    lines = _first(head)
    is_parted = _parts_objects(lines)
    if is_parted and (shape := _shape_of_most(lines, shapes)):
        return _detected(shape, shape.line_framing, head)
    if head.lstrip().startswith(_OPENINGS) and (shape := _shape_of_most(_first(_values(head)), shapes)):
        return _detected(shape, Framing.VALUES, head)
    if not is_parted and (shape := _shape_of_most(lines, shapes)):
        return _detected(shape, shape.line_framing, head)
    if holds_objects(head) and (shape := _shape_of_most(list(islice(json_lines([head]), _MAX_DOCUMENTS)), shapes)):
        return _detected(shape, Framing.YAML, head)
    return _detected(otherwise, otherwise.line_framing if is_parted else Framing.VALUES, head) if otherwise else None


def _parts_objects(lines: Sequence[bytes]) -> bool:
    """Whether an end of line parts one object from the next: no array, no object over several lines, not several on one."""
    starts_other = bool(lines) and (lines[0].lstrip().startswith(_OPENINGS[1:]) or lines[0].strip() == b"{" or len(lines[0]) == HEAD_BYTES)
    return not starts_other and not any(b"}{" in line and len(_first(_values(line))) > 1 for line in lines)


def _detected(shape: Shape, framing: Framing, head: bytes) -> Detected:
    return Detected(shape, framing, resync_mark(head) if framing is Framing.VALUES else b"")


def _first(lines: bytes) -> list[bytes]:
    return [line for line in lines.split(b"\n", _MAX_RECORDS)[:_MAX_RECORDS] if line.strip()]


def _values(data: bytes) -> bytes:
    return b"".join(value_lines([data], resync_mark(data)))


def _shape_of_most(records: Sequence[bytes], shapes: Sequence[Shape]) -> Shape | None:
    told = [_told(record, shapes) for record in records]
    found = [shape for shape, tells_nothing in told if not tells_nothing]
    shape = max(shapes, key=found.count)
    return shape if found.count(shape) * 2 >= len(found) > 0 else None


def _told(record: bytes, shapes: Sequence[Shape]) -> tuple[Shape | None, bool]:
    """The shape of a record; or else whether it is a wrapper that tells nothing."""
    opened: dict[Callable[[bytes], bytes | None] | None, tuple[bytes | None, Keys]] = {}
    for shape in shapes:
        if shape.opens not in opened:
            inner = shape.opens(record) if shape.opens else record
            opened[shape.opens] = inner, _keys(inner) if inner else {}
        inner, keys = opened[shape.opens]
        if keys and shape.matches(keys):
            return shape, False
    return None, any(inner == b"" for inner, _ in opened.values())


def _keys(record: bytes) -> Keys:
    """As `first_level`, by a parser that is twenty times as fast where the record is whole and short, as most are."""
    if len(record) <= _MAX_RECORD_BYTES:
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(record)
            return {key: part if isinstance(part, str) else None for key, part in value.items()} if isinstance(value, dict) else {}
    return first_level(record)


def first_level(record: bytes, max_bytes: int = _MAX_RECORD_BYTES) -> Keys:
    """The keys of a JSON object's first level with the value of those that are strings; as many as show before the text ends.

    Strings are as they are written, escapes and all; the last one may be cut.
    """
    if not record.lstrip().startswith(b"{"):
        return {}
    keys: dict[str, str | None] = {}
    key: str | None = None
    for depth, token in _tokens(record[:max_bytes]):
        if depth != 1:
            continue
        if token == b",":
            key = None
        elif token[:1] == b'"' and key is None:
            key = _text(token)
            keys[key] = None
        elif token[:1] == b'"' and key is not None:
            keys[key] = _text(token)
    return keys


def _text(token: bytes) -> str:
    return token.removeprefix(b'"').removesuffix(b'"').decode(errors="replace")


def _tokens(record: bytes) -> Iterator[tuple[int, bytes]]:
    """Strings and punctuation with the depth that they stand at, up to the end of the first object."""
    depth = 0
    for match in _TOKEN.finditer(record):
        token = match.group()
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
            if depth <= 0:
                return
        else:
            yield depth, token
