"""`lorgnette sql` and `lorgnette views`: the lake for people who write SQL.

Here: where a query comes from, and what is printed. Not here: the interactive session (`shell`), and answering (`pipelines.serving`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

# The option types are read when the commands are called, so they must be here at run time.
from pipelines.cli.options import ClustersOption, ConfigOption, FormatOption, LakeOption, chosen_clusters, settings_and_lake
from pipelines.cli.output import Format, show
from pipelines.errors import LorgnetteError

_SHELL_ROWS = 1000
_SHELL_BYTES = 64 * 1024 * 1024


def sql(
    query: Annotated[
        str | None,
        typer.Argument(
            help="One SELECT over tables of the lake; - reads it from stdin. If left out: a session on a terminal, else the list of tables.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Read the query from a file.", show_default=False)] = None,
    lake: LakeOption = None,
    cluster: ClustersOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    timeout_s: Annotated[
        float | None, typer.Option("--timeout", help="Seconds after which a query is stopped.", show_default=False, min=0.001)
    ] = None,
) -> None:
    """Ask the lake anything: read-only SELECTs over its tables, one or a session of them."""
    from pipelines.cli.tables import describe_tables
    from pipelines.lake import open_existing
    from pipelines.serving.door import Door
    from pipelines.serving.limits import Limits
    from pipelines.serving.scope import Scope

    settings, url = settings_and_lake(config, lake)
    text = _text(query, file)
    is_session = text is None and sys.stdin.isatty() and output is Format.TABLE
    if text is None and not is_session:
        show(describe_tables(), output)
        return
    opened = open_existing(url)
    scope = Scope(tuple(chosen_clusters(opened, cluster)), namespaces=None, may_read_bodies=True)
    most = (_SHELL_ROWS, _SHELL_BYTES) if is_session else (None, None)
    with Door(opened.url, Limits(settings.memory_limit, timeout_s, max_rows=most[0], max_bytes=most[1]), workers=1) as door:
        if text is None:
            from pipelines.cli.shell import run_shell

            run_shell(lambda typed: door.query(typed, scope=scope))
            return
        answer = door.query(text, scope=scope)
    show(answer.table, output)


def views(
    out: Annotated[Path, typer.Option("--out", help="Where the SQL goes.")] = Path("views.sql"),
    lake: LakeOption = None,
    config: ConfigOption = None,
) -> None:
    """Write CREATE VIEW statements over the lake's files, for any DuckDB: `duckdb -init views.sql`. Whoever reads so reads unguarded."""
    from pipelines.lake import open_existing
    from pipelines.serving.views import views_sql

    _, url = settings_and_lake(config, lake)
    text = views_sql(open_existing(url))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LorgnetteError(f"The views cannot be written: {error.strerror}", where=str(out), remedy="Give another path to --out.") from error
    typer.echo(out)


def _text(query: str | None, file: Path | None) -> str | None:
    if query is not None and file is not None:
        raise typer.BadParameter("give a query or --file, not both")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LorgnetteError(f"The query cannot be read: {error}", where=str(file), remedy="Give the path of a text file to --file.") from error
    return typer.get_text_stream("stdin").read() if query == "-" else query
