-- What is hidden before the first byte is stored: macros over bodies (JSON text as DuckDB writes it: no spaces, no escapes that need not be), over
-- text for people, and over lines that cannot be read (in `_masking.sql`).
-- Each pattern is tried only where a word of it shows, and starts with letters: a search for a word costs a fifth of a pattern that starts with a choice.
-- A lambda over a list of one gives a name to a value: the argument of a macro is computed anew wherever it is written.
-- chr(3) marks a place for a moment: JSON text never holds that character.
-- variables: redact_env, redact_last_applied, redact_tokens, redact_exec, redact_commands, redact_patterns, hidden_paths, embedded_secrets

-- Every text under `value` goes: environments, probes' headers, patches' entries, in whatever order their keys stand. Taints and tolerations
-- stay: `Equal` and an effect are what no environment has.
create or replace macro hide_values(body) as
    list_transform(
        list_transform(
            [replace(body, '"operator":"Equal","value":', '"operator":"Equal",' || chr(3))],
            lambda each: case
                when contains(each, '","effect":"')
                then regexp_replace(each, '"value":("[A-Za-z0-9._-]*","effect":"(?:NoSchedule|PreferNoSchedule|NoExecute)")', chr(3) || '\1', 'g')
                else each
            end
        ),
        lambda each: replace(
            regexp_replace(each, '"value":(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false)', '"value":"[redacted]"', 'g'), chr(3), '"value":'
        )
    )[1];

-- One operation of a JSON patch: its path tells what its value is.
create or replace macro hide_operation(op) as
    '{"op":' || coalesce(json_extract(op, '$.op')::varchar, 'null') || ',"path":' || coalesce(json_extract(op, '$.path')::varchar, 'null')
    || coalesce(',"from":' || json_extract(op, '$.from')::varchar, '')
    || case
        when not json_exists(op, '$.value') then ''
        when regexp_matches(op, getvariable('hidden_paths')) then ',"value":"[redacted]"'
        when contains(op, '~1') and regexp_matches(op, '"value":"(?:\{|\[\{|H4sI)') then ',"value":"[redacted]"'
        else ',"value":' || case when json_type(op, '$.value') in ('OBJECT', 'ARRAY') then hide_values(json_extract(op, '$.value')::varchar) else json_extract(op, '$.value')::varchar end
    end
    || '}';

create or replace macro hide_operations(body) as
    '[' || array_to_string(list_transform(from_json(body, '["JSON"]'), lambda op: hide_operation(op::varchar)), ',') || ']';

create or replace macro hide_env(body) as
    case
        when not getvariable('redact_env') then body
        when starts_with(body, '[') then hide_operations(body)
        when contains(body, '"value":') then hide_values(body)
        else body
    end;

