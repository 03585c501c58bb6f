-- Verdicts per minute of some hours, with both rates.
-- inputs: slo_minutely
-- Parameters: $from_at, $to_at (exclusive).
select
    bucket_at, kind, objective,
    total, success, fail, kill, pending, unsettled, fail_platform, fail_capacity, fail_user, fail_unknown, success_rate, platform_success_rate,
from slo_minutely
where scope = 'cluster' and bucket_at >= $from_at::timestamptz and bucket_at < $to_at::timestamptz
order by bucket_at, kind, objective
