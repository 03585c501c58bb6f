-- What is hidden before the first byte is stored: macros over bodies (JSON text as DuckDB writes it: no spaces, no escapes that need not be) and over
-- text for people. Lines that cannot be read go through `_masking.sql` first.
-- Most bodies hold nothing to hide but environments, so a few words tell whether the long way is needed. Words with a rare first letter are found five times
-- as fast as those that start with a quote, and a pattern that starts with a choice costs as much as ten words.
-- A lambda over a list of one gives a name to a value (the argument of a macro is computed anew wherever it is written), and copies it: no more than needed.
-- chr(3) marks a place for a moment: JSON text never holds that character.
-- What the settings switch off is replaced by a macro that changes nothing (`pipelines.ingest.policy`): an expression that is never needed costs its planning.
-- variables: redact_patterns, hidden_operations, embedded_secrets

-- Every text under `value` goes: environments, probes' headers, patches' entries, in whatever order their keys stand. Taints and tolerations
-- stay: `Equal` and an effect are what no environment has.
create or replace macro hide_plain_values(body) as
    regexp_replace(body, '"value":(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false)', '"value":"[redacted]"', 'g');

create or replace macro hide_values(body) as
    case
        when contains(body, 'Equal","value"') or contains(body, 'Node"')
        then replace(
            hide_plain_values(
                regexp_replace(
                    replace(body, '"operator":"Equal","value":', '"operator":"Equal",' || chr(3)),
                    '"value":("[A-Za-z0-9._-]*","effect":"(?:NoSchedule|PreferNoSchedule|NoExecute)")', chr(3) || '\1', 'g'
                )
            ),
            chr(3), '"value":'
        )
        else hide_plain_values(body)
    end;

-- An operation of a JSON patch: its path tells what its value is.
create or replace macro hide_operation(op) as
    list_transform(
        [json_extract(op, ['$.op', '$.path', '$.from', '$.value'])::varchar[]],
        lambda part: '{"op":' || coalesce(part[1], 'null') || ',"path":' || coalesce(part[2], 'null') || coalesce(',"from":' || part[3], '')
            || coalesce(',"value":' || if(regexp_matches(op, getvariable('hidden_operations')), '"[redacted]"', if(left(part[4], 1) in ('{', '['), hide_plain_values(part[4]), part[4])), '')
            || '}'
    )[1];

create or replace macro hide_operations(body) as
    '[' || array_to_string(list_transform(from_json(body, '["JSON"]')::varchar[], lambda op: hide_operation(op)), ',') || ']';

create or replace macro hide_env(body) as
    case
        when starts_with(body, '[') then hide_operations(body)
        when contains(body, 'value":') then hide_values(body)
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
            when contains(each, '":"{') or contains(each, '":"[') or contains(each, '":" ') or contains(each, '":"\') or contains(each, '":"H4sI')
            then regexp_replace(each, '("[^"\\/]+/[^"\\]*":)"(?: |\\[nrt])*(?:\{|\[(?: |\\[nrt])*(?:[{\[]|\\.)|H4sI)(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'g')
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
            then regexp_replace(body, '(\\+"(?:value|data|stringData|binaryData|[A-Za-z_-]*(?:[Tt]oken|[Pp]assword))\\+"\s*:)(?:[^"\\]|\\.)*', '\1 [redacted]', 'g')
            else body
        end],
        lambda each: case
            when contains(each, 'kind: ') or contains(each, '\\u')
            then regexp_replace(each, '"(?:[^"\\]|\\.)*(?:kind: [ \\"'']*Secret|\\\\u[0-9a-fA-F]{4})(?:[^"\\]|\\.)*"', '"[redacted]"', 'g')
            else each
        end
    )[1];

-- A refused write is answered with what was wrong, which may be a whole object in Go's or JSON's notation.
create or replace macro hide_dumps(words) as
    regexp_replace(
        words,
        '(?s)(may not change fields).*|(?:\b[a-z][a-z0-9]*\.[A-Z][A-Za-z0-9]*\{|Invalid value\W{0,3}(?:[{&]|\[\]?[{a-z"]|map\[|"[^"]*":)).*?(?:[}\]](: [a-z][a-z ]*))?$',
        '\1 [redacted]\2'
    );

create or replace macro hide_dumps_in_body(body) as
    case
        when contains(body, 'nvalid value') or contains(body, 'may not change')
        then regexp_replace(
            body,
            '(?:(may not change fields)|\b[a-z][a-z0-9]*\.[A-Z][A-Za-z0-9]*\{|Invalid value: {0,2}(?:[{&]|\[\]?[{a-z\\]|map\[|\\"[^"\\]*\\":))(?:[^"\\]|\\.)*',
            '\1 [redacted]', 'g'
        )
        else body
    end;

