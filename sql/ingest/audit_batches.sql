-- The audit events of webhook batches; they say no kind of their own. A record that is no list stays one item.
-- reads: batches (line_no, line), each a JSON value
-- gives: lines
with
    lists as (
        select list_no, list, coalesce(list.items, if(coalesce(ends_with(list.kind, 'List'), false), [], [line::json])) as items
        from (select line_no as list_no, line, from_json(line, '{"kind": "VARCHAR", "apiVersion": "VARCHAR", "items": ["JSON"]}') as list from batches)
    ),

    items as (
        select list_no, list.apiVersion as api_version, unnest(items)::varchar as item, generate_subscripts(items, 1) as item_no from lists
    )

select
    row_number() over (order by list_no, item_no) - 1 as line_no,
    case
        when api_version is not null and starts_with(item, '{"') and not json_exists(item, '$.kind') then '{"kind":"Event","apiVersion":' || to_json(api_version)::varchar || ',' || substr(item, 2)
        else item
    end as line
from items
order by line_no
