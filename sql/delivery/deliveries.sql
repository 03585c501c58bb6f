-- One row per delivery: creates, deletes, upgrades in place, claims and refused creates, with their milestones, their outcome and their diagnosis.
-- grain: hour
-- inputs: _judged_creates, _judged_deletes, _judged_upgrades, _judged_claims, _refused_creates, _nodes, _owner_segments, _phases, _startups, _windows, verdicts, diagnoses, params
with creates as (
    select
        * exclude (kind, bound, kubelet_ack, sandbox_ready, initialized, containers_started, containers_ready, ready, deleted, gone, failed, succeeded),
        'pod_create' as kind, bound, kubelet_ack, sandbox_ready, initialized, containers_started, ready, deleted, gone,
        1 as attempts,
        case when is_undecidable then 'pending' when delivered_at is not null then 'delivered' when wall_verdict = 'KILL' then 'killed' when wall_verdict = 'FAIL' then 'failed' else 'pending' end as state,
        case when not is_undecidable then coalesce(delivered_at, failed_at, killed_at, case when window_end_at <= watermark_at then window_end_at end) end as ended_at,
        case when delivered_at > wall_deadline_at then delivered_at end as late_ready_at,
    from _judged_creates
),
deletes as (
    select
        * exclude (kind, bound, kubelet_ack, sandbox_ready, initialized, containers_started, containers_ready, ready, deleted, gone, failed, succeeded),
        'pod_delete' as kind, bound, kubelet_ack, sandbox_ready, initialized, containers_started, ready,
        struct_pack("at" := started_at, uncertainty_ms := started_uncertainty_ms, source := started_source) as deleted, gone,
        1 as attempts,
        case when delivered_at is not null then 'delivered' when window_end_at <= watermark_at and not is_undecidable then 'failed' else 'pending' end as state,
        coalesce(delivered_at, case when window_end_at <= watermark_at and not is_undecidable then window_end_at end) as ended_at,
        null::timestamptz as late_ready_at, null::boolean as settled,
    from _judged_deletes
),
upgrades as (
    select
        cluster, delivery_id, kind, uid, namespace, name, node, owner_kind, owner_name, controller_kind, controller_name, controller_uid, images, restart_policy, scheduler_name, service_account, runtime_class, priority,
        cpu_request_cores, memory_request_bytes, container_count, init_container_count, volume_count, is_job, is_static, is_daemon, stateful, revision, size_class,
        left_censored, 1 as attempts, changes, changed_containers, started_at, started_uncertainty_ms, started_source, kubelet_ack, containers_started, ready, deleted, gone, settled, delivered_at, judged_until_at, watermark_at, "user",
        is_undecidable,
        case when is_undecidable then 'pending' when delivered_at is not null then 'delivered' when wall_verdict = 'KILL' then 'killed' when wall_verdict = 'FAIL' then 'failed' else 'pending' end as state,
        case when not is_undecidable then coalesce(delivered_at, failed_at, killed_at, case when window_end_at <= watermark_at then window_end_at end) end as ended_at,
    from _judged_upgrades
),
claims as (
    select
        cluster, delivery_id, kind, uid, namespace, name, node, owner_kind, owner_name, controller_kind, controller_name, controller_uid, storage_class, volume,
        left_censored, is_undecidable, 1 as attempts, started_at, started_uncertainty_ms, started_source, bound, deleted, delivered_at, judged_until_at, watermark_at, "user",
        case when is_undecidable then 'pending' when delivered_at is not null then 'delivered' when wall_verdict = 'KILL' then 'killed' when wall_verdict = 'FAIL' then 'failed' else 'pending' end as state,
        case when not is_undecidable then coalesce(delivered_at, killed_at, case when window_end_at <= watermark_at then window_end_at end) end as ended_at,
    from _judged_claims
),
refused as (
    select
        cluster, delivery_id, kind, null as uid, storage_class, namespace, name, owner_kind, owner_name, controller_kind, controller_name, controller_uid, images, is_job, scheduler_name, service_account,
        false as left_censored, false as is_undecidable, attempts, 'failed' as state, started_at, started_uncertainty_ms, started_source, started_at as ended_at, started_at as judged_until_at, "user", code,
    from _refused_creates
),
all_deliveries as (
    select * from creates
    union all by name select * from deletes
    union all by name select * from upgrades
    union all by name select * from claims
    union all by name select * from refused
),
owner_time as (
    select
        delivery_id,
        sum(duration_us) filter (owner = 'platform') / 1e6 as platform_s,
        sum(duration_us) filter (owner = 'user') / 1e6 as user_s,
        sum(duration_us) filter (owner = 'queue') / 1e6 as queue_s,
    from _owner_segments
    group by delivery_id
),
skewed as (
    select delivery_id, bool_or(is_clock_skewed) as is_clock_skewed from _phases group by delivery_id
),
-- The node as it was in the delivery's hour, or as soon as it was seen.
hosted as (
    select delivery_id, coalesce(node, bound_node) as node, hour_of(started_at) as hour_at from all_deliveries
),
placed_before as (
    select hosted.delivery_id, nodes.zone, nodes.node_pool, nodes.kubelet_version
    from hosted
    asof join _nodes as nodes on nodes.node = hosted.node and hosted.hour_at >= nodes.hour_at
    where nodes.hour_at >= hosted.hour_at - interval 168 hour
),
placed_after as (
    select hosted.delivery_id, nodes.zone, nodes.node_pool, nodes.kubelet_version
    from hosted
    asof join _nodes as nodes on nodes.node = hosted.node and hosted.hour_at <= nodes.hour_at
    where nodes.hour_at <= hosted.hour_at + interval 2 hour
),
placed as (
    select * from placed_before
    union all
    select * from placed_after anti join placed_before using (delivery_id)
),
-- The error of the first verdict that is no success; else what unsettled the delivery, or what made it slow. What was so after the five seconds
-- of `sig_startup` does not say what became of a delivery.
first_failures as (
    select delivery_id, arg_min(objective, (decided_at, objective)) as objective
    from verdicts
    where verdict in ('FAIL', 'KILL') and objective <> 'sig_startup'
    group by delivery_id
),
explained as (
    select
        deliveries.delivery_id,
        coalesce(failed.error_code, final.error_code) as error_code,
        case when failed.error_code is not null then failed.error_detail else final.error_detail end as error_detail,
        case when failed.error_code is not null then failed.fault else final.fault end as fault,
        case when failed.error_code is not null then failed.component else final.component end as component,
        case when failed.error_code is not null then failed.message else final.message end as message,
    from all_deliveries as deliveries
    left join first_failures on first_failures.delivery_id = deliveries.delivery_id
    left join diagnoses as failed on failed.delivery_id = deliveries.delivery_id and failed.moment = first_failures.objective
    left join diagnoses as final on final.delivery_id = deliveries.delivery_id and final.moment = 'final'
)
select
    params.cluster, deliveries.delivery_id, deliveries.kind, deliveries.uid, deliveries.namespace, deliveries.name, coalesce(deliveries.node, deliveries.bound_node) as node,
    owner_kind, owner_name, controller_kind, controller_name, controller_uid, images, restart_policy, scheduler_name, service_account, runtime_class, priority,
    cpu_request_cores, memory_request_bytes, container_count, init_container_count, volume_count, is_job, is_static, is_daemon, stateful, revision, size_class,
    changes, changed_containers, storage_class, volume,
    placed.zone, placed.node_pool, placed.kubelet_version,
    left_censored, attempts, state, settled,
    deliveries.started_at, started_uncertainty_ms, started_source,
    bound.at as bound_at, bound.uncertainty_ms as bound_uncertainty_ms, bound.source as bound_source,
    kubelet_ack.at as kubelet_ack_at, kubelet_ack.uncertainty_ms as kubelet_ack_uncertainty_ms, kubelet_ack.source as kubelet_ack_source,
    sandbox_ready.at as sandbox_ready_at, sandbox_ready.uncertainty_ms as sandbox_ready_uncertainty_ms, sandbox_ready.source as sandbox_ready_source,
    initialized.at as initialized_at, initialized.uncertainty_ms as initialized_uncertainty_ms, initialized.source as initialized_source,
    containers_started.at as containers_started_at, containers_started.uncertainty_ms as containers_started_uncertainty_ms, containers_started.source as containers_started_source,
    ready.at as ready_at, ready.uncertainty_ms as ready_uncertainty_ms, ready.source as ready_source,
    late_ready_at,
    deleted.at as deleted_at, deleted.uncertainty_ms as deleted_uncertainty_ms, deleted.source as deleted_source,
    gone.at as gone_at, gone.uncertainty_ms as gone_uncertainty_ms, gone.source as gone_source,
    delivered_at, ended_at, judged_until_at,
    case when not is_undecidable then seconds_between(deliveries.started_at, judged_until_at) end as total_s,
    case when not is_undecidable then coalesce(owner_time.platform_s, 0) end as platform_s,
    case when not is_undecidable then coalesce(owner_time.user_s, 0) end as user_s,
    case when not is_undecidable then coalesce(owner_time.queue_s, 0) end as queue_s,
    startups.shown_at as containers_shown_at, case when startups.shown_at is not null and not startups.hides_pulls and not deliveries.left_censored then startups.counted_us / 1e6 end as startup_s,
    coalesce(skewed.is_clock_skewed, false) as is_clock_skewed,
    explained.error_code, explained.error_detail, explained.fault, explained.component, explained.message,
    deliveries.user, deliveries.code, windows._is_open, windows._reach_at,
from all_deliveries as deliveries
cross join params
left join placed on placed.delivery_id = deliveries.delivery_id
left join owner_time on owner_time.delivery_id = deliveries.delivery_id
left join (select delivery_id, shown_at, hides_pulls, counted_us from _startups) as startups on startups.delivery_id = deliveries.delivery_id
left join skewed on skewed.delivery_id = deliveries.delivery_id
left join explained on explained.delivery_id = deliveries.delivery_id
left join _windows as windows on windows.delivery_id = deliveries.delivery_id
