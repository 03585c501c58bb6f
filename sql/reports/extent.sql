-- What the report covers: the time and size of the sources, and the hours that were asked for.
-- inputs: sources
select
    min(first_at) as first_at,
    max(last_at) as last_at,
    count(*) as sources,
    coalesce(sum(lines), 0) as lines,
    coalesce(sum(raw_bytes), 0) as raw_bytes,
    any_value(watermark_at) as watermark_at,
from sources, params
where (first_at is null or first_at < params.to_at) and (last_at is null or last_at >= params.from_at)
