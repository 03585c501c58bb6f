-- The deliveries of one object, by its UID or its name, oldest first.
-- inputs: _judged
-- Parameters: $uid, $namespace, $object_name, $kinds (how the kinds begin); those that are null ask for nothing.
select *
from _judged
where
    (uid = $uid or delivery_id = $uid or (name = $object_name and ($namespace::varchar is null or namespace = $namespace)))
    and ($kinds::varchar is null or starts_with(kind, $kinds))
order by started_at, kind, delivery_id
