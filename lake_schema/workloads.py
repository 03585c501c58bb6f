"""`workloads`: each workload object that an hour shows, as of its newest version in that hour: what runs pods, and who owns it."""

from __future__ import annotations

from lake_schema.common import CLUSTER, instant
from lake_schema.model import INT, TEXT, Column, Grain, Table

TABLE = Table(
    name="workloads",
    zone="delivery",
    grain=Grain.HOUR,
    instant="seen_at",
    description="One Deployment, ReplicaSet, StatefulSet, DaemonSet, Job or ReplicationController in one hour: its newest version there.",
    columns=(
        CLUSTER,
        Column("kind", TEXT, "The object's kind.", nullable=False),
        Column("uid", TEXT, "The object's UID.", nullable=False),
        Column("namespace", TEXT, "The object's namespace."),
        Column("name", TEXT, "The object's name."),
        instant("seen_at", "The newest sighting in this hour.", nullable=False),
        instant("created_at", "`creationTimestamp` (1 s)."),
        Column("resource_version", INT, "The newest version's `resourceVersion`."),
        Column("generation", INT, "`metadata.generation`."),
        Column("template", TEXT, "A digest of the pod template."),
        Column("spec", TEXT, "A digest of the whole spec as it is stored, without what is redacted."),
        Column("revision", TEXT, "A ReplicaSet's `deployment.kubernetes.io/revision`."),
        Column("template_hash", TEXT, "A ReplicaSet's label `pod-template-hash`, which its pods have too."),
        Column("controller_kind", TEXT, "Kind of its controller."),
        Column("controller_name", TEXT, "Name of its controller."),
        Column("controller_uid", TEXT, "UID of its controller."),
    ),
    primary_key=("uid", "seen_at"),
    order=("kind", "namespace", "name", "uid", "seen_at"),
)
