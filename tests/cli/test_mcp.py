"""The MCP server as a client of the official SDK finds it: another process, over its standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client, StdioServerParameters

from pipelines.cli.mcp import Tools
from pipelines.config import Settings
from pipelines.errors import LorgnetteError
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from pipelines.serving.door import Door
from pipelines.serving.errors import LimitError
from pipelines.serving.limits import Limits
from tests.command import COMMAND, environment
from tests.ingest.logs import audit, pod

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.types import CallToolResult


def converse(lake_path: Path, *calls: tuple[str, dict[str, Any]], arguments: tuple[str, ...] = ()) -> tuple[dict[str, Any], list[CallToolResult]]:
    """The tools that a server offers by name, and its answers to calls, all in one session."""
    server = StdioServerParameters(command=sys.executable, args=[*COMMAND[1:], "mcp", "--lake", str(lake_path), *arguments], env=environment())

    async def session() -> tuple[dict[str, Any], list[CallToolResult]]:
        async with Client(server, read_timeout_seconds=60) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            return tools, [await client.call_tool(name, values) for name, values in calls]

    return asyncio.run(session())


def content(answer: CallToolResult) -> dict[str, Any]:
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    assert json.loads(answer.content[0].text) == answer.structured_content  # type: ignore[union-attr] - text
    return answer.structured_content


def test_a_client_finds_its_way(lake_path: Path) -> None:
    tools, answers = converse(
        lake_path,
        ("clusters", {}),
        ("schema", {}),
        ("schema", {"table": "verdicts"}),
        ("query", {"sql": "select verdict, count(*) as n, max(decided_at) as last_at from verdicts group by all order by all"}),
        ("query", {"sql": "select * from hyper_events"}),
        ("explain_pod", {"pod": "pay/vault-0"}),
        ("slo", {}),
        ("slo", {"namespace": "pay", "from_time": "2026-11-23T07:00Z", "to_time": "2026-11-23T08:00Z", "cluster": "sample"}),
    )
    assert tools.keys() == {"clusters", "schema", "query", "explain_pod", "slo"}
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())
    clusters, tables, columns, verdicts, events, pod, slo, slo_of_pay = map(content, answers)
    assert [(row["cluster"], row["deliveries"] > 100, row["lines"] > 1000) for row in clusters["clusters"]] == [("sample", True, True)]
    assert {"deliveries", "slo_daily"} <= {row["table"] for row in tables["tables"]}
    assert "SUCCESS" in next(row["description"] for row in columns["columns"] if row["column"] == "verdict")
    assert [row["verdict"] for row in verdicts["rows"]][:2] == ["FAIL", "KILL"]
    assert verdicts["rows"][0]["last_at"].endswith("Z")
    assert (len(events["rows"]), events["rows_were_cut_off"], verdicts["rows_were_cut_off"]) == (500, True, False)
    (vault,) = pod["pods"]
    assert vault["deliveries"][0]["delivery"]["error_code"] == "FailedMount"
    assert any(change for verdict in vault["deliveries"][0]["verdicts"] for change in verdict["changes"])
    assert {row["objective"] for row in slo["objectives"] if row["kind"] == "pod_create"} == {"wall", "platform", "sig_startup"}
    assert {(row["scope"], row["scope_value"]) for row in slo_of_pay["objectives"]} == {("namespace", "pay")}


def test_errors_say_what_to_do(lake_path: Path) -> None:
    _, answers = converse(
        lake_path,
        ("query", {"sql": "copy (select 1) to '/tmp/x'"}),
        ("query", {"sql": "select * from podz"}),
        ("explain_pod", {"pod": "no/such"}),
        ("schema", {"table": "podz"}),
        ("slo", {"cluster": "other"}),
        ("slo", {"from_time": "yesterday"}),
        ("query", {"sql": "select count(*) as n from pods"}),
    )
    texts = [str(answer.content[0].text) for answer in answers]  # type: ignore[union-attr] - text
    assert all(answer.is_error for answer in answers[:-1])
    for text, words in zip(
        texts,
        ("Only a statement that reads", "Did you mean pods?", "lorgnette sql", "The tables are", "There are sample", "is no moment"),
        strict=False,
    ):
        assert words in text
    assert content(answers[-1])["rows"][0]["n"] > 100


def test_only_the_chosen_clusters_are_there(tmp_path: Path) -> None:
    from tests.raw_rows import at, put_source

    lake = Lake.open(tmp_path / "lake")
    put_source(lake, "a", "s", [at(0)])
    put_source(lake, "b", "s", [at(0)])
    _, answers = converse(
        tmp_path / "lake",
        ("clusters", {}),
        ("query", {"sql": "select distinct cluster from audit_events"}),
        ("slo", {"cluster": "b"}),
        arguments=("--cluster", "a"),
    )
    assert [row["cluster"] for row in content(answers[0])["clusters"]] == ["a"]
    assert content(answers[1])["rows"] == [{"cluster": "a"}]
    assert answers[2].is_error


def test_a_missing_sdk_is_said(lake_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.cli.mcp import mcp

    monkeypatch.setitem(sys.modules, "mcp.server", None)
    with pytest.raises(LorgnetteError, match="not installed") as caught:
        mcp(lake=str(lake_path))
    assert "lorgnette[mcp]" in str(caught.value.remedy)


@pytest.fixture(scope="module")
def two_clusters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two small clusters; a pod of the name `web-1` is in both."""
    folder = tmp_path_factory.mktemp("two")
    lake = Lake.open(folder / "lake")
    for cluster in ("a", "b"):
        uid = f"00000000-0000-4000-8000-00000000000{cluster}"
        answer = pod(metadata={"uid": uid})
        path = folder / f"{cluster}.log"
        path.write_text(json.dumps(audit(auditID=cluster, requestObject={"metadata": {"uid": uid}}, responseObject=answer)) + "\n", encoding="utf-8")
        ingest(lake, cluster, [str(path)], Settings())
        refresh(lake, cluster, settings=Settings())
    return folder / "lake"


