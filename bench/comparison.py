"""Our ingest against other engines on one file, in one run: CPU seconds of whole processes, one after the other, several times over.

`python -m bench.comparison --corpus CORPUS [--copies 3] [--repeat 3] [--peers PYTHON] [--page docs/benchmarks.md]` multiplies a recorded log, has each engine read it in turn, and prints
medians and spreads; with `--page`, the table goes into that page. Ratios hold for this file, these versions and this machine. Not here: how each step grows (`bench.growth`).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from bench.multiplied import multiplied, raw_bytes
from bench.pages import replace_part, table_of
from bench.processes import Figures, Repeated, lorgnette, measured

_MB = 1_000_000
OURS = "lorgnette ingest"


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: its name, its module if it is not ours, and what it does with the file."""

    name: str
    module: str | None
    does: str


ENGINES = (
    Engine(OURS, None, "all raw tables: redaction, provenance, accounting, sorting, bodies once"),
    Engine("igzip + simdjson", "simdjson_parse", "inflates and parses each line; keeps nothing"),
    Engine("igzip + orjson", "orjson_loop", "inflates, makes Python objects of each line; keeps nothing"),
    Engine("DuckDB read_json", "duckdb_copy", "fields and both bodies to Parquet; none of the four"),
    Engine(
        "DuckDB, one statement",
        "duckdb_one_statement",
        "our query with redaction and line numbers, sorted, to one Parquet file; no accounting, no repeats, no hours",
    ),
    Engine("chdb JSONEachRow", "chdb_copy", "fields and both bodies to Parquet; none of the four"),
    Engine("Polars ndjson", "polars_ndjson", "fields without bodies to Parquet; none of the four"),
)


def command_of(engine: Engine, source: Path, output: Path, peers: str) -> list[str]:
    """How an engine is run."""
    if engine.module is None:
        return lorgnette("ingest", str(source), "--cluster", "bench", "--lake", str(output))
    return [peers, "-m", f"bench.engines.{engine.module}", str(source), str(output)]


def compared(source: Path, repeat: int, peers: str) -> tuple[dict[str, Repeated], dict[str, int]]:
    """Figures and bytes written of each engine; each round asks all of them, so that what else the machine does meets all alike."""
    figures: dict[str, list[Figures]] = {engine.name: [] for engine in ENGINES}
    written: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeat):
            for engine in ENGINES:
                output = Path(folder) / "output"
                figures[engine.name].append(measured(command_of(engine, source, output, peers)))
                written[engine.name] = _size(output)
                shutil.rmtree(output) if output.is_dir() else output.unlink(missing_ok=True)
    return {name: Repeated(tuple(each)) for name, each in figures.items()}, written


def _size(output: Path) -> int:
    files = output.rglob("*.parquet") if output.is_dir() else [output] if output.exists() else []
    return sum(path.stat().st_size for path in files)


def rows(source: Path, results: dict[str, Repeated], written: dict[str, int]) -> list[list[str]]:
    """The table, its head first."""
    raw, ours = raw_bytes(source), results[OURS].cpu_s
    head = [
        "engine",
        "what it does",
        "CPU s, median",
        "spread",
        "MB of JSON per CPU s",
        "its CPU / ours",
        "wall s",
        "both cores",
        "peak MiB",
        "written / gzip",
    ]
    body = []
    for engine in ENGINES:
        result = results[engine.name]
        size = f"{written[engine.name] / source.stat().st_size:.3f}" if written[engine.name] else "-"
        busy = result.cpu_s / result.wall_s / (os.cpu_count() or 1)
        speed = raw / _MB / result.cpu_s
        body.append(
            [
                engine.name,
                engine.does,
                f"{result.cpu_s:.1f}",
                result.spread,
                f"{speed:.0f}",
                f"{result.cpu_s / ours:.2f}",
                f"{result.wall_s:.1f}",
                f"{busy:.0%}",
                f"{result.peak_mib:.0f}",
                size,
            ]
        )
    return [head, *body]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--run", default="scale-c")
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peers", default=sys.executable, help="the Python that has pysimdjson, orjson and chdb")
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    source = multiplied(options.corpus / options.run, options.copies)
    table = rows(source, *compared(source, options.repeat, options.peers))
    told = (
        f"{options.run} {options.copies} times over: {raw_bytes(source) / _MB:.0f} MB of JSON in {source.stat().st_size / _MB:.0f} MB of gzip; {options.repeat} rounds on "
        f"{os.cpu_count()} cores ({platform.machine()}); "
        + ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "polars", "isal"))
        + "."
    )
    text = f"{told}\n\n{table_of(table)}"
    Console(width=240).print(text, markup=False)
    if options.page:
        replace_part(options.page, "comparison", text)


if __name__ == "__main__":
    main()
