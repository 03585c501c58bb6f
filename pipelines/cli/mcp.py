"""`lorgnette mcp`: the lake for programs that speak the Model Context Protocol, over standard input and output.

Here: the tools, each a thin caller of what the commands call too; free SQL goes through the door. All of them only read. Not here: the
protocol, which is the official SDK's.
"""

from __future__ import annotations

import functools
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import Field

# The option types are read when the command is called, so they must be here at run time.
from pipelines.cli.options import ClustersOption, ConfigOption, LakeOption, chosen_clusters, instant, settings_and_lake
from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server import MCPServer

    from pipelines.config import Settings
    from pipelines.serving.door import Door

_ROWS, _BYTES, _TIMEOUT_S = 500, 1024 * 1024, 30.0
_INSTRUCTIONS = """How well Kubernetes clusters deliver containers, from their audit logs and Events. All times are UTC and of the log, which may be
of any day: ask `clusters` first for what is there. `schema` has the tables; prefer the small ones (`slo_daily`, `deliveries`, `error_clusters_daily`) and put
a range of time into each query. `explain_pod` says why one pod fared as it did. Nothing can be changed."""
_CLUSTERS = """
    with logs as (
        select cluster, count(*) as sources, sum(lines)::bigint as lines, min(first_at) as first_at, max(last_at) as last_at
        from sources
        group by cluster
    ),
    counts as (
        select cluster, count(*) as deliveries, count(*) filter (error_code is not null) as with_an_error_code
        from deliveries
        group by cluster
    )
    select * from logs left join counts using (cluster) order by cluster"""

Result = dict[str, Any]
OneCluster = Annotated[str | None, Field(description="Only this cluster; all if left out.")]
Moment = Annotated[str | None, Field(description="ISO 8601, UTC, such as 2026-11-23T07:00Z.")]


def mcp(lake: LakeOption = None, cluster: ClustersOption = None, config: ConfigOption = None) -> None:
    """Serve the lake to MCP clients over standard input and output; read-only."""
    from pipelines.lake import open_existing
    from pipelines.serving.door import Door
    from pipelines.serving.limits import Limits

    settings, url = settings_and_lake(config, lake)
    clusters = tuple(chosen_clusters(open_existing(url), cluster))
    with Door(url, Limits(settings.memory_limit, _TIMEOUT_S, max_rows=_ROWS, max_bytes=_BYTES), workers=1) as door:
        _server(Tools(url, settings, clusters if cluster else None, door)).run("stdio")


def _server(tools: Tools) -> MCPServer:
    try:
        from mcp.server import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError as error:
        raise LorgnetteError("The MCP SDK is not installed", remedy="Run `pip install 'lorgnette[mcp]'`.") from error
    from importlib.metadata import version

    server = MCPServer("lorgnette", instructions=_INSTRUCTIONS, version=version("lorgnette"), log_level="WARNING")
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    for tool in (tools.clusters, tools.schema, tools.query, tools.explain_pod, tools.slo):
        server.add_tool(_explained(tool), annotations=reads)
    return server


def _explained(tool: Callable[..., Result]) -> Callable[..., Result]:
    """A tool whose errors reach the client with their remedies."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    def explained(*args: Any, **kwargs: Any) -> Result:  # noqa: ANN401 - as the tool takes them
        try:
            return tool(*args, **kwargs)
        except (LorgnetteError, typer.BadParameter) as error:
            raise ToolError(str(error)) from error

    return explained


class Tools:
    """What clients may call. The documentation strings and the types are what they see."""

    def __init__(self, url: str, settings: Settings, clusters: tuple[str, ...] | None, door: Door) -> None:
        self._url = url
        self._settings = settings
        self._clusters = clusters
        self._door = door

    def clusters(self) -> Result:
        """The clusters of the lake: how much of their logs it holds, from when to when, and how many deliveries (pods created, deleted, upgraded; claims bound)."""
        return {"clusters": self._rows(_CLUSTERS)[0]}

    def schema(
        self, table: Annotated[str | None, Field(description="One table, for its columns; all tables without them if left out.")] = None
    ) -> Result:
        """The tables, or one table's columns with their types and meaning."""
        from lake_schema import TABLES
        from pipelines.cli.tables import describe_columns, describe_tables
        from pipelines.serving.plain_rows import json_rows

        if table is None:
            return {"tables": json_rows(describe_tables().select(["table", "zone", "one_row_is"]))}
        columns = json_rows(describe_columns(table))
        return {"table": table.lower(), "one_row_is": TABLES[table.lower()].description, "columns": columns}

    def query(self, sql: Annotated[str, Field(description="One SELECT in DuckDB's SQL over the tables of `schema`.")]) -> Result:
        """Answer a read-only SQL query: at most 500 rows. `at` is a keyword: quote it."""
        rows, is_cut = self._rows(sql)
        return {"rows": rows, "rows_were_cut_off": is_cut}

    def explain_pod(
        self,
        pod: Annotated[str, Field(description="<namespace>/<name>, a name, or a UID.")],
        cluster: OneCluster = None,
    ) -> Result:
        """Why a pod fared as it did: verdicts per objective, phases with their times, the diagnosis with its evidence, and what would have changed the verdict."""
        from pipelines.cli.explain import kinds_of, plain
        from pipelines.lake import open_existing
        from pipelines.reports.explain import Reference, explain

        lake = open_existing(self._url)
        found = [asdict(each) for each in explain(lake, self._chosen(cluster), Reference.of(pod, None, kinds_of("pod")), self._settings)]
        for delivery in (delivery for each in found for delivery in each["deliveries"]):
            del delivery["drawing"]
        return {"pods": json.loads(json.dumps(found, default=plain))}

    def slo(
        self,
        cluster: OneCluster = None,
        namespace: Annotated[str | None, Field(description="Only this namespace; the whole cluster if left out.")] = None,
        from_time: Moment = None,
        to_time: Moment = None,
    ) -> Result:
        """How each objective stands over its window, or over the given hours: counts, rates, error budget left, burn rates, alerts that fire."""
        from pipelines.cli.slo import standing_table
        from pipelines.lake import open_existing
        from pipelines.serving.plain_rows import json_rows
        from pipelines.slo import Query

        queries = [Query(name, instant(from_time), instant(to_time), namespace) for name in self._chosen(cluster)]
        return {"objectives": json_rows(standing_table(open_existing(self._url), self._settings, queries))}

    def _rows(self, sql: str) -> tuple[list[dict[str, Any]], bool]:
        from pipelines.serving.plain_rows import json_rows
        from pipelines.serving.scope import Scope

        answer = self._door.query(sql, scope=Scope(self._clusters, namespaces=None, may_read_bodies=True))
        return json_rows(answer.table), answer.is_cut

    def _chosen(self, cluster: str | None) -> list[str]:
        from pipelines.lake import open_existing

        allowed = list(self._clusters) if self._clusters is not None else open_existing(self._url).clusters()
        if cluster is not None and cluster not in allowed:
            raise LorgnetteError(f"There is no cluster {cluster}", remedy=f"There are {', '.join(allowed)}.")
        return [cluster] if cluster is not None else allowed
