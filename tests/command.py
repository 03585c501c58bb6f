"""`lorgnette` as people call it: a process of its own, with the code of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-c", "from pipelines.cli import main; main()")


def environment(**more: str) -> dict[str, str]:
    """The environment of such a process."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", **more}


def call(folder: Path, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Call it in a folder, on a wide terminal, and wait for its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(COLUMNS="200") | variables,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
