-- The most frequent requests.
-- inputs: audit_events
select
    verb, concat_ws('/', resource, subresource) as resource, count(*) as requests,
    count(*) filter (code >= 400) as refused, count(*) filter (is_truncated) as truncated,
from audit_events
group by all
order by requests desc, verb, resource
limit 15
