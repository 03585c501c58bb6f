-- The watermark never moves back: nothing was computed with a later one than the ledger has now.
-- inputs: sources, partitions
with ledger as (
    select max(last_at) as watermark_at
    from sources
)
select table_name, bucket_at, partitions.watermark_at as computed_with, ledger.watermark_at as now_at
from partitions
cross join ledger
where partitions.watermark_at > ledger.watermark_at
