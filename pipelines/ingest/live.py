"""A live cluster → raw tables: one source per List of everything, and one per stretch of watching.

Here: `snapshot` and its report. Nothing is written but the raw tables, so nothing is stored unredacted. Not here: asking the API server
(`pipelines.sources.live`) and what the lake knows already (`live_known`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.errors import ConfigError, InputError, LorgnetteError, SourceError
from pipelines.ingest.live_known import SCHEME, Known
from pipelines.ingest.stream import Ending, Stream, ingest_stream
from pipelines.sources.live import SHAPE, Api, ApiFailureError, Clock, Collection, Patience, Told, connect, targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipelines.config import Live, Settings
    from pipelines.ingest.report import SourceReport
    from pipelines.lake import Lake
    from pipelines.sources.live import Listed

# What is watched is committed so often: a dead process loses no more, and each commit is a few files.
_COMMIT_S = 600.0
_TRIES = 3
_SHOWN = 3
_IDENTITY = "kube-system"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a snapshot is.

    Args:
        lists: Lists that are done, of `targets`.
        targets: All of them.
        items: Objects that were listed.
        frames: Frames that watches sent.
        elapsed_s: Since the start.
    """

    lists: int
    targets: int
    items: int
    frames: int
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Manner:
    """How a snapshot goes about it, where a caller wants it otherwise than usual.

    Args:
        stop: Whoever sets it ends the snapshot; what has come is kept.
        clock: Tells the time of arrival.
        patience: How long to wait after a failure.
        commit_s: How often what is watched is committed.
        progress: Is told now and then how far it is.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    clock: Clock = field(default_factory=Clock)
    patience: Patience = field(default_factory=Patience)
    commit_s: float = _COMMIT_S
    progress: Callable[[Progress], None] | None = None


@dataclass(slots=True)
class SnapshotReport:
    """What a snapshot read.

    Attributes:
        cluster: The cluster's name in the lake.
        server: The API server's URL.
        version: Its version; empty if it does not tell.
        correction_s: How far this machine's clock was moved to agree with the server's.
        told: What became of each resource.
        sources: What was committed, in order.
    """

    cluster: str
    server: str
    version: str
    correction_s: float = 0.0
    told: list[Told] = field(default_factory=list)
    sources: list[SourceReport] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """Lines that are rows now."""
        return sum(source.kept for source in self.sources)

    @property
    def unchanged(self) -> int:
        """Lines that the lake had already."""
        return sum(source.duplicates for source in self.sources)

    @property
    def quarantined(self) -> int:
        """Lines that could not be read."""
        return sum(source.quarantined for source in self.sources)

    @property
    def problems(self) -> list[Told]:
        """The resources that are not complete."""
        return [told for told in self.told if told.problem]

    @property
    def is_clean(self) -> bool:
        """Whether everything that was asked for could be read."""
        return not self.problems and not self.quarantined


def snapshot(lake: Lake, cluster: str, live: Live, settings: Settings, manner: Manner | None = None) -> SnapshotReport:
    """List what the lake tracks of a live cluster, then watch it if the settings say so.

    Args:
        lake: The lake; made if it is not there.
        cluster: What the lake calls the cluster.
        live: Where its API server is, what to ask for, and how long to watch.
        settings: All settings.
        manner: How to go about it.

    Returns:
        What became of each resource. What could not be read is in its `problems`; everything else is in the lake.

    Raises:
        ConfigError: The kubeconfig cannot be used, or the context is not the cluster that the lake knows by this name.
        SourceError: The API server cannot be reached; later it may.
        InputError: It does not accept the credentials, or gives nothing at all.
        LorgnetteError: The lake cannot be written.
    """
    manner = manner or Manner()
    wanted = targets(live.resources, live.namespaces)
    api = Api(connect(live, len(wanted) + 1), manner.clock)
    try:
        report = SnapshotReport(cluster, api.url, _reached(api, manner))
        collection = Collection(api, wanted, page_size=live.page_size, watch_s=live.watch_s, patience=manner.patience, stop=manner.stop)
        report.told = collection.told
        with collection:
            _Segments(lake, cluster, settings, manner, collection, report).read()
        report.correction_s = manner.clock.correction_s
        return report
    finally:
        api.close()


def _reached(api: Api, manner: Manner) -> str:
    """The server's version, which shows that it is there and knows who asks."""
    for failures in range(1, _TRIES + 1):
        try:
            return api.version()
        except ApiFailureError as failure:
            if failure.is_unauthorized:
                remedy = "Log in again; `kubectl auth whoami` with the same context shows whether it worked."
                raise InputError(f"The API server does not accept the credentials: {failure.message}", where=api.url, remedy=remedy) from failure
            last = failure
            if not failure.is_transient or failures == _TRIES:
                break
            manner.stop.wait(manner.patience.wait_s(failures, failure))
    remedy = "See whether `kubectl version` with the same context and from the same place gets an answer."
    raise SourceError(f"The API server cannot be reached: {last.message}", where=api.url, remedy=remedy) from last


