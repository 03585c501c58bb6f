"""Lakes made of the sample logs, with everything computed; each is built once, however many processes test."""

from __future__ import annotations

import fcntl
import os
import shutil
from typing import TYPE_CHECKING

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.command import call
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

SAMPLE = REPOSITORY / "sample"
FILES = sorted((SAMPLE / "audit").glob("*.zst"))


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process to want it makes, and that all others then look at."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / name
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            # What a failure left.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return folder


def run_sample(folder: Path) -> None:
    """The sample read by the command line, with what it printed in `run.txt`."""
    done = call(folder, "run", str(SAMPLE), "--cluster", "sample", "--lake", str(folder / "lake"), "--report", "out.html")
    assert done.returncode == 0, done.stderr
    assert (folder / "out.html").stat().st_size > 0
    (folder / "run.txt").write_text(done.stdout + done.stderr)


def build(folder: Path, **paths_by_cluster: Sequence[Path]) -> Lake:
    """A lake with everything computed, and its cache beside it."""
    lake = Lake.open(folder / "lake", cache_folder=folder / "cache")
    for cluster, paths in paths_by_cluster.items():
        ingest(lake, cluster, [str(path) for path in paths], Settings())
        refresh(lake, cluster, settings=Settings())
    return lake
