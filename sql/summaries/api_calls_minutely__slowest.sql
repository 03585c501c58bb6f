-- The kinds of API call that took longest.
-- inputs: api_calls_minutely
select
    concat_ws('/', concat_ws('.', resource, api_group), subresource) as resource, verb, scope,
    sum(count) as calls, count(*) filter (good) || ' of ' || count(good) as good_minutes, round(max(p99_s), 3) as worst_p99_s, any_value(limit_s) as limit_s,
from api_calls_minutely
group by all
order by worst_p99_s desc nulls last, calls desc, resource, verb, scope
limit 10
