"""Notebooks run from top to bottom over a real lake."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", _NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook: Path, lake_path: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "LORGNETTE_LAKE": str(lake_path), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, str(notebook)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
