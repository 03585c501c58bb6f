-- The items of Lists, as frames of a watch that only lists. Items of a typed List, such as an EventList, say no kind: the List does.
-- A record that is no list stays one item.
-- reads: lines (line_no, line), each a JSON value
-- gives: frames
with
    lists as (
        select list_no, list, coalesce(list.items, if(coalesce(ends_with(list.kind, 'List'), false), [], [line::json])) as items
        from (select line_no as list_no, line, from_json(line, '{"kind": "VARCHAR", "apiVersion": "VARCHAR", "items": ["JSON"]}') as list from lines)
    ),

    items as (
        select
            list_no,
            list.kind as list_kind,
            list.apiVersion as api_version,
            unnest(items)::varchar as item,
            generate_subscripts(items, 1) as item_no
        from lists
    )

select
    row_number() over (order by list_no, item_no) - 1 as line_no,
    item as line,
    'list' as origin,
    null::varchar as frame_type,
    null::varchar as observed_text,
    case
        when list_kind is null or list_kind in ('List', 'Table') or not ends_with(list_kind, 'List') or not starts_with(item, '{"') or json_exists(item, '$.kind') then item
        else '{"kind":' || to_json(left(list_kind, -4))::varchar || ',"apiVersion":' || to_json(api_version)::varchar || ',' || substr(item, 2)
    end as object
from items
order by line_no
