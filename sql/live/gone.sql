-- Objects that live sources showed last as being there, and that a whole List of their kind (and namespace) does not hold any more.
-- reads: objects (rows of live sources), listed (uid: what the List holds), variables kind, namespace (null for all) and listed_at
with last as (
    select uid, arg_max(struct_pack(is_deleted, source_id, source_line, item), (observed_at, resource_version, is_deleted)) as row
    from objects
    where
        kind = getvariable('kind') and observed_at < getvariable('listed_at')
        and (getvariable('namespace') is null or namespace = getvariable('namespace'))
    group by uid
)

select last.row.source_id as source_id, last.row.source_line as source_line, last.row.item as item
from last
anti join listed using (uid)
where not last.row.is_deleted
order by source_id, source_line, item
