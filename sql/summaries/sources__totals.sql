-- Totals of the sources that touch this day.
-- inputs: sources
with touching as (
    select *
    from sources, params
    where first_at < to_at and last_at >= from_at
)
unpivot (
    select
        count(*) as sources,
        sum(lines)::bigint as lines,
        sum(kept)::bigint as kept,
        sum(quarantined)::bigint as quarantined,
        sum(bytes)::bigint as stored_bytes,
    from touching
)
on columns(*) into name name value value
