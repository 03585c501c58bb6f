"""The OpenAPI document taken at its word: whatever it allows and whatever it forbids is sent to a server that runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.serving.http.running import lorgnette, running

if TYPE_CHECKING:
    from pipelines.lake import Lake

# A window that ends before it begins is what no schema can say.
_OPTIONS = ("--max-examples", "1", "--seed", "7", "--exclude-checks", "positive_data_acceptance", "--no-color")


def test_the_server_keeps_what_its_document_promises(sample_lake: Lake, tmp_path: Path) -> None:
    token = lorgnette("tokens", "add", "fuzz", "--bodies", "--tokens", str(tmp_path / "tokens.json")).stdout.strip()
    with running(tmp_path, sample_lake.url, "--rate", "100000") as server:
        # Requests without the token, or with a wrong one, are among those that it makes.
        command = [
            str(Path(sys.executable).with_name("st")),
            "run",
            f"{server.url}/api/v1/openapi.json",
            "-H",
            f"Authorization: Bearer {token}",
            *_OPTIONS,
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout
        assert "20/20" in done.stdout
        assert '"status": 5' not in server.journal.read_text()
