-- One row per record of a log of the user's own, by the mapping of its shape.
-- reads: lines (line_no, line), each a JSON value
-- gives: parsed
with
    told as (
        select
            line_no,
            line,
            mapped_time(mapped(line, getvariable('record_at')), getvariable('record_time_unit'), getvariable('record_time_format')) as recorded_at,
            mapped(line, getvariable('record_kind')) as kind,
            mapped(line, getvariable('record_namespace')) as namespace,
            mapped(line, getvariable('record_name_of_object')) as name,
            mapped(line, getvariable('record_uid')) as uid,
            mapped(line, getvariable('record_node')) as node,
            mapped(line, getvariable('record_key')) as key,
            mapped(line, getvariable('record_value')) as value,
            mapped(line, getvariable('record_detail')) as detail,
            mapped(line, getvariable('record_reason')) as reason_of_record,
            mapped(line, getvariable('record_message')) as message,
            mapped(line, getvariable('record_code')) as code
        from lines
    ),

    judged as (
        select
            *,
            case
                when recorded_at is null or not recorded_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00'
                    then 'no readable time at ' || getvariable('record_at_words')
            end as reason
        from told
    ),

    env_hidden as (
        select *, hide_env(line) as line_env from judged
    ),

    more_hidden as (
        select *, hide_more(line_env) as line_more from env_hidden
    )

select
    line_no,
    reason is null as is_kept,
    false as is_filtered,
    reason,
    case when reason is not null then line end as raw,
    hash(line) as record_key,
    recorded_at,
    getvariable('record_name') as records,
    getvariable('record_uncertainty_ms')::double as uncertainty_ms,
    coalesce(kind, 'Pod') as kind,
    namespace,
    name,
    uid,
    node,
    redact_texts([key, value, detail, reason_of_record, message]) as texts,
    try_cast(code as bigint) as code,
    hide_rest(line_more) as body
from more_hidden
