"""`lorgnette snapshot`: a live cluster into the lake.

Here: the command, what it prints, and how an interruption ends it well. Not here: reading the cluster (`pipelines.ingest.live`).
"""

from __future__ import annotations

import math
import re
import signal
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import typer

from pipelines.cli.options import (
    ClusterOption,
    ConfigOption,
    ContextOption,
    FormatOption,
    KubeconfigOption,
    LakeOption,
    NamespacesOption,
    PageSizeOption,
    WatchOption,
    settings_and_lake,
)
from pipelines.cli.output import Format, err, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from pipelines.cli.progress import Bar
    from pipelines.config import Live, Settings
    from pipelines.ingest.live import Progress, SnapshotReport
    from pipelines.lake import Lake

_INCOMPLETE = 3
_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def snapshot(
    cluster: ClusterOption = None,
    context: ContextOption = None,
    kubeconfig: KubeconfigOption = None,
    namespace: NamespacesOption = None,
    watch: WatchOption = None,
    page_size: PageSizeOption = None,
    lake: LakeOption = None,
    output: FormatOption = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Read Events, pods, nodes, claims and workloads of a live cluster into the lake; it needs only the rights to list and watch."""
    from pipelines.config import Live
    from pipelines.lake import Lake

    settings, url = settings_and_lake(config, lake)
    found = lives(settings, cluster) or ({cluster: Live()} if cluster else {})
    if not found:
        raise typer.BadParameter("say what the lake shall call the cluster, by --cluster NAME, or give it `live` in lorgnette.yaml")
    if len(found) > 1 and (context is not None or watch is not None):
        raise typer.BadParameter("--context and --watch are about one cluster: add --cluster NAME")
    given = {"context": context, "kubeconfig": kubeconfig, "namespaces": namespace, "watch_s": seconds(watch), "page_size": page_size}
    told = {key: value for key, value in given.items() if value is not None}
    reports = snapshot_all(Lake.open(url), settings, {name: live.model_copy(update=told) for name, live in found.items()})
    show(snapshot_table(reports), output)
    conclude(reports)
    err().print(f"Next: lorgnette refresh --lake {url}", markup=False, soft_wrap=True)
    if show_problems(reports):
        raise typer.Exit(_INCOMPLETE)


def lives(settings: Settings, cluster: str | None) -> dict[str, Live]:
    """The clusters whose API server is to be read as well, as the settings say: all, or only the given one."""
    return {name: each.live for name, each in settings.clusters.items() if each.live and cluster in {None, name}}


def snapshot_all(lake: Lake, settings: Settings, wanted: dict[str, Live]) -> list[SnapshotReport]:
    """Read the clusters one after the other, with a bar. Ctrl-C, or SIGTERM as a pod gets it, ends a watch as if its time were over."""
    from pipelines.cli.progress import Bar
    from pipelines.ingest.live import Manner
    from pipelines.ingest.live import snapshot as read

    reports = []
    with _stopping() as stop:
        for cluster, live in wanted.items():
            with Bar(f"Reading {cluster}") as bar:
                manner = Manner(stop=stop, progress=partial(_update, bar, live.watch_s))
                reports.append(read(lake, cluster, live, settings, manner))
    return reports


def snapshot_table(reports: Sequence[SnapshotReport]) -> pa.Table:
    """One row per cluster and resource: what came, and what could not be had."""
    import pyarrow as pa

    counts = ("items", "pages", "frames", "restarts", "retries")
    rows = [
        {"cluster": report.cluster, "resource": str(told.target), "note": told.problem or told.note} | {name: getattr(told, name) for name in counts}
        for report in reports
        for told in report.told
    ]
    fields = [("cluster", pa.string()), ("resource", pa.string()), *((name, pa.int64()) for name in counts), ("note", pa.string())]
    return pa.Table.from_pylist(rows, pa.schema(fields))


def show_problems(reports: Sequence[SnapshotReport]) -> bool:
    """Say what could not be read and what to do about it; whether there was anything."""
    lines = [
        f"{told.target} of {report.cluster}: {told.problem}" + (f"\n    {told.remedy}" if told.remedy else "")
        for report in reports
        for told in report.problems
    ]
    lines += [
        f"{report.cluster}: {report.quarantined:,} lines are no records; they are in the table `quarantine`"
        for report in reports
        if report.quarantined
    ]
    if lines:
        err().print("\nSome of it could not be read; everything else is in the lake:")
        for line in lines:
            err().print(f"  {line}", markup=False, soft_wrap=True)
    return bool(lines)


def seconds(text: str | None) -> float | None:
    """A duration as people write it: `90`, `90s`, `10m`, `1h30m`, `forever`.

    Raises:
        typer.BadParameter: It is none.
    """
    if text is None:
        return None
    if text == "forever":
        return math.inf
    if not re.fullmatch(r"(\d+(\.\d+)?[smhd]?)+", text):
        raise typer.BadParameter(f"{text!r} is no duration; write 90s, 10m, 1h30m or forever")
    return sum(float(number) * _UNITS_S[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)([smhd]?)", text))


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; the second one ends the program."""
    stop = threading.Event()

    def handle(number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        err().print(f"\nEnding on {signal.Signals(number).name}; what has come is kept.")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _update(bar: Bar, watch_s: float, now: Progress) -> None:
    if now.lists < now.targets:
        bar.update(now.lists, now.targets, f"{now.items:,} objects listed")
    elif watch_s:
        bar.update(min(now.elapsed_s, watch_s), watch_s if math.isfinite(watch_s) else now.elapsed_s * 2, f"watching, {now.frames:,} changes")


def conclude(reports: Sequence[SnapshotReport]) -> None:
    """Say what a snapshot came to."""
    for report in reports:
        clock = f"; this machine's clock is {-report.correction_s:+.1f} s off the server's" if report.correction_s else ""
        version = f" ({report.version})" if report.version else ""
        err().print(
            f"\n{report.cluster}: {report.kept:,} new rows, {report.unchanged:,} unchanged, from {report.server}{version}{clock}.",
            markup=False,
            soft_wrap=True,
        )
