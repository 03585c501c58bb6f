"""`log_gaps`: who must have spoken while the audit log does not hold it. Not here: who is heard (`voices`)."""

from __future__ import annotations

from lake_schema.common import CLUSTER, bucket_at, instant
from lake_schema.model import TEXT, Column, Grain, Table

TABLE = Table(
    name="log_gaps",
    zone="timeline",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="One stretch of an hour in which lines must be missing: a kubelet, the scheduler or everybody is not in the log, though it was at work.",
    columns=(
        CLUSTER,
        bucket_at("hour", of_deliveries=False),
        Column(
            "scope",
            TEXT,
            "`node` (its kubelet), `scheduler` (its bindings), `creates` (of pods), `log` (everybody), or `server`, which may have been down as well.",
            nullable=False,
        ),
        Column("scope_value", TEXT, "Which one.", nullable=False),
        instant("from_at", "Since when, within this hour.", nullable=False),
        instant("to_at", "Until when, within this hour.", nullable=False),
        Column("message", TEXT, "What is missing, and how that shows.", nullable=False),
    ),
    primary_key=("bucket_at", "scope", "scope_value", "from_at"),
)
