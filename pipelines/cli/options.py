"""Options that commands share, and what they stand for.

Here: the option types, and how a lake and its clusters follow from them. Not here: the commands (`commands`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.output import Format
from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from pipelines.config import Settings
    from pipelines.lake import Lake

LakeOption = Annotated[
    str | None,
    typer.Option(
        "--lake",
        help="Folder or URL of the lake, such as s3://bucket/lake. Default: $LORGNETTE_LAKE, else lorgnette.yaml, else ./lake.",
        show_default=False,
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The settings; lorgnette.yaml of this folder if there is one.", show_default=False)
]
ClusterOption = Annotated[str | None, typer.Option("--cluster", "-c", help="The cluster's name.", show_default=False)]
ClustersOption = Annotated[
    list[str] | None, typer.Option("--cluster", "-c", help="Only this cluster; may be given several times. Default: all.", show_default=False)
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="Only hours from here on (UTC), such as 2026-11-23 or 2026-11-23T07:00Z.", show_default=False)
]
ToOption = Annotated[str | None, typer.Option("--to", help="Only hours before this (UTC).", show_default=False)]
NamespaceOption = Annotated[str | None, typer.Option("--namespace", "-n", help="Only this namespace.", show_default=False)]
LimitsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        help="What if this limit held, such as pod_create/wall=120s or pod_create/platform/typical=1m; may be given several times.",
        show_default=False,
    ),
]
TargetOption = Annotated[
    str | None, typer.Option("--target", help="What if this were the target of those objectives too, such as 99.5%.", show_default=False)
]
FormatOption = Annotated[Format, typer.Option("--output", "-o", help="How to show the result.")]
PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Files, folders, globs, URLs, or - for standard input. Default: the sources in lorgnette.yaml.", show_default=False),
]
ShapeOption = Annotated[
    str | None, typer.Option("--shape", help="Read the files as this shape instead of telling it from their content.", show_default=False)
]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option("--include", help="Only files that match this glob (with a slash: of the path); may be given several times.", show_default=False),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option("--exclude", help="No files that match this glob; may be given several times.", show_default=False),
]
FilesFromOption = Annotated[
    str | None,
    typer.Option(
        "--from", help="Only files that may hold something from here on (UTC), such as 2026-11-23 or 2026-11-23T07:00Z.", show_default=False
    ),
]
FilesToOption = Annotated[str | None, typer.Option("--to", help="Only files that may hold something from before this (UTC).", show_default=False)]
LagOption = Annotated[
    float | None,
    typer.Option("--lag", help="Hours that what lies in a dated folder may be off that date. Default: 24.", show_default=False, min=0),
]
StdinNameOption = Annotated[
    str | None,
    typer.Option("--stdin-name", help="What standard input is called: the same name again replaces it. Default: by its content.", show_default=False),
]
_LIVE = "The live cluster"
ContextOption = Annotated[
    str | None,
    typer.Option("--context", help="A context of the kubeconfig. Default: its current one.", rich_help_panel=_LIVE, show_default=False),
]
KubeconfigOption = Annotated[
    Path | None,
    typer.Option(
        "--kubeconfig", help="Default: $KUBECONFIG, else ~/.kube/config, else the pod's service account.", rich_help_panel=_LIVE, show_default=False
    ),
]
NamespacesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--namespace", "-n", help="Only this namespace; may be given several times. Default: all.", rich_help_panel=_LIVE, show_default=False
    ),
]
WatchOption = Annotated[
    str | None,
    typer.Option(
        "--watch", "-w", help="Go on watching for so long, such as 10m; `forever`: until interrupted.", rich_help_panel=_LIVE, show_default=False
    ),
]
PageSizeOption = Annotated[
    int | None, typer.Option("--page-size", help="Objects per page of a list.", min=1, rich_help_panel=_LIVE, show_default=False)
]


def settings_and_lake(config: Path | None, lake: str | None) -> tuple[Settings, str]:
    """The settings, and where the lake is: as given, else as the settings say."""
    from pipelines.config import load

    settings = load(config)
    return settings, lake or settings.lake


def chosen_clusters(lake: Lake, wanted: list[str] | None) -> list[str]:
    """The clusters that a command is about: the given ones, else all of the lake.

    Raises:
        LorgnetteError: The lake does not know one of them.
    """
    known = lake.clusters()
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        raise LorgnetteError(f"The lake has no cluster {unknown[0]}", where=lake.url, remedy=f"It has {', '.join(known)}.")
    return wanted or known


def instant(text: str | None) -> datetime | None:
    """A moment as people write it: ISO 8601, UTC unless it says otherwise.

    Raises:
        typer.BadParameter: It is no moment.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment; write 2026-11-23 or 2026-11-23T07:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
