"""The pages without a browser: each is there, says what the rows say, and holds nothing inline and nothing unescaped."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.reports import words
from pipelines.reports.summary import summary
from pipelines.serving.http.pages.charts import columns, rates, step_of
from pipelines.serving.http.pages.kept import Kept
from pipelines.serving.http.reading import Window
from tests.raw_rows import at, put_source
from tests.serving.http.running import running

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from pipelines.lake import Lake

PAGES = [
    "/",
    "/slo?cluster=sample",
    "/slo?cluster=sample&kind=pod_delete&objective=10m&length=day",
    "/slo?cluster=sample&namespace=edge",
    "/tail?cluster=sample&kind=pod_delete",
    "/phase?cluster=sample&phase=schedule&last=30d",
    "/errors?cluster=sample&dimension=workload",
    "/errors?cluster=sample&code=OOMKilled&dimension=image",
    "/history?cluster=sample&length=hour",
    "/search?cluster=sample&verdict=FAIL&objective=platform",
    "/quality?cluster=sample",
    "/login",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_and_holds_nothing_inline(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?! src=\"/static/)", answer.text)
    assert not re.search(r"""(?:src|href|action)="(?:https?:)?//""", answer.text)


def test_what_people_type_is_never_markup(client: httpx.Client) -> None:
    for path in ("/search", "/slo", "/errors"):
        text = client.get(path, params={"q": "<script>x</script>", "name": "<i>n", "cluster": "sample", "code": '"><u>'}).text
        assert "<script>x" not in text
        assert "<i>n" not in text
        assert '"><u>' not in text


def test_only_one_hit_leads_to_its_page(client: httpx.Client) -> None:
    answer = client.get("/search?cluster=sample&q=ml/scorer-0")
    assert answer.status_code == 303
    assert client.get(answer.headers["location"]).text.count("ImagePullTooMuchTime") >= 1
    assert client.get("/search?cluster=sample&q=session").status_code == 200


def test_what_lies_behind_a_pod_comes_on_its_own_or_with_its_page(client: httpx.Client) -> None:
    path = client.get("/search?cluster=sample&q=ml/scorer-0").headers["location"]
    first, whole = client.get(path), client.get(f"{path}&whole=1")
    part = re.search(r'class="later" id="topology" data-src="([^"]+)"', first.text)
    assert part
    behind = client.get(part[1].replace("&amp;", "&"))
    for text in ('class="timeline"', "Pulled", "image"):
        assert text in behind.text
        assert text in whole.text
    assert 'class="timeline"' not in first.text
    for answer in (first, whole, behind):
        assert client.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_refused_create_has_a_page_too(client: httpx.Client) -> None:
    refused = [row for row in client.get("/api/v1/deliveries?cluster=sample&limit=1000&state=failed").json()["rows"] if row["uid"] is None]
    assert refused
    for row in refused[:3]:
        asked = {"cluster": "sample", "uid": row["delivery_id"], "from": row["started_at"]}
        assert row["error_code"] in client.get("/pod", params=asked).text.replace("\u200b", "").replace("<wbr>", "")
        assert "The log says nothing more about it." in client.get("/pod/background", params=asked).text


def test_older_pages_hold_other_rows(client: httpx.Client) -> None:
    first = client.get("/search?cluster=sample").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).text
    hits = [set(re.findall(r'href="(/pod\?[^"]+)"', text)) for text in (first, second)]
    assert len(hits[0]) >= 40
    assert hits[0] != hits[1]


def test_errors_are_pages_for_people(client: httpx.Client) -> None:
    for path, status in (("/nothing", 404), ("/pod?uid=nobody", 404), ("/slo?cluster=nowhere", 404), ("/slo?last=1y", 422)):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "<h2" in answer.text
        assert ("openapi.json" in answer.text) is (status == 422)


@pytest.mark.parametrize("length", ["minute", "hour", "day"])
def test_the_board_says_of_each_objective_what_the_report_says(client: httpx.Client, sample_lake: Lake, length: str) -> None:
    """The sample lies within one hour, so that its board by days is about the same time."""
    [told] = summary(sample_lake, ["sample"]).clusters
    text = client.get("/slo", params={"cluster": "sample", "length": length}).text
    shown = re.findall(r'<span class="name">(.+?)</span>\n<span class="rate">(.+?)</span>', text)
    assert shown == [
        (f"{words.kind(row['kind'])}: {words.objective(row['kind'], row['objective']).lower()}", words.share(row["attained"]))
        for row in told.objectives
    ]
    assert len({row["budget"] for row in told.objectives}) == 2


