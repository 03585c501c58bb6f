"""`error_clusters_hourly` and `error_clusters_daily`: where an error code gathers, with the odds that it is chance."""

from __future__ import annotations

from dataclasses import replace

from lake_schema.common import CLUSTER, KIND, bucket_at, count, instant, rate, seconds
from lake_schema.model import TEXT, TEXTS, Column, Grain, Table


def _table(name: str, grain: Grain, length: str) -> Table:
    return Table(
        name=name,
        zone="tail",
        grain=grain,
        instant="bucket_at",
        description=f"One error code at one value of one dimension in one {length}, against the code's rate elsewhere.",
        columns=(
            CLUSTER,
            bucket_at(length),
            KIND,
            Column("error_code", TEXT, "The error code.", nullable=False),
            Column("dimension", TEXT, "`node`, `image`, `registry`, `namespace`, `workload`, `zone` or `kubelet_version`.", nullable=False),
            Column("value", TEXT, "The dimension's value.", nullable=False),
            count("failures", "Deliveries with this code that touched the value."),
            count("exposure", "Deliveries that touched the value."),
            rate("rate", "failures / exposure."),
            _of_others(rate("rate_elsewhere", "The code's rate over the deliveries that touched another value; null if there are none.")),
            _of_others(seconds("lift", "rate / rate_elsewhere; null where there is none elsewhere.")),
            _of_others(rate("p_value", "Exact binomial tail: the chance of at least `failures` in `exposure` at the rate elsewhere.")),
            _of_others(rate("q_value", "False-discovery-rate adjusted p_value (Benjamini and Hochberg), over the bucket.")),
            instant("first_at", "Start of the first such delivery."),
            instant("last_at", "Start of the last such delivery."),
            Column("sample_uids", TEXTS, "Up to five of the pods.", nullable=False),
        ),
        primary_key=("bucket_at", "kind", "error_code", "dimension", "value"),
    )


def _of_others(column: Column) -> Column:
    return replace(column, is_of_others=True)


HOURLY = _table("error_clusters_hourly", Grain.HOUR, "hour")
DAILY = _table("error_clusters_daily", Grain.DAY, "day")
