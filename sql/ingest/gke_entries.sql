-- LogEntries of GKE as audit events: what they tell under the names that the API server would use. `gke_rows` takes back what had to be made up.
-- An entry's insertId stands for the auditID. The code of gRPC says less than HTTP's: where it may mean several, the code is null.
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
                    "insertId": "VARCHAR", "logName": "VARCHAR", "timestamp": "VARCHAR", "labels": "VARCHAR",
                    "textPayload": "VARCHAR", "jsonPayload": "VARCHAR",
                    "protoPayload": {
                        "authenticationInfo": {"principalEmail": "VARCHAR"}, "methodName": "VARCHAR", "serviceName": "VARCHAR", "resourceName": "VARCHAR",
                        "requestMetadata": {"callerIp": "VARCHAR", "callerSuppliedUserAgent": "VARCHAR"},
                        "status": {"code": "VARCHAR", "message": "VARCHAR"}, "request": "VARCHAR", "response": "VARCHAR"
                    }
                }'
            ) as entry
        from wrapped
    ),

    taken_apart as (
        select
            line_no,
            line,
            entry,
            entry.protoPayload as payload,
            from_json(entry.protoPayload.response, '{"kind": "VARCHAR", "code": "BIGINT", "reason": "VARCHAR", "message": "VARCHAR"}') as answer
        from read
    ),

    -- core/v1/namespaces/NAMESPACE/pods/NAME/SUBRESOURCE; a namespace itself is core/v1/namespaces/NAME.
    named as (
        select
            *,
            payload.serviceName = 'k8s.io' or starts_with(payload.methodName, 'io.k8s.') as is_audit,
            try_cast(entry.timestamp as timestamptz) as stage_at,
            regexp_extract(payload.methodName, '\.(create|update|patch|delete|deletecollection|get|list|watch)$', 1) as method_verb,
            string_split(trim(payload.resourceName, '/'), '/') as parts,
            coalesce(parts[3] = 'namespaces' and len(parts) > 4 and parts[5] not in ('status', 'finalize'), false) as is_namespaced,
            if(is_namespaced, parts[5:], parts[3:]) as place
        from taken_apart
    ),

    judged as (
        select
            *,
            case
                when payload is null and coalesce(entry.logName, entry.textPayload, entry.jsonPayload) is null then 'not a log entry'
                when not coalesce(is_audit, false) then null
                when entry.insertId is null then 'a log entry without insertId'
                when entry.timestamp is null then 'a log entry without timestamp'
                when stage_at is null or not stage_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00' then 'bad timestamp'
            end as problem,
            try_cast(coalesce(payload.status.code, '0') as integer) as rpc_code,
            case
                when answer.kind = 'Status' and answer.code is not null then answer.code
                when payload.status is null and payload.response is null then null
                when rpc_code = 0 then if(method_verb = 'create', 201, 200)
                when rpc_code = 1 then 499
                when rpc_code = 3 then if(contains(payload.status.message, ' is invalid'), 422, 400)
                when rpc_code = 4 then 504
                when rpc_code = 5 then 404
                -- GKE says ABORTED for a name that is taken, too.
                when rpc_code in (6, 10) then 409
                when rpc_code = 7 then 403
                when rpc_code = 8 then 429
                when rpc_code = 12 then 501
                when rpc_code = 13 then 500
                when rpc_code = 14 then 503
                when rpc_code = 16 then 401
            end as http_code
        from named
    )

select
    line_no,
    case
        when problem is not null or not coalesce(is_audit, false) then line
        else left(
            to_json({
                'kind': 'Event',
                'apiVersion': 'audit.k8s.io/v1',
                'auditID': entry.insertId,
                'stage': 'ResponseComplete',
                'requestURI': '',
                'verb': if(method_verb = '', 'unknown', method_verb),
                'user': {'username': payload.authenticationInfo.principalEmail},
                'sourceIPs': list_filter([payload.requestMetadata.callerIp], lambda ip: ip is not null),
                'userAgent': payload.requestMetadata.callerSuppliedUserAgent,
                'objectRef': {
                    'apiGroup': nullif(parts[1], 'core'),
                    'namespace': if(is_namespaced or place[1] = 'namespaces', parts[4], null),
                    'resource': coalesce(place[1], nullif(regexp_extract(payload.methodName, '\.v[0-9][a-z0-9]*\.([a-z]+)\.', 1), '')),
                    'name': place[2],
                    'subresource': nullif(array_to_string(place[3:], '/'), '')
                },
                'responseStatus': {
                    'code': http_code,
                    'reason': if(answer.kind = 'Status', answer.reason, null),
                    'message': coalesce(payload.status.message, if(answer.kind = 'Status', answer.message, null))
                },
                'stageTimestamp': entry.timestamp
            })::varchar,
            -1
        )
        || ',"annotations":' || coalesce(entry.labels, '{}')
        || coalesce(',"requestObject":' || regexp_replace(payload.request, '^\{"@type":"[^"]*",', '{'), '')
        || coalesce(',"responseObject":' || regexp_replace(payload.response, '^\{"@type":"[^"]*",', '{'), '')
        || '}'
    end as line,
    problem,
    problem is null and not coalesce(is_audit, false) as is_filtered
from judged
