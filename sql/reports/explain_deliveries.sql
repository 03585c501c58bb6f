-- The deliveries of one object, by its UID or its name, oldest first.
-- inputs: _judged
-- Parameters: $uid, $namespace, $object_name; those that are null ask for nothing.
select *
from _judged
where uid = $uid or delivery_id = $uid or (name = $object_name and ($namespace::varchar is null or namespace = $namespace))
order by started_at, kind, delivery_id
