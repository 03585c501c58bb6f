-- The rows of GKE's log entries without what `gke_entries` had to make up.
-- reads: parsed
-- gives: parsed
select * replace (null::varchar as logged_request_uri, nullif(verb, 'unknown') as verb)
from parsed
