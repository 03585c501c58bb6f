"""`coverage`: what the log of an hour can tell, so that a fact nobody logged is not reported as zero."""

from __future__ import annotations

from lake_schema.common import CLUSTER, bucket_at, count
from lake_schema.model import FLAG, TEXT, Column, Grain, Table

TABLE = Table(
    name="coverage",
    zone="timeline",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="One fact that deliveries need (such as `pod_bound`), with whether this hour's log can give it, from what and how well.",
    columns=(
        CLUSTER,
        bucket_at("hour", of_deliveries=False),
        Column(
            "fact",
            TEXT,
            "`pod_created`, `pod_bound`, `pod_status`, `pod_deleted`, `events`, `nodes`, `kubelets`, `pvcs`, `workloads`, `api_calls` or `latency`; `columns` where files of an older version lack some.",
            nullable=False,
        ),
        Column("is_covered", FLAG, "Whether the log can give the fact at all.", nullable=False),
        Column("best_source", TEXT, "The best source of the fact: `audit`, `event`, `snapshot`, or null."),
        Column("best_level", TEXT, "The highest audit level that its requests were logged at."),
        count("rows_seen", "Rows that carry the fact; lines that came in several sources count once."),
        count("rows_with_body", "Rows that carry it with a body."),
        count("rows_truncated", "Rows whose body the API server dropped for its size."),
        Column("missing", TEXT, "What cannot be told for lack of it; null where nothing is missing."),
    ),
    primary_key=("bucket_at", "fact"),
)
