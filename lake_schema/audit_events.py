"""`audit_events`: the API server's audit log, typed. Not here: bodies that another raw table holds."""

from __future__ import annotations

from lake_schema.common import CLUSTER, SOURCE_ID, SOURCE_LINE, instant
from lake_schema.model import FLAG, INT, TEXT, TEXTS, Column, Grain, Table

TABLE = Table(
    name="audit_events",
    zone="raw",
    grain=Grain.HOUR,
    instant="stage_at",
    description="One audit event: one stage of one API request, as the API server logged it.",
    columns=(
        CLUSTER,
        SOURCE_ID,
        SOURCE_LINE,
        Column(
            "server",
            TEXT,
            "The API server that wrote it, each of which has a clock of its own: what the wrapper says (a pod, a log stream, a node), else what the file's path says, with the files of one rotated log as one.",
        ),
        Column("audit_id", TEXT, "`auditID`; shared by the stages of one request, and not guaranteed to be unique."),
        Column("level", TEXT, "Policy level: `Metadata`, `Request` or `RequestResponse`."),
        Column("stage", TEXT, "`RequestReceived`, `ResponseStarted`, `ResponseComplete` or `Panic`."),
        Column("verb", TEXT, "Kubernetes verb; the lower-case HTTP method for a non-resource URL."),
        Column("request_uri", TEXT, "The URI of the request, with its query."),
        Column("api_group", TEXT, "`objectRef.apiGroup`; null for the core group."),
        Column("resource", TEXT, "`objectRef.resource`, such as `pods`."),
        Column("subresource", TEXT, "`objectRef.subresource`, such as `status` or `binding`."),
        Column("namespace", TEXT, "`objectRef.namespace`."),
        Column("name", TEXT, "The object's name: `objectRef.name`, else the answer's, else the request body's."),
        Column("uid", TEXT, "The object's UID: the answer's, else `objectRef.uid`, else the request body's."),
        Column("resource_version", INT, "The answer's `metadata.resourceVersion`, where it is a number."),
        Column("code", INT, "HTTP status code of the answer."),
        Column("status_reason", TEXT, "`responseStatus.reason`, such as `AlreadyExists`."),
        Column("status_message", TEXT, "`responseStatus.message`, or the message of a Status answer."),
        Column("user", TEXT, "`user.username`."),
        Column("user_groups", TEXTS, "`user.groups`."),
        Column("impersonated_user", TEXT, "`impersonatedUser.username`."),
        Column("user_agent", TEXT, "`userAgent`, as logged."),
        Column("source_ip", TEXT, "The last of `sourceIPs`, the only one that can be trusted."),
        instant("received_at", "`requestReceivedTimestamp`."),
        instant("stage_at", "`stageTimestamp`; the instant that decides the partition.", nullable=False),
        Column("is_dry_run", FLAG, "Whether the request asked for `dryRun=All`: nothing was changed.", nullable=False),
        Column("is_truncated", FLAG, "Whether the API server dropped the bodies for their size.", nullable=False),
        Column("annotations", TEXT, "The audit annotations as JSON."),
        Column("response_kind", TEXT, "`kind` of the answer, such as `Pod`, `PodList` or `Status`."),
        Column("body_table", TEXT, "The raw table that holds the answer under the same (source_id, source_line): `objects` or `k8s_events`."),
        Column("request_body", TEXT, "The request's body as JSON, redacted; null where the answer tells more.", is_body=True),
        Column("response_body", TEXT, "The answer's body as JSON, redacted; null where `body_table` holds it.", is_body=True),
    ),
    primary_key=("stage_at", "source_id", "source_line"),
)
