"""How each step of a run grows with its input, as whole processes: wall and CPU seconds and peak memory.

`python -m bench.scale --corpus CORPUS [--run scale-c]` reads a quarter, a half and all of the files of a recorded log into fresh lakes and prints, per step, the figures and the exponent of
growth (1 is linear) from the half to the whole, then one `lorgnette run` over everything. Not here: comparisons with other engines.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.processes import Figures, exponent, lorgnette, measured

_PARTS = (0.25, 0.5, 1.0)
_STEPS = ("ingest", "refresh", "report")


def arguments_of(step: str, files: list[Path], lake: Path) -> list[str]:
    """The command line of one step."""
    at = ["--lake", str(lake)]
    match step:
        case "ingest":
            return ["ingest", *map(str, files), "--cluster", "bench", *at]
        case "report":
            return ["report", *at, "--out", str(lake.parent / "report.html")]
    return [step, *at]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--run", default="scale-c")
    options = parser.parse_args()
    files = sorted((options.corpus / options.run / "audit").glob("*.gz"))
    table = Table("step", "input MB", "wall s", "cpu s", "peak MiB", "cpu exponent", title=f"{options.run}: each step, as its own process")
    with tempfile.TemporaryDirectory() as folder:
        for step in _STEPS:
            before: tuple[int, Figures] | None = None
            for part in _PARTS:
                chosen = files[: max(1, round(len(files) * part))]
                size = sum(path.stat().st_size for path in chosen)
                figures = measured(lorgnette(*arguments_of(step, chosen, Path(folder) / f"{part}" / "lake")))
                power = f"{exponent(before[1].cpu_s, figures.cpu_s, size / before[0]):.2f}" if before else "-"
                table.add_row(step, f"{size / 1e6:.1f}", f"{figures.wall_s:.1f}", f"{figures.cpu_s:.1f}", f"{figures.peak_mib:.0f}", power)
                before = (size, figures)
        whole = measured(
            lorgnette(
                "run",
                *map(str, files),
                "--cluster",
                "bench",
                "--lake",
                str(Path(folder) / "whole" / "lake"),
                "--report",
                str(Path(folder) / "whole.html"),
            )
        )
        table.add_row(
            "run", f"{sum(path.stat().st_size for path in files) / 1e6:.1f}", f"{whole.wall_s:.1f}", f"{whole.cpu_s:.1f}", f"{whole.peak_mib:.0f}", ""
        )
    Console().print(table)


if __name__ == "__main__":
    main()
