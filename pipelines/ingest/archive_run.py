"""One archive whose members are sources of their own: what the ledger keeps of it once they are all taken in.

Its row says that this very archive was read to its end, so that it is skipped as a whole; and what it had before and has no more is
forgotten. Not here: its members (`source_run`) and reading it (`flow`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.ingest.ledger import source_id
from pipelines.ingest.source_run import report_of
from pipelines.sources.archives import ARCHIVE

if TYPE_CHECKING:
    from pipelines.ingest.ledger import Ledger
    from pipelines.ingest.report import SourceReport
    from pipelines.ingest.source_run import SourceRun
    from pipelines.sources.archives import Archive


@dataclass(slots=True, eq=False)
class ArchiveRun:
    """An archive that is being read.

    Args:
        cluster: The cluster's name.
        uri: Where it is.
        digest: The digest of its bytes and of how they are read.
        size_bytes: Its size as stored.
        archive: Its members as they come.
        outer: The archive that it is a member of: that one then commits what it holds.

    Attributes:
        members: Its members that are being read anew.
        found: The uris of all members that are sources.
        vanished: The uris of members that it had when it was read before.
        is_whole: Whether each member could be read, or is nothing that we read.
        is_failed: Never: what fails are its members.
    """

    cluster: str
    uri: str
    digest: str
    size_bytes: int
    archive: Archive
    outer: ArchiveRun | None = None
    members: list[SourceRun] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    vanished: list[str] = field(default_factory=list)
    is_whole: bool = True
    is_failed: bool = False

    def inner(self, uri: str, archive: Archive) -> ArchiveRun:
        """An archive that is a member of this one; what it holds is noted here too."""
        return ArchiveRun(self.cluster, uri, self.digest, 0, archive, self, self.members, self.found)

    def commit(self, ledger: Ledger) -> SourceReport:
        """Write its row, unless it must be looked at again; and forget members that it has no more."""
        row = self._row()
        if self.is_whole and not any(member.is_failed for member in self.members):
            if self.archive.problem is None:
                for former in ledger.members(self.uri):
                    if former["uri"] not in self.found:
                        ledger.forget(former)
                        self.vanished.append(former["uri"])
            ledger.commit(row)
        return report_of(row, is_unchanged=False)

    def discard(self) -> None:
        """Leave nothing behind: it has nothing of its own."""

    def _row(self) -> dict[str, Any]:
        counts = dict.fromkeys(("raw_bytes", "lines", "kept", "filtered", "duplicates", "quarantined"), 0)
        return {
            "cluster": self.cluster,
            "source_id": source_id(self.cluster, self.uri),
            "uri": self.uri,
            "digest": self.digest,
            "shape": ARCHIVE,
            "bytes": self.size_bytes,
            **counts,
            "is_complete": self.archive.problem is None,
            "problem": self.archive.problem,
            "first_at": None,
            "last_at": None,
            "raw_files": [],
        }
