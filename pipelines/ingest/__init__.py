"""Bytes → raw tables: `ingest` reads files into a lake, accounts for every line, and skips what did not change.

Not here: where files come from and what they hold (`pipelines.sources`), and everything that is computed from raw tables (`sql/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.errors import InputError
from pipelines.ingest.flow import Flow
from pipelines.ingest.report import Callback, IngestReport, Progress, SourceReport, Unreadable
from pipelines.sources import discover, shape_named
from pipelines.sources.archives import outermost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.config import Settings
    from pipelines.lake import Lake

__all__ = ["Callback", "IngestReport", "Progress", "SourceReport", "Unreadable", "ingest"]

_SHOWN = 5


def ingest(
    lake: Lake,
    cluster: str,
    paths: Sequence[str],
    settings: Settings,
    progress: Callback | None = None,
    *,
    shape: str | None = None,
) -> IngestReport:
    """Read audit logs, Events and objects into the raw tables of a lake.

    Args:
        lake: The lake; made if it is not there.
        cluster: The cluster that the files are from.
        paths: Files, folders (read recursively), globs or fsspec URLs, told apart by content.
        settings: All settings.
        progress: Is told how far it is after each chunk.
        shape: Read all files as this shape instead of telling it from their content.

    Returns:
        What became of each file. Files that could not be read are in `unreadable`; what was good is in the lake all the same.

    Raises:
        InputError: None of the files holds anything that can be read.
        ConfigError: A redaction pattern or the shape is not understood.
        LorgnetteError: The lake cannot be written.
    """
    report = IngestReport(cluster)
    # A lake inside of the folder that is read is no source.
    files = [file for file in discover(paths) if not file.uri.startswith(f"{lake.url}/")]
    flow = Flow(lake, report, settings, shape_named(shape, settings.own_records) if shape else None, progress)
    flow.read(files)
    order = {file.uri: number for number, file in enumerate(files)}
    # An archive comes before its members.
    report.sources.sort(key=lambda source: (order[outermost(source.uri, order)], source.uri not in order))
    if not report.sources:
        raise _nothing_readable(report, paths)
    return report


def _nothing_readable(report: IngestReport, paths: Sequence[str]) -> InputError:
    if report.unreadable:
        shown = "; ".join(f"{each.uri}: {each.problem}" for each in report.unreadable[:_SHOWN])
        more = len(report.unreadable) - _SHOWN
        what = f"Nothing could be read. {shown}" + (f"; and {more} more" if more > 0 else "")
    elif report.left_aside:
        what = f"None of the {len(report.left_aside)} files is an audit log or holds Kubernetes Events or objects in JSON"
    else:
        what = "There are no files here"
    return InputError(
        what,
        where=", ".join(paths),
        remedy="Give audit logs (`audit.log`, gzip or zstd too), or Events and objects as `kubectl get events -A -o json` prints them.",
    )
