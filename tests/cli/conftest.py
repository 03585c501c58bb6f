"""What the tests of the command line share: calling it as people do, and a lake that it made."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Lorgnette = Callable[..., subprocess.CompletedProcess[str]]

SAMPLE = REPOSITORY / "sample"
COMMAND = (sys.executable, "-c", "from pipelines.cli import main; main()")


@pytest.fixture(scope="session")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the sample in it, made by the command line."""
    folder = tmp_path_factory.mktemp("sample")
    done = call(folder, "run", str(SAMPLE), "--cluster", "sample", "--lake", str(folder / "lake"), "--report", "out.html")
    assert done.returncode == 0, done.stderr
    assert (folder / "out.html").stat().st_size > 0
    (folder / "run.txt").write_text(done.stdout + done.stderr)
    return folder / "lake"


def call(folder: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run([*COMMAND, *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def lorgnette(tmp_path: Path) -> Lorgnette:
    return lambda *arguments, stdin=None: call(tmp_path, *arguments, stdin=stdin)
