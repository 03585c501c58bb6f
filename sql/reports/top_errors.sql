-- Each error code: how many deliveries it explains, whose matter it is, since when, and some of the pods.
-- inputs: _judged, error_codes
with vocabulary as (
    select error_code, arg_min(stage, rowid) as stage, arg_min(advice, rowid) as advice
    from error_codes
    group by error_code
),
explained as (
    select kind, count(*) as deliveries_explained
    from _judged
    where error_code is not null
    group by kind
),
details as (
    select kind, error_code, list(error_detail || ' ×' || deliveries order by deliveries desc, error_detail)[1:4] as details
    from (select kind, error_code, error_detail, count(*) as deliveries from _judged where error_detail is not null and error_code is not null group by all)
    group by all
),
counted as (
    select
        kind, error_code,
        mode(fault order by fault) as fault,
        count(*) as deliveries,
        sum(attempts) as attempts,
        count(*) filter (outcome = 'FAIL') as failed,
        count(*) filter (outcome = 'unsettled') as unsettled,
        count(*) filter (outcome = 'KILL') as killed,
        count(*) filter (outcome = 'PENDING') as pending,
        count(*) filter (outcome = 'SUCCESS') as slow,
        count(distinct node) as nodes,
        min(started_at) as first_at,
        max(started_at) as last_at,
        min(struct_pack(started_at, delivery_id, namespace, name), 3) as samples,
    from _judged
    where error_code is not null
    group by all
)
select counted.*, deliveries / deliveries_explained as share, coalesce(details, []) as details, stage, advice
from counted
join explained using (kind)
left join details using (kind, error_code)
left join vocabulary using (error_code)
order by deliveries desc, kind, error_code
