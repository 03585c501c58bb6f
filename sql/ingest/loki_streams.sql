-- The lines of Loki's streams, in the order in which they stand.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    answers as (
        select
            line_no as answer_no,
            line,
            from_json(
                line,
                '{
                    "stream": "VARCHAR", "values": [["VARCHAR"]],
                    "streams": [{"stream": "VARCHAR", "values": [["VARCHAR"]]}],
                    "data": {"result": [{"stream": "VARCHAR", "values": [["VARCHAR"]]}]}
                }'
            ) as answer
        from wrapped
    ),

    -- A record that holds no streams stays one, to be named. The others' text is not repeated for each entry.
    streams as (
        select
            answer_no,
            if(answer.values is null and answer.streams is null and answer.data.result is null, line, null) as other,
            answer.values as own_values,
            answer.stream as own_labels,
            unnest(coalesce(answer.streams, answer.data.result, [null])) as stream,
            generate_subscripts(coalesce(answer.streams, answer.data.result, [null]), 1) as stream_no
        from answers
    ),

    entries as (
        select
            answer_no,
            other,
            stream_no,
            server_of_labels(coalesce(own_labels, stream.stream)) as server,
            unnest(coalesce(own_values, stream.values, [null])) as entry,
            generate_subscripts(coalesce(own_values, stream.values, [null]), 1) as entry_no
        from streams
    )

select
    row_number() over (order by answer_no, stream_no, entry_no) - 1 as line_no,
    coalesce(entry[2], other, to_json(entry)::varchar, 'null') as line,
    server,
    case when other is not null then 'not a stream of Loki' when entry[2] is null then 'an entry without a line' end as problem,
    false as is_filtered
from entries
order by line_no
