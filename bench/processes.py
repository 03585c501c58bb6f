"""One command as a whole process: wall and CPU seconds of it and its children, and its peak memory.

Not here: what is run (`bench.scale`, `bench.comparison`, `bench.growth`).
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = Path(__file__).parents[1]
_KIB_OF_MIB = 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """What the operating system says of one finished process: seconds and MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same process several times over."""

    figures: tuple[Figures, ...]

    @property
    def cpu_s(self) -> float:
        """The median of CPU seconds."""
        return statistics.median(each.cpu_s for each in self.figures)

    @property
    def wall_s(self) -> float:
        """The median of wall-clock seconds."""
        return statistics.median(each.wall_s for each in self.figures)

    @property
    def peak_mib(self) -> float:
        """The highest peak."""
        return max(each.peak_mib for each in self.figures)

    @property
    def spread(self) -> str:
        """From the least to the most CPU seconds."""
        seconds = sorted(each.cpu_s for each in self.figures)
        return f"{seconds[0]:.1f} to {seconds[-1]:.1f}"


def measured(command: Sequence[str]) -> Figures:
    """Runs a command to its end.

    Raises:
        RuntimeError: It failed.
    """
    # Modules of an installed program are compiled once; where a shell forbids that, each start would compile them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        said = process.stderr.read() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return Figures(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB_OF_MIB)


def lorgnette(*arguments: str) -> list[str]:
    """The command line of one of our commands."""
    return [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments]


def exponent(smaller: float, larger: float, ratio: float) -> float:
    """The power of the input's size by which a figure grows."""
    return math.log(larger / smaller) / math.log(ratio)
