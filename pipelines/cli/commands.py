"""The commands: thin callers of plain functions, with kubectl-like flags.

Here: what each command takes and prints. Whatever is slow to import is imported by the command that needs it, so that `--help` is
quick. Not here: how results are shown (`output`) and how errors are (`pipelines.cli`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

# The option types are read when the commands are called, so they must be here at run time.
from pipelines.cli import filling, rules, serve
from pipelines.cli.mcp import mcp
from pipelines.cli.options import (
    ClustersOption,
    ConfigOption,
    FormatOption,
    FromOption,
    LakeOption,
    LimitsOption,
    NamespaceOption,
    TargetOption,
    ToOption,
    chosen_clusters,
    instant,
    settings_and_lake,
)
from pipelines.cli.output import Format, check_several_tables, show
from pipelines.cli.snapshot import snapshot
from pipelines.cli.sql import sql, views

app = typer.Typer(
    help="How well does a Kubernetes cluster deliver containers? Answers from its audit logs and Events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(rules.app, name="rules")
app.add_typer(serve.app, name="tokens")


@dataclass(slots=True)
class Switches:
    """What the options before the command set, for the whole process."""

    debug: bool = False


switches = Switches()


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it so
    if value:
        from importlib.metadata import version

        typer.echo(f"lorgnette {version('lorgnette')}")
        raise typer.Exit


@app.callback()
def _before(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,  # noqa: FBT002 - a flag
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,  # noqa: FBT002 - a flag
) -> None:
    switches.debug = debug


app.command()(filling.run)
app.command()(filling.ingest)
app.command()(snapshot)
app.command()(serve.serve)
app.command()(filling.refresh)


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", help="Where the HTML report goes.")] = Path("report.html"),
    cluster: ClustersOption = None,
    lake: LakeOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the HTML report; it is one file that opens offline."""
    from pipelines.lake import open_existing
    from pipelines.reports.html import write_report

    settings, url = settings_and_lake(config, lake)
    opened = open_existing(url)
    typer.echo(write_report(opened, chosen_clusters(opened, cluster), out, from_at=instant(from_), to_at=instant(to), settings=settings))


@app.command()
def summary(
    cluster: ClustersOption = None,
    lake: LakeOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """What is worst, deliveries, success rates, slow phases and errors at a glance."""
    from pipelines.cli.summary import show_summary
    from pipelines.lake import open_existing

    check_several_tables(output, "A summary")
    settings, url = settings_and_lake(config, lake)
    opened = open_existing(url)
    show_summary(opened, chosen_clusters(opened, cluster), settings, output)


@app.command()
def explain(
    kind: Annotated[str, typer.Argument(help="What it is: pod or pvc.")],
    name: Annotated[str, typer.Argument(help="<namespace>/<name>, a name, a UID, or a delivery's id.")],
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="The namespace, if the name does not say it.", show_default=False)
    ] = None,
    events: Annotated[bool, typer.Option("--events", help="List every HyperEvent of it too.")] = False,  # noqa: FBT002 - a flag
    cluster: ClustersOption = None,
    lake: LakeOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Why one pod or claim fared as it did: verdicts, where its time went, the decisive evidence, and what would have changed the verdict."""
    from pipelines.cli.explain import kinds_of, show_explained
    from pipelines.lake import open_existing
    from pipelines.reports.explain import Reference, explain

    check_several_tables(output, "An explanation")
    settings, url = settings_and_lake(config, lake)
    opened = open_existing(url)
    wanted = Reference.of(name, namespace, kinds_of(kind))
    clusters = chosen_clusters(opened, cluster)
    show_explained(explain(opened, clusters, wanted, settings, from_at=instant(from_), to_at=instant(to), with_facts=events), output)


@app.command()
def slo(
    cluster: ClustersOption = None,
    lake: LakeOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    namespace: NamespaceOption = None,
    limit: LimitsOption = None,
    target: TargetOption = None,
    openslo: Annotated[bool, typer.Option("--openslo", help="Print the objectives as OpenSLO documents.")] = False,  # noqa: FBT002 - a flag
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """How each objective stands over its window; or would stand with other limits. The lake is only read."""
    from pipelines.cli.slo import show_openslo, show_standings, show_what_if
    from pipelines.lake import open_existing
    from pipelines.slo import Query

    settings, url = settings_and_lake(config, lake)
    if openslo:
        show_openslo(settings, cluster[0] if cluster else None)
        return
    if target and not limit:
        raise typer.BadParameter("--target goes with --limit: it says which objectives are meant")
    opened = open_existing(url)
    queries = [Query(name, instant(from_), instant(to), namespace) for name in chosen_clusters(opened, cluster)]
    if limit:
        show_what_if(opened, settings, queries, limit, target, output)
    else:
        show_standings(opened, settings, queries, output)


app.command()(sql)
app.command()(views)
app.command()(mcp)


@app.command()
def status(cluster: ClustersOption = None, lake: LakeOption = None, output: FormatOption = Format.TABLE, config: ConfigOption = None) -> None:
    """What is in the lake, up to when, and what is out of date. For programs: one row per cluster and table."""
    from pipelines.cli.status import cluster_status, table_status
    from pipelines.lake import open_existing

    settings, url = settings_and_lake(config, lake)
    opened = open_existing(url)
    clusters = chosen_clusters(opened, cluster)
    if output is Format.TABLE:
        show(cluster_status(opened, clusters), output)
        typer.echo()
    show(table_status(opened, clusters, settings), output, spare=("zone",))


@app.command()
def clean(
    cluster: ClustersOption = None,
    lake: LakeOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,  # noqa: FBT002 - a flag
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Remove raw partitions older than `retention_days`, and what dead writers left behind."""
    from pipelines.cli.work import clean_all
    from pipelines.lake import open_existing

    settings, url = settings_and_lake(config, lake)
    opened = open_existing(url)
    show(clean_all(opened, settings, chosen_clusters(opened, cluster), dry_run=dry_run), output)
