-- Macros that the queries share: templates of rules, Kubernetes quantities and Go durations.
create or replace temp macro fill_template(template, key, value, reason, code) as
    replace(replace(replace(replace(template, '{key}', coalesce(key, '')), '{value}', coalesce(value, '')), '{reason}', coalesce(reason, '')), '{code}', coalesce(code::varchar, ''));

-- A Kubernetes quantity (`100m`, `1.5`, `64Mi`, `2G`) as a number; null if it is none.
create or replace temp macro quantity(text) as
    try_cast(regexp_extract(text, '^([0-9.]+(?:[eE][+-]?[0-9]+)?)', 1) as double)
    * case regexp_extract(text, '([A-Za-z]*)$', 1)
        when 'n' then 1e-9 when 'u' then 1e-6 when 'm' then 1e-3 when '' then 1 when 'k' then 1e3 when 'M' then 1e6 when 'G' then 1e9 when 'T' then 1e12 when 'P' then 1e15 when 'E' then 1e18
        when 'Ki' then 1024 when 'Mi' then 1048576 when 'Gi' then 1073741824 when 'Ti' then 1099511627776 when 'Pi' then 1125899906842624 when 'Ei' then 1152921504606846976
    end;

-- A Go duration (`1m2.3s`, `313ms`, `12µs`) in seconds; null if it is none.
create or replace temp macro go_duration_s(text) as
    case when regexp_full_match(text, '([0-9.]+(h|ms|m|s|µs|us|ns))+') then
        list_sum(list_transform(
            regexp_extract_all(text, '[0-9.]+(?:h|ms|m|s|µs|us|ns)'),
            lambda part: regexp_extract(part, '^([0-9.]+)', 1)::double
                * case regexp_extract(part, '(h|ms|m|s|µs|us|ns)$', 1) when 'h' then 3600.0 when 'm' then 60.0 when 's' then 1.0 when 'ms' then 1e-3 when 'µs' then 1e-6 when 'us' then 1e-6 else 1e-9 end
        ))
    end;

-- The time between two instants in seconds.
create or replace temp macro seconds_between(from_at, to_at) as (epoch_us(to_at) - epoch_us(from_at)) / 1e6;
