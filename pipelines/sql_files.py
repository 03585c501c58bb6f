"""The SQL files and what their headers say: grain, inputs and their windows, and the graph that follows.

Here: `load`, which reads `sql/<zone>/*.sql`, and `SqlGraph`, which orders them. Not here: running them (`pipelines.refresh`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lake_schema import TABLES, Grain
from pipelines.errors import LorgnetteError

_KEYS = ("grain", "inputs")
_INPUT = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)\s*(?:\[\s*(?P<first>[+-]?\d+)h\s*,\s*(?P<last>[+-]?\d+)h\s*\])?\s*(?:,|$)")
_ZONES = tuple(dict.fromkeys(table.zone for table in TABLES.values() if table.zone != "raw"))


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """A stored table that a file reads, with the hours around the refreshed ones whose files it needs."""

    table: str
    first_hour: int = 0
    last_hour: int = 0


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One file: a table, or a stage if its name starts with `_`.

    Args:
        name: The table's or stage's name.
        path: Relative to the folder of the SQL files, for messages.
        text: The SELECT, without its header's closing semicolon.
        grain: As the header says; None for a stage.
        inputs: Stored tables with their windows.
        stages: Names of stages.
        rule_tables: Names that are neither: tables that the rules bring.
    """

    name: str
    path: str
    text: str
    grain: Grain | None
    inputs: tuple[Input, ...]
    stages: tuple[str, ...]
    rule_tables: tuple[str, ...]


