-- One row per tracked delivery of any kind: from when until when it is judged, and how long its containers may take to stop.
-- inputs: _judged_creates, _judged_deletes, _judged_upgrades, _judged_claims
select delivery_id, kind, uid, namespace, name, node, started_at, judged_until_at, grace_period_s, is_undecidable, coalesce(is_static, false) as is_static from _judged_creates
union all by name
select delivery_id, kind, uid, namespace, name, node, started_at, judged_until_at, coalesce(asked_grace_s, grace_period_s) as grace_period_s, is_undecidable, coalesce(is_static, false) as is_static from _judged_deletes
union all by name
select delivery_id, kind, uid, namespace, name, node, started_at, judged_until_at, grace_period_s, is_undecidable, false as is_static from _judged_upgrades
union all by name
select delivery_id, kind, uid, namespace, name, node, started_at, judged_until_at, is_undecidable, false as is_static from _judged_claims
