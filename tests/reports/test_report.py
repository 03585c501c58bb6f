"""The report as a file: it stands alone, is well formed, says what the tables say, and is the same each time."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import LorgnetteError
from pipelines.reports import words
from pipelines.reports.html import write_report
from tests.asking import ask
from tests.reports.conftest import build
from tests.reports.html_page import HtmlPage

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.lake import Lake

_GAP = "\u202f"


def plain(cells: list[str]) -> list[str]:
    return [cell.replace(_GAP, " ") for cell in cells]


def test_the_same_lake_gives_the_same_bytes(sample_lake: Lake, report: HtmlPage, tmp_path: Path) -> None:
    again = write_report(sample_lake, ["sample"], tmp_path / "again.html")
    assert again.read_text(encoding="utf-8") == report.source


def test_nothing_is_fetched_from_anywhere(report: HtmlPage) -> None:
    elements = report.all()
    assert all(each.attributes["href"].startswith("#") for each in elements if "href" in each.attributes)
    assert not [
        each.tag for each in elements if {"src", "srcset", "action", "data"} & each.attributes.keys() or each.tag in {"link", "img", "iframe"}
    ]
    style = "".join(each.text for each in report.all("style"))
    script = "".join(each.text for each in report.all("script"))
    assert "@import" not in style
    assert "url(" not in style
    assert not re.search(r"\b(fetch|XMLHttpRequest|import)\b", script)
    assert "default-src 'none'" in next(each for each in report.all("meta") if "http-equiv" in each.attributes).attributes["content"]


def test_it_stays_small(report: HtmlPage) -> None:
    assert len(report.source.encode()) < 3_000_000


def test_ids_are_unique_and_every_link_leads_somewhere(report: HtmlPage) -> None:
    ids = [each.attributes["id"] for each in report.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    assert {each.attributes["href"].removeprefix("#") for each in report.all("a")} <= set(ids)


def test_it_can_be_read_without_seeing_it(report: HtmlPage) -> None:
    levels = [int(each.tag[1]) for each in report.all() if re.fullmatch(r"h[1-6]", each.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in report.all("table"):
        assert list(table.descendants("caption")), table.text[:80]
        assert all(cell.attributes.get("scope") for cell in table.descendants("th"))
    assert all(each.attributes.get("aria-label") for each in report.all("svg"))
    assert all(each.attributes.get("aria-label") for each in report.all() if each.attributes.get("role") == "region")
    assert all(each.children[0].tag == "summary" for each in report.all("details"))


def test_wide_things_scroll_in_their_own_box(report: HtmlPage) -> None:
    for each in [*report.all("table"), *report.all("svg")]:
        assert each.parent is not None
        assert each.parent.has_class("scroll")


def test_deliveries_are_those_of_the_table(sample_lake: Lake, report: HtmlPage) -> None:
    rows = report.table("Deliveries that started")
    found = {row[0]: plain(row[1:]) for row in rows}
    for kind, name in (("pod_create", "Pod creation"), ("pod_delete", "Pod deletion")):
        [expected] = ask(
            sample_lake,
            "select count(*) as deliveries, count(*) filter (state = 'delivered') as delivered, count(*) filter (state = 'failed') as failed, "  # noqa: S608 - a constant
            "count(*) filter (state = 'killed') as killed, count(*) filter (state = 'pending') as pending, count(*) filter (settled = false) as unsettled, "
            "count(*) filter (uid is null) as refused, quantile_disc(total_s, [0.5, 0.9, 0.99]) filter (state = 'delivered') as times, "
            f"max(total_s) filter (state = 'delivered') as longest_s from deliveries where kind = '{kind}'",
        )
        times = [words.seconds(each).replace(_GAP, " ") for each in [*expected.pop("times"), expected.pop("longest_s")]]
        assert found[name] == [*(words.count(each) for each in expected.values()), *times]


def test_rates_are_those_of_the_verdicts(sample_lake: Lake, report: HtmlPage) -> None:
    cards = {next(card.descendants("code")).text: card.text.replace(_GAP, " ") for card in report.all("section") if card.has_class("objective")}
    rows = ask(
        sample_lake,
        "select kind, objective, count(*) filter (verdict = 'SUCCESS') as success, "
        "count(*) filter (verdict = 'FAIL' and error_code is distinct from 'NamespaceTerminating') as fail, "
        "count(*) filter (verdict = 'KILL') as kill from verdicts group by all",
    )
    assert rows
    for row in rows:
        card = cards[f"{row['kind']} / {row['objective']}"]
        assert words.share(row["success"] / (row["success"] + row["fail"])).replace(_GAP, " ") in card
        assert f"{row['success']} succeeded" in card
        assert not row["fail"] or f"{row['fail']} failed" in card
        assert not row["kill"] or f"{row['kill']} killed" in card


def test_api_calls_are_those_of_the_minutes(sample_lake: Lake, report: HtmlPage) -> None:
    found = {tuple(row[:3]): (row[3], row[5], row[6]) for row in report.table("API calls by kind")}
    rows = ask(
        sample_lake,
        "select concat_ws('/', concat_ws('.', resource, api_group), subresource) as name, verb, scope, sum(count)::bigint as calls, "
        "sum(timed - within_limit)::bigint as beyond, count(*) filter (good) as good, count(good) as minutes from api_calls_minutely where limit_s is not null group by all",
    )
    expected = {
        (row["name"], row["verb"], row["scope"]): (words.count(row["calls"]), words.count(row["beyond"]), f"{row['good']} of {row['minutes']}")
        for row in rows
    }
    assert 0 < len(found) <= len(expected)
    assert found.items() <= expected.items()
    assert {key for key, value in expected.items() if value[1] != "0"} <= found.keys()


def test_error_codes_are_those_of_the_deliveries(sample_lake: Lake, report: HtmlPage) -> None:
    # A row names its kind where that is no creation.
    found = sorted((row[0].split()[0], int(row[1].split()[0]), len(row[0].split()) > 2) for row in report.table("Error codes, most frequent"))
    expected = ask(sample_lake, "select error_code, kind, count(*) as deliveries from deliveries where error_code is not null group by all")
    assert found == sorted((row["error_code"], row["deliveries"], row["kind"] != "pod_create") for row in expected)


def test_rollouts_that_did_not_complete_come_first(sample_lake: Lake, report: HtmlPage) -> None:
    (all_of_them,) = ask(sample_lake, "select count(*) as rollouts from rollouts")
    rows = report.table(f"{all_of_them['rollouts']} rollouts, ")
    expected = ask(
        sample_lake, "select namespace || '/' || workload_name as workload, state from rollouts where state not in ('complete', 'deleted')"
    )
    first = {(row[0].split()[0], row[1].split()[0]) for row in rows[: len(expected)]}
    assert first == {(row["workload"], row["state"]) for row in expected}


def test_only_unlikely_places_are_called_clusters(sample_lake: Lake, report: HtmlPage) -> None:
    named = {row[2] for row in report.table("Values where a code is more frequent")}
    likely = {row["value"] for row in ask(sample_lake, "select value from error_clusters_daily group by value having min(q_value) >= 0.05")}
    assert named
    assert not named & likely


def test_the_slowest_pod_is_drawn_with_its_phases(sample_lake: Lake, report: HtmlPage) -> None:
    [slowest] = ask(
        sample_lake,
        "select delivery_id, namespace, name from deliveries where kind = 'pod_create' and state = 'delivered' order by total_s desc limit 1",
    )
    pod = report.by_id(f"c1-sample-pod-{slowest['delivery_id'][:16]}")
    assert pod.text.startswith(f"{slowest['namespace']}/{slowest['name']}")
    lanes = {row["phase"] for row in ask(sample_lake, f"select phase from phases where delivery_id = '{slowest['delivery_id']}'")}  # noqa: S608 - from the lake
    table = next(each for each in pod.descendants("table") if each.has_class("waterfall"))
    assert {cell.text.split()[0] for cell in table.descendants("th")} <= lanes
    assert [each for each in table.descendants("i") if each.has_class("c-platform")]


def test_every_failed_pod_says_why_and_where_it_is_written(report: HtmlPage) -> None:
    failed = report.by_id("c1-sample-failed")
    pods = [each for each in failed.descendants("details") if each.has_class("pod")]
    assert len(pods) > 10
    labels = {term.text for pod in pods for term in pod.descendants("dt")}
    assert {"Why", "Message", "Advice", "Evidence"} <= labels
    assert re.search(r"audit[\w.-]*\.zst:\d+", failed.text)


def test_every_command_of_the_report_runs(sample_lake: Lake, report: HtmlPage) -> None:
    commands = {re.sub(r"'[0-9a-f-]{20,}'", "ID", each.text): each.children[0].text for each in report.all("div") if each.has_class("command")}
    assert len(commands) > 15
    for text in commands.values():
        program, subcommand, option, cluster, sql = shlex.split(text)
        assert (program, subcommand, option) == ("lorgnette", "sql", "-c")
        assert ask(sample_lake, sql, cluster) or "quarantine" in sql or "data_quality" in sql, sql


def test_two_clusters_are_two_parts_with_a_switch(sample_lake: Lake, tmp_path: Path) -> None:
    page = HtmlPage.read(write_report(sample_lake, None, tmp_path / "both.html"))
    assert [each.attributes["id"] for each in page.all("article")] == ["c1-late", "c2-sample"]
    switch = next(each for each in page.all("ul") if each.has_class("clusters"))
    assert [each.attributes["href"] for each in switch.descendants("a")] == ["#c1-late", "#c2-sample"]
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))


def test_only_the_chosen_hours_count(long_lake: Lake, tmp_path: Path) -> None:
    at = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    page = HtmlPage.read(write_report(long_lake, None, tmp_path / "late.html", from_at=at))
    [expected] = ask(
        long_lake, "select count(*) as deliveries from deliveries where kind = 'pod_create' and started_at >= '2026-11-23 16:00Z'", "long"
    )
    assert page.table("Deliveries that started")[0][1] == words.count(expected["deliveries"])
    assert "Only deliveries that started in the chosen hours" in page.root.text


def test_a_long_lake_is_drawn_by_hour_and_its_worst_and_last_hours_by_minute(long_lake: Lake, tmp_path: Path) -> None:
    page = HtmlPage.read(write_report(long_lake, None, tmp_path / "long.html"))
    titles = {each.text for each in page.all("figcaption")}
    assert {"By hour", "By minute, the last 3 hours"} <= titles
    assert any(title.startswith("By minute, the worst hour (2026-11-23 07:00") for title in titles)
    assert "merged sketches" in page.root.text


def test_a_cluster_without_deliveries_says_so(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_text(
        '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/healthz","verb":"get",'
        '"user":{"username":"u"},"sourceIPs":["10.0.0.1"],"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-23T07:00:00.000000Z",'
        '"stageTimestamp":"2026-11-23T07:00:00.100000Z"}\n'
    )
    lake = build(tmp_path, quiet=[log])
    page = HtmlPage.read(write_report(lake, None, tmp_path / "report.html"))
    assert "No deliveries here" in page.root.text
    assert "1 lines = 1 kept" in page.root.text


def test_a_log_of_which_nothing_is_kept_says_so(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_text(
        '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1",'
        '"verb":"update","user":{"username":"system:node:n1"},"objectRef":{"resource":"leases","namespace":"kube-node-lease","name":"n1","apiGroup":"coordination.k8s.io","apiVersion":"v1"},'
        '"sourceIPs":["10.0.0.1"],"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-23T07:00:00.000000Z","stageTimestamp":"2026-11-23T07:00:00.100000Z"}\n'
    )
    page = HtmlPage.read(write_report(build(tmp_path, quiet=[log]), None, tmp_path / "report.html"))
    assert "No deliveries here" in page.root.text
    assert "1 lines = 0 kept" in page.root.text


def test_a_lake_without_clusters_says_so(lake: Lake, tmp_path: Path) -> None:
    page = HtmlPage.read(write_report(lake, None, tmp_path / "report.html"))
    assert "This lake has no clusters yet" in page.root.text


def test_names_from_outside_are_text(sample_lake: Lake, tmp_path: Path) -> None:
    name = "<script>alert('x')</script> & $(id) \"`"
    page = HtmlPage.read(write_report(sample_lake, [name], tmp_path / "report.html"))
    assert len(page.all("script")) == 1
    assert name in page.root.text


def test_a_place_that_cannot_be_written_is_named(sample_lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LorgnetteError) as error:
        write_report(sample_lake, ["late"], tmp_path / "file" / "report.html")
    assert error.value.where == str(tmp_path / "file" / "report.html")
