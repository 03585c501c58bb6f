"""Wrappers of log services and shippers around lines that are known shapes themselves.

Here: `Wrapper`, `wrapping`, which gives the shape of each kind of line in it, and `texts`, which looks into the start of a record. Not
here: the wrappers themselves (one module each) and how they are undone (`sql/ingest/<query>.sql`, then `unwrapped.sql`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sources import audit_lines, eventrouter_lines, object_lines, watch_frames
from pipelines.sources.model import Framing, Shape, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES = 64 * 1024
ESCAPED = re.compile(rb'\\(["\\/])')
_INNER = (audit_lines.SHAPE, watch_frames.SHAPE, object_lines.SHAPE, eventrouter_lines.SHAPE)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """What a log service or shipper puts around each line, or around many.

    Args:
        name: As the ledger says it.
        query: What undoes it.
        batches: The query that takes batches apart into single records before that; None if there are none.
        opens: As `Shape.opens`.
        is_expanding: As `Shape.is_expanding`.
        line_framing: As `Shape.line_framing`.
    """

    name: str
    query: str
    opens: Callable[[bytes], bytes | None]
    batches: str | None = None
    is_expanding: bool = False
    line_framing: Framing = Framing.LINES


def wrapping(wrapper: Wrapper) -> tuple[Shape, ...]:
    """One shape per kind of line that the wrapper may hold."""
    return tuple(_wrapped(wrapper, inner) for inner in _INNER)


def _wrapped(wrapper: Wrapper, inner: Shape) -> Shape:
    parting = (Step(wrapper.batches, "wrapped"),) if wrapper.batches else ()
    unwrapping = (Step(wrapper.query, "found"), Step("unwrapped", "unwrapped"), Step("unwrapped_lines", inner.records))
    return Shape(
        name=f"{wrapper.name}/{inner.name}",
        matches=inner.matches,
        records="batches" if parting else "wrapped",
        steps=(*parting, *unwrapping, *inner.steps, Step("unwrapped_rows", "parsed")),
        tables=inner.tables,
        is_expanding=wrapper.is_expanding,
        opens=wrapper.opens,
        line_framing=wrapper.line_framing,
    )


def texts(record: bytes, *names: str) -> Iterator[bytes]:
    """The values of these keys at any level of the start of a record, as far as they show: objects as they are, strings without their escapes."""
    wanted = "|".join(map(re.escape, names)).encode()
    for found in re.finditer(rb'"(?:' + wanted + rb')"\s*:\s*(?:"((?:[^"\\]|\\.)*)|(?=\{))', record[:MAX_BYTES], re.DOTALL):
        yield record[found.end() : MAX_BYTES] if found[1] is None else ESCAPED.sub(rb"\1", found[1])


def first_object(found: Iterator[bytes]) -> bytes:
    """The first of these texts that starts a JSON object; b"" if none does."""
    return next((each for each in found if each.lstrip().startswith(b"{")), b"")
