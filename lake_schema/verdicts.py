"""`verdicts`: what became of each delivery against each objective."""

from __future__ import annotations

from lake_schema.common import CLUSTER, DELIVERY_ID, ERROR_CODE, ERROR_DETAIL, FAULT, KIND, OBJECTIVE, instant, seconds
from lake_schema.model import SECONDS, TEXT, Column, Grain, Table

TABLE = Table(
    name="verdicts",
    zone="delivery",
    grain=Grain.HOUR,
    instant="delivery_started_at",
    description="One delivery against one objective, judged exactly at its deadline.",
    columns=(
        CLUSTER,
        DELIVERY_ID,
        KIND,
        instant("delivery_started_at", "When the delivery started; decides the partition.", nullable=False),
        OBJECTIVE,
        Column("limit_s", SECONDS, "The limit that applied, extensions included; null where nothing is promised."),
        seconds("spent_s", "What the objective's clock showed at the decision."),
        Column("verdict", TEXT, "`SUCCESS`, `FAIL`, `KILL` or `PENDING`.", nullable=False),
        instant("decided_at", "When the verdict fell; null while pending."),
        ERROR_CODE,
        ERROR_DETAIL,
        FAULT,
    ),
    primary_key=("delivery_id", "objective"),
)
