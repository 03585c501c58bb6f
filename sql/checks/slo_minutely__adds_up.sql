-- success + fail + kill + pending = total, and fails by fault add up to all fails; benign fails are in the total only.
-- inputs: slo_minutely, verdicts
with benign as (
    select
        date_trunc('minute', delivery_started_at) as bucket_at, kind, objective, 'cluster' as scope, cluster as scope_value,
        count(*) as benign,
    from verdicts
    where verdict = 'FAIL' and error_code = 'NamespaceTerminating'
    group by all
)
select bucket_at, kind, objective, scope, scope_value, total, success, fail, kill, pending, fail_platform, fail_capacity, fail_user, fail_unknown
from slo_minutely
left join benign using (bucket_at, kind, objective, scope, scope_value)
where
    fail <> fail_platform + fail_capacity + fail_user + fail_unknown
    or success + fail + kill + pending > total
    or (scope = 'cluster' and success + fail + kill + pending + coalesce(benign, 0) <> total)
