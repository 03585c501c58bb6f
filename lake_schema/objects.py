"""`objects`: each version of pods, nodes, claims and workloads that a source shows, whole."""

from __future__ import annotations

from lake_schema.common import CLUSTER, SOURCE_ID, SOURCE_LINE, instant
from lake_schema.model import FLAG, INT, TEXT, Column, Grain, Table

TABLE = Table(
    name="objects",
    zone="raw",
    grain=Grain.HOUR,
    instant="observed_at",
    description="One sighting of one version of an object: the answer to an audited request, a watch frame or a List's item. "
    "A version seen again in the same source and hour is stored once, at its first sighting.",
    columns=(
        CLUSTER,
        SOURCE_ID,
        SOURCE_LINE,
        Column("item", INT, "Position in an answer that holds several objects, from 0; else 0.", nullable=False),
        Column("origin", TEXT, "`audit`, `watch` or `list`.", nullable=False),
        instant(
            "observed_at",
            "When it was certainly so: the write's `stage_at`, the frame's arrival, else the latest time that the object mentions.",
            nullable=False,
        ),
        instant("received_at", "When the API server received the audited request."),
        Column("verb", TEXT, "The audited request's verb; for watch frames the lower-case frame type."),
        Column("subresource", TEXT, "The audited request's subresource."),
        Column("actor", TEXT, "First word of the audited request's user agent."),
        Column("user", TEXT, "Who made the audited request, or in whose name it was made (`impersonatedUser`); `audit_events.user` has who made it."),
        Column("kind", TEXT, "The object's kind, such as `Pod`.", nullable=False),
        Column("api_version", TEXT, "The object's `apiVersion`."),
        Column("namespace", TEXT, "The object's namespace."),
        Column("name", TEXT, "The object's name."),
        Column("uid", TEXT, "The object's UID.", nullable=False),
        Column("resource_version", INT, "The object's `resourceVersion` as a number."),
        Column("is_deleted", FLAG, "Whether the sighting is the object's last (a watch's DELETED frame).", nullable=False),
        Column("body", TEXT, "The object as JSON, redacted and without managedFields.", nullable=False, is_body=True),
    ),
    primary_key=("source_id", "source_line", "item"),
    order=("kind", "uid", "resource_version", "source_id", "source_line", "item"),
)
