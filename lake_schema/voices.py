"""`voices`: when the audit log hears whom. Not here: which silence proves that lines are missing (`log_gaps`)."""

from __future__ import annotations

from lake_schema.common import CLUSTER, bucket_at, count, instant
from lake_schema.model import INT, TEXT, Column, Grain, Table

TABLE = Table(
    name="voices",
    zone="timeline",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="One stretch of an hour in which the audit log hears a node's kubelet, a scheduler, an API server or anybody at all, without a pause of 20 s and more.",
    columns=(
        CLUSTER,
        bucket_at("hour", of_deliveries=False),
        Column(
            "scope",
            TEXT,
            "`node` (its kubelet), `scheduler` (its bindings), `creates` (of pods, whoever makes them), `server`, or `log` (anybody).",
            nullable=False,
        ),
        Column("scope_value", TEXT, "Which node, user or server; `*` for kubelets that do not say which node they are.", nullable=False),
        instant("from_at", "The stretch's first line.", nullable=False),
        instant("to_at", "The stretch's last line.", nullable=False),
        count("lines", "Lines in it."),
        count("lease_writes", "How often a kubelet renewed its lease: every 10 s, where that is logged."),
        count("status_writes", "How often a kubelet wrote its node's status: every 5 minutes, where that is logged."),
        Column("first_version", INT, "Of `log`: the `resourceVersion` of its first writes."),
        instant("first_version_at", "When that was."),
        Column("last_version", INT, "Of `log`: the highest `resourceVersion` of its writes."),
        instant("last_version_at", "When that was."),
    ),
    primary_key=("bucket_at", "scope", "scope_value", "from_at"),
)
