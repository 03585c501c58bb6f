"""Where bytes come from, and how each wrapper is undone: one small module per shape.

Here: `SHAPES`, all shapes in the order in which they are tried, `detect` and `discover`. A new wrapper is a module with one `Shape`
and one SQL file in `sql/ingest`. Not here: turning records into rows (`pipelines.ingest`).
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipelines.errors import ConfigError
from pipelines.sources import (
    aks_rows,
    audit_batches,
    audit_lines,
    azure_records,
    cloudwatch_batches,
    cloudwatch_lines,
    cri_lines,
    eventrouter_lines,
    gke_entries,
    loki_streams,
    object_lines,
    object_list,
    otlp_batches,
    own_records,
    prefixed_lines,
    shipper_lines,
    sloop_records,
    watch_frames,
)
from pipelines.sources.blocks import Blocks
from pipelines.sources.compression import Decompressor
from pipelines.sources.discover import STDIN, Discovery, discover
from pipelines.sources.found import Found, Selection, Span
from pipelines.sources.model import Framing, Shape, Step
from pipelines.sources.opening import Opened, inside, opened
from pipelines.sources.piped import spooled
from pipelines.sources.sniff import Detected, sniff

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SHAPES",
    "STDIN",
    "Blocks",
    "Decompressor",
    "Detected",
    "Discovery",
    "Found",
    "Framing",
    "Opened",
    "Selection",
    "Shape",
    "Span",
    "Step",
    "detect",
    "discover",
    "inside",
    "opened",
    "shape_named",
    "spooled",
]

SHAPES: tuple[Shape, ...] = (
    audit_lines.SHAPE,
    audit_batches.SHAPE,
    watch_frames.SHAPE,
    object_list.SHAPE,
    object_lines.SHAPE,
    eventrouter_lines.SHAPE,
    sloop_records.SHAPE,
    *cloudwatch_batches.SHAPES,
    *cloudwatch_lines.SHAPES,
    *azure_records.SHAPES,
    *aks_rows.SHAPES,
    gke_entries.SHAPE,
    *cri_lines.SHAPES,
    *loki_streams.SHAPES,
    *otlp_batches.SHAPES,
    *shipper_lines.SHAPES,
    *prefixed_lines.SHAPES,
)


def detect(head: bytes) -> Detected | None:
    """Tell by the first bytes of a decompressed file what it holds; None if it is nothing that we read."""
    return sniff(head, SHAPES)


def shape_named(name: str, own: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> Shape:
    """The shape of this name.

    Args:
        name: A shape, or the name of one of the user's own records.
        own: The mappings of the user's own records by their names.

    Raises:
        ConfigError: There is none.
    """
    if (mapped := name.removeprefix(own_records.PREFIX)) in own:
        return own_records.shape_of(mapped, own[mapped])
    for shape in SHAPES:
        if shape.name == name:
            return shape
    names = [*own, *(shape.name for shape in SHAPES)]
    close = get_close_matches(name, names, n=1)
    meant = f"Did you mean `{close[0]}`? " if close else ""
    # A user's own name may hold anything.
    wrappers, wrapped = (list(dict.fromkeys(parts)) for parts in zip(*(each.name.split("/") for each in SHAPES if "/" in each.name), strict=True))
    alone = [*own, *(shape.name for shape in SHAPES if "/" not in shape.name)]
    raise ConfigError(
        f"There is no shape `{name}`",
        remedy=f"{meant}Use one of {', '.join(alone)}; or, such as `{wrappers[0]}/{wrapped[0]}`, "
        f"one of {', '.join(wrappers)} around one of {', '.join(wrapped)}.",
    )
