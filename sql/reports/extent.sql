-- What the report covers: the time and size of the sources, within the hours that were asked for.
-- inputs: sources
select
    greatest(min(first_at), any_value(params.from_at)) as first_at,
    least(max(last_at), any_value(params.to_at)) as last_at,
    count(*) as sources,
    coalesce(sum(lines), 0) as lines,
    coalesce(sum(raw_bytes), 0) as raw_bytes,
    any_value(watermark_at) as watermark_at,
from sources, params
where (first_at is null or first_at < params.to_at) and (last_at is null or last_at >= params.from_at)
