"""`data_quality_hourly`: how far an hour's input can be trusted."""

from __future__ import annotations

from lake_schema.common import CLUSTER, bucket_at
from lake_schema.model import SECONDS, TEXT, Column, Grain, Table

TABLE = Table(
    name="data_quality_hourly",
    zone="quality",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="One measure of the input of one hour, over the cluster or over one node, source file or API server.",
    columns=(
        CLUSTER,
        bucket_at("hour", of_deliveries=False),
        Column(
            "measure",
            TEXT,
            "`audit_rows`, `audit_gap_max_s`, `audit_out_of_order`, `audit_duplicates_across_sources`, `audit_truncated`, `audit_unanswered` (only where the log has `RequestReceived` lines), "
            "`event_rows`, `event_combined`, `pods_ready_without_started`, `created_without_started`, `clock_skew_ms` (how far a node's or an API server's clock is ahead), `clock_skew_uncertainty_ms` (how far off that may be), `negative_phases`, `log_gap_s`, `log_gap_bindings_s`, `log_gap_creates_s` (for how long lines must be missing; `log_gaps` says from when until when), `unresolved_names` or `unjoined_records` (facts of own logs whose pod was not found).",
            nullable=False,
        ),
        Column(
            "scope",
            TEXT,
            "`cluster`, `node`, `source` or `server` (as `audit_events` has it; a source that tells none is a server of its own).",
            nullable=False,
        ),
        Column("scope_value", TEXT, "Which one.", nullable=False),
        Column("value", SECONDS, "The measure's value; counts are whole numbers.", nullable=False),
        Column("note", TEXT, "What the value means for the results; null where it is harmless."),
    ),
    primary_key=("bucket_at", "measure", "scope", "scope_value"),
)
