"""How an ingest grows with its input, and how much memory it takes: 1, 2, 4 and 8 times a recorded log, one log of some gigabytes, and many small ones.

`python -m bench.growth --corpus CORPUS [--run real-a] [--large-gb 4] [--small-files 2000] [--page docs/benchmarks.md]`. The exponent is that of CPU seconds from the smallest to
the largest input, start-up and all. Not here: other engines (`bench.comparison`).
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from isal import igzip
from rich.console import Console

from bench.multiplied import multiplied, raw_bytes
from bench.pages import replace_part, table_of
from bench.processes import Figures, exponent, lorgnette, measured

if TYPE_CHECKING:
    from collections.abc import Iterator

_COPIES = (1, 2, 4, 8)
_MB = 1_000_000
_LINES_OF_SMALL = 200


def ingested(paths: list[Path]) -> Figures:
    """What an ingest of these into a fresh lake takes."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(lorgnette("ingest", *map(str, paths), "--cluster", "bench", "--lake", folder))


def small_files(source: Path, count: int, folder: Path) -> int:
    """Cut a log into so many gzips of a few lines; their bytes before compression."""
    size = 0
    with igzip.open(source, "rb") as lines:
        for number in range(count):
            text = b"".join(itertools.islice(lines, _LINES_OF_SMALL))
            size += len(text)
            (folder / f"audit-{number:05d}.log.gz").write_bytes(gzip.compress(text, 1))
    return size


def measurements(recording: Path, large_gb: float, count: int) -> Iterator[tuple[str, int, Figures]]:
    """Each input with the bytes of its JSON and the figures."""
    for copies in _COPIES:
        source = multiplied(recording, copies)
        yield f"{copies} ×", raw_bytes(source), ingested([source])
    one = raw_bytes(multiplied(recording, 1))
    copies = round(large_gb * 1e9 / one)
    large = multiplied(recording, copies, compressed=False)
    yield f"one log of {large_gb:g} GB, not compressed", large.stat().st_size, ingested([large])
    large.unlink()
    with tempfile.TemporaryDirectory() as folder:
        size = small_files(multiplied(recording, _COPIES[-1]), count, Path(folder))
        yield f"{count} gzips of {_LINES_OF_SMALL} lines", size, ingested([Path(folder)])


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--run", default="real-a")
    parser.add_argument("--large-gb", type=float, default=4.0)
    parser.add_argument("--small-files", type=int, default=2000)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    found = list(measurements(options.corpus / options.run, options.large_gb, options.small_files))
    table = [["input", "MB of JSON", "CPU s", "MB per CPU s", "wall s", "peak MiB"]]
    table += [
        [name, f"{size / _MB:.0f}", f"{each.cpu_s:.1f}", f"{size / _MB / each.cpu_s:.0f}", f"{each.wall_s:.1f}", f"{each.peak_mib:.0f}"]
        for name, size, each in found
    ]
    (_, first, few), (_, last, many) = found[0], found[len(_COPIES) - 1]
    text = f"{options.run}: CPU grows with the input to the power of {exponent(few.cpu_s, many.cpu_s, last / first):.2f}.\n\n{table_of(table)}"
    Console(width=200).print(text, markup=False)
    if options.page:
        replace_part(options.page, "growth", text)


if __name__ == "__main__":
    main()
