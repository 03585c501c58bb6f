"""One source whose bytes come once and are kept nowhere else, such as what a live cluster answers.

Here: `ingest_stream`. Its chunks are typed one after the other: such a source waits for others, not for the processor. Not here: files, of which
many are read side by side (`flow`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from pipelines.errors import SourceError
from pipelines.ingest.chunks import Limits, chunks
from pipelines.ingest.engine import Engine
from pipelines.ingest.ledger import Ledger, reader_fingerprint
from pipelines.ingest.source_run import SourceRun
from pipelines.sources import Detected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from pipelines.config import Settings
    from pipelines.ingest.report import SourceReport
    from pipelines.lake import Lake
    from pipelines.sources import Shape

_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known of a stream once it has ended.

    Args:
        reached_at: Up to when it tells everything.
        problem: Why it is not whole; None if it is.
    """

    reached_at: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A source that can be read once.

    Args:
        uri: Its name, which no other source of the cluster ever has.
        shape: What it holds, one record per line.
        pieces: Its bytes.
        ending: Asked once all bytes are out.
        known: Keys of lines that count as repeats, since other sources hold them.
    """

    uri: str
    shape: Shape
    pieces: Iterable[bytes]
    ending: Callable[[], Ending]
    known: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))


def ingest_stream(lake: Lake, cluster: str, stream: Stream, settings: Settings) -> SourceReport:
    """Read a stream into the raw tables of a lake. Nothing of it is there before it has ended, and nothing of it ever unredacted.

    Raises:
        SourceError: A query failed on it.
        LorgnetteError: The lake cannot be written.
    """
    engine = Engine(settings)
    detected = Detected(stream.shape, stream.shape.line_framing)
    run = SourceRun(lake, cluster, stream.uri, _digest(stream.uri, settings), 0, detected, settings)
    run.expect(stream.known)
    limits = Limits(detected.framing, settings.ingest.chunk_bytes, settings.ingest.max_line_bytes, is_refusing=False)
    try:
        for chunk in chunks(_counted(stream.pieces, run), limits):
            run.add(engine.typed(detected, chunk))
        ending = stream.ending()
        run.problem = ending.problem
        run.reaches(ending.reached_at)
        return run.commit(Ledger(lake, cluster))
    except duckdb.Error as error:
        run.discard()
        raise SourceError(f"What was read cannot be typed: {error}", where=stream.uri) from error
    except BaseException:
        run.discard()
        raise
    finally:
        engine.close()


def _counted(pieces: Iterable[bytes], run: SourceRun) -> Iterator[bytes]:
    for piece in pieces:
        run.raw_bytes += len(piece)
        run.size_bytes += len(piece)
        yield piece


def _digest(uri: str, settings: Settings) -> str:
    """What stands for the digest of bytes that nobody can read again: the name, which is given once, and how they are read."""
    return hashlib.blake2b(uri.encode() + reader_fingerprint(settings), digest_size=_DIGEST_BYTES).hexdigest()
