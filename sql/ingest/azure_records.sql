-- The audit events of AKS's diagnostic records. Other categories are logs of other parts of the control plane.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
select
    line_no,
    coalesce(record.properties.log, line) as line,
    case
        when record.properties is null then 'not a diagnostic record'
        when record.properties.log is null then 'a diagnostic record without properties.log'
    end as problem,
    coalesce(record.properties is not null and lower(record.category) not in ('kube-audit', 'kube-audit-admin'), false) as is_filtered
from (select line_no, line, from_json(line, '{"category": "VARCHAR", "properties": {"log": "VARCHAR"}}') as record from wrapped)
