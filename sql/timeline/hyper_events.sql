-- One row per fact about one object at one moment; the rules name it, and sightings of the same fact are merged.
-- grain: hour
-- inputs: _pod_facts, _container_facts, _spec_changes, _resize_facts, _request_facts, _event_facts, _node_facts, _workload_facts, _custom_facts, _asked_requests, _body_facts, _identities, _requested_pods, pods[-168h, +1h], hyper_event_yields
-- The facts are read where they lie each time that a step needs them, by the columns that it needs: they are many and wide.
with facts as not materialized (
    select * from _pod_facts
    union all by name select * from _container_facts
    union all by name select * from _spec_changes
    union all by name select * from _resize_facts
    union all by name select * from _request_facts
    union all by name select * from _event_facts
    union all by name select * from _node_facts
    union all by name select * from _workload_facts
    union all by name select * from _custom_facts
    union all by name select * from _asked_requests
    union all by name select * from _body_facts
),
-- The rules look at each distinct shape once.
shapes as (
    select distinct origin, kind, fact, resource, subresource, verb, code, reason, value, message, api_group from facts
),
-- Custom rules add to what the others say of a row, and all that match do.
ruled as (
    select
        *,
        unnest(list_append(
            custom_event_rules(origin, kind, fact, resource, subresource, verb, code, reason, value, message, api_group),
            hyper_event_rule(origin, kind, fact, resource, subresource, verb, code, reason, value, message, api_group)
        )) as rule,
    from shapes
),
yielded as (
    select ruled.*, yields.operation, yields.subject, yields.severity, hyper_event_detail(ruled.rule, ruled.message) as extracted
    from ruled
    inner join hyper_event_yields as yields on yields.rule = ruled.rule
),
named as (
    select
        facts.*, yielded.rule, yielded.severity,
        fill_template(yielded.operation, facts.key, facts.value, facts.reason, facts.code) as operation,
        fill_template(yielded.subject, facts.key, facts.value, facts.reason, facts.code) as subject,
        coalesce(yielded.extracted, facts.detail) as rule_detail,
        -- The hours of one span are merged apart, as if each were computed alone.
        hour_of(facts.partition_at) as hour_at,
    from facts
    inner join yielded
        on facts.origin = yielded.origin and facts.kind = yielded.kind and facts.fact = yielded.fact
        and facts.resource is not distinct from yielded.resource and facts.subresource is not distinct from yielded.subresource and facts.verb is not distinct from yielded.verb
        and facts.code is not distinct from yielded.code and facts.reason is not distinct from yielded.reason and facts.value is not distinct from yielded.value
        and facts.message is not distinct from yielded.message and facts.api_group is not distinct from yielded.api_group
),
-- Static pods' Events carry the config hash of the kubelet's file in place of the mirror pod's UID.
mirrors as (
    select config_hash, arg_max(uid, (seen_at, uid)) as uid from pods where config_hash is not null group by config_hash
),
nameless as (
    select distinct namespace, name, upper_at, hour_of(partition_at) as hour_at from facts where uid is null and kind = 'Pod'
),
-- A name is that of the pod that had it last; else of the one that is seen with it soon after.
before as (
    select nameless.*, identities.uid
    from nameless asof join _identities as identities
        on nameless.namespace = identities.namespace and nameless.name = identities.name and nameless.upper_at >= identities.from_at
),
after as (
    select nameless.*, identities.uid
    from nameless asof join _identities as identities
        on nameless.namespace = identities.namespace and nameless.name = identities.name and nameless.upper_at <= identities.from_at
    where identities.from_at < nameless.hour_at + interval 2 hour
),
-- A create without an answer is of a pod that is seen next, unless that is another create's.
created as (
    select unanswered.*, identities.uid
    from (
        select distinct namespace, name, upper_at, hour_of(partition_at) as hour_at from facts where uid like 'name:%'
    ) as unanswered asof join (select identities.* from _identities as identities anti join _requested_pods using (uid) where identities.uid not like 'name:%') as identities
        on unanswered.namespace = identities.namespace and unanswered.name = identities.name and unanswered.upper_at <= identities.from_at
    where identities.from_at < unanswered.hour_at + interval 2 hour
),
resolved as (
    select
        named.* exclude (uid),
        -- A pod is bound once and removed once, whoever tells of it.
        case when named.operation in ('pod:bound', 'pod:deleted') then null else named.epoch end as fact_epoch,
        case
            when named.uid like 'name:%' and named.operation = 'pod:create:accepted' then coalesce(created.uid, named.uid)
            when named.kind <> 'Pod' or named.operation like 'pod:create:%' then named.uid
            when named.uid is not null then coalesce(mirrors.uid, named.uid)
            -- Of a name that was only read nobody says that it was there.
            when named.origin <> 'audit' or named.code not between 200 and 299 or named.verb in ('get', 'list', 'watch') then coalesce(before.uid, after.uid)
            -- A pod whose creation nobody saw, or not by its name.
            else coalesce(before.uid, after.uid, 'name:' || named.namespace || '/' || named.name || '@0')
        end as uid,
    from named
    left join before
        on named.uid is null and named.kind = 'Pod' and before.namespace = named.namespace and before.name = named.name and before.upper_at = named.upper_at and before.hour_at = named.hour_at
    left join after
        on named.uid is null and named.kind = 'Pod' and after.namespace = named.namespace and after.name = named.name and after.upper_at = named.upper_at and after.hour_at = named.hour_at
    left join created
        on named.uid like 'name:%' and created.namespace = named.namespace and created.name = named.name and created.upper_at = named.upper_at and created.hour_at = named.hour_at
    left join mirrors on mirrors.config_hash = named.uid and named.origin = 'event'
),
merged as (
    select
        cluster, kind, namespace, name, uid, operation, subject, rule_detail, fact_epoch, severity, hour_at,
        -- An undated sighting says nothing about when, beside one that is dated.
        coalesce(min(upper_at) filter (is_dated), min(upper_at)) as upper_at,
        list(lower_at) filter (lower_at is not null) as lower_ats,
        -- When a List was made is not known.
        coalesce(min(partition_at) filter (is_dated), min(partition_at)) as observed_at,
        max(last_observed_at) as last_at,
        min(struct_pack(
            is_undated := not is_dated, first_at := upper_at, sighted_at := observed_at, source := source, resource_version := resource_version, rule := rule, at_source := at_source,
            actor := actor, "user" := "user", node := node, reason := reason, message := message, count := count, code := code, source_id := source_id, source_line := source_line
        )) as first,
    from resolved
    group by cluster, kind, namespace, name, uid, operation, subject, rule_detail, fact_epoch, severity, hour_at
),
placed as (
    select
        * exclude (first, lower_ats), unnest(first),
        -- Only a create and a delete that was asked for count from the request's arrival.
        operation in ('pod:create:accepted', 'pod:create:refused', 'pod:delete:accepted', 'pvc:create:accepted', 'pvc:create:refused', 'pvc:delete:accepted') as is_lower,
        -- The narrowest interval that all sightings allow.
        least(coalesce(list_max(list_filter(lower_ats, lambda lower_at: lower_at <= upper_at)), upper_at), upper_at) as from_at,
    from merged
)
select
    cluster,
    case when is_lower then from_at else upper_at end as "at",
    observed_at, greatest(last_at, upper_at) as last_at, at_source,
    epoch_us(upper_at - from_at) / 1000.0 as uncertainty_ms,
    source, kind, namespace, name, uid, operation, nullif(subject, '') as subject, rule_detail as detail, severity,
    split_part(actor, ' ', 1) as actor, "user", node, reason, message, count, code, resource_version, rule, coalesce(fact_epoch, '') as epoch, source_id, source_line,
from placed
