"""A server over the sample that needs no token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serving.http.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from pipelines.lake import Lake
    from tests.serving.http.running import Running


@pytest.fixture(scope="session")
def server(sample_lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server"), sample_lake.url, "--rate", "100000") as found:
        yield found


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as found:
        yield found
