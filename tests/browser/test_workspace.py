"""The workspace as people use it: in a real browser, by mouse and by keyboard, light, dark and small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Pages
from tests.serving.http.running import lorgnette, running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from pipelines.lake import Lake

pytestmark = pytest.mark.browser
SAMPLE = "cluster=sample"
HOUR = "from=2026-11-23T07:00:00Z&to=2026-11-23T08:00:00Z"
PAGES = {
    "/": "Clusters",
    f"/slo?{SAMPLE}": "SLO board",
    f"/tail?{SAMPLE}": "Long tail",
    f"/phase?{SAMPLE}&phase=image_pull": "image_pull",
    f"/errors?{SAMPLE}": "Error clusters",
    f"/errors?{SAMPLE}&code=ImageNotFound": "ImageNotFound",
    f"/history?{SAMPLE}": "Error history",
    f"/search?{SAMPLE}": "Search",
    f"/quality?{SAMPLE}": "Data quality",
    "/search?q=scorer-0&cluster=sample": "ml/scorer-0",
    "/login": "Log in",
    f"/slo?{SAMPLE}&from=2026-11-20T07:00:00Z&to=2026-11-20T08:00:00Z": "SLO board",
    "/search?name=nothing-is-called-so": "Search",
}


class Clicks:
    """Counts what a person does on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.made = 0

    def on(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state("load")
        self.made += 1


def heading(page: Page) -> str:
    return page.locator("main h2").first.inner_text().replace("\u200b", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(pages: Pages, axe: str, scheme: str) -> None:
    page = pages.new(scheme=scheme)
    found: dict[str, Any] = {}
    for path, title in PAGES.items():
        page.goto(path)
        assert heading(page) == title
        page.evaluate(axe)
        result = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        found |= {f"{path} {each['id']}": [node["html"][:200] for node in each["nodes"][:3]] for each in result["violations"]}
    assert found == {}


def test_every_page_fits_a_small_screen(pages: Pages) -> None:
    page = pages.new(width=360, height=740)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_from_a_failed_pods_name_to_what_failed_it(pages: Pages) -> None:
    page = pages.new()
    page.goto(f"/slo?{SAMPLE}")
    clicks = Clicks(page)
    clicks.on("#q")
    page.keyboard.type("promo-0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pod?**")
    assert heading(page) == "shop/promo-0"
    told = page.locator("main").inner_text()
    assert "ImageNotFound" in told
    assert page.locator(".box.fault").inner_text().startswith("container")
    assert "registry.corp.example/shop/promo:3.1" in page.locator(".box.fault").inner_text()
    assert clicks.made < 5


def test_what_lies_further_down_comes_when_it_is_scrolled_to(pages: Pages) -> None:
    page = pages.new(height=200)
    page.goto("/search?q=promo-0&cluster=sample")
    assert page.locator("table.timeline").count() == 0
    page.locator(".tabs a[href='#timeline']").click()
    page.locator("table.timeline tbody tr").first.wait_for()
    assert "ImageNotFound" in page.locator("#timeline").inner_text() or page.locator(".box.fault").count() == 1


def test_without_scripts_a_link_shows_all_of_a_pod(pages: Pages) -> None:
    page = pages.new(scripts=False)
    page.goto("/search?q=promo-0&cluster=sample")
    page.locator(".later a").click()
    assert page.locator("table.timeline tbody tr").count() > 3
    assert page.locator(".box.fault").count() == 1


def test_from_a_drop_of_the_slo_to_the_nodes_and_pods_behind_it(pages: Pages) -> None:
    page = pages.new()
    page.goto(f"/slo?{SAMPLE}&{HOUR}&kind=pod_create&objective=wall&length=hour")
    clicks = Clicks(page)
    clicks.on("svg.columns a .hit")
    assert "by minute" in page.locator("#chosen").inner_text()
    clicks.on("section[aria-labelledby=causes] >> text=ImageNotFound")
    assert heading(page) == "ImageNotFound"
    clicks.on("section[aria-labelledby=where] tbody a")
    assert page.locator("input[name=node]").input_value() == "n2"
    assert page.locator("table.deliveries tbody tr").count() == 4
    clicks.on("table.deliveries tbody a")
    assert "ImageNotFound" in page.locator("#deliveries").inner_text()
    assert clicks.made < 5


def test_from_a_slow_pod_to_its_slow_phase_and_that_phases_tail(pages: Pages) -> None:
    page = pages.new()
    page.goto(f"/tail?{SAMPLE}")
    clicks = Clicks(page)
    clicks.on("section[aria-labelledby=slow] >> text=ml/scorer-0")
    assert heading(page) == "ml/scorer-0"
    clicks.on("table.waterfall >> text=image_pull")
    assert heading(page) == "image_pull"
    numbers = page.locator("dl.numbers").inner_text()
    assert {"Mean", "p99", "In a tail delivery", "Share of the tail"} <= set(numbers.splitlines())
    assert clicks.made < 5


def test_the_keyboard_is_enough(pages: Pages) -> None:
    page = pages.new()
    page.goto(f"/slo?{SAMPLE}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("scorer-0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pod?**")
    for key, path in (("e", "errors"), ("h", "history"), ("t", "tail"), ("b", "slo"), ("s", "search"), ("q", "quality")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**/{path}?**")
        assert "cluster=sample" in page.url


def test_the_switcher_keeps_the_page(pages: Pages) -> None:
    page = pages.new()
    page.goto(f"/errors?{SAMPLE}&dimension=image")
    assert page.locator("#cluster option").all_inner_texts() == ["late", "sample"]
    page.locator("#cluster").select_option("late")
    page.wait_for_url("**/errors?**cluster=late**")
    assert "dimension=image" in page.url


def test_the_theme_is_remembered(pages: Pages) -> None:
    page = pages.new(scheme="light")
    page.goto("/")
    page.locator(".theme").click()
    page.goto(f"/slo?{SAMPLE}")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 26)"


def test_bodies_come_when_they_are_looked_at(pages: Pages) -> None:
    page = pages.new()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/search?q=scorer-0&cluster=sample")
    assert not [url for url in asked if "/api/" in url]
    page.locator("#yaml summary").click()
    page.wait_for_selector("#yaml pre")
    assert "kind: Pod" in page.locator("#yaml pre").inner_text()
    page.locator("#raw summary").click()
    page.wait_for_selector("#raw pre")
    assert '"verb": "create"' in page.locator("#raw pre").inner_text()


def test_logging_in_and_out(browser: Browser, chromium: str, sample_lake: Lake, tmp_path: Path) -> None:
    assert chromium
    token = lorgnette("tokens", "add", "ann", "--cluster", "late", "--tokens", str(tmp_path / "tokens.json")).stdout.strip()
    with running(tmp_path, sample_lake.url) as server:
        pages = Pages(browser, server.url)
        page = pages.new()
        page.goto("/errors?cluster=late&dimension=image")
        assert page.url.startswith(f"{server.url}/login?next=")
        page.locator("input[name=token]").fill("lorgnette_wrong")
        page.locator("main button").click()
        assert "not known" in page.locator("[role=alert]").inner_text()
        page.locator("input[name=token]").fill(token)
        page.locator("main button").click()
        page.wait_for_url("**/errors?cluster=late&dimension=image")
        assert page.locator("#cluster option").all_inner_texts() == ["late"]
        [cookie] = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["name"]) == (True, "Strict", "lorgnette_token")
        assert page.evaluate("document.cookie") == ""
        page.goto("/search?q=session")
        page.locator("table.deliveries tbody a").first.click()
        page.wait_for_url("**/pod?**")
        assert page.locator("#yaml").count() == 0
        assert page.goto("/slo?cluster=sample").status == 404  # type: ignore[union-attr]  # a page answers
        page.goto("/")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        assert page.context.cookies() == []
        # A 401 and a 404 that were asked for are no complaint.
        assert [each for each in pages.complaints if not re.search(r"status of 40[14]", each)] == []
        pages.close()
