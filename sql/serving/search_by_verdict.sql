-- Deliveries that match and have one verdict, newest first, page by page.
-- inputs: _matching, verdicts
-- Parameters: those of `_matching`; $verdict, `SUCCESS`, `FAIL`, `KILL` or `PENDING`; $objective, any but `sig_startup` if null; $before_at, $before_id, $rows.
select *
from _matching
semi join (
    select delivery_id
    from verdicts
    where verdict = $verdict and coalesce(objective = $objective, objective <> 'sig_startup')
) as judged using (delivery_id)
where $before_at::timestamptz is null or started_at < $before_at::timestamptz or (started_at = $before_at::timestamptz and delivery_id < $before_id)
order by started_at desc, delivery_id desc
limit $rows
