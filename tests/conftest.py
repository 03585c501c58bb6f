"""What all tests share: a lake of their own, the corpus of real logs, and no trace in the user's folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.lake import Lake

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Caches go where the test's other files go, and no setting of the machine reaches a test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    for name in [name for name in os.environ if name.startswith("LORGNETTE_") and name != "LORGNETTE_CORPUS"]:
        monkeypatch.delenv(name)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake in a folder of the test."""
    return Lake.open(tmp_path / "lake")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real logs; the test is skipped where there is none."""
    path = Path(os.environ.get("LORGNETTE_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip(f"the corpus of real logs is not at {path}; set LORGNETTE_CORPUS")
    return path
