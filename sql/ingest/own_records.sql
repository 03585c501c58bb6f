-- One row per record of a log of the user's own, by the mapping of its shape.
-- reads: lines (line_no, line), each a JSON value
-- gives: parsed
with
    told as (
        select
            line_no,
            line,
            mapped_time(mapped(line, getvariable('record_at')), getvariable('record_time_unit'), getvariable('record_time_format')) as told_at,
            mapped(line, getvariable('record_end')) as end_text,
            mapped(line, getvariable('record_duration')) as duration_text,
            mapped(line, getvariable('record_kind')) as kind,
            mapped(line, getvariable('record_namespace')) as namespace,
            mapped(line, getvariable('record_name_of_object')) as name,
            mapped(line, getvariable('record_uid')) as uid,
            mapped(line, getvariable('record_node')) as node,
            mapped(line, getvariable('record_pod_ip')) as pod_ip,
            mapped(line, getvariable('record_image')) as image,
            mapped(line, getvariable('record_container_id')) as container_id,
            mapped(line, getvariable('record_key')) as key,
            mapped(line, getvariable('record_value')) as value,
            mapped(line, getvariable('record_detail')) as detail,
            mapped(line, getvariable('record_reason')) as reason_of_record,
            mapped(line, getvariable('record_message')) as message,
            mapped(line, getvariable('record_code')) as code
        from lines
    ),

    timed as (
        select
            *,
            mapped_time(end_text, getvariable('record_time_unit'), getvariable('record_time_format')) as end_at,
            to_microseconds(try_cast(try_cast(duration_text as double) * getvariable('record_duration_us')::double as bigint)) as took,
            if(getvariable('record_at_is_end'), coalesce(told_at - took, told_at), told_at) as recorded_at,
            if(getvariable('record_at_is_end'), if(took is null, null, told_at), coalesce(end_at, told_at + took)) as ended_at
        from told
    ),

    judged as (
        select
            *,
            case
                when recorded_at is null or not recorded_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00'
                    then 'no readable time at ' || getvariable('record_at_words')
                -- What says no end has none yet.
                when coalesce(end_text, duration_text) is not null and ended_at is null then 'no readable end or duration'
                when ended_at < recorded_at then 'ends before it begins'
            end as reason
        from timed
    ),

    -- What is an object is redacted as such, and as the API server would write it: the patterns know no white space between its signs.
    parted as (
        select
            *,
            list_transform(
                [key, value, detail, reason_of_record, message, line],
                lambda each: if(regexp_matches(each, '^\s*[\[{]') and json_valid(each), json(each)::varchar, null)
            ) as bodies
        from judged
    ),

    env_hidden as (
        select *, list_transform(bodies, lambda each: hide_env(each)) as bodies_env from parted
    ),

    more_hidden as (
        select *, list_transform(bodies_env, lambda each: hide_more(each)) as bodies_more from env_hidden
    ),

    hidden as (
        select *, list_transform(bodies_more, lambda each: hide_rest(each)) as hidden_bodies from more_hidden
    )

select
    line_no,
    reason is null as is_kept,
    false as is_filtered,
    reason,
    case when reason is not null then line end as raw,
    hash(line) as record_key,
    recorded_at,
    ended_at,
    getvariable('record_name') as records,
    getvariable('record_uncertainty_ms')::double as uncertainty_ms,
    coalesce(kind, 'Pod') as kind,
    namespace,
    name,
    uid,
    node,
    pod_ip,
    image,
    container_id,
    case
        when coalesce(kind, 'Pod') = 'Pod'
        then list_filter(
            getvariable('record_join'),
            lambda way: case way
                when 'uid' then uid when 'name' then name when 'container_id' then container_id when 'pod_ip' then pod_ip when 'image' then image when 'node' then node
            end is not null
        )[1]
    end as join_by,
    list_transform(redact_texts([key, value, detail, reason_of_record, message]), lambda each, place: coalesce(hidden_bodies[place], each)) as texts,
    try_cast(code as bigint) as code,
    hidden_bodies[6] as body
from hidden
