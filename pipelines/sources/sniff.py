"""Telling by content what a file holds.

Here: `sniff`, which looks at the first level of the first records only, so that a record of any length costs the same. Not here: the
shapes' own signs (their modules) and decompression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sources.model import Framing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.sources.model import Keys, Shape

HEAD_BYTES = 1024 * 1024
_MAX_LINES = 20
# What tells a record lies at its start, and an audit log is told from the first lines of many files.
_MAX_RECORD_BYTES = 4 * 1024
# The last string may be cut.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]:,]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file holds, and how it is cut into records."""

    shape: Shape
    framing: Framing


def sniff(head: bytes, shapes: Sequence[Shape]) -> Detected | None:
    """Tell what a file holds by its first bytes.

    At least half of the first lines must look like one shape: a broken line at the start of a rotated log does no harm, and one line of
    JSON inside a text file says nothing. Else the whole beginning must be one JSON object that goes over several lines. Wrappers that hold
    something else than others do, such as the text of another program, are no lines that count.
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    for start in {shape.record_start for shape in shapes if shape.record_start}:
        head = parted(head, start)
    lines = [line for line in head.split(b"\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    found = [_matching(line, shapes) for line in lines if not _tells_nothing(line, shapes)]
    shape = max(shapes, key=found.count)
    if found.count(shape) * 2 >= len(found) > 0:
        return Detected(shape, shape.line_framing)
    # Pretty-printed output opens its object alone on a line.
    if lines and lines[0].strip() == b"{" and (shape_of_all := _matching(head, shapes)):
        return Detected(shape_of_all, Framing.DOCUMENTS)
    return None


def parted(data: bytes, record_start: bytes) -> bytes:
    """Put an end of line between objects that follow each other without one. Inside of a string the start's quote would have a backslash."""
    return data.replace(b"}" + record_start, b"}\n" + record_start)


def _tells_nothing(record: bytes, shapes: Sequence[Shape]) -> bool:
    return any(shape.opens is not None and shape.opens(record) == b"" for shape in shapes)


def _matching(record: bytes, shapes: Sequence[Shape]) -> Shape | None:
    return next((shape for shape in shapes if _is_match(record, shape)), None)


def _is_match(record: bytes, shape: Shape) -> bool:
    inner = record if shape.opens is None else shape.opens(record)
    return bool(inner) and bool(keys := first_level(inner or b"")) and shape.matches(keys)


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
