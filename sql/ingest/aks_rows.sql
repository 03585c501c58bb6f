-- Rows of AKSAudit and AKSAuditAdmin as the audit events that they were. What is an object there is one here, or text that holds one.
-- Objects that were too big are replaced by the service with a word that says so.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    read as (
        select
            line_no,
            line,
            from_json(
                line,
                '{
                    "AuditId": "VARCHAR", "Level": "VARCHAR", "Stage": "VARCHAR", "RequestUri": "VARCHAR", "Verb": "VARCHAR", "User": "VARCHAR",
                    "SourceIps": "VARCHAR", "UserAgent": "VARCHAR", "ObjectRef": "VARCHAR", "ResponseStatus": "VARCHAR",
                    "RequestObject": "VARCHAR", "ResponseObject": "VARCHAR", "RequestReceivedTime": "VARCHAR", "StageReceivedTime": "VARCHAR",
                    "Annotations": "VARCHAR", "PodName": "VARCHAR"
                }'
            ) as row_
        from wrapped
    ),

    judged as (
        select
            *,
            row_.RequestObject = 'skipped-too-big-size-object' or row_.ResponseObject = 'skipped-too-big-size-object' as is_cut,
            case when row_.AuditId is null and row_.RequestUri is null then 'not a row of AKSAudit' end as problem
        from read
    )

select
    line_no,
    case
        when problem is not null then line
        else left(
            to_json({
                'kind': 'Event',
                'apiVersion': 'audit.k8s.io/v1',
                'level': row_.Level,
                'auditID': row_.AuditId,
                'stage': row_.Stage,
                'requestURI': row_.RequestUri,
                'verb': row_.Verb,
                'userAgent': row_.UserAgent,
                'requestReceivedTimestamp': row_.RequestReceivedTime,
                'stageTimestamp': row_.StageReceivedTime
            })::varchar,
            -1
        )
        || list_aggregate(
            list_transform(
                list_filter(
                    [
                        {'name': 'user', 'body': row_.User},
                        {'name': 'sourceIPs', 'body': row_.SourceIps},
                        {'name': 'objectRef', 'body': row_.ObjectRef},
                        {'name': 'responseStatus', 'body': row_.ResponseStatus},
                        {'name': 'requestObject', 'body': row_.RequestObject},
                        {'name': 'responseObject', 'body': row_.ResponseObject},
                        {
                            'name': 'annotations',
                            'body': if(is_cut, json_merge_patch(if(json_valid(row_.Annotations), row_.Annotations, '{}'), '{"audit.k8s.io/truncated":"true"}')::varchar, row_.Annotations)
                        }
                    ],
                    lambda each: coalesce(each.body not in ('', 'null') and json_valid(each.body), false)
                ),
                lambda each: ',"' || each.name || '":' || each.body
            ),
            'string_agg', ''
        )
        || '}'
    end as line,
    row_.PodName as server,
    problem,
    false as is_filtered
from judged
