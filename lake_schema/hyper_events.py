"""`hyper_events`: one fact about one object at one moment, from whatever source, in one shape."""

from __future__ import annotations

from lake_schema.common import CLUSTER, instant
from lake_schema.model import INT, SECONDS, TEXT, Column, Grain, Table

TABLE = Table(
    name="hyper_events",
    zone="timeline",
    grain=Grain.HOUR,
    instant="observed_at",
    description="One fact about one object at one moment. Facts seen again are merged within an hour: first sighting in `at`, last in `last_at`.",
    columns=(
        CLUSTER,
        instant("at", "The moment by which the fact was certainly so.", nullable=False),
        instant(
            "observed_at",
            "The first sighting in the sources; decides the partition. For dumps of Events, which do not say when they were made, the Event's first occurrence.",
            nullable=False,
        ),
        instant("last_at", "The last sighting of the same fact in this hour."),
        Column(
            "at_source",
            TEXT,
            "How `at` is known: `audit`, `event_name`, `event`, `condition`, `container_status`, `object` or `record` (a log of the user's own).",
            nullable=False,
        ),
        Column(
            "uncertainty_ms", SECONDS, "How much earlier than `at` the fact may have come true, in ms.", nullable=False, check="uncertainty_ms >= 0"
        ),
        Column("source", TEXT, "`audit`, `event`, `snapshot` or `custom`.", nullable=False),
        Column("kind", TEXT, "Kind of the object.", nullable=False),
        Column("namespace", TEXT, "The object's namespace."),
        Column("name", TEXT, "The object's name."),
        Column("uid", TEXT, "The object's UID; null for a refused create and for objects that were never resolved."),
        Column("operation", TEXT, "What happened, such as `pod:bound`, `condition:Ready:true` or `event:FailedMount`.", nullable=False),
        Column("subject", TEXT, "The part that it happened to: a container, a finalizer, a node, an image or a volume."),
        Column("detail", TEXT, "More about the subject, such as `init`, `sidecar`, or the text that a rule extracted."),
        Column("severity", TEXT, "`info`, `warning` or `error`.", nullable=False),
        Column("actor", TEXT, "Who reported it: the user agent's first word or the reporting component."),
        Column(
            "user",
            TEXT,
            "The user of the audited request, or in whose name it was made (`impersonatedUser`); the request's line in `audit_events` has both.",
        ),
        Column("node", TEXT, "The node that the fact speaks of or was reported by."),
        Column("reason", TEXT, "The machine-readable reason."),
        Column("message", TEXT, "The text for people."),
        Column("count", INT, "How often it had occurred by then; for containers the restart count."),
        Column("code", INT, "HTTP status code, or a container's exit code."),
        Column("resource_version", INT, "The object's resourceVersion with which the fact was seen."),
        Column("rule", TEXT, "The rule that made this row.", nullable=False),
        Column("epoch", TEXT, "Beside operation, subject and detail: what makes sightings the same fact, in whatever hour."),
        Column("source_id", TEXT, "The source file of the first sighting."),
        Column("source_line", INT, "The line of the first sighting."),
    ),
    primary_key=("at", "observed_at", "kind", "namespace", "name", "uid", "operation", "subject", "source_id", "source_line"),
    order=(
        "at",
        "observed_at",
        "kind",
        "namespace",
        "name",
        "uid",
        "operation",
        "subject",
        "detail",
        "reason",
        "count",
        "code",
        "message",
        "resource_version",
        "source",
        "source_id",
        "source_line",
    ),
)
