"""`diagnoses`: why a delivery failed, was killed or was slow, with the evidence and one line of advice."""

from __future__ import annotations

from lake_schema.common import CLUSTER, COMPONENT, DELIVERY_ID, ERROR_DETAIL, KIND, MESSAGE, instant
from lake_schema.model import INT, TEXT, Column, Grain, Table

TABLE = Table(
    name="diagnoses",
    zone="diagnosis",
    grain=Grain.HOUR,
    instant="delivery_started_at",
    description="One diagnosis of one delivery at one moment: the decision of an objective, or `final`, the end of its tracking window.",
    columns=(
        CLUSTER,
        DELIVERY_ID,
        KIND,
        instant("delivery_started_at", "When the delivery started; decides the partition.", nullable=False),
        Column("moment", TEXT, "The objective whose decision is explained, or `final`.", nullable=False),
        instant("judged_at", "Evidence up to here counted.", nullable=False),
        Column(
            "frontier",
            TEXT,
            "The last stage that was completed: `admit`, `schedule`, `node`, `volume`, `sandbox`, `image`, `container` or `readiness`.",
        ),
        Column("stage", TEXT, "The stage that the error belongs to."),
        Column("error_code", TEXT, "Why: one word of the closed vocabulary.", nullable=False),
        ERROR_DETAIL,
        Column("fault", TEXT, "Whose matter the error code is: `platform`, `capacity`, `user` or `unknown`.", nullable=False),
        COMPONENT,
        MESSAGE,
        Column("advice", TEXT, "One line: what to do about it."),
        Column("rule", TEXT, "The rule that fired."),
        Column("runner_up", TEXT, "The code that would have been given without the decisive evidence."),
        Column("evidence_operation", TEXT, "The decisive HyperEvent's operation."),
        Column("evidence_subject", TEXT, "The decisive HyperEvent's subject."),
        instant("evidence_at", "The decisive HyperEvent's moment."),
        Column("evidence_count", INT, "How many HyperEvents said the same."),
        Column("source_id", TEXT, "The decisive HyperEvent's source file."),
        Column("source_line", INT, "The decisive HyperEvent's line."),
    ),
    primary_key=("delivery_id", "moment"),
)
