-- One row per phase of a tracked delivery, from the rules and the anchors; open phases end at the moment of judgement.
-- inputs: _anchors, _judged, phase_rules
-- What each anchor starts and ends, by the rules.
with start_rules as (
    select kind, phase, per, owner, anchor, list_position(start, anchor) as preference
    from (select *, unnest(list_distinct(start)) as anchor from phase_rules)
),
end_rules as (
    select kind, phase, per, owner, anchor, coalesce(list_contains(errors, anchor), false) as is_error
    from (select *, unnest(list_distinct("end")) as anchor from phase_rules)
),
-- Phases of the pod: the first start anchor that exists, and the earliest end.
pod_starts as (
    select
        rules.kind, rules.phase, anchors.delivery_id, rules.owner,
        arg_min(struct_pack("at" := anchors.at, uncertainty_ms := anchors.uncertainty_ms), (rules.preference, anchors.at, anchors.uncertainty_ms)) as first,
    from _anchors as anchors
    inner join start_rules as rules on rules.kind = anchors.kind and rules.anchor = anchors.anchor and rules.per = 'pod'
    group by rules.kind, rules.phase, anchors.delivery_id, rules.owner
),
pod_ends as (
    select
        rules.kind, rules.phase, anchors.delivery_id,
        arg_min(struct_pack("at" := anchors.at, uncertainty_ms := anchors.uncertainty_ms, is_error := rules.is_error, source_id := anchors.source_id, source_line := anchors.source_line), (anchors.at, anchors.anchor, anchors.uncertainty_ms, anchors.source_id, anchors.source_line)) as last,
    from _anchors as anchors
    inner join end_rules as rules on rules.kind = anchors.kind and rules.anchor = anchors.anchor and rules.per = 'pod'
    group by rules.kind, rules.phase, anchors.delivery_id
),
pod_phases as (
    select
        starts.delivery_id, starts.phase, null as subject, starts.owner, starts.first.at as started_at, starts.first.uncertainty_ms as start_uncertainty_ms,
        ends.last.at as ended_at, ends.last.uncertainty_ms as end_uncertainty_ms, coalesce(ends.last.is_error, false) as is_error,
        null as fault, null as error_code, null as image, null as message, ends.last.source_id as source_id, ends.last.source_line as source_line,
    from pod_starts as starts
    left join pod_ends as ends using (kind, phase, delivery_id)
),
-- Phases of a part: each run of starts pairs with the next end, so folded repeats are one. What falls into one instant is in the order of its steps.
marks as (
    select rules.phase, rules.owner, 0 as is_end, false as is_error, anchors.* replace (coalesce(anchors.step, 6) as step)
    from _anchors as anchors
    inner join start_rules as rules on rules.kind = anchors.kind and rules.anchor = anchors.anchor and rules.per = 'subject'
    union all by name
    select rules.phase, rules.owner, 1 as is_end, rules.is_error, anchors.* replace (coalesce(anchors.step, 7) as step)
    from _anchors as anchors
    inner join end_rules as rules on rules.kind = anchors.kind and rules.anchor = anchors.anchor and rules.per = 'subject'
),
cycles as (
    select
        *,
        coalesce(sum(is_end) over (partition by delivery_id, phase, subject order by "at", step, is_end, anchor, source_id, source_line rows between unbounded preceding and 1 preceding), 0) as cycle,
    from marks
),
paired as (
    select
        delivery_id, phase, subject, owner, cycle,
        arg_min(fault, ("at", fault)) filter (is_end = 0 and fault is not null) as fault,
        arg_min(error_code, ("at", error_code)) filter (is_end = 0 and error_code is not null) as start_error_code,
        min(struct_pack("at", anchor, uncertainty_ms, image, error_code, source_id, source_line)) filter (is_end = 0) as first,
        min(struct_pack("at", anchor, uncertainty_ms, image, error_code, message, source_id, source_line, is_error)) filter (is_end = 1) as last,
    from cycles
    group by delivery_id, phase, subject, owner, cycle
),
part_phases as (
    select
        delivery_id, phase, subject, owner, first.at as started_at, first.uncertainty_ms as start_uncertainty_ms, last.at as ended_at, last.uncertainty_ms as end_uncertainty_ms,
        coalesce(last.is_error, false) as is_error, fault, coalesce(last.error_code, case when phase = 'backoff' then start_error_code end) as error_code,
        coalesce(first.image, last.image) as image, last.message as message, last.source_id as source_id, last.source_line as source_line,
    from paired
    where first is not null
    union all
    -- An image that was on the node: Pulled without Pulling.
    select
        delivery_id, phase, subject, owner, last.at, last.uncertainty_ms, last.at, 0.0, false, null, null, last.image, last.message, last.source_id, last.source_line,
    from paired
    where phase = 'image_pull' and first is null and last.anchor = 'pulled'
),
phases as (
    select * from pod_phases
    union all by name
    select * from part_phases
),
-- What had not ended at the moment of judgement is open; what began after it does not belong to the delivery.
closed as (
    select
        phases.* exclude (started_at, ended_at), judged.kind, judged.judged_until_at, judged.grace_period_s,
        -- A kubelet runs a static pod before it can tell the API server of it.
        if(judged.is_static, greatest(phases.started_at, judged.started_at), phases.started_at) as started_at,
        coalesce(least(phases.ended_at, judged.judged_until_at), judged.judged_until_at) as ended_at,
        case when phases.ended_at is null or phases.ended_at > judged.judged_until_at then 'open' when phases.is_error then 'error' else 'ok' end as status,
    from phases
    inner join _judged as judged using (delivery_id)
    where
        (phases.started_at < judged.judged_until_at or (phases.started_at = judged.judged_until_at and phases.ended_at = judged.judged_until_at))
        -- Whether what shows no end has one, an unseen pod does not tell.
        and (phases.ended_at is not null or not judged.is_undecidable)
        and not (judged.is_static and coalesce(phases.ended_at < judged.started_at, false))
),
-- Stopping is the user's up to the grace period, the platform's after it.
split as (
    select * replace (
        case
            when owner = 'fault' then case when coalesce(fault, 'user') = 'user' then 'user' else 'platform' end
            when owner = 'grace' then 'user'
            else owner
        end as owner,
        case when owner = 'grace' then least(ended_at, started_at + to_seconds(coalesce(grace_period_s, 30))) else ended_at end as ended_at
    )
    from closed
    union all by name
    select * replace ('platform' as owner, started_at + to_seconds(coalesce(grace_period_s, 30)) as started_at)
    from closed
    where owner = 'grace' and ended_at > started_at + to_seconds(coalesce(grace_period_s, 30))
),
measured as (
    select *, coalesce(start_uncertainty_ms, 0) + coalesce(case when status <> 'open' then end_uncertainty_ms end, 0) as uncertainty_ms, seconds_between(started_at, ended_at) as raw_duration_s
    from split
)
select
    delivery_id, kind, phase, subject, owner, started_at, ended_at,
    -- Within the uncertainty a negative duration is 0; beyond it the clocks contradict each other, and it stays as it is.
    case when raw_duration_s < 0 and -raw_duration_s * 1000 <= uncertainty_ms then 0 else raw_duration_s end as duration_s,
    uncertainty_ms, status, error_code,
    raw_duration_s < 0 and -raw_duration_s * 1000 > uncertainty_ms as is_clock_skewed,
    case when phase = 'image_pull' then image end as image,
    case when phase = 'image_pull' then go_duration_s(nullif(regexp_extract(message, ' in ([0-9][^ ]*)', 1), '')) end as pull_s,
    case when phase = 'image_pull' and message like '% including waiting)%' then greatest(0, go_duration_s(nullif(regexp_extract(message, '\(([^ ]+) including waiting\)', 1), '')) - go_duration_s(nullif(regexp_extract(message, ' in ([0-9][^ ]*)', 1), ''))) end as pull_wait_s,
    case when phase = 'image_pull' then try_cast(nullif(regexp_extract(message, 'Image size: (\d+) bytes', 1), '') as bigint) end as image_bytes,
    case when phase = 'image_pull' and status = 'ok' then message like '%already present on machine%' end as cached,
    source_id, source_line,
from measured
