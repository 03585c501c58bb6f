-- The records of the user's own logs that kept lines hold.
-- reads: parsed
-- gives: custom_records
select
    line_no,
    records,
    recorded_at,
    ended_at,
    uncertainty_ms,
    kind,
    namespace,
    name,
    uid,
    node,
    pod_ip,
    image,
    container_id,
    join_by,
    texts[1] as key,
    texts[2] as value,
    texts[3] as detail,
    texts[4] as reason,
    texts[5] as message,
    code,
    body
from parsed
where is_kept
