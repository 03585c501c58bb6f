-- Verdicts per day, kind, objective and scope: the sums of the day's hours, with good minutes, error budget and burn rates.
-- grain: day
-- inputs: slo_hourly[0h, 0h], slo_minutely[-72h, 0h], objectives, _verdict_counts
--
-- Rules of the user come first and win.
with targets as (
    select kind, objective, cast(arg_min(target, rowid) as double) as target
    from objectives
    group by all
),
summed as (
    select
        cluster, date_trunc('day', bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(total) as total,
        sum(success) as success,
        sum(fail) as fail,
        sum(kill) as kill,
        sum(pending) as pending,
        sum(unsettled) as unsettled,
        sum(fail_platform) as fail_platform,
        sum(fail_capacity) as fail_capacity,
        sum(fail_user) as fail_user,
        sum(fail_unknown) as fail_unknown,
    from slo_hourly
    group by all
),
-- An hour names only its five most frequent errors, so the day's are counted anew.
per_code as (
    select cluster, date_trunc('day', bucket_at) as bucket_at, kind, objective, scope, scope_value, error_code, sum(deliveries) as fail
    from _verdict_counts
    where verdict = 'FAIL' and error_code is not null
    group by all
),
errors as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value,
        list(error_code || '=' || fail order by fail desc, error_code)[1:5] as top_errors,
    from per_code
    group by all
),
decided_minutes as (
    select cluster, bucket_at as minute_at, kind, objective, scope, scope_value, success_rate, fail, success + fail as decided
    from slo_minutely
    where success + fail > 0
),
good as (
    select
        cluster, date_trunc('day', minute_at) as bucket_at, kind, objective, scope, scope_value,
        count(*) as minutes,
        count(*) filter (success_rate >= target) as good_minutes,
    from decided_minutes
    left join targets using (kind, objective)
    group by all
),
-- A day that the log has not yet seen to its end ends at the watermark.
days as (
    select
        unnest(generate_series(from_at, to_at - interval 1 day, interval 1 day)) as bucket_at,
        least(bucket_at + interval 1 day, date_trunc('minute', watermark_at + interval 1 minute - interval 1 microsecond)) as ends_at,
    from params
),
windows as (
    select decided_minutes.*, days.bucket_at, days.ends_at
    from decided_minutes
    join days on minute_at >= ends_at - interval 3 day and minute_at < ends_at
),
burnt as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value,
        sum(fail) filter (minute_at >= ends_at - interval 5 minute) / sum(decided) filter (minute_at >= ends_at - interval 5 minute) as errors_5m,
        sum(fail) filter (minute_at >= ends_at - interval 30 minute) / sum(decided) filter (minute_at >= ends_at - interval 30 minute) as errors_30m,
        sum(fail) filter (minute_at >= ends_at - interval 1 hour) / sum(decided) filter (minute_at >= ends_at - interval 1 hour) as errors_1h,
        sum(fail) filter (minute_at >= ends_at - interval 2 hour) / sum(decided) filter (minute_at >= ends_at - interval 2 hour) as errors_2h,
        sum(fail) filter (minute_at >= ends_at - interval 6 hour) / sum(decided) filter (minute_at >= ends_at - interval 6 hour) as errors_6h,
        sum(fail) filter (minute_at >= ends_at - interval 1 day) / sum(decided) filter (minute_at >= ends_at - interval 1 day) as errors_1d,
        sum(fail) / sum(decided) as errors_3d,
    from windows
    group by all
),
rated as (
    select
        summed.*,
        success / nullif(success + fail, 0) as success_rate,
        success / nullif(success + fail - fail_user, 0) as platform_success_rate,
        coalesce(top_errors, []) as top_errors,
        coalesce(good_minutes, 0) as good_minutes,
        coalesce(minutes, 0) as minutes,
        -- Rounded, because 1 - 0.999 is not 0.001 in binary. A target of 1 allows nothing: no multiple of it exists.
        nullif(round(1 - target, 12), 0) as allowed,
        errors_5m, errors_30m, errors_1h, errors_2h, errors_6h, errors_1d, errors_3d,
    from summed
    left join errors using (cluster, bucket_at, kind, objective, scope, scope_value)
    left join good using (cluster, bucket_at, kind, objective, scope, scope_value)
    left join burnt using (cluster, bucket_at, kind, objective, scope, scope_value)
    left join targets using (kind, objective)
)
select
    * exclude (allowed, errors_5m, errors_30m, errors_1h, errors_2h, errors_6h, errors_1d, errors_3d),
    1 - fail / nullif(success + fail, 0) / allowed as budget_left,
    errors_5m / allowed as burn_rate_5m,
    errors_30m / allowed as burn_rate_30m,
    errors_1h / allowed as burn_rate_1h,
    errors_2h / allowed as burn_rate_2h,
    errors_6h / allowed as burn_rate_6h,
    errors_1d / allowed as burn_rate_1d,
    errors_3d / allowed as burn_rate_3d,
from rated
