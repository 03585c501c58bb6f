-- The account of each source file: lines = kept + filtered + duplicates + quarantined. Files with something wrong come first.
-- inputs: sources
-- Parameters: $rows at most.
select
    uri, shape, bytes, raw_bytes, lines, kept, filtered, duplicates, quarantined, is_complete, problem, first_at, last_at,
    kept + filtered + duplicates + quarantined = lines as adds_up,
from sources, params
where (first_at is null or first_at < params.to_at) and (last_at is null or last_at >= params.from_at)
order by adds_up, is_complete, quarantined desc, first_at nulls first, uri
limit $rows
