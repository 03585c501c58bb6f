"""The workspace under load: response times, errors, CPU and memory of `lorgnette serve` over a big lake.

    python -m bench.serving --lake bench/data/big --locust .venv-load/bin/locust [--seconds 300] [--pause 0] [--page docs/benchmarks.md] [--part serving]

The load generator is on the same cores. Each worker process has searched once before, as one that has run for a while has. Not here: the load
(`bench.workspace_load`).
"""

from __future__ import annotations

import argparse
import csv
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.pages import replace_part, table_of
from bench.processes import lorgnette

if TYPE_CHECKING:
    from collections.abc import Iterator

_PORT = 8177
_HOST = f"http://127.0.0.1:{_PORT}"
_START_S, _TRY_S, _EVERY_S = 30.0, 0.05, 60.0
_CLIENTS = 8
_TICKS = os.sysconf("SC_CLK_TCK")
_LOAD = Path(__file__).with_name("workspace_load.py")


class Moment(NamedTuple):
    """What the operating system says of the server and of all its workers at one moment: MiB that are resident, and CPU seconds so far."""

    server_mib: float
    workers_mib: list[float]
    server_cpu_s: float
    workers_cpu_s: float


def _open(path: str) -> None:
    with urllib.request.urlopen(f"{_HOST}{path}", timeout=_START_S) as answer:  # noqa: S310 - our own server
        answer.read()


@contextmanager
def _serving(lake: str) -> Iterator[tuple[int, float]]:
    """A server over a lake: its process, and how many seconds it took until it answered."""
    begun = time.monotonic()
    command = lorgnette("serve", "--lake", lake, "--port", str(_PORT), "--rate", "1000000", "--journal", os.devnull)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own program
        try:
            while time.monotonic() - begun < _START_S:
                with suppress(OSError):
                    _open("/healthz")
                    break
                time.sleep(_TRY_S)
            yield process.pid, time.monotonic() - begun
        finally:
            process.send_signal(signal.SIGINT)


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _mib(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _moment(server: int) -> Moment:
    tasks = Path(f"/proc/{server}/task").iterdir()
    workers = [int(child) for task in tasks for child in (task / "children").read_text(encoding="utf-8").split()]
    return Moment(_mib(server), [_mib(each) for each in workers], _cpu_s(server), sum(map(_cpu_s, workers)))


def _loaded(server: int, locust: str, seconds: int, pause_s: float, results: Path) -> list[Moment]:
    """Let the load run; how the server stood before it, each minute, and after it."""
    run = ["--headless", "--only-summary", "-u", str(_CLIENTS), "-r", str(_CLIENTS), "-t", f"{seconds}s", "-H", _HOST, "--csv", str(results)]
    moments = [_moment(server)]
    with subprocess.Popen([locust, "-f", str(_LOAD), *run], env={**os.environ, "PAUSE_S": str(pause_s)}) as process:  # noqa: S603 - as the command line says
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_EVERY_S)
            moments.append(_moment(server))
            print(f"{len(moments) - 1} min: {_said(moments[-1])}", flush=True)
    return moments


def _said(moment: Moment) -> str:
    return f"server {moment.server_mib:.0f} MiB, workers {' + '.join(f'{each:.0f}' for each in moment.workers_mib)} MiB"


def _times(results: Path) -> list[list[str]]:
    """Each kind of request as a row of the table; the last row is all of them."""
    with Path(f"{results}_stats.csv").open(encoding="utf-8", newline="") as file:
        return [
            [
                row["Name"],
                f"{int(row['Request Count']):,}",
                row["Failure Count"],
                *(f"{float(row[percentile]):.0f}" for percentile in ("50%", "95%", "99%")),
                f"{float(row['Requests/s']):.1f}",
            ]
            for row in csv.DictReader(file)
        ]


def measured(lake: str, locust: str, seconds: int, pause_s: float) -> str:
    """Run the load; what came of it, in Markdown."""
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, _serving(lake) as (server, start_s):
        for number in range(2 * len(_moment(server).workers_mib)):
            _open(f"/search?name=none-{number}")
        moments = _loaded(server, locust, seconds, pause_s, Path(folder, "load"))
        rows = _times(Path(folder, "load"))
    begun, ended = moments[0], moments[-1]
    head = [["request", "requests", "errors", "p50 ms", "p95 ms", "p99 ms", "per second"]]
    server_s, workers_s = ended.server_cpu_s - begun.server_cpu_s, ended.workers_cpu_s - begun.workers_cpu_s
    rest = f"a rest of {pause_s:g} s after each request" if pause_s else "no pause"
    told = (
        f"{_CLIENTS} clients, {rest}, {seconds} s on {os.cpu_count()} cores; start-up {start_s:.1f} s; load of the machine {load_before:.1f} before and "
        f"{os.getloadavg()[0]:.1f} after. CPU: server {server_s:.0f} s, workers {workers_s:.0f} s (those that are alive at the end)."
    )
    memory = [["minute", "server", "workers"]]
    memory += [[str(number), f"{each.server_mib:.0f}", " + ".join(f"{one:.0f}" for one in each.workers_mib)] for number, each in _thinned(moments)]
    return f"{told}\n\n{table_of(head + rows)}\n\nResident MiB:\n\n{table_of(memory)}"


def _thinned(moments: list[Moment]) -> list[tuple[int, Moment]]:
    """At most a dozen of them, the first and the last among them."""
    step = max(1, len(moments) // 10)
    last = len(moments) - 1
    return [(number, each) for number, each in enumerate(moments) if number in {0, 1, last} or number % step == 0]


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--locust", required=True)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--part", default="serving")
    given = parser.parse_args()
    text = measured(given.lake, given.locust, given.seconds, given.pause)
    print(text)
    if given.page:
        replace_part(given.page, given.part, text)


if __name__ == "__main__":
    main()
