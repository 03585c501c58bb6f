"""What all tests share: a lake of their own, the corpus of real logs, and no trace in the user's folders."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parent.parent

# A run in the background is started with interrupts ignored, and what it starts inherits that: nobody could press Ctrl-C there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the sample in it, made by the command line. Nobody changes it."""
    from tests.sample_lakes import once, run_sample

    return once(tmp_path_factory, "sample", run_sample) / "lake"


@pytest.fixture(scope="session")
def sample_lake(lake_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same, and the sample's last file as the cluster `late`."""
    from tests.sample_lakes import FILES, build, once

    def add_late(folder: Path) -> None:
        shutil.copytree(lake_path, folder / "lake")
        build(folder, late=FILES[-1:]).close()

    folder = once(tmp_path_factory, "late", add_late)
    return Lake.open(folder / "lake", cache_folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real logs; the test is skipped where there is none."""
    path = Path(os.environ.get("LORGNETTE_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip(f"the corpus of real logs is not at {path}; set LORGNETTE_CORPUS")
    return path


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 server in this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The URL of a bucket of the test, with credentials in the environment."""
    import fsspec

    for name, value in {"AWS_ENDPOINT_URL": s3_endpoint, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    name = request.node.name.replace("_", "-").lower()[:40].strip("-")
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(name)
    return f"s3://{name}"
