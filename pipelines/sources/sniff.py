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
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file holds, and how it is cut into records."""

    shape: Shape
    framing: Framing


def sniff(head: bytes, shapes: Sequence[Shape]) -> Detected | None:
    """Tell what a file holds by its first bytes.

    At least half of the first lines must look like one shape: a broken line at the start of a rotated log does no harm, and one line of
    JSON inside a text file says nothing. Else the whole beginning must be one JSON object that goes over several lines.
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    lines = [line for line in head.split(b"\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    found = [_matching(line, shapes) for line in lines]
    shape = max(shapes, key=found.count)
    if found.count(shape) * 2 >= len(found) > 0:
        return Detected(shape, Framing.LINES)
    # Pretty-printed output opens its object alone on a line.
    if lines and lines[0].strip() == b"{" and (shape_of_all := _matching(head, shapes)):
        return Detected(shape_of_all, Framing.DOCUMENTS)
    return None


def _matching(record: bytes, shapes: Sequence[Shape]) -> Shape | None:
    keys = first_level(record)
    return next((shape for shape in shapes if keys and shape.matches(keys)), None)


def first_level(record: bytes) -> Keys:
    """The keys of a JSON object's first level with the value of those that are strings; as many as show before the text ends."""
    if not record.lstrip().startswith(b"{"):
        return {}
    keys: dict[str, str | None] = {}
    key: str | None = None
    for depth, token in _tokens(record[:_MAX_RECORD_BYTES]):
        if depth != 1:
            continue
        if token == b",":
            key = None
        elif token[:1] == b'"' and key is None:
            key = token[1:-1].decode(errors="replace")
            keys[key] = None
        elif token[:1] == b'"' and key is not None:
            keys[key] = token[1:-1].decode(errors="replace")
    return keys


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
