"""Headless Chromium over a server that runs; only `make test-browser`, which installs what it takes, says where they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving.http.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from pipelines.lake import Lake
    from tests.serving.http.running import Running

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    path = os.environ.get("LORGNETTE_CHROMIUM_PATH", "")
    if not path:
        pytest.skip("the pages are tested in a real browser by `make test-browser`")
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    return Path(os.environ["LORGNETTE_AXE_PATH"]).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def workspace(chromium: str, sample_lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    assert chromium
    with running(tmp_path_factory.mktemp("workspace"), sample_lake.url, "--rate", "100000") as found:
        yield found


class Pages:
    """Opens pages, and collects what they complain about and what they ask of other hosts."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[Any] = []

    def new(self, width: int = 1280, height: int = 900, scheme: Any = "light", *, scripts: bool = True) -> Page:  # noqa: ANN401 - Playwright's own words
        size: Any = {"width": width, "height": height}
        context = self._browser.new_context(base_url=self.url, viewport=size, color_scheme=scheme, java_script_enabled=scripts)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(self.url) else self.complaints.append(f"asks {asked.url}"))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def pages(browser: Browser, workspace: Running) -> Iterator[Pages]:
    found = Pages(browser, workspace.url)
    yield found
    found.close()
    assert found.complaints == []
