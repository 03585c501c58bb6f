-- One row per condition that a pod's version shows. A patch holds what changed of a condition: the rest is as the pod's last version in the hour had it.
-- inputs: _pod_versions
with shown as (
    select
        uid, namespace, name, hour_at, version, sighting, is_partial, observed_at, received_at, verb,
        condition.type as key, condition.status as status_value, condition.reason as reason, condition.message as message, condition.lastTransitionTime as transition_at,
        is_partial and not coalesce(json_exists(patched, '$.reason'), false) as keeps_reason,
        is_partial and not coalesce(json_exists(patched, '$.message'), false) as keeps_message,
    from (
        select
            *,
            unnest(status.conditions) as condition, unnest(from_json(patch, '{"status": {"conditions": ["JSON"]}}').status.conditions) as patched,
        from _pod_versions
    )
    where condition.type is not null
),
patched_pods as (
    select distinct uid from _pod_versions where is_partial
),
carried as (
    select
        * replace (
            coalesce(status_value, last_value(status_value ignore nulls) over earlier) as status_value,
            coalesce(transition_at, last_value(transition_at ignore nulls) over earlier) as transition_at,
            case when keeps_reason then nullif(last_value(case when not keeps_reason then coalesce(reason, '') end ignore nulls) over earlier, '') else reason end as reason,
            case when keeps_message then nullif(last_value(case when not keeps_message then coalesce(message, '') end ignore nulls) over earlier, '') else message end as message
        ),
    from shown
    semi join patched_pods using (uid)
    window earlier as (partition by uid, namespace, name, hour_at, key order by observed_at, version, is_partial rows between unbounded preceding and 1 preceding)
),
known as (
    select * from shown anti join patched_pods using (uid)
    union all by name
    select * from carried
)
select
    uid, namespace, name, hour_at, sighting, observed_at, key, lower(status_value) as value, reason, message,
    -- Its time is left out if it has not changed, to the second; without a version before, it may be older than the hour.
    coalesce(transition_at, case when is_partial and verb = 'patch' then least(hour_at, received_at) else received_at end) as lower_at,
from known
where status_value is not null
