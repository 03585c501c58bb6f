"""Cursors of one DuckDB connection, each with the views that its queries read, and queries that run side by side on them.

Tables and macros are seen by all cursors of a connection; views, variables and most settings belong to one. On two cores each query runs on one thread, so that none pays for
being split: what keeps the cores busy is that two run at a time. Here: `Cursor`, `side_by_side`. Not here: which queries there are (`batch`).
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import duckdb

# Stages that need nothing of each other are never many.
_AT_A_TIME = 2
_PATIENCE_S = 0.05


class Cursor:
    """A cursor and what its views read.

    Args:
        con: The cursor, or the connection itself.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._views: dict[str, tuple[str, Sequence[str]]] = {}

    def view(self, name: str, select: str, files: Sequence[str]) -> None:
        """Let a view be what a SELECT says of the files in the variable `<name>_files`.

        It stays when other files take the place of these: making it opens one of them.
        """
        last_select, last_files = self._views.get(name, ("", ()))
        if files and files != last_files:
            self.con.execute(f'set variable "{name}_files" = $1', [files])
        if select != last_select:
            self.con.execute(f'create or replace temp view "{name}" as {select}')
        self._views[name] = (select, files or last_files)


def cursors(con: duckdb.DuckDBPyConnection) -> list[Cursor]:
    """The connection and as many cursors of it as there are queries at a time; its threads become fewer, for the caller of each query counts for one.

    How many cores there are is what DuckDB says, which knows the limits of a container.
    """
    ((cores,),) = con.execute("select current_setting('threads')").fetchall()
    at_a_time = min(_AT_A_TIME, cores)
    con.execute(f"set threads = {cores - at_a_time + 1}")
    others = [con.cursor() for _ in range(at_a_time - 1)]
    for other in others:
        other.execute("set timezone = 'UTC'; set enable_progress_bar = false")
    return [Cursor(each) for each in (con, *others)]


def side_by_side(needs: Mapping[str, Sequence[str]], make: Callable[[str, Cursor], None], free: Sequence[Cursor]) -> None:
    """Make things, each after those that it needs, as many at a time as there are cursors.

    Args:
        needs: By name what must be made before; names that are no keys are there already.
        make: Makes one on a cursor.
        free: The cursors.

    Raises:
        LorgnetteError: One cannot be made; those under way are interrupted.
    """
    order = TopologicalSorter({name: [each for each in before if each in needs] for name, before in needs.items()})
    if len(free) == 1 or len(needs) == 1:
        for name in order.static_order():
            make(name, free[0])
        return
    idle: SimpleQueue[Cursor] = SimpleQueue()
    for cursor in free:
        idle.put(cursor)

    def on_idle_cursor(name: str) -> None:
        cursor = idle.get()
        try:
            make(name, cursor)
        finally:
            idle.put(cursor)

    order.prepare()
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(len(free), thread_name_prefix="stage") as pool, _interrupted(free, running):
        while order.is_active():
            running |= {pool.submit(on_idle_cursor, name): name for name in order.get_ready()}
            for made in wait(running, return_when=FIRST_COMPLETED).done:
                order.done(running.pop(made))
                made.result()


@contextmanager
def _interrupted(busy: Sequence[Cursor], running: Mapping[Future[None], str]) -> Iterator[None]:
    """Let nothing go on for long when one fails or the user gives up."""
    try:
        yield
    except BaseException:
        for each in running:
            each.cancel()
        # One that is about to begin does not hear it yet.
        while wait(running, timeout=_PATIENCE_S).not_done:
            for cursor in busy:
                cursor.con.interrupt()
        raise
