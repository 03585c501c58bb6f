"""`k8s_events`: every sighting of a Kubernetes Event, from logs, dumps and live snapshots, in one shape."""

from __future__ import annotations

from lake_schema.common import CLUSTER, SOURCE_ID, SOURCE_LINE, instant
from lake_schema.model import FLAG, INT, TEXT, Column, Grain, Table

TABLE = Table(
    name="k8s_events",
    zone="raw",
    grain=Grain.HOUR,
    instant="partition_at",
    description="One sighting of an Event object: an audited write, a watch frame, a List's item or a line of a dump.",
    columns=(
        CLUSTER,
        SOURCE_ID,
        SOURCE_LINE,
        instant(
            "partition_at",
            "Decides the partition: the write's `stage_at`, else the Event's first occurrence; of a repeated Event from an API server its latest.",
            nullable=False,
        ),
        Column("origin", TEXT, "`audit`, `watch` or `list`.", nullable=False),
        instant("observed_at", "When it was seen: the audited write's stage time or the watch frame's arrival."),
        instant("received_at", "When the API server received the audited write."),
        Column("is_deleted", FLAG, "Whether the sighting says that the Event object is gone.", nullable=False),
        Column("event_namespace", TEXT, "The Event object's own namespace."),
        Column("event_name", TEXT, "The Event object's own name; its suffix may hold the nanosecond of its first occurrence."),
        Column("event_uid", TEXT, "The Event object's own UID."),
        Column("resource_version", INT, "The Event object's `resourceVersion`."),
        instant("created_at", "The Event object's `creationTimestamp` (1 s)."),
        Column("involved_kind", TEXT, "Kind of the object that the Event is about."),
        Column("involved_namespace", TEXT, "Its namespace."),
        Column("involved_name", TEXT, "Its name."),
        Column("involved_uid", TEXT, "Its UID; some components leave it out."),
        Column("involved_field_path", TEXT, "The part that is meant, such as `spec.containers{app}`."),
        Column("reason", TEXT, "Machine-readable reason, such as `FailedMount`."),
        Column("message", TEXT, "Text for people, redacted."),
        Column("type", TEXT, "`Normal` or `Warning`."),
        Column("action", TEXT, "What was done about the object (events.k8s.io)."),
        Column("count", INT, "How often it had occurred: `count` or `series.count`, at least 1.", nullable=False),
        instant("first_at", "`firstTimestamp` (1 s)."),
        instant("last_at", "`lastTimestamp` (1 s) or `series.lastObservedTime` (µs)."),
        instant("event_at", "`eventTime` (µs)."),
        Column("component", TEXT, "The reporting controller: `reportingController`, else `source.component`."),
        Column("host", TEXT, "The reporting node: `source.host`, else `reportingInstance`."),
        Column("related_kind", TEXT, "Kind of the related object."),
        Column("related_namespace", TEXT, "Namespace of the related object."),
        Column("related_name", TEXT, "Name of the related object."),
    ),
    primary_key=("partition_at", "source_id", "source_line"),
)
