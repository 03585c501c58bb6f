-- One row per delivery: whether a later watermark may still change it, and the last instant that it depends on.
-- inputs: _judged_creates, _judged_deletes, _judged_upgrades, _judged_claims, _refused_creates, _startups
select
    creates.delivery_id,
    wall_verdict = 'PENDING'
        or (is_undecidable and creates.watermark_at < creates.window_end_at)
        or (delivered_at is null and creates.failed_at is null and creates.killed_at is null and creates.watermark_at < creates.window_end_at)
        or (delivered_at is not null and settled is null and not (is_state_unseen and creates.watermark_at >= creates.window_end_at))
        -- The API may show the start after all.
        or (startups.shown_at is null and startups.failed_at is null and startups.killed_at is null and creates.watermark_at < creates.window_end_at) as _is_open,
    greatest(judged_until_at, evidence_until_at, coalesce(wall_decided_at, judged_until_at), startups.until_at) as _reach_at,
from _judged_creates as creates
left join _startups as startups on startups.delivery_id = creates.delivery_id
union all
select
    delivery_id,
    wall_verdict = 'PENDING'
        or (is_undecidable and watermark_at < window_end_at)
        or (delivered_at is null and failed_at is null and killed_at is null and watermark_at < window_end_at)
        or (delivered_at is not null and settled is null and not (is_state_unseen and watermark_at >= window_end_at)),
    greatest(judged_until_at, evidence_until_at, coalesce(wall_decided_at, judged_until_at)),
from _judged_upgrades
union all
select delivery_id, wall_verdict = 'PENDING' or (is_undecidable and watermark_at < window_end_at), greatest(judged_until_at, coalesce(wall_decided_at, judged_until_at))
from _judged_claims
union all
select delivery_id, delivered_at is null and watermark_at < window_end_at, judged_until_at
from _judged_deletes
union all
select delivery_id, false, last_at
from _refused_creates
