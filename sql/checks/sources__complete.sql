-- Every source was read to its end.
-- inputs: sources
-- severity: warning
select source_id, uri, problem
from sources
where not is_complete
