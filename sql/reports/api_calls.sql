-- The kinds of API call that took longest against their limit: calls, those beyond the limit, good minutes, and the worst minute.
-- inputs: api_calls_minutely
-- Parameters: $rows.
select
    concat_ws('/', concat_ws('.', resource, api_group), subresource) as resource, verb, scope, any_value(limit_s) as limit_s,
    sum(count) as calls,
    sum(timed) as timed,
    sum(coalesce(timed - within_limit, 0)) as beyond,
    count(good) as minutes,
    count(*) filter (good) as good_minutes,
    max(p99_s) as worst_p99_s,
    arg_max(bucket_at, (p99_s, bucket_at)) as worst_at,
    max(max_s) as max_s,
    sum(unanswered) as unanswered,
from api_calls_minutely
where limit_s is not null
group by all
order by beyond desc, max(p99_s / limit_s) desc nulls last, calls desc, resource, verb, scope
limit $rows
