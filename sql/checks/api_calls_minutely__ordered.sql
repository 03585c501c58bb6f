-- p50 <= p99 <= max, and a minute is good exactly if its p99 is within the limit.
-- inputs: api_calls_minutely
select bucket_at, resource, subresource, verb, scope, count, timed, p50_s, p99_s, max_s, limit_s, good
from api_calls_minutely
where
    p50_s > p99_s or p99_s > max_s or timed > count
    or good is distinct from (p99_s <= limit_s)
    or (timed = 0) <> (p99_s is null)
