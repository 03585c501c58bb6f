"""Notebooks run from top to bottom over a real lake."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", _NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path / "lake"))
    ingest(lake, "sample", [str(REPOSITORY / "sample" / "audit" / "audit-2026-11-23T07-05-37.770.log.zst")], Settings())
    refresh(lake, "sample", settings=Settings())
    environment = {**os.environ, "LORGNETTE_LAKE": str(tmp_path / "lake"), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, str(notebook)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
