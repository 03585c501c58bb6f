"""`phases`: the named stretches of each delivery, with who was spending the time."""

from __future__ import annotations

from lake_schema.common import CLUSTER, DELIVERY_ID, ERROR_CODE, KIND, NAME, NAMESPACE, NODE, PHASE, UID, instant, seconds
from lake_schema.model import FLAG, INT, SECONDS, TEXT, Column, Grain, Table

TABLE = Table(
    name="phases",
    zone="delivery",
    grain=Grain.HOUR,
    instant="delivery_started_at",
    description="One phase of one delivery; repeated phases (a second image pull) are rows of their own.",
    columns=(
        CLUSTER,
        DELIVERY_ID,
        KIND,
        UID,
        NAMESPACE,
        NAME,
        NODE,
        instant("delivery_started_at", "When the delivery started; decides the partition.", nullable=False),
        PHASE,
        Column("subject", TEXT, "The container, volume, node or finalizer; null if the phase is the pod's.", nullable=True),
        Column("owner", TEXT, "Who spends the time: `platform`, `user` or `queue`.", nullable=False),
        instant("started_at", "Start of the phase.", nullable=False),
        instant("ended_at", "End of the phase; the moment of judgement while it is open.", nullable=False),
        seconds("duration_s", "Seconds from start to end; negative only where clocks contradict each other."),
        Column("uncertainty_ms", SECONDS, "Sum of the uncertainties of both ends.", nullable=False),
        Column("status", TEXT, "`ok`, `error` or `open`.", nullable=False),
        ERROR_CODE,
        Column("is_clock_skewed", FLAG, "Whether it ends before it starts, beyond the uncertainty.", nullable=False),
        Column("image", TEXT, "The image of an `image_pull`."),
        seconds("pull_s", "Image pull time as the kubelet tells it."),
        seconds("pull_wait_s", "Waiting in the node's pull queue as the kubelet tells it."),
        Column("image_bytes", INT, "Size of the image as the kubelet tells it."),
        Column("cached", FLAG, "Whether the image was on the node already."),
        Column("source_id", TEXT, "The source file of the end's evidence."),
        Column("source_line", INT, "The line of the end's evidence."),
    ),
    primary_key=("delivery_id", "phase", "subject", "started_at", "ended_at"),
    order=("delivery_id", "started_at", "ended_at", "phase", "subject", "image", "status"),
)
