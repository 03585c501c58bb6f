-- One row per tracked claim: when it was bound, what the objective says, and until when it is judged.
-- inputs: _tracked_claims, _claim_facts, _holes, objective_limits
with limits as (
    select kind, namespace, workload_kind, max(limit_s) as limit_s from objective_limits where objective = 'wall' group by kind, namespace, workload_kind
),
-- The binder's annotation and the phase say the same: whichever comes first.
milestones as (
    select
        delivery_id,
        min("at") filter (operation = 'pvc:bound') as bound_at,
        arg_min(lower_at, ("at", lower_at)) filter (operation = 'pvc:bound') as bound_lower_at,
        arg_min(at_source, ("at", at_source)) filter (operation = 'pvc:bound') as bound_source,
        arg_min(subject, ("at", subject)) filter (operation = 'pvc:bound') as volume,
        arg_min(subject, ("at", subject)) filter (operation = 'pvc:node_selected') as node,
        min("at") filter (operation = 'pvc:delete:accepted') as delete_accepted_at,
        min(lower_at) filter (operation = 'pvc:delete:seen') as delete_seen_at,
        max(last_at) filter (operation like 'event:%') as told_at,
    from _claim_facts
    group by delivery_id
),
timed as (
    select
        claims.*, milestones.node, milestones.volume, milestones.told_at,
        case when milestones.bound_at is not null then struct_pack(
            "at" := milestones.bound_at,
            -- While somebody is not heard, it may have been bound before that showed.
            uncertainty_ms := us_between(
                least(
                    milestones.bound_lower_at, milestones.bound_at,
                    case when exists (from _holes as holes where holes.from_at < milestones.bound_at and holes.to_at > claims.started_at) then claims.started_at end
                ),
                milestones.bound_at
            ) / 1000.0, source := milestones.bound_source) end as bound,
        case
            when milestones.delete_accepted_at is not null then struct_pack("at" := milestones.delete_accepted_at, uncertainty_ms := 0.0, source := 'audit')
            when milestones.delete_seen_at is not null then struct_pack("at" := milestones.delete_seen_at, uncertainty_ms := 1000.0, source := 'object')
        end as deleted,
        coalesce(overrides.limit_s, of_workload.limit_s, limits.limit_s) as wall_limit_s,
    from _tracked_claims as claims
    inner join limits on limits.kind = claims.kind and limits.namespace is null and limits.workload_kind is null
    left join limits as of_workload on of_workload.kind = claims.kind and of_workload.workload_kind = workload_kind_of(claims.kind, claims.owner_kind)
    left join limits as overrides on overrides.kind = claims.kind and overrides.namespace = claims.namespace
    left join milestones using (delivery_id)
),
arrived as (
    select
        *,
        case when bound.at < coalesce(deleted.at, 'infinity') and bound.at <= window_end_at then bound.at end as delivered_at,
        started_at + to_microseconds((wall_limit_s * 1e6)::bigint) as wall_deadline_at,
    from timed
),
ended as (
    select *, case when deleted.at <= window_end_at and delivered_at is null then deleted.at end as killed_at
    from arrived
),
walled as (
    select
        * replace (
            -- Who binds it may not be in the log.
            is_unseen or (coalesce(told_at < least(coalesce(killed_at, 'infinity'), wall_deadline_at), true) and exists (from _holes as holes where holes.from_at < least(coalesce(ended.killed_at, 'infinity'), ended.wall_deadline_at) and holes.to_at > ended.started_at)) as is_unseen
        ),
        least(coalesce(delivered_at, 'infinity'), coalesce(killed_at, 'infinity'), least(wall_deadline_at, window_end_at)) as wall_end_at,
        coalesce(delivered_at, least(coalesce(killed_at, 'infinity'), window_end_at, watermark_at)) as judged_until_at,
    from ended
)
select
    * exclude (wall_end_at, told_at),
    is_unseen and delivered_at is null as is_undecidable,
    verdict_at(wall_end_at, watermark_at, delivered_at, killed_at, is_unseen and delivered_at is null) as wall_verdict,
    case when wall_end_at <= watermark_at then wall_end_at end as wall_decided_at,
from walled