def test_the_first_page_says_of_each_objective_what_the_report_says(client: httpx.Client, sample_lake: Lake) -> None:
    text = client.get("/").text
    for told in summary(sample_lake).clusters:
        for row in told.objectives:
            assert (
                f"{words.kind(row['kind'])}, {words.objective(row['kind'], row['objective']).lower()} <b>{words.share(row['attained'])}</b>" in text
            )


def test_the_board_of_api_calls_names_the_slow_ones(client: httpx.Client) -> None:
    text = client.get("/slo?cluster=sample&kind=api_call&objective=mutating").text
    rows = re.findall(r'<th scope="row">(.+?)</th><td>(.+?)</td><td>resource</td>', text)
    assert ("pods/status", "patch") in rows
    assert not any(verb in {"get", "list"} for _, verb in rows)
    assert "api_call" not in client.get("/slo?cluster=sample&namespace=edge").text


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_login_leads_nowhere_else(client: httpx.Client, then: str) -> None:
    assert 'name="next" value="/"' in client.get("/login", params={"next": then}).text


def test_buckets_are_as_long_as_can_be_seen() -> None:
    hour, week, year = (Window(at(0), at(0) + timedelta(hours=hours)) for hours in (1, 168, 8760))
    assert [step_of(window, None) for window in (hour, week, year)] == ["minute", "hour", "day"]
    assert [step_of(hour, "day"), step_of(year, "minute")] == ["day", "day"]


def test_columns_fill_their_buckets_and_rates_their_box() -> None:
    window = Window(at(0), at(4))
    rows = [
        {"bucket_at": at(0), "good": 3, "bad": 1, "rate": 0.75},
        {"bucket_at": at(2), "good": 2, "bad": 0, "rate": None},
        {"bucket_at": at(3), "good": 1, "bad": 0, "rate": 1.0},
    ]
    chart = columns(rows, window, "hour", ("good", "bad"), lambda row: str(row["good"]), lambda begin, end: f"{(end - begin).total_seconds():g}")
    assert [(column.x, column.width, column.said, column.href) for column in chart.columns] == [
        (15, 220, "3", "3600"),
        (515, 220, "2", "3600"),
        (765, 220, "1", "3600"),
    ]
    assert [(part.y, part.height) for part in chart.columns[0].parts] == [(25, 75), (0, 25)]
    assert chart.most == 4
    [line] = rates(rows, window, "hour", ("rate",), 0.5).lines
    assert [len(piece.split()) for piece in line.pieces] == [2, 2]
    assert all(0 <= float(point.split(",")[1]) <= 100 for piece in line.pieces for point in piece.split())


def test_a_page_is_made_again_only_when_its_rows_change(tmp_path: Path, lake: Lake) -> None:
    put_source(lake, "a", "one", [at(0)])
    with running(tmp_path, lake.url) as server, server.client() as client:
        first, again = (client.get("/quality?cluster=a") for _ in range(2))
        assert "1 lines = 1 kept" in first.text
        assert (again.text, again.headers["etag"]) == (first.text, first.headers["etag"])
        assert client.get("/quality?cluster=a", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        clusters = client.get("/api/v1/clusters")
        put_source(lake, "a", "two", [at(0.5)])
        changed = client.get("/quality?cluster=a", headers={"If-None-Match": first.headers["etag"]})
        assert "2 lines = 2 kept" in changed.text
        assert client.get("/api/v1/clusters", headers={"If-None-Match": clusters.headers["etag"]}).json()["rows"][0]["files"] == 2
        put_source(lake, "b", "one", [at(0)])
        assert ">b</option>" in client.get("/quality?cluster=a").text


def test_pages_that_nobody_looks_at_go_first() -> None:
    pages = Kept[bytes](10, len)
    pages.put("a", b"1234")
    pages.put("b", b"1234")
    assert pages.get("a") == b"1234"
    pages.put("c", b"1234")
    assert [pages.get(etag) for etag in "abc"] == [b"1234", None, b"1234"]
    pages.put("d", b"longer than everything")
    assert [pages.get(etag) for etag in "acd"] == [None, None, None]


def test_of_small_things_the_oldest_goes_first() -> None:
    few = Kept[int](2)
    for number, etag in enumerate("abc"):
        few.put(etag, number)
    assert [few.get(etag) for etag in "abc"] == [None, 1, 2]
