"""Progress of long commands, on stderr: a bar on a terminal after two seconds, else a line now and then.

Here: `Bar`. Not here: what is in progress (`commands`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from pipelines.cli.output import err
from pipelines.reports import words

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import TaskID

    from pipelines.ingest import Progress as IngestProgress

_QUIET_S = 2.0
_LINE_EVERY_S = 10.0
_SHOWN_CHARACTERS = 32


class Bar:
    """One bar: use it as a context manager, and call `update`."""

    def __init__(self, what: str, *, is_bytes: bool = False) -> None:
        self._what = what
        self._console = err()
        self._started_s = time.monotonic()
        self._next_line_s = self._started_s + _LINE_EVERY_S
        middle: list[ProgressColumn] = [TransferSpeedColumn()] if is_bytes else [TextColumn("{task.completed:,.0f}/{task.total:,.0f}")]
        self._rich = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            *middle,
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Stopping what never started prints an empty line.
        if self._task is not None:
            self._rich.stop()

    def update(self, done: float, total: float, detail: str) -> None:
        """Show how far it is, if it takes long enough to be worth it; a total of 0 is one that is not known."""
        now_s = time.monotonic()
        if self._console.is_terminal:
            if self._task is None and now_s - self._started_s > _QUIET_S:
                self._task = self._rich.add_task(self._what, total=total or None, detail=detail)
                self._rich.start()
            if self._task is not None:
                self._rich.update(self._task, completed=done, total=total or None, detail=detail)
        elif now_s >= self._next_line_s and done:
            self._next_line_s = now_s + _LINE_EVERY_S
            left_s = (now_s - self._started_s) * (total - done) / done
            how_far = f"{100 * done / total:.0f} %, {detail}, {words.seconds(left_s)} left" if total else f"{done:,.0f} of {detail}"
            self._console.print(f"{self._what}: {how_far}", markup=False)

    def ingest(self, progress: IngestProgress) -> None:
        """A callback for `pipelines.ingest`."""
        if not progress.bytes_total:
            self.update(progress.bytes_done, 0, f"bytes from {progress.uri}")
            return
        name = progress.uri.rstrip("/").rpartition("/")[2][-_SHOWN_CHARACTERS:]
        self.update(progress.bytes_done, progress.bytes_total, f"file {progress.sources_done + 1} of {progress.sources_total}: {name}")

    def refresh(self, table: str, done: int, total: int) -> None:
        """A callback for `pipelines.refresh`."""
        self.update(done, total, table)