def test_what_explains_and_judges_keeps_to_the_chosen_clusters(two_clusters: Path) -> None:
    _, answers = converse(
        two_clusters,
        ("explain_pod", {"pod": "shop/web-1"}),
        ("explain_pod", {"pod": "00000000-0000-4000-8000-00000000000b"}),
        ("explain_pod", {"pod": "web-1", "cluster": "b"}),
        ("slo", {}),
        arguments=("--cluster", "a"),
    )
    assert [each["cluster"] for each in content(answers[0])["pods"]] == ["a"]
    assert all(answer.is_error for answer in answers[1:3])
    assert {row["cluster"] for row in content(answers[3])["objectives"]} == {"a"}


def _tools(lake_path: Path, door: Door) -> Tools:
    return Tools(str(lake_path), Settings(lake=str(lake_path)), None, door)


def test_an_explanation_holds_as_many_pods_as_an_answer_may(two_clusters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Door(str(two_clusters), Limits(), workers=1) as door:
        tools = _tools(two_clusters, door)
        whole = tools.explain_pod("web-1")
        assert (len(whole["pods"]), whole["older_pods_left_out"]) == (2, 0)
        monkeypatch.setattr("pipelines.cli.mcp._BYTES", len(json.dumps(whole["pods"][0])) + 100)
        cut = tools.explain_pod("web-1")
        assert (len(cut["pods"]), cut["older_pods_left_out"]) == (1, 1)
        monkeypatch.setattr("pipelines.cli.mcp._BYTES", 10)
        with pytest.raises(LimitError, match="more than an answer may hold"):
            tools.explain_pod("web-1")


def test_what_judges_is_stopped_at_the_limit_of_time(two_clusters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.cli.mcp._TIMEOUT_S", 0.001)
    with Door(str(two_clusters), Limits(), workers=1) as door, pytest.raises(LorgnetteError, match="took longer than it may"):
        _tools(two_clusters, door).slo()
