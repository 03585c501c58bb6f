"""`api_calls_minutely`: the latency of API calls, from the audit log alone. Not here: the objectives' days and months (`slo`)."""

from __future__ import annotations

from lake_schema.common import CLUSTER, count, instant, seconds
from lake_schema.model import COUNT, FLAG, TEXT, Column, Grain, Table

TABLE = Table(
    name="api_calls_minutely",
    zone="slo",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="API calls of one kind that were answered in one minute. Watches, exec, attach, port forwards, proxies and logs, which run as long as the client wants, are left out.",
    columns=(
        CLUSTER,
        instant("bucket_at", "Start of the minute, by the moment of the answer; an unanswered request counts where it was received.", nullable=False),
        Column("api_group", TEXT, "The resource's API group; null for the core group."),
        Column("resource", TEXT, "The resource, such as `pods`.", nullable=False),
        Column("subresource", TEXT, "The subresource, such as `status`; null if it is the object itself."),
        Column("verb", TEXT, "`get`, `list`, `create`, `update`, `patch`, `delete` or `deletecollection`.", nullable=False),
        Column("scope", TEXT, "`resource` for one object, `namespace` or `cluster`, as the API server's own metrics have it.", nullable=False),
        count("count", "Calls that were answered, with whatever code."),
        count("timed", "Of these, calls whose duration the log tells: none if it has only one time, as GKE's."),
        Column(
            "unanswered",
            COUNT,
            "Requests of which nothing is logged within a minute or the next hour; null if the log has no RequestReceived lines to tell by.",
            check="unanswered >= 0",
        ),
        seconds("p50_s", "Median duration without webhooks and the fairness queue, the nearest rank whatever the count."),
        seconds("p99_s", "99th percentile of it, the nearest rank whatever the count."),
        seconds("max_s", "Longest of it."),
        seconds("limit_s", "The limit of the objective `api_call`; null where nothing is promised, as for deletecollection."),
        Column(
            "within_limit", COUNT, "Calls within the limit; null where there is no limit or no duration.", check="within_limit between 0 and timed"
        ),
        Column("good", FLAG, "Whether `p99_s` is within the limit; null where there is no limit or no duration."),
    ),
    primary_key=("bucket_at", "api_group", "resource", "subresource", "verb", "scope"),
)
