-- Each kind of delivery: how many there were and what became of them.
-- inputs: deliveries
select
    kind,
    count(*) as deliveries,
    count(*) filter (state = 'delivered') as delivered,
    count(*) filter (state = 'failed') as failed,
    count(*) filter (state = 'killed') as killed,
    count(*) filter (state = 'pending') as pending,
    count(*) filter (settled is not distinct from false) as unsettled,
    count(*) filter (uid is null) as refused,
    coalesce(sum(attempts) filter (uid is null), 0) as refused_attempts,
    count(*) filter (left_censored) as left_censored,
    count(*) filter (is_static) as static,
    count(*) filter (is_clock_skewed) as clock_skewed,
from deliveries
group by kind
order by kind
