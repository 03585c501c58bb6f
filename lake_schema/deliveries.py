"""`deliveries`: one attempt of the platform to bring an object to a wanted state, with its milestones and its outcome."""

from __future__ import annotations

from lake_schema.common import CLUSTER, COMPONENT, DELIVERY_ID, ERROR_CODE, ERROR_DETAIL, FAULT, KIND, MESSAGE, NAME, NAMESPACE, NODE, UID, count, instant, milestone, seconds
from lake_schema.model import FLAG, INT, TEXT, Column, Grain, Table
from lake_schema.pods import ATTRIBUTES

TABLE = Table(
    name="deliveries",
    zone="delivery",
    grain=Grain.HOUR,
    instant="started_at",
    description="One delivery: a pod's creation (refused ones too) or its deletion.",
    columns=(
        CLUSTER,
        DELIVERY_ID,
        KIND,
        UID,
        NAMESPACE,
        NAME,
        NODE,
        *(Column(c.name, c.type, c.description) for c in ATTRIBUTES),
        Column("zone", TEXT, "The node's `topology.kubernetes.io/zone`."),
        Column("node_pool", TEXT, "The node's pool label, of whichever provider."),
        Column("kubelet_version", TEXT, "The node's kubelet version."),
        Column("left_censored", FLAG, "Whether the log does not hold the start.", nullable=False),
        count("attempts", "How many requests were merged into this row: 1, or the repeats of a refused create."),
        Column("state", TEXT, "`delivered` if it ever was; else `killed`, `failed` or `pending`.", nullable=False),
        Column("settled", FLAG, "False if what was delivered broke within `settle_s`; null if it was not delivered."),
        *milestone("started", "Create accepted or received; delete accepted."),
        *milestone("bound", "Bound to a node."),
        *milestone("kubelet_ack", "First sign of the kubelet."),
        *milestone("sandbox_ready", "Sandbox and network ready."),
        *milestone("initialized", "Init containers done."),
        *milestone("containers_started", "The last container's first start."),
        *milestone("ready", "First Ready, if it delivered the pod or came after (see `late_ready_at`)."),
        instant("late_ready_at", "Delivered after the objective `wall` had failed: then."),
        *milestone("deleted", "First accepted delete."),
        *milestone("gone", "The object was removed."),
        instant("delivered_at", "The moment that delivered it: Ready, or all containers started of a run-to-completion pod, or gone."),
        instant("ended_at", "Delivered, failed or killed; null while pending."),
        instant("judged_until_at", "The moment of judgement: phases still open end here.", nullable=False),
        seconds("total_s", "Seconds from start to end (or to the moment of judgement)."),
        seconds("platform_s", "Seconds of it that are the platform's, gaps included."),
        seconds("user_s", "Seconds that only user phases cover."),
        seconds("queue_s", "Seconds that only queue phases cover."),
        Column("is_clock_skewed", FLAG, "Whether two milestones contradict each other beyond their uncertainty.", nullable=False),
        ERROR_CODE,
        ERROR_DETAIL,
        FAULT,
        COMPONENT,
        MESSAGE,
        Column("user", TEXT, "Who asked for it."),
        Column("code", INT, "HTTP status code of a refused create."),
    ),
    primary_key=("delivery_id",),
    order=("started_at", "kind", "namespace", "name", "uid", "delivery_id"),
)
