-- One row per upgrade and changed container: when its new run started and was ready, when it had its new resources, and when all of it was so.
-- inputs: _tracked_pods, _tracked_facts, _container_starts
with wanted as (
    select delivery_id, is_job, change.container as container, bool_or(change.change = 'image') as is_image, bool_or(change.change = 'resources') as is_resources
    from (select delivery_id, coalesce(is_job, false) as is_job, unnest(changed) as change from _tracked_pods where kind = 'pod_upgrade')
    group by all
),
starts as (
    select delivery_id, container, min("at") as "at", arg_min(lower_at, ("at", lower_at)) as lower_at, arg_min(at_source, ("at", lower_at, at_source)) as at_source
    from _container_starts
    group by delivery_id, container
),
ready as (
    select delivery_id, subject as container, min("at") as "at", arg_min(lower_at, ("at", lower_at)) as lower_at
    from _tracked_facts
    where delivery_kind = 'pod_upgrade' and operation = 'container:ready'
    group by delivery_id, subject
),
-- The kubelet says so of the pod; its status shows the new numbers for each container.
resized as (
    select
        wanted.delivery_id, wanted.container, min(facts.at) as "at", arg_min(facts.lower_at, (facts.at, facts.lower_at)) as lower_at, arg_min(facts.at_source, (facts.at, facts.lower_at, facts.at_source)) as at_source,
    from wanted
    inner join _tracked_facts as facts
        on facts.delivery_id = wanted.delivery_id
        and (facts.operation in ('pod:resized', 'event:ResizeCompleted') or (facts.operation = 'resources:actuated' and facts.subject = wanted.container))
    where wanted.is_resources
    group by wanted.delivery_id, wanted.container
),
replaced as (
    select distinct delivery_id, subject as container from _tracked_facts where operation = 'container:terminated' and is_replaced
),
ran as (
    select
        wanted.*,
        case when starts.at is not null then struct_pack("at" := starts.at, lower_at := starts.lower_at, source := starts.at_source) end as started,
        case when ready.at is not null then struct_pack("at" := ready.at, lower_at := ready.lower_at, source := 'container_status') end as ready,
        case when resized.at is not null then struct_pack("at" := resized.at, lower_at := resized.lower_at, source := resized.at_source) end as resized,
        -- New resources need a new run only where the container's resize policy says so.
        wanted.is_image or replaced.container is not null or starts.at <= resized.at as is_rerun,
    from wanted
    left join starts using (delivery_id, container)
    left join ready using (delivery_id, container)
    left join resized using (delivery_id, container)
    left join replaced using (delivery_id, container)
)
select
    * exclude (is_job),
    case
        when coalesce(is_rerun, false) and is_resources and (resized is null or if(is_job, started, ready) is null) then null
        when not coalesce(is_rerun, false) then resized
        when is_resources and resized.at > if(is_job, started, ready).at then resized
        else if(is_job, started, ready)
    end as done,
from ran
