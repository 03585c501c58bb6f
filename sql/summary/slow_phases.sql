-- The phases that took the most time in all, with what one of them takes.
-- Parameters: $namespace, null for all of them.
select
    kind, phase, owner,
    count(*) as times,
    quantile_disc(duration_s, 0.5) as p50_s,
    quantile_disc(duration_s, 0.9) as p90_s,
    max(duration_s) as max_s,
    sum(duration_s) as total_s,
from phases
where ($namespace::varchar is null or namespace = $namespace) and kind in ('pod_create', 'pod_delete')
group by kind, phase, owner
order by sum(duration_s) desc, kind, phase, owner
limit 8
