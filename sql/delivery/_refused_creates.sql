-- One row per refused create: the repeats of one owner (or of one user and name) with one answer in one hour are one delivery. What no audit entry shows, the controllers' Events tell.
-- inputs: audit_events[0h, +1h], _told_refusals, _owners, diagnosis_yields, error_codes, params
with audited as (
    select
        audit_events.cluster, if(resource = 'pods', 'pod_create', 'pvc_bind') as kind, namespace, name, code, status_reason, status_message, coalesce(impersonated_user, "user") as "user", coalesce(received_at, stage_at) as received_at, stage_at, source_id, source_line,
        split_part(user_agent, ' ', 1) as actor,
        from_json(request_body, '{
            "metadata": {"name": "VARCHAR", "generateName": "VARCHAR", "labels": "JSON", "ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]},
            "spec": {
                "restartPolicy": "VARCHAR", "schedulerName": "VARCHAR", "serviceAccountName": "VARCHAR", "storageClassName": "VARCHAR",
                "containers": [{"image": "VARCHAR"}], "initContainers": [{"image": "VARCHAR"}]
            }
        }') as pod,
    from audit_events, params
    where resource in ('pods', 'persistentvolumeclaims') and subresource is null and verb = 'create' and (stage in ('ResponseComplete', 'Panic') or (stage = 'ResponseStarted' and code = 401)) and not is_dry_run and code >= 300
    -- What arrived in the last second of an hour is answered in the next.
    and coalesce(received_at, stage_at) >= params.from_at and coalesce(received_at, stage_at) < params.to_at
    qualify row_number() over (partition by audit_id, stage, stage_at, request_uri order by source_id, source_line) = 1
),
attempts as (
    select
        * exclude (pod), pod, list_filter(coalesce(pod.metadata.ownerReferences, []), lambda o: o.controller)[1] as owner,
        coalesce(pod.metadata.name, name) as pod_name, pod.metadata.generateName as generate_name, 'audit' as started_source, 'audit' as told_by, 1 as attempts,
        greatest(0, (epoch_us(stage_at) - epoch_us(received_at)) / 1000.0) as uncertainty_ms,
    from audited
    union all by name
    select
        cluster, kind, namespace, code, refusal as status_message, received_at, last_at as stage_at, source_id, source_line, actor, name as pod_name,
        {'kind': controller_kind, 'name': controller_name, 'uid': coalesce(controller_uid, concat_ws('/', controller_kind, controller_name)), 'controller': true} as owner,
        at_source as started_source, 'event' as told_by, attempts, uncertainty_ms,
    from _told_refusals
),
shapes as (
    select distinct code, status_reason, status_message, actor from attempts
),
coded as (
    select
        shapes.*, rules.rule, yields.error_code,
        nullif(coalesce(diagnosis_extract(rules.rule, shapes.status_message), fill_template(yields.detail, null, null, shapes.status_reason, shapes.code)), '') as error_detail,
        coalesce(yields.fault, codes.fault) as fault, codes.advice,
    from shapes
    cross join lateral (select diagnosis_rule('pod:create:refused', null, null, shapes.status_reason, shapes.status_message, shapes.code, shapes.actor) as rule) as rules
    inner join diagnosis_yields as yields on yields.rule = rules.rule
    inner join error_codes as codes on codes.error_code = yields.error_code
),
keyed as (
    select
        attempts.*, coded.rule, coded.error_code, coded.error_detail, coded.fault, coded.advice,
        hour_of(received_at) as hour_at,
        -- Generated names differ with each attempt: the owner, or the name that was asked for, says what is repeated.
        coalesce(owner.uid, concat_ws('/', "user", coalesce(pod.metadata.name, generate_name, name))) as repeat_key,
    from attempts
    inner join coded
        on attempts.code = coded.code and attempts.status_reason is not distinct from coded.status_reason
        and attempts.status_message is not distinct from coded.status_message and attempts.actor is not distinct from coded.actor
),
-- Of an owner whose refusals the audit log shows, Events have nothing to add.
counted as (
    select * from keyed where told_by = 'audit'
    union all
    select *
    from (from keyed where told_by = 'event') as told
    anti join (select kind, repeat_key, error_code, hour_at from keyed where told_by = 'audit') as shown using (kind, repeat_key, error_code, hour_at)
),
folded as (
    select
        cluster, kind, namespace, repeat_key, code, error_code, hour_at, told_by, sum(attempts)::bigint as attempts,
        min(received_at) as started_at, max(stage_at) as last_at,
        arg_min(
            struct_pack(
                name := pod_name, controller := owner, pod := pod, "user" := "user", actor := actor, rule := rule, error_detail := error_detail, fault := fault, advice := advice,
                message := status_message, started_source := started_source, uncertainty_ms := uncertainty_ms, source_id := source_id, source_line := source_line
            ),
            (received_at, stage_at, pod_name, status_message, source_id, source_line)
        ) as first,
    from counted
    group by all
)
select
    folded.* exclude (first, hour_at, told_by),
    md5(concat_ws('|', folded.cluster, folded.kind, folded.namespace, repeat_key, code, error_code, epoch_us(hour_at))) as delivery_id,
    case when first.controller is null then first.name end as name,
    coalesce(owners.owner_kind, owner_by_hash(first.controller.kind, first.controller.name, first.pod.metadata.labels).kind, first.controller.kind) as owner_kind,
    coalesce(owners.owner_name, owner_by_hash(first.controller.kind, first.controller.name, first.pod.metadata.labels).name, first.controller.name) as owner_name,
    first.controller.kind as controller_kind, first.controller.name as controller_name, first.controller.uid as controller_uid,
    distinct_in_order(list_transform(coalesce(first.pod.spec.initContainers, []), lambda c: c.image) || list_transform(coalesce(first.pod.spec.containers, []), lambda c: c.image)) as images,
    case when folded.kind = 'pod_create' then if(told_by = 'event', first.controller.kind = 'Job', coalesce(first.pod.spec.restartPolicy, 'Always') <> 'Always') end as is_job, first.pod.spec.storageClassName as storage_class,
    first.pod.spec.schedulerName as scheduler_name, first.pod.spec.serviceAccountName as service_account,
    first.user as "user", first.actor as component, first.rule as rule, first.error_detail as error_detail, first.fault as fault, first.advice as advice, first.message as message,
    first.uncertainty_ms as started_uncertainty_ms, first.started_source as started_source, if(told_by = 'event', 'workload:create_refused', if(folded.kind = 'pod_create', 'pod:create:refused', 'pvc:create:refused')) as evidence_operation, first.source_id as source_id, first.source_line as source_line,
from folded
left join _owners as owners on owners.uid = first.controller.uid
