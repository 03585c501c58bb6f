"""What derivation costs beside ingestion, on the same files: CPU seconds of whole processes in turns, and where they go.

`python -m bench.derivation --corpus CORPUS [--run scale-c] [--repeats 5]` reads a recorded log into a fresh lake and derives every table, as often as it is told, and prints the median and
the spread of both and their ratio; then it derives once more in this process and prints the dearest stages. Only CPU is compared: wall time says nothing on a shared machine.
Not here: growth with the input (`scale`), comparisons with other engines (`engines`).
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from bench.pages import replace_part, table_of
from bench.processes import Repeated, lorgnette, measured
from bench.scale import arguments_of
from pipelines.config import Settings
from pipelines.lake import Lake
from pipelines.refresh import engine, refresh
from pipelines.refresh.batch import Batch, Span
from pipelines.refresh.cursors import cursors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from pipelines.refresh.cursors import Cursor
    from pipelines.sql_files import SqlFile

_CLUSTER = "bench"
_STEPS = ("ingest", "refresh")
_DEAREST = 30


class Clock:
    """CPU and wall seconds by stage."""

    def __init__(self) -> None:
        self.cpu_s: Counter[str] = Counter()
        self.wall_s: Counter[str] = Counter()

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count what happens inside for a stage."""
        cpu_s, wall_s = cpu_now_s(), time.monotonic()
        try:
            yield
        finally:
            self.cpu_s[stage] += cpu_now_s() - cpu_s
            self.wall_s[stage] += time.monotonic() - wall_s


def cpu_now_s() -> float:
    """CPU seconds of this process so far, all threads, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def in_turns(files: Sequence[Path], folder: Path, repeats: int) -> dict[str, Repeated]:
    """Both steps as processes of their own, one after the other, each time in a fresh lake."""
    rounds = [[measured(lorgnette(*arguments_of(step, list(files), folder / str(number) / "lake"))) for step in _STEPS] for number in range(repeats)]
    return dict(zip(_STEPS, map(Repeated, zip(*rounds, strict=True)), strict=True))


def by_stage(lake: Lake) -> tuple[Clock, float]:
    """Derive everything anew in this process: the clock of its stages, and the CPU seconds in all."""
    clock = Clock()

    class TimedBatch(Batch):
        """A batch that counts what each SQL file costs."""

        def _create(self, file: SqlFile, name: str, span: Span, cursor: Cursor) -> None:
            with clock.timed(file.name):
                super()._create(file, name, span, cursor)

    def one_cursor(con: duckdb.DuckDBPyConnection) -> list[Cursor]:
        """One query at a time, so that what the process uses is what the query uses."""
        return cursors(con)[:1]

    before_s = cpu_now_s()
    with patch.object(engine, "Batch", TimedBatch), patch.object(engine, "cursors", one_cursor):
        refresh(lake, _CLUSTER, settings=Settings(), force=True)
    return clock, cpu_now_s() - before_s


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--run", default="scale-c")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    files = sorted((options.corpus / options.run / "audit").glob("*.gz"))
    with tempfile.TemporaryDirectory() as folder:
        found = in_turns(files, Path(folder), options.repeats)
        clock, total_s = by_stage(Lake.open(str(Path(folder) / "0" / "lake")))
    ratio = found["refresh"].cpu_s / found["ingest"].cpu_s
    rows = [["step", "CPU s, median", "spread", "wall s", "peak MiB"]]
    rows += [[step, f"{each.cpu_s:.1f}", each.spread, f"{each.wall_s:.1f}", f"{each.peak_mib:.0f}"] for step, each in found.items()]
    text = f"{options.run}, {options.repeats} rounds: derivation of every table costs {ratio:.2f} times the CPU of ingestion.\n\n{table_of(rows)}"
    console = Console(width=160)
    console.print(text, markup=False)
    console.print(_stages_table(clock, total_s))
    if options.page:
        replace_part(options.page, "derivation", text)


def _stages_table(clock: Clock, total_s: float) -> Table:
    table = Table("stage or table", "cpu s", "wall s", title="Where the CPU of derivation goes")
    for stage, cpu_s in clock.cpu_s.most_common(_DEAREST):
        table.add_row(stage, f"{cpu_s:.3f}", f"{clock.wall_s[stage]:.3f}")
    shown_s = sum(cpu_s for _, cpu_s in clock.cpu_s.most_common(_DEAREST))
    table.add_row(f"{max(0, len(clock.cpu_s) - _DEAREST)} others", f"{clock.cpu_s.total() - shown_s:.3f}")
    table.add_row("sorting, writing, fingerprints", f"{total_s - clock.cpu_s.total():.3f}")
    return table


if __name__ == "__main__":
    main()
