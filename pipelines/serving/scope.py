"""Who may see which rows and columns: the scope of a reader.

Here: `Scope`, a plain value that goes with a query into its worker process. Not here: who has which scope (HTTP's tokens).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows and columns that a reader may see.

    Args:
        clusters: Only rows of these clusters; of all if None.
        namespaces: Only rows that belong to one of these namespaces; all if None. Rows that belong to none are hidden then.
        may_read_bodies: Whether columns that hold whole bodies are there; their values are null otherwise.
    """

    clusters: tuple[str, ...] | None
    namespaces: tuple[str, ...] | None
    may_read_bodies: bool


EVERYTHING = Scope(clusters=None, namespaces=None, may_read_bodies=True)
