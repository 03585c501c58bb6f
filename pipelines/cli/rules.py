"""`lorgnette rules`: the rules in force, and a user's rules tried on a sample.

Not here: what rules mean (`pipelines.rules`) and what they catch (`pipelines.reports.rule_trial`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import ClusterOption, ConfigOption, FormatOption, ShapeOption, settings_and_lake
from pipelines.cli.output import Format, err, show

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer(help="The rules: what is a HyperEvent, a phase, an error code, an objective.", invoke_without_command=True)

RulesArgument = Annotated[Path, typer.Argument(help="The file with your rules.")]


@app.callback()
def _every(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        listed()


@app.command("list")
def listed(
    rule_set: Annotated[
        str | None,
        typer.Argument(help="hyper_events, facts, phases, diagnosis, error_codes, objectives or settings. Default: all.", show_default=False),
    ] = None,
    cluster: ClusterOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """List the rules in force, in the order in which they are tried."""
    from pipelines.cli.tables import describe_rules

    settings, _ = settings_and_lake(config, None)
    show(describe_rules(rule_set, settings, cluster), output)


@app.command("test")
def try_on(
    rules: RulesArgument,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Logs to try them on. Default: the sources in lorgnette.yaml.", show_default=False)
    ] = None,
    shape: ShapeOption = None,
    cluster: ClusterOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Try your rules on a sample: how much each of them catches, with an example. Nothing is kept."""
    from pipelines.cli.work import readings
    from pipelines.reports.rule_trial import try_rules

    settings, _ = settings_and_lake(config, None)
    wanted = readings(settings, paths, cluster or ("trial" if paths else None), shape=shape)
    table = try_rules(rules, [(each.paths, each.shape) for each in wanted], settings)
    show(table, output)
    _say_idle(table)


def _say_idle(table: pa.Table) -> None:
    idle = [row["rule"] for row in table.to_pylist() if not row["caught"]]
    if idle:
        err().print(f"Caught nothing: {', '.join(idle)}", markup=False, soft_wrap=True)
