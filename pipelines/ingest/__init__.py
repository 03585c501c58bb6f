"""Bytes → raw tables: `ingest` reads files into a lake, accounts for every line, and skips what did not change.

Not here: where files come from and what they hold (`pipelines.sources`), and everything that is computed from raw tables (`sql/`).
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from pipelines.errors import InputError
from pipelines.ingest.flow import Flow
from pipelines.ingest.report import Callback, IngestReport, Progress, SourceReport, Unreadable, skipped_words
from pipelines.sources import STDIN, Selection, discover, shape_named, spooled
from pipelines.sources.archives import outermost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.sources import Discovery, Found

__all__ = ["Callback", "IngestReport", "NothingInSpanError", "Progress", "SourceReport", "Unreadable", "ingest", "skipped_words"]


class NothingInSpanError(InputError):
    """There are files, but none that can hold anything of the wanted time; `report` says how many, and by what."""

    report: IngestReport


_SHOWN = 5
_EVERYTHING = Selection()
_WIDEN = "Widen --from and --to; if dates in paths mislead, raise --lag."
_GIVE = "Give audit logs (`audit.log`, gzip or zstd too), or Events and objects as `kubectl get events -A -o json` prints them."


def ingest(
    lake: Lake,
    cluster: str,
    paths: Sequence[str],
    settings: Settings,
    progress: Callback | None = None,
    *,
    shape: str | None = None,
    selection: Selection = _EVERYTHING,
) -> IngestReport:
    """Read audit logs, Events and objects into the raw tables of a lake.

    Args:
        lake: The lake; made if it is not there.
        cluster: The cluster that the files are from.
        paths: Files, folders (read recursively), globs, fsspec URLs, or `-` for standard input; told apart by content.
        settings: All settings.
        progress: Is told how far it is after each chunk.
        shape: Read all files as this shape instead of telling it from their content.
        selection: Which of the files are wanted.

    Returns:
        What became of each file. Files that could not be read are in `unreadable`; what was good is in the lake all the same.

    Raises:
        InputError: None of the files holds anything that can be read.
        NothingInSpanError: There are files, but none can hold anything of the wanted span.
        ConfigError: A redaction pattern, a glob or the shape is not understood.
        LorgnetteError: The lake cannot be written.
    """
    report = IngestReport(cluster)
    # A lake inside of the folder that is read is no source.
    looked_for = partial(discover, paths, selection, cluster=cluster, apart=[lake.url])
    found = looked_for()
    report.skipped, report.unlisted = found.skipped, found.unlisted
    files = [*_piped(paths, selection, progress), *found.files]
    with Flow(lake, report, settings, shape_named(shape, settings.own_records) if shape else None, progress) as flow:
        disturbed = flow.read(files)
        if disturbed:
            files += _read_again(flow, report, files, disturbed, looked_for)
    order = {file.uri: number for number, file in enumerate(files)}
    # An archive comes before its members.
    report.sources.sort(key=lambda source: (order[outermost(source.uri, order)], source.uri not in order))
    if not report.sources:
        raise _nothing_readable(report, paths, selection)
    return report


def _piped(paths: Sequence[str], selection: Selection, progress: Callback | None) -> list[Found]:
    if STDIN not in paths:
        return []

    def tell(size_bytes: int) -> None:
        if progress is not None:
            progress(Progress("standard input", size_bytes, 0, 0, 1, 0))

    return [spooled(sys.stdin.buffer, selection.stdin_name, tell)]


def _read_again(flow: Flow, report: IngestReport, files: list[Found], disturbed: list[Found], looked_for: Callable[[], Discovery]) -> list[Found]:
    """A log was rotated, removed or written over since it was listed: list again, and read what is not settled yet, once."""
    settled = {file.uri for file in files} - {file.uri for file in disturbed}
    again = [file for file in looked_for().files if file.uri not in settled]
    names = tuple(file.uri for file in again)
    for file in flow.read(again):
        report.unreadable.append(Unreadable(file.uri, "It is written over or removed while it is read", "Run it again when it is left alone."))
    # What was compressed meanwhile has got a longer name.
    for file in disturbed:
        if not any(name.startswith(file.uri) for name in names):
            report.unreadable.append(Unreadable(file.uri, "It was gone before it could be read", "Keep logs longer, or read them more often."))
    return again


def _nothing_readable(report: IngestReport, paths: Sequence[str], selection: Selection) -> InputError:
    skipped, remedy = skipped_words(report), None
    if report.unreadable:
        remedy = next((each.remedy for each in report.unreadable if each.remedy), None)
        shown = "; ".join(f"{each.uri}: {each.problem}" for each in report.unreadable[:_SHOWN])
        more = len(report.unreadable) - _SHOWN
        what = f"Nothing could be read. {shown}" + (f"; and {more} more" if more > 0 else "")
    elif report.left_aside:
        what = f"None of the {len(report.left_aside)} files is an audit log or holds Kubernetes Events or objects in JSON"
    elif skipped and not selection.span.is_all:
        error = NothingInSpanError(f"No file can hold anything of the wanted time: {skipped}", where=", ".join(paths), remedy=_WIDEN)
        error.report = report
        return error
    elif skipped:
        what, remedy = f"No file is wanted: {skipped}", "Correct --include and --exclude."
    else:
        what = "There are no files here"
    return InputError(what, where=", ".join(paths), remedy=remedy or _GIVE)