-- What carries its own sign (JSON web tokens, bearers, OpenShift's tokens, private keys, passwords in URLs), and what is said to be one by the word before it.
-- A CASE keeps the order in which it is asked: of `and`, either side may come first.
create or replace macro holds_credentials(words) as
    case when contains(words, '=') then regexp_matches(words, '(?i)(?:token|password|passwd|secret|credential|signature|api-?_?key)[a-z0-9_.-]*=') else false end
    or case when contains(words, '@') then regexp_matches(words, '://[^/\s:@"\\]*:[^/\s@"\\]+@') else false end;

create or replace macro holds_tokens(words) as
    contains(words, 'yJ') or contains(words, 'Bearer') or contains(words, 'bearer') or contains(words, '~') or contains(words, 'KEY-----') or holds_credentials(words);

create or replace macro hide_tokens(words) as
    regexp_replace(
        words,
        'eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.~-]{8,}|sha256~[A-Za-z0-9_-]{16,}'
        || '|([Bb]earer(?:\s|%20|\+)+)[A-Za-z0-9._~+/=-]{8,}'
        || '|(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?:[^"\\]|\\[^"])*'
        || '|((?i:token|password|passwd|secret|credential|signature|api-?_?key)[A-Za-z0-9_.-]*=)[^&"\\\s,;]+'
        || '|(://[^/\s:@"\\]*:)[^/\s@"\\]+(@)'
        || '|("[A-Za-z_-]*(?:[Tt]oken|[Pp]assword)"\s*:\s*")(?:[^"\\]|\\.)*(")',
        '\1\2\3\4\6[redacted]\5\7', 'g'
    );

create or replace macro hide_patterns(words) as regexp_replace(words, getvariable('redact_patterns'), '[redacted]', 'g');

-- The words of commands: in the URIs of exec and attach, in containers, probes and hooks, and in what the kubelet says of hooks.
create or replace macro hide_exec(uri) as
    case when contains(uri, 'command=') then regexp_replace(uri, '([?&]command=|\\u0026command=)[^&"\\\s]*', '\1[redacted]', 'g') else uri end;

create or replace macro hide_commands(body) as
    case
        when contains(body, '"command":[') or contains(body, '"args":[')
        then regexp_replace(body, '("(?:command|args)":)\[(?:"(?:[^"\\]|\\.)*"|[^"\]])*\]', '\1["[redacted]"]', 'g')
        else body
    end;

create or replace macro hide_commands_in_text(words) as
    case
        when contains(words, 'hook ([') or contains(words, 'exec: "')
        then regexp_replace(regexp_replace(words, '(?s)(hook \(\[).*?(\]\))', '\1[redacted]\2', 'g'), '(exec: ")(?:[^"\\]|\\.)*', '\1[redacted]', 'g')
        else words
    end;

-- Text for people: messages, user agents, URIs.
create or replace macro hide_all_in_text(words) as
    list_transform(list_transform([words], lambda each: hide_dumps(hide_exec(each))), lambda each: hide_tokens(each))[1];

create or replace macro holds_more_in_text(words) as
    holds_tokens(words) or contains(words, 'oken"') or contains(words, 'word"') or contains(words, 'valid value') or contains(words, 'y not change')
    or case when contains(words, '=') then contains(words, 'command=') else false end;

create or replace macro redact_texts(texts) as
    list_transform(
        texts,
        lambda each: hide_patterns(hide_commands_in_text(case when holds_more_in_text(each) then hide_all_in_text(each) else each end))
    );

-- Whether a text may hold something to hide: most hold nothing. What a pattern of the user's finds has no such sign.
create or replace macro holds_pattern(words) as true;
create or replace macro holds_commands(words) as contains(words, 'hook ([') or contains(words, 'xec: "');
create or replace macro holds_any_in_text(words) as
    holds_pattern(words) or holds_more_in_text(words) or holds_commands(words) or contains(words, 'patch.webhook.admission.k8s.io');

create or replace macro redact_text(words) as redact_texts([words])[1];

-- An object that holds another's data, such as a Secret's inside of a template: only what is harmless stays.
create or replace macro hide_embedded(body) as
    case when contains(body, 'ata":') and regexp_matches(body, getvariable('embedded_secrets')) then mask_json(body) else body end;

-- Whether a body holds more than an environment. JSON inside of a string shows its backslashes.
create or replace macro holds_more(body) as
    case when contains(body, 'J') then contains(body, 'yJ') else false end or contains(body, 'Bearer') or contains(body, 'bearer') or contains(body, '~') or contains(body, 'KEY-----') or contains(body, 'ken":"') or contains(body, 'word":"') or contains(body, 'last-') or contains(body, 'H4sI')
    or case
        when contains(body, '\')
        then contains(body, '{\') or contains(body, '{ ') or contains(body, '[\') or contains(body, '[ ') or contains(body, '\\u') or contains(body, 'nvalid value')
            or contains(body, 'may not change') or contains(body, 'kind: ')
        else false
    end
    or holds_credentials(body);

create or replace macro hide_all(body) as
    list_transform(
        list_transform(list_transform([hide_annotations(body)], lambda each: hide_nested(each)), lambda each: hide_dumps_in_body(each)), lambda each: hide_tokens(each)
    )[1];

-- Bodies as JSON text go through `hide_env`, `hide_more` and `hide_rest`, one after the other: as columns, for macros would write each into the next many times over.
create or replace macro hide_more(body) as case when holds_more(body) then hide_all(body) else body end;

create or replace macro hide_rest(body) as hide_patterns(hide_commands(hide_embedded(body)));

-- An object without managedFields, which tell who set which field and make up half of the bytes. They hold objects and strings, but no lists.
create or replace macro cut_managed_fields(body) as
    case
        when contains(body, 'Fields":')
        then regexp_replace(body, ',"managedFields":\[(?:[^"\[\]]|"(?:[^"\\]|\\.)*")*\]', '', 'g')
        else body
    end;

-- What stands elsewhere than where Kubernetes writes it goes the long way.
create or replace macro without_managed_fields(cut) as
    case when contains(cut, 'Fields":') and contains(cut, 'managedFields":') then json_merge_patch(cut, '{"metadata":{"managedFields":null}}')::varchar else cut end;
