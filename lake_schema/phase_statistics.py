"""`phase_stats_hourly` (exact percentiles) and `phase_sketch_hourly` (mergeable ones) of phase durations."""

from __future__ import annotations

from lake_schema.common import CLUSTER, KIND, PHASE, SCOPE, SCOPE_VALUE, bucket_at, count, seconds
from lake_schema.model import INT, Column, Grain, Table

_KEY = ("bucket_at", "kind", "phase", "scope", "scope_value")

STATS = Table(
    name="phase_stats_hourly",
    zone="tail",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="Exact statistics of one phase's time per delivery. A percentile is the nearest rank, and null below 1/(1-p) samples.",
    columns=(
        CLUSTER,
        bucket_at("hour"),
        KIND,
        PHASE,
        SCOPE,
        SCOPE_VALUE,
        count("count", "Deliveries with the phase finished."),
        count("censored", "Deliveries whose phase was still open at the moment of judgement."),
        seconds("avg_s", "Mean."),
        seconds("min_s", "Minimum."),
        seconds("p50_s", "Median."),
        seconds("p90_s", "90th percentile."),
        seconds("p95_s", "95th percentile."),
        seconds("p99_s", "99th percentile."),
        seconds("p999_s", "99.9th percentile."),
        seconds("max_s", "Maximum."),
    ),
    primary_key=_KEY,
)

SKETCH = Table(
    name="phase_sketch_hourly",
    zone="tail",
    grain=Grain.HOUR,
    instant="bucket_at",
    description="Log-spaced histogram of one phase's time: bucket i holds (g^(i-1), g^i] seconds with g = 1.01/0.99, so that a percentile of any sum of rows is within 1 %.",
    columns=(
        CLUSTER,
        bucket_at("hour"),
        KIND,
        PHASE,
        SCOPE,
        SCOPE_VALUE,
        Column("bucket", INT, "The bucket's index; null-safe minimum -1000000 holds 0 s and less.", nullable=False),
        count("count", "Samples in the bucket."),
    ),
    primary_key=(*_KEY, "bucket"),
)
