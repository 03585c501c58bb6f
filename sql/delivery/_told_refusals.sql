-- One row per Event object and hour in which a controller says that a create of its was refused and no audit entry shows it: the log leaves such requests out, or there are Events alone.
-- inputs: hyper_events[-1h, +1h], params
with told as (
    select
        cluster, namespace, kind as controller_kind, name as controller_name, uid as controller_uid, actor, count, source_id, source_line,
        said(message) as text,
        if(starts_with(text, 'create Claim '), 'pvc_bind', 'pod_create') as kind,
        nullif(regexp_extract(text, '^create (?:Pod|Claim) (\S+)', 1), '') as name,
        -- What the API server answered follows the controller's own words.
        regexp_replace(text, '^(Error creating: |create (Pod|Claim) .*? failed error: )', '') as refusal,
        split_part(epoch, '/', 2) as event_name,
        "at" - to_microseconds((uncertainty_ms * 1000)::bigint) as received_at, "at" as told_at, at_source,
    from hyper_events
    where operation = 'workload:create_refused' and regexp_matches(said(message), '^(Error creating: |create (Pod|Claim) .* failed error: )')
),
-- An Event's message ends after 1 KiB.
audited as (
    select distinct namespace, left(message, 900) as refusal, "at"
    from hyper_events
    where operation in ('pod:create:refused', 'pvc:create:refused')
),
untold as (
    select told.*, refusal_code(told.refusal) as code, hour_of(told.received_at) as hour_at
    from told
    anti join audited
        on audited.namespace = told.namespace and audited.refusal = left(told.refusal, 900)
        and audited.at >= told.received_at - interval 2 minute and audited.at <= told.told_at
    cross join params
    where told.received_at >= params.from_at and told.received_at < params.to_at
),
folded as (
    select
        cluster, kind, namespace, controller_kind, controller_name, controller_uid, event_name, code, hour_at,
        max(count) - min(count) + 1 as attempts, min(received_at) as first_at, max(told_at) as last_at,
        arg_min(
            struct_pack(name := name, actor := actor, refusal := refusal, at_source := at_source, uncertainty_ms := us_between(received_at, told_at) / 1000.0, source_id := source_id, source_line := source_line),
            (received_at, told_at, count, refusal, source_id, source_line)
        ) as first,
    from untold
    group by all
)
select * exclude (first, first_at), first_at as received_at, unnest(first)
from folded
