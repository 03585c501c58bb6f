-- The audit events of AKS's diagnostic records. Other categories are logs of other parts of the control plane.
-- Rows of AzureDiagnostics name their columns otherwise.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    read as (
        select line_no, line, from_json(line, '{"category": "VARCHAR", "properties": {"log": "VARCHAR", "pod": "VARCHAR"}, "log_s": "VARCHAR", "pod_s": "VARCHAR"}') as record from wrapped
    ),

    told as (
        select
            *,
            record.properties is not null or record.log_s is not null as is_record,
            coalesce(record.category, if(record.log_s is null, null, json_extract_string(line, '$.Category'))) as category
        from read
    )

select
    line_no,
    coalesce(record.properties.log, record.log_s, line) as line,
    coalesce(record.properties.pod, record.pod_s) as server,
    case
        when not is_record then 'not a diagnostic record'
        when coalesce(record.properties.log, record.log_s) is null then 'a diagnostic record without properties.log'
    end as problem,
    coalesce(is_record and lower(category) not in ('kube-audit', 'kube-audit-admin'), false) as is_filtered
from told
