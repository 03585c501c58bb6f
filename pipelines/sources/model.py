"""What a shape of source is.

Not here: the shapes themselves (one module each) and how they are recognised in a file (`sniff`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Keys = Mapping[str, str | None]
"""The keys of a JSON object's first level, in order; with the value of those that are strings."""


class Framing(StrEnum):
    """How a file is cut: at each line end, at those of lines that a container's runtime did not split, after each JSON object, or as YAML."""

    LINES = "lines"
    CRI_LINES = "cri_lines"
    VALUES = "values"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Step:
    """One query of `sql/ingest`: its file, and the relation that it gives."""

    query: str
    gives: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of source.

    Args:
        name: As the ledger says it.
        matches: Whether a JSON object with these keys is a record of this shape (of what the wrapper holds, if it is wrapped).
        records: Name of the relation that the records are handed to the first step as.
        steps: Queries that lead from the records to the relation `parsed`.
        tables: Raw tables that follow from `parsed`, each by the query of its name.
        is_expanding: Whether one record holds many items, which then are what is counted and numbered.
        opens: The start of what a record wraps, given the start of the record: None if that is no such wrapper, b"" if it is one but tells
            nothing of what others hold. None for shapes without a wrapper.
        line_framing: How files are cut whose records are told line by line.
        variables: What the queries of this shape read beside the settings.
    """

    name: str
    matches: Callable[[Keys], bool]
    records: str
    steps: tuple[Step, ...]
    tables: tuple[str, ...]
    is_expanding: bool = False
    opens: Callable[[bytes], bytes | None] | None = None
    line_framing: Framing = Framing.LINES
    variables: Mapping[str, object] = field(default_factory=dict)
