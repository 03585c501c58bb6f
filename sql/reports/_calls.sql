-- API calls that something is promised for, per minute and objective of a whole cluster.
-- inputs: api_calls_minutely
select
    cluster, bucket_at, 'api_call' as kind, case when verb in ('get', 'list') then 'read' else 'mutating' end as objective,
    sum(count) as total, sum(coalesce(within_limit, 0)) as success, sum(coalesce(timed - within_limit, 0)) as fail, 0 as kill, 0 as pending, 0 as unsettled,
    sum(coalesce(timed - within_limit, 0)) as fail_platform, 0 as fail_capacity, 0 as fail_user, 0 as fail_unknown,
    bool_and(good) as is_good,
from api_calls_minutely
where limit_s is not null and count > 0
group by all
