-- What the report covers: the time and size of the sources, within the hours that were asked for.
-- inputs: sources
select
    -- Of what was filtered out only the end is kept.
    case when min(coalesce(first_at, last_at)) is not null then greatest(min(coalesce(first_at, last_at)), any_value(params.from_at)) end as first_at,
    case when max(last_at) is not null then least(max(last_at), any_value(params.to_at)) end as last_at,
    count(*) as sources,
    coalesce(sum(lines), 0) as lines,
    coalesce(sum(raw_bytes), 0) as raw_bytes,
    any_value(watermark_at) as watermark_at,
from sources, params
where (first_at is null or first_at < params.to_at) and (last_at is null or last_at >= params.from_at)
