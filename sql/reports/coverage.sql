-- What the log can tell, over the hours that hold deliveries.
-- inputs: coverage, slo_hourly
select
    fact,
    count(*) as hours,
    count(*) filter (is_covered) as covered_hours,
    mode(best_source order by best_source) as best_source,
    mode(best_level order by best_level) as best_level,
    sum(rows_seen) as rows_seen,
    sum(rows_with_body) as rows_with_body,
    sum(rows_truncated) as rows_truncated,
    mode(missing order by missing) as missing,
from coverage
semi join slo_hourly using (bucket_at)
group by fact
order by covered_hours = count(*), fact
