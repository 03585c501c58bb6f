-- Verdicts per minute of some hours, with both rates; API calls too.
-- inputs: slo_minutely, _calls
-- Parameters: $from_at, $to_at (exclusive).
with minutes as (
    select bucket_at, kind, objective, total, success, fail, kill, pending, unsettled, fail_platform, fail_capacity, fail_user, fail_unknown
    from slo_minutely
    where scope = 'cluster'
    union all by name
    select * exclude (cluster, is_good) from _calls
)
select
    *,
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
from minutes
where bucket_at >= $from_at::timestamptz and bucket_at < $to_at::timestamptz
order by bucket_at, kind, objective
