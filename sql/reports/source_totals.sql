-- The account of all source files together.
-- inputs: sources
select
    count(*) as files,
    coalesce(sum(bytes), 0) as bytes,
    coalesce(sum(raw_bytes), 0) as raw_bytes,
    coalesce(sum(lines), 0) as lines,
    coalesce(sum(kept), 0) as kept,
    coalesce(sum(filtered), 0) as filtered,
    coalesce(sum(duplicates), 0) as duplicates,
    coalesce(sum(quarantined), 0) as quarantined,
    count(*) filter (not is_complete) as incomplete,
    coalesce(bool_and(kept + filtered + duplicates + quarantined = lines), true) as adds_up,
from sources, params
where (first_at is null or first_at < params.to_at) and (last_at is null or last_at >= params.from_at)
