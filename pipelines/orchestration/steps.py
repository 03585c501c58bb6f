"""Which tables one step builds together: those that share stages, so that a stage is computed once.

Here: `steps`, derived from the headers of the SQL files. Not here: building (`pipelines.refresh`), and assets (`derived_assets`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.sql_files import SqlGraph


def steps(graph: SqlGraph) -> list[list[str]]:
    """The derived tables in steps, in the order of the flow.

    Tables are in one step if they share a stage, are in the same pass, and none of them reads other days of another.
    """
    found: list[list[str]] = []
    for names in graph.passes():
        of_pass: list[list[str]] = []
        for name in names:
            mates = [step for step in of_pass if any(_share(graph, name, each) for each in step)]
            if any(_reads_other_days(graph, name, each) for step in mates for each in step):
                mates = []
            # A table can tie together what was apart until then.
            of_pass = [step for step in of_pass if step not in mates]
            of_pass.append([*(each for step in mates for each in step), name])
        found += of_pass
    return found


def _share(graph: SqlGraph, one: str, other: str) -> bool:
    return bool(_stages(graph, one) & _stages(graph, other))


def _stages(graph: SqlGraph, name: str) -> set[str]:
    return {file.name for file in graph.closure(name) if file.name != name}


def _reads_other_days(graph: SqlGraph, name: str, other: str) -> bool:
    return any(each.table == other and (each.first_hour, each.last_hour) != (0, 0) for each in graph.inputs(name))
