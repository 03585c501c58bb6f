"""What the tests of ingest share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest.reading import Reading

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """An empty lake, and a folder for files to read into it."""
    return Reading(tmp_path)
