"""`lorgnette mcp`: the lake for programs that speak the Model Context Protocol, over standard input and output.

Here: the tools, each a thin caller of what the commands call too. Free SQL and what explains pods go through the door; objectives, which
need the rules, are computed under the same limits. All of them only read. Not here: the protocol, which is the official SDK's.
"""

from __future__ import annotations

import functools
import json
from dataclasses import asdict
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import Field

# The option types are read when the command is called, so they must be here at run time.
from pipelines.cli.options import ClustersOption, ConfigOption, LakeOption, chosen_clusters, instant, settings_and_lake
from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mcp.server import MCPServer

    from pipelines.config import Settings
    from pipelines.reports.explain import Reference
    from pipelines.serving.door import Door
    from pipelines.serving.http.reading import Reading

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


def _within(told: Iterable[Result]) -> list[Result]:
    """As many as an answer may hold, from the first.

    Raises:
        LimitError: Not even one.
    """
    from pipelines.serving.errors import LimitError

    found: list[Result] = []
    size = 0
    for each in told:
        size += len(json.dumps(each))
        if size > _BYTES and not found:
            raise LimitError(
                "What is known of this pod is more than an answer may hold", remedy="Ask `query` for a part of it, such as its verdicts."
            )
        if size > _BYTES:
            break
        found.append(each)
    return found


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
        """Why a pod fared as it did: verdicts per objective, phases with their times, the diagnosis with its evidence, and what would have changed the verdict. Names are used again: the newest pods that had it, as many as an answer may hold."""
        from pipelines.cli.explain import kinds_of
        from pipelines.reports.explain import Reference, nothing_known

        clusters, reference = self._chosen(cluster), Reference.of(pod, None, kinds_of("pod"))
        groups = [group for name in clusters for group in self._deliveries_of(name, reference)]
        if not groups:
            raise nothing_known(reference, self._url, clusters)
        groups.sort(key=lambda group: group[-1]["started_at"], reverse=True)
        told = _within(map(self._explained, groups))
        return {"pods": told[::-1], "older_pods_left_out": len(groups) - len(told)}

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
        table = standing_table(open_existing(self._url), self._settings, queries, _TIMEOUT_S)
        return {"objectives": json_rows(table.slice(0, _ROWS)), "rows_were_cut_off": table.num_rows > _ROWS}

    def _deliveries_of(self, cluster: str, reference: Reference) -> list[list[dict[str, Any]]]:
        """The deliveries that a reference names, by object, each object's oldest first."""
        rows = self._reading(cluster).rows("explain_deliveries", **reference.asked)
        by_object: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in sorted(rows, key=itemgetter("started_at")):
            by_object.setdefault(tuple(str(row[key]) for key in ("namespace", "name", "uid")), []).append(row | {"cluster": cluster})
        return list(by_object.values())

    def _explained(self, rows: list[dict[str, Any]]) -> Result:
        """One object, as a client may read it."""
        from pipelines.cli.explain import plain
        from pipelines.reports.explain import objects

        (found,) = map(asdict, objects(self._reading(rows[0]["cluster"]), rows))
        for delivery in found["deliveries"]:
            del delivery["drawing"]
        told: Result = json.loads(json.dumps(found, default=plain))
        return told

    def _reading(self, cluster: str) -> Reading:
        from pipelines.serving.http.reading import ALL_TIME, Reading
        from pipelines.serving.scope import Scope

        return Reading(self._door, Scope((cluster,), namespaces=None, may_read_bodies=True), ALL_TIME, cluster)

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
