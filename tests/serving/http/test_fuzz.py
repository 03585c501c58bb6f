"""The OpenAPI document taken at its word: whatever it allows and whatever it forbids is sent to a server that runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.serving.http.running import Running

# A window that ends before it begins is what no schema can say.
_OPTIONS = ("--max-examples", "4", "--seed", "7", "--exclude-checks", "positive_data_acceptance", "--no-color")


def test_the_server_keeps_what_its_document_promises(server: Running, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("st")), "run", f"{server.url}/api/v1/openapi.json", *_OPTIONS]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout
    assert "20/20" in done.stdout
