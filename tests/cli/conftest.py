"""What the tests of the command line share: calling it as people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import call

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Lorgnette = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lorgnette(tmp_path: Path) -> Lorgnette:
    return lambda *arguments, stdin=None: call(tmp_path, *arguments, stdin=stdin)
