"""The endpoints over real HTTP: the rows are those of the lake, in each form, and errors say what to do."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipelines.serving.door import Door

if TYPE_CHECKING:
    import httpx

    from pipelines.lake import Lake

API = "/api/v1"


def rows(client: httpx.Client, path: str, **params: str | float) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def ask(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    with Door(lake.url) as door:
        return [tuple(row.values()) for row in door.query(sql).table.to_pylist()]


def test_clusters_are_those_of_the_ledger(client: httpx.Client) -> None:
    assert [(row["cluster"], row["quarantined"]) for row in rows(client, "clusters")] == [("late", 0), ("sample", 0)]


def test_lag_is_from_the_newest_instant_of_the_sources(client: httpx.Client, sample_lake: Lake) -> None:
    newest = dict(ask(sample_lake, "select cluster, epoch_ms(max(last_at)) from sources group by all"))
    said = {row["cluster"]: row for row in rows(client, "lag")}
    assert said.keys() == newest.keys()
    assert all(row["lag_s"] > 0 for row in said.values())


@pytest.mark.parametrize(("length", "table"), [("minute", "slo_minutely"), ("hour", "slo_hourly"), ("day", "slo_daily"), ("month", "slo_monthly")])
def test_the_series_is_the_table(client: httpx.Client, sample_lake: Lake, length: str, table: str) -> None:
    wanted = ask(sample_lake, f"select sum(total), sum(fail) from {table} where scope = 'cluster' and cluster = 'sample'")  # noqa: S608 - a table of ours
    found = rows(client, "slo", length=length, cluster="sample", **{"from": "2026-11-23T06:00:00Z", "to": "2026-11-23T09:00:00Z"})
    assert [(sum(row["total"] for row in found), sum(row["fail"] for row in found))] == wanted


def test_pages_hold_every_delivery_once_newest_first(client: httpx.Client, sample_lake: Lake) -> None:
    seen: list[tuple[datetime, str]] = []
    path = f"{API}/deliveries?limit=97"
    while True:
        answer = client.get(path)
        seen += [(datetime.fromisoformat(row["started_at"]), row["delivery_id"]) for row in answer.json()["rows"]]
        if "next" not in answer.links:
            break
        path = answer.links["next"]["url"]
    assert seen == sorted(seen, reverse=True)
    assert sorted(id_ for _, id_ in seen) == [id_ for (id_,) in ask(sample_lake, "select delivery_id from deliveries order by 1")]


@pytest.mark.parametrize(
    ("params", "condition"),
    [
        ({"code": "ImageNotFound"}, "error_code = 'ImageNotFound'"),
        ({"node": "n2", "kind": "pod_create"}, "node = 'n2' and kind = 'pod_create'"),
        ({"namespace": "edge", "state": "killed"}, "namespace = 'edge' and state = 'killed'"),
        ({"owner": "Deployment/cdn"}, "owner_kind = 'Deployment' and owner_name = 'cdn'"),
        ({"image": "edge/gw"}, "len(list_filter(images, lambda image: image like '%edge/gw%')) > 0"),
        ({"name": "SCORER"}, "name ilike '%scorer%'"),
        (
            {"verdict": "FAIL", "objective": "platform"},
            "delivery_id in (select delivery_id from verdicts where objective = 'platform' and verdict = 'FAIL')",
        ),
    ],
)
def test_a_search_finds_what_matches(client: httpx.Client, sample_lake: Lake, params: dict[str, str], condition: str) -> None:
    wanted = ask(sample_lake, f"select delivery_id from deliveries where {condition} order by 1")  # noqa: S608 - ours
    assert wanted
    assert sorted(row["delivery_id"] for row in rows(client, "deliveries", limit=1000, **params)) == [id_ for (id_,) in wanted]


@pytest.mark.parametrize("name", ["a", "R"])
def test_a_search_by_a_name_alone_finds_what_one_by_more_finds(client: httpx.Client, name: str) -> None:
    """The one reads rows as they are, the other asks a query."""
    first = client.get(f"{API}/deliveries", params={"name": name, "limit": 7})
    assert len(first.json()["rows"]) == 7
    page, following = first.json()["rows"], client.get(first.links["next"]["url"]).json()["rows"]
    kinds = {row["kind"] for row in rows(client, "deliveries", name=name, limit=1000)}
    by_kind = [row for kind in kinds for row in rows(client, "deliveries", name=name, kind=kind, limit=1000)]
    newest = sorted(by_kind, key=lambda row: (row["started_at"], row["delivery_id"]), reverse=True)
    assert page + following == newest[:14]
    hour = {"from": newest[3]["started_at"], "to": newest[1]["started_at"]}
    assert rows(client, "deliveries", name=name, **hour) == newest[2:4]


def test_values_of_parameters_are_never_read_as_sql(client: httpx.Client) -> None:
    assert rows(client, "deliveries", name="' or true --") == []


def test_one_pod_is_told_whole(client: httpx.Client) -> None:
    [place] = rows(client, "pods", name="scorer-0", cluster="sample")
    told = client.get(f"{API}/pod", params={"uid": place["uid"]}).json()
    [delivery] = told["deliveries"]
    assert {verdict["objective"] for verdict in delivery["verdicts"]} >= {"wall", "platform"}
    assert max(delivery["phases"], key=lambda phase: phase["total_s"])["phase"] == "image_pull"
    assert told["containers"][0]["container"] == "app"
    assert "event:Pulled" in {row["operation"] for row in rows(client, "pod/timeline", uid=place["uid"])}
    assert rows(client, "pod/versions", uid=place["uid"])
    document = client.get(f"{API}/pod/yaml", params={"uid": place["uid"]})
    assert document.headers["content-type"].startswith("application/yaml")
    assert "\nkind: Pod\n" in f"\n{document.text}"
    audit = rows(client, "pod/audit", uid=place["uid"])
    assert [(row["verb"], row["code"]) for row in audit][:1] == [("create", 201)]
    assert '"scorer-0"' in audit[0]["response_body"]
    assert [row["audit_id"] for row in rows(client, "audit-event", id=audit[0]["audit_id"])] == [audit[0]["audit_id"]]


def test_an_audit_event_has_the_answer_that_is_kept_with_the_objects(client: httpx.Client) -> None:
    kept = [row for row in rows(client, "pod/audit", uid=rows(client, "pods", name="scorer-0")[0]["uid"]) if row["body_table"] == "objects"]
    assert len(kept) > 3
    for row in kept[:4]:
        (event,) = rows(client, "audit-event", id=row["audit_id"])
        assert event["response_body"] == row["response_body"]
        assert json.loads(event["response_body"])["metadata"]["name"] == "scorer-0"


def test_a_refused_create_is_told_by_its_delivery(client: httpx.Client, sample_lake: Lake) -> None:
    [(id_, code)] = ask(sample_lake, "select delivery_id, error_code from deliveries where uid is null and cluster = 'sample' order by all limit 1")
    [told] = client.get(f"{API}/pod", params={"uid": id_}).json()["deliveries"]
    assert told["delivery"]["error_code"] == code


def test_percentiles_of_sketches_are_near_the_exact_ones(client: httpx.Client, sample_lake: Lake) -> None:
    exact = dict(
        ask(
            sample_lake,
            "select scope_value, p50_s from phase_stats_hourly where cluster = 'sample' and kind = 'pod_create' and phase = 'total' and scope = 'node' and p50_s is not null",
        )
    )
    found = {row["scope_value"]: row for row in rows(client, "percentiles", scope="node", phase="total", kind="pod_create", cluster="sample")}
    assert len(exact) >= 3
    for node, p50_s in exact.items():
        assert found[node]["p50_s"] == pytest.approx(p50_s, rel=0.0101)


def test_errors_by_node_and_over_time_add_up(client: httpx.Client, sample_lake: Lake) -> None:
    [(wanted,)] = ask(
        sample_lake,
        "select count(*) from deliveries where cluster = 'sample' and kind = 'pod_create' and error_code = 'ImageNotFound' and node is not null",
    )
    cells = rows(client, "error-clusters", cluster="sample", code="ImageNotFound")
    assert sum(row["failures"] for row in cells) == wanted
    assert all(0 < row["rate"] <= 1 for row in cells)
    buckets = rows(client, "error-history", cluster="sample", code="ImageNotFound", kind="pod_create", length="minute")
    assert sum(row["deliveries"] for row in buckets) == wanted
    assert [row["bucket_at"] for row in buckets] == sorted(row["bucket_at"] for row in buckets)


@pytest.mark.parametrize(
    "path", ["long-tail?cluster=sample", "slow-in-phase?phase=image_pull", "quality", "coverage", "slo/causes?objective=platform"]
)
def test_every_other_endpoint_has_rows(client: httpx.Client, path: str) -> None:
    assert client.get(f"{API}/{path}").json()["rows"]


def test_the_three_forms_hold_the_same_rows(client: httpx.Client) -> None:
    url = f"{API}/deliveries?limit=50&cluster=sample"
    ids = [row["delivery_id"] for row in client.get(url).json()["rows"]]
    arrow = client.get(url, headers={"Accept": "application/vnd.apache.arrow.stream"})
    assert pa.ipc.open_stream(arrow.content).read_all()["delivery_id"].to_pylist() == ids
    text = client.get(url, headers={"Accept": "text/csv;q=0.9, application/json;q=0.5"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["delivery_id"] for row in csv.DictReader(io.StringIO(text.text))] == ids
    assert client.get(f"{url}&format=csv").text == text.text
    assert client.get(url, headers={"Accept": "image/png"}).status_code == 406


def test_free_sql_reads_and_nothing_else(client: httpx.Client) -> None:
    answer = client.post(f"{API}/sql", json={"sql": "select count(*) as n from deliveries where cluster = $c", "params": {"c": "sample"}})
    assert answer.json()["rows"][0]["n"] > 500
    for sql in ("create table t as select 1", "select * from read_text('/etc/passwd')", "selekt"):
        refused = client.post(f"{API}/sql", json={"sql": sql})
        assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
        assert refused.json()["remedy"]


def test_what_is_unchanged_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get(f"{API}/slo?length=hour")
    again = client.get(f"{API}/slo?length=hour", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{API}/slo?length=day").headers["etag"] != first.headers["etag"]


def test_long_answers_are_compressed(client: httpx.Client) -> None:
    answer = client.get(f"{API}/deliveries?limit=1000")
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("deliveries?cluster=nowhere", 404),
        ("pod?uid=nobody", 404),
        ("nothing", 404),
        ("slo?length=year", 422),
        ("deliveries?limit=0", 422),
        ("deliveries?cursor=x", 422),
        ("slo?from=2026-11-23T08:00:00Z&to=2026-11-23T07:00:00Z", 422),
        ("slo?from=0001-01-01T00:00:00Z", 422),
        ("long-tail", 422),
    ],
)
def test_errors_are_problems_with_a_remedy(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(f"{API}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    assert answer.json()["remedy"]


def test_nothing_comes_from_elsewhere(client: httpx.Client) -> None:
    headers = client.get(f"{API}/clusters").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_page_of_another_site_cannot_ask_by_a_name_of_its_own(client: httpx.Client) -> None:
    assert client.get(f"{API}/clusters", headers={"Host": "evil.example"}).status_code == 400


def test_the_document_has_an_example_of_every_answer(client: httpx.Client) -> None:
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    assert len(paths) >= 18
    for path, methods in paths.items():
        for method, said in methods.items():
            content = said["responses"]["200"]["content"]
            assert said["summary"], path
            assert any("example" in form for form in content.values()) or "application/yaml" in content, (path, method)
