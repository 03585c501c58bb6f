"""`rollouts`: one line per new template of a workload and per run of a Job, with what became of its pods."""

from __future__ import annotations

from lake_schema.common import CLUSTER, count, instant, seconds
from lake_schema.model import FLAG, INT, TEXT, TEXTS, Column, Grain, Table

TABLE = Table(
    name="rollouts",
    zone="delivery",
    grain=Grain.HOUR,
    instant="started_at",
    description="One rollout: a workload's creation or a change of its pod template (`kubectl rollout status` waits for it), or one Job. "
    "Scaling is none, and what replaces pods after its end is not part of it.",
    columns=(
        CLUSTER,
        Column("rollout_id", TEXT, "Names a rollout: a hash of the object and when it starts.", nullable=False),
        Column("namespace", TEXT, "The workload's namespace."),
        Column("workload_kind", TEXT, "Kind of the workload at the top of the owner chain: a CronJob, not its Job.", nullable=False),
        Column("workload_name", TEXT, "Name of that workload.", nullable=False),
        Column("kind", TEXT, "Kind of the object that is rolled out: the Deployment itself, the Job of a CronJob.", nullable=False),
        Column("name", TEXT, "Name of that object.", nullable=False),
        Column("uid", TEXT, "UID of that object; null where the log shows no body of it."),
        Column(
            "trigger",
            TEXT,
            "`create`, `template` (a new pod template, a rollback and `kubectl rollout restart` included) or `run` (a Job).",
            nullable=False,
        ),
        Column("generation", INT, "`metadata.generation` from which on its status speaks of this rollout."),
        Column("revision", TEXT, "The revision that its pods have: their label `pod-template-hash` or `controller-revision-hash`."),
        Column("user", TEXT, "Who asked for it."),
        instant("started_at", "The write received that asked for it.", nullable=False),
        seconds("started_uncertainty_ms", "How much later it may have been, in ms."),
        instant("ended_at", "When it was complete, failed, superseded by the next or deleted; null while none of it."),
        Column(
            "state", TEXT, "`complete`, `failed`, `superseded`, `deleted` or `pending` (no end within a day, or by the watermark).", nullable=False
        ),
        instant("progress_deadline_at", "When the controller said that the progress deadline was exceeded; the rollout may still complete later."),
        Column("is_progress_deadline_exceeded", FLAG, "Whether it ever said so.", nullable=False),
        Column("reason", TEXT, "The reason of the condition that ended it, such as `BackoffLimitExceeded`."),
        Column("message", TEXT, "That condition's message."),
        count("pods_created", "Pods of its revision created until its end."),
        Column("pods_wanted", INT, "Pods that the workload wants, as last seen before the end."),
        count("pods_delivered", "Of these, delivered."),
        count("pods_failed", "Failed."),
        count("pods_unsettled", "Delivered, but broke at once."),
        count("pods_killed", "Deleted before they were delivered."),
        count("pods_pending", "Undecided at the watermark."),
        count("creates_refused", "Attempts to create a pod that were refused."),
        seconds("total_s", "Seconds from start to end; to the watermark while pending."),
        seconds("suspended_s", "Of these, the seconds in which the Job was suspended and so waited on purpose; null for what is no Job."),
        seconds("slowest_s", "How long the slowest delivered pod took."),
        Column("slowest_pod", TEXT, "Name of the slowest delivered pod."),
        Column("slowest_uid", TEXT, "UID of the slowest delivered pod."),
        Column("failed_pods", TEXTS, "Names of pods that failed or broke at once, five at most, the first first."),
        Column("error_codes", TEXTS, "`code=count` of its pods and refused creates, most frequent first."),
    ),
    primary_key=("rollout_id",),
    order=("started_at", "namespace", "workload_kind", "workload_name", "rollout_id"),
)
