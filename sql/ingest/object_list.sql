-- The items of Lists, as frames of a watch that only lists. Items of a typed List, such as an EventList, say no kind: the List does.
-- reads: lines (line_no, line), each a JSON value
-- gives: frames
with
    lists as (
        select line_no as list_no, from_json(line, '{"kind": "VARCHAR", "apiVersion": "VARCHAR", "items": ["JSON"]}') as list from lines
    ),

    items as (
        select
            list_no,
            list.kind as list_kind,
            list.apiVersion as api_version,
            unnest(list.items)::varchar as item,
            generate_subscripts(list.items, 1) as item_no
        from lists
    )

select
    row_number() over (order by list_no, item_no) - 1 as line_no,
    item as line,
    'list' as origin,
    null::varchar as frame_type,
    null::varchar as observed_text,
    case
        when list_kind in ('List', 'Table') or not ends_with(list_kind, 'List') or not starts_with(item, '{"') or json_exists(item, '$.kind') then item
        else '{"kind":' || to_json(left(list_kind, -4))::varchar || ',"apiVersion":' || to_json(api_version)::varchar || ',' || substr(item, 2)
    end as object
from items
order by line_no
