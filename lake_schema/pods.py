"""`pods`: the attributes of each pod that an hour shows, as of its newest version in that hour.

Where the log holds no answer, they are those that the create asked for; where it holds no body either, they are null.
"""

from __future__ import annotations

from lake_schema.common import CLUSTER, instant
from lake_schema.model import COUNT, FLAG, INT, SECONDS, TEXT, TEXTS, Column, Grain, Table

ATTRIBUTES = (
    Column("owner_kind", TEXT, "Kind of the workload that owns the pod, up the owner chain: a Deployment, not its ReplicaSet."),
    Column("owner_name", TEXT, "Name of that workload."),
    Column("controller_kind", TEXT, "Kind of the pod's direct controller."),
    Column("controller_name", TEXT, "Name of the pod's direct controller."),
    Column("controller_uid", TEXT, "UID of the pod's direct controller."),
    Column("images", TEXTS, "Images of the pod's containers, init containers first, each once."),
    Column("restart_policy", TEXT, "`Always`, `OnFailure` or `Never`."),
    Column("scheduler_name", TEXT, "The scheduler that the pod asks for."),
    Column("service_account", TEXT, "The pod's service account."),
    Column("runtime_class", TEXT, "The pod's runtime class."),
    Column("priority", INT, "The pod's priority."),
    Column("cpu_request_cores", SECONDS, "Sum of the regular containers' CPU requests, in cores."),
    Column("memory_request_bytes", SECONDS, "Sum of the regular containers' memory requests, in bytes."),
    Column("container_count", COUNT, "Regular containers."),
    Column("init_container_count", COUNT, "Init containers, sidecars included."),
    Column("volume_count", COUNT, "Volumes."),
    Column("is_job", FLAG, "Whether the pod runs to completion: its restart policy is not `Always`."),
    Column("is_static", FLAG, "Whether it is a static pod's mirror."),
    Column("is_daemon", FLAG, "Whether a DaemonSet owns it."),
    Column("stateful", FLAG, "Whether it has a volume other than emptyDir, downwardAPI, configMap, secret or projected."),
    Column(
        "revision", TEXT, "The revision of the workload's template that the pod is from: its label `pod-template-hash` or `controller-revision-hash`."
    ),
    Column("size_class", TEXT, "`unbounded`, `large`, `complex` or `typical`."),
)

TABLE = Table(
    name="pods",
    zone="delivery",
    grain=Grain.HOUR,
    instant="seen_at",
    description="One pod in one hour: its attributes as of its newest version there, or as its create asked for them; null where the log holds no body.",
    columns=(
        CLUSTER,
        Column("uid", TEXT, "The pod's UID; `name:<namespace>/<name>@<created µs>` if the log never shows it.", nullable=False),
        Column("namespace", TEXT, "The pod's namespace."),
        Column("name", TEXT, "The pod's name."),
        instant("seen_at", "The newest sighting in this hour.", nullable=False),
        instant("first_seen_at", "The first sighting in this hour.", nullable=False),
        instant("created_at", "`creationTimestamp` (1 s)."),
        Column("resource_version", INT, "The newest version's `resourceVersion`."),
        Column("node", TEXT, "`spec.nodeName`, or the node of its binding in this hour."),
        *ATTRIBUTES,
        Column("has_readiness_wait", FLAG, "Whether a container has a readiness or startup probe or a postStart hook."),
        Column("readiness_wait_containers", TEXTS, "The containers that have one."),
        Column("hook_wait_containers", TEXTS, "Of these, the containers that wait for nothing but their postStart hook."),
        Column("container_names", TEXTS, "Regular containers."),
        Column("init_container_names", TEXTS, "Init containers that must end."),
        Column("sidecar_names", TEXTS, "Init containers that keep running."),
        Column("readiness_gates", TEXTS, "Condition types that the pod waits for beside its containers."),
        Column("scheduling_gates", TEXTS, "Scheduling gates of the newest version."),
        Column("finalizers", TEXTS, "Finalizers of the newest version."),
        Column("grace_period_s", SECONDS, "`terminationGracePeriodSeconds`."),
        Column("claims", TEXTS, "PersistentVolumeClaims that its volumes name, those of generic ephemeral volumes too."),
        Column("container_specs", TEXT, "JSON: name, role, image and resources of each container of the newest version."),
        Column(
            "resize_state",
            TEXT,
            "How far an in-place resize is in the newest version: `Proposed`, `Deferred`, `Infeasible`, `InProgress`; null without one.",
        ),
        Column("unactuated_containers", TEXTS, "Containers whose status in the newest version does not show the resources of their spec."),
        Column("ips", TEXTS, "The pod's own addresses in the newest version; none on its node's network."),
        instant("scheduled_at", "When it was bound, by its condition `PodScheduled` (1 s) or its binding in this hour."),
        instant(
            "released_at",
            "When it gave its address back, by the newest version: its last container ended for good, or it was seen while being deleted.",
        ),
        Column("container_runs", TEXT, "JSON: name, image, ID, start and end of each container's present and last run in the newest version."),
        Column("config_hash", TEXT, "A static pod's `kubernetes.io/config.mirror`, by which Events may name it."),
    ),
    primary_key=("uid", "seen_at"),
)
