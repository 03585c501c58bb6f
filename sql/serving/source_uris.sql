-- Where some source files are.
-- inputs: sources
-- Parameters: $source_ids.
select source_id, uri
from sources
where source_id in (select unnest($source_ids::varchar[]))
