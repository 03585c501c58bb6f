-- The deliveries that match, by as few columns as there are values given.
-- inputs: deliveries
-- Parameters: $uid (or a delivery's id), $name (a part of it; names of Kubernetes are in lower case), $namespace, $node, $image (a part of it), $owner, $code,
-- $kind, $state, $fault; those that are null ask for nothing.
select delivery_id, started_at
from deliveries
where
    ($uid::varchar is null or uid = $uid or delivery_id = $uid)
    and ($name::varchar is null or contains(name, lower($name)))
    and ($namespace::varchar is null or namespace = $namespace)
    and ($node::varchar is null or node = $node)
    and ($image::varchar is null or len(list_filter(images, lambda image: contains(image, $image))) > 0)
    and ($owner::varchar is null or owner_name = $owner or concat_ws('/', owner_kind, owner_name) = $owner)
    and ($code::varchar is null or error_code = $code)
    and ($kind::varchar is null or kind = $kind)
    and ($state::varchar is null or state = $state)
    and ($fault::varchar is null or fault = $fault)
