-- One row per refused create: the repeats of one owner (or of one user and name) with one answer in one hour are one delivery.
-- inputs: audit_events[0h, +1h], _owners, diagnosis_yields, error_codes, params
with attempts as (
    select
        audit_events.cluster, if(resource = 'pods', 'pod_create', 'pvc_bind') as kind, namespace, name, code, status_reason, status_message, coalesce(impersonated_user, "user") as "user", coalesce(received_at, stage_at) as received_at, stage_at, source_id, source_line,
        regexp_extract(user_agent, '^[^ ]+') as actor,
        from_json(request_body, '{
            "metadata": {"name": "VARCHAR", "generateName": "VARCHAR", "ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]},
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
owned as (
    select
        attempts.*, coded.rule, coded.error_code, coded.error_detail, coded.fault, coded.advice,
        list_filter(coalesce(pod.metadata.ownerReferences, []), lambda o: o.controller)[1] as controller,
        date_trunc('hour', received_at) as hour_at,
    from attempts
    inner join coded
        on attempts.code = coded.code and attempts.status_reason is not distinct from coded.status_reason
        and attempts.status_message is not distinct from coded.status_message and attempts.actor is not distinct from coded.actor
),
keyed as (
    select
        *,
        -- Generated names differ with each attempt: the owner, or the name that was asked for, says what is repeated.
        coalesce(controller.uid, concat_ws('/', "user", coalesce(pod.metadata.name, pod.metadata.generateName, name))) as repeat_key,
    from owned
),
folded as (
    select
        cluster, kind, namespace, repeat_key, code, error_code, hour_at, count(*) as attempts,
        min(received_at) as started_at, max(stage_at) as last_at,
        arg_min(
            struct_pack(
                name := coalesce(pod.metadata.name, name), controller := controller, pod := pod, "user" := "user", actor := actor, rule := rule, error_detail := error_detail, fault := fault, advice := advice,
                message := status_message, uncertainty_ms := greatest(0, (epoch_us(stage_at) - epoch_us(received_at)) / 1000.0), source_id := source_id, source_line := source_line
            ),
            (received_at, stage_at, pod.metadata.name, status_message, source_id, source_line)
        ) as first,
    from keyed
    group by cluster, kind, namespace, repeat_key, code, error_code, hour_at
)
select
    folded.* exclude (first, hour_at),
    md5(concat_ws('|', folded.cluster, folded.kind, folded.namespace, repeat_key, code, error_code, epoch_us(hour_at))) as delivery_id,
    case when first.controller is null then first.name end as name,
    coalesce(owners.owner_kind, first.controller.kind) as owner_kind, coalesce(owners.owner_name, first.controller.name) as owner_name,
    first.controller.kind as controller_kind, first.controller.name as controller_name, first.controller.uid as controller_uid,
    distinct_in_order(list_transform(coalesce(first.pod.spec.initContainers, []), lambda c: c.image) || list_transform(coalesce(first.pod.spec.containers, []), lambda c: c.image)) as images,
    case when folded.kind = 'pod_create' then coalesce(first.pod.spec.restartPolicy, 'Always') <> 'Always' end as is_job, first.pod.spec.storageClassName as storage_class,
    first.pod.spec.schedulerName as scheduler_name, first.pod.spec.serviceAccountName as service_account,
    first.user as "user", first.actor as component, first.rule as rule, first.error_detail as error_detail, first.fault as fault, first.advice as advice, first.message as message,
    first.uncertainty_ms as started_uncertainty_ms, first.source_id as source_id, first.source_line as source_line,
from folded
left join _owners as owners on owners.uid = first.controller.uid
