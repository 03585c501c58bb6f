"""`custom_records`: what logs of the user's own tell, by the mapping that the settings give."""

from __future__ import annotations

from lake_schema.common import CLUSTER, SOURCE_ID, SOURCE_LINE, instant
from lake_schema.model import INT, SECONDS, TEXT, Column, Grain, Table

TABLE = Table(
    name="custom_records",
    zone="raw",
    grain=Grain.HOUR,
    instant="recorded_at",
    description="One record of a log of the user's own, such as an address manager's or a registry's, as `records` in the settings maps it.",
    columns=(
        CLUSTER,
        SOURCE_ID,
        SOURCE_LINE,
        Column("records", TEXT, "Which mapping: its name in the settings.", nullable=False),
        instant("recorded_at", "When the record says that it happened, or began.", nullable=False),
        instant("ended_at", "When the record says that it ended, if it says so."),
        Column("uncertainty_ms", SECONDS, "How far the log's clock may be off, either way.", nullable=False, check="uncertainty_ms >= 0"),
        Column("kind", TEXT, "Kind of the object that it is about.", nullable=False),
        Column("namespace", TEXT, "The object's namespace."),
        Column("name", TEXT, "The object's name."),
        Column("uid", TEXT, "The object's UID."),
        Column("node", TEXT, "The node that it speaks of."),
        Column("pod_ip", TEXT, "The address of the pod that it is about."),
        Column("image", TEXT, "The image that it is about, as whole as the record says it."),
        Column("container_id", TEXT, "The container that it is about, by the runtime's ID."),
        Column(
            "join_by",
            TEXT,
            "By what its pod is found: `uid`, `name`, `container_id`, `pod_ip`, `image` or `node`; null if it names nothing of that kind or is about no pod.",
        ),
        Column("key", TEXT, "The part that it happened to: a container, an image, an address."),
        Column("value", TEXT, "What a rule may look at, such as a result."),
        Column("detail", TEXT, "More about the part."),
        Column("reason", TEXT, "What happened, in one word."),
        Column("message", TEXT, "Text for people, redacted."),
        Column("code", INT, "A number, such as an HTTP status code."),
        Column("body", TEXT, "The whole record as JSON, redacted.", nullable=False, is_body=True),
    ),
    primary_key=("recorded_at", "source_id", "source_line"),
)