-- Annotations that hold a whole object, or another's JSON: by their names, and by how their text begins (the last is base64 of gzip).
create or replace macro hide_annotations(body) as
    list_transform(
        [case
            when contains(body, '-applied') or contains(body, 'last-handled') or contains(body, 'rio/applied') or contains(body, 'io/original')
            then regexp_replace(body, '("[^"\\]*(?:last-applied|last-handled|rio/applied|k14s\.io/original)[^"\\]*":)"(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'g')
            else body
        end],
        lambda each: case
            when contains(each, '":"{') or contains(each, '":"[{') or contains(each, '":"[\') or contains(each, '":"H4sI')
            then regexp_replace(each, '("[^"\\/]+/[^"\\]*":)"(?:\{|\[\{|\[\\|H4sI)(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'g')
            else each
        end
    )[1];

-- The audit annotation that holds what a webhook changed is JSON inside a string, environments and all.
create or replace macro hide_webhook_patches(body) as
    case
        when contains(body, 'patch.webhook.admission.k8s.io')
        then regexp_replace(body, '("patch\.webhook\.admission\.k8s\.io/[^"]*":)"(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'g')
        else body
    end;

-- JSON or a manifest inside of a string, at any level of escaping: from the telling key on, the rest of the string goes.
create or replace macro hide_nested(body) as
    list_transform(
        [case
            when contains(body, 'value\') or contains(body, 'ata\') or contains(body, 'oken\') or contains(body, 'assword\')
            then regexp_replace(body, '(\\+"(?:value|data|stringData|binaryData|token|password)\\+"\s*:)(?:[^"\\]|\\.)*', '\1 [redacted]', 'g')
            else body
        end],
        lambda each: case
            when contains(each, 'kind: Secret') or contains(each, '\\u')
            then regexp_replace(each, '"(?:[^"\\]|\\.)*(?:kind: Secret|\\\\u[0-9a-fA-F]{4})(?:[^"\\]|\\.)*"', '"[redacted]"', 'g')
            else each
        end
    )[1];

-- A refused write is answered with what was wrong, which may be a whole object in Go's or JSON's notation.
create or replace macro hide_dumps(words) as
    case
        when contains(words, 'nvalid value') or contains(words, 'may not change')
        then regexp_replace(
            words,
            '(?s)(may not change fields).*|(?:\b[a-z][a-z0-9]*\.[A-Z][A-Za-z0-9]*\{|Invalid value\W{0,3}(?:[{&]|\[\]?[{a-z"]|map\[)).*?(?:[}\]](: [a-z][a-z ]*))?$',
            '\1 [redacted]\2'
        )
        else words
    end;

create or replace macro hide_dumps_in_body(body) as
    case
        when contains(body, 'nvalid value') or contains(body, 'may not change')
        then regexp_replace(
            body,
            '(?:(may not change fields)|\b[a-z][a-z0-9]*\.[A-Z][A-Za-z0-9]*\{|Invalid value: {0,2}(?:[{&]|\[\]?[{a-z\\]|map\[))(?:[^"\\]|\\.)*',
            '\1 [redacted]', 'g'
        )
        else body
    end;

-- What carries its own sign: JSON web tokens, bearers, OpenShift's tokens, private keys; and what is said to be one by the word before it.
create or replace macro hide_tokens(words) as
    list_transform(
        list_transform(
            list_transform(
                [case
                    when getvariable('redact_tokens') and (contains(words, 'eyJ') or contains(words, 'earer') or contains(words, 'sha256~') or contains(words, 'PRIVATE KEY'))
                    then regexp_replace(
                        regexp_replace(
                            regexp_replace(words, '(?:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.~-]{8,}|sha256~[A-Za-z0-9_-]{16,})', '[redacted]', 'g'),
                            '([Bb]earer(?:\s|%20|\+)+)[A-Za-z0-9._~+/=-]{8,}', '\1[redacted]', 'g'
                        ),
                        '(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?:[^"\\]|\\[^"])*', '\1[redacted]', 'g'
                    )
                    else words
                end],
                lambda each: case
                    when getvariable('redact_tokens') and contains(each, '=') and regexp_matches(each, '(?i)(?:token|password|passwd|secret|credential|signature|api-?_?key)[a-z0-9_.-]*=')
                    then regexp_replace(each, '(?i)((?:token|password|passwd|secret|credential|signature|api-?_?key)[a-z0-9_.-]*=)[^&"\\\s,;]+', '\1[redacted]', 'g')
                    else each
                end
            ),
            lambda each: case when getvariable('redact_tokens') and contains(each, '@') then regexp_replace(each, '(://[^/\s:@"\\]*:)[^/\s@"\\]+@', '\1[redacted]@', 'g') else each end
        ),
        lambda each: case
            when getvariable('redact_tokens') and (contains(each, 'oken":"') or contains(each, 'assword":"'))
            then regexp_replace(each, '("[A-Za-z_-]*(?:[Tt]oken|[Pp]assword)":)"(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'g')
            else each
        end
    )[1];

create or replace macro hide_patterns(words) as
    case when getvariable('redact_patterns') = '' then words else regexp_replace(words, getvariable('redact_patterns'), '[redacted]', 'g') end;

-- The words of commands: in the URIs of exec and attach, in containers, probes and hooks, and in what the kubelet says of hooks.
create or replace macro hide_exec(uri) as
    case when getvariable('redact_exec') and contains(uri, 'command=') then regexp_replace(uri, '([?&]command=|\\u0026command=)[^&"\\\s]*', '\1[redacted]', 'g') else uri end;

create or replace macro hide_commands(body) as
    case
        when getvariable('redact_commands') and (contains(body, '"command":[') or contains(body, '"args":['))
        then regexp_replace(body, '("(?:command|args)":)\[(?:"(?:[^"\\]|\\.)*"|[^"\]])*\]', '\1["[redacted]"]', 'g')
        else body
    end;

create or replace macro hide_commands_in_text(words) as
    case
        when getvariable('redact_commands') and (contains(words, 'hook ([') or contains(words, 'exec: "'))
        then regexp_replace(regexp_replace(words, '(?s)(hook \(\[).*?(\]\))', '\1[redacted]\2', 'g'), '(exec: ")(?:[^"\\]|\\.)*', '\1[redacted]', 'g')
        else words
    end;

-- Text for people: messages, user agents.
create or replace macro redact_text(words) as
    list_transform(
        list_transform(list_transform([words], lambda each: hide_dumps(each)), lambda each: hide_commands_in_text(hide_tokens(each))), lambda each: hide_patterns(each)
    )[1];

create or replace macro redact_uri(uri) as
    list_transform(list_transform([uri], lambda each: hide_tokens(hide_exec(each))), lambda each: hide_patterns(each))[1];

-- An object that holds another's data, such as a Secret's inside of a template: only what is harmless stays.
create or replace macro hide_embedded(body) as
    case when contains(body, 'ata":{') and regexp_matches(body, getvariable('embedded_secrets')) then mask_json(body) else body end;

-- A line that cannot be read, as a source holds it or taken out of a wrapper.
create or replace macro redact_line(line) as list_transform([mask_line(line)], lambda each: redact_text(hide_exec(each)))[1];

-- A body as JSON text.
create or replace macro redact_body(body) as
    list_transform(
        list_transform(
            list_transform(
                list_transform(
                    list_transform(
                        list_transform([body], lambda each: hide_env(each)),
                        lambda each: case when getvariable('redact_last_applied') then hide_annotations(each) else each end
                    ),
                    lambda each: hide_nested(each)
                ),
                lambda each: hide_embedded(hide_dumps_in_body(each))
            ),
            lambda each: hide_commands(hide_tokens(each))
        ),
        lambda each: hide_patterns(each)
    )[1];

-- An object without managedFields, which tell who set which field and make up half of the bytes.
-- A `]` inside cuts the pattern short, which leaves no valid JSON: those few go through a merge patch.
create or replace macro without_managed_fields(body) as
    list_transform(
        list_transform(
            [body],
            lambda each: case when contains(each, 'managedFields":') then {'whole': each, 'cut': regexp_replace(each, ',"managedFields":\[[^\]]*\]', '', 'g')} else {'whole': each, 'cut': null} end
        ),
        lambda each: case
            when each.cut is null then each.whole
            when json_valid(each.cut) and not contains(each.cut, 'managedFields":') then each.cut
            else json_merge_patch(each.whole, '{"metadata":{"managedFields":null}}')::varchar
        end
    )[1];
