-- What is hidden before the first byte is stored: macros over JSON text, and over text for people.
-- They work on lines that are cut or no JSON at all, so each pattern allows spaces and a string without its end.
-- Each pattern is tried only where a word of it shows. The words start with rare letters: looking for a quote or an `e` first is twice as slow.
-- A lambda over a list of one gives a name to a value: the argument of a macro is computed anew wherever it is written.
-- variables: redact_env, redact_last_applied, redact_tokens, redact_patterns, sensitive_line

create or replace macro hide_named_values(body) as
    regexp_replace(
        regexp_replace(body, '("name"\s*:\s*"(?:[^"\\]|\\.)*"\s*,\s*"value"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)', '\1"[redacted]"', 'g'),
        '("value"\s*:\s*)"(?:[^"\\]|\\.)*"(\s*,\s*"name"\s*:)', '\1"[redacted]"\2', 'g'
    );

-- JSON patches name an environment's entry by its path.
create or replace macro hide_patched_values(body) as
    regexp_replace(
        regexp_replace(body, '("path"\s*:\s*"[^"]*/env/[^"]*"\s*,\s*"value"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)', '\1"[redacted]"', 'g'),
        '("value"\s*:\s*)"(?:[^"\\]|\\.)*"(\s*,\s*"path"\s*:\s*"[^"]*/env/)', '\1"[redacted]"\2', 'g'
    );

create or replace macro hide_env(body) as
    case
        when not getvariable('redact_env') or not contains(body, 'value"') then body
        when contains(body, '/env/') then hide_patched_values(hide_named_values(body))
        else hide_named_values(body)
    end;

create or replace macro hide_last_applied(body) as
    case
        when getvariable('redact_last_applied') and (contains(body, 'last-applied') or contains(body, 'last-handled'))
        then regexp_replace(
            body,
            '("[^"]*last-(?:applied|handled)[^"]*"\s*:\s*|"path"\s*:\s*"[^"]*last-(?:applied|handled)[^"]*"\s*,\s*"value"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)',
            '\1"[redacted]"', 'g'
        )
        else body
    end;

-- The audit annotation that holds what a webhook changed is JSON inside a string, environments and all.
create or replace macro hide_webhook_patches(body) as
    case
        when contains(body, 'patch.webhook.admission.k8s.io')
        then regexp_replace(body, '("patch\.webhook\.admission\.k8s\.io/[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)', '\1"[redacted]"', 'g')
        else body
    end;

create or replace macro hide_tokens(words) as
    case
        when getvariable('redact_tokens') and (contains(words, 'yJ') or contains(words, 'Bearer') or contains(words, 'bearer') or contains(words, 'ken='))
        then regexp_replace(
            regexp_replace(
                regexp_replace(words, 'eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?', '[redacted]', 'g'),
                '([Bb]earer(?:\s|%20|\+)+)[A-Za-z0-9._~+/=-]{8,}', '\1[redacted]', 'g'
            ),
            '((?:[?&]|\\u0026)[a-z_]*token=)[^&"\\\s]+', '\1[redacted]', 'g'
        )
        else words
    end;

create or replace macro hide_patterns(words) as
    case when getvariable('redact_patterns') = '' then words else regexp_replace(words, getvariable('redact_patterns'), '[redacted]', 'g') end;

-- Text for people: messages, URIs, user agents.
create or replace macro redact_text(words) as
    list_transform(list_transform([words], lambda each: hide_tokens(each)), lambda each: hide_patterns(each))[1];

-- A body as JSON text.
create or replace macro redact_body(body) as
    list_transform(
        list_transform(list_transform(list_transform([body], lambda each: hide_env(each)), lambda each: hide_last_applied(each)), lambda each: hide_tokens(each)),
        lambda each: hide_patterns(each)
    )[1];

-- A whole line, readable or not: of an object that is never stored, everything from its first telling key on is cut.
create or replace macro redact_line(line) as
    redact_body(
        hide_webhook_patches(regexp_replace(
            case
                when regexp_matches(line, getvariable('sensitive_line'))
                then regexp_replace(line, '(?s)"(requestObject|responseObject|object|items|data|stringData|status|spec)"\s*:.*', '"\1":"[redacted]"')
                else line
            end,
            '("(?:data|stringData)"\s*:\s*)\{(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^"}])*(?:\}|$)|("token"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)', '\1\2"[redacted]"', 'g'
        ))
    );

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

-- A record that holds lines inside of strings: what their quotes hide is redacted once these are bare.
create or replace macro redact_wrapped_line(line) as
    list_transform(
        [redact_line(line)],
        lambda each: case when contains(each, '\"') then redact_line(regexp_replace(each, '\\(["\\/])', '\1', 'g')) else each end
    )[1];
