-- One row per delivery with the worst that was said of it. `sig_startup` measures how quick a start is, not whether the delivery went well.
-- inputs: deliveries, verdicts
with worst as (
    select
        delivery_id,
        bool_or(verdict = 'FAIL') as is_fail,
        bool_or(verdict = 'KILL') as is_kill,
        bool_or(verdict = 'PENDING') as is_pending,
        list(objective order by objective) filter (verdict = 'FAIL') as failed_objectives,
    from verdicts
    where objective <> 'sig_startup'
    group by delivery_id
)
select
    deliveries.*,
    coalesce(failed_objectives, []) as failed_objectives,
    case
        when is_fail or state = 'failed' then 'FAIL'
        when settled is not distinct from false then 'unsettled'
        when is_kill or state = 'killed' then 'KILL'
        when is_pending or state = 'pending' then 'PENDING'
        else 'SUCCESS'
    end as outcome,
from deliveries
left join worst using (delivery_id)
