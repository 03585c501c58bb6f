-- How many deliveries of each kind there were, what became of them, and how long the delivered ones took.
-- Parameters: $namespace, null for all of them.
select
    kind,
    count(*) as deliveries,
    count(*) filter (state = 'delivered') as delivered,
    count(*) filter (state = 'failed') as failed,
    count(*) filter (state = 'killed') as killed,
    count(*) filter (state = 'pending') as pending,
    quantile_disc(total_s, 0.5) filter (state = 'delivered') as p50_s,
    quantile_disc(total_s, 0.9) filter (state = 'delivered') as p90_s,
    quantile_disc(total_s, 0.99) filter (state = 'delivered') as p99_s,
from deliveries
where $namespace::varchar is null or namespace = $namespace
group by kind
order by kind
