"""`python -m bench.truth`: how the lake's numbers agree with the ground truth of recorded clusters.

Here: the command line. Not here: any check.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.truth.compare import compare
from bench.truth.corpus import Run
from bench.truth.drop_check import check_drops
from bench.truth.expected import read_expectations
from bench.truth.findings import explain, read_explanations
from bench.truth.lake import Lake, TableMissingError
from bench.truth.report import as_json, show

_HERE = Path(__file__).parent
# The log of the third is too large to be derived six times in a check.
_DROPS = ("real-a", "real-a2")


class Output(StrEnum):
    """How to print."""

    TABLE = "table"
    JSON = "json"


def main(
    corpus: Annotated[Path, typer.Option(help="Folder of the recorded runs.", exists=True, file_okay=False)],
    lake: Annotated[Path, typer.Option(help="The lake that holds them, refreshed.", exists=True, file_okay=False)],
    run: Annotated[list[str] | None, typer.Option(help="A run, or run=cluster if the lake calls it so. Default: all that the lake holds.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help=f"A run whose Event lines are dropped. Default: {', '.join(_DROPS)}, if they are compared.")
    ] = None,
    output: Annotated[Output, typer.Option("-o", "--output", help="Tables for people or JSON for machines.")] = Output.TABLE,
) -> None:
    """Compares a built lake with the ground truth of the corpus; exits with 1 if a count is wrong or a difference unexplained."""
    built = Lake(lake)
    expectations = read_expectations(_HERE / "expected.yaml")
    try:
        runs = _runs(corpus, built, run)
        sections = [section for each in runs for section in compare(each, built, expectations)]
        sections += [check_drops(each) for each in runs if each.name in (drop or _DROPS)]
    except (TableMissingError, FileNotFoundError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    unused = explain(sections, read_explanations(_HERE / "explanations.yaml"))
    if output is Output.JSON:
        typer.echo(as_json(sections, unused))
    else:
        show(sections, unused, Console(width=None if sys.stdout.isatty() else 200))
    raise typer.Exit(int(any(finding.fails for section in sections for finding in section.findings)))


def _runs(corpus: Path, lake: Lake, wanted: list[str] | None) -> list[Run]:
    if wanted:
        pairs = [(name, cluster or name) for name, _, cluster in (text.partition("=") for text in wanted)]
    else:
        pairs = [(cluster, cluster) for cluster in lake.clusters() if (corpus / cluster).is_dir()]
    if not pairs:
        held = ", ".join(lake.clusters()) or "none"
        msg = f"no cluster of the lake is named like a run of {corpus}: name them with --run RUN=CLUSTER (the lake has {held})"
        raise TableMissingError(msg)
    return [Run(name, corpus / name, cluster) for name, cluster in pairs]


if __name__ == "__main__":
    typer.run(main)