@dataclass(frozen=True)
class SqlGraph:
    """All files, and what follows from their headers."""

    files: dict[str, SqlFile]
    _closures: dict[str, tuple[SqlFile, ...]] = field(default_factory=dict)

    def closure(self, name: str) -> tuple[SqlFile, ...]:
        """A file with all stages that it needs, stages first."""
        if name not in self._closures:
            file = self.files[name]
            needed = [each for stage in file.stages for each in self.closure(stage)]
            self._closures[name] = (*dict.fromkeys(needed), file) if needed else (file,)
        return self._closures[name]

    def inputs(self, name: str) -> tuple[Input, ...]:
        """The stored tables that a file reads, its stages' too, each with the widest window."""
        windows: dict[str, tuple[int, int]] = {}
        for each in (source for file in self.closure(name) for source in file.inputs):
            first, last = windows.get(each.table, (each.first_hour, each.last_hour))
            windows[each.table] = (min(first, each.first_hour), max(last, each.last_hour))
        return tuple(Input(table, *windows[table]) for table in sorted(windows))

    def uses_watermark(self, name: str) -> bool:
        """Whether the rows of a file depend on the watermark."""
        return any("watermark_at" in file.text for file in self.closure(name))

    def tables(self) -> list[str]:
        """The derived tables, each after the tables that it reads; ties in the order of `lake_schema`."""
        ordered: list[str] = []
        for name in TABLES:
            if name in self.files:
                self._visit(name, ordered, ())
        return ordered

    def passes(self) -> list[list[str]]:
        """The tables in runs that may go day by day: a table that looks ahead into a derived table waits until all its days are built."""
        number: dict[str, int] = {}
        for name in self.tables():
            number[name] = max(
                (
                    number[each.table] + (each.last_hour > 0 or TABLES[name].grain is Grain.MONTH)
                    for each in self.inputs(name)
                    if each.table in number
                ),
                default=0,
            )
        return [[name for name in number if number[name] == index] for index in range(max(number.values(), default=-1) + 1)]

    def lasting(self) -> frozenset[str]:
        """Stages that tables of several passes need and that read nothing but raw tables: they stay the same while derived tables are built."""
        needed: dict[str, set[int]] = {}
        for index, names in enumerate(self.passes()):
            for file in (file for name in names for file in self.closure(name) if file.grain is None):
                needed.setdefault(file.name, set()).add(index)
        return frozenset(
            name for name, passes in needed.items() if len(passes) > 1 and all(TABLES[each.table].zone == "raw" for each in self.inputs(name))
        )

    def _visit(self, name: str, ordered: list[str], path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise LorgnetteError(
                f"Tables need each other in a circle: {circle}", where=self.files[name].path, remedy="Take one of the inputs out of the header."
            )
        if name in ordered:
            return
        for each in self.inputs(name):
            if each.table in self.files:
                self._visit(each.table, ordered, (*path, name))
        ordered.append(name)


def folder() -> Path:
    """The folder of the SQL files: inside the wheel, else beside the package in a checkout."""
    packaged = Path(__file__).parent / "_sql"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "sql"


@cache
def load(root: Path | None = None) -> SqlGraph:
    """Read all files of the derived zones.

    Raises:
        LorgnetteError: A header is wrong, names a stage that is not there, or tables need each other in a circle.
    """
    root = root or folder()
    paths = sorted(path for zone in _ZONES for path in (root / zone).glob("*.sql"))
    files = {file.name: file for file in (parse(path, root) for path in paths)}
    for file in files.values():
        for stage in file.stages:
            if stage not in files:
                raise _header_error(file.path, f"the stage {stage} does not exist", f"Add a file {stage}.sql or take it out of the inputs.")
    _refuse_stage_circles(files)
    graph = SqlGraph(files)
    graph.tables()
    return graph


def parse(path: Path, root: Path) -> SqlFile:
    """Read one file and its header.

    Raises:
        LorgnetteError: The header is wrong.
    """
    where, name, text = f"sql/{path.relative_to(root).as_posix()}", path.stem, path.read_text(encoding="utf-8")
    header = _header(text)
    grain = None if name.startswith("_") else _grain(name, header.get("grain", ""), where)
    inputs: list[Input] = []
    stages: list[str] = []
    rule_tables: list[str] = []
    for each, has_window in _inputs(header.get("inputs", ""), where):
        if each.table in TABLES:
            inputs.append(each)
        elif has_window:
            raise _header_error(
                where, f"{each.table} has a window but is no table of the lake", "Only stored tables have windows such as [0h, +24h]."
            )
        else:
            (stages if each.table.startswith("_") else rule_tables).append(each.table)
    return SqlFile(name, where, text.rstrip().removesuffix(";"), grain, tuple(inputs), tuple(stages), tuple(rule_tables))


def _header(text: str) -> dict[str, str]:
    """The keys of the comment lines at the top; a line after a comma continues the one before."""
    found: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        words = line.removeprefix("--").strip()
        head, colon, tail = words.partition(":")
        if colon and head in _KEYS:
            key, words = head, tail.strip()
        elif not found.get(key, "").endswith(","):
            key = ""
        if key:
            found[key] = f"{found.get(key, '')} {words}".strip()
    return found


def _inputs(text: str, where: str) -> list[tuple[Input, bool]]:
    found: list[tuple[Input, bool]] = []
    position = 0
    while position < len(text):
        match = _INPUT.match(text, position)
        if match is None:
            raise _header_error(
                where, f"cannot read the inputs at {text[position:]!r}", "Write them like `pods[-168h, +24h], hyper_events, _milestones`."
            )
        window = (int(match["first"]), int(match["last"])) if match["first"] else (0, 0)
        if window[0] > 0 or window[1] < 0:
            raise _header_error(
                where, f"the window of {match['name']} leaves out the refreshed hours", "A window goes from at most 0h to at least 0h."
            )
        found.append((Input(match["name"], *window), match["first"] is not None))
        position = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    return found


def _grain(name: str, grain: str, where: str) -> Grain:
    if name not in TABLES:
        raise _header_error(where, f"{name} is no table of lake_schema", "Name the file like its table, or start a stage's name with _.")
    if grain != TABLES[name].grain:
        raise _header_error(
            where,
            f"the header's grain is {grain or 'missing'}, but lake_schema says {TABLES[name].grain}",
            f"Write `-- grain: {TABLES[name].grain}`.",
        )
    return TABLES[name].grain


def _refuse_stage_circles(files: dict[str, SqlFile]) -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise _header_error(
                files[name].path, f"stages need each other in a circle: {' -> '.join((*path, name))}", "Take one of the inputs out of the header."
            )
        if name not in done:
            for stage in files[name].stages:
                visit(stage, (*path, name))
            done.add(name)

    for name in files:
        visit(name, ())


def _header_error(where: str, what: str, remedy: str) -> LorgnetteError:
    return LorgnetteError(f"A SQL file cannot be used: {what}", where=where, remedy=remedy)
