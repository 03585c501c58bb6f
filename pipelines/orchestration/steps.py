"""What follows from the headers of the SQL files for scheduling: which tables one step builds together, and how far a change reaches.

No dagster in here. Not here: building (`pipelines.refresh`), and assets (`derived_assets`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.sql_files import SqlGraph


_HOURS_A_DAY = 24


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


def days_touched(graph: SqlGraph) -> tuple[int, int]:
    """How many days before and after a day of raw rows can change with it, over all tables one after the other."""
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    for name in graph.tables():
        inputs = graph.inputs(name)
        before[name] = max((each.last_hour + before.get(each.table, 0) for each in inputs), default=0)
        after[name] = max((after.get(each.table, 0) - each.first_hour for each in inputs), default=0)
    return -(-max(before.values()) // _HOURS_A_DAY), -(-max(after.values()) // _HOURS_A_DAY)


def _share(graph: SqlGraph, one: str, other: str) -> bool:
    return bool(_stages(graph, one) & _stages(graph, other))


def _stages(graph: SqlGraph, name: str) -> set[str]:
    return {file.name for file in graph.closure(name) if file.name != name}


def _reads_other_days(graph: SqlGraph, name: str, other: str) -> bool:
    return any(each.table == other and (each.first_hour, each.last_hour) != (0, 0) for each in graph.inputs(name))
