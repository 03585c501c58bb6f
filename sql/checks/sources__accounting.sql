-- Every line of a source is accounted for: lines = kept + filtered + duplicates + quarantined.
-- inputs: sources
select source_id, uri, lines, kept, filtered, duplicates, quarantined
from sources
where lines <> kept + filtered + duplicates + quarantined