class _Segments:
    """A snapshot under way: what comes is committed source by source."""

    def __init__(self, lake: Lake, cluster: str, settings: Settings, manner: Manner, collection: Collection, report: SnapshotReport) -> None:
        self._lake, self._cluster, self._settings = lake, cluster, settings
        self._manner, self._collection, self._report = manner, collection, report
        self._started_s = time.monotonic()
        self._lists = 0
        self._at = datetime.min.replace(tzinfo=UTC)

    def read(self) -> None:
        """Everything until the collection is done."""
        while True:
            # It names the source, so it is never the same twice.
            self._at = max(self._manner.clock.now(), self._at + timedelta(microseconds=1))
            with Known(self._lake, self._cluster, self._at) as known:
                uri = f"{SCHEME}{self._cluster}?at={self._at:%Y-%m-%dT%H:%M:%S.%fZ}"
                stream = Stream(uri, SHAPE, self._pieces(known), self._ending, known.keys())
                self._report.sources.append(ingest_stream(self._lake, self._cluster, stream, self._settings))
            if self._collection.is_done:
                return

    def _pieces(self, known: Known) -> Iterator[bytes]:
        yield from self._collection.blocks(time.monotonic() + self._manner.commit_s, self._tell)
        if self._collection.is_done and not any(told.pages for told in self._report.told):
            raise self._nothing_readable()
        for listed in self._collection.take_lists():
            self._lists += 1
            if listed.target.resource.kind == "Namespace":
                self._refuse_another_cluster(known, listed)
            yield from known.gone(listed)

    def _ending(self) -> Ending:
        problems = [f"{told.target}: {told.problem}" for told in self._report.problems]
        return Ending(self._manner.clock.now(), "; ".join(problems) or None)

    def _tell(self) -> None:
        if self._manner.progress is not None:
            told = self._report.told
            items, frames = sum(each.items for each in told), sum(each.frames for each in told)
            lists = self._lists + len(self._collection.lists)
            self._manner.progress(Progress(lists, len(told), items, frames, time.monotonic() - self._started_s))

    def _refuse_another_cluster(self, known: Known, listed: Listed) -> None:
        """A cluster is known by the UID of a namespace that each has and nobody makes anew."""
        uid = next((uid for uid, name in listed.names.items() if name == _IDENTITY), None)
        before = known.uid_of("Namespace", _IDENTITY)
        if uid and before and uid != before:
            raise ConfigError(
                f"This is not the cluster that the lake knows as {self._cluster}: its namespace {_IDENTITY} has the UID {uid}, and had {before}",
                where=self._report.server,
                remedy="Give the right --context, or another --cluster if the cluster was made anew.",
            )

    def _nothing_readable(self) -> LorgnetteError:
        told = self._report.told
        remedies = list(dict.fromkeys(each.remedy for each in told if each.remedy))
        return InputError(
            "Nothing could be read: " + "; ".join(f"{each.target}: {each.problem or each.note}" for each in told[:_SHOWN]),
            where=self._report.server,
            remedy="\n".join(remedies) or "See whether `kubectl get pods -A` with the same context gets an answer.",
        )
