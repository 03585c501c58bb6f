-- What stays of a line that cannot be read, and of a body that holds a Secret's data: its keys, and the values of fields that are known to be harmless.
-- Such a line may be cut anywhere, at its start too, so no pattern can tell where its secrets are: everything else is hidden, inside and outside of
-- strings alike. JSON inside of a string is part of that string.
-- chr(1) stands for the quotes of what stays, chr(2) stands around what stays and has none, chr(3) for what is hidden.
-- variables: sensitive_line

create or replace macro keep_fields(line, pattern) as regexp_replace(line, pattern, chr(1) || '\1' || chr(1) || '\2' || chr(1) || '\3' || chr(1), 'g');
create or replace macro keep_whole(line, pattern) as regexp_replace(line, pattern, chr(1) || '\1' || chr(1) || '\2' || chr(2) || '\3' || chr(2) || '\4', 'g');

-- Each field with what its value must look like, so that a key of that name elsewhere tells little. `redact_text` sees the URI afterwards.
create or replace macro mark_harmless(line) as
    keep_fields(keep_fields(keep_fields(keep_fields(keep_fields(keep_fields(keep_fields(keep_whole(keep_whole(
        line,
        '"(objectRef|user)"(\s*:\s*\{)((?:\s*"(?:resource|namespace|name|uid|apiGroup|apiVersion|resourceVersion|subresource|username)"\s*:\s*"[A-Za-z0-9.:_/@-]{0,253}"\s*,?)+)(\s*(?:\}|"groups"))'),
        '"(code)"(\s*:\s*)([0-9]{3})(\s*[,}])'),
        '"(auditID|insertId)"(\s*:\s*)"([A-Za-z0-9-]{1,64})"'),
        '"(requestURI)"(\s*:\s*)"(/(?:[^"\\]|\\u0026)*)"'),
        '"(verb)"(\s*:\s*)"([a-z]{1,20})"'),
        '"(kind)"(\s*:\s*)"([A-Z][A-Za-z]{1,62})"'),
        '"(apiVersion)"(\s*:\s*)"((?:[a-z0-9.-]{1,100}/)?v[0-9](?:(?:alpha|beta)[0-9]{1,2})?)"'),
        '"(level|stage|type|messageType)"(\s*:\s*)"(None|Metadata|Request|RequestResponse|RequestReceived|ResponseStarted|ResponseComplete|Panic|ADDED|MODIFIED|DELETED|LISTED|BOOKMARK|ERROR|DATA_MESSAGE|CONTROL_MESSAGE)"'),
        '"(stageTimestamp|requestReceivedTimestamp|creationTimestamp|firstTimestamp|lastTimestamp|eventTime|observed_at|timestamp)"(\s*:\s*)"([A-Za-z0-9:.+-]{1,35})"'
    );

-- The time that a log service or a container's runtime puts before a line.
create or replace macro mark_prefix(line) as
    regexp_replace(line, '^(\s*\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)(?: (?:stdout|stderr) [FP](?::\S*)?)?) ', chr(2) || '\1' || chr(2) || ' ');

-- Everything that is not marked: strings that are no keys, words outside of strings, and a string without its end. What is hidden in a row becomes one.
create or replace macro hide_unmarked(line) as
    replace(replace(
        regexp_replace(
            replace(
                regexp_replace(
                    regexp_replace(
                        line,
                        '(\x01[^\x01]*\x01|\x02[^\x02]*\x02|"[A-Za-z0-9_.$@/~:* -]{1,253}"\s*:|\b(?:true|false|null)\b)|"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s{}\[\]:,"\x01\x02]+',
                        '\1' || chr(3), 'g'
                    ),
                    '(\x01|\x02|true|false|null)\x03', '\1', 'g'
                ),
                ':' || chr(3), ':'
            ),
            '\x03(?:[\s,]*\x03)*', '"[redacted]"', 'g'
        ),
        chr(1), '"'), chr(2), '');

create or replace macro mask_json(line) as hide_unmarked(mark_harmless(mark_prefix(replace(replace(replace(line, chr(1), ' '), chr(2), ' '), chr(3), ' '))));

-- Of an object that is never stored, everything from its first telling key on is cut; of any other, what may be a Secret's data.
create or replace macro without_sensitive(line) as
    regexp_replace(
        case
            when regexp_matches(line, getvariable('sensitive_line'))
            then regexp_replace(line, '(?s)"(requestObject|responseObject|object|items|spec|status)"\s*:.*', '"\1":"[redacted]"')
            else line
        end,
        '(?s)"(data|stringData|binaryData)"\s*:.*', '"\1":"[redacted]"'
    );

-- JSON, or a piece of it; anything else is text, or a piece of a long value.
create or replace macro is_json_like(line) as regexp_matches(line, '"\s*[:,}\]]|[{\[,:]\s*"|^\s*[{\["]');

create or replace macro mask_line(line) as
    case when is_json_like(line) then mask_json(without_sensitive(line)) else regexp_replace(line, '[A-Za-z0-9+/=_-]{40,}', '[redacted]', 'g') end;
