"""`quarantine`: lines that could not be read, so that nothing is lost in silence."""

from __future__ import annotations

from lake_schema.common import CLUSTER, SOURCE_ID
from lake_schema.model import INT, TEXT, Column, Grain, Table

TABLE = Table(
    name="quarantine",
    zone="raw",
    grain=Grain.SOURCE,
    instant=None,
    description="One line of a source that could not be read.",
    columns=(
        CLUSTER,
        SOURCE_ID,
        Column("uri", TEXT, "The source file.", nullable=False),
        Column("line", INT, "The 1-based line (or item) of the file.", nullable=False),
        Column("reason", TEXT, "Why it could not be read, such as `not JSON` or `bad stageTimestamp`.", nullable=False),
        Column("audit_id", TEXT, "The auditID that the line shows, if it does: it finds the request's other stages, or the line in another source."),
        Column(
            "raw",
            TEXT,
            "The line, with everything hidden but keys and harmless values; bytes that are no UTF-8 are escaped as \\xNN.",
            nullable=False,
            is_body=True,
        ),
    ),
    primary_key=("source_id", "line"),
)
