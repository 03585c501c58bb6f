-- Some deliveries, newest first, with what was said of each: the objectives that failed, and all verdicts.
-- inputs: deliveries, verdicts
-- Parameters: $delivery_ids.
with said as (
    select
        delivery_id,
        list(objective order by objective) filter (verdict = 'FAIL') as failed_objectives,
        list(objective || '=' || verdict order by objective) as verdicts,
    from verdicts
    where delivery_id in (select unnest($delivery_ids::varchar[]))
    group by delivery_id
)
select
    cluster, deliveries.delivery_id, kind, uid, namespace, name, node, owner_kind, owner_name, images, state, settled, started_at, ended_at, judged_until_at, total_s, platform_s, user_s, queue_s,
    error_code, error_detail, fault, attempts,
    coalesce(failed_objectives, []) as failed_objectives, coalesce(verdicts, []) as verdicts,
from deliveries
left join said on said.delivery_id = deliveries.delivery_id
where deliveries.delivery_id in (select unnest($delivery_ids::varchar[]))
order by started_at desc, deliveries.delivery_id desc
