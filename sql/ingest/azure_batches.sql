-- The diagnostic records of Azure's batches; a record that is no batch stays as it is.
-- reads: batches (line_no, line), each a JSON value
-- gives: wrapped
with
    lists as (
        select line_no as batch_no, line, from_json(line, '{"records": ["JSON"]}').records as records from batches
    ),

    items as (
        select
            batch_no,
            unnest(coalesce(records, [line::json]))::varchar as item,
            generate_subscripts(coalesce(records, [line::json]), 1) as item_no
        from lists
    )

select
    row_number() over (order by batch_no, item_no) - 1 as line_no,
    coalesce(item, 'null') as line
from items
order by line_no
