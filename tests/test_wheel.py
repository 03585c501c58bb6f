"""The wheel holds all that the commands need: queries, schema, rules, templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path


def test_the_whole_line_runs_from_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist")]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    assert {path.name for path in (tmp_path / "site").iterdir() if path.suffix != ".dist-info"} == {"pipelines", "lake_schema"}
    # -P and the path: nothing of the checkout may help.
    command = [sys.executable, "-P", "-c", "from pipelines.cli import main; main()", "run", str(REPOSITORY / "sample" / "events.json.gz")]
    command += [str(REPOSITORY / "sample" / "audit" / "audit-2026-11-23T07-05-37.770.log.zst"), "--cluster", "c", "--lake", "lake", "-o", "json"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["cluster"] == "c"
    assert (tmp_path / "report.html").stat().st_size > 100_000
    where = [sys.executable, "-P", "-c", "import pipelines; print(pipelines.__file__)"]
    assert str(tmp_path) in subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
