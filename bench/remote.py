"""How much of the wait for a bucket is hidden behind typing: an S3 server on this machine that answers late and slowly.

`python -m bench.remote [--latency-ms 200] [--mb-per-s 10] [--repeat 3]` puts the sample logs into a bucket in two layouts, few large objects and many
small ones, and measures for each: reading the same files from the disk (the work), fetching all objects one after the other (the wait), and
reading them from the bucket. If nothing overlapped, the last would take the sum of the first two; if everything did, the larger of them.
Each is the median of some runs, with the spread. Not here: how each step grows (`bench.scale`).
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import s3fs
import zstandard
from rich.console import Console
from rich.table import Table

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SAMPLE = Path(__file__).parents[1] / "sample" / "audit"
_BUCKET = "bench-logs"
_LINES_OF_SMALL = 700
_MB = 1_000_000
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Slowness:
    """How late a server answers, and how many bytes it gives per second and connection."""

    latency_s: float
    bytes_per_s: float


class SlowServer:
    """Any WSGI application, slowly."""

    def __init__(self, application: Callable[..., Iterable[bytes]], slowness: Slowness) -> None:
        self._application = application
        self._slowness = slowness

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        """Answers a request."""
        answer = self._application(environment, start)
        if environment["REQUEST_METHOD"] == "PUT":
            yield from answer
            return
        time.sleep(self._slowness.latency_s)
        for body in answer:
            for position in range(0, len(body), _PIECE_BYTES):
                piece = body[position : position + _PIECE_BYTES]
                time.sleep(len(piece) / self._slowness.bytes_per_s)
                yield piece


def serve(port: int, slowness: Slowness) -> None:
    """Serves until it is stopped."""
    import logging

    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", port, SlowServer(DomainDispatcherApplication(create_backend_app), slowness), threaded=True)


def layouts(folder: Path) -> dict[str, Path]:
    """The sample logs as few large files, as one that is not compressed, and as many small ones."""
    logs = [zstandard.ZstdDecompressor().decompress(path.read_bytes()) for path in sorted(_SAMPLE.glob("*.zst"))]
    whole = b"".join(logs)
    lines = whole.splitlines(keepends=True)
    pieces = [b"".join(lines[start : start + _LINES_OF_SMALL]) for start in range(0, len(lines), _LINES_OF_SMALL)]
    files = {
        "few large (gzip)": {f"{number}.log.gz": gzip.compress(log, 6) for number, log in enumerate(logs)},
        "one large (plain)": {"audit.log": whole},
        "many small (gzip)": {f"{number:04}.log.gz": gzip.compress(piece, 6) for number, piece in enumerate(pieces)},
    }
    for layout, contents in files.items():
        (folder / layout).mkdir()
        for name, content in contents.items():
            (folder / layout / name).write_bytes(content)
    return {layout: folder / layout for layout in files}


def ingested(source: str, folder: Path) -> float:
    """Seconds to read a source into a new lake."""
    with tempfile.TemporaryDirectory(dir=folder) as lake:
        started = time.monotonic()
        ingest(Lake.open(lake), "bench", [source], Settings())
        return time.monotonic() - started


def fetched(layout: str) -> float:
    """Seconds to fetch all objects of a layout, one after the other."""
    store = s3fs.S3FileSystem(use_listings_cache=False)
    started = time.monotonic()
    for path in store.find(f"{_BUCKET}/{layout}"):
        store.cat_file(path, start=0)
    return time.monotonic() - started


def median(measure: Callable[[], float], repeat: int) -> tuple[float, str]:
    """The median of some runs, and as text with their spread."""
    seconds = sorted(measure() for _ in range(repeat))
    middle = statistics.median(seconds)
    return middle, f"{middle:.1f} ({seconds[0]:.1f}–{seconds[-1]:.1f})"


def measured(folder: Path, repeat: int, title: str) -> Table:
    """The table of all layouts."""
    store = s3fs.S3FileSystem(use_listings_cache=False)
    store.mkdir(_BUCKET)
    table = Table("layout", "objects", "MB", "work s", "wait s", "together s", "of the sum", "of the larger", title=title)
    for layout, files in layouts(folder).items():
        paths = sorted(files.iterdir())
        for path in paths:
            store.pipe(f"{_BUCKET}/{layout}/{path.name}", path.read_bytes())
        # Each once before: what is imported, opened and planned for the first time is no part of the matter.
        ingested(f"s3://{_BUCKET}/{layout}/{paths[0].name}", folder)
        work, work_text = median(lambda files=files: ingested(str(files), folder), repeat)
        wait, wait_text = median(lambda layout=layout: fetched(layout), repeat)
        both, both_text = median(lambda layout=layout: ingested(f"s3://{_BUCKET}/{layout}/", folder), repeat)
        size = sum(path.stat().st_size for path in paths) / _MB
        ratios = (f"{both / (work + wait):.2f}", f"{both / max(work, wait):.2f}")
        table.add_row(layout, str(len(paths)), f"{size:.1f}", work_text, wait_text, both_text, *ratios)
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--mb-per-s", type=float, default=10)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    slowness = Slowness(options.latency_ms / 1000, options.mb_per_s * _MB)
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port, slowness), daemon=True)
    server.start()
    credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "bench")
    os.environ.update({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "us-east-1", **credentials})
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = folder
            title = f"Each request answered after {options.latency_ms:.0f} ms, {options.mb_per_s:.0f} MB/s per connection"
            Console().print(measured(Path(folder), options.repeat, title))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
