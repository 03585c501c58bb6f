"""Commands that fill the lake: `lorgnette run`, `ingest` and `refresh`.

Here: what each takes, and what it says when it is done. Not here: the reading and computing behind it (`work`), and live clusters (`snapshot`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# The option types are read when the commands are called, so they must be here at run time.
from pipelines.cli.options import (
    ClusterOption,
    ClustersOption,
    ConfigOption,
    ExcludeOption,
    FilesFromOption,
    FilesToOption,
    FormatOption,
    FromOption,
    IncludeOption,
    LagOption,
    LakeOption,
    PathsArgument,
    ShapeOption,
    StdinNameOption,
    ToOption,
    chosen_clusters,
    instant,
    settings_and_lake,
)
from pipelines.cli.output import Format, check_several_tables, err, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.ingest import IngestReport

_INCOMPLETE = 3
_FIRST_QUERY = "select namespace, name, error_code, message from deliveries where error_code is not null"


def run(
    paths: PathsArgument = None,
    cluster: ClusterOption = None,
    lake: LakeOption = None,
    shape: ShapeOption = None,
    from_: FilesFromOption = None,
    to: FilesToOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    lag: LagOption = None,
    stdin_name: StdinNameOption = None,
    report: Annotated[Path, typer.Option("--report", help="Where the HTML report goes.")] = Path("report.html"),
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Read logs (and live clusters, if the settings say so), compute everything, write the report, and print a summary."""
    from pipelines.cli.refreshing import refresh_all
    from pipelines.cli.snapshot import conclude, lives, show_problems, snapshot_all
    from pipelines.cli.summary import show_summary
    from pipelines.cli.work import Narrowing, read_all, readings
    from pipelines.lake import Lake
    from pipelines.reports.html import write_report

    check_several_tables(output, "A summary")
    settings, url = settings_and_lake(config, lake)
    live = {} if paths else {name: each.model_copy(update={"watch_s": 0.0}) for name, each in lives(settings, cluster).items()}
    narrowing = Narrowing(instant(from_), instant(to), include, exclude, lag, stdin_name)
    wanted = readings(settings, paths, cluster, narrowing, shape=shape, is_live=bool(live))
    opened = Lake.open(url)
    ingested = read_all(opened, settings, wanted)
    snapshots = snapshot_all(opened, settings, live)
    clusters = list(dict.fromkeys([*(reading.cluster for reading in wanted), *live]))
    refreshed = refresh_all(opened, settings, clusters)
    written = write_report(opened, clusters, report, settings=settings)
    show_summary(opened, clusters, settings, output)
    lines, built = sum(each.lines for each in ingested), sum(each.built for each in refreshed)
    _hint(f"{lines:,} lines of {sum(len(each.sources) for each in ingested)} files, {built} partitions built. The report is {written}", url)
    conclude(snapshots)
    _end(ingested, is_incomplete=show_problems(snapshots))


def ingest(
    paths: PathsArgument = None,
    cluster: ClusterOption = None,
    lake: LakeOption = None,
    shape: ShapeOption = None,
    from_: FilesFromOption = None,
    to: FilesToOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    lag: LagOption = None,
    stdin_name: StdinNameOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Read logs, Events and objects into the lake; files that it has already are skipped."""
    from pipelines.cli.work import Narrowing, ingest_table, read_all, readings
    from pipelines.lake import Lake

    settings, url = settings_and_lake(config, lake)
    narrowing = Narrowing(instant(from_), instant(to), include, exclude, lag, stdin_name)
    reports = read_all(Lake.open(url), settings, readings(settings, paths, cluster, narrowing, shape=shape))
    show(ingest_table(reports), output)
    err().print(f"Next: lorgnette refresh --lake {url}", markup=False, soft_wrap=True)
    _end(reports)


def refresh(
    cluster: ClustersOption = None,
    lake: LakeOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    table: Annotated[list[str] | None, typer.Option("--table", "-t", help="Only this table; may be given several times.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Compute what is up to date too.")] = False,  # noqa: FBT002 - a flag
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Compute whatever is out of date; with nothing new it does nothing."""
    from pipelines.cli.refreshing import refresh_all, refresh_table
    from pipelines.lake import open_existing

    settings, url = settings_and_lake(config, lake)
    opened = open_existing(url)
    reports = refresh_all(opened, settings, chosen_clusters(opened, cluster), from_at=instant(from_), to_at=instant(to), tables=table, force=force)
    show(refresh_table(reports), output)
    frozen = sum(each.frozen for each in reports)
    if frozen:
        err().print(f"{frozen} partitions stay as they are: what they were made of is gone by retention.")


def _hint(done: str, url: str) -> None:
    err().print(f"\n{done}.\nAsk more: lorgnette sql '{_FIRST_QUERY}' --lake {url}", markup=False, soft_wrap=True)


def _end(reports: Sequence[IngestReport], *, is_incomplete: bool = False) -> None:
    from pipelines.cli.problems import show_problems

    if show_problems(reports) or is_incomplete:
        raise typer.Exit(_INCOMPLETE)
